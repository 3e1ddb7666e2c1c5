"""One key decides 500 marked leads: off the screen, and on the disk, beside what that costs at the least.

That nothing is painted before it is on the disk is what the tests of the store hold; here the outbox has to
have grown by the time the leads are gone, and by how much is what the raw append writes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from bench.effort import Effort
from bench.homes import home_of
from bench.keys import Pair, running, until_seen
from bench.leads import MARKED, MARKED_LEADS
from bench.ratios import Ratio, median
from bench.screen import text_of
from bench.stopwatch import Stopwatch

LEADS = 10_000
_COMPANY = MARKED.title()


def ratios(effort: Effort) -> Iterator[Ratio]:
    """Mark what a filter leaves, reject it, take it back, and so on."""
    with home_of(LEADS) as environ, running(environ) as pair:
        home = Path(environ["TRIAGE_HOME"])
        yield _rejecting(pair, home, effort.of(15, least=2))


def _rejecting(pair: Pair, home: Path, rounds: int) -> Ratio:
    ours, floor = pair.watches()
    raw: list[float] = []
    sizes: list[int] = []
    _filter(pair)
    for number in range(rounds):
        if number:
            _take_back(pair)
        _offer(pair)
        before = _outbox(home)
        ours.press("\r", lambda text: _COMPANY not in text)
        sizes.append(_outbox(home) - before)
        raw.append(raw_append(home / "raw", max(sizes[-1], 1)))
        pair.floor.press(floor)
    return _line(ours, floor, raw, sizes)


def _line(ours: Stopwatch, floor: Stopwatch, raw: list[float], sizes: list[int]) -> Ratio:
    unwritten = sum(size <= 0 for size in sizes)
    misses = ours.misses + floor.misses + unwritten
    least = median(raw) + floor.p50 if floor.samples else 0.0
    return Ratio(
        f"{MARKED_LEADS} marked leads rejected, on disk and off the screen",
        "raw append + fsync of its bytes + one paint",
        ours.p50 / least if ours.samples and least else None,
        at_most=3.0,
        misses=misses,
        remark=f"{ours.words}; {median(sizes):,.0f} bytes {median(raw) * 1000:.1f} ms, hello {floor.words}",
    )


def _filter(pair: Pair) -> None:
    pair.ours.step("/")
    pair.ours.type(MARKED)
    until_seen(pair.ours, lambda text: text.count(_COMPANY) > 1 and "LEAD 00000" not in text)
    pair.ours.step("\r")


def _offer(pair: Pair) -> None:
    """Mark all, choose the reason, and come to the preview."""
    for key in "*r8":
        pair.ours.step(key)


def _take_back(pair: Pair) -> None:
    pair.ours.press("u")
    until_seen(pair.ours, text_of(_COMPANY))
    pair.ours.step("k")  # whatever still comes, such as counts, comes before this


def _outbox(home: Path) -> int:
    """Return the bytes of the outbox."""
    return sum(path.stat().st_size for path in (home / "state").rglob("outbox.journal"))


def raw_append(path: Path, size: int) -> float:
    """Append so many bytes to a file and have them on the disk; returns the seconds it took."""
    handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    try:
        os.write(handle, b"x")
        os.fsync(handle)  # the file is there
        started = time.perf_counter()
        os.write(handle, b"x" * size)
        os.fsync(handle)
        return time.perf_counter() - started
    finally:
        os.close(handle)
