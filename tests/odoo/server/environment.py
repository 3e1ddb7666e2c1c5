"""Who calls, in which context, and what of the tables they may touch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.odoo.server.fields import Row
from tests.odoo.server.problems import access_error, missing_error
from tests.odoo.server.tables import Model

if TYPE_CHECKING:
    from tests.odoo.server.state import State

_LETTER = {"read": "r", "write": "w", "create": "c", "unlink": "u"}


@dataclass(frozen=True)
class Records:
    """Records of one model, as a method gets them and may return them."""

    model: Model
    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Env:
    state: State
    uid: int
    context: Mapping[str, Any]
    su: bool = False
    """Above the rules, as Odoo's own code often is."""

    def __getitem__(self, name: str) -> Model:
        return self.state.tables.models[name]

    @property
    def above(self) -> Env:
        return replace(self, su=True)

    @property
    def user(self) -> Row:
        return self["res.users"].rows[self.uid]

    @property
    def groups(self) -> set[str]:
        return self.state.groups[self.uid]

    def allow(self, model: Model, mode: str) -> None:
        """Refuse what no group of the user's may do with a model."""
        letter = _LETTER[mode]
        if self.su or any(letter in letters and group in self.groups for group, letters in model.may.items()):
            return
        raise access_error(
            f"You are not allowed to {mode} '{model.label}' ({model.name}) records.\n\n"
            "Contact your administrator to request access if necessary."
        )

    def sees(self, model: Model, row: Row, mode: str = "read") -> bool:
        return self.su or model.rule is None or model.rule(self, row, mode)

    def rows_of(self, records: Records, mode: str) -> list[Row]:
        """The rows, if there are all of them and the rules hide none."""
        self.allow(records.model, mode)
        drops = mode == "unlink" or (mode == "read" and self.state.drops_missing)
        missing = [one for one in records.ids if one not in records.model.rows]
        rows = [records.model.rows[one] for one in records.ids if one in records.model.rows]
        self._seen(records.model, rows, mode)
        if missing and not drops:
            raise missing_error(records.model.name, missing, self.uid)
        return rows

    def _seen(self, model: Model, rows: Iterable[Row], mode: str) -> None:
        if all(self.sees(model, row, mode) for row in rows):
            return
        raise access_error(
            "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\n"
            f"Sorry, {self.user['name']} (id={self.uid}) doesn't have '{mode}' access to:\n"
            f"- {model.label} ({model.name})"
        )

    def called(self, row: Row) -> str:
        """The name that a record is shown by."""
        model = self[row["_model"]]
        return str(row.get(model.called) or f"{model.name},{row['id']}")

    def name_of(self, model: str, row_id: int) -> str:
        row = self[model].rows.get(row_id)
        return "" if row is None else self.called(row)
