"""The inbox: views, list, and the brief of the lead under the cursor; a key changes them in one frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container

from screens.actions import INBOX, shown_key
from screens.arrangement import arrange
from screens.bindings import bindings
from screens.cells import Line, crop, say
from screens.day import Day
from screens.deciding import DecidingScreen
from screens.filter_field import FilterField
from screens.ink import Ink
from screens.questions import Question
from screens.table import heading
from screens.widgets.bars import Bar, Zone
from screens.widgets.brief import Brief
from screens.widgets.lead_list import LeadList
from screens.words import ago
from triage.domain.inbox import View

HINT = "j/k move · a accept · r reject · ? all keys"
VIEWS = tuple(View)


class InboxScreen(DecidingScreen, inherit_bindings=False):
    """All leads of a view, and one of them in brief."""

    CONTEXT = INBOX
    BINDINGS: ClassVar = bindings(INBOX)
    DEFAULT_CSS = """
    InboxScreen #body { height: 1fr; }
    InboxScreen #left { width: auto; height: auto; }
    """

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.views = Bar(day.inks.raised, id="views")
        self.heading = Bar(day.inks.plain, id="heading")
        self.list = LeadList(day.tray, day.inks, id="list")
        self.brief = Brief(day.inks.plain, id="brief")
        self.pane = self.brief
        self._body = Container(Container(self.heading, self.list, id="left"), self.brief, id="body")

    def compose(self) -> ComposeResult:
        """Yield views, list, brief and bars."""
        yield self.views
        yield self._body
        yield from self.compose_bars()

    def lay_out(self) -> None:
        """Put list and brief side by side, or one over the other."""
        super().lay_out()
        width, height = self.app.size
        places = arrange(width, height)
        if places is None:
            return
        self._body.styles.layout = "horizontal" if places.side_by_side else "vertical"
        self.views.fit(width)
        self.heading.fit(places.list_width)
        self.list.fit(places.list_width, places.list_height)
        self.brief.beside = places.side_by_side
        self.brief.fit(places.brief_width, places.brief_height)
        question = self.day.asking.question
        if question is not None and self.is_current:
            self.show_question(question)

    def show(self) -> None:
        """Draw everything."""
        self.show_lead()
        self.show_views()
        self.show_heading()
        super().show()

    def show_lead(self) -> None:
        """Draw list and brief: what a moved cursor changes, and nothing else."""
        day, now = self.day, self.day.clock()
        self.list.show(now, self._nothing() if not day.tray.shown else ())
        entry = day.tray.entry
        day.saw(entry.lead_id if entry is not None else None)
        if entry is None:
            self.brief.put([])
        else:
            self.brief.show(day.glance(entry, self.brief.extent.width, now))
        self.call_after_refresh(self.prepare)

    def prepare(self) -> None:
        """Make the briefs of the leads beside the cursor, in the pause after a key."""
        day, now, width = self.day, self.day.clock(), self.brief.extent.width
        if self.is_too_small:
            return
        for lead_id in day.tray.neighbours():
            self.brief.prepare(day.glance(day.tray.inbox.entries[lead_id], width, now))

    def show_views(self) -> None:
        """Draw the views with their counts, the present one told by brackets."""
        tray, ink, width = self.day.tray, self.day.inks.raised, self.app.size.width
        line, zones = Line(" ", ink.text), list[Zone]()
        for view, words in self._view_words(width - 2 * len(VIEWS) - 1):
            here = view is tray.inbox.view
            start = line.width
            line.add(f"[{words}]" if here else f" {words} ", ink.accent if here else ink.dim)
            zones.append((start, line.width, self._looking_at(view)))
        self.views.say(line, zones)

    def _view_words(self, room: int) -> list[tuple[View, str]]:
        """Return the views' names with their counts, less of them where there is less room."""
        tray = self.day.tray
        counts = dict(self.day.counts)
        if not tray.inbox.query.text:
            counts[tray.inbox.view] = len(tray.shown)
        forms: tuple[Callable[[View], str], ...] = (
            lambda view: f"{view.label} {counts.get(view, '')}",
            lambda view: f"{view.label} {counts[view]}" if counts.get(view) else view.label,
            lambda view: f"{view.label.split(' ')[0]} {counts.get(view) or ''}".rstrip(),
            lambda view: view.label.split(" ")[0],
            lambda view: view.label[:5],
        )
        for form in forms:
            words = [(view, form(view)) for view in VIEWS]
            if sum(len(one) for _view, one in words) <= room:
                break
        return words

    def show_heading(self) -> None:
        """Draw the columns' names; until the first decision, what to press."""
        ink, width = self.day.inks.plain, self.list.extent.width
        tray = self.day.tray
        marks = len(tray.inbox.marks)
        if marks:
            line = Line(f" ● {marks} marked", ink.accent)
            line.add(" · an act or feedback key applies to all · Esc unmarks", ink.dim)
        elif tray.inbox.query.text:
            left = f"{len(tray.shown)} of {self.day.counts.get(tray.inbox.view, '?')}"
            line = Line(f" / {crop(say(tray.inbox.query.text), width // 2)}", ink.warn)
            line.add(f" · {left} · Esc takes it away", ink.dim)
        elif not self.day.decided_before:
            line = Line(f"   {HINT}", ink.accent)
        else:
            line = heading(width, ink)
        self.heading.say(line)

    def show_status(self) -> None:
        """Draw how things stand; an empty list says it in other words once leads were fetched."""
        super().show_status()
        if not self.day.tray.shown:
            self.list.show(self.day.clock(), self._nothing())

    def show_question(self, question: Question | None) -> None:
        """Draw a question over the brief, the filter in the foot."""
        if isinstance(question, FilterField):
            self.show_foot()
        else:
            super().show_question(question)

    def show_foot(self) -> None:
        """Draw the filter as long as it is typed: no message, no count from elsewhere covers it."""
        question = self.day.asking.question
        if isinstance(question, FilterField):
            self.foot.say(question.lines(self.app.size, self.day.inks.raised)[0])
        else:
            super().show_foot()

    def recolour(self) -> None:
        """Draw everything in the day's new colours."""
        self.list.redraw(self.day.inks)
        super().recolour()

    async def painted(self) -> bool:
        """Wait until the row under the cursor was painted."""
        return not self.is_too_small and await self.list.painted(self.day.pressed_at)

    @property
    def length(self) -> int:
        """The leads that are shown."""
        return len(self.day.tray.shown)

    def move(self, rows: int) -> None:
        """Move the cursor by so many rows."""
        tray = self.day.tray
        tray.move_to(tray.index + rows)
        self.show_lead()
        if tray.anchor is not None:
            self.show_heading()

    def filter(self, text: str) -> None:
        """Show what a filter leaves; BadFilter if it cannot be read."""
        self.day.tray.filter(text)
        self.show_lead()
        self.show_heading()

    def action_down(self) -> None:
        """Move down."""
        self.move(1)

    def action_up(self) -> None:
        """Move up."""
        self.move(-1)

    def action_page_down(self) -> None:
        """Move down a page."""
        self.move(max(self.list.room - 1, 1))

    def action_page_up(self) -> None:
        """Move up a page."""
        self.move(1 - max(self.list.room, 2))

    def action_top(self) -> None:
        """Go to the first lead."""
        self.move(-len(self.day.tray.shown))

    def action_bottom(self) -> None:
        """Go to the last lead."""
        self.move(len(self.day.tray.shown))

    async def action_open(self) -> None:
        """Show the lead in full."""
        if self.day.tray.entry is not None:
            await self.desktop.show_lead()

    def action_mark(self) -> None:
        """Mark or unmark, and move down."""
        self.day.tray.toggle_mark()
        self.show_lead()
        self.show_heading()

    def action_range(self) -> None:
        """Begin or end a range."""
        self.day.tray.toggle_range()
        self.show_lead()
        self.show_heading()

    def action_mark_shown(self) -> None:
        """Mark all that is shown, or none."""
        self.day.tray.mark_shown()
        self.show_lead()
        self.show_heading()

    async def action_filter(self) -> None:
        """Filter as you type."""
        await self.day.asking.run(self._filter())

    def action_next_view(self) -> None:
        """Show the next view."""
        self._turn(1)

    def action_previous_view(self) -> None:
        """Show the view before."""
        self._turn(-1)

    def action_sort(self) -> None:
        """Sort by the next order, and say which."""
        order = self.day.tray.sort()
        self.show()
        self.say(f"Sorted: {order}")

    def action_back(self) -> None:
        """Take back the nearest: marks, then the filter."""
        tray = self.day.tray
        if tray.inbox.marks or tray.anchor is not None:
            tray.unmark()
        elif tray.inbox.query.text:
            tray.filter("")
        self.show()

    async def action_quit(self) -> None:
        """Quit; with unsent items, say so and send them first. A second time leaves them queued."""
        await self.desktop.leave()

    def look_at(self, view: View) -> None:
        """Show a view."""
        self.day.tray.look_at(view)
        self.show()

    def on_lead_list_pointed(self, message: LeadList.Pointed) -> None:
        """Put the cursor where it was clicked; a second click opens."""
        self._in_turn(lambda: self.move(message.index - self.day.tray.index))
        if message.twice:
            self.app.call_later(self.action_open)

    def on_lead_list_wheeled(self, message: LeadList.Wheeled) -> None:
        """Move with the wheel."""
        self._in_turn(lambda: self.move(message.rows))

    async def _filter(self) -> None:
        field = FilterField(self, self.day.tray.inbox.query.text)
        await self.day.ask(field)
        self.unsay()
        self.show()

    def _turn(self, by: int) -> None:
        here = VIEWS.index(self.day.tray.inbox.view)
        self.look_at(VIEWS[(here + by) % len(VIEWS)])

    def _looking_at(self, view: View) -> Callable[[], object]:
        return lambda: self._in_turn(lambda: self.look_at(view))

    def _in_turn(self, call: Callable[[], object]) -> None:
        """Do something in the app's own order, after the keys that came before it."""
        self.app.call_later(call)

    def _nothing(self) -> list[Line]:
        """Say why the list is empty, and what to do about it."""
        day, ink = self.day, self.day.inks.plain
        tray = day.tray
        if tray.inbox.query.text:
            first = f"No lead in {tray.inbox.view.label} matches “{say(tray.inbox.query.text)}”."
            return _spoken(ink, first, f"{shown_key('escape')} or backspace takes the filter away.")
        if day.status is None or day.status.fetched_at is None:
            why = day.status.expired if day.status else ""
            return _spoken(ink, why or "No leads have been fetched yet.", "S fetches them.")
        if tray.inbox.view is not View.INBOX:
            return _spoken(ink, f"{tray.inbox.view.label}: nothing here.", "Tab shows the next view.")
        decided = [one.decision.made_at for one in tray.inbox.entries.values() if one.decision]
        last = f" The last lead was decided {ago(max(decided), day.clock())} by you." if decided else ""
        return _spoken(ink, f"Nothing to triage.{last}", "Tab shows what you are working on · S fetches.")


def _spoken(ink: Ink, first: str, then: str) -> list[Line]:
    return [Line(), Line(f"   {first}", ink.strong), Line(f"   {then}", ink.dim)]
