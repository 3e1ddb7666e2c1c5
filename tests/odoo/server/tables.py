"""Models with their rows, and the log by which a call that failed is undone: one call is one transaction."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.odoo.server.fields import ON_EVERY_MODEL, Field, Row

Undo = Callable[[], object]
Rule = Callable[[Any, Row, str], bool]
"""Of an environment, a row and what is done to it: whether this user may."""


@dataclass
class Model:
    """One table. `may` says by group what its members do: letters of r, w, c, u (unlink)."""

    name: str
    label: str
    fields: dict[str, Field]
    order: str = "id"
    called: str = "name"
    may: Mapping[str, str] = field(default_factory=dict)
    rule: Rule | None = None
    first_id: int = 1
    rows: dict[int, Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.fields = {**ON_EVERY_MODEL, **self.fields}
        self._ids = itertools.count(self.first_id)

    def next_id(self) -> int:
        return next(self._ids)


class Tables:
    """All rows. Every change goes through here, so that it can be taken back."""

    def __init__(self) -> None:
        self.models: dict[str, Model] = {}
        self._undo: list[Undo] = []

    def begin(self) -> None:
        self._undo.clear()

    def roll_back(self) -> None:
        while self._undo:
            self._undo.pop()()

    def undo_with(self, undo: Undo) -> None:
        self._undo.append(undo)

    def insert(self, model: Model, values: Row) -> Row:
        row = {"id": model.next_id(), "_model": model.name, **values}
        model.rows[row["id"]] = row
        self._undo.append(lambda: model.rows.pop(row["id"], None))
        return row

    def change(self, row: Row, values: Mapping[str, Any]) -> None:
        before = dict(row)

        def undo() -> None:
            row.clear()
            row.update(before)

        self._undo.append(undo)
        row.update(values)

    def remove(self, model: Model, row_id: int) -> None:
        row = model.rows.pop(row_id)

        def undo() -> None:
            model.rows[row_id] = row

        self._undo.append(undo)
