"""What a search asks for: filters, which HubSpot joins by "and". Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

Filter = dict[str, Any]
"""One condition on a property."""


def is_equal(name: str, value: str) -> Filter:
    """Return the filter that a property is a value."""
    return {"propertyName": name, "operator": "EQ", "value": value}


def is_other(name: str, value: str) -> Filter:
    """Return the filter that a property is anything but a value."""
    return {"propertyName": name, "operator": "NEQ", "value": value}


def is_none_of(name: str, values: Iterable[str]) -> Filter:
    """Return the filter that a property is none of some values."""
    return {"propertyName": name, "operator": "NOT_IN", "values": list(values)}


def is_set(name: str) -> Filter:
    """Return the filter that a property has any value."""
    return {"propertyName": name, "operator": "HAS_PROPERTY"}


def is_not_set(name: str) -> Filter:
    """Return the filter that a property has no value."""
    return {"propertyName": name, "operator": "NOT_HAS_PROPERTY"}


def is_since(name: str, moment: datetime) -> Filter:
    """Return the filter that a moment is this one or later; HubSpot counts in milliseconds."""
    return {"propertyName": name, "operator": "GTE", "value": str(milliseconds(moment))}


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00Z")


def milliseconds(moment: datetime) -> int:
    """Return the Unix milliseconds of a moment."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)
