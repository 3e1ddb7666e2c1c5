"""The views over the list: which leads each shows, and in which order; standard ones and the rep's own."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import ClassVar

from msgspec import Struct, field

from triage.domain.act import Act
from triage.domain.clocks import DUE_SOON
from triage.domain.entry import Entry
from triage.domain.lead import IN_VIEW, LeadStatus
from triage.domain.orders import ANSWERED, LATEST, UNTOUCHED, URGENCY, Order
from triage.domain.query import Query


class Part(IntEnum):
    """A part of all entries. An entry is in several: each is a bit."""

    OPEN = 1
    BREACHING = 2
    HAND_RAISERS = 4
    WORKING = 8
    DECIDED_TODAY = 16
    SNOOZED = 32
    ANSWERED = 64
    UNREAD = 128
    """Of those that marketing has answered: what the rep has not read."""


class View(Struct, frozen=True):
    """One tab: a part of the entries, and what a filter of its own leaves of it."""

    id: str
    label: str
    """The tab's words."""
    part: Part
    order: Order = URGENCY
    query: Query = field(default_factory=lambda: Query(""))
    counted: Part | None = None
    """The part that its number is of, where that is not the one it shows."""

    INBOX: ClassVar[View]
    BREACHING: ClassVar[View]
    HAND_RAISERS: ClassVar[View]
    WORKING: ClassVar[View]
    REPLIES: ClassVar[View]
    DECIDED: ClassVar[View]
    SNOOZED: ClassVar[View]

    def __hash__(self) -> int:
        """Hash by the id: views stand in tables by the thousand."""
        return hash(self.id)

    @property
    def tallied(self) -> Part:
        """The part whose entries are counted for its tab."""
        return self.part if self.counted is None else self.counted

    def shows(self, entry: Entry, now: datetime, parts: int | None = None) -> bool:
        """Whether an entry is in it at a moment; `parts` are the entry's, where they are known."""
        parts = parts_of(entry, now) if parts is None else parts
        return bool(parts & self.part) and (not self.query.terms or self.query.matches(entry, now))


View.INBOX = View("inbox", "Inbox", Part.OPEN)
View.BREACHING = View("breaching", "Breaching", Part.BREACHING)
View.HAND_RAISERS = View("hand-raisers", "Hand-raisers", Part.HAND_RAISERS)
View.WORKING = View("working", "Working", Part.WORKING, UNTOUCHED)
View.REPLIES = View("replies", "Replies", Part.ANSWERED, ANSWERED, counted=Part.UNREAD)
View.DECIDED = View("decided", "Decided today", Part.DECIDED_TODAY, LATEST)
View.SNOOZED = View("snoozed", "Snoozed", Part.SNOOZED)

STANDARD_VIEWS = (
    View.INBOX,
    View.BREACHING,
    View.HAND_RAISERS,
    View.WORKING,
    View.REPLIES,
    View.DECIDED,
    View.SNOOZED,
)


_OPEN = Part.OPEN.value
_OPEN_AT_RISK = Part.OPEN.value | Part.BREACHING.value
_HAND_RAISERS = Part.HAND_RAISERS.value
_ANSWERED = Part.ANSWERED.value
_ANSWERED_UNREAD = Part.ANSWERED.value | Part.UNREAD.value
_DECIDED_TODAY = Part.DECIDED_TODAY.value
_HELD_BY: dict[Act | None, int] = {Act.ACCEPT: Part.WORKING.value, Act.SNOOZE: Part.SNOOZED.value}


def own_view(name: str, query: Query, base: View) -> View:
    """Return a view of the rep's own: what a filter leaves of a standard one."""
    return View(f"own:{name}", name, base.part, base.order, query)


class Today:
    """Which moments are of the same day as one, by the days where the rep is."""

    def __init__(self, now: datetime) -> None:
        self._date = now.astimezone().date()
        self._known: dict[datetime, bool] = {}
        """Moments that were asked about: all decisions of a bulk act are of one."""

    def holds(self, moment: datetime) -> bool:
        """Whether a moment is of that day."""
        known = self._known.get(moment)
        if known is None:
            known = self._known[moment] = moment.astimezone().date() == self._date
        return known


def parts_of(entry: Entry, now: datetime, today: Today | None = None) -> int:
    """Return the bits of the parts that an entry is in at a moment; `today` is that of the moment."""
    if entry.answers is None:
        return _parts_by_state(entry, now, today)
    answered = _ANSWERED_UNREAD if entry.answers.unread else _ANSWERED
    return _parts_by_state(entry, now, today) | answered


def _parts_by_state(entry: Entry, now: datetime, today: Today | None) -> int:
    # Spelled out, for it is asked of fifty thousand entries: the entry says the same of itself in more steps.
    item = entry.decision
    if item is None:
        return 0 if entry.gone else _parts_of_an_undecided(entry, now)
    act = item.decision.act if item.decision is not None else None
    if entry.decided and not (act is Act.SNOOZE and entry.has_woken(now)):
        parts = _HELD_BY.get(act, 0)
    elif entry.gone:
        parts = 0
    elif entry.is_restoring:
        parts = _open_parts(entry, now)
    else:
        parts = _parts_of_an_undecided(entry, now)
    if act is None or act is Act.RESTORE or not (today or Today(now)).holds(item.made_at):
        return parts
    return parts | _DECIDED_TODAY


def _parts_of_an_undecided(entry: Entry, now: datetime) -> int:
    outline = entry.outline
    status = outline.status
    if status is LeadStatus.ASSIGNED:
        return _open_parts(entry, now)
    if status is LeadStatus.SNOOZED:
        until = outline.snoozed_until
        return Part.SNOOZED.value if until is not None and until > now else _open_parts(entry, now)
    return Part.WORKING.value if status in IN_VIEW else 0


def _open_parts(entry: Entry, now: datetime) -> int:
    outline = entry.outline
    due, until, mql = outline.sla_due_at, outline.snoozed_until, outline.mql
    parts = _OPEN
    if due is not None and due - now <= DUE_SOON and (until is None or until <= now):
        parts = _OPEN_AT_RISK
    return parts | _HAND_RAISERS if mql is not None and mql.is_hand_raise else parts
