"""The clipboard: the terminal is asked, the system is told, and only what is known is said."""

from __future__ import annotations

import pytest

from screens.terminal import clipboard
from screens.terminal.clipboard import copied, program


class StagedApp:
    def __init__(self) -> None:
        self.asked = []

    def copy_to_clipboard(self, text):
        self.asked.append(text)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A machine with a display and programs that do what a test says."""

    def set_up(**programs: str):
        for name, body in programs.items():
            path = tmp_path / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{body}\n")
            path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        for name in clipboard._REMOTE:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("DISPLAY", ":7")
        return tmp_path

    return set_up


async def test_a_program_of_the_system_that_took_the_text_is_named(here):
    place = here(xclip='cat > "$(dirname "$0")/taken"')
    app = StagedApp()
    assert await copied(app, "phone", "+49 30 5550 123") == "Copied the phone with xclip"
    assert (place / "taken").read_text() == "+49 30 5550 123"
    assert app.asked == ["+49 30 5550 123"]


@pytest.mark.parametrize("body", ["exit 1", "exec sleep 30"])
async def test_one_that_fails_or_hangs_is_not_said_to_have_it(here, monkeypatch, body):
    monkeypatch.setattr(clipboard, "TAKES", 0.3)
    here(xclip=body)
    assert "by way of the terminal, if it allows" in await copied(StagedApp(), "phone", "1")


def test_over_ssh_the_system_far_away_is_not_asked(here):
    here(xclip="exit 0", wl_copy="exit 0")
    path = {"PATH": str(here())}
    assert program({"DISPLAY": ":7", **path}, "linux")[0] == "xclip"
    assert program({"WAYLAND_DISPLAY": "w", "DISPLAY": ":7", **path}, "linux")[0] == "wl-copy"
    assert program({"DISPLAY": ":7", "SSH_CONNECTION": "x", **path}, "linux") == ()
    assert program(path, "linux") == ()
