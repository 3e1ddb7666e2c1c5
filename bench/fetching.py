"""Fetching 10,000 leads into the inbox, beside a bare loop over the same pages that parses and drops.

And whether the screen answers keys while the app fetches them: the worst key of the whole time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.crm import PAGE, RunningServer, bare_client, running_server, signed_in, undisturbed
from bench.effort import Effort
from bench.homes import PROFILE, scratch
from bench.keys import CALM, TRIAGE, until_seen
from bench.ratios import Ratio, median
from bench.screen import Screen, Seen
from bench.stopwatch import Stopwatch
from triage.clock import utc_now
from triage.domain.inbox import Inbox
from triage.house import House
from triage.sync.events import SyncFinished
from triage.wiring import open_session

COUNT = 10_000
_BLOCKED = 50.0
"""Milliseconds after which a rep feels that the screen does not answer."""
_LATEST = 90.0
"""Seconds after which a fetch in the app has failed."""
_NEVER = 10.0
"""Seconds after which a key is a miss: a screen may well be blocked for some."""
_AFTER = 2.0
"""Seconds for which keys are still pressed once the leads are on the disk: the list takes them in."""


def ratios(effort: Effort) -> Iterator[Ratio]:
    """Fetch in turn with the bare loop, then in the app under a rep's keys."""
    count = effort.of(COUNT, least=1_000)
    with running_server(leads=count) as server, scratch() as folder:
        yield _in_turn(server, folder, count, effort.of(3, least=1))
        yield _under_keys(server, folder / "0", count)


def _in_turn(server: RunningServer, folder: Path, count: int, rounds: int) -> Ratio:
    ours: list[float] = []
    bare: list[float] = []
    for number in range(rounds):
        bare.append(asyncio.run(_bare(server, count)))
        ours.append(asyncio.run(_ours(signed_in(server, folder / str(number)), count)))
    return Ratio(
        f"fetch {count:,} leads into the inbox",
        "a bare httpx loop that parses and drops",
        median(ours) / median(bare),
        at_most=1.5,
        remark=f"{median(ours):.2f} s beside {median(bare):.2f} s",
    )


async def _bare(server: RunningServer, count: int) -> float:
    """Return the seconds that the pages take at the least."""
    fetched, params = 0, {"limit": str(PAGE)}
    with undisturbed():
        async with bare_client(server) as client:
            started = time.perf_counter()
            more = True
            while more:
                page = (await client.get("/v1/leads", params=params)).json()
                fetched, more = fetched + len(page["items"]), page["more"]
                params = params | {"cursor": page["next_cursor"]}
            seconds = time.perf_counter() - started
    _expect(fetched, count)
    return seconds


async def _ours(environ: dict[str, str], count: int) -> float:
    """Return the seconds until the fetched leads are on the disk and in an inbox."""
    session = open_session(House.found(environ), PROFILE)
    try:
        with undisturbed():
            started = time.perf_counter()
            events = [event async for event in session.sync(everything=True)]
            inbox = Inbox.of(await session.call(session.desk.entries), utc_now())
            seconds = time.perf_counter() - started
    finally:
        await session.aclose()
    if not isinstance(events[-1], SyncFinished):
        raise TypeError(f"the fetch did not end well: {events[-1]}")
    _expect(len(inbox.entries), count)
    return seconds


def _expect(found: int, wanted: int) -> None:
    if found < wanted:
        raise ValueError(f"{found:,} leads came, {wanted:,} are there")


def _under_keys(server: RunningServer, home: Path, count: int) -> Ratio:
    """Have the app fetch everything again, and press keys until the list has taken it in."""
    environ = signed_in(server, home)
    first, second = _first_two(environ)
    with Screen(TRIAGE, environ) as screen:
        until_seen(screen, lambda text: text.count(first) > 1)
        time.sleep(CALM)
        before = screen.text
        screen.step("j")
        up, down = title_of(before, screen.text, first, second)
        screen.step("k")
        _lose_place(environ)
        time.sleep(CALM)
        watch = Stopwatch(screen, limit=_NEVER)
        stamp = _stamp(home)
        screen.press("S")
        _press_until(watch, (down, up), lambda: _stamp(home) != stamp)
    worst = max(watch.samples, default=0.0) * 1000
    net = max(watch.net, default=0.0) * 1000
    late = sum(seconds * 1000 > _BLOCKED for seconds in watch.samples)
    return Ratio(
        f"the worst of {len(watch.samples)} keys while {count:,} leads are fetched",
        "–",
        worst,
        at_most=_BLOCKED,
        unit=" ms",
        misses=watch.misses,
        remark=f"{watch.words}; {late} above {_BLOCKED:.0f} ms; {net:.0f} ms without waiting for a processor",
    )


def _press_until(watch: Stopwatch, effects: tuple[Seen, Seen], fetched: Callable[[], bool]) -> None:
    """Press down and up until a while after the fetch; TimeoutError if it never ends."""
    until = time.monotonic() + _LATEST
    ends: float | None = None
    while ends is None or time.monotonic() < ends:
        for key, effect in zip("jk", effects, strict=True):
            watch.press(key, effect)
        if ends is None and fetched():
            ends = time.monotonic() + _AFTER
        if ends is None and time.monotonic() > until:
            raise TimeoutError("the app did not fetch")


def _first_two(environ: dict[str, str]) -> tuple[str, str]:
    """Return the names of the first two leads of the list."""
    session = open_session(House.found(environ), PROFILE)
    try:
        inbox = Inbox.of(session.wait(session.desk.entries), utc_now())
    finally:
        session.close()
    first, second = (inbox.entries[lead_id].lead.name for lead_id in inbox.shown[:2])
    return first, second


def title_of(before: str, after: str, first: str, second: str) -> tuple[Seen, Seen]:
    """Find where the brief names its lead; return what tells that it names the first lead, and the second.

    `before` is a screen with the first lead briefed, `after` one with the second: in the same place the one
    name follows the other. A brief may name other leads elsewhere.
    """
    rows = list(zip(before.split("\n"), after.split("\n"), strict=True))
    for number, (old, new) in enumerate(rows):
        column = old.find(first)
        while column >= 0:
            if new.startswith(second, column):
                return _at(number, column, first), _at(number, column, second)
            column = old.find(first, column + 1)
    raise ValueError(f"no place on the screen names {first} and then {second}")


def _at(row: int, column: int, name: str) -> Seen:
    return lambda text: text.split("\n")[row].startswith(name, column)


def _lose_place(environ: dict[str, str]) -> None:
    """Let the next fetch begin anew: the CRM does not know the place where the last one ended."""
    session = open_session(House.found(environ), PROFILE)
    try:
        session.wait(session.desk.leads.remember, "cursor", "bench")
    finally:
        session.close()


def _stamp(home: Path) -> tuple[int, ...]:
    """Return what is another once the cache was replaced."""
    return tuple(path.stat().st_ino for path in (home / "cache").rglob("leads.journal"))
