"""A terminal to test with: starts a real program in a pty, presses keys, and reads the screen as a person would."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

ROOT = Path(__file__).parents[1]
PATIENCE = 20.0
"""Seconds a screen may take on a busy machine; nothing is measured with it."""
KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "backspace": "\x7f",
    "space": " ",
    "ctrl+p": "\x10",
    "ctrl+u": "\x15",
    "down": "\x1b[B",
    "up": "\x1b[A",
}
# What a modern program asks or sets and pyte would print: private CSI ending in u or p, DCS, OSC, APC.
_UNPRINTED = re.compile(
    rb"\x1b\[[<>=?][0-9;:]*u|\x1b\[\?[0-9;]*\$p|\x1b[P_^][^\x1b]*\x1b\\|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
_UNFINISHED = re.compile(rb"\x1b(?:[P_^\]][^\x1b\x07]*|\[[0-9;:<>=?$]*)?$")


class Screen(pyte.Screen):
    """pyte's screen, which also survives a private question after its status."""

    def report_device_status(self, mode: int, **private: bool) -> None:
        if not private:
            super().report_device_status(mode)


def _as_from_a_login() -> None:
    """Give the child the terminal, and its hangups: tests that run under nohup pass on that they are ignored."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Terminal:
    """One program on one pty. Use it in a `with` block: the program is ended when the block is left."""

    def __init__(
        self, command: list[str], *, columns: int = 80, lines: int = 24, env: Mapping[str, str] | None = None
    ) -> None:
        self._screen = Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._held = b""
        self.raw = bytearray()
        """Every byte the program wrote."""
        master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.handle = master
        """The terminal's own end of the pty."""
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})},
            start_new_session=True,
            preexec_fn=_as_from_a_login,
        )
        self._slave = slave

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            sys.stderr.write(f"--- the screen when it failed ---\n{self.text}\n---\n")
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.wait_for_exit(5)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._slave)
        os.close(self.handle)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    @property
    def displayed(self) -> str:
        """The screen as it is, without taking in what is still coming."""
        return "\n".join(self._screen.display)

    @property
    def text(self) -> str:
        """The screen, its lines joined by newlines."""
        self._read(0)
        return "\n".join(line.rstrip() for line in self._screen.display)

    def line(self, number: int) -> str:
        """One line of the screen, from 0."""
        return self.text.split("\n")[number]

    def press(self, *keys: str) -> None:
        """Press keys by name ("enter") or as themselves."""
        for key in keys:
            os.write(self.handle, KEYS.get(key, key).encode())

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self.handle, text.encode())

    def wait_for(self, pattern: str, *, patience: float = PATIENCE) -> re.Match[str]:
        """Wait until a pattern is on the screen; AssertionError shows the screen when it never comes."""
        until = time.monotonic() + patience
        while True:
            found = re.search(pattern, self.text, re.MULTILINE)
            if found:
                return found
            if time.monotonic() > until:
                raise AssertionError(f"{pattern!r} never came on the screen:\n{self.text}")
            self._read(0.05)

    def wait_until_gone(self, pattern: str, *, patience: float = PATIENCE) -> None:
        """Wait until a pattern is no longer on the screen."""
        until = time.monotonic() + patience
        while re.search(pattern, self.text, re.MULTILINE):
            if time.monotonic() > until:
                raise AssertionError(f"{pattern!r} stays on the screen:\n{self.text}")
            self._read(0.05)

    def resize(self, columns: int, lines: int) -> None:
        """Change the terminal's size."""
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._screen.resize(lines, columns)
        os.killpg(self._process.pid, signal.SIGWINCH)

    def send_signal(self, number: int) -> None:
        """Send the program a signal."""
        self._process.send_signal(number)

    def wait_for_exit(self, patience: float = PATIENCE) -> int:
        """Wait until the program has ended, reading what it still says; returns its exit code."""
        until = time.monotonic() + patience
        while self._process.poll() is None and time.monotonic() < until:
            self._read(0.05)
        return self._process.wait(timeout=max(until - time.monotonic(), 0.1))

    def _read(self, seconds: float) -> None:
        while select.select([self.handle], [], [], seconds)[0]:
            try:
                chunk = os.read(self.handle, 65536)
            except OSError:
                return
            if not chunk:
                return
            self.feed(chunk)
            seconds = 0

    def feed(self, chunk: bytes) -> None:
        """Show bytes that the program wrote."""
        self.raw += chunk
        data = self._held + chunk
        open_end = _UNFINISHED.search(data[-4096:])
        cut = len(data) - len(open_end[0]) if open_end else len(data)
        self._held = data[cut:]
        self._stream.feed(_UNPRINTED.sub(b"", data[:cut]))
