"""Looking at the app as a rep does: what lines say, how wide they are, and waiting until something is true."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from msgspec.structs import replace
from rich.cells import cell_len
from textual import events
from textual.keys import key_to_character

from screens import sight
from screens.app import TriageApp
from screens.widgets.bars import Bar
from screens.widgets.lead_list import LeadList
from screens.widgets.line_pane import LinePane
from tests.screens.sample import lead
from tests.screens.stage import StagedSession, app_on, session_with
from triage.domain.lead import LeadId

PATIENCE = 10.0
"""Seconds a condition may take on a busy machine."""


async def until(condition: Callable[[], Any], what: str = "") -> None:
    """Wait until something is true."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, what or "it never came true"
        await asyncio.sleep(0.01)


class Watch:
    """An app that runs, and what can be seen of it."""

    def __init__(self, app: TriageApp, pilot: Any) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def tray(self) -> Any:
        return self.app.day.tray

    @property
    def cursor(self) -> str | None:
        return self.tray.cursor

    async def press(self, *keys: str) -> None:
        """Press keys and wait until the app has done with the last of them."""
        self.ahead(*keys)
        done = asyncio.Event()
        self.app.call_later(done.set)
        await done.wait()

    async def confirm(self) -> None:
        """Press Enter once what it confirms could be read."""
        await asyncio.sleep(sight.TYPED_AHEAD)
        await self.press("enter")

    async def go_to(self, lead_id: str) -> None:
        """Move the cursor to a lead, as keys would."""
        self.app.screen.move(self.tray.shown.index(lead_id) - self.tray.index)
        await self.pilot.pause()

    def ahead(self, *keys: str) -> None:
        """Press keys all at once, faster than anything can be painted."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else key_to_character(key)))

    async def type(self, text: str) -> None:
        await self.press(*text)

    def lines(self) -> list[str]:
        """Every line of the screen in front, as text, widget by widget."""
        return [strip.text for widget in self.widgets() for strip in drawn(widget)]

    def widgets(self) -> list[Any]:
        return [
            widget
            for widget in self.app.screen.walk_children()
            if isinstance(widget, LeadList | LinePane | Bar) and widget.display
        ]

    def text(self) -> str:
        return "\n".join(self.lines())

    def foot(self) -> str:
        return drawn(self.app.screen.foot)[0].text

    def status(self) -> str:
        return drawn(self.app.screen.status)[0].text

    async def sees(self, words: str) -> None:
        """Wait until the screen says something."""
        await until(lambda: words in self.text(), f"{words!r} is not on the screen:\n{self.text()}")


def drawn(widget: Any) -> list[Any]:
    """The strips a widget draws at its present size."""
    return [widget.render_line(y) for y in range(widget.size.height)]


def widest(widget: Any) -> int:
    """The cells of the widest line, measured afresh."""
    return max((cell_len(strip.text) for strip in drawn(widget)), default=0)


@asynccontextmanager
async def running(session: StagedSession, size: tuple[int, int] = (80, 24), **options: Any):
    """Run the app until the block ends."""
    app = app_on(session, clock=session.desk.clock, **options)
    async with app.run_test(size=size) as pilot:
        watch = Watch(app, pilot)
        await until(lambda: app.is_running and app.screen.id != "_default" and app.day.room is not None)
        await pilot.pause()
        yield watch


@dataclass
class Eye:
    """What was painted: which lead stood under the cursor, and since when. Looks at strips only."""

    frames: list[tuple[float, str]] = field(default_factory=list)

    def saw(self, lead_id: str) -> None:
        if not self.frames or self.frames[-1][1] != lead_id:
            self.frames.append((monotonic(), lead_id))

    def at(self, moment: float) -> str:
        """Return which lead was on the screen."""
        return next((lead_id for since, lead_id in reversed(self.frames) if since <= moment), "")


@contextmanager
def named_leads(folder, clock, count: int, *, alike: bool = False) -> Iterator:
    """Open a session whose leads are called by their ids; `alike`: else they are all the same."""
    names = [f"L-{number:04d}" for number in range(1, count + 1)]
    leads = [
        replace(lead(1 if alike else number), lead_id=LeadId(name), name=name)
        for number, name in enumerate(names, 1)
    ]
    with session_with(folder, leads, clock) as session:
        yield session
