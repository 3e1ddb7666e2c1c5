"""What is asked about leads besides their own fields: rows that point at them, in few queries.

Asks only for what a describe says the user may read; of an object they may not read, that is said.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from triage.crm.salesforce import soql
from triage.crm.salesforce.api import Api, NoSuchField, Row
from triage.crm.salesforce.describe import Described, select
from triage.crm.salesforce.selects import select_from

MOST = 2_000
"""Rows that one query about 200 leads gives, the newest: a lead with a thousand tasks is not read whole."""


class Question(Struct, frozen=True):
    """Rows of an object by the leads (or other records) that they point at."""

    sobject: str
    by: str
    """The field that holds the id."""
    fields: tuple[str, ...]
    where: str = ""
    newest_by: str = ""
    """Rows are given the newest first, by this field."""


async def rows_about(api: Api, question: Question, ids: Sequence[str]) -> list[Row] | None:
    """Return the rows that point at these ids; None where the user may not read the object.

    Reads in the background: RateLimited above 80 % of the day. A field that vanished since it was described
    is left out.
    """
    try:
        return await _rows(api, question, ids)
    except NoSuchField:
        api.forget(question.sobject)
        return await _rows(api, question, ids)


async def _rows(api: Api, question: Question, ids: Sequence[str]) -> list[Row] | None:
    described = await api.describe(question.sobject)
    if described is None or not described.can_read(question.by):
        return None
    rows: list[Row] = []
    for part in soql.split(ids):
        rows += await api.rows(_written(question, described, part), background=True)
    return rows


def _written(question: Question, described: Described, ids: Sequence[str]) -> str:
    fields = select((question.by, *question.fields), described)
    where = f"{question.by} IN {soql.ids(ids)}" + (f" AND {question.where}" if question.where else "")
    newest = [f"{question.newest_by} DESC"] if described.can_read(question.newest_by) else []
    return f"{select_from(question.sobject, fields, where, newest)} LIMIT {MOST}"


def by_id(rows: Sequence[Row] | None, name: str) -> dict[str, list[Row]]:
    """Return rows by the id that a field of theirs holds."""
    found: dict[str, list[Row]] = {}
    for row in rows or ():
        key = row.get(name)
        if isinstance(key, str):
            found.setdefault(key, []).append(row)
    return found
