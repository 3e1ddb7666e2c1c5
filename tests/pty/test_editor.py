from __future__ import annotations

import sys

import pytest

from tests.terminal import Terminal

pytestmark = pytest.mark.pty
EDITOR = """\
import pathlib, sys
path = pathlib.Path(sys.argv[-1])
print("EDITOR SEES", path.read_text(), flush=True)
sys.stdin.readline()
path.write_text(path.read_text().strip() + " and what the editor added")
"""


def test_ctrl_e_gives_the_terminal_to_the_editor_and_takes_it_back(tmp_path):
    script = tmp_path / "editor.py"
    script.write_text(EDITOR)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environ = {
        "TRIAGE_HOME": str(tmp_path / "home"),
        "TRIAGE_TOKEN": "",
        "VISUAL": f"{sys.executable} {script}",
        "TMPDIR": str(scratch),
    }
    with Terminal([sys.executable, "-m", "triage", "demo", "--leads", "12"], env=environ) as screen:
        screen.wait_for(r"\[Inbox 12\]")
        screen.press("n")
        screen.wait_for("Enter keeps")
        screen.type("half a note")
        screen.wait_for("half a note")
        screen.type("\x05")
        screen.wait_for("EDITOR SEES half a note")
        assert [path.stat().st_mode & 0o777 for path in scratch.iterdir()] == [0o700]
        screen.type("\x03")  # the terminal sends an interrupt to both; here only the script would end by it
        screen.wait_until_gone("EDITOR SEES")
        screen.wait_for(r"› half a note")
        screen.type("\x05")
        screen.wait_for("EDITOR SEES")
        screen.press("enter")
        screen.wait_for("half a note and what the editor added")
        screen.press("enter")
        screen.wait_for("1 unsent")
        assert list(scratch.iterdir()) == []
        screen.press("q", "q")
        assert screen.wait_for_exit() == 0
