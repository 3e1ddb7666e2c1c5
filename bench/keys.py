"""Keys in long lists, beside the smallest Textual app there can be, in turn with it key by key."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.effort import Effort
from bench.homes import home_of
from bench.ratios import Ratio, median, percentile
from bench.screen import HOME, PAGE_DOWN, ROOT, Screen, Seen, brief_of, briefed, text_of
from bench.stopwatch import Stopwatch

SIZES = (10_000, 50_000)
TRIAGE = [sys.executable, "-m", "triage"]
HELLO = [sys.executable, str(ROOT / "bench" / "hello.py")]
FLOOR = "hello Textual"
_RUN = 30
"""Steps down from the top that scroll nothing: the list has more lines than these."""
_BOTTOM = 60
"""Steps down after which the cursor is at the lower edge, or wherever the list keeps it."""
_PAGES = 12
"""Pages down in a row."""
_SEEN = 0.2
"""Seconds after which a lead counts as seen: a decision that is typed sooner waits, as it is meant to."""
CALM = 2.0
"""Seconds after a start: the first sync has failed by then, and the garbage of the start is gone."""


def until_seen(screen: Screen, seen: Seen, patience: float = 60.0) -> None:
    """Wait for an effect that is not measured; TimeoutError with the screen if it never comes."""
    until = time.monotonic() + patience
    while not seen(screen.text):
        if time.monotonic() > until:
            raise TimeoutError("what was waited for never came on the screen")
        time.sleep(0.02)


class Floor:
    """The smallest app, whose key is pressed after each of ours."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._pressed = 0

    def watch(self) -> Stopwatch:
        """Return a stopwatch of its own for each thing that is measured."""
        return Stopwatch(self._screen)

    def press(self, watch: Stopwatch) -> None:
        """Press its key once."""
        self._pressed += 1
        watch.press("j", text_of(f"pressed {self._pressed} "))


class Pair:
    """The inbox and the floor, each on its screen."""

    def __init__(self, ours: Screen, floor: Floor) -> None:
        self.ours = ours
        self.floor = floor

    def watches(self) -> tuple[Stopwatch, Stopwatch]:
        """Return a stopwatch for each."""
        return Stopwatch(self.ours), self.floor.watch()

    def go(self, key: str, number: int) -> None:
        """Press a key that is not measured, and wait until this lead is shown."""
        self.ours.press(key)
        until_seen(self.ours, brief_of(number))

    def press(self, watches: tuple[Stopwatch, Stopwatch], key: str, seen: Seen) -> None:
        """Press a key of ours and one of the floor."""
        watches[0].press(key, seen)
        self.floor.press(watches[1])


@contextmanager
def running(environ: dict[str, str]) -> Iterator[Pair]:
    """Run both for the length of a block."""
    with Screen(TRIAGE, environ) as ours, Screen(HELLO) as hello:
        until_seen(ours, brief_of(0))
        until_seen(hello, text_of("pressed 0"))
        time.sleep(CALM)
        yield Pair(ours, Floor(hello))


def ratios(effort: Effort) -> Iterator[Ratio]:
    """Move, scroll, page and decide."""
    for count in SIZES:
        with home_of(count) as environ, running(environ) as pair:
            where = f"{count:,} leads"
            yield from _down(pair, where, effort.of(300))
            yield _scrolling(pair, where, effort.of(60))
            yield _paging(pair, where, effort.of(36))
            yield _deciding(pair, where, effort.of(40))


def _down(pair: Pair, where: str, presses: int) -> Iterator[Ratio]:
    """Press down where nothing scrolls, from the top again and again."""
    watches = ours, floor = pair.watches()
    pressed = 0
    while pressed < presses:
        pair.go(HOME, 0)
        for number in range(1, min(_RUN, presses - pressed) + 1):
            pair.press(watches, "j", brief_of(number))
        pressed += _RUN
    yield beside(f"cursor down, brief following, p50, {where}", ours, floor, 0.5, 1.6)
    yield beside(f"cursor down, brief following, p95, {where}", ours, floor, 0.95, 2.0)
    yield _tail(f"cursor down, brief following, p99 of {presses} keys, {where}", ours, floor)


def _scrolling(pair: Pair, where: str, presses: int) -> Ratio:
    """Press down at the lower edge."""
    watches = ours, floor = pair.watches()
    pair.go(HOME, 0)
    pair.go("j" * _BOTTOM, _BOTTOM)
    for number in range(_BOTTOM + 1, _BOTTOM + presses + 1):
        pair.press(watches, "j", brief_of(number))
    return beside(f"cursor down, scrolling, p50, {where}", ours, floor, 0.5, 2.5)


def _paging(pair: Pair, where: str, presses: int) -> Ratio:
    """Press page down; how many leads a page has is the list's own affair."""
    watches = ours, floor = pair.watches()
    for press in range(presses):
        if press % _PAGES == 0:
            pair.go(HOME, 0)
        before = max(briefed(pair.ours.text))
        pair.press(watches, PAGE_DOWN, _brief_below(before))
    return beside(f"page down, p50, {where}", ours, floor, 0.5, 2.8)


def _brief_below(number: int) -> Seen:
    return lambda text: max(briefed(text), default=0) > number


def _deciding(pair: Pair, where: str, presses: int) -> Ratio:
    """Accept from the top: the decision is on the disk before the next lead is shown."""
    watches = ours, floor = pair.watches()
    pair.go(HOME, 0)
    time.sleep(_SEEN)
    for number in range(1, presses + 1):
        pair.press(watches, "a", brief_of(number))
    return beside(f"decide, on the disk, next lead shown, p50, {where}", ours, floor, 0.5, 2.0)


def beside(what: str, ours: Stopwatch, floor: Stopwatch, share: float, at_most: float) -> Ratio:
    """Return the line of a percentile of ours beside the same one of the floor."""
    misses = ours.misses + floor.misses
    remark = f"{ours.words}; hello {floor.words}"
    ratio = ours.at(share) / floor.at(share) if ours.samples and floor.samples else None
    return Ratio(what, FLOOR, ratio, at_most=at_most, remark=remark, misses=misses)


def _tail(what: str, ours: Stopwatch, floor: Stopwatch) -> Ratio:
    """Return the line of the slowest, beside the floor's slowest: the machine's own spikes are in both.

    Beside its own p50 it would tell of the machine: where a host takes processors away from a virtual
    machine, the smallest app there is has a p99 of three times its p50 too, and the kernel counts it nowhere.
    """
    ratio = remark = None
    if ours.samples and floor.samples:
        tail, middle, floors = percentile(ours.net, 0.99), median(ours.net), percentile(floor.net, 0.99)
        ratio = tail / floors
        remark = (
            f"{tail * 1000:.1f} ms, {tail / middle:.1f}x its own p50; hello {floors * 1000:.1f} ms;"
            " without waiting for a processor"
        )
    misses = ours.misses + floor.misses
    return Ratio(what, FLOOR, ratio, at_most=2.0, misses=misses, remark=remark or ours.words)
