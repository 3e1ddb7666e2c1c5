"""However the app ends: the terminal is as it was, the exit code says why, and what was acknowledged is kept."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.leads import believable
from config import write
from config.paths import paths
from config.settings import Profile
from screens.terminal import signals
from screens.terminal.restore import LEFT, sane
from tests.terminal import ROOT, Terminal
from triage.clock import utc_now
from triage.house import House
from triage.store.outbox import Outbox
from triage.wiring import open_session

pytestmark = pytest.mark.pty
TRIAGE = [sys.executable, "-m", "triage"]
MODES = {"1049", "1000", "1002", "1003", "2004", "1004", "2048"}
"""Private modes that a shell wants off: screen, mouse, pastes, focus, sizes."""
INPUT_FLAGS, LOCAL_FLAGS = 0, 3
LEADS = 130


class Home:
    """A rep's home with leads for a hundred decisions, and a CRM that takes connections and never answers."""

    def __init__(self, folder: Path, port: int) -> None:
        self.environ = {**os.environ, "TRIAGE_HOME": str(folder), "TRIAGE_TOKEN": "none"}
        self._places = paths(self.environ)
        profile = Profile(url=f"http://127.0.0.1:{port}", account_id="here")
        write.save_profile(self._places.settings_file, "work", profile)
        session = open_session(House.found(self.environ))
        leads = list(believable(LEADS, datetime.now(UTC)))
        session.wait(session.desk.leads.replace_all, leads, frozenset(), "1")
        asyncio.run(session.aclose())

    def app(self, command: list[str] | None = None) -> Terminal:
        return Terminal(command or TRIAGE, env=self.environ)

    def acts(self) -> list[str]:
        """What was decided, by what is on the disk."""
        (journal,) = self._places.state.glob("*/outbox.journal")
        outbox = Outbox(journal, utc_now)
        try:
            return [item.decision.act.value for item in outbox.all() if item.decision]
        finally:
            outbox.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield Home(tmp_path, silent.getsockname()[1])


# What a terminal is left with


def modes_left_on(raw: bytes) -> set[str]:
    """The private modes that were set last and not reset."""
    left: dict[str, bool] = {}
    for numbers, how in re.findall(rb"\x1b\[\?([\d;]+)([hl])", raw):
        left |= {number.decode(): how == b"h" for number in numbers.split(b";")}
    on = {number for number, is_on in left.items() if is_on} & MODES
    return on | ({"cursor hidden"} if not left.get("25", True) else set())


def keyboard_protocols_left(raw: bytes) -> int:
    return len(re.findall(rb"\x1b\[>\d+u", raw)) - len(re.findall(rb"\x1b\[<u", raw))


def attributes(screen: Terminal) -> list[Any]:
    return termios.tcgetattr(screen._slave)


def assert_whole(screen: Terminal, before: list[Any]) -> None:
    screen.text  # noqa: B018 - takes in what was said last
    assert attributes(screen) == before
    assert modes_left_on(screen.raw) == set()
    assert keyboard_protocols_left(screen.raw) == 0
    assert b"Traceback" not in screen.raw


def test_the_check_sees_a_terminal_that_is_left_raw(home: Home) -> None:
    with home.app() as screen:
        before = attributes(screen)
        screen.wait_for(f"Inbox {LEADS}")
        os.kill(screen.pid, signal.SIGKILL)
        assert screen.wait_for_exit() == -signal.SIGKILL
        screen.text  # noqa: B018 - takes in what was said last
        assert attributes(screen) != before
        assert {"1049", "1000", "2004", "1004", "cursor hidden"} <= modes_left_on(screen.raw)
        assert keyboard_protocols_left(screen.raw) == 1
        assert modes_left_on(bytes(screen.raw) + LEFT) == set()
        left = attributes(screen)
        assert not left[LOCAL_FLAGS] & termios.ECHO
        assert sane(left)[LOCAL_FLAGS] & termios.ECHO
    assert home.acts() == []


# Each way to end, in each situation


def nothing_open(screen: Terminal) -> None:
    """The rep looks on."""


def a_question_open(screen: Terminal) -> None:
    screen.press("r")
    screen.wait_for("Reject ")


