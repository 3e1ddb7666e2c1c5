from __future__ import annotations

import sys

import pytest

from tests.terminal import Terminal

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
