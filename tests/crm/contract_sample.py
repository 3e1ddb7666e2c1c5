"""One lead with every field that the open contract knows, made from its own document."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from importlib.resources import files
from typing import Any

import yaml

Path = tuple[str | int, ...]
_KINDS = {"string": "text", "integer": 7, "number": 7.5, "boolean": True, "null": None}
_TIME = "2026-11-21T10:00:00Z"


def full_lead() -> dict[str, Any]:
    """Return a lead in which nothing is null and no list is empty."""
    return full("Lead")


def full(name: str) -> dict[str, Any]:
    """Return an object of one of the contract's schemas in which nothing is null and no list is empty."""
    document = yaml.safe_load((files("triage.embedded") / "contract.yaml").read_text("utf-8"))
    schemas = document["components"]["schemas"]
    made: dict[str, Any] = _sample(schemas[name], schemas)
    return made


def paths_of(value: Any, within: Path = ()) -> Iterator[Path]:
    """Yield the way to every value inside of a JSON value."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, entry in entries:
        yield (*within, name)
        yield from paths_of(entry, (*within, name))


def replaced(value: Any, path: Path, other: Any) -> Any:
    """Return a copy in which one value is another."""
    copy = deepcopy(value)
    place = copy
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = other
    return copy


def _sample(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _TIME if name.endswith("Time") else _sample(schemas[name], schemas)
    if "allOf" in schema:
        return {name: value for part in schema["allOf"] for name, value in _sample(part, schemas).items()}
    if "anyOf" in schema:
        return _sample(schema["anyOf"][0], schemas)
    return schema["enum"][0] if "enum" in schema else _plain(schema, schemas)


def _plain(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    kind = schema.get("type", "object")
    kind = kind if isinstance(kind, str) else kind[0]
    if kind == "array":
        return [_sample(schema["items"], schemas)]
    if kind == "object":
        named = {name: _sample(inner, schemas) for name, inner in schema.get("properties", {}).items()}
        return named or {"employees": 7, "level": "vp", "vip": True}
    return _KINDS[kind]
