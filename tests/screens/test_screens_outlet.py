"""What is written to a terminal: at once where it can be, all of it, in order, and never at the loop's expense."""

from __future__ import annotations

import asyncio
import os
import signal
import termios
import threading
import tty
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.cells import cell_len

from screens.sight import Sight
from screens.terminal import outlet
from screens.terminal.driver import LinuxDriver, OrderlyDriver
from screens.terminal.outlet import Outlet
from screens.terminal.stand_ins import AS_WIDE, STAND_INS

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


@pytest.mark.timeout(20)
def test_a_terminal_that_promises_room_and_has_none_holds_nobody_up(open_outlet, monkeypatch):
    def full(_handle, _data):
        raise BlockingIOError

    monkeypatch.setattr(outlet, "os", SimpleNamespace(write=full, close=os.close))
    monkeypatch.setattr(outlet, "select", SimpleNamespace(select=lambda *_: ([], [1], [])))
    left: list[bytes] = []
    open_outlet.send(b"a frame", left.append)
    assert left == [b"a frame"]


def test_a_terminal_of_another_user_is_left_to_the_thread(pty, monkeypatch):
    def refused(*_):
        raise PermissionError

    monkeypatch.setattr(outlet.os, "open", refused)
    anothers, left = Outlet(pty[1]), list[bytes]()
    anothers.open()
    anothers.send(b"a frame", left.append)
    assert left == [b"a frame"]
    anothers.close()


# What waits once the screen is left, or the app ends


@pytest.mark.timeout(20)
def test_of_a_screen_that_is_left_only_what_was_begun_is_written_to_its_end(pty, open_outlet):
    left: list[bytes] = []
    for text in (FRAME, b"of the old screen", b"this too"):
        open_outlet.send(text, left.append)
    open_outlet.forget()
    open_outlet.send(b"it is left", left.append)
    writer = threading.Thread(target=lambda: [open_outlet.write(one) for one in left])
    writer.start()
    assert read(pty[0], len(FRAME) + len(b"it is left")) == FRAME + b"it is left"
    writer.join()
    open_outlet.close()
    open_outlet.open()
    open_outlet.send(b"another screen", left.append)
    assert read(pty[0], 14) == b"another screen"


@pytest.mark.timeout(20)
def test_what_waits_when_the_app_ends_is_forgotten_but_not_how_it_leaves(pty):
    ending: list[bool] = []
    ends, left = Outlet(pty[1], lambda: bool(ending)), list[bytes]()
    ends.open()
    for text in (FRAME, b"of the old screen"):
        ends.send(text, left.append)
    ending.append(True)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(read(pty[0], len(FRAME) + len(b"it is left"))))
    reader.start()
    for text in left:
        ends.write(text)
    ends.forget()
    ends.send(b"it is left", ends.write)
    reader.join()
    assert found == [FRAME + b"it is left"]
    ends.close()


@pytest.mark.timeout(20)
def test_at_the_end_nobody_waits_for_a_terminal_that_nobody_reads(pty, monkeypatch):
    monkeypatch.setattr(outlet, "DEAF", 0.2)
    ends, left = Outlet(pty[1], lambda: True), list[bytes]()
    ends.open()
    for text in (FRAME, FRAME):
        ends.send(text, left.append)
    ends.forget()
    ends.send(FRAME, left.append)
    for text in left:
        ends.write(text)
    ends.close()
    assert os.get_blocking(pty[1])


# The driver


def driver_on(handle, encoding="utf-8", queued=None):
    """Return a driver as far as it writes and takes signals; what it leaves to its thread is in `queued`."""
    driver = OrderlyDriver.__new__(OrderlyDriver)
    driver._encoding, driver._outlet, driver._is_on = encoding, Outlet(handle), True
    driver._writer_thread = SimpleNamespace(write=(queued if queued is not None else []).append)
    driver._output = Sight(always=True)
    driver._app, driver._auto_restart, driver._asked = None, True, None
    driver._outlet.open()
    return driver


@pytest.mark.parametrize(
    ("encoding", "sent"), [("utf-8", "é漢e\u0301|".encode()), ("latin-1", b"\xe9??e|"), ("ascii", b"???e|")]
)
def test_what_a_terminal_cannot_say_is_as_wide_as_it_would_be(pty, encoding, sent):
    driver = driver_on(pty[1], encoding)
    driver.write("é漢e\u0301|")
    assert read(pty[0], len(sent)) == sent
    driver._outlet.close()


