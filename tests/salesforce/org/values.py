"""How values look on the wire and in memory: times are aware in memory and end in +0000 on the wire."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, NoReturn

from tests.salesforce.org.errors import RefusedError
from tests.salesforce.org.ids import full_id, looks_like_id
from tests.salesforce.org.schema import IDS, NUMBERS, Field

WRONG = "JSON_PARSER_ERROR"


def shown(value: Any) -> Any:
    """Return a value as an answer holds it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return value.isoformat() if isinstance(value, date) else value


def read_time(text: str) -> datetime:
    """Return a moment written as ISO 8601 with its zone; ValueError for anything else."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found.astimezone(UTC)


def taken(field: Field, value: Any) -> Any:
    """Return a written value as it is kept; RefusedError where its type is not the field's."""
    if value is None or value == "":
        if field.type == "boolean":
            _refuse(field, value)
        return None
    if field.type == "boolean":
        if not isinstance(value, bool):
            _refuse(field, value)
        return value
    if field.type in NUMBERS:
        return _number(field, value)
    if field.type in {"datetime", "date"}:
        return _time(field, value)
    if field.type in IDS:
        return _reference(field, value)
    return _text(field, value)


def _number(field: Field, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(field, value)
    return round(float(value), field.scale) if field.scale else float(value)


def _time(field: Field, value: Any) -> datetime | date:
    try:
        if field.type == "date":
            return date.fromisoformat(value)
        return read_time(value).replace(microsecond=0)
    except (TypeError, ValueError):
        _refuse(field, value)


def _reference(field: Field, value: Any) -> str:
    if not looks_like_id(value):
        raise RefusedError(
            400, "MALFORMED_ID", f"{field.name}: id value of incorrect type: {value}", field.name
        )
    return full_id(value)


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        _refuse(field, value)
    if len(value) > field.length:
        words = f"{field.name}: data value too large: {value[:80]} (max length={field.length})"
        raise RefusedError(400, "STRING_TOO_LONG", words, field.name)
    if field.restricted and value not in field.values:
        words = f"{field.name}: bad value for restricted picklist field: {value}"
        raise RefusedError(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", words, field.name)
    return str(value)


def _refuse(field: Field, value: Any) -> NoReturn:
    kind = type(value).__name__.upper()
    raise RefusedError(
        400,
        WRONG,
        f"Cannot deserialize instance of {field.type} from {kind} value {value} or request may be"
        " missing a required field",
    )
