"""What people wrote and did about leads, by the chatter: messages of a page of leads in one question.

Contact is what somebody of sales did since the assignment: an activity of the kind call, meeting or mail that
was marked as done, or a mail of the owner's. Notes are none, ours are left out altogether.

Not confirmed against a live account: that an activity that is done leaves a message with its type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from triage.crm.odoo.account import LEADS, Account
from triage.crm.odoo.api import Row
from triage.crm.odoo.chatter import ANSWER, ITEM, MESSAGES
from triage.crm.odoo.reading.if_there import IfThere
from triage.crm.odoo.reading.plain_text import text_of
from triage.crm.odoo.rows import Values
from triage.domain.touch import Touch
from triage.errors import BadAnswer

MOST = 600
"""Messages of a page of leads, the newest: their words are what is large."""
_WORDS = 300
_TOUCHES = 20
"""Messages of one lead that are told."""
_META = (
    *("date", "author_id", "email_from", "subject", "message_type", "subtype_id", "is_internal", "res_id"),
    "mail_activity_type_id",
)
_MAIL, _NOTE, _COMMENT = "mail", "note", "comment"
_MAIL_TYPES = frozenset({"email", "email_outgoing"})
_KINDS = ("call", "meeting", "mail")
"""Kinds of activities that are contact, by a part of their names."""


class Message(Struct, frozen=True):
    """One message on a lead."""

    message_id: int
    lead_id: int
    at: datetime
    kind: str
    """call, meeting, mail, note or comment."""
    user_id: int = 0
    """Who of the users wrote it; 0: somebody else."""
    words: str = ""


class Chatter(Struct, frozen=True):
    """The messages of a page of leads, the oldest first."""

    messages: Mapping[int, tuple[Message, ...]] = {}
    is_whole: bool = True
    """Whether no older ones were left out."""

    def of(self, lead_id: int) -> tuple[Message, ...]:
        """Return the messages of a lead."""
        return self.messages.get(lead_id, ())


async def read_chatter(if_there: IfThere, account: Account, ids: Sequence[int]) -> Chatter | None:
    """Return what was written about leads; None where that cannot be read, nor who the users are."""
    rows, staff = await _rows(if_there, ids), await account.staff()
    if rows is None or not staff:
        return None
    found: dict[int, list[Message]] = {}
    for row in reversed(rows):
        message = message_of(row, staff)
        if message is not None:
            found.setdefault(message.lead_id, []).append(message)
    return Chatter({one: tuple(messages) for one, messages in found.items()}, len(rows) < MOST)


async def _rows(if_there: IfThere, ids: Sequence[int]) -> list[Row] | None:
    """Read with the words; where those are more than an answer may be, without."""
    ours = [["body", "not ilike", ITEM], ["body", "not ilike", ANSWER]]
    domain: list[Any] = [["model", "=", LEADS], ["res_id", "in", list(ids)], *ours]
    try:
        return await if_there.rows(MESSAGES, domain, [*_META, "body"], order="id desc", limit=MOST)
    except BadAnswer:
        return await if_there.rows(MESSAGES, domain, _META, order="id desc", limit=MOST)


def message_of(row: Row, staff: Mapping[int, int]) -> Message | None:
    """Return what a row says; None of one that says nothing: a change that Odoo noted by itself."""
    said = Values(row)
    at, lead_id = said.time("date"), said.whole("res_id")
    words = (text_of(row.get("body")) or said.text("subject")).strip()[:_WORDS]
    kind = _kind(said)
    if at is None or not lead_id or not kind or (kind == _NOTE and not words):
        return None
    return Message(row["id"], lead_id, at, kind, staff.get(said.id("author_id"), 0), words)


def _kind(said: Values) -> str:
    """Return what a message is; empty for what Odoo noted by itself."""
    activity = said.name("mail_activity_type_id").casefold()
    if activity:
        return next((kind for kind in _KINDS if kind in activity), _NOTE)
    if said.text("message_type") in _MAIL_TYPES:
        return _MAIL
    if said.text("message_type") != "comment":
        return ""
    is_internal = said.flag("is_internal") or said.name("subtype_id").casefold() == _NOTE
    return _NOTE if is_internal else _COMMENT


class Met(Struct, frozen=True):
    """What sales did about a lead since the assignment."""

    first_at: datetime | None = None
    attempts: int | None = None
    """None: there may be more than were read."""


def met_by(chatter: Chatter, lead_id: int, owner_id: int, since: datetime | None) -> Met | None:
    """Return what was done; None where the lead has no moment of assignment, so that nobody can tell."""
    if since is None:
        return None
    done = [one.at for one in chatter.of(lead_id) if one.at >= since and _is_contact(one, owner_id)]
    if done:
        return Met(min(done), len(done) if chatter.is_whole else None)
    return Met(None, 0) if chatter.is_whole else None


def _is_contact(message: Message, owner_id: int) -> bool:
    if message.kind in (_MAIL, _COMMENT):
        return message.user_id == owner_id != 0
    return message.kind in _KINDS and bool(message.user_id)


def touches_in(messages: Iterable[Message], users: Mapping[int, str]) -> list[Touch]:
    """Return the newest messages as touches, with who wrote them."""
    return [_touch(one, users) for one in list(messages)[-_TOUCHES:]]


def _touch(message: Message, users: Mapping[int, str]) -> Touch:
    by = users.get(message.user_id, "")
    summary = ": ".join(part for part in (by, message.words) if part)
    is_mail = message.kind in (_MAIL, _COMMENT)
    return Touch(
        touch_id=f"message-{message.message_id}",
        at=message.at,
        kind=message.kind,
        channel="e-mail" if is_mail else "",
        summary=summary,
    )
