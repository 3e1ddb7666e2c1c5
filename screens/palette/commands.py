"""What the palette offers, and what a few typed letters leave of it. Knows no widget.

Leads are looked through as one long text: with fifty thousand of them a key may take no more than a moment.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from msgspec import Struct

from triage.domain.folding import fold, shown_folded
from triage.domain.inbox import Entry
from triage.domain.lead import LeadId

LEADS_SHOWN = 50
_LEAST = 2
"""Letters from which leads are looked for."""
_TELLING = 4
"""Letters of a word from which sentences are looked through too: shorter ones are in all of them."""
_BEGINS, _WORD, _INSIDE, _SENTENCE, _LETTERS = range(5)


class Command(Struct, frozen=True):
    """One line of the palette."""

    name: str
    sentence: str
    call: Callable[[], object]
    key: str = ""
    """The key that does the same, as a person reads it."""


def found(commands: Iterable[Command], typed: str) -> tuple[list[Command], list[Command]]:
    """Return the commands that hold what was typed: those by their name, the best first, and the others."""
    words = typed.casefold().split()
    ranked = [(rank, command) for command in commands if (rank := _rank(command, words)) is not None]
    ranked.sort(key=lambda one: one[0])
    named = [command for rank, command in ranked if rank <= _INSIDE]
    return named, [command for rank, command in ranked if rank > _INSIDE]


def _rank(command: Command, words: Sequence[str]) -> int | None:
    name = command.name.casefold()
    if not words or name.startswith(" ".join(words)):
        return _BEGINS
    if all(f" {word}" in f" {name}" for word in words):
        return _WORD
    if all(word in name for word in words):
        return _INSIDE
    text = f"{name} {command.sentence.casefold()}"
    if max(map(len, words)) >= _TELLING and all(word in text for word in words):
        return _SENTENCE
    letters = "".join(words)
    return _LETTERS if len(letters) >= _LEAST and _in_order(letters, name) else None


def _in_order(letters: str, text: str) -> bool:
    """Whether a text has these letters in this order, with others between them."""
    rest = iter(text)
    return all(letter in rest for letter in letters)


class Directory:
    """All leads by name, company and address."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._waiting = iter(tuple(entries))
        self._ids: list[LeadId] = []
        self._starts: list[int] = []
        self._parts: list[str] = []
        self._length = 0
        self._text: str | None = None

    def prepare(self, count: int) -> bool:
        """Make some more of them ready; returns whether any may be left."""
        before = len(self._ids)
        for entry in islice(self._waiting, count):
            lead = entry.outline
            part = "\n".join((*map(shown_folded, (lead.name, lead.company, lead.email)), ""))
            self._ids.append(lead.lead_id)
            self._starts.append(self._length)
            self._parts.append(part)
            self._length += len(part)
        return len(self._ids) - before == count

    def find(self, typed: str, most: int = LEADS_SHOWN) -> list[LeadId]:
        """Return the leads that hold every typed word, at most so many."""
        words = fold(typed).split()
        if len("".join(words)) < _LEAST:
            return []
        text = self._whole()
        rarest = min(words, key=text.count)
        others = [word for word in words if word != rarest]
        hits: list[LeadId] = []
        at = text.find(rarest)
        while at >= 0 and len(hits) < most:
            index = bisect_right(self._starts, at) - 1
            if all(word in self._parts[index] for word in others):
                hits.append(self._ids[index])
            at = text.find(rarest, self._starts[index] + len(self._parts[index]))
        return hits

    def _whole(self) -> str:
        if self._text is None:
            self.prepare(sys.maxsize)
            self._text = "".join(self._parts)
        return self._text
