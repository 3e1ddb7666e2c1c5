from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens.habits import Habits
from screens.inbox.tabs import tabs_line
from screens.ink import Inks
from screens.themes import DARK
from tests.screens.watching import running
from triage.domain.orders import COLUMNS, ORDER_RULE, URGENCY
from triage.domain.query import parse
from triage.domain.views import STANDARD_VIEWS, View, own_view

OWN = tuple(own_view(f"Mine {number}", parse("source:webinar"), View.INBOX) for number in range(9))
ALL = (*STANDARD_VIEWS, *OWN)
INK = Inks.of(DARK).raised


def drawn(here=View.INBOX, width=80, views=STANDARD_VIEWS, counts=None, order=URGENCY):
    counts = counts if counts is not None else dict.fromkeys(views, 7)
    line, places = tabs_line(views, counts, here=here, order=order, width=width, ink=INK)
    return line, places


@given(
    st.sampled_from(ALL), st.integers(60, 200), st.integers(6, len(ALL)), st.integers(0, 50_000), st.sampled_from(COLUMNS)
)  # fmt: skip
def test_the_present_view_and_its_count_are_always_seen_and_never_wider_than_the_window(
    here, width, many, count, order
):
    views = ALL[:many] if here in ALL[:many] else (*ALL[: many - 1], here)
    line, places = drawn(here, width, views, dict.fromkeys(views, count), order)
    assert line.width <= width
    shown = line.text
    assert f" {count}]" in shown if count else "[" in shown
    assert [view for _start, _end, view in places] == [
        view for view in views if view in {one for *_, one in places}
    ]
    for start, end, view in places:
        assert (shown[start] == "[") == (view is here)
        assert end <= width


@given(st.sampled_from(ALL), st.integers(60, 100))
def test_more_views_than_fit_are_pointed_at(here, width):
    line, places = drawn(here, width, ALL)
    views = [view for *_, view in places]
    assert line.text.startswith("‹") == (views[0] is not ALL[0])
    assert ("›" in line.text) == (views[-1] is not ALL[-1])


def test_the_rule_of_the_order_stands_over_the_list():
    assert drawn(width=200)[0].text.rstrip().endswith(ORDER_RULE)
    assert drawn(width=80)[0].text.rstrip().endswith("risk, band, age")


def test_a_view_without_leads_is_pale_and_says_no_number_where_room_is_short():
    line, _places = drawn(counts={View.INBOX: 120, View.SNOOZED: 3})
    styles = {segment.text.strip(): segment.style for segment in line.segments}
    assert styles["Working"] == INK.faint
    assert styles["Snoozed 3"] == INK.text


def test_a_view_of_ones_own_cannot_break_the_line():
    hostile = own_view("\x1b[31m" + "名" * 60, parse(""), View.INBOX)
    line, _places = drawn(hostile, 60, (*STANDARD_VIEWS, hostile))
    assert line.width <= 60
    assert line.text.isprintable()


# On the screen.


async def test_own_views_are_tabs_with_counts_and_reached_with_tab(session):
    webinars = own_view("Webinars", parse("source:webinar"), View.INBOX)
    async with running(session, (120, 30), habits=Habits(views=(webinars,))) as watch:
        held = [one for one in watch.tray.inbox.entries.values() if one.outline.source == "webinar"]
        assert f"Webinars {len(held)}" in watch.text()
        await watch.press("shift+tab")
        assert watch.tray.inbox.view is webinars
        assert set(watch.tray.shown) == {one.lead_id for one in held}
        await watch.press("a")
        assert f"[Webinars {len(held) - 1}]" in watch.text()


async def test_a_click_on_a_tab_shows_its_view(session):
    async with running(session, (120, 30)) as watch:
        bar = watch.app.screen.views
        start = bar.render_line(0).text.index("Breaching")
        await watch.pilot.click(bar, offset=(start, 0))
        await watch.pilot.pause()
        assert watch.tray.inbox.view is View.BREACHING


@pytest.mark.parametrize("minutes", [3, 45])
async def test_time_alone_moves_a_lead_to_breaching_and_the_cursor_stays_on_its_lead(session, clock, minutes):
    async with running(session) as watch:
        before = watch.tray.counts[View.BREACHING]
        await watch.go_to("L-0003")
        await watch.press("space", "k")
        here = watch.cursor
        clock.forward(hours=30, minutes=minutes)
        watch.app.day.recount()
        watch.app.screen.show()
        assert watch.tray.counts[View.BREACHING] > before
        assert watch.cursor == here
        assert watch.tray.inbox.marks == {"L-0003"}
