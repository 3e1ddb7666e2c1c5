"""HubSpot's records as they come: rows, what they are associated with, what a batch came to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

Row = dict[str, Any]
"""A record as HubSpot has it: `id`, `properties` (texts or null), `createdAt`, `updatedAt`, `archived`."""


class Found(Struct, frozen=True):
    """What a batch read found."""

    rows: dict[str, Row]
    """By the id that was asked for."""
    missing: frozenset[str]
    """Deleted, merged into another, or not ours to see: HubSpot does not always say which."""


class Linked(Struct, frozen=True):
    """A record that another is associated with."""

    id: str
    type_ids: tuple[int, ...] = ()


class Written(Struct, frozen=True):
    """What one batch write came to. A status says nothing: the errors are looked at."""

    results: tuple[Row, ...] = ()
    errors: tuple[dict[str, Any], ...] = ()
    refusal: str | None = None
    """HubSpot's words for a plain 400: nothing was written, and one of the inputs may be the culprit."""


class Quota(Struct, frozen=True):
    """Requests of a day, of the whole account."""

    most: int
    remaining: int


def rows_of(body: Mapping[str, Any]) -> list[Row]:
    """Return the records of an answer: those with an id, as a text, and an object of properties."""
    rows = []
    for row in dicts_of(body.get("results")):
        record_id = id_of(row.get("id"))
        if record_id:
            values = row.get("properties")
            rows.append({**row, "id": record_id, "properties": values if isinstance(values, dict) else {}})
    return rows


def linked_of(result: Mapping[str, Any]) -> tuple[str, tuple[Linked, ...]]:
    """Return a record's id, and what it is associated with; an empty id where the result names none."""
    source = result.get("from")
    record_id = id_of(source.get("id")) if isinstance(source, dict) else ""
    return record_id, tuple(_links(result))


def _links(result: Mapping[str, Any]) -> Iterable[Linked]:
    for to in dicts_of(result.get("to")):
        record_id = id_of(to.get("toObjectId"))
        if record_id:
            types = (one.get("typeId") for one in dicts_of(to.get("associationTypes")))
            yield Linked(record_id, tuple(one for one in types if isinstance(one, int)))


def id_of(value: object) -> str:
    """Return an id as a text: some answers have it as a number."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if len(text) <= 128 else ""  # noqa: PLR2004 - `fields.ID_LIMIT`


def after_of(body: Mapping[str, Any]) -> str:
    """Return where the next page begins; empty where there is none."""
    paging = body.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    after = following.get("after") if isinstance(following, dict) else None
    return str(after) if isinstance(after, str | int) else ""


def dicts_of(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list; nothing of anything else."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
