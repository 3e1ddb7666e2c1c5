"""What people read under a lead of a decision, of feedback or of an answer: plain words, then our marker.

The marker stands alone on the last line: nobody's words pass for it, and nothing is told twice. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from triage.crm.bottlecrm import names
from triage.crm.bottlecrm.delivering.standing import Standing
from triage.crm.records.mark import Mark, word_of
from triage.crm.records.notes import words
from triage.crm.records.readable import lines_of
from triage.domain.item import Item
from triage.domain.people import Rep
from triage.domain.review import Reply

_MOST = 9_000
"""Characters: people's own comments end at 10,000."""


def of_item(item: Item, rep: Rep, people: Mapping[str, str]) -> str:
    """Return the comment about a decision or a piece of feedback; `people` are names by ids."""
    if item.decision is not None:
        named = {name: people.get(value, value) for name, value in item.decision.params.items()}
        lines = lines_of(replace(item.decision, params=named), rep)
        return _comment(lines, _marker(item.id, word_of(item)))
    payload = item.feedback.payload.items() if item.feedback is not None else ()
    said = (words(f"{name}: {value}") for name, value in payload if value)
    head = words(f"Feedback by {rep.name or rep.user_id}: {word_of(item)}")
    return _comment([head, *said], _marker(item.id, word_of(item)))


def of_reply(reply: Reply, by: str) -> str:
    """Return the comment with marketing's answer."""
    head = words(f"Answer by {by}: {reply.kind.value}")
    lines = [head, words(reply.text), words(reply.link or "")]
    return _comment(lines, _marker(reply.reply_id, reply.kind.value, answers=True))


def is_told(item_id: str, word: str, comments: Iterable[str], *, answers: bool = False) -> bool:
    """Whether one of the comments ends with the marker of an item, or of an answer."""
    marker = _marker(item_id, word, answers=answers)
    return any(_last_line(comment) == marker for comment in comments)


def is_missing(mark: Mark, lead: Standing) -> bool:
    """Whether a record has no comment yet.

    A conversion moves the comments that a lead has to its account, out of sight: what was written before
    it is taken for told.
    """
    if is_told(mark.item_id, mark.word, lead.comments):
        return False
    return lead.theirs != names.CONVERTED or mark not in _before_conversion(lead.marks)


def _before_conversion(marks: Sequence[Mark]) -> Sequence[Mark]:
    for number, mark in enumerate(marks):
        after = mark.record.get("after")
        if isinstance(after, dict) and after.get("theirs") == names.CONVERTED:
            return marks[:number]
    return marks


def _comment(lines: Iterable[str], marker: str) -> str:
    said = "\n".join(line for line in lines if line)
    room = _MOST - len(marker)
    return f"{said if len(said) <= room else said[:room] + ' …'}\n{marker}"


def _marker(item_id: str, word: str, *, answers: bool = False) -> str:
    return f"[triage{'-answer' if answers else ''}:{item_id} {word}]"


def _last_line(comment: str) -> str:
    return comment.rstrip().rpartition("\n")[2].strip()
