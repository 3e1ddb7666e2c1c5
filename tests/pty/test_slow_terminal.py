"""A terminal that is slow, or stands still: it sees all in the end, holds up no end, and signals harm nothing."""

from __future__ import annotations

import os
import random
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.pty.test_endings import assert_whole, attributes_at_start, patched
from tests.terminal import Terminal

pytestmark = pytest.mark.pty
SIZE = {"columns": 120, "lines": 36}
KEYS = 100
MUCH = 100_000
"""Bytes: several times what a pty holds."""
WITHOUT_A_WATCH = patched("import screens.terminal.signals as s", "s.WayOut.__init__.__defaults__ = (600,)")
"""The program, which nobody ends if it does not end by itself."""
WHILE_TIME_STANDS_STILL = patched("import triage.clock as c", "now = c.utc_now()", "c.utc_now = lambda: now")
"""The program, whose screen tells the same time at every look."""


@contextmanager
def inbox(folder: Path, command: list[str]) -> Iterator[Terminal]:
    environ = {"TRIAGE_HOME": str(folder), "TRIAGE_TOKEN": ""}
    with Terminal([*command, "demo", "--leads", "120"], env=environ, **SIZE) as screen:
        screen.wait_for(r"\[Inbox 120\]")
        screen.wait_for("leads from")
        yield screen


def move_about(screen: Terminal, times: int = KEYS) -> None:
    """Press keys faster than a slow terminal shows what they change; each is another frame."""
    for number in range(times):
        os.write(screen.handle, b"jjjjk"[number % 5 :][:1])
        time.sleep(0.015)  # the pace of the keys, nothing is waited for


@contextmanager
def reading(screen: Terminal, pause: float, at_once: int = 1024) -> Iterator[list[bytes]]:
    """Read a terminal beside the test, so much in so many seconds; afterwards all of it is on the screen."""
    found: list[bytes] = []
    is_over = threading.Event()

    def read() -> None:
        while not is_over.wait(pause):
            if select.select([screen.handle], [], [], 0.05)[0]:
                found.append(os.read(screen.handle, at_once))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield found
    finally:
        is_over.set()
        reader.join()
        for chunk in found:
            screen.feed(chunk)


def all_read(found: list[bytes]) -> None:
    """Wait until nothing more comes."""
    count = -1
    while count != len(found):
        count = len(found)
        time.sleep(1)  # a slow reader's own pace, many times over


def cells(screen: Terminal) -> list[list[object]]:
    """Return what is in each cell, with its colours, once nothing more comes."""
    before = -1
    while before != len(screen.raw):
        before = len(screen.raw)
        time.sleep(0.3)
        screen.text  # noqa: B018 - takes in what was said last
    grid = screen._screen
    return [[grid.buffer[line][column] for column in range(grid.columns)] for line in range(grid.lines)]


def repainted(screen: Terminal) -> list[list[object]]:
    """Have the app paint all of it anew, on an empty screen, and return that."""
    screen._screen.reset()
    screen.send_signal(signal.SIGCONT)
    screen.wait_for(r"\[Inbox 120\]")
    screen.wait_for("leads from")
    return cells(screen)


def noting(file: Path) -> list[str]:
    """Return the program, which notes in a file what its terminal is to be sent."""
    return patched(
        "from screens.terminal.outlet import Outlet",
        f"noted, send = open({str(file)!r}, 'ab', buffering=0), Outlet.send",
        "Outlet.send = lambda self, data, later: (noted.write(data), send(self, data, later))",
    )


def test_a_slow_terminal_gets_every_byte_in_order(tmp_path: Path) -> None:
    noted = tmp_path / "sent"
    with inbox(tmp_path, noting(noted)) as screen:
        with reading(screen, 0.004) as found:
            move_about(screen)
            all_read(found)
        sent = noted.read_bytes().replace(b"\n", b"\r\n")  # the terminal's own settings do that
        assert screen.raw == sent
        assert len(sent) > MUCH


