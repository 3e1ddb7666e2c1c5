"""The inbox as a value: which leads a view shows, in which order, under which filter, which are marked."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from triage.domain.act import Act
from triage.domain.clocks import Sla, sla_state
from triage.domain.item import EFFECTIVE, IN_FLIGHT, UNDELIVERED, Item, State
from triage.domain.lead import IN_WORK, UNDECIDED, Lead, LeadId, LeadStatus
from triage.domain.outline import AnyLead, Outline
from triage.domain.query import Query

ORDER_RULE = "breached and due soon first, then band A to D, then the longest waiting"
"""The default order in words, as the screen prints it."""

UNTOUCHED_AFTER = timedelta(hours=24)
_BREACH_ORDER = {Sla.BREACHED: 0, Sla.DUE_SOON: 1}
_LATER = 2
_FEW = 8
_UNDER_WAY = IN_FLIGHT | {State.QUEUED}


@dataclass(frozen=True, slots=True)
class Entry:
    """A lead together with what was decided about it here."""

    outline: Outline
    read: Callable[[], Lead] = field(compare=False, repr=False)
    """Reads the whole lead: from the disk, where there are thousands."""
    decision: Item | None = None
    """The rep's last decision on it that still stands, whatever its state of delivery."""
    feedback: int = 0
    """How many pieces of feedback stand on it."""
    gone: bool = False
    """No longer the rep's at the CRM; kept because something of the rep's hangs on it."""

    @classmethod
    def of(cls, lead: Lead, decision: Item | None = None, feedback: int = 0, *, gone: bool = False) -> Entry:
        """Make an entry of a lead that is at hand."""
        return cls(Outline.of(lead), lambda: lead, decision, feedback, gone)

    @property
    def lead(self) -> Lead:
        """The whole lead, read when it is asked for. Whoever looks at many takes the outline."""
        return self.read()

    @property
    def lead_id(self) -> LeadId:
        """The lead's id."""
        return self.outline.lead_id

    @property
    def decided(self) -> bool:
        """Whether a local decision holds that this copy of the lead does not know of yet."""
        item = self.decision
        if item is None or item.decision is None or item.decision.act is Act.RESTORE:
            return False
        if item.state in UNDELIVERED:
            return True
        fetched = self.outline.fetched_at
        return item.state in EFFECTIVE and (
            fetched is None or item.changed_at is None or item.changed_at >= fetched
        )

    @property
    def is_restoring(self) -> bool:
        """Whether an undo of the rep's is on its way to the CRM: here it has taken effect already."""
        item = self.decision
        return item is not None and self.decision_act is Act.RESTORE and item.state in _UNDER_WAY

    def is_open(self, now: datetime) -> bool:
        """Whether it waits for the rep's word now."""
        if self.is_restoring:
            return not self.gone
        return (
            self.outline.status in UNDECIDED
            and not self.gone
            and not self.decided
            and not self.is_asleep(now)
        )

    def is_asleep(self, now: datetime) -> bool:
        """Whether it is snoozed, here or at the CRM, to a moment still to come."""
        until = self.outline.snoozed_until
        return self.outline.status is LeadStatus.SNOOZED and until is not None and until > now

    def is_in_work(self) -> bool:
        """Whether the rep has taken it and it is not closed."""
        if self.decided:
            return self.decision_act is Act.ACCEPT
        return self.outline.status in IN_WORK and not self.gone and not self.is_restoring

    def is_put_off(self, now: datetime) -> bool:
        """Whether it is the rep's, and waits for a later day."""
        if self.decided:
            return self.decision_act is Act.SNOOZE
        return self.is_asleep(now) and not self.gone and not self.is_restoring

    @property
    def decision_act(self) -> Act | None:
        """The act of the decision that stands, or None."""
        return self.decision.decision.act if self.decision and self.decision.decision else None


class View(StrEnum):
    """The tabs over the list."""

    INBOX = "inbox"
    BREACHING = "breaching"
    HAND_RAISERS = "hand-raisers"
    WORKING = "working"
    SNOOZED = "snoozed"
    DECIDED = "decided"

    @property
    def label(self) -> str:
        """The tab's words."""
        return _TITLES[self]


_TITLES = {
    View.INBOX: "Inbox",
    View.BREACHING: "Breaching",
    View.HAND_RAISERS: "Hand-raisers",
    View.WORKING: "Working",
    View.SNOOZED: "Snoozed",
    View.DECIDED: "Decided today",
}

_Test = Callable[[Entry, datetime], bool]
_SHOWS: dict[View, _Test] = {
    View.INBOX: lambda entry, now: entry.is_open(now),
    View.BREACHING: lambda entry, now: entry.is_open(now) and sla_state(entry.outline, now) in _BREACH_ORDER,
    View.HAND_RAISERS: lambda entry, now: (
        entry.is_open(now) and entry.outline.mql is not None and entry.outline.mql.is_hand_raise
    ),
    View.WORKING: lambda entry, _now: entry.is_in_work(),
    View.SNOOZED: lambda entry, now: entry.is_put_off(now),
    View.DECIDED: lambda entry, now: (
        entry.decision is not None
        and entry.decision_act is not Act.RESTORE
        and entry.decision.made_at.astimezone().date() == now.astimezone().date()
    ),
}


def triage_order(lead: AnyLead, now: datetime) -> tuple[int, str, float, str]:
    """Return the sort key of the default order (`ORDER_RULE`); the id makes it total and stable."""
    band = lead.score.band if lead.score and lead.score.band else "~"
    since = lead.assigned_at or lead.created_at
    waited = since.timestamp() if since else float("inf")
    return (_BREACH_ORDER.get(sla_state(lead, now), _LATER), band, waited, lead.lead_id)


