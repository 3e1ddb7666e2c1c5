"""How far a sync is: said with counts, at most ten times a second, and the last word is always shown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from screens.bridge import SHOWN_EVERY, Bridge, progress_words
from screens.foot import Connection
from tests.fakes import NOW
from tests.screens.simulated import simulated
from tests.screens.stage import StagedSession
from tests.screens.watching import running
from triage.desk.events import Event, Progress, SyncFinished, SyncReport, SyncStarted
from triage.desk.results import Status
from triage.domain.lead import LeadId


class Reporting:
    """A session whose sync tells what a test says, and the listener that hears it, with the moment of each."""

    def __init__(self, tell: Callable[[], Iterable[Event | float]]) -> None:
        self._tell = tell
        self.said: list[tuple[float, str]] = []

    async def sync(self, **_options: bool):
        for event in self._tell():
            if isinstance(event, float):
                await asyncio.sleep(event)
            else:
                yield event

    def connection_changed(self, connection: Connection) -> None:
        self.said.append((asyncio.get_running_loop().time(), connection.syncing))

    async def leads_changed(self, lead_ids: Iterable[LeadId] | None) -> None:
        """Paint nothing."""

    async def refresh_status(self) -> Status:
        return Status({}, offline=False, fetched_at=None, last_sync_at=None, last_error="", next_due=None)

    def sync_told(self, text: str, *, bad: bool = False) -> None:
        """Say it to nobody."""


def heard(
    tell: Callable[[], Iterable[Event | float]], bridge: type[Bridge] = Bridge
) -> list[tuple[float, str]]:
    """Run one sync on simulated time; returns what was said of it, and when."""
    place = Reporting(tell)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        supervisor = bridge(place, place, lambda: NOW, 60.0, ticks=loop.time)  # type: ignore[arg-type]
        running = asyncio.ensure_future(supervisor.run())
        await asyncio.sleep(30)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    simulated(run())
    return place.said


def flood() -> Iterable[Event | float]:
    """A fetch of two seconds that tells of a thousand pages."""
    yield SyncStarted()
    for page in range(1, 1001):
        yield Progress("fetching", page * 10, 10_000)
        yield 0.002
    yield 1.0
    yield SyncFinished(SyncReport())


class Unhurried(Bridge):
    """The protection taken out: everything is said at once."""

    def _say_soon(self, connection: Connection) -> None:
        self._say(connection)


def in_any_second(said: list[tuple[float, str]]) -> int:
    """Return the most that was said within one second."""
    return max(sum(at <= other < at + 1 for other, _words in said) for at, _words in said)


def test_a_flood_of_progress_is_shown_ten_times_a_second_at_most():
    said = [(at, words) for at, words in heard(flood) if words.startswith("fetching")]
    assert len(said) > 1 / SHOWN_EVERY, "it goes on being shown"
    assert in_any_second(said) <= 1 / SHOWN_EVERY + 1


def test_the_check_sees_a_bridge_that_shows_everything():
    said = [(at, words) for at, words in heard(flood, Unhurried) if words.startswith("fetching")]
    assert in_any_second(said) > 1 / SHOWN_EVERY + 1


def test_the_last_progress_is_always_shown():
    words = [words for _at, words in heard(flood)]
    assert words[-2:] == ["fetching 10,000 of 10,000", ""]


def test_what_is_over_is_not_shown_again_by_a_late_timer():
    def short() -> Iterable[Event | float]:
        yield Progress("sending", 1, 2)
        yield SyncFinished(SyncReport())

    assert heard(short)[-1][1] == ""


def test_progress_says_what_is_done_how_far_and_of_how_much():
    assert progress_words(Progress("fetching", 300, 1200)) == "fetching 300 of 1,200"
    assert progress_words(Progress("fetching", 12_000)) == "fetching 12,000"


async def test_the_status_bar_says_how_far_while_keys_go_on_working(session: StagedSession):
    go_on = asyncio.Event()
    session.sync = paused_halfway(go_on)  # type: ignore[method-assign]
    async with running(session, size=(100, 30)) as watch:
        await watch.sees("◐ fetching 300 of 1,200")
        before = watch.cursor
        await watch.press("j")
        assert watch.cursor != before
        await watch.sees("◐ fetching 300 of 1,200")
        go_on.set()
        await watch.sees("● online")


async def test_quitting_does_not_wait_for_a_fetch(session: StagedSession):
    session.sync = paused_halfway(asyncio.Event())  # type: ignore[method-assign]
    async with running(session, size=(100, 30)) as watch:
        await watch.sees("◐ fetching 300 of 1,200")
        await watch.press("q")
        await watch.pilot.pause()
        assert watch.app.return_code == 0


def paused_halfway(go_on: asyncio.Event) -> Callable[..., Awaitable[None]]:
    async def sync(**_options: bool):
        yield SyncStarted()
        yield Progress("fetching", 300, 1200)
        await go_on.wait()
        yield SyncFinished(SyncReport())

    return sync  # type: ignore[return-value]
