"""Whether a value may stand in a property, and how it is then stored."""

from __future__ import annotations

import math
from typing import Any

from tests.hubspot.portal.schema import Definition
from tests.hubspot.portal.stamps import iso, read_time

TEXT_LIMIT = 65_536


class Unfit(Exception):
    """The value cannot stand there: HubSpot's code, and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def stored(definition: Definition, value: Any) -> str:
    """The value as it is kept; an empty text clears. Raises Unfit."""
    if definition.read_only:
        raise Unfit(
            "READ_ONLY_VALUE", f'"{definition.name}" is a read only property; its value cannot be set.'
        )
    text = _text(value)
    return _TYPES.get(definition.type, _string)(definition, text) if text else ""


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise Unfit("INVALID_STRING", "Cannot deserialize value")


def _string(definition: Definition, text: str) -> str:
    if len(text) > TEXT_LIMIT:
        raise Unfit("PROPERTY_TOO_LONG", f"{definition.name} exceeds the {TEXT_LIMIT} character limit")
    return text


def _number(definition: Definition, text: str) -> str:
    try:
        fits = math.isfinite(float(text))
    except ValueError:
        fits = False
    if not fits:
        raise Unfit("INVALID_INTEGER", f"{text} was not a valid number.")
    return text


def _time(definition: Definition, text: str) -> str:
    at = read_time(text)
    if at is None:
        raise Unfit("INVALID_DATE", f"{text} was not a valid long.")
    return iso(at)


def _choice(definition: Definition, text: str) -> str:
    allowed = [option.value for option in definition.options]
    chosen = text.split(";") if definition.field_type == "checkbox" else [text]
    for one in chosen:
        if one not in allowed:
            raise Unfit("INVALID_OPTION", f"{one} was not one of the allowed options: {allowed}")
    return text


def _flag(definition: Definition, text: str) -> str:
    if text.lower() not in ("true", "false"):
        raise Unfit("INVALID_BOOLEAN", f"{text} was not a valid boolean.")
    return text.lower()


_TYPES = {"number": _number, "datetime": _time, "enumeration": _choice, "bool": _flag, "date": _time}
