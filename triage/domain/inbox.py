"""The inbox as a value: which leads a view shows, in which order, under which filter, which are marked.

All of it is as of one moment, `at`: what changes by waiting alone changes with `later`, and not with an act.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from triage.domain.clocks import DUE_SOON
from triage.domain.entries import Entries
from triage.domain.entry import Entry
from triage.domain.lead import LeadId
from triage.domain.listing import Listing
from triage.domain.orders import ORDER_RULE, UNTOUCHED_AFTER, Order, triage_order
from triage.domain.query import Query
from triage.domain.views import STANDARD_VIEWS, Today, View, parts_of

__all__ = ["ORDER_RULE", "STANDARD_VIEWS", "Entry", "Inbox", "Sift", "View", "plain_sift", "triage_order"]

Sift = Callable[[Query, Sequence[LeadId], Mapping[LeadId, Entry], datetime], Sequence[LeadId]]
"""Returns the ids that a filter leaves, in their order."""

_FEW = 4
"""Leads that come and go up to which the list is cut for each; beyond, it is gone through once."""
_LONG = timedelta(minutes=30)
"""Spans of waiting over which everything is arranged afresh."""
_BEGINNING = datetime.min.replace(tzinfo=UTC)


def plain_sift(
    query: Query, ids: Sequence[LeadId], entries: Mapping[LeadId, Entry], at: datetime
) -> Sequence[LeadId]:
    """Return the ids that a filter leaves, by reading each entry."""
    return [lead_id for lead_id in ids if query.matches(entries[lead_id], at)]


class Inbox(Struct, frozen=True):
    """All entries of a rep, one view of them, and the marks. Every change returns a new one."""

    entries: Entries = field(default_factory=Entries)
    view: View = View.INBOX
    query: Query = field(default_factory=lambda: Query(""))
    marks: frozenset[LeadId] = frozenset()
    shown: Listing = field(default_factory=Listing)
    """The ids on the list, in order."""
    listed: Listing = field(default_factory=Listing)
    """The ids of the view, whatever the filter."""
    order: Order | None = None
    """The order that the rep chose; None: the view's own."""
    views: tuple[View, ...] = STANDARD_VIEWS
    """The views that are counted."""
    counts: Mapping[View, int] = field(default_factory=dict)
    """How many leads each view holds, whatever the filter."""
    at: datetime = _BEGINNING
    sift: Sift = plain_sift

    @classmethod
    def of(
        cls, entries: Iterable[Entry], now: datetime, view: View = View.INBOX, *, views: tuple[View, ...] = ()
    ) -> Inbox:
        """Make an inbox of entries; `views` are those that are counted, the standard ones by default."""
        return cls(Entries(entries), view, views=views or STANDARD_VIEWS).arranged(now)

    @property
    def sorting(self) -> Order:
        """The order in force."""
        return self.order or self.view.order

    def arranged(self, now: datetime) -> Inbox:
        """Choose, sort and count everything as it is at this moment.

        A mark on what is not shown goes: a bulk act hits what is seen.
        """
        part = self.view.part.value
        today = Today(now)
        parts = [parts_of(entry, now, today) for entry in self.entries.values()]
        chosen = [entry for entry, bits in zip(self.entries.values(), parts, strict=True) if bits & part]
        if self.view.query.terms:
            left = self._left_by(self.view.query, chosen, now)
            chosen = [self.entries[lead_id] for lead_id in left]
        listed = Listing(self.sorting.sort(chosen, now))
        counts = self._counted(parts, now)
        return replace(self, listed=listed, counts=counts, at=now).filtered(self.query, afresh=True)

    def _left_by(self, query: Query, entries: Iterable[Entry], now: datetime) -> Sequence[LeadId]:
        return self.sift(query, [entry.outline.lead_id for entry in entries], self.entries, now)

    def _counted(self, parts: Sequence[int], now: datetime) -> dict[View, int]:
        tally = Counter(parts)
        counts = {view: sum(n for bits, n in tally.items() if bits & view.tallied) for view in self.views}
        for view in self.views:
            if view.query.terms:
                held = zip(self.entries.values(), parts, strict=True)
                base = [entry for entry, bits in held if bits & view.part]
                counts[view] = len(self._left_by(view.query, base, now))
        return counts

    def with_entries(self, entries: Iterable[Entry], now: datetime) -> Inbox:
        """Return it with other entries; marks on leads that are gone are dropped."""
        return replace(self, entries=Entries(entries)).arranged(now)

    def updated(self, changed: Iterable[Entry], lifted: Lifted | None = None) -> Inbox:
        """Return it with some entries changed: they leave or take their place, all others keep theirs.

        `lifted` is half of the work, if it is that of these leads.
        """
        fresh = {entry.outline.lead_id: entry for entry in changed}
        serves = lifted is not None and lifted.lead_ids == fresh.keys() and lifted.is_of(self)
        return self._moved(fresh, self.at, lifted if serves else None)

    def lifted(self, lead_ids: Iterable[LeadId]) -> Lifted:
        """Return what it is without some leads, for when they have changed and none of them comes back."""
        gone = frozenset(lead_ids)
        left = self._left(gone)
        leaving = {entry.outline.lead_id for entry in self._of_view(left, self.at)}
        return Lifted(
            self,
            gone,
            listed=self.listed.without_all(leaving),
            shown=self.shown.without_all(leaving),
            counts=self._recounted(self.counts, left, self.at, -1),
        )

    def later(self, now: datetime) -> Inbox:
        """Return it as it is at a later moment: looks only at what waiting alone has changed."""
        same_day = self.at.astimezone().date() == now.astimezone().date()
        timely = any(query.changes_with_time for query in (self.query, *(view.query for view in self.views)))
        if timely or not same_day or not timedelta() <= now - self.at <= _LONG:
            return self.arranged(now)
        return self._moved({one.lead_id: one for one in _turning(self.entries, self.at, now)}, now)

    def _left(self, lead_ids: Iterable[LeadId]) -> list[tuple[Entry, int]]:
        """Return some leads as they are here, with their parts."""
        known = (self.entries.get(lead_id) for lead_id in lead_ids)
        return _with_parts((entry for entry in known if entry is not None), self.at)

    def _moved(self, fresh: dict[LeadId, Entry], now: datetime, lifted: Lifted | None = None) -> Inbox:
        come = _with_parts(fresh.values(), now)
        coming = self._of_view(come, now)
        entries = self.entries.changed(fresh)
        if lifted is not None and not coming:
            counts = self._recounted(lifted.counts, come, now, 1)
            marks = self.marks - lifted.lead_ids
            return replace(
                self, entries=entries, listed=lifted.listed, shown=lifted.shown, counts=counts, marks=marks
            )
        left = self._left(fresh)
        counts = self._recounted(self._recounted(self.counts, left, self.at, -1), come, now, 1)
        moved = replace(self, entries=entries, at=now, counts=counts)
        leaving = self._of_view(left, self.at)
        listed = shown = self._rearranged(moved, self.listed, leaving, coming)
        if self.query.terms:
            if coming or len(leaving) <= _FEW:  # many that only go need no look at the filter
                leaving = [entry for entry in leaving if self.query.matches(entry, self.at)]
            coming = [entry for entry in coming if self.query.matches(entry, now)]
            shown = self._rearranged(moved, self.shown, leaving, coming)
        still = {entry.outline.lead_id for entry in coming}
        marks = frozenset(one for one in self.marks if one in still or one not in fresh)
        return replace(moved, listed=listed, shown=shown, marks=marks)

    def _of_view(self, known: Iterable[tuple[Entry, int]], at: datetime) -> list[Entry]:
        """Return the entries that the view shows, of some with their parts."""
        part, query = self.view.part.value, self.view.query
        found = [entry for entry, parts in known if parts & part]
        return [entry for entry in found if query.matches(entry, at)] if query.terms else found

    def _recounted(
        self, counts: Mapping[View, int], known: Sequence[tuple[Entry, int]], at: datetime, by: int
    ) -> dict[View, int]:
        """Return counts with so many for each entry put to them."""
        tally = Counter([parts for _entry, parts in known])
        made = dict(counts)
        for view in self.views:
            if view.query.terms:
                found = sum(view.shows(entry, at, parts) for entry, parts in known)
            else:
                found = sum(count for parts, count in tally.items() if parts & view.tallied)
            made[view] = made.get(view, 0) + by * found
        return made

    def _rearranged(
        self, moved: Inbox, ids: Listing, leaving: Sequence[Entry], coming: Sequence[Entry]
    ) -> Listing:
        """Return a list without some entries, and with others in their places."""
        stay = self._staying(leaving, coming, moved.at) if coming else ()
        if stay:  # most changes leave a lead where it is
            leaving = [one for one in leaving if one.outline.lead_id not in stay]
            coming = [one for one in coming if one.outline.lead_id not in stay]
        if len(leaving) + len(coming) > _FEW:
            rest = ids.without_all({entry.outline.lead_id for entry in leaving})
            return Listing(_merged(rest, moved, self.sorting.sort(coming, moved.at))) if coming else rest
        for entry in leaving:
            ids = self._without(ids, entry)
        for entry in coming:
            place = self.sorting.place(entry, ids, moved.entries, moved.at)
            ids = ids.inserted(place, entry.outline.lead_id)
        return ids

    def _staying(self, leaving: Iterable[Entry], coming: Iterable[Entry], now: datetime) -> set[LeadId]:
        """Return those that come to where they were."""
        value = self.sorting.value
        were = {entry.outline.lead_id: value(entry, self.at) for entry in leaving}
        return {
            one.outline.lead_id
            for one in coming
            if one.outline.lead_id in were and were[one.outline.lead_id] == value(one, now)
        }

    def _without(self, ids: Listing, entry: Entry) -> Listing:
        lead_id = entry.outline.lead_id
        place = self.sorting.place(entry, ids, self.entries, self.at)
        if place < len(ids) and ids[place] == lead_id:
            return ids.without(place)
        # An order that contradicts itself must not take another lead off the list.
        return Listing([one for one in ids if one != lead_id])

    def looking_at(self, view: View) -> Inbox:
        """Return it with another view; the filter stays, the marks do not."""
        return replace(self, view=view, marks=frozenset()).arranged(self.at)

    def sorted_by(self, order: Order | None) -> Inbox:
        """Return it in another order; None is the view's own."""
        turned = replace(self, order=order)
        chosen = (self.entries[lead_id] for lead_id in self.listed)
        listed = Listing(turned.sorting.sort(chosen, self.at))
        return replace(turned, listed=listed).filtered(self.query, afresh=True)

    def filtered(self, query: Query, *, afresh: bool = False) -> Inbox:
        """Return it under another filter; marks on what it hides go: a bulk act hits what is seen.

        A filter that only leaves less goes through what the last one left, unless `afresh`.
        """
        narrows = not afresh and query.narrows(self.query)
        ids, rest = (self.shown, query.beyond(self.query)) if narrows else (self.listed, query)
        shown = Listing(self.sift(rest, ids, self.entries, self.at)) if rest.terms else ids
        marks = self.marks & frozenset(shown) if self.marks else self.marks
        return replace(self, query=query, shown=shown, marks=marks)

    def toggled(self, lead_id: LeadId) -> Inbox:
        """Return it with one mark set or taken off."""
        return replace(self, marks=self.marks ^ {lead_id})

    def marked(self, lead_ids: Iterable[LeadId]) -> Inbox:
        """Return it with marks added."""
        return replace(self, marks=self.marks | frozenset(lead_ids))

    def unmarked(self) -> Inbox:
        """Return it without marks."""
        return replace(self, marks=frozenset())

    def line_of(self, lead_id: LeadId) -> int | None:
        """Return where a lead stands on the list, from 0, or None. Looks at a few of them only."""
        entry = self.entries.get(lead_id)
        if entry is None or not self.view.shows(entry, self.at):
            return None
        line = self.sorting.place(entry, self.shown, self.entries, self.at)
        return line if line < len(self.shown) and self.shown[line] == lead_id else None

    def targets(self, cursor: LeadId | None) -> tuple[LeadId, ...]:
        """Return what an act applies to: the marked leads in list order, else the one under the cursor."""
        marked = tuple(lead_id for lead_id in self.shown if lead_id in self.marks) if self.marks else ()
        if marked:
            return marked
        return (cursor,) if cursor in self.entries and cursor is not None else ()

    def after(self, cursor: LeadId | None, before: Inbox) -> LeadId | None:
        """Return where the cursor goes: the same lead, else the next one that was below it, else the last."""
        line = before.line_of(cursor) if cursor is not None else None
        if cursor is not None and self.line_of(cursor) is not None:
            return cursor
        if line is None:
            return self.shown[0] if self.shown else None
        for at in range(line, len(before.shown)):
            if self.line_of(before.shown[at]) is not None:
                return before.shown[at]
        return self.shown[-1] if self.shown else None


