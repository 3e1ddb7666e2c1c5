"""What lies before the rep: the inbox as a value, the cursor on a lead, marks, order and filter.

Owns no widget and writes nothing. The cursor moves by a key only: a lead that vanishes under it stays, as a
note of itself, until the rep moves on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from triage.clock import Clock
from triage.domain.inbox import ORDER_RULE, Entry, Inbox, View
from triage.domain.lead import LeadId
from triage.domain.query import Query, haystack, parse

_Key = Callable[[Entry], Any]


def _by_score(entry: Entry) -> tuple[bool, float]:
    score = entry.outline.score
    return (score is None, -score.score if score else 0.0)


def _by_waiting(entry: Entry) -> float:
    since = entry.outline.assigned_at or entry.outline.created_at
    return since.timestamp() if since else float("inf")


ORDERS: Mapping[str, _Key | None] = {
    ORDER_RULE: None,
    "highest score first": _by_score,
    "longest waiting first": _by_waiting,
    "by company": lambda entry: entry.outline.company.casefold(),
}
"""The orders `s` goes through; None is the view's own."""


class Tray:
    """The inbox and where the rep is in it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.inbox = Inbox()
        self.index = 0
        self.order = ORDER_RULE
        self.anchor: int | None = None
        """Where a range of marks began."""
        self._marked_before: frozenset[LeadId] = frozenset()
        self._ghost: LeadId | None = None
        self._whole = Inbox()
        """The view without the filter."""
        self._haystacks: dict[LeadId, str] = {}

    @property
    def shown(self) -> tuple[LeadId, ...]:
        """The ids on the list, in order."""
        return self.inbox.shown

    @property
    def cursor(self) -> LeadId | None:
        """The lead under the cursor."""
        return self.shown[self.index] if self.index < len(self.shown) else None

    @property
    def entry(self) -> Entry | None:
        """The entry under the cursor."""
        return self.inbox.entries.get(self.cursor) if self.cursor is not None else None

    def neighbours(self) -> tuple[LeadId, ...]:
        """Return the leads after and before the cursor."""
        here = self.index
        return (*self.shown[here + 1 : here + 3], *self.shown[max(here - 1, 0) : here])

    def targets(self) -> tuple[LeadId, ...]:
        """Return what an act applies to: the marked leads, else the one under the cursor."""
        if not self.inbox.marks:
            return (self.cursor,) if self.cursor is not None else ()
        return self.inbox.targets(self.cursor)

    def load(self, entries: Iterable[Entry]) -> None:
        """Take all entries afresh; cursor and marks stay on their leads."""
        old, now = self.entry, self._clock()
        self._haystacks.clear()
        self._keep(self._sorted(Inbox.of(entries, now, self.inbox.view)))
        self._stay_on(old)

    def take(self, changed: Iterable[Entry], *, follow: LeadId | None = None) -> None:
        """Take changed entries; the cursor stays, goes to what follows it, or to the lead named."""
        self._drop_ghost()
        changed = tuple(changed)
        before, here = self.shown, self.index
        for entry in changed:
            self._haystacks.pop(entry.lead_id, None)
        whole = self._whole.updated(changed, self._clock())
        self._keep(whole if ORDERS[self.order] is None else self._sorted(whole))
        self.index = self._next_below(before, here, {entry.lead_id for entry in changed}, follow)
        self.anchor = None

    def absorb(self, changed: Iterable[Entry]) -> None:
        """Take entries that changed by themselves: the cursor stays where it is."""
        old, changed = self.entry, tuple(changed)
        for entry in changed:
            self._haystacks.pop(entry.lead_id, None)
        self._keep(self._sorted(self._whole.updated(changed, self._clock())))
        self._stay_on(old)

    def visit(self, lead_id: LeadId) -> bool:
        """Put the cursor on a lead, shown or not; False if it is not here at all."""
        entry = self.inbox.entries.get(lead_id)
        if entry is None:
            return False
        if not self.go_to(lead_id):
            self._stay_on(entry)
        return True

    def _next_below(
        self, before: tuple[LeadId, ...], here: int, changed: set[LeadId], follow: LeadId | None
    ) -> int:
        """Return the line of the lead named, else of the first from `here` on that is still there."""
        shown = self.shown
        if follow is not None and follow in shown:
            return shown.index(follow)
        left = len(before) - len(shown) == len(changed)
        still = frozenset() if left else changed.intersection(shown)
        for lead_id in before[here:]:
            if lead_id not in changed or lead_id in still:
                return shown.index(lead_id)
        return max(len(shown) - 1, 0)

    def move_to(self, index: int) -> None:
        """Put the cursor on a line; marks a range when one was begun."""
        if self._ghost is not None and index > self.index:
            index -= 1  # the note of the vanished lead goes, and what is below moves up
        self._drop_ghost()
        self.index = max(0, min(index, len(self.shown) - 1))
        if self.anchor is not None:
            start, end = sorted((self.anchor, self.index))
            self.inbox = replace(self.inbox, marks=self._marked_before).marked(self.shown[start : end + 1])

    def go_to(self, lead_id: LeadId) -> bool:
        """Put the cursor on a lead; False if the list does not show it."""
        if lead_id not in self.shown:
            return False
        self.move_to(self.shown.index(lead_id))
        return True

    def toggle_mark(self) -> None:
        """Mark or unmark the lead under the cursor, and move down; ends a range."""
        self.anchor = None
        if self.cursor is not None:
            self.inbox = self.inbox.toggled(self.cursor)
            self.move_to(self.index + 1)

    def toggle_range(self) -> None:
        """Begin a range here, or end the one that was begun."""
        if self.anchor is not None:
            self.anchor = None
        elif self.cursor is not None:
            self.anchor, self._marked_before = self.index, self.inbox.marks
            self.move_to(self.index)

    def mark_shown(self) -> None:
        """Mark all that the list shows; if they all are, none."""
        self.anchor = None
        every = frozenset(self.shown)
        self.inbox = self.inbox.unmarked() if self.inbox.marks >= every else self.inbox.marked(every)

    def unmark(self) -> None:
        """Take off all marks, and end a range."""
        self.anchor = None
        self.inbox = self.inbox.unmarked()

    def look_at(self, view: View) -> None:
        """Show another view, from its top."""
        self._ghost, self.anchor = None, None
        self.inbox = self.inbox.unmarked()
        self._keep(self._sorted(self._whole.looking_at(view, self._clock())))
        self.index = 0

    def sort(self) -> str:
        """Go on to the next order; the cursor stays on its lead. Returns the order in words."""
        names = list(ORDERS)
        self.order = names[(names.index(self.order) + 1) % len(names)]
        old = self.entry
        self._keep(self._sorted(self._whole.arranged(self._clock())))
        self._stay_on(old)
        return self.order

    def filter(self, text: str) -> None:
        """Show what a filter leaves of the view; BadFilter, and nothing changes, if it cannot be read."""
        query = parse(text)
        old = self.entry
        self._ghost, self.anchor = None, None
        self.inbox = replace(self.inbox, query=query)
        self._keep(self._whole)
        self.index = self.shown.index(old.lead_id) if old is not None and old.lead_id in self.shown else 0

    def prepare(self, count: int) -> None:
        """Make ready some of what a filter looks through."""
        missing = len(self._whole.shown) - len(self._haystacks)
        if missing > 0:
            for lead_id in islice((one for one in self._whole.shown if one not in self._haystacks), count):
                self._haystack(lead_id)

    def _haystack(self, lead_id: LeadId) -> str:
        found = self._haystacks.get(lead_id)
        if found is None:
            found = self._haystacks[lead_id] = haystack(self._whole.entries[lead_id].outline)
        return found

    def _sorted(self, whole: Inbox) -> Inbox:
        """Return it in the order chosen."""
        key = ORDERS[self.order]
        if key is None:
            return whole
        return replace(whole, shown=tuple(sorted(whole.shown, key=lambda one: key(whole.entries[one]))))

    def _keep(self, whole: Inbox) -> None:
        """Keep a view's leads, and show those of them that the filter leaves."""
        query, marks = self.inbox.query, self.inbox.marks
        self._whole = whole
        shown = self._matching(query) if query.text else whole.shown
        self.inbox = replace(
            whole, query=query, shown=shown, marks=marks & frozenset(shown) if marks else marks
        )

    def _matching(self, query: Query) -> tuple[LeadId, ...]:
        words = query.text.casefold().split()
        if all(word.isalnum() for word in words):
            look = self._haystack
            return tuple(one for one in self._whole.shown if all(word in look(one) for word in words))
        entries, now = self._whole.entries, self._clock()
        return tuple(one for one in self._whole.shown if query.matches(entries[one].outline, now))

    def _stay_on(self, old: Entry | None) -> None:
        """Keep the cursor on its lead; where it is gone, put back a note of it in its line."""
        if old is None:
            self.index = 0
            return
        shown = self.shown
        if old.lead_id in shown:
            self._ghost = None
            self.index = shown.index(old.lead_id)
            return
        here = min(self.index, len(shown))
        left = self.inbox.entries.get(old.lead_id) or replace(old, gone=True)
        self.inbox = replace(
            self.inbox,
            entries={**self.inbox.entries, old.lead_id: left},
            shown=(*shown[:here], old.lead_id, *shown[here:]),
        )
        self._ghost, self.index = old.lead_id, here

    def _drop_ghost(self) -> None:
        """Let the note of a vanished lead go."""
        if self._ghost is None:
            return
        ghost, self._ghost = self._ghost, None
        shown = tuple(one for one in self.shown if one != ghost)
        self.inbox = replace(self.inbox, shown=shown, marks=self.inbox.marks - {ghost})
