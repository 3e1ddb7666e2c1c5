from __future__ import annotations

import pytest

from screens.inbox.sorting import by_column
from screens.inbox.table import heading_places
from tests.screens.watching import running
from triage.domain.orders import BY_ID, URGENCY


def scores(watch):
    entries = watch.tray.inbox.entries
    return [entries[one].outline.score.score for one in watch.tray.shown]


async def test_s_offers_the_orders_with_the_present_one_marked(session):
    async with running(session) as watch:
        await watch.press("s")
        said = watch.text()
        assert "━ Sort by" in said
        assert "0 risk, band, age ◂ now" in said
        assert "3 score" in said
        await watch.press("escape")
        assert watch.tray.order is URGENCY


async def test_the_same_again_turns_the_order_round_and_0_is_the_views_own(session):
    async with running(session) as watch:
        own = watch.tray.shown
        await watch.press("s", "3")
        falling = scores(watch)
        await watch.press("s", "3")
        assert scores(watch) == sorted(falling)
        assert "lowest score first" in watch.foot()
        await watch.press("s", "0")
        assert watch.tray.shown == own


async def test_the_cursor_stays_on_its_lead_and_the_marks_too(session):
    async with running(session) as watch:
        await watch.press("j", "space", "j")
        here, marks = watch.cursor, watch.tray.inbox.marks
        await watch.press("s", "6")
        assert (watch.cursor, watch.tray.inbox.marks) == (here, marks)


async def test_a_sorted_list_stays_sorted_when_a_lead_is_decided_and_undone(session):
    async with running(session) as watch:
        await watch.press("s", "3", "a", "j", "a", "u")
        assert scores(watch) == sorted(scores(watch), reverse=True)
        assert len(watch.tray.shown) == 29


async def test_a_click_on_a_heading_sorts_by_its_column_and_a_second_one_turns_it(session):
    async with running(session, (160, 48)) as watch:
        watch.app.day.decided_before = True
        watch.app.screen.show()
        for start, _end, column in heading_places(watch.app.screen.list.extent.width):
            for _time in range(2):
                expected = by_column(column, watch.tray.order)
                await watch.pilot.click(watch.app.screen.heading, offset=(start, 0))
                await watch.pilot.pause()
                assert watch.tray.order == expected, column
        assert (
            "▲" in watch.app.screen.heading.render_line(0).text
            or "▼" in watch.app.screen.heading.render_line(0).text
        )


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_every_column_that_is_shown_can_be_sorted_by(width):
    assert all(column in BY_ID for _start, _end, column in heading_places(width))
