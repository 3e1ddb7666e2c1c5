"""A shell whose commands run inside the test's own process: the same program, without half a second of start."""

from __future__ import annotations

import contextlib
import io
import os
import traceback
from dataclasses import dataclass
from unittest import mock

from tests.cli.shell import Ran, Shell
from triage.cli.main import run


@dataclass
class Inside(Shell):
    """Runs `triage` in one home with one token, here."""

    def run(self, *arguments: str, stdin: str = "", largest_file: int | None = None) -> Ran:
        """Run a command to its end."""
        assert largest_file is None, "that takes a process of its own"
        out, err = _Stream(), _Stream()
        with (
            mock.patch.dict(os.environ, self.environ, clear=True),
            mock.patch("sys.stdin", io.StringIO(stdin)),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                code = run(list(arguments))
            except Exception:  # noqa: BLE001 - what a process would print on its way out
                traceback.print_exc()
                code = 1
        self.printed += [out.text, err.text]
        return Ran(code, out.text, err.text)


class _Stream(io.TextIOWrapper):
    """What a process writes to a pipe."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", errors="backslashreplace", write_through=True)

    @property
    def text(self) -> str:
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]
