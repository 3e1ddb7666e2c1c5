"""What the desk answers: which leads an act reached, which it skipped and why, and how things stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from triage.domain.inbox import Entry
from triage.domain.item import NEEDS_REP, Item, State
from triage.domain.lead import LeadId


class Skipped(Struct, frozen=True):
    """A lead that an act did not reach."""

    lead_id: LeadId
    why: str


class PreviewedLead(Struct, frozen=True):
    """What an act would record on one lead."""

    lead_id: LeadId
    params: Mapping[str, str] = field(default_factory=dict)
    disagrees_with: str | None = None
    warning: str | None = None
    routed_to: str = ""
    """Who answers a piece of feedback."""


class Preview(Struct, frozen=True):
    """What an act would do; nothing is written."""

    allowed: tuple[PreviewedLead, ...]
    skipped: tuple[Skipped, ...]


class Warned(Struct, frozen=True):
    """What the rep should know although the act was allowed, and on how many leads of the act."""

    why: str
    count: int


class Acted(Struct, frozen=True):
    """What an act did: it is on the disk."""

    items: tuple[Item, ...]
    skipped: tuple[Skipped, ...] = ()
    warnings: tuple[Warned, ...] = ()
    """The commonest first."""
    entries: tuple[Entry, ...] = ()
    """The leads that changed by it, as they are now."""
    batch_id: str | None = None


class Undone(Struct, frozen=True):
    """What an undo did: withdrawn before sending, or compensated by new items after it."""

    what: str
    """The act in words: "3 rejected"."""
    withdrawn: int = 0
    compensated: int = 0
    waiting: int = 0
    """Compensations that wait because the CRM's answer about the original is still out."""
    items: tuple[Item, ...] = ()
    entries: tuple[Entry, ...] = ()
    then: tuple[Item, ...] = ()
    """What the next undo would reach; empty where nothing is left to undo."""


class Status(Struct, frozen=True):
    """What the status bar answers: what is unsent, what needs the rep, how old is what is shown."""

    counts: Mapping[State, int]
    offline: bool
    fetched_at: datetime | None
    last_sync_at: datetime | None
    last_error: str
    next_due: datetime | None
    """When the earliest queued item may be sent, or None."""
    notices: tuple[str, ...] = ()
    expired: str = ""
    """Why there are no leads, where they were dropped for their age; one of the notices."""
    unread: int = 0
    """Answers of marketing that the rep has not read."""
    access: str = ""
    """Until when the CRM takes the token, where that is soon. Said last: it is no trouble yet."""

    @property
    def unsent(self) -> int:
        """Items on this machine only, or of unknown outcome."""
        return sum(self.counts.get(state, 0) for state in (State.QUEUED, State.SENDING, State.UNKNOWN))

    @property
    def needs_rep(self) -> int:
        """Conflicts and refusals: only the rep can say how they go on."""
        return sum(self.counts.get(state, 0) for state in NEEDS_REP)

    @property
    def unknown(self) -> int:
        """Items whose answer was lost; the CRM is asked before any second send."""
        return self.counts.get(State.UNKNOWN, 0)
