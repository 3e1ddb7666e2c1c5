"""The inbox: views, list, and the brief of the lead under the cursor; a key changes them in one frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Container

from screens.actions import BY_ID, INBOX, first_key
from screens.asking.questions import Question
from screens.bindings import bindings
from screens.cells import Line, crop, say
from screens.day import Day
from screens.deciding.screen import DecidingScreen
from screens.inbox.ahead import Ahead
from screens.inbox.arrangement import arrange
from screens.inbox.empty import empty_lines
from screens.inbox.filter_field import FilterField
from screens.inbox.sorting import by_column, column_of, is_falling, order_question
from screens.inbox.table import heading, heading_places
from screens.inbox.tabs import tabs_line
from screens.widgets.bars import Bar, Zone
from screens.widgets.brief import Brief
from screens.widgets.lead_list import LeadList
from triage.desk.later import Later
from triage.domain.completing import Candidate
from triage.domain.orders import Order
from triage.domain.query import Query
from triage.domain.views import View

if TYPE_CHECKING:
    from screens.rules import banner as rule_banner
    from screens.rules import dismissing
else:
    dismissing, rule_banner = Later("screens.rules.dismissing"), Later("screens.rules.banner")

HINT = (
    ("down", "/"),
    ("up", " move · "),
    ("accept", " accept · "),
    ("reject", " reject · "),
    ("help", " all keys"),
)
"""Actions, and what stands behind the key of each: what a rep needs for a first decision."""


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
        self._has_told = False
        """Whether the filter says something in the place of the status."""
        self.ahead = Ahead(self)
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
        self.list.show(now, empty_lines(self.day) if not day.tray.shown else ())
        entry = day.tray.entry
        day.saw(entry.lead_id if entry is not None else None)
        if entry is None:
            self.brief.put([])
        else:
            self.brief.show(day.glance(entry, self.brief.extent.width, now))
        self.ahead.soon()

    def show_views(self) -> None:
        """Draw the views with their counts, and the rule of the order."""
        tray = self.day.tray
        line, places = tabs_line(
            tray.views,
            tray.counts,
            here=tray.inbox.view,
            order=tray.order,
            width=self.app.size.width,
            ink=self.day.inks.raised,
        )
        self.views.say(line, [(start, end, self._looking_at(view)) for start, end, view in places])

    def show_heading(self) -> None:
        """Draw the columns' names; until the first decision, what to press."""
        ink, width = self.day.inks.plain, self.list.extent.width
        tray, keymap = self.day.tray, self.day.keymap
        back = first_key("back", keymap)
        marks, zones = len(tray.inbox.marks), list[Zone]()
        if marks:
            line = Line(f" ● {marks} marked", ink.accent)
            line.add(f" · an act or feedback key applies to all · {back} unmarks", ink.dim)
        elif tray.inbox.query.text:
            left = f"{len(tray.shown)} of {len(tray.inbox.listed)}"
            line = Line(f" / {crop(say(tray.inbox.query.text), width // 2)}", ink.warn)
            line.add(f" · {left} · {back} takes it away", ink.dim)
        elif not tray.shown:
            line = Line()  # no lead to read the columns over, or to try the keys on
        elif not self.day.decided_before:
            line = Line("   ", ink.accent)
            line.add("".join(first_key(name, keymap) + words for name, words in HINT), ink.accent)
        elif (news := (agreed := self.day.rulebook.agreement).news) is not None:
            now, disputes = self.day.clock(), agreed.disputes
            line, places = rule_banner.banner_line(news, keymap, now, width, ink, disputes=disputes)
            zones = [(start, end, self._doing(BY_ID[name])) for start, end, name in places]
        else:
            order = tray.order
            line = heading(width, ink, order=column_of(order), falling=is_falling(order))
            zones = [(start, end, self._sorting_by(name)) for start, end, name in heading_places(width)]
        self.heading.say(line, zones)

    def show_status(self) -> None:
        """Draw how things stand, or what there is to say about the filter that is typed.

        An empty list says it in other words once leads were fetched.
        """
        told = self._filter_lines()[1:]
        if told:
            self.status.say(told[0])
        else:
            super().show_status()
        if not self.day.tray.shown:
            self.list.show(self.day.clock(), empty_lines(self.day))

    def show_question(self, question: Question | None) -> None:
        """Draw a question over the brief, the filter in the foot and what there is to say about it below."""
        lines = self._filter_lines()
        if not lines:
            super().show_question(question)
            return
        self.foot.say(lines[0])
        if lines[1:]:
            self.status.say(lines[1])
            self._has_told = True
        elif self._has_told:
            self._has_told = False
            self.show_status()

    def show_foot(self) -> None:
        """Draw the filter as long as it is typed: no message, no count from elsewhere covers it."""
        lines = self._filter_lines()
        if lines:
            self.foot.say(lines[0])
        else:
            super().show_foot()

    def _filter_lines(self) -> list[Line]:
        question = self.day.asking.question
        if not isinstance(question, FilterField):
            return []
        return question.lines(self.app.size, self.day.inks.raised)

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
        """Show what a filter that is still typed leaves; BadFilter if it cannot be read."""
        self.day.tray.filter(text, typing=True)
        self.show_lead()
        self.show_heading()

    def read(self, text: str) -> Query:
        """Read a filter that is typed to its end; BadFilter if it cannot be read."""
        return self.day.tray.read(text)

    def complete(self, text: str, caret: int) -> tuple[Candidate, ...]:
        """Return how a filter may go on at the caret."""
        return self.day.tray.complete(text, caret)

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

    async def action_put_away(self) -> None:
        """Put away what is new about the rules."""
        await dismissing.dismiss(self.day)
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

    async def action_sort(self) -> None:
        """Choose an order."""
        await self.day.asking.run(self._sort())

    async def _sort(self) -> None:
        tray = self.day.tray
        columns = [column for _start, _end, column in heading_places(self.list.extent.width)]
        order = await self.day.ask(order_question(tray.order, tray.inbox.view.order, columns))
        if order is not None:
            self.sort_by(order)

    def sort_by(self, order: Order) -> None:
        """Sort by an order, and say its rule."""
        self.day.tray.sort(order)
        self.show()
        self.say(f"Sorted: {order.words}")

    def _sorting_by(self, column: str) -> Callable[[], object]:
        def sort() -> None:
            order = by_column(column, self.day.tray.order)
            if order is not None:
                self.sort_by(order)

        return lambda: self.in_turn(sort)

    def action_back(self) -> None:
        """Take back the nearest: the range, the marks, the filter, the view."""
        tray = self.day.tray
        if tray.anchor is not None:
            tray.leave_range()
        elif tray.inbox.marks:
            tray.unmark()
        elif tray.inbox.query.text:
            tray.filter("")
        elif tray.inbox.view is not View.INBOX:
            tray.look_at(View.INBOX)
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
        self.in_turn(lambda: self.move(message.index - self.day.tray.index))
        if message.twice:
            self.open_in_turn(self.action_open)

    def on_lead_list_wheeled(self, message: LeadList.Wheeled) -> None:
        """Move with the wheel."""
        self.in_turn(lambda: self.move(message.rows))

    async def _filter(self) -> None:
        field = FilterField(self, self.day.tray.inbox.query.text)
        await self.day.ask(field)
        self.unsay()
        self.show()

    def _turn(self, by: int) -> None:
        views = self.day.tray.views
        here = views.index(self.day.tray.inbox.view)
        self.look_at(views[(here + by) % len(views)])

    def _looking_at(self, view: View) -> Callable[[], object]:
        return lambda: self.in_turn(lambda: self.look_at(view))
