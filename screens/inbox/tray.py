"""What lies before the rep: the inbox as a value, the cursor on a lead, marks, order and filter.

Owns no widget and writes nothing. The cursor moves by a key only: a lead that vanishes under it stays, as a
note of itself, until the rep moves on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from screens.inbox.sieve import Sieve
from triage.clock import Clock
from triage.domain.completing import Candidate, begun, completions
from triage.domain.entry import Entry
from triage.domain.filter_fields import BY_NAME, Field
from triage.domain.inbox import Inbox, Lifted, plain_sift
from triage.domain.lead import LeadId
from triage.domain.listing import Listing
from triage.domain.orders import Order
from triage.domain.query import Query, parse
from triage.domain.views import STANDARD_VIEWS, View


class Arranged(Struct, frozen=True):
    """Entries as an inbox, and the inbox it was made after."""

    base: Inbox
    inbox: Inbox


_NEAR = 20
"""Lines below the cursor that are looked up one by one; beyond, the list is gone through once."""


class Tray:
    """The inbox and where the rep is in it."""

    def __init__(self, clock: Clock, views: Sequence[View] = ()) -> None:
        """Begin with nothing; `views` are the rep's own, beside the standard ones."""
        self._clock = clock
        self._sieve = Sieve()
        self._plain = Inbox(views=(*STANDARD_VIEWS, *views), sift=self._sieve.sift)
        """The inbox without the note of a vanished lead."""
        self._ghost: tuple[Entry, int] | None = None
        """The vanished lead, and the line in which its note stands."""
        self._noted: Inbox | None = None
        self._lifted: Lifted | None = None
        """The inbox as an act that is to be agreed to would leave it."""
        self.index = 0
        self.anchor: int | None = None
        """Where a range of marks began."""
        self._anchored: LeadId | None = None
        """The lead it began on: the range follows it when others come and go."""
        self._marked_before: frozenset[LeadId] = frozenset()
        self._named: tuple[Field, ...] = ()
        """The fields that the filter names, whether it says anything about them yet or not."""

    @property
    def inbox(self) -> Inbox:
        """What is shown: the inbox, with the note of a lead that vanished under the cursor."""
        if self._ghost is None:
            return self._plain
        if self._noted is None:
            entry, line = self._ghost
            self._noted = replace(
                self._plain,
                entries=self._plain.entries.changed({entry.lead_id: entry}),
                shown=self._plain.shown.inserted(line, entry.lead_id),
            )
        return self._noted

    def _keep(self, inbox: Inbox) -> None:
        self._plain, self._noted = inbox, None

    @property
    def shown(self) -> Listing:
        """The ids on the list, in order."""
        return self.inbox.shown

    @property
    def counts(self) -> Mapping[View, int]:
        """How many leads each view holds, whatever the filter."""
        return self._plain.counts

    @property
    def views(self) -> tuple[View, ...]:
        """All views, the rep's own last."""
        return self._plain.views

    @property
    def order(self) -> Order:
        """The order of the list."""
        return self._plain.sorting

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

    def arranging(self) -> Callable[[Iterable[Entry]], Arranged]:
        """Return what arranges entries as the inbox is now, on any thread, while keys are answered here."""
        base, now = self._plain, self._clock()

        def arranged(entries: Iterable[Entry]) -> Arranged:
            # The sieve belongs to this thread; each entry by itself gives the same.
            fresh = replace(base, sift=plain_sift).with_entries(entries, now)
            return Arranged(base, replace(fresh, sift=base.sift))

        return arranged

    def load(self, entries: Iterable[Entry], arranged: Arranged | None = None) -> None:
        """Take all entries afresh; cursor and marks stay on their leads.

        `arranged` are the same, as an inbox; done anew if view, filter or marks have become others since.
        """
        old = self.entry
        self._sieve.clear()
        if arranged is not None and arranged.base is self._plain:
            self._keep(arranged.inbox)
        else:
            self._keep(self._plain.with_entries(entries, self._clock()))
        self._stay_on(old)

    def lift(self, lead_ids: Iterable[LeadId]) -> None:
        """Make ready that these leads leave the list with the next `take`; of none: that nothing does."""
        gone = tuple(lead_ids)
        self._lifted = self._plain.lifted(gone) if gone else None

    def take(self, changed: Iterable[Entry], *, follow: LeadId | None = None) -> None:
        """Take changed entries; the cursor stays, goes to what follows it, or to the lead named."""
        self._drop_ghost()
        lifted, self._lifted = self._lifted, None
        changed = tuple(changed)
        before, here = self.shown, self.index
        self._sieve.forget([entry.outline.lead_id for entry in changed])
        self._keep(self._plain.updated(changed, lifted))
        self.index = self._next_below(before, here, follow)
        self.anchor = None

    def absorb(self, changed: Iterable[Entry]) -> None:
        """Take entries that changed by themselves: the cursor stays where it is."""
        old, changed = self.entry, tuple(changed)
        self._sieve.forget([entry.outline.lead_id for entry in changed])
        self._keep(self._plain.updated(changed))
        self._stay_on(old)

    def pass_time(self) -> None:
        """Let leads move that waiting alone has moved; the cursor stays on its lead."""
        old = self.entry
        self._keep(self._plain.later(self._clock()))
        self._stay_on(old)

    def visit(self, lead_id: LeadId) -> bool:
        """Put the cursor on a lead, shown or not; False if it is not here at all."""
        entry = self.inbox.entries.get(lead_id)
        if entry is None:
            return False
        if not self.go_to(lead_id):
            self._stay_on(entry)
        return True

    def _next_below(self, before: Listing, here: int, follow: LeadId | None) -> int:
        """Return the line of the lead named, else of the first from `here` on that is still there."""
        line = self._plain.line_of(follow) if follow is not None else None
        if line is not None:
            return line
        if not self._plain.shown:
            return 0
        for lead_id in before[here : here + _NEAR]:
            line = self._plain.line_of(lead_id)
            if line is not None:
                return line
        lines = {lead_id: line for line, lead_id in enumerate(self._plain.shown)}
        found = (lines[lead_id] for lead_id in before[here + _NEAR :] if lead_id in lines)
        return next(found, max(len(self.shown) - 1, 0))

    def move_to(self, index: int) -> None:
        """Put the cursor on a line; marks a range when one was begun."""
        if self._ghost is not None and index > self.index:
            index -= 1  # the note of the vanished lead goes, and what is below moves up
        self._drop_ghost()
        self.index = max(0, min(index, len(self.shown) - 1))
        if self.anchor is not None:
            start, end = sorted((self.anchor, self.index))
            ranged = self._marked_before.union(self.shown[start : end + 1])
            self._keep(replace(self._plain, marks=ranged))

    def go_to(self, lead_id: LeadId) -> bool:
        """Put the cursor on a lead; False if the list does not show it."""
        line = self._plain.line_of(lead_id)
        if line is None:
            return False
        self._drop_ghost()
        self.move_to(line)
        return True

    def toggle_mark(self) -> None:
        """Mark or unmark the lead under the cursor, and move down; ends a range."""
        self.anchor = None
        if self.cursor is not None:
            if self._ghost is None:
                self._keep(self._plain.toggled(self.cursor))
            self.move_to(self.index + 1)

    def toggle_range(self) -> None:
        """Begin a range here, or end the one that was begun."""
        if self.anchor is not None:
            self.anchor = None
        elif self.cursor is not None:
            self._drop_ghost()
            self.anchor, self._anchored, self._marked_before = self.index, self.cursor, self._plain.marks
            self.move_to(self.index)

    def mark_shown(self) -> None:
        """Mark all that the list shows; if they all are, none."""
        self.anchor = None
        every = frozenset(self._plain.shown)
        self._keep(replace(self._plain, marks=frozenset() if self._plain.marks >= every else every))

    def unmark(self) -> None:
        """Take off all marks, and end a range."""
        self.anchor = None
        self._keep(self._plain.unmarked())

    def mark_only(self, lead_ids: frozenset[LeadId]) -> None:
        """Mark these of the leads that are shown, and no other."""
        shown = frozenset(one for one in lead_ids if self._plain.line_of(one) is not None)
        self._keep(replace(self._plain, marks=shown))

    def leave_range(self) -> None:
        """Take back the range that was begun; earlier marks stay."""
        self.anchor = None
        self._keep(replace(self._plain, marks=self._marked_before))

    def look_at(self, view: View) -> None:
        """Show another view, from its top; it is sorted as the last one was."""
        self._drop_ghost()
        self.anchor, self.index = None, 0
        self._keep(self._plain.looking_at(view))

    def sort(self, order: Order | None) -> None:
        """Sort by an order, None being the view's own; the cursor stays on its lead."""
        old = self.entry
        self.anchor = None
        self._keep(self._plain.sorted_by(None if order == self._plain.view.order else order))
        self._stay_on(old)

    def filter(self, text: str, *, typing: bool = False) -> None:
        """Show what a filter leaves of the view; BadFilter, and nothing changes, if it cannot be read.

        `typing`: the beginning of a value hides nothing yet.
        """
        query = self.read(text, typing=typing)
        old = self.entry
        self._drop_ghost()
        self.anchor = None
        self._named = tuple(field for name, field in BY_NAME.items() if name in text) if text else ()
        self._keep(self._plain.filtered(query))
        line = self._plain.line_of(old.lead_id) if old is not None else None
        self.index = line or 0

    def read(self, text: str, *, typing: bool = False) -> Query:
        """Read a filter, as the leads that are here can be meant; BadFilter says what is wrong."""
        return parse(text, typing=typing, held=self._held)

    def complete(self, text: str, caret: int) -> tuple[Candidate, ...]:
        """Return how a filter may go on at the caret, from what the leads of the view hold."""
        at_caret = begun(text, caret)
        if at_caret is None:
            return ()
        inbox = self._plain
        left = self._sieve.sift(at_caret.rest, inbox.listed, inbox.entries, inbox.at)
        return completions(text, caret, at_caret, [inbox.entries[one] for one in left], inbox.at)

    def prepare(self, count: int) -> bool:
        """Make ready some of what a filter looks through; says whether there may be more."""
        inbox = self._plain
        return self._sieve.prepare(self._named, inbox.listed, inbox.entries, count)

    def _held(self, name: str) -> frozenset[str]:
        return frozenset(self._sieve.held(BY_NAME[name], self._plain.entries))

    def _stay_on(self, old: Entry | None) -> None:
        """Keep the cursor on its lead; where it is gone, put back a note of it in its line."""
        self._ghost, self._noted = None, None
        self._follow_range()
        if old is None:
            self.index = 0
            return
        line = self._plain.line_of(old.lead_id)
        if line is not None:
            self.index = line
            return
        self.index = min(self.index, len(self._plain.shown))
        left = self._plain.entries.get(old.lead_id) or replace(old, gone=True)
        self._ghost = (left, self.index)

    def _follow_range(self) -> None:
        """Keep the beginning of a range on its lead, and of the older marks those that are still shown."""
        if self.anchor is None:
            return
        line = self._plain.line_of(self._anchored) if self._anchored is not None else None
        self.anchor = min(self.anchor, max(len(self._plain.shown) - 1, 0)) if line is None else line
        self._marked_before = self._marked_before & frozenset(self._plain.shown)

    def _drop_ghost(self) -> None:
        """Let the note of a vanished lead go."""
        self._ghost, self._noted = None, None
