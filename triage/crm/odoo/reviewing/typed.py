"""Marketing's answers as people give them in Odoo: notes in the chatter, or two fields an admin made. Pure.

A note is an answer where it begins with `triage-answer:` (a kind may follow, then the words), or quotes the
marker of one of our notes. It answers the quoted item, else what was said last before it. What stands in the
fields has no moment and no author: it answers the newest item that did not find it there already, and what
triage itself wrote into them is told apart by its value.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from triage.crm.fields import Fields
from triage.crm.odoo.chatter import Message
from triage.crm.odoo.reading.plain_text import text_of
from triage.crm.records.mark import Mark
from triage.crm.records.notes import LONGEST, words
from triage.domain.review import Reply, ReplyKind

_BEGINS = re.compile(r"\s*triage-answer\s*:\s*", re.IGNORECASE)
_QUOTED = re.compile(r"\[?triage:([A-Za-z0-9._:-]{1,128})", re.ASCII)
_QUOTE = re.compile(r"<blockquote\b.{0,60000}?</blockquote>", re.IGNORECASE | re.DOTALL)
_KIND = re.compile(r"([A-Za-z_]{4,20})(?:\s*[:,.-]|\s|$)\s*")
_KINDS = {kind.value: kind for kind in ReplyKind}


class Place(Struct, frozen=True):
    """Where and when something was typed, and by whom if that is told."""

    lead_id: str
    at: datetime | None
    author: str = ""


def typed_notes(messages: Sequence[Message], marks: Sequence[Mark]) -> list[Reply]:
    """Return the answers among the messages of one lead; `marks` are our notes on it, the oldest first."""
    found = (_of_note(one, marks) for one in messages if str(one.message_id) not in _ours(marks))
    return [reply for reply in found if reply is not None]


def typed_fields(
    lead_id: str, text: str, kind: str, at: datetime | None, marks: Sequence[Mark]
) -> Reply | None:
    """Return the answer that stands in the two fields of a lead, or None."""
    said = [mark for mark in marks if not mark.is_answer]
    if not (text.strip() or kind.strip()) or _is_echo(text, kind, marks):
        return None
    of = next((mark for mark in reversed(said) if mark.record.get("answer") != [text, kind]), None)
    if of is None:
        return None
    digest = hashlib.sha256(_key(lead_id, of.item_id, kind, text).encode(errors="replace"))
    return _reply(f"x{digest.hexdigest()[:24]}", of, _kind_of(kind), text, Place(lead_id, at))


def plain_text(body: str) -> str:
    """Return the words of a note, a line for each paragraph, without what it quotes as a mail does."""
    return text_of(_QUOTE.sub("", body[:LONGEST]))


def _ours(marks: Sequence[Mark]) -> set[str]:
    """Return the ids of the notes that are ours: of several with one marker the oldest, others quote it."""
    first: dict[tuple[str, bool], str] = {}
    for mark in marks:
        first.setdefault((mark.item_id, mark.is_answer), mark.note_id)
    return set(first.values())


def _of_note(message: Message, marks: Sequence[Mark]) -> Reply | None:
    said = {mark.item_id: mark for mark in reversed(marks) if not mark.is_answer}
    text = plain_text(message.body)
    quoted = next((said[one] for one in _QUOTED.findall(message.body) if one in said), None)
    begins = _BEGINS.match(text)
    if begins is None and quoted is None:
        return None
    kind, answer = _split(text[begins.end() :]) if begins is not None else (ReplyKind.ACKNOWLEDGED, text)
    answer = "\n".join(line for line in answer.splitlines() if not _QUOTED.search(line))
    of = quoted or _last_before(message, marks)
    if of is None or of.rep.user_id == message.author_id or not (answer or begins is not None):
        return None
    on = Place(message.lead_id, message.at, message.author)
    return _reply(f"m{message.message_id}", of, kind, answer, on)


def _last_before(message: Message, marks: Sequence[Mark]) -> Mark | None:
    before = [one for one in marks if not one.is_answer and _number(one.note_id) < message.message_id]
    return before[-1] if before else None


def _split(text: str) -> tuple[ReplyKind, str]:
    """Return the kind that an answer begins with, and the rest; acknowledged where there is none."""
    first = _KIND.match(text)
    kind = _KINDS.get(first[1].casefold()) if first is not None else None
    if first is None or kind is None:
        return ReplyKind.ACKNOWLEDGED, text
    return kind, text[first.end() :]


def _kind_of(kind: str) -> ReplyKind:
    return _KINDS.get("_".join(kind.casefold().split()), ReplyKind.ACKNOWLEDGED)


def _is_echo(text: str, kind: str, marks: Sequence[Mark]) -> bool:
    """Whether triage wrote it: the value is that of an answer of ours."""
    for mark in marks:
        ours = Fields(mark.record, Counter()).child("reply") if mark.is_answer else None
        if ours is not None and (words(ours.text("text")), mark.word) == (text, kind):
            return True
    return False


def _number(note_id: str) -> int:
    return int(note_id) if note_id.isdecimal() else 0


def _key(*parts: str) -> str:
    return "\n".join(parts)


def _reply(reply_id: str, of: Mark, kind: ReplyKind, text: str, on: Place) -> Reply:
    return Reply(
        reply_id=reply_id,
        of=of.item_id,
        kind=kind,
        text=text,
        of_kind=of.of_kind,
        lead_id=on.lead_id,
        by=on.author,
        at=on.at,
    )
