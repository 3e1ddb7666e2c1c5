"""Our notes in the chatter of leads: how one is posted, and how they are found again.

A note is internal (`mail.mt_note`): no customer gets a mail. Without `body_is_html` its markup would be shown
as text. Not confirmed against a live account: that notes on a lost lead are found like any other, and that a
search with `ilike` sees the whole of a long body.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from triage.crm.odoo.api import Api, Row
from triage.crm.odoo.rows import moment_of, name_of
from triage.crm.records import notes
from triage.crm.records.mark import Mark
from triage.errors import BadAnswer

LEAD = "crm.lead"
MESSAGES = "mail.message"
ITEM, ANSWER = "[triage:", "[triage-answer:"
"""What the markers of our notes begin with."""
_FIELDS = ("body", "date", "res_id", "author_id", "create_uid")
_PAGE = 100
"""Notes of one request: so many of the longest are less than an answer may be."""
_EVERYTHING = {"active_test": False}
Domain = list[Any]


class Message(Struct, frozen=True):
    """One message in the chatter of a lead, raw."""

    message_id: int
    lead_id: str
    body: str
    at: datetime | None
    author: str = ""
    """What the one who wrote it is called."""
    author_id: str = ""
    """The user, where Odoo says it."""

    @property
    def mark(self) -> Mark | None:
        """What it says, where it is one of our notes."""
        return notes.read(str(self.message_id), self.body, self.at)


async def messages_where(api: Api, domain: Domain) -> list[Message]:
    """Return all messages of leads that a domain finds, the oldest first."""
    found: list[Message] = []
    last = 0
    while True:
        asked = [["model", "=", LEAD], ["id", ">", last], *domain]
        rows = await api.search_read(MESSAGES, asked, _FIELDS, limit=_PAGE, context=_EVERYTHING)
        found += [_message(row) for row in rows]
        if len(rows) < _PAGE:
            return found
        if rows[-1]["id"] <= last:
            raise BadAnswer("Odoo says that there are more notes, but its pages do not move on.")
        last = rows[-1]["id"]


async def marks_on(api: Api, lead_ids: Iterable[str]) -> dict[str, tuple[Mark, ...]]:
    """Return our notes on leads, by the lead, the oldest first; a lead without notes is missing."""
    ids = sorted({int(one) for one in lead_ids if one.isdecimal()})
    if not ids:
        return {}
    return by_lead(await messages_where(api, [["res_id", "in", ids], *has(ITEM, ANSWER)]))


async def notes_of(api: Api, item_ids: Iterable[str]) -> list[Message]:
    """Return our notes that are about any of these items or answers, the oldest first."""
    ids = set(item_ids)
    if not ids:
        return []
    found = await messages_where(api, has(*(f":{one} " for one in sorted(ids))))
    return [one for one in found if (mark := one.mark) is not None and mark.item_id in ids]


async def post(api: Api, lead_id: str, body: str) -> str:
    """Post a note on a lead; returns its id. AnswerLost: it may be there; any other CrmError: it is not."""
    posted = await api.call(
        LEAD,
        "message_post",
        [int(lead_id)],
        write=True,
        body=body,
        body_is_html=True,
        message_type="comment",
        subtype_xmlid="mail.mt_note",
    )
    found = posted[0] if isinstance(posted, list) and posted else posted
    return str(found) if type(found) is int else ""


def by_lead(messages: Iterable[Message]) -> dict[str, tuple[Mark, ...]]:
    """Return the marks of messages, by the lead."""
    found: dict[str, tuple[Mark, ...]] = {}
    for one in messages:
        mark = one.mark
        if mark is not None:
            found[one.lead_id] = (*found.get(one.lead_id, ()), mark)
    return found


def mark_of(item_id: str | None, marks: Iterable[Mark], *, is_answer: bool = False) -> Mark | None:
    """Return the first note of an item, or None."""
    return next((one for one in marks if one.item_id == item_id and one.is_answer is is_answer), None)


def has(*parts: str) -> Domain:
    """Return the domain of messages that have any of these texts in them."""
    return any_of([["body", "ilike", part] for part in parts])


def any_of(leaves: Sequence[Any]) -> Domain:
    """Return the domain of what any of these finds."""
    return ["|"] * (len(leaves) - 1) + list(leaves)


def _message(row: Row) -> Message:
    author, user = row.get("author_id"), row.get("create_uid")
    body = row.get("body")
    return Message(
        row["id"],
        str(row.get("res_id") or ""),
        body if isinstance(body, str) else "",
        moment_of(row.get("date")),
        name_of(author),
        str(user[0]) if isinstance(user, list) and user else "",
    )
