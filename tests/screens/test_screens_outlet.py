"""What is written to a terminal: at once where it can be, all of it, in order, and never at the loop's expense."""

from __future__ import annotations

import os
import termios
import threading
import tty
from pathlib import Path

import pytest

from screens.terminal import outlet
from screens.terminal.outlet import Outlet

FRAME = b"".join(b"line %05d of a frame\r\n" % number for number in range(4_000))
"""More than any pty holds."""


@pytest.fixture
def pty():
    """A terminal's two ends: the one we write to passes everything on as it is."""
    reading, writing = os.openpty()
    tty.setraw(writing)
    yield reading, writing
    os.close(reading)
    os.close(writing)


@pytest.fixture
def open_outlet(pty):
    made = Outlet(pty[1])
    made.open()
    yield made
    made.close()


def read(handle: int, count: int) -> bytes:
    found = b""
    while len(found) < count:
        found += os.read(handle, 65536)
    return found


def test_what_a_terminal_takes_is_out_when_send_returns_and_no_thread_was_needed(pty, open_outlet):
    left: list[bytes] = []
    open_outlet.send(b"a frame", left.append)
    assert read(pty[0], 7) == b"a frame"
    assert left == []


def test_what_a_terminal_does_not_take_is_left_to_the_thread_to_the_last_byte(pty, open_outlet):
    left: list[bytes] = []
    open_outlet.send(FRAME, left.append)
    begun = len(FRAME) - len(left[0])
    assert 0 < begun < len(FRAME)
    assert read(pty[0], begun) + left[0] == FRAME


def test_nothing_overtakes_what_the_thread_has_not_written_yet(pty, open_outlet):
    left: list[bytes] = []
    open_outlet.send(FRAME, left.append)
    begun = read(pty[0], len(FRAME) - len(left[0]))
    open_outlet.send(b"second", left.append)  # there is room again, but the first is not out
    writer = threading.Thread(target=lambda: [open_outlet.write(one) for one in left])
    writer.start()
    assert begun + read(pty[0], len(left[0]) + len(b"second")) == FRAME + b"second"
    writer.join()
    open_outlet.send(b"third", left.append)
    assert read(pty[0], 5) == b"third"
    assert len(left) == 2


def test_a_terminal_that_makes_room_while_a_frame_is_written_takes_all_of_it_at_once(
    pty, open_outlet, monkeypatch
):
    monkeypatch.setattr(outlet, "PATIENCE", 60.0)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(read(pty[0], len(FRAME))))
    reader.start()
    left: list[bytes] = []
    open_outlet.send(FRAME, left.append)
    reader.join()
    assert (found, left) == ([FRAME], [])


def test_the_terminals_own_handle_still_waits_for_whoever_has_it_after_us(pty, open_outlet):
    open_outlet.send(b"a frame", [].append)
    assert os.get_blocking(pty[1])


def test_a_thread_waits_for_a_terminal_that_was_left_not_to_wait(pty):
    os.set_blocking(pty[1], False)
    patient = Outlet(pty[1])
    writer = threading.Thread(target=patient.write, args=(FRAME,))
    writer.start()
    assert read(pty[0], len(FRAME)) == FRAME
    writer.join()


def test_what_is_no_terminal_is_left_to_the_thread():
    reading, writing = os.pipe()
    piped, left = Outlet(writing), list[bytes]()
    piped.open()
    piped.send(b"a frame", left.append)
    assert left == [b"a frame"]
    piped.write(left[0])
    assert os.read(reading, 100) == b"a frame"
    os.close(reading)
    os.close(writing)


def test_a_terminal_that_is_gone_is_written_to_by_nobody_and_misses_nothing(pty):
    reading, writing = os.openpty()
    hung_up = Outlet(writing)
    hung_up.open()
    os.close(reading)
    left: list[bytes] = []
    hung_up.send(b"a frame", left.append)
    assert left == []
    hung_up.write(b"a frame")
    hung_up.send(b"another", left.append)
    hung_up.close()
    os.close(writing)
    assert termios.tcgetattr(pty[1])  # another terminal is as it was


def test_what_was_opened_is_given_back_once(open_outlet):
    before = len(list(Path("/dev/fd").iterdir()))
    open_outlet.close()
    open_outlet.close()
    assert len(list(Path("/dev/fd").iterdir())) == before - 1
