"""What a key paints: at once, in one frame, only the lines that differ, and nothing else than a full repaint shows."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pyte
import pytest
from rich.console import Console
from textual._compositor import CompositorUpdate, LayoutUpdate
from textual.widgets import Static

from screens.inbox.screen import InboxScreen
from screens.lead.screen import LeadScreen
from screens.widgets import lead_list
from screens.widgets.at_once import ReadyLines
from screens.widgets.brief import KEPT
from screens.widgets.drawn import Drawn
from tests.screens.sample import lead
from tests.screens.stage import session_with
from tests.screens.watching import Watch, running, until
from triage.desk import deciding

RUNS, LONG_RUNS = 60, 3_000
KEYS = (
    "j",
    "j",
    "j",
    "k",
    "space",
    "pagedown",
    "pageup",
    "G",
    "a",
    "r",
    "8",
    "escape",
    "V",
    "s",
    "enter",
    "u",
    "w",
)
SIZES = ((80, 24), (60, 16), (120, 36), (160, 48))


class Glass:
    """The terminal as the rep sees it, fed with every update the app sends."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.frames: list[CompositorUpdate] = []
        self._console = Console(color_system="truecolor", force_terminal=True, legacy_windows=False)
        self._fit()
        really_display = watch.app._display

        def display(screen: Any, drawn: Any) -> None:
            if drawn is not None and screen is watch.app.screen:
                self.frames.append(drawn)
                self._take(drawn)
            really_display(screen, drawn)

        watch.app._display = display

    def _fit(self) -> None:
        self._screen = pyte.Screen(*self.watch.app.size)
        self._stream = pyte.Stream(self._screen)

    def _take(self, update: CompositorUpdate) -> None:
        if (self._screen.columns, self._screen.lines) != tuple(self.watch.app.size):
            self._fit()
        self._stream.feed(sent(update, self._console).replace("\n", "\r\n"))

    @property
    def shown(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def due(self) -> list[str]:
        """What a full repaint would show."""
        strips = self.watch.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    async def settle(self) -> None:
        for _ in range(3):
            await self.watch.pilot.pause()


def sent(update: CompositorUpdate, console: Console | None = None) -> str:
    return update.render_segments(console or Console(color_system="truecolor", force_terminal=True))


@asynccontextmanager
async def watched(folder, clock, count: int = 200, size=(160, 48)) -> AsyncIterator[tuple[Watch, Glass]]:
    with session_with(folder, [lead(number) for number in range(count)], clock) as session:
        async with running(session, size=size) as watch:
            await until(watch.app.bridge.idle.is_set)
            await watch.pilot.pause()
            glass = Glass(watch)
            watch.app.screen.refresh(layout=True)
            await glass.settle()
            glass.frames.clear()
            yield watch, glass


async def walk(folder, clock, seed: int, runs: int) -> None:
    """Press keys at random, now and then several at once, and look at the glass after each."""
    chance = random.Random(seed)
    async with watched(folder, clock, 400) as (watch, glass):
        for run in range(runs):
            if chance.random() < 0.08:
                await watch.pilot.resize_terminal(*chance.choice(SIZES))
            await watch.press(*chance.choices(KEYS, k=chance.choice((1, 1, 1, 4))))
            await glass.settle()
            if isinstance(watch.app.screen, InboxScreen | LeadScreen):
                assert glass.shown == glass.due, f"seed {seed}, run {run}"
            else:
                await watch.press("escape")
        assert any(isinstance(frame, ReadyLines) for frame in glass.frames)


async def test_the_terminal_shows_what_a_full_repaint_would(tmp_path, clock):
    await walk(tmp_path, clock, 5, RUNS)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
async def test_the_terminal_shows_what_a_full_repaint_would_for_long(tmp_path, clock, seed):
    await walk(tmp_path, clock, seed, LONG_RUNS)


async def test_a_line_that_was_forgotten_would_be_noticed(tmp_path, clock, monkeypatch):
    whole = Drawn.take_lines
    monkeypatch.setattr(Drawn, "take_lines", lambda self: whole(self)[1:])
    with pytest.raises(AssertionError):
        await walk(tmp_path, clock, 5, RUNS)


@pytest.mark.parametrize("keys", [["j"], ["pagedown"], ["a"], ["space"], ["r"]])
async def test_a_key_sends_its_lines_before_the_next_turn_of_the_toolkit(tmp_path, clock, keys):
    async with watched(tmp_path, clock) as (watch, glass):
        await watch.press(*keys)
        assert [type(frame) for frame in glass.frames[:1]] == [ReadyLines]


async def test_only_lines_that_differ_are_sent(tmp_path, clock):
    async with watched(tmp_path, clock) as (watch, glass):
        before = glass.due
        await watch.press("j")
        after = glass.due
        (frame,) = glass.frames
        differ = {y for y, (one, other) in enumerate(zip(before, after, strict=True)) if one != other}
        assert {y for _x, y, _strip in frame.lines} <= differ
        on_list = [y for x, y, _strip in frame.lines if x == 0]
        assert len(on_list) == 2


async def test_a_step_costs_a_small_part_of_a_full_repaint_and_a_scroll_less_than_one(tmp_path, clock):
    async with watched(tmp_path, clock) as (watch, glass):
        full = len(sent(watch.app.screen._compositor.render_full_update()))
        await watch.press("j")
        step = len(sent(glass.frames.pop()))
        await watch.press(*("j" * 60))
        await glass.settle()
        glass.frames.clear()
        await watch.press("j")
        scroll = len(sent(glass.frames.pop()))
        assert step < full / 3
        assert scroll < full


async def test_keys_that_wait_are_painted_together(tmp_path, clock):
    async with watched(tmp_path, clock) as (watch, glass):
        await watch.press(*("j" * 12))
        await glass.settle()
        assert watch.tray.index == 12
        assert len(glass.frames) < 12
        assert glass.shown == glass.due


async def test_under_the_palette_nothing_of_ours_is_painted_over_it(tmp_path, clock):
    async with watched(tmp_path, clock) as (watch, glass):
        inbox = watch.app.screen
        await watch.press("ctrl+p")
        await until(lambda: watch.app.screen is not inbox)
        await glass.settle()
        glass.frames.clear()
        inbox.list.refresh()
        inbox.paint()
        assert not any(isinstance(frame, ReadyLines) for frame in glass.frames)


async def test_with_another_widget_on_the_screen_the_toolkit_paints(tmp_path, clock):
    async with watched(tmp_path, clock) as (watch, glass):
        over = Static("over", id="over")
        over.styles.overlay, over.styles.position, over.styles.offset = "screen", "absolute", (10, 10)
        over.styles.width = over.styles.height = "auto"
        await watch.app.screen.mount(over)
        await glass.settle()
        assert "over" in glass.shown[10]
        glass.frames.clear()
        await watch.press("j")
        await glass.settle()
        assert glass.frames
        assert not any(isinstance(frame, ReadyLines) for frame in glass.frames)
        assert glass.shown == glass.due


async def test_what_has_to_be_placed_anew_is_left_to_the_toolkit(tmp_path, clock):
    async with watched(tmp_path, clock) as (watch, glass):
        watch.app.screen.refresh(layout=True)
        watch.app.screen.list.refresh()
        watch.app.screen.paint()
        assert glass.frames == []
        await glass.settle()
        assert any(isinstance(frame, LayoutUpdate) for frame in glass.frames)


async def test_a_page_finds_its_rows_and_its_brief_ready(tmp_path, clock, monkeypatch):
    async with watched(tmp_path, clock) as (watch, _glass):
        shown = watch.app.screen.list
        await until(lambda: not shown.prepare())
        await watch.pilot.pause()
        made = []
        monkeypatch.setattr(lead_list, "row", counting(lead_list.row, made))
        await watch.press("pagedown")
        await asyncio.sleep(0)
        first_lines = [entry.lead_id for entry, *_rest in made[:3]]
        assert len([one for one in made if one[0].lead_id in watch.tray.shown[: 2 * shown.room - 2]]) <= 3, (
            first_lines
        )


async def test_an_accept_finds_the_lead_that_was_read_weighed_already(tmp_path, clock, monkeypatch):
    weighed = []
    monkeypatch.setattr(deciding, "weigh", counting(deciding.weigh, weighed))
    async with watched(tmp_path, clock) as (watch, _glass):
        for _ in range(3):
            read = watch.tray.cursor
            await until(lambda read=read: any(lead_ids == (read,) for _, lead_ids, *_ in weighed))
            weighed.clear()
            await watch.press("a")
            await until(lambda read=read: watch.tray.cursor != read)
            assert (read,) not in [lead_ids for _, lead_ids, *_ in weighed]


async def test_nothing_is_weighed_ahead_under_a_question(tmp_path, clock, monkeypatch):
    weighed = []
    async with watched(tmp_path, clock) as (watch, _glass):
        monkeypatch.setattr(deciding, "weigh", counting(deciding.weigh, weighed))
        await watch.press("j")
        await watch.press("r")
        assert watch.app.day.asking.question is not None
        weighed.clear()
        watch.app.screen.ahead._weighed = None
        watch.app.screen.ahead.prepare()
        await until(lambda: not watch.app.screen.list.prepare())
        watch.app.screen.ahead.prepare()
        await watch.app.day.session.call(len, "")  # behind whatever was asked of the store's thread
        assert weighed == []


def counting(really, made):
    """Note what a function is called with."""

    def call(*args, **kwargs):
        made.append(args)
        return really(*args, **kwargs)

    return call


async def test_what_is_kept_ready_is_bounded_however_far_the_rep_goes(tmp_path, clock):
    async with watched(tmp_path, clock, 900) as (watch, _glass):
        for _ in range(24):
            await watch.press("pagedown")
            await watch.pilot.pause()
        screen = watch.app.screen
        assert len(screen.list._strips) <= lead_list.KEPT_ROWS
        assert len(screen.brief._kept) <= KEPT


async def test_another_size_forgets_what_was_kept_for_this_one(tmp_path, clock):
    async with watched(tmp_path, clock) as (watch, glass):
        await watch.press("j", "space")
        await watch.pilot.resize_terminal(100, 30)
        await glass.settle()
        screen = watch.app.screen
        assert {strip.cell_length for _entry, strip in screen.list._strips.values()} == {100}
        assert {strip.cell_length for _glance, strips in screen.brief._kept.values() for strip in strips} == {
            100
        }
        assert glass.shown == glass.due


async def test_news_repaint_the_row_that_changed_and_keep_cursor_and_marks(tmp_path, clock):
    async with watched(tmp_path, clock) as (watch, glass):
        await watch.press("j", "space", "j")
        here, marked = watch.cursor, watch.tray.inbox.marks
        await watch.app.news.leads_changed(None)
        await glass.settle()
        assert (watch.cursor, watch.tray.inbox.marks) == (here, marked)
        signs = [line[:2] for line in glass.shown[2:-2]]
        assert [sign for sign in signs if sign.strip()] == [" ●", "▌ "]
        assert glass.shown == glass.due