def test_no_key_decides_a_lead_that_a_slow_terminal_has_not_shown(tmp_path: Path) -> None:
    with inbox(tmp_path, [sys.executable, "-m", "triage"]) as screen:
        move_about(screen, 20)  # nobody reads: most of these frames wait
        os.write(screen.handle, b"a")
        time.sleep(1.5)  # longer than a key waits for what it is about
        screen.wait_for("It was not on the screen yet")
        assert "Decided today 0" in screen.text
        screen.press("a")
        screen.wait_for("Decided today 1")


def test_a_slow_terminal_shows_in_the_end_what_a_full_repaint_shows(tmp_path: Path) -> None:
    with inbox(tmp_path, WHILE_TIME_STANDS_STILL) as screen:
        with reading(screen, 0.004) as found:
            move_about(screen)
            all_read(found)
        shown = cells(screen)
        assert shown == repainted(screen)
        screen.press("q")
        assert screen.wait_for_exit() == 0


def test_a_terminal_that_nobody_reads_holds_up_no_end(tmp_path: Path) -> None:
    """Thirty frames wait then, and the loop with them: it ends all the same, and in order."""
    with inbox(tmp_path, WITHOUT_A_WATCH) as screen:
        move_about(screen)
        screen.send_signal(signal.SIGTERM)
        assert screen._process.wait(timeout=20) == 128 + signal.SIGTERM


def test_an_end_leaves_a_slow_terminal_whole_without_all_that_it_had_not_shown(tmp_path: Path) -> None:
    """What waits would take longer than an end may: it is left out, what leaves the screen is not."""
    with inbox(tmp_path, [sys.executable, "-m", "triage"]) as screen:
        with reading(screen, 0.05) as found:
            move_about(screen)
            screen.send_signal(signal.SIGTERM)
            assert screen._process.wait(timeout=20) == 128 + signal.SIGTERM
            all_read(found)
        assert_whole(screen, attributes_at_start(screen))


@pytest.mark.parametrize("pause", [0.0, 0.02], ids=["quick", "slow"])
def test_a_storm_of_stops_and_goings_on_locks_nothing_and_leaves_nothing_behind(
    tmp_path: Path, pause: float
) -> None:
    """Signals come into writes, into each other, and while the terminal is given back or taken."""
    storm(tmp_path, pause, 40)


@pytest.mark.soak
@pytest.mark.parametrize("pause", [0.0, 0.05])
def test_a_storm_that_lasts(tmp_path: Path, pause: float) -> None:
    storm(tmp_path, pause, 600)


def storm(folder: Path, pause: float, times: int) -> None:
    dice = random.Random(times)
    with inbox(folder, [sys.executable, "-m", "triage"]) as screen:
        handles = Path(f"/proc/{screen.pid}/fd")
        before = len(list(handles.iterdir()))
        with reading(screen, pause, 4096):
            for number in range(times):
                os.write(screen.handle, dice.choice([b"j", b"k", b"\x1b[6~"]))
                time.sleep(dice.random() * 0.03)  # at any moment of what a key does
                if number % 3 == 0:
                    screen.send_signal(signal.SIGTSTP)
                    time.sleep(dice.random() * 0.05)
                screen.send_signal(signal.SIGCONT)
        until = time.monotonic() + 60
        while not handles_are(handles, before) and time.monotonic() < until:
            screen.send_signal(signal.SIGCONT)
            screen.wait_for("Inbox")
        assert handles_are(handles, before)
        screen._screen.reset()
        screen.send_signal(signal.SIGCONT)
        screen.wait_for(r"\[Inbox 120\]")
        screen.press("q")
        assert screen.wait_for_exit() == 0
        assert_whole(screen, attributes_at_start(screen))


def handles_are(handles: Path, before: int) -> bool:
    """Whether no more files are open than at first; the sync beside it may have some of its own."""
    return len(list(handles.iterdir())) <= before + 3
