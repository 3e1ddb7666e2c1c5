"""The mouse: what stands under it is what its key would do, and it never decides what was not asked."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual import events

from screens.help.screen import HelpScreen
from screens.lead.screen import LeadScreen
from screens.palette.screen import PaletteScreen
from screens.queue.lines import choices
from screens.queue.screen import QueueScreen
from tests.screens.watching import drawn, running, until
from triage.domain.inbox import View
from triage.domain.item import State


def place(widget, words):
    """Return where words stand in a widget, in cells."""
    for y, strip in enumerate(drawn(widget)):
        if words in strip.text:
            return cell_len(strip.text[: strip.text.index(words)]), y
    raise AssertionError(f"{words!r} is not in {[strip.text for strip in drawn(widget)]}")


async def click(watch, widget, words, **how):
    await watch.pilot.click(widget, offset=place(widget, words), **how)


def queue_of(session):
    return session.thread.call(session.desk.queue)


async def test_a_click_on_a_view_shows_it(session):
    async with running(session) as watch:
        await click(watch, watch.app.screen.views, "Working")
        await until(lambda: watch.tray.inbox.view is View.WORKING)


async def test_a_click_on_a_key_of_the_footer_presses_it(session):
    async with running(session) as watch:
        await click(watch, watch.app.screen.foot, "keys")
        await until(lambda: isinstance(watch.app.screen, HelpScreen))


async def test_a_double_click_on_a_key_of_the_footer_decides_one_lead_and_not_the_next_one_too(session):
    async with running(session) as watch:
        lead, foot = watch.cursor, watch.app.screen.foot
        x, y = place(foot, "accept")
        for chain in (1, 2):  # both are there before the first was looked at, as from a terminal
            foot.post_message(events.Click(foot, x, y, 0, 0, 1, False, False, False, chain=chain))
        await until(lambda: queue_of(session))
        await watch.press("j")  # comes behind both clicks
        assert [item.lead_id for item in queue_of(session)] == [lead]


async def test_a_click_on_what_is_unsent_opens_the_queue(session):
    async with running(session) as watch:
        await watch.press("a")
        await click(watch, watch.app.screen.status, "1 unsent")
        await until(lambda: isinstance(watch.app.screen, QueueScreen))


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (160, 48)])
async def test_a_click_on_a_reason_is_its_digit(session, size):
    async with running(session, size=size) as watch:
        lead = watch.cursor
        await watch.press("r")
        await click(watch, watch.app.screen.pane, "8 student")
        await until(lambda: queue_of(session))
        (item,) = queue_of(session)
        assert (item.lead_id, item.decision.reason) == (lead, "NOT_A_BUYER")


async def test_a_click_beside_the_reasons_and_on_the_list_decides_and_moves_nothing(session):
    async with running(session) as watch:
        lead = watch.cursor
        await watch.press("r")
        await watch.pilot.click("#list", offset=(20, 2))
        await watch.pilot.click("#list", offset=(20, 2), times=2)
        await watch.pilot.click(watch.app.screen.views, offset=(30, 0))
        await watch.pilot.click(watch.app.screen.pane, offset=(1, 0))
        await watch.pilot.pause()
        assert watch.cursor == lead
        assert watch.tray.inbox.view is View.INBOX
        assert watch.app.day.asking.question is not None
        assert queue_of(session) == ()


async def test_a_click_on_leaves_leaves(session):
    async with running(session) as watch:
        await watch.press("r")
        await click(watch, watch.app.screen.pane, "Esc leaves")
        await until(lambda: watch.app.day.asking.question is None)
        assert queue_of(session) == ()


async def test_a_click_on_confirms_confirms(session):
    async with running(session) as watch:
        await watch.press("asterisk", "a")
        assert "Enter confirms" in watch.text()
        await click(watch, watch.app.screen.pane, "Enter confirms")
        await until(lambda: len(queue_of(session)) > 20)


async def test_the_wheel_moves_in_list_and_brief(session):
    async with running(session) as watch:
        await watch.pilot._post_mouse_events([_down()], "#list", offset=(5, 2))
        await until(lambda: watch.tray.index == 3)
        await watch.pilot._post_mouse_events([_down()], "#brief", offset=(5, 2))
        await until(lambda: watch.tray.index == 6)


def _down():
    from textual.events import MouseScrollDown

    return MouseScrollDown


async def test_clicks_move_in_the_lead_and_the_wheel_scrolls_it(session):
    async with running(session) as watch:
        await watch.press("enter")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        screen = watch.app.screen
        await watch.pilot.click(screen.pane, offset=(10, 5))
        await until(lambda: drawn(screen.pane)[5].text.startswith("▌"))
        await watch.pilot._post_mouse_events([_down()], screen.pane, offset=(10, 5))
        await until(lambda: any(strip.text.startswith("▌") for strip in drawn(screen.pane)[6:]))


async def test_clicks_choose_an_item_of_the_queue_and_then_its_way_out(session):
    async with running(session) as watch:
        await watch.press("a", "a", "Q")
        await until(lambda: isinstance(watch.app.screen, QueueScreen))
        screen = watch.app.screen
        assert screen.queue.index == 0
        other = watch.app.screen.told(screen.queue.items[1]).name
        await click(watch, screen.pane, other)
        await until(lambda: screen.queue.index == 1)
        kept = screen.queue.items[0].id
        await watch.pilot.pause(0.3)  # what decides has to have stood on the screen
        said = choices(screen.told(screen.item))
        column, line = place(screen.pane, said)
        await watch.pilot.click(screen.pane, offset=(column + said.index("3 "), line))
        await until(lambda: [item.id for item in queue_of(session) if item.state is State.QUEUED] == [kept])


async def test_a_click_in_the_palette_does_what_stands_there(session):
    async with running(session) as watch:
        await watch.press("ctrl+p")
        assert isinstance(watch.app.screen, PaletteScreen)
        await watch.press(*"view: work")
        await click(watch, watch.app.screen.pane, "View: Working")
        await until(lambda: watch.tray.inbox.view is View.WORKING)


async def test_the_wheel_scrolls_help(session):
    async with running(session) as watch:
        await watch.press("question_mark")
        before = watch.text()
        await watch.pilot._post_mouse_events([_down()], watch.app.screen.pane, offset=(5, 5))
        await until(lambda: watch.text() != before)


async def test_a_second_click_opens_the_lead_and_keeps_a_filter_that_was_being_typed(session):
    async with running(session) as watch:
        await watch.press("slash", *"kest")
        await watch.pilot.click("#list", offset=(20, 1), times=2)
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        assert watch.tray.inbox.query.text == "kest"
        assert watch.tray.index == 1
