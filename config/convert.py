"""From TOML tables to frozen Structs, strictly. Owns unknown, missing and mistyped keys; no names.

msgspec judges each single value. The walk is ours because msgspec names no line and no nearest key and
names no key of a mapping, and an error has to name both.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec
from msgspec import Struct
from msgspec.structs import FieldInfo, fields

from config.document import Document, KeyPath, dotted
from triage.errors import ConfigError

T = TypeVar("T")
C = TypeVar("C")


def to_struct(document: Document, kind: type[T], *, word: str = "setting") -> T:
    """Convert the whole document; ConfigError names file, key, line and the nearest key there is.

    `word` is what the file's keys are called in an error.
    """
    made: T = _Walk(document, kind, word).table((), document.table, kind)
    return made


def keys_of(kind: Any, prefix: str = "") -> tuple[str, ...]:
    """Return the dotted names of all values that a Struct and the Structs in it can hold."""
    names: list[str] = []
    for key, spec in _fields(kind).items():
        nested = _is_struct(spec.type)
        names += keys_of(spec.type, f"{prefix}{key}.") if nested else [prefix + key]
    return tuple(names)


class _Walk(Struct, frozen=True):
    """One conversion: the document, and what its root should be."""

    document: Document
    root: type[Any]
    word: str

    def table(self, path: KeyPath, raw: dict[str, Any], kind: Any) -> Any:
        known = _fields(kind)
        for key in raw:
            if key not in known:
                raise self._unknown((*path, key), known)
        for spec in known.values():
            if spec.name not in raw and spec.required:
                raise self.document.error(path, f"`{dotted((*path, spec.name))}` is missing.")
        return kind(**{key: self.value((*path, key), value, known[key].type) for key, value in raw.items()})

    def value(self, path: KeyPath, raw: Any, hint: Any) -> Any:
        origin, inner = get_origin(hint), get_args(hint)
        if _is_struct(hint):
            return self.table(path, self._expect(dict, path, raw), hint)
        if origin is tuple and _is_struct(inner[0]):
            items = self._expect(list, path, raw)
            return tuple(self.value((*path, index), item, inner[0]) for index, item in enumerate(items))
        if origin is dict:
            named = self._expect(dict, path, raw)
            return {key: self.value((*path, key), item, inner[1]) for key, item in named.items()}
        return self._single(path, raw, hint)

    def _single(self, path: KeyPath, raw: Any, hint: Any) -> Any:
        try:
            return msgspec.convert(self._moment(path, raw), hint, strict=True)
        except msgspec.ValidationError as error:
            words = str(error)
            problem = f"{words[0].lower()}{words[1:]}"
        choices = _choices(hint)
        if choices and isinstance(raw, str):
            # msgspec would show the value here.
            problem = f"has to be one of {', '.join(filter(None, choices))}{guess(raw, choices)}"
        raise self.document.error(path, f"`{dotted(path)}`: {problem}")

    def _expect(self, kind: type[C], path: KeyPath, raw: Any) -> C:
        if isinstance(raw, kind):
            return raw
        noun = "a list of tables" if kind is list else "a table"
        raise self.document.error(path, f"`{dotted(path)}` has to be {noun}.")

    def _moment(self, path: KeyPath, raw: Any) -> Any:
        """Return a date as its first moment in UTC; refuse a time of no zone."""
        if isinstance(raw, datetime):
            if raw.tzinfo is None:
                raise self.document.error(
                    path, f"`{dotted(path)}` needs a time zone: end it with Z or +02:00."
                )
            return raw.astimezone(UTC)
        if isinstance(raw, date):
            return datetime.combine(raw, time(), UTC)
        return raw

    def _unknown(self, path: KeyPath, known: Iterable[str]) -> ConfigError:
        here = [dotted((*path[:-1], key)) for key in known]
        # A right key in the wrong table is as likely as a misspelt one.
        elsewhere = [key for key in keys_of(self.root) if key.rpartition(".")[2] == path[-1]]
        near = guess(dotted(path), here) or (f"; did you mean `{elsewhere[0]}`?" if elsewhere else "")
        problem = f"`{dotted(path)}` is not a {self.word}{near or '. There are: ' + ', '.join(here) + '.'}"
        return self.document.error(path, problem)


def guess(word: str, known: Iterable[str]) -> str:
    """Return which of the known words was most likely meant, to end a sentence; an empty text for none."""
    import difflib  # noqa: PLC0415 - for a name that there is not

    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _choices(hint: Any) -> list[str]:
    if get_origin(hint) is Literal:
        return [str(choice) for choice in get_args(hint)]
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return [str(member.value) for member in hint]
    if get_origin(hint) is types.UnionType:
        return [choice for part in get_args(hint) for choice in _choices(part)]
    return []


@cache
def _fields(kind: Any) -> dict[str, FieldInfo]:
    """Resolve the annotations of a class: as slow as all the rest, and the same for each table."""
    return {one.name: one for one in fields(kind)}


def _is_struct(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Struct)
