"""How the app begins: what is read, loaded and shown first, and what only after it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from screens.app import TriageApp
from screens.start import warming
from screens.start.opening import ahead
from screens.start.pace import AT_LEAST_EVERY, IDLE_AFTER, Pace
from tests.screens.sample import lead
from tests.screens.stage import StagedSession, app_on
from tests.screens.watching import Watch, until
from triage.desk.events import SyncFinished, SyncReport

ROOT = Path(__file__).parents[2]
NOT_BEFORE_THE_PAINT = {
    *warming.LATER,
    *("click", "httpx", "keyring", "tomlkit", "importlib.metadata", "urllib.request", "http.client"),
    *("triage.sync.engine", "triage.crm.registry", "triage.crm.port", "config.renewal", "config.write"),
    *("screens.help.screen", "screens.lead.screen", "screens.queue.screen", "screens.palette.screen"),
}
"""What costs time to load, and shows nothing of a cached inbox."""


class Recording(TriageApp):
    """Notes what came first."""

    def __init__(self, session: StagedSession, order: list[str]) -> None:
        super().__init__(session, clock=session.desk.clock)  # type: ignore[arg-type]
        self.order = order

    def _display(self, screen, renderable):
        super()._display(screen, renderable)
        if renderable is not None and screen is self._inbox and not self._batch_count:
            self.order.append("painted")


class SyncsFirst(Recording):
    """The protection taken out: a sync before the first frame."""

    async def on_load(self) -> None:
        async for _event in self.day.session.sync(everything=True):
            pass


def began(session: StagedSession, kind: type[Recording]) -> list[str]:
    """Start an app and return what it did, in order, up to its first sync."""
    order: list[str] = []

    def note() -> list[SyncFinished]:
        order.append("synced")
        return [SyncFinished(SyncReport())]

    session.during = note

    async def run() -> None:
        app = kind(session, order)
        async with app.run_test(size=(120, 30)):
            await until(lambda: "synced" in order and "painted" in order)

    asyncio.run(run())
    return order


def test_the_inbox_is_painted_before_anything_is_asked_of_the_crm(session):
    assert began(session, Recording)[0] == "painted"


def test_the_check_sees_a_sync_that_comes_first(session):
    assert began(session, SyncsFirst)[0] == "synced"


def test_the_first_frame_shows_list_brief_and_bars(session):
    frames: list[str] = []

    class Looking(TriageApp):
        def _display(self, screen, renderable):
            super()._display(screen, renderable)
            if renderable is not None and screen is self._inbox and not self._batch_count and not frames:
                strips = screen._compositor.render_strips()
                frames.append("\n".join("".join(segment.text for segment in strip) for strip in strips))

    async def run() -> None:
        async with Looking(session, clock=session.desk.clock).run_test(size=(120, 30)):
            await until(lambda: frames)

    asyncio.run(run())
    first = frames[0]
    assert lead(5).name in first, "the list"
    assert "Inbox 30" in first, "the views"
    assert "accept" in first, "the keys"
    assert session.profile in first, "how things stand"
    assert "SCORE" in first, "the brief"


async def test_what_was_read_ahead_is_shown_without_a_second_look(session):
    future = ahead(session)
    future.result()
    reads: list[str] = []
    whole = session.call

    async def counted(fn, *args, **kwargs):
        reads.append(getattr(fn, "__qualname__", ""))
        return await whole(fn, *args, **kwargs)

    session.call = counted
    app = app_on(session, clock=session.desk.clock, ahead=future)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(lambda: app.day.room is not None)
        await pilot.pause()
        assert Watch(app, pilot).tray.shown
    assert "Opened.read" not in reads


def loaded_by(code: str) -> set[str]:
    """Run code in an interpreter of its own and return what it has loaded."""
    probe = "import sys; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", f"{code}\n{probe}"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(ended.stdout.split())


def test_nothing_is_loaded_for_the_first_paint_that_it_does_without():
    assert not loaded_by("import triage.cli.app, screens.app") & NOT_BEFORE_THE_PAINT


def test_reading_ahead_begins_before_the_toolkit_is_loaded():
    assert "textual" not in loaded_by("import triage.cli.app, screens.start.opening")


def test_what_is_loaded_beside_the_keys_can_be_loaded():
    assert set(warming.LATER) <= loaded_by("from screens.start.warming import warm; warm()")


class Counting:
    """A collector that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Callable[[], None]:
        return lambda: self.asked.append(name)


class Ticks:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def collector() -> Counting:
    return Counting()


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def pace(collector: Counting, ticks: Ticks) -> Pace:
    held = Pace(collector, ticks)
    held.hold()
    collector.asked.clear()
    return held


def test_the_start_is_frozen_and_never_looked_through(collector, ticks):
    Pace(collector, ticks).hold()
    assert collector.asked == ["disable", "freeze"]


def test_garbage_is_collected_in_a_pause_and_once(pace, collector, ticks):
    pace.key()
    ticks.now += IDLE_AFTER / 2
    pace.rest()
    assert collector.asked == []
    ticks.now += IDLE_AFTER
    pace.rest()
    pace.rest()
    assert collector.asked == ["collect"]


def test_a_rep_who_never_pauses_is_collected_after_at_least_every_thirty_seconds(pace, collector, ticks):
    for _ in range(int(AT_LEAST_EVERY) * 3 * 4):
        ticks.now += 0.25
        pace.key()
        pace.rest()
    assert collector.asked == ["collect"] * 3


def test_what_was_loaded_is_left_out_of_later_collections_and_only_in_a_pause(pace, collector, ticks):
    pace.key()
    pace.loaded()
    pace.rest()
    assert collector.asked == []
    ticks.now += IDLE_AFTER
    pace.rest()
    assert collector.asked == ["collect", "freeze"]


async def test_what_is_loaded_beside_the_keys_is_left_out_before_the_first_key_could_meet_it(
    session, collector, ticks
):
    app = app_on(session, clock=session.desk.clock)
    app.pace = Pace(collector, ticks)
    async with app.run_test(size=(120, 30)):
        await until(lambda: "freeze" in collector.asked)
        collector.asked.clear()
        ticks.now += IDLE_AFTER
        await until(lambda: collector.asked)
    assert collector.asked[:2] == ["collect", "freeze"]


def test_an_app_that_nobody_touches_collects_nothing(pace, collector, ticks):
    ticks.now += 10 * AT_LEAST_EVERY
    pace.rest()
    assert collector.asked == []


def test_the_collector_is_given_back(pace, collector):
    pace.release()
    assert collector.asked == ["unfreeze", "enable"]
