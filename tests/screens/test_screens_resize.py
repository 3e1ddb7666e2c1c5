"""Sizes: a window too small says so with its size, and coming back loses nothing."""

from __future__ import annotations

import pytest

from screens.foot import too_small_lines
from screens.help.screen import HelpScreen
from screens.inbox.arrangement import SMALLEST
from screens.ink import Inks
from screens.lead.screen import LeadScreen
from screens.palette.screen import PaletteScreen
from screens.themes import DARK
from tests.screens.watching import running, until, widest

SIZES = [(20, 5), (200, 60), (59, 40), (200, 15), (60, 16), (120, 16), (1, 1), (160, 48), (20, 5)]


async def through(watch, sizes=SIZES, back=(80, 24)):
    """Take the window through sizes and back."""
    for size in [*sizes, back]:
        await watch.pilot.resize_terminal(*size)
        await until(lambda size=size: tuple(watch.app.size) == size)
        await watch.pilot.pause()
        for widget in watch.widgets():
            assert widest(widget) <= max(size[0], 1), (size, widget)


@pytest.mark.parametrize("size", [(59, 16), (60, 15), (20, 5), (200, 3), (12, 40), (1, 1)])
def test_what_is_too_small_says_its_size_and_the_one_needed_and_stays_inside(size):
    lines = too_small_lines(*size, Inks.of(DARK).plain)
    assert len(lines) <= max(size[1], 1)
    assert all(line.width <= size[0] for line in lines)
    if size[0] >= 12 and size[1] >= 5:
        said = " ".join(line.text.strip() for line in lines)
        assert f"{size[0]}×{size[1]}" in said
        assert f"{SMALLEST[0]}×{SMALLEST[1]}" in said


async def test_the_whole_window_is_the_sentence(session):
    async with running(session) as watch:
        await watch.pilot.resize_terminal(40, 10)
        await watch.sees("it is 40×10")
        only = watch.app.screen.query_one("#too-small")
        await until(lambda: tuple(only.size) == (40, 10))
        assert set(watch.app.screen._compositor.visible_widgets) == {watch.app.screen, only}


async def test_cursor_marks_and_filter_come_back_as_they_were(session):
    async with running(session) as watch:
        await watch.press("slash", *"o", "enter", "j", "space", "space", "j", "j")
        before = (watch.cursor, watch.tray.inbox.marks, watch.tray.inbox.query.text, watch.text())
        await through(watch)
        assert (watch.cursor, watch.tray.inbox.marks, watch.tray.inbox.query.text, watch.text()) == before


async def test_the_list_is_scrolled_as_before_after_a_window_too_small(session):
    async with running(session) as watch:
        await watch.press(*["j"] * 20, *["k"] * 4)
        before = watch.text()
        await through(watch, [(20, 5), (59, 15), (1, 1)])
        assert watch.text() == before


@pytest.mark.parametrize("way", [(), ("enter",)], ids=["inbox", "lead"])
async def test_an_open_choice_stays_open_in_sight_and_decides_its_own_lead(session, way):
    async with running(session) as watch:
        if way:
            await watch.press(*way)
            await until(lambda: isinstance(watch.app.screen, LeadScreen))
        lead = watch.cursor
        await watch.press("r")
        before = watch.text()
        assert watch.app.day.asking.question is not None
        await through(watch)
        assert watch.text() == before
        await watch.press("8")
        (item,) = session.thread.call(session.desk.queue)
        assert (item.lead_id, item.decision.reason) == (lead, "NOT_A_BUYER")


async def test_a_text_half_typed_is_still_there(session):
    async with running(session) as watch:
        await watch.press("n", *"half a word")
        await through(watch)
        assert "half a word" in watch.text()
        await watch.press(*"!", "enter")
        (item,) = session.thread.call(session.desk.queue)
        assert "half a word!" in str(item.feedback)


async def test_a_filter_half_typed_is_still_there(session):
    async with running(session) as watch:
        await watch.press("slash", *"kes")
        await through(watch)
        assert "kes" in watch.foot()
        await watch.press("t", "enter")
        assert watch.tray.inbox.query.text == "kest"


async def test_the_palette_keeps_its_text_and_its_line(session):
    async with running(session) as watch:
        await watch.press("ctrl+p", *"theme", "down", "down")
        before = watch.text()
        await through(watch)
        assert isinstance(watch.app.screen, PaletteScreen)
        assert watch.text() == before


async def test_help_is_scrolled_as_before(session):
    async with running(session) as watch:
        await watch.press("question_mark", "pagedown", "down")
        before = watch.text()
        await through(watch)
        assert isinstance(watch.app.screen, HelpScreen)
        assert watch.text() == before


async def test_keys_typed_in_a_window_too_small_do_nothing_to_an_open_text(session):
    async with running(session) as watch:
        await watch.press("n", *"word")
        await watch.pilot.resize_terminal(20, 5)
        await watch.sees("20×5")
        await watch.press(*"unseen", "enter")
        await watch.pilot.resize_terminal(80, 24)
        await watch.sees("word")
        assert "unseen" not in watch.text()
        assert session.thread.call(session.desk.queue) == ()