class Lifted(Struct, frozen=True):
    """An inbox without some of its leads: what an act on many does to it, as far as that is known before."""

    base: Inbox
    lead_ids: frozenset[LeadId]
    listed: Listing
    shown: Listing
    counts: Mapping[View, int]

    def is_of(self, inbox: Inbox) -> bool:
        """Whether it is of this inbox, whose marks may be others."""
        # Counted anew with each change, view and moment; shown anew with each filter and order.
        return inbox.counts is self.base.counts and inbox.shown is self.base.shown


def _with_parts(entries: Iterable[Entry], at: datetime) -> list[tuple[Entry, int]]:
    today = Today(at) if at > _BEGINNING else None  # which is no moment of any other place
    return [(entry, parts_of(entry, at, today)) for entry in entries]


def _merged(rest: Sequence[LeadId], moved: Inbox, coming: Sequence[LeadId]) -> list[LeadId]:
    """Put ids that are in order into a list that is in the same order."""
    merged: list[LeadId] = []
    start = 0
    for lead_id in coming:
        place = moved.sorting.place(moved.entries[lead_id], rest, moved.entries, moved.at, start)
        merged += rest[start:place]
        merged.append(lead_id)
        start = place
    return merged + list(rest[start:])


def _turning(entries: Mapping[LeadId, Entry], since: datetime, now: datetime) -> list[Entry]:
    """Return the entries that waiting within one day may have moved: a few too many at most."""
    soon = now + DUE_SOON
    untouched = since - UNTOUCHED_AFTER
    found = []
    for entry in entries.values():
        outline = entry.outline
        due, until = outline.sla_due_at, outline.snoozed_until
        touched = outline.last_touch_at or outline.assigned_at
        if (
            (due is not None and since <= due <= soon)
            or (until is not None and since <= until <= now)
            or (touched is not None and untouched <= touched <= now - UNTOUCHED_AFTER)
            or (entry.decision is not None and "T" in entry.put_off_until)
        ):
            found.append(entry)
    return found
