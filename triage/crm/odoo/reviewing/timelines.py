"""Leads with what triage and marketing said on them: our notes, written and typed answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from msgspec import Struct

from triage.crm.odoo.account import Account
from triage.crm.odoo.api import Api, Row
from triage.crm.odoo.chatter import LEAD, Domain, Message, any_of, has, messages_where
from triage.crm.odoo.delivering.standing import ANSWER, ANSWER_KIND
from triage.crm.odoo.reviewing.typed import typed_fields, typed_notes
from triage.crm.odoo.rows import moment_of, text_of
from triage.crm.records.mark import Mark
from triage.crm.records.reviewed import written_replies
from triage.domain.review import Reply

_ANSWER, _NOTE = "triage-answer", "triage:"
_SAID = (_ANSWER, _NOTE)
"""What is in notes of ours, in answers, and in what quotes one of them."""
_FIELDS = ("contact_name", "name", "function", "partner_name", "source_id", "campaign_id", "write_date")
_AT_ONCE = 500
"""Leads of one request."""
_EVERYTHING = {"active_test": False}


class Timeline(Struct, frozen=True):
    """One lead with what was said on it."""

    lead_id: str
    row: Row
    """Its facts as they are now; empty where the lead is hidden."""
    marks: tuple[Mark, ...] = ()
    replies: tuple[Reply, ...] = ()


async def all_timelines(api: Api, account: Account) -> list[Timeline]:
    """Return all leads that triage has been at, as far as this user may see them."""
    return await _timelines(api, account, await messages_where(api, has(*_SAID)))


async def timelines_of(api: Api, account: Account, lead_ids: Collection[str]) -> list[Timeline]:
    """Return leads of these ids with what was said on them."""
    ids = sorted({int(one) for one in lead_ids if one.isdecimal()})
    if not ids:
        return []
    messages = [
        one
        for start in range(0, len(ids), _AT_ONCE)
        for one in await messages_where(api, [["res_id", "in", ids[start : start + _AT_ONCE]], *has(*_SAID)])
    ]
    return await _timelines(api, account, messages)


async def answered_since(api: Api, account: Account, start: datetime | None) -> dict[str, datetime | None]:
    """Return the leads on which something that may be an answer came since, with its moment."""
    mine = await account.uid()
    since: Domain = [["date", ">=", text_of(start)]] if start is not None else []
    quotes = ["&", ["body", "ilike", _NOTE], ["create_uid", "!=", mine]]
    either: Domain = ["|", ["body", "ilike", _ANSWER], *quotes]
    found: dict[str, datetime | None] = {}
    for one in await messages_where(api, [*since, *either]):
        found[one.lead_id] = one.at
    for row in await _with_fields(api, start):
        found[str(row["id"])] = moment_of(row.get("write_date"))
    return found


async def _with_fields(api: Api, start: datetime | None) -> list[Row]:
    """Return the leads in whose fields an answer stands; none where nobody made the fields."""
    there = [name for name in (ANSWER, ANSWER_KIND) if name in await api.fields(LEAD)]
    if not there:
        return []
    since: Domain = [["write_date", ">=", text_of(start)]] if start is not None else []
    domain = [*since, *any_of([[name, "!=", False] for name in there])]
    return await api.search_read(LEAD, domain, ["write_date"], context=_EVERYTHING)


async def _timelines(api: Api, account: Account, messages: Iterable[Message]) -> list[Timeline]:
    by_lead: dict[str, list[Message]] = {}
    for one in sorted(messages, key=lambda one: one.message_id):
        by_lead.setdefault(one.lead_id, []).append(one)
    rows = await _rows(api, account, by_lead)
    return [_timeline(lead_id, rows.get(lead_id, {}), said) for lead_id, said in by_lead.items()]


async def _rows(api: Api, account: Account, lead_ids: Iterable[str]) -> dict[str, Row]:
    ids = sorted(int(one) for one in lead_ids if one.isdecimal())
    wanted = [*_FIELDS, *filter(None, account.dialect.fields.values()), ANSWER, ANSWER_KIND]
    found: dict[str, Row] = {}
    for start in range(0, len(ids), _AT_ONCE):
        domain = [["id", "in", ids[start : start + _AT_ONCE]]]
        rows = await api.search_read(LEAD, domain, wanted, context=_EVERYTHING)
        found |= {str(row["id"]): row for row in rows}
    return found


def _timeline(lead_id: str, row: Row, messages: list[Message]) -> Timeline:
    found = {one.message_id: mark for one in messages if (mark := one.mark) is not None}
    marks = tuple(found[one] for one in sorted(found))
    text, kind = (str(row.get(name) or "") for name in (ANSWER, ANSWER_KIND))
    typed = typed_fields(lead_id, text, kind, moment_of(row.get("write_date")), marks)
    replies = (
        *written_replies(marks),
        *typed_notes(messages, marks),
        *([typed] if typed is not None else []),
    )
    return Timeline(lead_id, row, marks, replies)
