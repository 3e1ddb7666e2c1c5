"""The house that triage is at home in: where everything lies, what the settings say, who keeps secrets."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from msgspec import Struct

from config import load
from config.credentials import Keyring
from config.paths import Paths, paths
from config.settings import Profile, Settings
from triage.clock import Clock, utc_now

_log = logging.getLogger(__name__)


class House(Struct, frozen=True):
    """Where everything is, and what the settings say."""

    environ: Mapping[str, str]
    paths: Paths
    settings: Settings
    keyring: Keyring
    clock: Clock = utc_now
    warn: Callable[[str], None] = _log.warning
    """Tells the user what is about to be lost."""

    @classmethod
    def found(cls, environ: Mapping[str, str], warn: Callable[[str], None] = _log.warning) -> House:
        """Read the settings; ConfigError names file, key and line."""
        places = paths(environ)
        return cls(environ, places, load.settings(places.settings_file, environ), Keyring(), warn=warn)

    def profile(self, name: str | None) -> tuple[str, Profile]:
        """Return the profile to use and its name; UsageError says which there are."""
        chosen = self.settings.chosen(name)
        return chosen, self.settings.profiles[chosen]
