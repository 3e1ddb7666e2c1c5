"""Our notes on the timeline of leads and contacts: found by association and read by id, never by a search.

A search lags behind what was written: what it does not find may be there all the same. Not confirmed against
a live account: the association types of note to lead (855) and to contact (202), and how the notes of one
record go on after the first page of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from triage.crm.fields import Fields
from triage.crm.hubspot import names
from triage.crm.hubspot.api import ASSOCIATED, BATCH, Api
from triage.crm.hubspot.paths import associations
from triage.crm.hubspot.rows import Row, after_of, dicts_of, linked_of
from triage.crm.records import notes
from triage.crm.records.mark import Mark
from triage.errors import BadAnswer

NOTES = "notes"
BODY = "hs_note_body"
_PROPERTIES = (BODY, "hs_timestamp", "hs_createdate")
_HAS_NONE = "OBJECT_NOT_FOUND"
_TYPE_TO = {names.LEADS: 855, names.CONTACTS: 202}


def read(row: Row) -> Mark | None:
    """Return what a note says, or None where it is not one of ours."""
    fields = Fields(row["properties"], Counter())
    made = Fields(row, Counter()).time("createdAt") or fields.time("hs_createdate")
    return notes.read(row["id"], fields.raw(BODY), made)


async def marks_on(api: Api, kind: str, ids: Iterable[str]) -> dict[str, tuple[Mark, ...]]:
    """Return our notes on records of a kind, by the record's id, the oldest first."""
    linked = await _linked(api, kind, ids)
    found = {mark.note_id: mark async for mark in _read(api, {one for of in linked.values() for one in of})}
    return {
        record_id: tuple(sorted((found[one] for one in of if one in found), key=_age))
        for record_id, of in linked.items()
    }


async def _linked(api: Api, kind: str, ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the notes of records, all pages of them: one that is overlooked would be written twice.

    BadAnswer where HubSpot could not say it of a record; that it has none is an answer.
    """
    found: dict[str, list[str]] = {}
    waiting: list[dict[str, str]] = [{"id": one} for one in dict.fromkeys(ids)]
    while waiting:
        part, waiting = waiting[:ASSOCIATED], waiting[ASSOCIATED:]
        answer = await api.ask(associations(kind, NOTES), {"inputs": part}, expect=("results",))
        if any(error.get("category") != _HAS_NONE for error in dicts_of(answer.body.get("errors"))):
            raise BadAnswer("HubSpot could not say which notes there are.")
        for result in dicts_of(answer.body.get("results")):
            record_id, links = linked_of(result)
            known = found.setdefault(record_id, [])
            new = [one.id for one in links if one.id not in known]
            known += new
            after = after_of(result)
            if after and not new:
                raise BadAnswer("HubSpot says that there are more notes, but its pages do not move on.")
            waiting += [{"id": record_id, "after": after}] if after else []
    return found


def mark_of(item_id: str, found: Sequence[Mark], *, is_answer: bool = False) -> Mark | None:
    """Return the first note of an item, or None."""
    return next((mark for mark in found if mark.item_id == item_id and mark.is_answer is is_answer), None)


def input_of(body: str, at: datetime, owner_id: str, to: Mapping[str, str], trace_id: str) -> dict[str, Any]:
    """Return one note to create; `to` is the id of a record by its kind: leads, contacts."""
    properties = {BODY: body, "hs_timestamp": _written(at), names.OWNER: owner_id}
    return {
        "properties": {name: value for name, value in properties.items() if value},
        "associations": [_association(kind, record_id) for kind, record_id in to.items() if record_id],
        "objectWriteTraceId": trace_id,
    }


async def _read(api: Api, note_ids: Iterable[str]) -> AsyncIterator[Mark]:
    ids = sorted(note_ids)
    for start in range(0, len(ids), BATCH):
        for row in await _rows(api, ids[start : start + BATCH]):
            mark = read(row)
            if mark is not None:
                yield mark


async def _rows(api: Api, ids: Sequence[str]) -> list[Row]:
    """Read notes; a hundred of the longest are more than one answer may be, so halve where they are."""
    try:
        return list((await api.read_batch(NOTES, ids, _PROPERTIES)).rows.values())
    except BadAnswer:
        if len(ids) == 1:
            raise
    middle = len(ids) // 2
    return [*await _rows(api, ids[:middle]), *await _rows(api, ids[middle:])]


def _age(mark: Mark) -> tuple[datetime, int, str]:
    number = int(mark.note_id) if mark.note_id.isdecimal() else 0
    return (mark.at or datetime.max.replace(tzinfo=UTC), number, mark.note_id)


def _association(kind: str, record_id: str) -> dict[str, Any]:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": _TYPE_TO[kind]}]
    return {"to": {"id": record_id}, "types": types}


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
