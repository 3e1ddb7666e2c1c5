"""How a proposed definition is shown: what it changes, why, who has said what, whose word it lacks. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from screens.cells import Line, crop, say, wrap
from screens.ink import Ink
from screens.reading import Block
from screens.words import day
from triage.domain.definition import Definition
from triage.domain.proposals import Proposal, Word
from triage.domain.rule_changes import definition_changes

_INDENT = 4
_VERSION = 12
"""Cells of a version's name."""
_LONGEST = 4000


class Space(Struct, frozen=True):
    """What there is to draw in."""

    width: int
    ink: Ink


CHOICES = "1 agrees · 2 declines"
"""What the digits do, for whoever has a word on it."""


def proposal_block(proposal: Proposal, current: Definition, me: str, now: datetime, space: Space) -> Block:
    """Return one proposal; `me` is the rep's name, who may be asked for a word."""
    width, ink = space.width, space.ink
    version, by = say(proposal.definition.version), say(proposal.by.name or proposal.by.user_id)
    when = f", {day(proposal.at, now)}" if proposal.at is not None else ""
    heading = f"Proposed: MQL definition v{crop(version, _VERSION)} from v{say(proposal.based_on)}"
    over = Line(), Line(crop(heading, width), ink.accent)
    lines = [Line(crop(f"by {by}{when}" if by else when.removeprefix(", "), width), ink.dim)]
    lines += _sentences(_words(proposal, current), width, ink)
    if asks(proposal, current, me):
        lines.append(Line(f"{' ' * _INDENT}{CHOICES}", ink.strong))
    return Block(tuple(lines), over)


def asks(proposal: Proposal, current: Definition, me: str) -> bool:
    """Whether it waits for this person's word."""
    return any(current.owners.get(side) == me for side in proposal.lacks) and bool(me)


def _words(proposal: Proposal, current: Definition) -> Iterator[str]:
    if proposal.why:
        yield f"“{proposal.why}”"
    if proposal.based_on == current.version:
        yield from (change.words for change in definition_changes(current, proposal.definition))
    else:
        yield f"v{current.version} is in force by now: it has to be proposed anew"
    yield from map(_word, proposal.words)
    for side in proposal.lacks:
        yield f"waits for {current.owners.get(side) or 'an owner'} ({side})"


def _word(word: Word) -> str:
    said = "yes" if word.agrees else "no"
    return f"{word.by.name or word.by.user_id} ({word.side}) says {said}{f': {word.why}' if word.why else ''}"


def _sentences(sentences: Iterator[str], width: int, ink: Ink) -> Iterator[Line]:
    for words in sentences:
        for text in wrap(say(words, _LONGEST), width - _INDENT) or [""]:
            yield Line(" " * _INDENT, ink.text).add(text, ink.text)