def test_every_sign_of_the_screens_has_a_stand_in_of_its_width():
    sources = [path for path in Path("screens").rglob("*.py") if path.name != "stand_ins.py"]
    drawn = set("".join(path.read_text("utf-8") for path in sources))
    odd = {sign for sign in drawn if not sign.isascii() and not sign.isalpha()}
    assert {sign for sign in odd if sign not in STAND_INS} == set()
    assert [stand_in for stand_in in STAND_INS.values() if not stand_in.isascii() or len(stand_in) != 1] == []
    assert {cell_len(sign) for sign in STAND_INS} == {1}


@pytest.mark.parametrize("signs", ["✓✗?", "●○◐", "▲▼·", "‼✗✓", "●★☾⚠‼", "█▓░"])
def test_what_differs_by_its_sign_alone_differs_in_ascii_too(signs):
    assert len(set(signs.encode("ascii", AS_WIDE))) == len(signs)


async def test_a_signal_that_comes_into_a_write_changes_nothing_before_that_is_done(pty, monkeypatch):
    done: list[str] = []
    driver = driver_on(pty[1])
    driver._loop = asyncio.get_running_loop()
    monkeypatch.setattr(driver, "resume_application_mode", lambda: done.append("gone on"))
    interrupting = SimpleNamespace(
        write=lambda _: (os.kill(os.getpid(), signal.SIGCONT), done.append("written"))
    )
    driver._writer_thread = interrupting
    before = signal.signal(signal.SIGCONT, driver._sigcont_application)
    try:
        driver.write(FRAME.decode())
        assert done == ["written"]
        await asyncio.sleep(0)
        assert done == ["written", "gone on"]
    finally:
        signal.signal(signal.SIGCONT, before)
        driver._outlet.close()


async def test_of_a_stop_and_a_going_on_that_come_together_the_last_one_counts(pty, monkeypatch):
    done: list[object] = []
    driver = driver_on(pty[1])
    driver._loop = asyncio.get_running_loop()
    monkeypatch.setattr(driver, "resume_application_mode", lambda: done.append("gone on"))
    monkeypatch.setattr(driver, "suspend_application_mode", lambda: done.append("given back"))
    monkeypatch.setattr(os, "kill", lambda *said: done.append(said))
    driver._sigtstp_application()
    driver._sigcont_application()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert done == ["gone on"]
    monkeypatch.setattr(driver, "suspend_application_mode", driver._sigcont_application)
    driver._sigtstp_application()
    for _turn in range(3):
        await asyncio.sleep(0)
    assert done == ["gone on", "gone on"], "it was told to go on while it gave the terminal back"
    driver._outlet.close()


def test_once_the_app_is_over_its_process_can_still_be_stopped(pty, monkeypatch):
    done: list[object] = []
    driver = driver_on(pty[1])
    driver._loop = asyncio.new_event_loop()
    driver._loop.close()
    monkeypatch.setattr(driver, "suspend_application_mode", lambda: None)
    monkeypatch.setattr(os, "kill", lambda _pid, number: done.append(number))
    driver._sigtstp_application()
    assert done == [signal.SIGSTOP]
    driver._outlet.close()


def test_a_terminal_that_a_shell_still_has_is_written_nothing(pty, monkeypatch):
    driver, left = driver_on(pty[1]), []
    driver._outlet.close()
    driver._is_on = driver._was_on = False
    driver._writer_thread = SimpleNamespace(write=left.append)
    monkeypatch.setattr(
        LinuxDriver, "start_application_mode", lambda _: None
    )  # as when a job is not in front
    driver.start_application_mode()
    driver.write("a frame")
    os.set_blocking(pty[0], False)
    with pytest.raises(BlockingIOError):
        os.read(pty[0], 100)
    assert left == []
    assert driver._outlet._again is None


def test_what_is_left_to_the_thread_is_behind_until_it_is_written_and_that_is_told(pty):
    told: list[bool] = []
    slow = Outlet(pty[1], caught_up=lambda: told.append(slow.is_behind))
    slow.send(b"one", [].append)
    slow.send(b"two", [].append)
    assert slow.is_behind
    slow.write(b"one")
    assert slow.is_behind
    assert told == []
    slow.write(b"two")
    assert told == [False]
