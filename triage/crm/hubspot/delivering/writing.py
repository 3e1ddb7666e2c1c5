"""One batch write, and what became of each of its inputs: matched by id or by our own key, never by position.

Whatever the status, the errors of an answer are looked at. What it does not mention is unknown. A plain 400
wrote nothing: the inputs then go one by one, so that the culprit stands alone. Not confirmed against a live
account: that an update echoes `objectWriteTraceId` in its errors, and the categories of errors per item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from msgspec import Struct, field

from triage.crm.hubspot.api import Api
from triage.crm.hubspot.paths import objects
from triage.crm.hubspot.rows import Row, Written, rows_of
from triage.crm.hubspot.timeline.notes import read
from triage.domain.outcome import Conflicted, Outcome, Refused, RetryLater, Theirs, Unknown
from triage.errors import AnswerLost, CrmError, NotPermitted, NotSignedIn, RateLimited, Unreachable
from triage.text import clean

UPDATE, CREATE = "update", "create"
SILENT = Unknown("HubSpot's answer says nothing about it.")
_WORDLESS = "HubSpot refused it without a word."
_PASSING = frozenset({"RATE_LIMITS", "RATE_LIMIT", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT"})
"""Categories of errors that say nothing about the input itself."""
_SINGLE_REFUSED = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


class Input(Struct, frozen=True):
    """One record to write for an item."""

    item_id: str
    body: dict[str, Any]
    """As the batch takes it: id and properties of an update; properties and associations of a note."""

    @property
    def record_id(self) -> str:
        """The record it updates; empty for one that is created."""
        return str(self.body.get("id", ""))


class Told(Struct, frozen=True):
    """What became of the inputs, by item: exactly one of the two has each."""

    rows: dict[str, Row] = field(default_factory=dict)
    """The record as it is now."""
    failed: dict[str, Outcome] = field(default_factory=dict)


def update_of(item_id: str, record_id: str, properties: Mapping[str, str]) -> Input:
    """Return the update of one record, with our key to know its error by."""
    return Input(item_id, {"id": record_id, "properties": dict(properties), "objectWriteTraceId": item_id})


async def write(api: Api, kind: str, verb: str, inputs: Sequence[Input]) -> Told:
    """Write at most 100 records. Raises what concerns all of them; then none was written, or AnswerLost."""
    if not inputs:
        return Told()
    written = await api.write_batch(kind, verb, [one.body for one in inputs])
    if written.refusal is None:
        return matched(written, inputs)
    if len(inputs) == 1:
        return Told(failed={inputs[0].item_id: Refused((written.refusal or _WORDLESS,))})
    return await _one_by_one(api, kind, verb, inputs)


def matched(written: Written, inputs: Sequence[Input]) -> Told:
    """Return what an answer says about each input; two things at once are no word."""
    rows = {item_id: row for row in written.results for item_id in _whose(row, inputs)}
    failed: dict[str, Outcome] = {}
    for error in written.errors:
        for item_id in _blamed(error, inputs):
            failed[item_id] = SILENT if item_id in rows else _meant(error)
    failed |= {one.item_id: SILENT for one in inputs if one.item_id not in {**rows, **failed}}
    return Told({item_id: row for item_id, row in rows.items() if item_id not in failed}, failed)


async def _one_by_one(api: Api, kind: str, verb: str, inputs: Sequence[Input]) -> Told:
    """Write each by itself; once one is written, what concerns all of them is each one's own failure."""
    rows: dict[str, Row] = {}
    failed: dict[str, Outcome] = {}
    for number, one in enumerate(inputs):
        try:
            told = await _alone(api, kind, verb, one)
        except (NotSignedIn, NotPermitted, RateLimited) as error:
            if not rows:
                raise
            failed |= {later.item_id: failure_of(error) for later in inputs[number:]}
            break
        except CrmError as error:
            failed[one.item_id] = failure_of(error)
            continue
        if isinstance(told, dict):
            rows[one.item_id] = told
        else:
            failed[one.item_id] = told
    return Told(rows, failed)


async def _alone(api: Api, kind: str, verb: str, one: Input) -> Row | Outcome:
    body = {name: value for name, value in one.body.items() if name not in ("id", "objectWriteTraceId")}
    if verb == UPDATE:
        answer = await api.send(objects(kind, one.record_id), body, "PATCH", also=_SINGLE_REFUSED)
    else:
        answer = await api.send(objects(kind), body, also=_SINGLE_REFUSED)
    if answer.status == HTTPStatus.NOT_FOUND:
        return Conflicted(Theirs(deleted=True))
    if answer.status in _SINGLE_REFUSED:
        return Refused((answer.words or _WORDLESS,))
    row = next(iter(rows_of({"results": [answer.body]})), None)
    return row if row is not None and (verb == CREATE or row["id"] == one.record_id) else SILENT


def failure_of(error: CrmError) -> Outcome:
    """Return what the failure of a request says about an input of it."""
    if isinstance(error, AnswerLost):
        return Unknown(error.message)
    return RetryLater(error.message, error.retry_after if isinstance(error, Unreachable) else None)


def _whose(row: Row, inputs: Sequence[Input]) -> list[str]:
    """Return the items that a result is of: by the record's id; a new record by our key in it."""
    updated = [one.item_id for one in inputs if one.record_id == row["id"]]
    if updated:
        return updated
    mark = read(row)
    created = {one.item_id for one in inputs if not one.record_id}
    named = mark.item_id if mark is not None else row.get("objectWriteTraceId")
    return [named] if isinstance(named, str) and named in created else []


def _blamed(error: Mapping[str, Any], inputs: Sequence[Input]) -> set[str]:
    """Return the items that an error is about: by our key, else by the record's id."""
    context = error.get("context")
    if not isinstance(context, dict):
        return set()
    keys, ids = _texts(context.get("objectWriteTraceId")), _texts(context.get("ids"))
    by_key = {one.item_id for one in inputs if one.item_id in keys}
    return by_key or {one.item_id for one in inputs if one.record_id in ids}


def _texts(value: object) -> set[str]:
    given = value if isinstance(value, list) else [value]
    return {str(one) for one in given if isinstance(one, str | int)}


def _meant(error: Mapping[str, Any]) -> Outcome:
    category, message = error.get("category"), error.get("message")
    said = clean(message, limit=300) if isinstance(message, str) and message else _WORDLESS
    if category == "OBJECT_NOT_FOUND":
        return Conflicted(Theirs(deleted=True))
    return Unknown(said) if category in _PASSING else Refused((said,))
