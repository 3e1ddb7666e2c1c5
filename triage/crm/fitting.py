"""Whether a value is what the port's types say, to the last field: for adapters that nobody here has checked.

Names the place and what is there, never the value itself: it may be somebody's data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

Misfit = tuple[str, str]
"""Where, as a path of fields and indexes, and what is wrong there."""
Look = Callable[[Any], Misfit | None]


def misfit(value: object, hint: Any, name: str) -> str:
    """Return what does not fit, in words that begin with `name` and the place in it; empty where all does."""
    found = _look(hint)(value)
    return "" if found is None else f"{name}{found[0]} {found[1]}"


@cache
def _look(hint: Any) -> Look:
    """Return what looks at values of a type; made once for each."""
    if isinstance(hint, NewType):
        return _look(hint.__supertype__)
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _any_of(hint)
    if origin is tuple:
        return _each_of(_look(get_args(hint)[0]))
    if origin in (dict, Mapping):
        return _mapping(origin, *map(_look, get_args(hint)))
    return _plain(hint)


def _plain(hint: Any) -> Look:
    if hint is Any:
        return lambda _value: None
    if get_origin(hint) is Literal:
        return lambda value: None if value in get_args(hint) else ("", f"is none of {get_args(hint)}")
    if hint is datetime:
        return _moment
    if hint is float:
        return _number
    if isinstance(hint, type) and issubclass(hint, Struct):
        return _struct(hint)
    kinds = NoneType if hint is None else hint
    return lambda value: None if isinstance(value, kinds) else _another(value, _name(hint))


def _struct(kind: type[Struct]) -> Look:
    hints = get_type_hints(kind)
    looks = [(name, _look(hints[name])) for name in kind.__struct_fields__]

    def look(value: Any) -> Misfit | None:
        if not isinstance(value, kind):
            return _another(value, _name(kind))
        for name, within in looks:
            if found := within(getattr(value, name)):
                return f".{name}{found[0]}", found[1]
        return None

    return look


def _any_of(hint: Any) -> Look:
    looks = [_look(one) for one in sorted(get_args(hint), key=lambda one: one is not NoneType)]
    names = ", ".join(_name(one) for one in get_args(hint))

    def look(value: Any) -> Misfit | None:
        found: list[Misfit] = []
        for one in looks:
            trouble = one(value)
            if trouble is None:
                return None
            found.append(trouble)
        deepest = max(reversed(found), key=lambda one: len(one[0]))
        return deepest if deepest[0] or isinstance(value, datetime) else _another(value, f"one of {names}")

    return look


def _each_of(within: Look) -> Look:
    def look(value: Any) -> Misfit | None:
        if not isinstance(value, tuple):
            return _another(value, "a tuple")
        for number, one in enumerate(value):
            if found := within(one):
                return f"[{number}]{found[0]}", found[1]
        return None

    return look


def _mapping(kind: type[Mapping[Any, Any]], key: Look, within: Look) -> Look:
    def look(value: Any) -> Misfit | None:
        if not isinstance(value, kind):
            return _another(value, "a mapping")
        for name, one in value.items():
            if key(name) is not None:
                return "", f"has a key that is {_a(name)}"
            if found := within(one):
                return f"[…]{found[0]}", found[1]
        return None

    return look


def _number(value: Any) -> Misfit | None:
    if not isinstance(value, int | float):
        return _another(value, "float")
    return (
        None
        if isinstance(value, int) or isfinite(value)
        else ("", "is no finite number: say None where there is none")
    )


def _moment(value: Any) -> Misfit | None:
    if not isinstance(value, datetime):
        return _another(value, "a time")
    if value.utcoffset() is None:
        return "", "is a time without a zone: give aware times in UTC"
    return None if value.utcoffset() == timedelta() else ("", "is not in UTC: say .astimezone(UTC)")


def _another(value: object, wanted: str) -> Misfit:
    return "", f"is {_a(value)}, not {wanted}"


def _a(value: object) -> str:
    return "None" if value is None else f"of the type {type(value).__name__}"


def _name(hint: Any) -> str:
    return "None" if hint in (None, NoneType) else getattr(hint, "__name__", str(hint))
