"""Fields that an admin makes, and that are there at once for everybody."""

from __future__ import annotations

import ast

from tests.odoo.server.environment import Env
from tests.odoo.server.fields import Field, Row, Selection
from tests.odoo.server.problems import validation_error
from tests.odoo.server.tables import Model


def made(env: Env, row: Row) -> None:
    """Give a model the field that a row of ir.model.fields describes."""
    model = env[env["ir.model"].rows[row["model_id"]]["model"]]
    name = row["name"]
    if not name.startswith("x_"):
        raise validation_error("Custom fields must have a name that starts with 'x_'!")
    if name in model.fields:
        raise validation_error("Field names must be unique per model.")
    env.state.tables.change(row, {"model": model.name})
    label = row["field_description"] or name
    field = Field(row["ttype"], label, row["relation"] or "", selection=_options(env, row), manual=True)
    add(env, model, name, field)


def add(env: Env, model: Model, name: str, field: Field) -> None:
    model.fields[name] = field
    env.state.tables.undo_with(lambda: model.fields.pop(name, None))


def dropped(env: Env, row: Row) -> None:
    model = env[row["model"]]
    field = model.fields.pop(row["name"], None)
    if field is not None:
        env.state.tables.undo_with(lambda: model.fields.setdefault(row["name"], field))


def _options(env: Env, row: Row) -> Selection:
    given = env["ir.model.fields.selection"].rows
    listed = [given[one] for one in row["selection_ids"]]
    if listed:
        return tuple((one["value"], one["name"]) for one in sorted(listed, key=lambda one: one["sequence"]))
    return tuple((str(k), str(v)) for k, v in ast.literal_eval(row["selection"] or "[]"))