def in_the_middle_of_a_sync(screen: Terminal) -> None:
    screen.press("S")
    screen.wait_for("sync|Sync|send")


SITUATIONS = (nothing_open, a_question_open, in_the_middle_of_a_sync)
Situation = Callable[[Terminal], None]


@contextmanager
def decided_in(home: Home, situation: Situation, command: list[str] | None = None) -> Iterator[Terminal]:
    """The app, in a situation, after one decision; afterwards that decision is on the disk, once."""
    count = len(home.acts())
    with home.app(command) as screen:
        screen.wait_for("Inbox")
        screen.press("a")
        screen.wait_for("accepted")
        situation(screen)
        yield screen
    assert home.acts() == ["accept"] * (count + 1)


def end_by_signal(home: Home, number: signal.Signals, situation: Situation) -> None:
    with decided_in(home, situation) as screen:
        before = attributes_at_start(screen)
        screen.send_signal(number)
        assert screen.wait_for_exit() == 128 + number
        assert_whole(screen, before)


def attributes_at_start(screen: Terminal) -> list[Any]:
    """A fresh pty's settings: all of them start the same."""
    master, slave = os.openpty()
    try:
        return termios.tcgetattr(slave)
    finally:
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize(
    ("number", "situation"),
    [
        (signal.SIGTERM, nothing_open),
        (signal.SIGHUP, in_the_middle_of_a_sync),
        (signal.SIGQUIT, a_question_open),
        (signal.SIGINT, in_the_middle_of_a_sync),
        (signal.SIGUSR1, a_question_open),
    ],
)
def test_a_signal_leaves_the_terminal_whole_and_the_decision_kept(
    home: Home, number: signal.Signals, situation: Situation
) -> None:
    end_by_signal(home, number, situation)


def test_ctrl_c_ends_nothing_and_ctrl_q_ends_in_order(home: Home) -> None:
    with decided_in(home, a_question_open) as screen:
        screen.type("\x03")
        screen.wait_for("q quits|ctrl\\+q")
        screen.type("\x11")
        assert screen.wait_for_exit() == 0
        assert_whole(screen, attributes_at_start(screen))


IGNORING_HANGUP = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *TRIAGE]


def hang_up(home: Home, situation: Situation, command: list[str]) -> None:
    """Close the other end, as a dropped ssh does: no terminal is left to look at, only how it ends."""
    with decided_in(home, situation, command) as screen:
        os.close(screen._slave)
        os.close(screen.handle)
        screen._slave, screen.handle = (os.open(os.devnull, os.O_RDWR) for _ in range(2))
        assert screen._process.wait(timeout=20) == 128 + signal.SIGHUP


def test_a_dropped_connection_ends_it(home: Home) -> None:
    hang_up(home, in_the_middle_of_a_sync, TRIAGE)


def test_a_terminal_that_is_gone_ends_it_though_the_signal_is_ignored(home: Home) -> None:
    hang_up(home, a_question_open, IGNORING_HANGUP)


def stop_and_go_on(home: Home, situation: Situation) -> None:
    """Ctrl+Z and fg in a real shell, as a rep does it."""
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with Terminal(shell, env={**home.environ, "PS1": "shell> "}) as screen:
        screen.wait_for("shell>")
        screen.type(f"{sys.executable} -m triage\r")
        screen.wait_for("Inbox")
        situation(screen)
        screen.type("\x1a")
        screen.wait_for("Stopped")
        assert modes_left_on(screen.raw) <= {"2004"}  # the shell's own
        screen._screen.reset()
        screen.type("stty -a | tr ' ;' '\\n' | grep -x -e echo -e icanon; echo typed\r")
        screen.wait_for(r"^icanon\n.*^echo\n.*^typed|^echo\n.*^icanon\n.*^typed")
        screen._screen.reset()
        screen.type("fg\r")
        screen.wait_for("Inbox")
        screen.press("backspace", "a")
        screen.wait_for("accepted")
        screen._screen.reset()
        screen.type("\x11")
        screen.wait_for("shell>")
        screen.type("echo it ended with $?\r")
        screen.wait_for("it ended with 0")
        assert modes_left_on(screen.raw) <= {"2004"}  # the shell's own
        screen.type("exit\r")
        screen.wait_for_exit()


