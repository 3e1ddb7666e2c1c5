"""Marketing's answers on a contact: those that triage wrote as notes, and those typed into two properties.

A typed answer has no id: it is made of the contact and the moment. It answers the decision whose key stood on
the contact then; where there was none, or HubSpot has forgotten it, what was said last before. What triage
itself wrote into the properties is told apart by its value. Pure.

Not confirmed against a live account: how many earlier values of a property HubSpot keeps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from triage.crm.fields import Fields
from triage.crm.hubspot import names
from triage.crm.hubspot.delivering.history import Version, value_at, versions_of
from triage.crm.hubspot.filters import milliseconds
from triage.crm.hubspot.rows import Row
from triage.crm.records.mark import Mark
from triage.crm.records.notes import words
from triage.domain.review import Reply, ReplyKind

ASKED = (names.ANSWER, names.ANSWER_KIND, names.KEY)
"""The properties whose history says what was typed when."""
_AT_ONCE = timedelta(minutes=1)
"""Text and kind that were written so close to each other are one answer."""


def typed_replies(row: Row | None, marks: Sequence[Mark]) -> tuple[Reply, ...]:
    """Return the answers that were typed, of a contact with its history and of our notes on it."""
    if row is None:
        return ()
    history = row.get("propertiesWithHistory")
    texts, kinds, keys = (versions_of(history, name) for name in ASKED)
    told = [
        _typed(row["id"], at, text, kind, _answered(at, keys, marks))
        for at, text, kind in _answers(texts, kinds)
        if not _is_echo(at, text, kind, marks)
    ]
    return tuple(reply for reply in told if reply is not None)


def _answered(at: datetime, keys: list[Version], marks: Sequence[Mark]) -> Mark | None:
    """Return the item that an answer of a moment is about."""
    said = [mark for mark in marks if not mark.is_answer]
    named = next((mark for mark in said if mark.item_id == value_at(keys, at)), None)
    before = [mark for mark in said if mark.at is not None and mark.at <= at]
    return named or next(reversed(before), None)


def _answers(texts: Sequence[Version], kinds: Sequence[Version]) -> Iterator[tuple[datetime, str, str]]:
    """Yield moment, text and kind of each answer, the newest first."""
    for text in texts:
        if text.value:
            yield text.at, text.value, value_at(list(kinds), text.at + _AT_ONCE)
    for kind in kinds:
        if kind.value and not any(abs(text.at - kind.at) <= _AT_ONCE for text in texts):
            yield kind.at, "", kind.value


def _is_echo(at: datetime, text: str, kind: str, marks: Sequence[Mark]) -> bool:
    """Whether triage wrote it, by its value; a kind alone, by the moment too."""
    for mark in marks:
        if mark.is_answer:
            ours = Fields(mark.record, Counter()).child("reply")
            same = words(ours.text("text")) == text if ours is not None else False
            if same and (text or (mark.word == kind and _is_near(mark.at, at))):
                return True
    return False


def _is_near(one: datetime | None, other: datetime) -> bool:
    return one is not None and abs(one - other) <= 2 * _AT_ONCE


def _typed(contact_id: str, at: datetime, text: str, kind: str, of: Mark | None) -> Reply | None:
    if of is None:
        return None
    return Reply(
        reply_id=f"{contact_id}-{milliseconds(at)}",
        of=of.item_id,
        kind=ReplyKind(kind) if kind in list(ReplyKind) else ReplyKind.ACKNOWLEDGED,
        text=text,
        of_kind=of.of_kind,
        lead_id=of.item.text("lead_id"),
        at=at,
    )
