"""Typing into the filter: each letter leaves fewer leads and brings another one to the top."""

from __future__ import annotations

from collections.abc import Iterator

from bench.effort import Effort
from bench.homes import home_of
from bench.keys import FLOOR, SIZES, Pair, beside, running, until_seen
from bench.leads import WORD
from bench.ratios import Ratio
from bench.screen import ESCAPE, HOME, brief_of, text_of
from bench.stopwatch import Stopwatch

_AT_MOST = dict(zip(SIZES, (4.0, 6.0), strict=True))


def ratios(effort: Effort) -> Iterator[Ratio]:
    """Type a word that half of the leads have."""
    for count in SIZES:
        with home_of(count) as environ, running(environ) as pair:
            yield from _typing(pair, count, effort.of(5, least=1))


def _typing(pair: Pair, count: int, rounds: int) -> Iterator[Ratio]:
    """Lead n is on top after n letters, in list and brief; the first letter looks through all leads."""
    ours, floor = pair.watches()
    first = Stopwatch(pair.ours)
    for _ in range(rounds):
        pair.go(HOME, 0)
        pair.ours.step("/")
        for number, letter in enumerate(WORD, start=1):
            shown = ours.press(letter, brief_of(number))
            pair.floor.press(floor)
            if number == 1 and shown is not None:
                first.samples.append(shown)
        pair.ours.press(ESCAPE)
        until_seen(pair.ours, text_of("LEAD 00000"))
    yield beside(f"filter key, p50, {count:,} leads", ours, floor, 0.5, _AT_MOST[count])
    yield Ratio(
        f"filter key, the first letter alone, {count:,} leads",
        FLOOR,
        first.p50 / floor.p50 if first.samples and floor.samples else None,
        remark=first.words,
    )