def test_ctrl_z_gives_the_terminal_back_and_fg_goes_on(home: Home) -> None:
    stop_and_go_on(home, nothing_open)
    assert home.acts() == ["accept"]


TIMES = 10


def test_going_on_without_a_stop_leaves_nothing_behind(home: Home) -> None:
    """A dropped connection sends SIGCONT too, and whoever ends services sends one behind SIGTERM."""
    with home.app() as screen:
        screen.wait_for("Inbox")
        threads = Path(f"/proc/{screen.pid}/task")
        before = len(list(threads.iterdir()))
        for _ in range(TIMES):
            screen.send_signal(signal.SIGCONT)
            screen._screen.reset()
            screen.wait_for("Inbox")
        # Two for each time would be left; the sync beside it starts some of its own.
        assert len(list(threads.iterdir())) < before + TIMES
        screen.send_signal(signal.SIGTERM)
        screen.send_signal(signal.SIGCONT)
        assert screen.wait_for_exit() == 128 + signal.SIGTERM
        assert_whole(screen, attributes_at_start(screen))


def patched(*lines: str) -> list[str]:
    """Return the program with something in it changed first."""
    return [sys.executable, "-c", "\n".join([*lines, "from triage.__main__ import main", "main()"])]


def test_going_on_at_the_very_end_does_not_take_the_terminal_again(home: Home) -> None:
    at_the_end = patched(
        "import os, signal",
        "from screens.terminal.driver import OrderlyDriver as Driver",
        "stop = Driver.stop_application_mode",
        "Driver.stop_application_mode = lambda self: (stop(self), os.kill(os.getpid(), signal.SIGCONT))",
    )
    with home.app(at_the_end) as screen:
        screen.wait_for("Inbox")
        screen.send_signal(signal.SIGTERM)
        assert screen.wait_for_exit() == 128 + signal.SIGTERM
        assert_whole(screen, attributes_at_start(screen))


def test_an_end_that_takes_too_long_is_made_without_the_app(home: Home, tmp_path: Path) -> None:
    """The loop is stuck for good: the terminal is restored and the process ends all the same."""
    mark = tmp_path / "stuck"
    stuck = patched(
        "import pathlib, time, screens.terminal.signals, screens.inbox.screen",
        "screens.terminal.signals.WayOut.__init__.__defaults__ = (0.5,)",
        f"stick = lambda self: (pathlib.Path({str(mark)!r}).touch(), time.sleep(600))",
        "screens.inbox.screen.InboxScreen.action_sort = stick",
    )
    with home.app(stuck) as screen:
        screen.wait_for("Inbox")
        while not mark.exists():
            screen.press("s")
            screen.wait_for("Inbox")
        screen.send_signal(signal.SIGTERM)
        assert screen.wait_for_exit() == 128 + signal.SIGTERM
        assert_whole(screen, attributes_at_start(screen))


# A bug


def with_a_bug(where: str) -> list[str]:
    """Return the program with a bug whose text and variables hold a lead; `where` is module.class.method."""
    module, kind, method = where.rsplit(".", 2)
    return patched(
        "def boom(*_, **__):",
        "    lead = 'Ada Secret'",
        "    raise KeyError(lead)",
        f"import {module} as module",
        f"module.{kind}.{method} = boom",
    )


def ended_by_a_bug(screen: Terminal) -> Path:
    """Wait until it has ended, look at what is left, and return the report that it names."""
    assert screen.wait_for_exit() == 1
    assert_whole(screen, attributes_at_start(screen))
    said = bytes(screen.raw).rpartition(b"\x1b[?1049l")[2].decode()
    assert "wrong in triage itself (KeyError)" in said
    assert "What was acknowledged is saved" in said
    assert "Ada Secret" not in said
    (report,) = re.findall(r"(/\S+/crash-\S+\.txt)", said)
    return Path(report)


