"""Ours and a peer in turn, key by key: down a list of 10,000, the detail following where there is one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from bench.effort import Effort
from bench.homes import home_of, scratch
from bench.keys import CALM, TRIAGE, until_seen
from bench.peers.programs import Peer, peers
from bench.ratios import Ratio
from bench.screen import HOME, Screen, brief_of
from bench.stopwatch import Stopwatch

COUNT = 10_000
_FEW = 200
_RUN = 12
"""Steps down before going back up: no peer's list is shorter."""
_SETTINGS = "python -m bench.peers"


def ratios(effort: Effort) -> Iterator[Ratio]:
    """Race each peer."""
    with scratch() as folder, home_of(COUNT) as environ:
        for peer in peers(folder, COUNT, _FEW):
            yield _race(peer, folder, environ, effort.of(48, least=6))


def _race(peer: Peer, folder: Path, environ: dict[str, str], presses: int) -> Ratio:
    if peer.command is None:
        return _line(peer, None, not_measured=f"not installed: {_SETTINGS}")
    with Screen(TRIAGE, environ) as ours, Screen(peer.command, peer.environment(folder)) as theirs:
        until_seen(ours, brief_of(0))
        try:
            _open(peer, theirs)
        except TimeoutError:
            return _line(peer, None, not_measured="its list never came up here")
        mine, its = Stopwatch(ours), Stopwatch(theirs)
        for press in range(presses):
            number = press % _RUN + 1
            if press and number == 1:
                _rewind(peer, ours, theirs)
            mine.press("j", brief_of(number))
            its.press(peer.down, peer.shows(theirs, number))
    return _line(peer, (mine, its))


def _open(peer: Peer, theirs: Screen) -> None:
    """Bring a peer to its list, with the cursor on the first lead."""
    until_seen(theirs, lambda text: bool(text.strip()), patience=20)
    time.sleep(CALM)
    for key in peer.opening:
        theirs.step(key)
        time.sleep(CALM / 2)
    until_seen(theirs, peer.shows(theirs, 0), patience=20)


def _rewind(peer: Peer, ours: Screen, theirs: Screen) -> None:
    """Go back to the first lead."""
    ours.press(HOME)
    until_seen(ours, brief_of(0))
    theirs.press(*[peer.up] * _RUN)
    until_seen(theirs, peer.shows(theirs, 0))
    time.sleep(CALM / 4)


def _line(peer: Peer, watches: tuple[Stopwatch, Stopwatch] | None, not_measured: str = "") -> Ratio:
    what, beside = f"{peer.name}: the same step down", "our cursor down, brief following"
    if peer.at_least is None:
        what, beside = beside, f"{peer.name}: the same step down"
    if watches is None:
        return Ratio(what, beside, None, peer.at_most, peer.at_least, not_measured=not_measured)
    mine, its = watches
    ratio = None
    if mine.samples and its.samples:
        ratio = mine.p50 / its.p50 if peer.at_least is None else its.p50 / mine.p50
    return Ratio(
        what,
        beside,
        ratio,
        at_least=peer.at_least,
        at_most=peer.at_most,
        misses=mine.misses + its.misses,
        remark=f"ours {mine.words}; {peer.name} {its.words}",
    )