def _working_order(entry: Entry, now: datetime) -> tuple[bool, float, str]:
    """Untouched for a day first, then the longest untouched."""
    touched = entry.outline.last_touch_at or entry.outline.assigned_at
    fresh = touched is not None and now - touched < UNTOUCHED_AFTER
    return (fresh, touched.timestamp() if touched else 0.0, entry.lead_id)


def _decided_order(entry: Entry) -> float:
    return -entry.decision.made_at.timestamp() if entry.decision else 0.0


def _order(view: View, entry: Entry, now: datetime) -> tuple[Any, ...]:
    """Return the sort key of an entry in a view."""
    if view is View.WORKING:
        return _working_order(entry, now)
    if view is View.DECIDED:
        return (_decided_order(entry), entry.lead_id)
    return triage_order(entry.outline, now)


def _without(shown: tuple[LeadId, ...], gone: Collection[LeadId]) -> list[LeadId]:
    """Return the ids that stay. Most acts reach one lead of thousands: then one search in C beats a loop."""
    if len(gone) > _FEW:
        return [lead_id for lead_id in shown if lead_id not in gone]
    rest = list(shown)
    for lead_id in gone:
        with suppress(ValueError):
            rest.remove(lead_id)
    return rest


@dataclass(frozen=True, slots=True)
class Inbox:
    """All entries of a rep, one view of them, and the marks. Every change returns a new one."""

    entries: dict[LeadId, Entry] = field(default_factory=dict)
    view: View = View.INBOX
    query: Query = field(default_factory=lambda: Query(""))
    marks: frozenset[LeadId] = frozenset()
    shown: tuple[LeadId, ...] = ()
    """The ids on the list, in order."""

    @classmethod
    def of(cls, entries: Iterable[Entry], now: datetime, view: View = View.INBOX) -> Inbox:
        """Make an inbox of entries."""
        return cls(entries={entry.lead_id: entry for entry in entries}, view=view).arranged(now)

    def arranged(self, now: datetime) -> Inbox:
        """Choose and sort what the view and the filter show at this moment.

        A mark on what is not shown goes: a bulk act hits what is seen.
        """
        test = _SHOWS[self.view]
        chosen = [
            entry
            for entry in self.entries.values()
            if test(entry, now) and self.query.matches(entry.outline, now)
        ]
        chosen.sort(key=lambda entry: _order(self.view, entry, now))
        shown = tuple(entry.lead_id for entry in chosen)
        return replace(self, shown=shown, marks=self.marks & frozenset(shown))

    def with_entries(self, entries: Iterable[Entry], now: datetime) -> Inbox:
        """Return it with other entries; marks on leads that are gone are dropped."""
        return replace(self, entries={entry.lead_id: entry for entry in entries}).arranged(now)

    def updated(self, changed: Iterable[Entry], now: datetime) -> Inbox:
        """Return it with some entries changed: they leave or take their place, all others keep theirs."""
        fresh = {entry.lead_id: entry for entry in changed}
        entries = {**self.entries, **fresh}
        shown = _without(self.shown, fresh)
        test = _SHOWS[self.view]
        for entry in fresh.values():
            if test(entry, now) and self.query.matches(entry.outline, now):
                bisect.insort(shown, entry.lead_id, key=lambda here: _order(self.view, entries[here], now))
        marks = self.marks & frozenset(shown) if self.marks else self.marks
        return replace(self, entries=entries, shown=tuple(shown), marks=marks)

    def looking_at(self, view: View, now: datetime) -> Inbox:
        """Return it with another view; the filter stays, the marks do not."""
        return replace(self, view=view, marks=frozenset()).arranged(now)

    def filtered(self, query: Query, now: datetime) -> Inbox:
        """Return it under another filter; marks on what it hides go: a bulk act hits what is seen."""
        return replace(self, query=query).arranged(now)

    def toggled(self, lead_id: LeadId) -> Inbox:
        """Return it with one mark set or taken off."""
        return replace(self, marks=self.marks ^ {lead_id})

    def marked(self, lead_ids: Iterable[LeadId]) -> Inbox:
        """Return it with marks added."""
        return replace(self, marks=self.marks | frozenset(lead_ids))

    def unmarked(self) -> Inbox:
        """Return it without marks."""
        return replace(self, marks=frozenset())

    def targets(self, cursor: LeadId | None) -> tuple[LeadId, ...]:
        """Return what an act applies to: the marked leads in list order, else the one under the cursor."""
        marked = tuple(lead_id for lead_id in self.shown if lead_id in self.marks)
        if marked:
            return marked
        return (cursor,) if cursor in self.entries and cursor is not None else ()

    def after(self, cursor: LeadId | None, before: Inbox) -> LeadId | None:
        """Return where the cursor goes: the same lead, else the next one that was below it, else the last."""
        if cursor is not None and cursor in self.shown:
            return cursor
        here = frozenset(self.shown)
        if cursor is not None and cursor in before.shown:
            start = before.shown.index(cursor)
            below = next((lead_id for lead_id in before.shown[start:] if lead_id in here), None)
            if below is not None:
                return below
            return self.shown[-1] if self.shown else None
        return self.shown[0] if self.shown else None

    def counts(self, now: datetime) -> dict[View, int]:
        """Return how many leads each view holds, whatever the filter."""
        return {
            view: sum(test(entry, now) for entry in self.entries.values()) for view, test in _SHOWS.items()
        }
