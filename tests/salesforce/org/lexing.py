"""Letters of a query to words: strings with their escapes, moments, numbers, names, signs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.salesforce.org.errors import RefusedError

_WORDS = re.compile(
    r"""
    (?P<space>\s+)
  | '(?P<string>(?:[^'\\\n\r]|\\.)*)'
  | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
  | (?P<date>\d{4}-\d\d-\d\d)(?![T\d])
  | (?P<number>[+-]?\d+(?:\.\d+)?)(?![\w.])
  | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::\d+)?)
  | (?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)
    """,
    re.VERBOSE,
)
_ESCAPES = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "'": "'",
    "\\": "\\",
    "_": "_",
    "%": "%",
}
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)


@dataclass(frozen=True)
class Word:
    """One word of a query, and where it stands."""

    kind: str
    text: str
    at: int

    def says(self, *texts: str) -> bool:
        """Whether it is one of these keywords or signs."""
        return self.kind in {"name", "sign"} and self.text.upper() in texts


def malformed(message: str) -> RefusedError:
    """Return the answer to a query that is none."""
    return RefusedError(400, "MALFORMED_QUERY", message)


def words_of(query: str) -> list[Word]:
    """Return the words; RefusedError where letters make none, as an unescaped quote does."""
    found, at = [], 0
    while at < len(query):
        match = _WORDS.match(query, at)
        if match is None:
            raise malformed(f"unexpected token: '{query[at : at + 10]}' at column {at}")
        kind = str(match.lastgroup)
        if kind != "space":
            found.append(Word(kind, match[kind], at))
        at = match.end()
    return found


def decoded(raw: str) -> str:
    """Return a string's letters; RefusedError for an escape that SOQL does not know."""
    return _ESCAPED.sub(_letter, raw)


def _letter(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    if match[2] not in _ESCAPES:
        raise malformed(f"invalid escape sequence: \\{match[2]}")
    return _ESCAPES[match[2]]


def pattern(raw: str) -> re.Pattern[str]:
    """Return what a LIKE's string means: % is any letters, _ is one, and \\% and \\_ are themselves."""
    parts, at = [], 0
    while at < len(raw):
        if raw[at] == "\\":
            size = 6 if raw[at + 1 : at + 2] == "u" else 2
            parts.append(re.escape(decoded(raw[at : at + size])))
            at += size
            continue
        parts.append({"%": ".*", "_": "."}.get(raw[at], re.escape(raw[at])))
        at += 1
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
