"""Facts about a sync, in the past tense, for whoever listens: a status bar, a progress line, a cron log."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from triage.domain.item import Item
from triage.errors import TriageError


class Asked(Struct, frozen=True):
    """A fetch that was held back: of `old` leads it would leave `new`."""

    old: int
    new: int

    @property
    def words(self) -> str:
        """What is asked."""
        return f"The CRM would leave {self.new} of {self.old} leads; the old ones were kept."


class SyncReport(Struct, frozen=True):
    """Counts of one run. Decisions are counted in the first six, by what became of each."""

    applied: int = 0
    already: int = 0
    conflict: int = 0
    refused: int = 0
    retry: int = 0
    unknown: int = 0
    fetched: int = 0
    gone: int = 0
    replies: int = 0
    feedback: int = 0
    unread: dict[str, int] = field(default_factory=dict)
    """Fields of leads that could not be read, with how often."""
    asked: Asked | None = None
    """A fetch that waits for someone's yes."""

    @property
    def needs_rep(self) -> bool:
        """Whether something was refused, conflicts, or waits for a yes."""
        return bool(self.conflict or self.refused or self.asked)


class SyncStarted(Struct, frozen=True):
    """This process is the one that sends now."""


class AnotherSyncs(Struct, frozen=True):
    """Another process holds the lock; nothing was done here."""

    pid: int | None
    since: datetime | None


class Delivered(Struct, frozen=True):
    """An item reached a new state by the CRM's word, or for want of it."""

    item: Item


class Progress(Struct, frozen=True):
    """How far a longer step has come; `total` is None where it is not known."""

    text: str
    done: int
    total: int | None = None


class Fetched(Struct, frozen=True):
    """Leads were taken in."""

    count: int
    gone: int


class RulesChanged(Struct, frozen=True):
    """The definition, the reason codes, the people or the statistics are others now."""


class FetchAsks(Struct, frozen=True):
    """The CRM would leave so few of the leads that the rep is asked before they are replaced."""

    old: int
    new: int


class SyncFinished(Struct, frozen=True):
    """All steps were taken."""

    report: SyncReport


class SyncStopped(Struct, frozen=True):
    """A step could not be taken; what came before it is recorded."""

    error: TriageError
    report: SyncReport


Event = (
    SyncStarted
    | AnotherSyncs
    | Delivered
    | Progress
    | Fetched
    | RulesChanged
    | FetchAsks
    | SyncFinished
    | SyncStopped
)
