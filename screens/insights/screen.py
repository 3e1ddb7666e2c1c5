"""Insights: the list of them with what stands out, and each with its numbers, formula and leads."""

from __future__ import annotations

from typing import ClassVar

from textual.geometry import Size

from screens.actions import INSIGHTS, first_key
from screens.bindings import bindings
from screens.cells import Line, crop, say, wrap
from screens.day import Day
from screens.inbox.arrangement import SIDE_BY_SIDE
from screens.insights.leads import InsightLeadsScreen
from screens.insights.numbers import Numbers
from screens.insights.overview import Overview
from screens.insights.page import Page, Place
from screens.insights.parts import Parts
from screens.insights.whose import marketers_status
from screens.paging import PagedScreen
from screens.words import clock
from triage.insights.figure import Insight
from triage.insights.wording import period_words

NOWHERE = -1
"""The stop of a page that is only looked at beside the list."""


class InsightsScreen(PagedScreen, inherit_bindings=False):
    """The list, and beside it or instead of it the insight that was chosen."""

    CONTEXT = INSIGHTS
    BINDINGS: ClassVar = bindings(INSIGHTS)

    def __init__(self, day: Day, numbers: Numbers) -> None:
        super().__init__(day, day.inks.raised)
        self.numbers = numbers
        self._is_open = False
        self._cursors: dict[str, Place] = {}
        self._top = 0
        self._parts: Parts | None = None

    @property
    def index(self) -> int:
        """Which insight is chosen."""
        return max(0, min(self.numbers.index, len(self.numbers.insights) - 1))

    @property
    def is_wide(self) -> bool:
        """Whether list and insight stand side by side."""
        return self.app.size.width >= SIDE_BY_SIDE

    @property
    def length(self) -> int:
        """What the cursor can be on: insights, or what an insight is made of."""
        return self.insight_page().length if self._is_open else len(self.numbers.insights)

    @property
    def page(self) -> int:
        """How far a page goes."""
        return max(self.pane.extent.height // 2, 1)

    def on_screen_resume(self) -> None:
        """Show what is here; the first time, gather it."""
        self.numbers.changed = self._changed
        super().on_screen_resume()
        if self.numbers.gathered is None and not self.numbers.is_busy:
            self._gather()

    def _gather(self) -> None:
        self.app.run_worker(self.numbers.gather(), group="insights")

    def _changed(self) -> None:
        if self.is_current:
            self.show()

    def show(self) -> None:
        """Draw everything."""
        self.title_bar.say(self._heading())
        self._draw()
        super().show()

    def move(self, by: int) -> None:
        """Move among the insights, or within the one that is open."""
        if not self._is_open:
            self.choose(self.index + by)
            return
        place = self._here
        stop = max(0, min(place.stop + by, self.length - 1))
        self._cursors[self._insight_name] = Place(stop, place.column)
        self._draw()

    def choose(self, index: int) -> None:
        """Turn to an insight."""
        self.numbers.index = max(0, min(index, len(self.numbers.insights) - 1))
        self._top = 0
        self._draw()

    def insight_page(self) -> Page:
        """Return the chosen insight at its size."""
        insights = self.numbers.insights
        place = self._here if self._is_open else Place(NOWHERE)
        width, height = self.pane.extent
        if self.is_wide:
            width -= self._list_width + 2
        heading = f"{self.index + 1}/{len(insights)}  "
        return Page(self._made(insights[self.index], Size(width, height)), place, heading, self._top)

    def _made(self, insight: Insight, size: Size) -> Parts:
        """Return an insight's parts: those made last, as long as nothing about them is another."""
        made, inks = self._parts, self.day.inks
        if made is None or made.insight is not insight or (made.size, made.inks) != (size, inks):
            made = self._parts = Parts(insight, size, inks)
        return made

    @property
    def _insight_name(self) -> str:
        return self.numbers.insights[self.index].name

    @property
    def _here(self) -> Place:
        return self._cursors.get(self._insight_name, Place())

    @property
    def _list_width(self) -> int:
        return min(max(self.app.size.width * 36 // 100, 40), 60)

    def _overview(self) -> Overview:
        width, height = self.pane.extent
        size = Size(self._list_width if self.is_wide else width, height)
        return Overview(self.numbers.insights, size, self.day.inks, self.index)

    def _draw(self) -> None:
        if not self.numbers.insights:
            words = wrap(self._waiting(), max(self.pane.extent.width - 6, 20))
            self.pane.put([Line(), *(Line(f"   {one}", self.day.inks.plain.strong) for one in words)])
        elif self.is_wide:
            self.pane.put(self._beside())
        elif self._is_open:
            self.pane.put(self._page_lines())
        else:
            self.pane.put(self._overview().lines())

    def _beside(self) -> list[Line]:
        left, ink = self._overview().lines(), self.day.inks.plain
        lines = []
        for y, right in enumerate(self._page_lines()):
            line = left[y] if y < len(left) else Line()
            lines.append(line.to(self._list_width, ink.text).add("│ ", ink.faint).join(right))
        return lines

    def show_status(self) -> None:
        """Draw how things stand; to marketing whose numbers they are."""
        line = marketers_status(self.day, self.app.size.width)
        if line is None:
            super().show_status()
        else:
            self.status.say(line)

    def _page_lines(self) -> list[Line]:
        page = self.insight_page()
        self._top = page.first
        return page.lines()

    def _heading(self) -> Line:
        """Return whose numbers they are, of which time, and how old."""
        ink, numbers, width = self.day.inks.raised, self.numbers, self.app.size.width
        line = Line(" Insights", ink.accent)
        if numbers.is_busy:
            return line.add("  gathering …", ink.dim)
        if numbers.gathered is None:
            return line
        gathered = numbers.gathered
        whose = "the team's numbers" if gathered.is_team else "your own numbers"
        parts = [whose, period_words(gathered.evidence.period), f"gathered {clock(gathered.at)}"]
        if numbers.problem:
            words = f"  not renewed: {say(numbers.problem, 300)} · gathered {clock(gathered.at)}"
            return line.add(crop(words, width - line.width), ink.warn)
        return line.add(crop(f"  {' · '.join(parts)}", width - line.width), ink.dim)

    def _waiting(self) -> str:
        """Return what stands where there are no numbers yet."""
        numbers = self.numbers
        if numbers.is_busy or not numbers.problem:
            return "Gathering the numbers …"
        return f"{say(numbers.problem, 500)} {first_key('gather', self.day.keymap)} gathers again."

    def pointed(self, column: int, line: int, *, twice: bool) -> None:
        """Choose what was clicked; a double click opens it."""
        if not self.numbers.insights:
            return
        in_list = not self._is_open if not self.is_wide else column < self._list_width
        if in_list:
            index = self._overview().at(line)
            if index is not None:
                self.choose(index)
                self._is_open = self._is_open or twice
                self.show()
            return
        stop = self.insight_page().stop_at(line)
        if stop is not None:
            self._is_open = True
            self._cursors[self._insight_name] = Place(stop, self._here.column)
            self._draw()
            if twice:
                self.open_in_turn(self.action_open_number)

    async def action_open_number(self) -> None:
        """Open the insight; in it, the leads of the line or the number under the cursor."""
        if not self.numbers.insights or self.numbers.gathered is None:
            return
        if not self._is_open:
            self._is_open = True
            self._draw()
            return
        title, lead_ids = self.insight_page().chosen()
        if not lead_ids:
            self.refuse("No lead is behind this.")
            return
        evidence = self.numbers.gathered.evidence
        await self.app.push_screen(InsightLeadsScreen(self.day, title, lead_ids, evidence))

    def action_next_insight(self) -> None:
        """Turn to the next insight; after the last comes the first."""
        self._turn(1)

    def action_previous_insight(self) -> None:
        """Turn to the insight before."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        if self.numbers.insights:
            self.choose((self.index + by) % len(self.numbers.insights))

    def action_choose(self, key: str) -> None:
        """Turn to the insight with this digit; 0 is the tenth."""
        index = (int(key) - 1) % 10
        if index < len(self.numbers.insights):
            self.choose(index)

    def action_next_number(self) -> None:
        """Move to the next number of the line."""
        self._across(1)

    def action_previous_number(self) -> None:
        """Move to the number before; before the first stands the line as a whole."""
        self._across(-1)

    def _across(self, by: int) -> None:
        if not self.numbers.insights:
            return
        self._is_open = True
        stop = self.insight_page().stop
        if stop is None or stop.row is None:
            self._draw()
            return
        count = len(self.numbers.insights[self.index].columns)
        place = self._here
        at = (-1 if place.column is None else place.column) + by
        column = max(-1, min(at, count - 1))
        self._cursors[self._insight_name] = Place(place.stop, None if column < 0 else column)
        self._draw()

    async def action_gather(self) -> None:
        """Send what is unsent, then gather the numbers again."""
        if not self.numbers.is_offline:
            await self.desktop.sync_now()
        self.app.run_worker(self._gather_synced(), group="insights")

    async def _gather_synced(self) -> None:
        if not self.numbers.is_offline:
            await self.desktop.synced()
        await self.numbers.gather()

    async def action_help(self) -> None:
        """Show the keys of this screen."""
        await self.desktop.show_help(self.CONTEXT)

    async def action_palette(self) -> None:
        """Open the command palette."""
        await self.desktop.show_palette(self.CONTEXT)

    def action_quit(self) -> None:
        """Go one step back: from an insight to the list, from the list to where the rep came from."""
        if self._is_open and self.numbers.insights:
            self._is_open = False
            self._draw()
        else:
            super().action_quit()
