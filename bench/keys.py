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
from bench.ratios import Ratio
from tests.terminal import Terminal

SIZE = {"columns": 160, "lines": 48}
QUIET = 0.08
"""Seconds without output after which a key's effect is complete."""
PRESSES = 60
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
        for seconds, chunk in chunks:
            terminal.feed(chunk)
            if expect in terminal.displayed:
                self.samples.append(seconds)
                return
        self.misses += 1

    @property
    def p50(self) -> float:
        """The median, in seconds."""
        return statistics.median(self.samples)


def ratios() -> Iterator[Ratio]:
    """Move the cursor with the brief following, in lists of several sizes."""
    for count in (1_000, 10_000):
        yield from _moving(count)


def _moving(count: int) -> Iterator[Ratio]:
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "TRIAGE_HOME": folder, "TRIAGE_TOKEN": "none"}
        fill(environ, count)
        with (
            Terminal([sys.executable, "-m", "triage"], env=environ, **SIZE) as ours,
            Terminal([sys.executable, str(HELLO)], env=environ, **SIZE) as hello,
        ):
            ours.wait_for("Inbox")
            hello.wait_for("pressed 0")
            time.sleep(2)  # the first sync has failed by then, and the garbage of the start is gone
            us, them = Stopwatch(ours), Stopwatch(hello)
            for number in range(1, PRESSES + 1):
                us.press("j", f"─ LEAD {number:05d} ")
                them.press("j", f"pressed {number} ")
    remark = f"{us.p50 * 1000:.1f} ms beside {them.p50 * 1000:.1f} ms, {us.misses + them.misses} misses"
    yield Ratio(
        f"cursor down with the brief following, {count:,} leads",
        "hello Textual",
        us.p50 / them.p50,
        at_most=1.8,
        remark=remark,
    )