def test_a_bug_ends_it_with_one_sentence_and_a_report_without_leads(home: Home) -> None:
    with decided_in(home, nothing_open, with_a_bug("screens.inbox.screen.InboxScreen.action_sort")) as screen:
        screen.press("s")
        report = ended_by_a_bug(screen)
        assert "KeyError" in report.read_text()
        assert "Ada Secret" not in report.read_text()
    (log,) = report.parent.glob("triage.log")
    assert re.search(r"crashed KeyError at \S+ report=crash-", log.read_text())
    assert "Ada" not in log.read_text()


def test_a_bug_on_the_welcome_screen_ends_the_same(tmp_path: Path) -> None:
    environ = {"TRIAGE_HOME": str(tmp_path), "TRIAGE_TOKEN": ""}
    with Terminal(with_a_bug("screens.start.welcome.WelcomeApp.action_choose"), env=environ) as screen:
        screen.wait_for("Try the demo")
        screen.press("d")
        assert ended_by_a_bug(screen).parent == tmp_path / "logs"


def test_a_signal_on_the_welcome_screen_leaves_the_terminal_whole(tmp_path: Path) -> None:
    with Terminal(TRIAGE, env={"TRIAGE_HOME": str(tmp_path / "home"), "TRIAGE_TOKEN": ""}) as screen:
        screen.wait_for("Try the demo")
        screen.send_signal(signal.SIGTERM)
        assert screen.wait_for_exit() == 128 + signal.SIGTERM
        assert_whole(screen, attributes_at_start(screen))


def test_signals_mean_what_they_did_once_the_screen_is_left(tmp_path: Path) -> None:
    with Terminal(TRIAGE, env={"TRIAGE_HOME": str(tmp_path / "home"), "TRIAGE_TOKEN": ""}) as screen:
        screen.wait_for("Sign in")
        screen.press("s")
        screen.wait_for("Address of the CRM")
        assert interrupted(screen) == 130
        assert_whole(screen, attributes_at_start(screen))


def interrupted(screen: Terminal) -> int:
    """Press ctrl+c as a person does, until it is heard; returns the exit code.

    Between writing a prompt and reading from it Python notes an interrupt, and acts on it after the read.
    """
    for _press in range(20):
        screen.type("\x03")
        with contextlib.suppress(subprocess.TimeoutExpired):
            return screen.wait_for_exit(patience=1)
    return screen.wait_for_exit()


# A terminal that was left raw


def fix(screen: Terminal) -> int:
    """Run `triage fix-terminal` on a terminal, as its only program."""
    fixing = subprocess.Popen(
        [*TRIAGE, "fix-terminal"],
        stdin=screen._slave,
        stdout=screen._slave,
        stderr=screen._slave,
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    return fixing.wait(60)


def test_fix_terminal_mends_what_a_kill_left(home: Home) -> None:
    with home.app() as screen:
        screen.wait_for("Inbox")
        os.kill(screen.pid, signal.SIGKILL)
        assert screen.wait_for_exit() == -signal.SIGKILL
        left = attributes(screen)
        assert not left[LOCAL_FLAGS] & (termios.ECHO | termios.ICANON | termios.ISIG)
        assert fix(screen) == 0
        screen.text  # noqa: B018 - takes in what was said last
        assert modes_left_on(screen.raw) == set()
        assert keyboard_protocols_left(screen.raw) == 0
        wanted = termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN
        assert attributes(screen)[LOCAL_FLAGS] & wanted == wanted
        assert attributes(screen)[INPUT_FLAGS] & termios.ICRNL


# The long form


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("number", signals.ENDING)
def test_a_hundred_signals_each(home: Home, number: signal.Signals) -> None:
    for turn in range(100):
        end_by_signal(home, number, SITUATIONS[turn % len(SITUATIONS)])


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("command", [TRIAGE, IGNORING_HANGUP], ids=["heard", "ignored"])
def test_a_hundred_dropped_connections(home: Home, command: list[str]) -> None:
    for turn in range(100):
        hang_up(home, SITUATIONS[turn % len(SITUATIONS)], command)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_hundred_stops(home: Home) -> None:
    for turn in range(100):
        stop_and_go_on(home, SITUATIONS[turn % len(SITUATIONS)])
    assert home.acts() == ["accept"] * 100
