"""A TOML text and where its keys stand. Owns the wording "file line n: …"; knows no setting by name.

Messages never show a value: what stands in the wrong place may be a secret.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from msgspec import Struct

from triage.errors import ConfigError

KeyPath = tuple[str | int, ...]
"""The way to a value: keys, and indexes into arrays."""

_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def dotted(path: KeyPath) -> str:
    """Return a path as people write it: `sync.hold`, `reasons[3].code`."""
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return words.removeprefix(".")


class Document(Struct, frozen=True):
    """One parsed TOML file."""

    name: str
    """The file's name, as errors say it."""
    text: str
    table: dict[str, Any]
    path: Path | None = None

    @classmethod
    def parse(cls, text: str, name: str, path: Path | None = None) -> Document:
        """Parse; a syntax error is a ConfigError that names file and line."""
        try:
            return cls(name, text, tomllib.loads(text), path)
        except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
            raise _syntax_error(error, text, name, path) from None
        except RecursionError:
            raise ConfigError(f"{name} is nested too deep.", hint=_edit(path)) from None

    @classmethod
    def read(cls, path: Path) -> Document:
        """Read a UTF-8 file; FileNotFoundError is left to the caller, who knows if it is needed."""
        try:
            return cls.parse(path.read_bytes().decode(), path.name, path)
        except FileNotFoundError:
            raise
        except UnicodeDecodeError as error:
            problem = f"{path.name} is not UTF-8 text (byte {error.start})."
            raise ConfigError(problem, hint=_edit(path)) from None
        except OSError as error:
            raise ConfigError(f"{path.name} cannot be read: {error.strerror}.", hint=_edit(path)) from error

    def line_of(self, path: KeyPath) -> int:
        """Return the line (from 1) where a key, or its nearest parent that is written, stands.

        Found by parsing ever longer beginnings, because the parser keeps no positions: exact for dotted keys,
        inline tables and multi-line values alike, and only paid for in an error.
        """
        if not _holds(self.table, path):
            return self.line_of(path[:-1])
        start, lines = 1, self.text.replace("\r\n", "\n").split("\n")
        for count in range(len(lines) + 1):
            try:
                beginning = tomllib.loads("\n".join(lines[:count]))
            except ValueError:
                continue
            if path and _holds(beginning, path):
                return start
            start = count + 1
        return 1

    def error(self, path: KeyPath, problem: str, *, hint: str = "") -> ConfigError:
        """Return the error for a key: "config.toml line 7: …"."""
        return ConfigError(f"{self.name} line {self.line_of(path)}: {problem}", hint=hint or _edit(self.path))


def _holds(table: Any, path: KeyPath) -> bool:
    for part in path:
        if isinstance(part, int):
            known = isinstance(table, list) and part < len(table)
        else:
            known = isinstance(table, dict) and part in table
        if not known:
            return False
        table = table[part]
    return True


def _syntax_error(error: ValueError, text: str, name: str, path: Path | None) -> ConfigError:
    words = str(error)
    position = _POSITION.search(words)
    line = position.group(1) if position else None
    reason = _POSITION.sub("", words)
    last = len(text.splitlines()) or 1
    return ConfigError(f"{name} line {line or last}: this is not TOML: {reason}.", hint=_edit(path))


def _edit(path: Path | None) -> str:
    return f"Edit {path}." if path else ""
