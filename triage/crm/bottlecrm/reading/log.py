"""The two logs that stand in custom fields of a lead: the rep side's records, and marketing's answers. Pure.

A log is a JSON list, the newest last, written in the same request as its effect. It is bounded: an old record
loses what the rep saw, then all but its id, and at last goes. What somebody has changed is read as far as it
can be, and never raises.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from triage.crm.bottlecrm.names import ANSWERS, LOG
from triage.crm.fields import Fields
from triage.crm.limits import decode
from triage.crm.records.mark import Mark

MOST_RECORDS = 40
"""Entries with a record."""
MOST = 400
"""Entries at all: what is written once stays known by its id."""
LARGEST = 200_000
"""Characters of one log, all of them ASCII."""

Entry = dict[str, Any]


def read(lead: Mapping[str, Any]) -> tuple[Mark, ...]:
    """Return the records of decisions and feedback, the oldest first; an old one may have no record left.

    `lead` is a row of a list, or `lead_obj`. The id of what carries a record is "<lead id>:<item id>".
    """
    return _marks(lead, LOG, is_answer=False)


def appended(lead: Mapping[str, Any], mark: Mark) -> str:
    """Return the log of decisions and feedback with one record more: the whole value of its field.

    An entry of the same id is replaced. `mark.at` is kept to the millisecond, as it is read.
    """
    return _appended(lead, LOG, mark)


def read_answers(lead: Mapping[str, Any]) -> tuple[Mark, ...]:
    """Return the records of marketing's answers, the oldest first."""
    return _marks(lead, ANSWERS, is_answer=True)


def answers_appended(lead: Mapping[str, Any], mark: Mark) -> str:
    """Return the log of answers with one record more: the whole value of its field."""
    return _appended(lead, ANSWERS, mark)


def custom_of(lead: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a lead's custom fields; empty where it has none."""
    found = lead.get("custom_fields")
    return found if isinstance(found, dict) else {}


def _marks(lead: Mapping[str, Any], name: str, *, is_answer: bool) -> tuple[Mark, ...]:
    lead_id = str(lead.get("id") or "")
    return tuple(_mark(entry, lead_id, is_answer=is_answer) for entry in _entries(lead, name))


def _mark(entry: Entry, lead_id: str, *, is_answer: bool) -> Mark:
    fields = Fields(entry, Counter())
    record = entry.get("record")
    return Mark(
        note_id=f"{lead_id}:{entry['id']}",
        item_id=entry["id"],
        word=fields.text("word"),
        record=record if isinstance(record, dict) else {},
        at=fields.time("at"),
        is_answer=is_answer,
    )


def _appended(lead: Mapping[str, Any], name: str, mark: Mark) -> str:
    kept = [entry for entry in _entries(lead, name) if entry["id"] != mark.item_id]
    at = mark.at.isoformat(timespec="milliseconds") if isinstance(mark.at, datetime) else None
    new = {"id": mark.item_id, "word": mark.word, "at": at, "record": mark.record}
    return _packed(_bounded([*kept, new]))


def _entries(lead: Mapping[str, Any], name: str) -> list[Entry]:
    """Return the entries that have an id: of a text that is a JSON list, and of nothing else."""
    text = custom_of(lead).get(name)
    try:
        found = decode(text.encode()) if isinstance(text, str) else None
    except ValueError:
        return []
    entries = found if isinstance(found, list) else []
    return [entry for entry in entries if isinstance(entry, dict) and Fields(entry, Counter()).id("id")]


def _bounded(entries: list[Entry]) -> list[Entry]:
    """Return the entries within their bounds; the newest stays as it is as long as that is possible."""
    old = max(0, len(entries) - MOST_RECORDS)
    kept = [*map(_only_the_id, entries[:old]), *entries[old:]][-MOST:]
    sizes = [len(_packed(entry)) + 1 for entry in kept]
    for shorten in (_without_snapshot, _only_the_id):
        _shortened(kept, sizes, shorten, upto=len(kept) - 1)
    while len(kept) > 1 and sum(sizes) + 1 > LARGEST:
        del kept[0], sizes[0]
    for shorten in (_without_snapshot, _only_the_id):
        _shortened(kept, sizes, shorten, upto=len(kept))
    return kept


def _shortened(entries: list[Entry], sizes: list[int], shorten: Callable[[Entry], Entry], upto: int) -> None:
    """Shorten entries, the oldest first, until all fit."""
    for index in range(upto):
        if sum(sizes) + 1 <= LARGEST:
            return
        entries[index] = shorten(entries[index])
        sizes[index] = len(_packed(entries[index])) + 1


def _without_snapshot(entry: Entry) -> Entry:
    record = entry.get("record")
    item = record.get("item") if isinstance(record, dict) else None
    if not isinstance(record, dict) or not isinstance(item, dict):
        return entry
    kept = {name: value for name, value in item.items() if name != "snapshot"}
    return {**entry, "record": {**record, "item": kept}}


def _only_the_id(entry: Entry) -> Entry:
    return {name: value for name, value in entry.items() if name != "record"}


def _packed(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
