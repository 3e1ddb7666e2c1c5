"""From a key to the whole of its effect on the screen, beside the smallest Textual app there can be.

Output is only collected, with its time, while a sample runs; the terminal is emulated afterwards, chunk by
chunk, so that it delays nothing. A key whose effect never comes is a miss: counted, never averaged away.
"""

from __future__ import annotations

import os
import select
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.commands import fill
from bench.ratios import Ratio, median
from tests.terminal import Terminal

SIZE = {"columns": 160, "lines": 48}
QUIET = 0.08
"""Seconds without output after which a key's effect is complete."""
PRESSES = 60
STARTS = 7
FEW = 1_000
HELLO = Path(__file__).with_name("hello.py")


class Stopwatch:
    """Times the keys of one program."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.samples: list[float] = []
        self.misses = 0

    def press(self, key: str, expect: str) -> None:
        """Press a key and note when the text it should bring was on the screen."""
        terminal = self._terminal
        terminal.text  # noqa: B018 - takes in what is still coming
        chunks: list[tuple[float, bytes]] = []
        started = time.perf_counter()
        terminal.press(key)
        while select.select([terminal.handle], [], [], QUIET)[0]:
            chunk = os.read(terminal.handle, 65536)
            chunks.append((time.perf_counter() - started, chunk))
        shown_after = None
        for seconds, chunk in chunks:
            terminal.feed(chunk)
            if shown_after is None and expect in terminal.displayed:
                shown_after = seconds
        if shown_after is None:
            self.misses += 1
        else:
            self.samples.append(shown_after)

    @property
    def p50(self) -> float:
        """The median, in seconds."""
        return statistics.median(self.samples)


def ratios() -> Iterator[Ratio]:
    """Start, move the cursor with the brief following, and decide, in lists of several sizes."""
    for count in (1_000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            environ = {**os.environ, "TRIAGE_HOME": folder, "TRIAGE_TOKEN": "none"}
            fill(environ, count)
            yield _starting(environ, count)
            yield from _pressing(environ, count)


def _starting(environ: dict[str, str], count: int) -> Ratio:
    ours: list[float] = []
    hello: list[float] = []
    for _ in range(STARTS):
        ours.append(_started([sys.executable, "-m", "triage"], environ, "LEAD 00000"))
        hello.append(_started([sys.executable, str(HELLO)], environ, "pressed 0"))
    remark = f"{median(ours) * 1000:.0f} ms beside {median(hello) * 1000:.0f} ms"
    at_most = 1.6 if count <= FEW else 2.0
    ratio = median(ours) / median(hello)
    what = f"start to the inbox, {count:,} cached leads"
    return Ratio(what, "hello Textual", ratio, at_most=at_most, remark=remark)


def _started(command: list[str], environ: dict[str, str], expect: str) -> float:
    """Return the seconds until the text is on the screen; ending the program is not counted."""
    started = time.perf_counter()
    with Terminal(command, env=environ, **SIZE) as terminal:
        terminal.wait_for(expect)
        return time.perf_counter() - started


def _pressing(environ: dict[str, str], count: int) -> Iterator[Ratio]:
    with (
        Terminal([sys.executable, "-m", "triage"], env=environ, **SIZE) as ours,
        Terminal([sys.executable, str(HELLO)], env=environ, **SIZE) as hello,
    ):
        ours.wait_for("Inbox")
        hello.wait_for("pressed 0")
        time.sleep(2)  # the first sync has failed by then, and the garbage of the start is gone
        moving, deciding, floor = Stopwatch(ours), Stopwatch(ours), Stopwatch(hello)
        for number in range(1, PRESSES + 1):
            moving.press("j", f"─ LEAD {number:05d} ")
            floor.press("j", f"pressed {number} ")
        for number in range(PRESSES + 1, PRESSES + 31):
            deciding.press("a", f"─ LEAD {number:05d} ")
    yield _beside(f"cursor down with the brief following, {count:,} leads", moving, floor, 1.6)
    yield _beside(f"decide, on the disk, next lead shown, {count:,} leads", deciding, floor, 2.0)


def _beside(what: str, ours: Stopwatch, floor: Stopwatch, at_most: float) -> Ratio:
    remark = f"{ours.p50 * 1000:.1f} ms beside {floor.p50 * 1000:.1f} ms, {ours.misses + floor.misses} misses"
    return Ratio(what, "hello Textual", ours.p50 / floor.p50, at_most=at_most, remark=remark)
