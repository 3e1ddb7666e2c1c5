"""The rep's own editor: the text comes back cleaned, and nothing of it stays on the disk."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import tempfile
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from screens.sight import Sight
from screens.terminal.driver import OrderlyDriver
from screens.terminal.editor import edited, editor_of
from screens.terminal.outlet import Outlet
from triage.errors import TriageError


class StagedApp:
    """An app as far as an editor needs it: it steps aside and says when."""

    def __init__(self) -> None:
        self.was_aside = self.is_back = False
        self.is_leaving = False

    def batch_update(self):
        return nullcontext()

    @contextmanager
    def suspend(self):
        self.was_aside = True
        yield
        self.is_back = True  # as the toolkit does it: not where an error came through


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where temporary files go; an editor is set up by `editor`."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


@pytest.fixture
def editor(tmp_path, monkeypatch):
    def set_up(body: str, *, name: str = "VISUAL", arguments: str = "") -> None:
        script = tmp_path / "an editor.py"
        script.write_text(f"import pathlib, sys\npath = pathlib.Path(sys.argv[-1])\n{body}\n")
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv(name, f"{sys.executable} '{script}' {arguments}")

    return set_up


@pytest.mark.parametrize("name", ["VISUAL", "EDITOR"])
async def test_what_the_editor_saved_comes_back_cleaned_and_the_file_goes(folder, editor, name):
    editor("path.write_text(path.read_text() + ' and more\\x1b[31m\\nsecond line\\n')", name=name)
    app = StagedApp()
    assert await edited(app, "a note") == "a note and more\N{REPLACEMENT CHARACTER}[31m\nsecond line"
    assert app.was_aside
    assert list(folder.iterdir()) == []


async def test_the_file_is_for_its_owner_only_and_so_is_its_folder(folder, editor, tmp_path):
    seen = tmp_path / "seen"
    editor(
        f"pathlib.Path({str(seen)!r}).write_text(f'{{path.stat().st_mode:o}} {{path.parent.stat().st_mode:o}}')"
    )
    before = os.umask(0)
    try:
        await edited(StagedApp(), "secret")
    finally:
        os.umask(before)
    file, place = (stat.S_IMODE(int(mode, 8)) for mode in seen.read_text().split())
    assert (file, place) == (0o600, 0o700)


@pytest.mark.parametrize("body", ["pass", "path.touch()"])
async def test_an_editor_that_changes_nothing_changes_nothing(folder, editor, body):
    editor(body)
    assert await edited(StagedApp(), "a note") is None
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("body", ["sys.exit(3)", "path.write_text('changed'); sys.exit(3)"])
async def test_an_editor_that_fails_is_said_to_and_changes_nothing(folder, editor, body):
    editor(body)
    with pytest.raises(TriageError, match=r"exit code 3.*as it was"):
        await edited(StagedApp(), "a note")
    assert list(folder.iterdir()) == []


async def test_an_editor_that_cannot_be_run_leaves_the_terminal_to_the_app(folder, tmp_path, monkeypatch):
    script = tmp_path / "editor"
    script.write_text("#!/there/is/no/such/interpreter\n")
    script.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(script))
    app = StagedApp()
    with pytest.raises(TriageError, match="editor could not be used"):
        await edited(app, "a note")
    assert app.is_back
    assert list(folder.iterdir()) == []


async def test_what_an_editor_leaves_beside_the_file_goes_too(folder, editor):
    editor("path.with_suffix('.txt~').write_text('a note'); path.write_text('other')")
    assert await edited(StagedApp(), "a note") == "other"
    assert list(folder.iterdir()) == []


async def test_a_file_that_the_editor_took_away_is_said_and_nothing_stays(folder, editor):
    editor("path.unlink()")
    app = StagedApp()
    with pytest.raises(TriageError, match="editor could not be used"):
        await edited(app, "a note")
    assert app.is_back
    assert list(folder.iterdir()) == []


async def test_a_text_of_any_size_and_of_any_bytes_comes_back_within_bounds(folder, editor):
    editor("path.write_bytes(b'\\xff\\x00' * 200_000)")
    told = await edited(StagedApp(), "a note")
    assert told is not None
    assert len(told) < 21_000
    assert all(character.isprintable() or character == "\n" for character in told)


async def test_the_editor_ends_with_the_app(folder, editor):
    editor("import time; time.sleep(60)")
    app = StagedApp()
    app.is_leaving = True
    assert await edited(app, "a note") is None
    assert list(folder.iterdir()) == []


async def test_an_editor_that_does_not_want_to_end_ends_with_the_app_and_its_file_goes(folder, editor):
    editor("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)")
    app = StagedApp()
    app.is_leaving = True
    async with asyncio.timeout(20):
        assert await edited(app, "a note") is None
    assert list(folder.iterdir()) == []


def test_visual_goes_before_editor_and_both_before_what_is_usual(tmp_path):
    for name in ("one", "other", "nano", "vi"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    path = {"PATH": str(tmp_path)}
    assert editor_of({"VISUAL": "one -w", "EDITOR": "other", **path}) == ["one", "-w"]
    assert editor_of({"VISUAL": " ", "EDITOR": "other", **path}) == ["other"]
    assert editor_of(path) == ["nano"]
    (tmp_path / "nano").unlink()
    assert editor_of(path) == ["vi"]


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "There is no editor"),
        ({"EDITOR": "vanished-editor"}, "EDITOR names no editor that is here: vanished-editor"),
        ({"VISUAL": "'open quote"}, "a quote is open"),
    ],
)
def test_without_an_editor_the_rep_is_told_what_to_set(tmp_path, environment, words):
    with pytest.raises(TriageError, match=words) as caught:
        editor_of({"PATH": str(Path(tmp_path)), **environment})
    assert "EDITOR" in caught.value.hint


def test_nothing_is_written_to_a_terminal_that_an_editor_has():
    reading, writing = os.pipe()
    driver = OrderlyDriver.__new__(OrderlyDriver)
    driver._encoding, driver._outlet, driver._is_on = "utf-8", Outlet(writing), False
    driver._output, left = Sight(always=True), []
    driver._writer_thread = SimpleNamespace(write=left.append)
    driver.write("a bell, after which the thirty-first would wait for ever")
    driver._is_on = True
    driver.write("back")
    assert left == [b"back"]
    os.close(reading)
    os.close(writing)
