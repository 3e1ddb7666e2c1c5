"""From a key to the whole of its effect on the screen, as a rep feels it.

Output is only collected, with its time, while a sample runs; the terminal is emulated afterwards, chunk by
chunk, so that it delays nothing. A key whose effect never comes is a miss: counted, never averaged away.
"""

from __future__ import annotations

import os
import random
import select
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from bench.ratios import median, percentile
from bench.screen import Seen

QUIET = 0.05
"""Seconds without output after which the screen is looked at."""
LIMIT = 2.0
"""Seconds after which an effect counts as a miss."""
JITTER = 0.02
"""Keys are pressed at any phase of a program's frame clock."""
_WAITED = 1e-3
"""Seconds of waiting for a processor from which a press was disturbed."""


class Watched(Protocol):
    """A program on a terminal."""

    @property
    def handle(self) -> int:
        """The terminal's end of the pty."""

    @property
    def pid(self) -> int:
        """The program's process."""

    @property
    def displayed(self) -> str:
        """The screen as it is."""

    def press(self, *keys: str) -> None:
        """Press keys."""

    def feed(self, chunk: bytes) -> None:
        """Show bytes that the program wrote."""


class Stopwatch:
    """Times the keys of one program."""

    def __init__(self, terminal: Watched, *, limit: float = LIMIT) -> None:
        self._terminal = terminal
        self._limit = limit
        self._dice = random.Random(7)
        self.samples: list[float] = []
        """Seconds from the key to its effect, one for each press that was no miss."""
        self.net: list[float] = []
        """The same without the time in which the program's main thread waited for a processor."""
        self.disturbed = 0
        """In how many of them it did."""
        self.misses = 0

    def press(self, key: str, seen: Seen) -> float | None:
        """Press a key and note when its whole effect was on the screen; None, and a miss, if it never was."""
        terminal = self._terminal
        time.sleep(self._dice.uniform(0, JITTER))
        _drain(terminal)
        waited = waited_for_processor(terminal.pid)
        started = time.perf_counter()
        terminal.press(key)
        shown = self._await(seen, started)
        if shown is None:
            self.misses += 1
            return None
        self.samples.append(shown)
        waited = min(waited_for_processor(terminal.pid) - waited, shown)
        self.net.append(shown - waited)
        self.disturbed += waited >= _WAITED
        return shown

    def _await(self, seen: Seen, started: float) -> float | None:
        """Look at the screen whenever it is quiet, until the effect is seen or the limit is reached."""
        while (left := started + self._limit - time.perf_counter()) > 0:
            shown = None
            for moment, chunk in collected(self._terminal.handle, left):
                self._terminal.feed(chunk)
                if shown is None and seen(self._terminal.displayed):
                    shown = moment - started
            if shown is not None:
                return shown
        return None

    @property
    def p50(self) -> float:
        """The median, in seconds; there is at least one sample."""
        return median(self.samples)

    def at(self, share: float) -> float:
        """Return a percentile, in seconds."""
        return percentile(self.samples, share)

    @property
    def words(self) -> str:
        """The figures in milliseconds, and how many presses the machine disturbed."""
        if not self.samples:
            return "never seen"
        figures = " / ".join(f"{self.at(share) * 1000:.1f}" for share in (0.5, 0.95, 1.0))
        disturbed = f" ({self.disturbed} of {len(self.samples)} disturbed)" if self.disturbed else ""
        return f"{figures} ms{disturbed}"


def collected(
    handle: int, first_within: float, glance: Callable[[bytes], None] | None = None
) -> Sequence[tuple[float, bytes]]:
    """Return what comes until it is quiet, each chunk with its moment; nothing if nothing comes in time.

    `glance` is given each chunk as it comes.
    """
    chunks: list[tuple[float, bytes]] = []
    patience, until = first_within, time.perf_counter() + first_within + LIMIT
    while time.perf_counter() < until and select.select([handle], [], [], patience)[0]:
        try:
            chunk = os.read(handle, 65536)
        except OSError:
            break  # the program has ended
        if not chunk:
            break
        chunks.append((time.perf_counter(), chunk))
        if glance is not None:
            glance(chunk)
        patience = QUIET
    return chunks


def waited_for_processor(pid: int) -> float:
    """Return for how many seconds a process's main thread could have run and had no processor."""
    try:
        fields = Path(f"/proc/{pid}/task/{pid}/schedstat").read_text(encoding="ascii").split()
    except OSError:
        return 0.0
    return int(fields[1]) / 1e9


def _drain(terminal: Watched) -> None:
    """Take in what is still coming."""
    for _, chunk in collected(terminal.handle, 0):
        terminal.feed(chunk)
