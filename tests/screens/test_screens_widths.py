"""At every width from 60 to 240 cells: the foot keeps the ways on, the status what is unsent, a heading its number."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.actions import CONTEXTS, footer
from screens.foot import Connection, keys_line, said_line, status_line
from screens.ink import Inks
from screens.replies import reading
from screens.themes import DARK
from tests.screens.sample import NOW
from tests.screens.test_screens_pictures import meet_conflict, refuse
from tests.screens.test_screens_replies import give, reply
from tests.screens.watching import Watch, drawn, running, until
from triage.desk.results import Status
from triage.domain.item import State

WIDTHS = range(60, 241)
INK = Inks.of(DARK).raised
KEPT = frozenset({"help", "undo", "quit"})
"""What no width takes out of a foot that has it."""


@pytest.mark.parametrize("context", CONTEXTS)
def test_no_foot_loses_undo_help_or_the_way_out(context):
    wanted = KEPT & {action.id for action in footer(context)}
    for width in WIDTHS:
        line, places = keys_line(context, {}, width, INK)
        assert line.width <= width
        assert wanted <= {action.id for *_place, action in places}, (width, line.text)
        for start, end, action in places:
            assert line.text[start:end].endswith(f" {action.label}"), (width, line.text)


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(WIDTHS[3:]), st.text(st.characters(codec="utf-8", categories=["L", "Zs"]), max_size=300)
)
def test_a_message_gives_way_and_never_the_key_that_takes_it_back(width, text):
    tail = "W lists them · D disputes the definition · u undoes"  # the longest there is: it needs 63 cells
    line = said_line(text, tail, width, INK)
    assert line.width <= width
    assert line.text.endswith(f" · {tail}")


def test_no_status_line_loses_what_is_unsent_or_needs_the_rep():
    counts = {State.QUEUED: 12_000, State.UNKNOWN: 345, State.CONFLICT: 1_234}
    trouble = "The disk is almost full. " * 3
    status = Status(counts, False, NOW, NOW, "", None, (trouble,), unread=999, access="sign-in ends soon")
    down = Connection(down_since=NOW, reason="The CRM cannot be reached. Check the network or the VPN.")
    syncing = Connection(syncing="fetching leads 12,300 of 50,000")
    for width in WIDTHS:
        for connection in (down, syncing, Connection()):
            line = status_line(status, connection, profile="work" * 20, now=NOW, width=width, ink=INK)
            assert line.width <= width
            for words in ("‼ 1,234 need you: Q", "12,345 unsent", "R 999"):
                assert words in line.text, (width, line.text)


SCREENS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "inbox": ((), "[Inbox 27]"),
    "lead": (("enter",), ""),
    "queue": (("Q",), "2 need you · 1 unsent"),
    "history": (("H",), "3 leads in 0:00 · 1 rejected · 1 accepted"),
    "replies": (("R",), "2 replies from marketing · 2 unread"),
    "rules": (("v",), "What changed"),
    "insights": (("I",), "Insights"),
}
"""Keys, and what the first line keeps."""


async def reached(watch: Watch, name: str) -> None:
    """Go to a screen."""
    keys, _kept = SCREENS[name]
    await watch.press(*keys)
    await watch.pilot.pause()
    if name == "replies":
        await watch.sees("2 unread")


async def look_at(watch: Watch, width: int, kept: str) -> None:
    """Look at one screen at one width."""
    await watch.pilot.resize_terminal(width, 24)
    app = watch.app
    where = f"{app.screen.where}, {width} cells:\n{watch.text()}"
    for bar in (app.screen.foot, app.screen.status):
        assert {cell_len(strip.text) for strip in drawn(bar)} == {width}, where
    for action in footer(app.screen.CONTEXT):
        if action.id in KEPT:
            assert f" {action.label}" in watch.foot(), where
    assert "‼ 2 need you: Q · 1 unsent" in watch.status(), where
    assert kept in watch.lines()[0], where


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", SCREENS)
async def test_no_screen_loses_it_while_the_window_changes(session, monkeypatch, name):
    monkeypatch.setattr(reading, "READ_AFTER", 60.0)
    give(session, reply(1), reply(2))
    async with running(session, (80, 24)) as watch:
        await until(watch.app.bridge.idle.is_set)
        await watch.press("r", "8")
        refuse(session)
        await watch.press("j", "a")
        meet_conflict(session)
        await watch.press("y", "3")
        await watch.app.news.refresh_status()
        watch.app.screen.unsay()
        await reached(watch, name)
        for width in WIDTHS[:: 9 if name != "inbox" else 5]:
            await look_at(watch, width, SCREENS[name][1])
