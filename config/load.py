"""Reads our files into values: settings, reason codes, the definition. Writes nothing and knows no secret.

Environment over file over defaults. A missing settings file means the defaults; a missing file that was named
is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec.structs import replace

from config.convert import guess, to_struct
from config.document import Document, dotted
from config.settings import Profile, Settings, is_profile_name, is_secret_name, unknown_profile
from triage.errors import ConfigError

if TYPE_CHECKING:
    from triage.domain.definition import Definition
    from triage.domain.reasons import ReasonBook

SHIPPED = Path(__file__).parent
"""Where `defaults.toml`, `reasons.toml`, `definition.toml` and `keymap.toml` are."""


def settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """Return what `config.toml` and TRIAGE_PROFILE say; ConfigError names file, key and line."""
    try:
        read = settings_of(Document.read(path))
    except FileNotFoundError:
        read = Settings()
    named = environ.get("TRIAGE_PROFILE", "")
    return replace(read, default_profile=named) if named else read


def settings_of(document: Document) -> Settings:
    """Return what one text says, without the environment."""
    read = to_struct(document, Settings)
    for name, profile in read.profiles.items():
        if not is_profile_name(name):
            problem = f"{name!r} cannot name a profile: letters, digits, `.`, `-` and `_` only, 64 at most."
            raise document.error(("profiles", name), problem)
        _check_url(document, name, profile.url)
        _refuse_secrets(document, name, profile)
        _check_words(document, name, profile)
    if read.default_profile and read.default_profile not in read.profiles:
        unknown = unknown_profile(read.default_profile, read.profiles)
        raise document.error(("default_profile",), f"`default_profile`: {unknown.message}", hint=unknown.hint)
    if read.views:
        from config.views import check_views  # noqa: PLC0415 - the domain is not loaded for `triage --version`

        check_views(document, read.views)
    return read


def reasons(path: Path | None = None) -> ReasonBook:
    """Return the reason codes of a file (None: the shipped ones)."""
    from config.agreement import reasons_of  # noqa: PLC0415 - the domain is not loaded for `triage --version`

    return reasons_of(_named(path or SHIPPED / "reasons.toml"))


def definition(path: Path | None = None) -> Definition:
    """Return the agreed definition of a file (None: the shipped one)."""
    from config.agreement import definition_of  # noqa: PLC0415 - the same

    return definition_of(_named(path or SHIPPED / "definition.toml"), counted=path is not None)


def _named(path: Path) -> Document:
    try:
        return Document.read(path)
    except FileNotFoundError:
        raise ConfigError(f"{path.name} is not there.", hint=f"Looked for {path}.") from None


def _check_url(document: Document, name: str, url: str) -> None:
    key = ("profiles", name, "url")
    if url and (problem := _url_problem(url)):
        # The address itself is not shown: it may hold a password.
        raise document.error(key, f"`{dotted(key)}` {problem}.")


def _refuse_secrets(document: Document, name: str, profile: Profile) -> None:
    for option in profile.options:
        if is_secret_name(option):
            key = ("profiles", name, "options", option)
            problem = f"`{dotted(key)}` looks like a secret, and this file holds none."
            raise document.error(key, problem, hint="Delete it, and have it changed where it is good.")


def _check_words(document: Document, name: str, profile: Profile) -> None:
    """Refuse words of ours that are none: an entry under them would never be asked for."""
    for table in ("fields", "reason_values", "statuses"):
        for ours in getattr(profile, table):
            if not ours.strip():
                raise document.error(
                    ("profiles", name, table, ours), f"`profiles.{name}.{table}`: a name is empty."
                )
    if profile.statuses:
        from triage.domain.lead import LeadStatus  # noqa: PLC0415 - not loaded for `triage --version`

        known = (*LeadStatus, "rerouted", "restored")
        for ours in (ours for ours in profile.statuses if ours not in known):
            key = ("profiles", name, "statuses", ours)
            problem = f"`{dotted(key)}` is no status of triage's{guess(ours, known)}"
            raise document.error(key, problem, hint=f"There are: {', '.join(known)}.")


def _url_problem(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme not in {"http", "https"} or not host:
        return "has to be an address such as https://crm.example"
    if parts.username or parts.password:
        return "must not hold a user or a password; `triage login` asks for the token"
    return "must end before `?` and `#`" if parts.query or parts.fragment else ""
