"""What can be set, as frozen values with their defaults. Owns names, types and bounds; never reads a file.

`defaults.toml` says the same for people, with a comment on each key; a test holds the two together.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from triage.errors import UsageError

Role = Literal["rep", "marketing"]
"""Whose view a profile opens: the leads to decide, or what was decided about them."""
Theme = Literal["", "dark", "light", "contrast", "contrast-light", "no-colour"]
"""What the screen can be drawn in; empty: whatever is usual."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SECRET = re.compile(
    r"secret|token|passw|credential|(?:^|api_?|service_|private_|access_)key$", re.IGNORECASE
)


def is_profile_name(name: str) -> bool:
    """Whether a name can stand for a profile: letters, digits, dot, dash, underscore; at most 64."""
    return _NAME.fullmatch(name) is not None


def is_address(text: str) -> bool:
    """Whether a definition or reason codes are named by an address, and not by a file."""
    return text.startswith(("https://", "http://"))


def is_secret_name(option: str) -> bool:
    """Whether an option's name says that a secret is in it: none is taken from a file or a command line."""
    return _SECRET.search(option) is not None


class Profile(Struct, frozen=True):
    """One account in one CRM. The token is not in here, and never in the file."""

    crm: str = "rest"
    """The adapter's name in the entry-point group `triage.crm`."""
    url: str = ""
    """Base address; empty where the adapter knows its own."""
    account_id: str = ""
    """The CRM's own id of the account; compared at each sign-in."""
    user_id: str = ""
    user_name: str = ""
    role: Role = "rep"
    ca_file: str = ""
    """PEM file of a company's certificate authority; empty = the system's trust store."""
    definition: str = ""
    """File or URL of the agreed definition where the CRM holds none; empty = the shipped one."""
    reasons: str = ""
    """File or URL of the reason codes where the CRM holds none; empty = the shipped ones."""
    options: dict[str, str] = field(default_factory=dict)
    """What the adapter wants to know besides: an e-mail, a client id, an object's name. Never a secret."""
    fields: dict[str, str] = field(default_factory=dict)
    """Our names of facts to the fields of this account."""
    reason_values: dict[str, str] = field(default_factory=dict)
    """Our reason codes to the values of this account's own options."""
    statuses: dict[str, str] = field(default_factory=dict)
    """Our statuses to the stages or statuses of this account."""


class Sync(Struct, frozen=True):
    """When decisions leave, and when leads are fetched."""

    hold: Annotated[float, Meta(ge=0, le=3600)] = 30.0
    """Seconds a decision waits before it is sent, so that an undo is free."""
    interval: Annotated[float, Meta(ge=1, le=86400)] = 60.0
    """Seconds between two fetches in the background."""
    offline: bool = False
    """Work offline: the background sender rests; `triage sync` still sends."""


class Retention(Struct, frozen=True):
    """How long what concerns people is kept on this machine."""

    decisions: Annotated[int, Meta(ge=1, le=3650)] = 30
    """Days a settled decision or feedback stays whole in the outbox; then only id, lead, act and times."""
    leads: Annotated[int, Meta(ge=1, le=3650)] = 30
    """Days leads stay after the CRM was last asked about them; and replies to what was archived."""


class BlindSample(Struct, frozen=True):
    """Leads whose score is hidden until they are decided: acceptance by band is then no echo of the band."""

    share: Annotated[float, Meta(ge=0, le=1)] = 0.0
    """Which share of the leads; 0 = off."""
    seed: str = ""
    """What the sample is drawn by: with the same seed the same leads, on every machine."""


class Ui(Struct, frozen=True):
    """How the screen looks and sounds, and what it remembers."""

    theme: Theme = ""
    """Empty = the dark one. NO_COLOR in the environment wins."""
    hint_seen: bool = False
    """Whether the rep has decided once, and needs the first run's hint no more."""
    bell: bool = False
    """Ring the terminal's bell when a key is refused, and when leads arrive."""


class OwnView(Struct, frozen=True):
    """A tab of the rep's own: what a filter leaves of a standard view."""

    name: str
    filter: str
    """As it is typed in the app: source:webinar band:A."""
    base: Literal["inbox", "breaching", "hand-raisers", "working", "decided", "snoozed"] = "inbox"


class Settings(Struct, frozen=True):
    """Everything that the configuration file can say."""

    default_profile: str = ""
    profiles: dict[str, Profile] = field(default_factory=dict)
    sync: Sync = field(default_factory=Sync)
    retention: Retention = field(default_factory=Retention)
    ui: Ui = field(default_factory=Ui)
    blind: BlindSample = field(default_factory=BlindSample)
    views: tuple[OwnView, ...] = ()

    def chosen(self, name: str | None = None) -> str:
        """Return the profile to use: the one named, else the default; UsageError says which there are."""
        wanted = name or self.default_profile
        if not wanted:
            raise UsageError("No profile is set up.", hint="Run `triage login PROFILE`, or `triage demo`.")
        if wanted not in self.profiles:
            raise unknown_profile(wanted, self.profiles)
        return wanted


def unknown_profile(name: str, profiles: dict[str, Profile]) -> UsageError:
    """Return the error for a name that is no profile, with the nearest one and the rest."""
    import difflib  # noqa: PLC0415 - for a name that there is not

    near = difflib.get_close_matches(name, profiles, n=1)
    guess = f"Did you mean `{near[0]}`? " if near else ""
    known = ", ".join(profiles) or "none yet; run `triage login PROFILE`"
    return UsageError(f"{name!r} is not a profile.", hint=f"{guess}Profiles: {known}.")
