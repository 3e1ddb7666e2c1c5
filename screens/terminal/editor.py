"""A text in the rep's own editor: the app steps aside, and the text lies in a private file meanwhile.

Must never leave the file behind, whatever ends the editor, and never run a shell.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from textual.app import App

from triage.errors import TriageError
from triage.text import NOTE_LIMIT, clean_note

USUAL = ("nano", "vi")
"""What is tried where neither VISUAL nor EDITOR names one."""
_LARGEST = 4 * NOTE_LIMIT + 4
"""Bytes read back: a note of the greatest length, and enough to tell that there is more."""
_LOOK_EVERY = 0.2
"""Seconds between two looks whether the app has to end."""
_ASKED_TO_END = 5
"""Looks at which an editor is asked to end with the app; then it has to, or its file would stay."""
_HINT = "Set VISUAL or EDITOR."


async def edited(app: App[Any], text: str) -> str | None:
    """Return the text as the rep's editor left it, cleaned; None if it is unchanged, or the app ended it.

    TriageError where there is no editor, where it fails, or the file cannot be written or read. The app draws
    nothing meanwhile; what works beside the keys goes on.
    """
    command = editor_of(os.environ)
    try:
        with _private_file(text) as path:
            code = await _in_our_place(app, [*command, str(path)])
            found = _read(path) if code == 0 else text
    except OSError as error:
        raise TriageError(f"The editor could not be used: {error.strerror}.", hint=_HINT) from error
    if code > 0:
        raise TriageError(f"The editor failed (exit code {code}): the text is as it was.")
    told = str(clean_note(found)).strip()
    return told if told != text.strip() else None


def editor_of(environment: Mapping[str, str]) -> list[str]:
    """Return the command of the editor: VISUAL, else EDITOR, else one that is usual."""
    for name in ("VISUAL", "EDITOR"):
        if environment.get(name, "").strip():
            return _named(name, environment[name], environment)
    for usual in USUAL:
        if shutil.which(usual, path=environment.get("PATH")):
            return [usual]
    raise TriageError("There is no editor.", hint=_HINT)


def _named(variable: str, value: str, environment: Mapping[str, str]) -> list[str]:
    try:
        command = shlex.split(value)
    except ValueError:
        raise TriageError(f"{variable} cannot be read as a command: a quote is open.", hint=_HINT) from None
    if shutil.which(command[0], path=environment.get("PATH")) is None:
        raise TriageError(f"{variable} names no editor that is here: {command[0]}.", hint=_HINT)
    return command


@contextmanager
def _private_file(text: str) -> Iterator[Path]:
    """Hold the text in a file for its owner only; it goes with all that an editor left beside it."""
    folder = Path(tempfile.mkdtemp(prefix="triage-"))  # made 0700
    try:
        path = folder / "note.txt"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(text.encode(errors="replace"))
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_LARGEST).decode(errors="replace")


async def _in_our_place(app: App[Any], command: list[str]) -> int:
    """Return the exit code of a command that had the terminal; OSError if it could not be run."""
    failed: OSError | None = None
    code = 0
    with app.batch_update(), app.suspend(), _interrupts_are_the_editors():
        # Raised through this block, an error would keep the toolkit from taking the terminal back.
        try:
            code = await _run(command, lambda: getattr(app, "is_leaving", False))
        except OSError as error:
            failed = error
    if failed is not None:
        raise failed
    return code


async def _run(command: list[str], is_over: Callable[[], bool]) -> int:
    """Return the editor's exit code. Once the app ends it may not keep the terminal."""
    process = await asyncio.create_subprocess_exec(*command)
    asked = 0
    try:
        while process.returncode is None:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _LOOK_EVERY)
            if is_over() and process.returncode is None:
                asked += 1
                process.terminate() if asked <= _ASKED_TO_END else process.kill()
    finally:
        if process.returncode is None:
            process.terminate()
    return process.returncode


@contextmanager
def _interrupts_are_the_editors() -> Iterator[None]:
    """Let an interrupt in the editor be the editor's: the terminal sends it to both programs."""
    numbers = (signal.SIGINT, signal.SIGQUIT)
    before = [signal.getsignal(number) for number in numbers]
    for number in numbers:
        signal.signal(number, lambda *_: None)  # a function, not SIG_IGN: the editor would inherit that
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
