"""Marketing's answers that a person typed in BottleCRM: into two fields of the lead, or as a comment. Pure.

What stands in the fields answers the decision whose key stands beside it; the rep's next decision moves it
to the log of answers and empties them. It has no id and no moment of its own: the id is made of what it says,
and it was there when the lead was last changed. A comment is an answer where it begins with “triage-answer:”,
or names one of our items; comments are seen by who reads the lead itself, not by who reads lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from triage.crm.bottlecrm import names
from triage.crm.bottlecrm.reading import log
from triage.crm.fields import Fields
from triage.crm.records.mark import Mark
from triage.crm.records.notes import words
from triage.domain.review import Reply, ReplyKind

_BEGINS = "triage-answer:"
_OURS = "[triage"
_EMPTIED = "emptied"
"""Stands in the log of answers where the fields were emptied for those to a later decision."""


def typed_reply(lead: Mapping[str, Any]) -> Reply | None:
    """Return the answer that stands in the fields of a lead, or None; ours, of the log, is none."""
    custom = Fields(log.custom_of(lead), Counter())
    text, kind = custom.text(names.ANSWER), custom.text(names.ANSWER_KIND)
    if not text and not kind:
        return None
    marks = log.read(lead)
    key = custom.text(names.KEY)
    of = next((mark for mark in marks if mark.item_id == key), None) or next(reversed(marks), None)
    if of is None or any(_is_echo(one, text, kind) for one in _since_emptied(lead)):
        return None
    lead_id = str(lead.get("id") or "")
    said = f"{lead_id}\x1f{of.item_id}\x1f{text}\x1f{kind}".encode("utf-8", "surrogatepass")
    return Reply(
        reply_id=f"typed-{blake2b(said, digest_size=12).hexdigest()}",
        of=of.item_id,
        kind=ReplyKind(kind) if kind in list(ReplyKind) else ReplyKind.ACKNOWLEDGED,
        text=text,
        of_kind=of.of_kind,
        lead_id=lead_id,
        at=Fields(lead, Counter()).time("updated_at"),
    )


def mark_of(reply: Reply) -> Mark:
    """Return the record of an answer, as the log of answers keeps it."""
    said = {
        "of": reply.of,
        "of_kind": reply.of_kind,
        "lead_id": reply.lead_id,
        "text": reply.text,
        "link": reply.link,
        "by": reply.by,
    }
    note_id = f"{reply.lead_id}:{reply.reply_id}"
    record = {"v": 1, "reply": said}
    return Mark(note_id, reply.reply_id, reply.kind.value, record, reply.at, is_answer=True)


def put_away(lead: Mapping[str, Any], item_id: str) -> dict[str, str]:
    """Return what empties the fields for answers to a new item, and keeps what a person typed there."""
    custom = dict(log.custom_of(lead))
    if not custom.get(names.ANSWER) and not custom.get(names.ANSWER_KIND):
        return {}
    reply = typed_reply(lead)
    emptied = Mark("", f"{_EMPTIED}-{item_id}", _EMPTIED, {}, is_answer=True)
    for mark in (emptied,) if reply is None else (mark_of(reply), emptied):
        custom[names.ANSWERS] = log.answers_appended({**lead, "custom_fields": custom}, mark)
    return {names.ANSWERS: str(custom[names.ANSWERS]), names.ANSWER: "", names.ANSWER_KIND: ""}


def answers_in_comments(body: Mapping[str, Any], me: str) -> Iterator[Reply]:
    """Yield the answers that others gave as comments, of a lead's detail answer."""
    fields = Fields(body, Counter())
    said_lead = fields.raw("lead_obj")
    lead = said_lead if isinstance(said_lead, dict) else {}
    marks, lead_id = log.read(lead), str(lead.get("id") or "")
    for comment in fields.children("comments"):
        by = comment.child("commented_by") or Fields({}, Counter())
        text = comment.text("comment").strip()
        of = _answered(text, marks)
        if of is None or by.text("id") == me:
            continue
        kind, said = _said(text)
        user = by.child("user_details") or Fields({}, Counter())
        yield Reply(
            reply_id=f"comment-{comment.text('id')}",
            of=of.item_id,
            kind=kind,
            text=said,
            of_kind=of.of_kind,
            lead_id=lead_id,
            by=user.text("name") or user.text("email"),
            at=comment.time("commented_on"),
        )


def _since_emptied(lead: Mapping[str, Any]) -> tuple[Mark, ...]:
    """Return the answers of the log that can have written what stands in the fields."""
    marks = log.read_answers(lead)
    last = max((number for number, mark in enumerate(marks) if mark.word == _EMPTIED), default=-1)
    return marks[last + 1 :]


def _is_echo(mark: Mark, text: str, kind: str) -> bool:
    """Whether an answer of the log wrote what stands in the fields."""
    ours = Fields(mark.record, Counter()).child("reply")
    said = ours.text("text") if ours is not None else ""
    return mark.word == kind and text in (said, words(said))


def _answered(text: str, marks: Sequence[Mark]) -> Mark | None:
    """Return the item that a comment is about; None where it is no answer."""
    if text.rpartition("\n")[2].startswith(_OURS):
        return None
    named = next((mark for mark in reversed(marks) if mark.item_id in text), None)
    last = next(reversed(marks), None) if text.casefold().startswith(_BEGINS) else None
    return named or last


def _said(text: str) -> tuple[ReplyKind, str]:
    """Return kind and words of a comment; the kind may stand behind “triage-answer:”."""
    if not text.casefold().startswith(_BEGINS):
        return ReplyKind.ACKNOWLEDGED, text
    rest = text[len(_BEGINS) :].strip()
    first, _, more = rest.partition(" ")
    kind = first.strip(".,:").casefold()
    if kind in list(ReplyKind):
        return ReplyKind(kind), more.strip()
    return ReplyKind.ACKNOWLEDGED, rest
