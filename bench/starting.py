"""From a command to an inbox that works: painted, and a key pressed at once has moved the brief."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.effort import Effort
from bench.homes import home_of
from bench.keys import FLOOR, HELLO, TRIAGE
from bench.ratios import Ratio, median
from bench.screen import Screen, Seen, brief_of, text_of
from bench.stopwatch import collected

_AT_MOST = {1_000: 1.6, 10_000: 2.0}
_LIMIT = 20.0
"""Seconds after which a start is a miss."""
_AGAIN = 0.6
"""Seconds after which the key is pressed once more: a program may throw away what was typed too early."""


@dataclass(frozen=True, slots=True)
class Start:
    """The seconds of one start."""

    ready: float
    """The first paint with everything on it."""
    usable: float
    """The effect of the first key."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is started, and what shows how far it has come."""

    command: list[str]
    ready: Seen
    moved: Seen
    sign: bytes
    """What the stream holds once it is ready, as often as `times`: then the key is pressed, unseen as yet."""
    times: int = 1


OURS = Program(TRIAGE, brief_of(0), brief_of(1), b"LEAD 00000", times=2)
THEIRS = Program(HELLO, text_of("pressed 0 "), text_of("pressed 1 "), b"pressed 0")


def ratios(effort: Effort) -> Iterator[Ratio]:
    """Start in turn, on homes of two sizes."""
    for count, at_most in _AT_MOST.items():
        with home_of(count) as environ:
            ours: list[Start | None] = [start(OURS, environ)][1:]  # the first one only warms the disk's cache
            hello: list[Start | None] = []
            for _ in range(effort.of(9)):
                ours.append(start(OURS, environ))
                hello.append(start(THEIRS, environ))
        yield _line(f"start to a usable inbox, {count:,} cached leads", ours, hello, at_most)


def _line(what: str, ours: list[Start | None], hello: list[Start | None], at_most: float) -> Ratio:
    came, floor = [one for one in ours if one], [one for one in hello if one]
    misses = len(ours) - len(came) + len(hello) - len(floor)
    if not came or not floor:
        return Ratio(what, FLOOR, None, at_most=at_most, misses=misses)
    ratio = median(one.usable for one in came) / median(one.usable for one in floor)
    remark = f"ready / usable {_words(came)}; hello {_words(floor)}"
    return Ratio(what, FLOOR, ratio, at_most=at_most, misses=misses, remark=remark)


def _words(starts: list[Start]) -> str:
    ready, usable = median(one.ready for one in starts), median(one.usable for one in starts)
    return f"{ready * 1000:.0f} / {usable * 1000:.0f} ms"


def start(program: Program, environ: dict[str, str], limit: float = _LIMIT) -> Start | None:
    """Start a program, press its key as soon as it is painted, and end it; None if its effect never came."""
    started = time.perf_counter()
    with Screen(program.command, environ) as screen:
        return _Beginning(program, screen, started).run(limit)


class _Beginning:
    """One start, watched: the emulation only follows when it is quiet, the key does not wait for it."""

    def __init__(self, program: Program, screen: Screen, started: float) -> None:
        self._program = program
        self._screen = screen
        self._started = started
        self._stream = bytearray()
        self._pressed_at: float | None = None
        self._ready: float | None = None

    def run(self, limit: float) -> Start | None:
        """Watch until the key's effect was seen, or for so many seconds."""
        while (left := self._started + limit - time.perf_counter()) > 0:
            usable = self._look(min(left, _AGAIN))
            if usable is not None and self._ready is not None:
                return Start(self._ready - self._started, usable - self._started)
            if self._may_press:
                self._press()
        return None

    @property
    def _may_press(self) -> bool:
        """Whether the sign was overlooked, or the key is to be pressed once more."""
        if self._pressed_at is None:
            return self._ready is not None
        return time.perf_counter() - self._pressed_at > _AGAIN

    def _look(self, seconds: float) -> float | None:
        """Take in what comes; returns the moment at which the key's effect was seen."""
        usable = None
        for moment, chunk in collected(self._screen.handle, seconds, self._glance):
            self._screen.feed(chunk)
            text = self._screen.displayed
            if self._ready is None and self._program.ready(text):
                self._ready = moment
            if usable is None and self._pressed_at is not None and self._program.moved(text):
                usable = moment
        return usable

    def _glance(self, chunk: bytes) -> None:
        """Press the key as soon as the stream holds the sign."""
        self._stream += chunk
        if self._pressed_at is None and self._stream.count(self._program.sign) >= self._program.times:
            self._press()

    def _press(self) -> None:
        self._pressed_at = time.perf_counter()
        self._screen.press("j")
