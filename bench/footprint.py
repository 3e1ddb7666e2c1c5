"""What the app takes of the machine: memory at its peak, and the processor while nobody touches it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.crm import running_server, signed_in
from bench.effort import Effort
from bench.homes import home_of, scratch
from bench.keys import CALM, FLOOR, HELLO, TRIAGE, until_seen
from bench.ratios import Ratio
from bench.screen import Screen, Seen, brief_of, text_of

_AT_MOST = {10_000: 2.5, 50_000: 6.0}
_KEYS = 200
_AT_ONCE = 25
_MIB = 1024.0
_IDLE = 60.0
"""Seconds of idleness, with one sync a minute: exactly one of them falls into it."""
_SETTLING = 20.0
"""Seconds after the start in which the first sync and the cleaning up after it end."""
_LEADS = 1_000


def ratios(effort: Effort) -> Iterator[Ratio]:
    """Take the peaks beside hello's, then watch the app do nothing."""
    floor = _peak(HELLO, dict(os.environ), text_of("pressed 0"), _pressed)
    for count, at_most in _AT_MOST.items():
        with home_of(count) as environ:
            ours = _peak(TRIAGE, environ, brief_of(0), brief_of)
        yield Ratio(
            f"peak memory after {_KEYS} keys, {count:,} leads",
            FLOOR,
            ours / floor,
            at_most=at_most,
            remark=f"{ours:.0f} MiB beside {floor:.0f} MiB",
        )
    yield _idle(effort)


def _pressed(times: int) -> Seen:
    return text_of(f"pressed {times} ")


def _peak(command: list[str], environ: dict[str, str], ready: Seen, after: Callable[[int], Seen]) -> float:
    """Return the peak of a program's resident memory in MiB, after a start and some keys."""
    with Screen(command, environ) as screen:
        until_seen(screen, ready)
        time.sleep(CALM)
        for pressed in range(_AT_ONCE, _KEYS + 1, _AT_ONCE):
            screen.press("j" * _AT_ONCE)
            until_seen(screen, after(pressed))
        return peak_of(screen.pid)


def peak_of(pid: int) -> float:
    """Return the most memory a process ever had, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / _MIB


def processor_of(pid: int) -> float:
    """Return the seconds of processor a process and its children that ended have used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def _idle(effort: Effort) -> Ratio:
    """Leave the app alone beside a CRM that answers."""
    seconds = effort.of(round(_IDLE), least=10)
    with running_server(leads=_LEADS) as server, scratch() as folder:
        environ = signed_in(server, folder / "home", interval=60.0)
        with Screen(TRIAGE, environ) as screen:
            _read_for(screen, _SETTLING)
            before = processor_of(screen.pid)
            _read_for(screen, seconds)
            used = (processor_of(screen.pid) - before) / seconds * 100
        fetched = any(path.stat().st_size > _LEADS for path in (folder / "home" / "cache").rglob("leads.*"))
    return Ratio(
        f"processor while idle for {seconds} s, a sync every minute, {_LEADS:,} leads",
        "–",
        used,
        at_most=0.5,
        unit=" %",
        not_measured="" if fetched else "the app did not fetch the leads",
        remark="" if seconds >= _IDLE else "too short for a sync",
    )


def _read_for(screen: Screen, seconds: float) -> None:
    """Let time pass; what is written is taken in, or the program would wait for us."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        screen.text  # noqa: B018 - takes it in
        time.sleep(0.5)
