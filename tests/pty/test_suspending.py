"""Stopping as a job of a shell does, and going on: in front, and not behind it."""

from __future__ import annotations

import sys
import time

import pytest

from tests.pty.test_endings import modes_left_on
from tests.terminal import PATIENCE, Terminal

pytestmark = pytest.mark.pty


def test_an_app_that_no_shell_could_wake_again_is_not_put_to_sleep(tmp_path):
    environ = {"TRIAGE_HOME": str(tmp_path), "TRIAGE_TOKEN": ""}
    with Terminal([sys.executable, "-m", "triage", "demo", "--leads", "12"], env=environ) as screen:
        screen.wait_for(r"\[Inbox 12\]")
        screen.wait_for("leads from")
        screen.type("\x1a")
        screen.wait_for("No shell waits here")
        screen.press("q")
        assert screen.wait_for_exit() == 0


@pytest.mark.parametrize("before", ["", "stty tostop; "], ids=["", "tostop"])
def test_a_job_in_the_background_leaves_the_terminal_alone_until_it_is_in_front(tmp_path, before):
    environ = {"TRIAGE_HOME": str(tmp_path), "TRIAGE_TOKEN": "", "PS1": "shell> "}
    with Terminal(["bash", "--norc", "--noprofile", "-i"], env=environ) as screen:
        screen.wait_for("shell>")
        screen.type(f"{before}{sys.executable} -m triage demo --leads 12 &\r")
        said_stopped(screen)
        screen.type("fg\r")
        screen.wait_for(r"\[Inbox 12\]")
        screen.wait_for("leads from")
        screen.type("\x1a")
        screen.wait_for("Stopped")
        for _time in range(2):
            screen._screen.reset()
            screen.type("bg\r")
            screen.wait_for("&")
            said_stopped(screen)
            assert modes_left_on(bytes(screen.raw)) <= {"2004"}  # the shell's own
        screen._screen.reset()
        screen.type("fg\r")
        screen.wait_for(r"\[Inbox 12\]")
        screen.press("q")
        screen.wait_for("shell>")
        screen.type("echo it ended with $?\r")
        screen.wait_for("it ended with 0")
        screen.type("exit\r")
        screen.wait_for_exit()


def said_stopped(screen):
    """Ask the shell for its jobs until the one there is has stopped."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        screen._screen.reset()
        screen.type("sleep 0.2; jobs; echo looked\r")
        screen.wait_for("^looked")
        if "Stopped" in screen.text:
            screen._screen.reset()
            return
    pytest.fail("the job goes on in the background")
