"""How the rep likes the screen, and where that is written down. What cannot be kept is said, and no more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from msgspec import Struct

from triage.domain.views import View
from triage.errors import TriageError

Keep = Callable[[str, str | bool], None]
"""Writes one setting by its dotted name, such as `ui.theme`; raises TriageError or OSError if it cannot."""
_log = logging.getLogger(__name__)


def _forgotten(_key: str, _value: str | bool) -> None:  # noqa: FBT001 - the value of a setting
    """Keep nothing: in tests, and where there is no file."""


class Habits(Struct, frozen=True):
    """What the settings say about the screen, but for its colours; and where to write down what changes."""

    bell: bool = False
    hint_seen: bool = False
    views: tuple[View, ...] = ()
    """The rep's own views."""
    keep: Keep = _forgotten

    async def remember(self, key: str, value: str | bool) -> str:  # noqa: FBT001 - the value of a setting
        """Write a setting off the event loop; returns why it could not be written, empty if it was."""
        try:
            await asyncio.to_thread(self.keep, key, value)
        except TriageError as error:
            _log.warning("%s was not kept", key)
            return error.message
        except OSError as error:
            _log.warning("%s was not kept", key)
            return f"{error.strerror}."
        return ""


AS_SHIPPED = Habits()
"""A rep's before anything was chosen."""
