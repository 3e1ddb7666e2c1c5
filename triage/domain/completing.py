"""Completion of a filter: the field, or the value from what the leads hold, and how many each leaves.

Never takes away or changes what was typed, but for quotes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from triage.domain.entry import Entry
from triage.domain.filter_fields import BY_NAME, FIELDS, Field, Kind
from triage.domain.folding import fold
from triage.domain.query import BadFilter, Query, parse, words_of
from triage.text import clean

MOST = 20
"""Candidates that are offered at most."""
_FIELD = re.compile(r"-?([A-Za-z_]+)(:|>=|<=|>|<)(.*)", re.DOTALL)
_LAST_VALUE = re.compile(r'(?:[^",]|"[^"]*"?)*\Z')
_WORD_START = re.compile(r"(?:^|(?<=[\s\-./@]))\S")


class Candidate(Struct, frozen=True):
    """One way to go on."""

    text: str
    """The whole filter, completed."""
    caret: int
    label: str
    count: int | None = None
    """How many leads it leaves; None for a field, which hides nothing yet."""


class Begun(NamedTuple):
    """The word before the caret: the filter without it, and what of a value has been typed."""

    rest: Query
    """What the other words say, as far as it can be read."""
    field: Field | None
    """None: a field's name, or a plain word, is being typed."""
    op: str
    typed: str
    start: int
    """Where in the text the typed part begins."""
    negated: bool


def begun(text: str, caret: int) -> Begun | None:
    """Return what is being typed at the caret, nothing yet between two words; None right before one."""
    head, tail = text[:caret], text[caret:]
    words = words_of(head)
    if not words or words[-1][1] + len(words[-1][0]) != len(head):
        is_free = not tail or tail[0].isspace()
        return Begun(_readable(text), None, "", "", caret, negated=False) if is_free else None
    word, start = words[-1]
    rest = _readable(head[:start] + " " + text[caret:])
    match = _FIELD.match(word)
    negated = word.startswith("-")
    if match is None:
        return Begun(rest, None, "", word[negated:], start + negated, negated)
    field = BY_NAME.get(match[1].lower())
    last = _LAST_VALUE.search(match[3])
    if field is None or last is None or (match[2] != ":" and field.kind not in (Kind.NUMBER, Kind.SPAN)):
        return None
    return Begun(rest, field, match[2], last[0], start + match.start(3) + last.start(), negated)


def _readable(text: str) -> Query:
    try:
        return parse(text, typing=True)
    except BadFilter:
        return Query("")


def completions(
    text: str, caret: int, at_caret: Begun, entries: Sequence[Entry], at: datetime
) -> tuple[Candidate, ...]:
    """Return the ways to go on, those that leave most first; `entries` are what the other words leave."""
    if at_caret.field is None:
        return _fields(text, caret, at_caret)
    total = len(entries)
    found = []
    for value, held in _values(at_caret, at_caret.field, entries, at):
        left = total - held if at_caret.negated else held
        if left:
            put = _quoted(value)
            whole = text[: at_caret.start] + put + text[caret:]
            found.append(Candidate(whole, at_caret.start + len(put), value, left))
    found.sort(key=lambda one: -(one.count or 0))
    return tuple(found[:MOST])


def _fields(text: str, caret: int, at_caret: Begun) -> tuple[Candidate, ...]:
    typed = at_caret.typed.lower()
    found = []
    for field in FIELDS:
        if field.name.startswith(typed):
            name = field.name + (">" if field.kind in (Kind.NUMBER, Kind.SPAN) else ":")
            whole = text[: at_caret.start] + name + text[caret:]
            found.append(Candidate(whole, at_caret.start + len(name), name))
    return tuple(found)


def _values(
    at_caret: Begun, field: Field, entries: Iterable[Entry], at: datetime
) -> Iterable[tuple[str, int]]:
    """Yield values that begin as typed, with the number of entries that have each."""
    typed = fold(at_caret.typed.replace('"', "")).lstrip()
    if field.kind is Kind.TEXT and field.show is not None:
        yield from _texts(field, typed, entries)
    elif field.values:
        for value in field.values:
            if fold(value).startswith(typed):
                term = parse(f"{field.name}{at_caret.op}{value}").terms
                yield value, sum(all(one.matches(entry, at) for one in term) for entry in entries)
    elif field.show is not None:
        held = Counter(clean(one) for entry in entries for one in field.show(entry))
        yield from ((value, held[value]) for value in sorted(held) if value and fold(value).startswith(typed))


def _texts(field: Field, typed: str, entries: Iterable[Entry]) -> Iterable[tuple[str, int]]:
    """Yield the ends of held texts, from a word that begins as typed on."""
    assert field.show is not None
    raw = Counter(one for entry in entries for one in field.show(entry))
    ends: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for text, count in raw.items():
        end = _end(clean(text).strip(), typed)
        if end:
            folded = fold(end)
            spelled.setdefault(folded, end)
            ends[folded] += count
    yield from ((spelled[folded], ends[folded]) for folded in sorted(ends))


def _end(text: str, typed: str) -> str:
    """Return a text from the first word on that begins as typed; empty where none does."""
    for match in _WORD_START.finditer(text):
        if fold(text[match.start() :]).startswith(typed):
            return text[match.start() :]
    return ""


def _quoted(value: str) -> str:
    plain = value.replace('"', "")
    return f'"{plain}"' if re.search(r"[\s,]", plain) else plain
