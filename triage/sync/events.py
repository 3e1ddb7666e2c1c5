"""Facts about a sync, in the past tense, for whoever listens: a status bar, a progress line, a cron log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from triage.domain.item import Item
from triage.errors import TriageError


@dataclass(frozen=True, slots=True)
class Asked:
    """A fetch that was held back: of `old` leads it would leave `new`."""

    old: int
    new: int

    @property
    def words(self) -> str:
        """What is asked."""
        return f"The CRM would leave {self.new} of {self.old} leads; the old ones were kept."


@dataclass(frozen=True, slots=True)
class SyncReport:
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


@dataclass(frozen=True, slots=True)
class SyncStarted:
    """This process is the one that sends now."""


@dataclass(frozen=True, slots=True)
class AnotherSyncs:
    """Another process holds the lock; nothing was done here."""

    pid: int | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Delivered:
    """An item reached a new state by the CRM's word, or for want of it."""

    item: Item


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a longer step has come; `total` is None where it is not known."""

    text: str
    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """Leads were taken in."""

    count: int
    gone: int


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """The definition, the reason codes, the people or the statistics are others now."""


@dataclass(frozen=True, slots=True)
class FetchAsks:
    """The CRM would leave so few of the leads that the rep is asked before they are replaced."""

    old: int
    new: int


@dataclass(frozen=True, slots=True)
class SyncFinished:
    """All steps were taken."""

    report: SyncReport


@dataclass(frozen=True, slots=True)
class SyncStopped:
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
