"""Another definition, made from the one in force by naming what is to be different. Pure.

What is named: threshold, hand_raise, targets.NAME, CRITERION.FIELD, sql.CRITERION.FIELD.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from math import isfinite

from msgspec.structs import replace

from triage.domain.definition import Criterion, Definition
from triage.errors import UsageError

FIELDS = ("label", "fact", "op", "value", "weight", "dimension")
_OPS = (">=", "<=", "==", "in", "not_in", "truthy")
_LISTS = ("in", "not_in")
_WORDS: Mapping[str, bool] = {"yes": True, "true": True, "no": False, "false": False}


def amended(definition: Definition, changes: Iterable[str], dropped: Iterable[str] = ()) -> Definition:
    """Return a definition with changes such as `company_size.value=100`; UsageError names what is off."""
    for name in dropped:
        definition = _without(definition, name)
    for change in changes:
        name, sign, value = change.partition("=")
        if not sign or not name.strip():
            raise UsageError(f"“{change}” names no change.", hint="Write NAME=VALUE, as in threshold=70.")
        definition = _changed(definition, name.strip(), value.strip())
    for line in (*definition.criteria, *definition.sql_criteria):
        _check(line)
    return definition


def _changed(definition: Definition, name: str, value: str) -> Definition:
    head, _, rest = name.partition(".")
    if name == "threshold":
        return replace(definition, threshold=_number(name, value))
    if name == "hand_raise":
        return replace(definition, hand_raise=tuple(_items(value)))
    if head == "targets" and rest:
        _known_target(definition, rest)
        return replace(definition, targets={**definition.targets, rest: _number(name, value)})
    if head == "sql" and rest:
        lines = _with_line(definition.sql_criteria, rest, value)
        return replace(definition, sql_criteria=lines)
    if rest:
        return replace(definition, criteria=_with_line(definition.criteria, name, value))
    known = ["threshold", "hand_raise", *_names(definition)]
    near = difflib.get_close_matches(name, known, n=1)
    raise UsageError(
        f"“{name}” is nothing that a definition has.",
        hint=f"Did you mean {near[0]}?"
        if near
        else "Name threshold, hand_raise, targets.X or CRITERION.FIELD.",
    )


def _known_target(definition: Definition, name: str) -> None:
    """Refuse what is one letter from a target that there is: nothing would count the other."""
    near = difflib.get_close_matches(name, definition.targets, n=1, cutoff=0.8)
    if near and name not in definition.targets:
        raise UsageError(f"There is no target “{name}”.", hint=f"Did you mean targets.{near[0]}?")


def _with_line(lines: tuple[Criterion, ...], name: str, value: str) -> tuple[Criterion, ...]:
    criterion_id, _, field = name.rpartition(".")
    if field not in FIELDS:
        raise UsageError(
            f"“{field}” is no part of a line.", hint=f"A line of the definition has {', '.join(FIELDS)}."
        )
    known = {line.criterion_id: line for line in lines}
    line = known.get(criterion_id)
    if line is None and field != "fact":
        raise UsageError(
            f"There is no line “{criterion_id}”.",
            hint=f"There are {', '.join(known) or 'none'}; a new one begins with {criterion_id}.fact=NAME.",
        )
    line = line or Criterion(criterion_id, criterion_id.replace("_", " "), "", "truthy")
    known[criterion_id] = _line(line, field, value)
    return tuple(known.values())


def _line(line: Criterion, field: str, value: str) -> Criterion:
    if field == "weight":
        return replace(line, weight=_number(f"{line.criterion_id}.weight", value))
    if field == "op":
        if value not in _OPS:
            raise UsageError(f"“{value}” is no comparison.", hint=f"One of {' '.join(_OPS)}.")
        return replace(line, op=value)
    if field == "value":
        read = [_scalar(one) for one in _items(value)] if line.op in _LISTS else _scalar(value)
        return replace(line, value=read)
    return replace(line, **{field: value})


def _check(line: Criterion) -> None:
    if not line.criterion_id or not line.fact:
        raise UsageError("A line of the definition has a name and a fact.", hint="In full: LINE.fact=NAME.")
    is_number = isinstance(line.value, int | float) and not isinstance(line.value, bool)
    if line.op in {">=", "<="} and not is_number:
        raise UsageError(f"{line.criterion_id} compares with a number.", hint=f"{line.criterion_id}.value=50")
    if line.op in _LISTS and not isinstance(line.value, list | tuple):
        raise UsageError(f"{line.criterion_id} compares with a list.", hint=f"{line.criterion_id}.value=A,B")


def _without(definition: Definition, name: str) -> Definition:
    is_sql = name.startswith("sql.")
    criterion_id, part = name.removeprefix("sql."), "sql_criteria" if is_sql else "criteria"
    lines: tuple[Criterion, ...] = getattr(definition, part)
    left = tuple(line for line in lines if line.criterion_id != criterion_id)
    if len(left) == len(lines):
        known = ", ".join(line.criterion_id for line in lines)
        raise UsageError(f"There is no line “{name}” to drop.", hint=f"There are {known or 'none'}.")
    return replace(definition, **{part: left})


def _names(definition: Definition) -> list[str]:
    return [line.criterion_id for line in (*definition.criteria, *definition.sql_criteria)]


def _number(name: str, text: str) -> float:
    value = _scalar(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"{name} has to be a number, and “{text}” is none.")
    return float(value)


def _scalar(text: str) -> str | int | float | bool:
    """Return yes and no as such, a number as a number, all else as text."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        if isfinite(value):
            return value
    return text


def _items(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
