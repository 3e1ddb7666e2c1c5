"""The numbers in the terminal: gathered beside the keys, read at any size, opened down to a lead."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from textual import events

from screens.insights import numbers as numbers_module
from screens.insights.numbers import beside
from screens.insights.parts import NOTHING
from screens.review.app import ReviewApp
from tests.fakes import FakeCrm
from tests.insights.world import came_to, decided
from tests.screens.invented_insights import ALL, LEADS, SOURCES, filled
from tests.screens.sample import HOSTILE, NOW
from tests.screens.stage import StagedSession
from tests.screens.watching import Watch, running, until
from triage.domain.act import Act
from triage.insights.catalogue import NAMES
from triage.insights.figure import Column, Figure, Finding, Insight, Row, Unit, words

ROOT = Path(__file__).parents[2]
SIZES = ((60, 16), (80, 24), (120, 36), (160, 48))
DAY = timedelta(days=1)
UNSTEADY = "\U0001f1e9\U0001f1ea wave \U0001f44b\U0001f3fd"
"""A flag and a skin tone: terminals disagree about their width."""
LISTED = (("webinar", LEADS[0]), ("event", LEADS[1]), ("event", LEADS[2]))


@asynccontextmanager
async def opened(
    session: StagedSession, size: tuple[int, int] = (80, 24), theme: str = "", **crm: object
) -> AsyncIterator[tuple[Watch, FakeCrm]]:
    """Run the app with the insights in front, and wait until they have been gathered."""
    office = FakeCrm(session.desk.clock, **crm)
    session.connect = office.connect  # type: ignore[attr-defined]
    async with running(session, size, theme=theme) as watch:
        await watch.press("I")
        await until(lambda: hasattr(watch.app.screen, "numbers"))
        await until(lambda: not watch.app.screen.numbers.is_busy and _has_tried(watch))
        await watch.pilot.pause()
        yield watch, office


def _has_tried(watch: Watch) -> bool:
    numbers = watch.app.screen.numbers
    return numbers.gathered is not None or bool(numbers.problem)


@asynccontextmanager
async def shown(
    session: StagedSession,
    size: tuple[int, int] = (80, 24),
    insights: tuple[Insight, ...] = ALL,
    theme: str = "",
) -> AsyncIterator[Watch]:
    """Run the app with invented insights in front."""
    async with opened(session, size, theme) as (watch, _):
        events_ = [
            decided(Act.ACCEPT, lead_id=lead, source=source, decided_at=NOW - DAY) for source, lead in LISTED
        ]
        filled(watch.app.screen.numbers, insights, *events_)
        await watch.pilot.pause()
        yield watch


def lines_of(watch: Watch) -> list[str]:
    strips = watch.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


async def test_the_numbers_of_the_team_are_gathered_from_the_crm_and_dated(session):
    some = tuple(decided(Act.ACCEPT, lead_id=LEADS[at], decided_at=NOW - DAY) for at in range(12))
    async with opened(session, reviewed_decisions=some) as (watch, crm):
        assert len(watch.app.screen.numbers.insights) == len(NAMES)
        assert "the team's numbers · 25 Aug – 17 Nov 2026 · gathered" in watch.text()
        await watch.press("2", "enter")
        assert "100%" in watch.text()
        assert crm.closed == 1


async def test_the_event_loop_never_reads_nor_counts_the_numbers(session):
    seen: list[str] = []

    class Slow(FakeCrm):
        async def connect(self) -> FakeCrm:
            seen.append(threading.current_thread().name)
            return self

    session.connect = Slow(session.desk.clock).connect
    async with running(session) as watch:
        await watch.press("I")
        await until(lambda: bool(watch.app.screen.numbers.insights))
    assert seen == ["insights"]


async def test_gathering_is_given_up_where_it_is_asked_for_no_more():
    ended = threading.Event()

    async def never() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    waiting = asyncio.ensure_future(beside(never))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await asyncio.to_thread(ended.wait, 20)


async def test_offline_nobody_is_asked_and_it_is_said_what_to_do(session):
    session.thread.call(session.desk.set_offline, True)
    asked: list[int] = []

    async def connect() -> FakeCrm:
        asked.append(1)
        raise AssertionError

    session.connect = connect
    async with running(session) as watch:
        await watch.press("I")
        await watch.sees("You work offline: go online in the palette, then gather again.")
        assert "then gather again. S gathers again." in " ".join(watch.text().split())
    assert asked == []


async def test_a_crm_that_cannot_be_reached_is_said_with_the_key_that_tries_again(session):
    async with opened(session, down=True) as (watch, crm):
        await watch.sees("connection refused S gathers again.")
        assert watch.app.screen.numbers.gathered is None
        crm.down = False
        await watch.press("S")
        await watch.sees("gathered")
        await watch.sees("Shared targets")


async def test_the_last_numbers_stay_with_their_time_when_the_crm_is_gone(session, clock):
    async with opened(session) as (watch, crm):
        crm.down = True
        clock.forward(hours=3)
        await watch.press("S")
        await watch.sees("not renewed: connection")
        assert "gathered " in watch.text()
        assert len(watch.app.screen.numbers.insights) == len(NAMES)


async def test_the_numbers_are_kept_for_the_session(session):
    async with opened(session) as (watch, crm):
        await watch.press("q")
        await watch.press("I")
        await watch.pilot.pause()
        assert len(watch.app.screen.numbers.insights) == len(NAMES)
        assert crm.closed == 1
        await watch.press("S")
        await until(lambda: crm.closed == 2)


async def test_an_insight_that_cannot_be_counted_hides_no_other(session, monkeypatch):
    counted = numbers_module.catalogue.insight

    def insight(name, evidence):
        if name == "weeks":
            raise ZeroDivisionError
        return counted(name, evidence)

    monkeypatch.setattr(numbers_module.catalogue, "insight", insight)
    async with opened(session) as (watch, _):
        assert [one.name for one in watch.app.screen.numbers.insights] == list(NAMES)
        await watch.press("4", "enter")
        assert "This could not be counted (ZeroDivisionError)" in watch.text()


@pytest.mark.parametrize("size", SIZES)
async def test_formula_finding_and_rows_of_an_insight_are_in_sight_at_any_size(session, size):
    async with shown(session, size) as watch:
        await watch.press("enter")
        text = watch.text()
        assert "Acceptance by source" in text
        assert "webinar: 34% accepted, below the others" in text
        assert "Formula: acceptance = accepted / decided" in text
        assert all(row.label in text for row in SOURCES.rows)
        assert {cell_len(line) for line in lines_of(watch)} == {size[0]}
        await watch.press("G")
        page = " ".join(" ".join(line.text for line in watch.app.screen.insight_page().lines()).split())
        assert "a lead that came back" in page.replace("▌ ", "")


async def test_tab_and_digits_turn_from_insight_to_insight(session):
    async with shown(session) as watch:
        await watch.press("tab", "enter")
        assert "2/5  Acceptance week by week" in watch.text()
        await watch.press("shift+tab")
        assert "1/5" in watch.text()
        await watch.press("shift+tab")
        assert "5/5" in watch.text()
        assert NOTHING in watch.text()
        await watch.press("3")
        assert "3/5  Calibration by band" in watch.text()
        await watch.press("9")
        assert "3/5" in watch.text()


async def test_a_line_opens_its_leads_and_a_lead_opens_in_full(session):
    async with shown(session) as watch:
        await watch.press("enter", "j", "enter")
        await watch.sees("58 leads")
        assert "accepted" in watch.text()
        await watch.press("enter")
        await until(lambda: watch.app.screen.CONTEXT == "lead")
        assert watch.cursor == LEADS[0]
        await watch.press("q")
        await watch.press("q")
        assert "1/5  Acceptance by source" in watch.text()


async def test_a_number_is_told_in_full_and_opens_its_own_leads(session):
    async with shown(session) as watch:
        await watch.press("enter", "j", "j", "j", "l", "l")
        assert "event · accepted of decided: 43%, n=7, direction only · 3 leads behind this" in watch.text()
        assert "▸" in watch.text()
        await watch.press("enter")
        await watch.sees("event: accepted of decided")
        assert "3 leads" in watch.text()
        await watch.press("q", "h", "h", "h")
        assert "event · decided: 7 · accepted of decided" in watch.text()


async def test_a_lead_that_is_not_here_is_said_to_be_so(session):
    far = Insight("wins", "Won", "?", "f", (Column("x", "x"),), (Row("all", (Figure(1),), ("L-far",)),))
    async with shown(session, insights=(far,)) as watch:
        gathered = watch.app.screen.numbers.gathered
        watch.app.screen.numbers.gathered = replace(
            gathered,
            evidence=replace(gathered.evidence, stages=(came_to("won", "L-far", company="Far & Away"),)),
        )
        await watch.press("enter", "enter")
        await watch.sees("Far & Away")
        assert "lead L-far" in watch.text()
        assert "won" in watch.text()
        await watch.press("enter")
        assert "not on your list" in watch.foot()


async def test_a_number_without_leads_says_so(session):
    bare = Insight("wins", "Won", "?", "f", (Column("x", "x"),), (Row("all", (Figure(1),)),))
    async with shown(session, insights=(bare,)) as watch:
        await watch.press("enter", "enter")
        assert "No lead is behind this." in watch.foot()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_mouse_chooses_and_opens(session, size):
    async with shown(session, size) as watch:
        screen = watch.app.screen
        line = 2 * screen._overview().height // 2
        screen.pointed(6, line, twice=False)
        assert screen.index == 1
        screen.pointed(6, line, twice=True)
        await watch.pilot.pause()
        assert "2/5" in watch.text()
        row = next(y for y, one in enumerate(screen.insight_page().lines()) if "2026-09-08" in one.text)
        screen.pointed(size[0] - 4, row, twice=True)
        await watch.sees("40 leads")


@pytest.mark.parametrize("text", [*HOSTILE, UNSTEADY])
async def test_hostile_text_is_drawn_as_text_in_every_place(session, text):
    column = Column("share", text, Unit.SHARE)
    hostile = Insight(
        "weeks", "Weeks", text, text, (column, Column("say", text, Unit.TEXT)),
        (Row(text, (Figure(0.5, n=20, low=0.3, high=0.7), words(text)), ("L-far",)),),
        (Finding(text, ("L-far",)),), (text,), replace(ALL[1].chart, columns=("share",)), text, text,
    )  # fmt: skip
    case = decided(Act.REJECT, lead_id="L-far", reason=text, company=text, decided_at=NOW)
    for size in ((60, 16), (120, 36)):
        async with shown(session, size, insights=(hostile,)) as watch:
            filled(watch.app.screen.numbers, (hostile,), case)
            for keys in ((), ("enter",), ("j",), ("l",), ("l",), ("h", "h", "enter")):
                await watch.press(*keys)
                drawn = lines_of(watch)
                assert {cell_len(line) for line in drawn} == {size[0]}
                assert all(line.isprintable() for line in drawn)
                assert not set("".join(drawn)) & set(UNSTEADY) - set(" wave\U0001f44b")
            await watch.press("q", "q", "q")


async def test_the_screen_follows_a_change_of_size_and_of_colours(session):
    async with shown(session) as watch:
        await watch.press("enter", "j", "j")
        await watch.pilot.resize_terminal(130, 40)
        await watch.pilot.pause()
        assert "demo-request" in watch.text()
        await watch.app.choose_theme("light")
        await watch.pilot.resize_terminal(60, 16)
        await watch.pilot.pause()
        assert {cell_len(line) for line in lines_of(watch)} == {60}


async def test_keys_do_nothing_while_nothing_is_gathered(session):
    async with opened(session, down=True) as (watch, _):
        for key in ("j", "k", "G", "tab", "shift+tab", "3", "l", "h", "enter", "pagedown"):
            await watch.press(key)
        watch.app.screen.pointed(3, 3, twice=True)
        await watch.app.on_event(events.Key("question_mark", "?"))
        await watch.sees("Show the keys of this screen")


def test_nothing_of_the_insights_is_loaded_before_they_are_asked_for():
    code = "import triage.cli.app, screens.app, sys; from screens.start.warming import warm; warm(); print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(ended.stdout.split())
    assert not {name for name in loaded if name.startswith(("triage.insights", "screens.insights"))}
    assert "screens.start.doors" in loaded


async def test_marketing_reads_the_same_numbers_from_the_review(session):
    crm = FakeCrm(session.desk.clock)
    session.connect = crm.connect
    app = ReviewApp(session, clock=session.desk.clock)
    async with app.run_test(size=(80, 24)) as pilot:
        watch = Watch(app, pilot)
        await until(lambda: app.day.room is app.review)
        await watch.press("I")
        await until(lambda: hasattr(app.screen, "numbers") and app.screen.numbers.gathered is not None)
        gathered = app.screen.numbers.gathered
        await watch.press("S")
        await until(lambda: app.screen.numbers.gathered is not gathered)


async def test_a_key_makes_nothing_anew_but_what_it_changed(session):
    async with shown(session) as watch:
        await watch.press("enter")
        made = watch.app.screen._parts
        await watch.press("j", "j", "l")
        assert watch.app.screen._parts is made
        await watch.press("tab")
        assert watch.app.screen._parts is not made
