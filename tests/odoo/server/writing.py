"""The methods that write: create, write, unlink; with what Odoo makes of the values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.odoo.server.clock import read_date, read_datetime
from tests.odoo.server.environment import Env, Records
from tests.odoo.server.fields import TEXTS, Field, Row
from tests.odoo.server.problems import missing_error, user_error, validation_error, value_error
from tests.odoo.server.tables import Model


def create(env: Env, records: Records, vals_list: Any) -> Records:
    """Make records: a list of values, or the values of one."""
    env.allow(records.model, "create")
    given = [vals_list] if isinstance(vals_list, Mapping) else list(vals_list)
    made = [made_of(env, records.model, values) for values in given]
    return Records(records.model, tuple(row["id"] for row in made))


def write(env: Env, records: Records, vals: Any) -> bool:
    if not isinstance(vals, Mapping):
        raise value_error(f"Invalid values {vals!r}")
    for row in env.rows_of(records, "write"):
        changed(env, records.model, row, vals)
    return True


def unlink(env: Env, records: Records) -> bool:
    for row in env.rows_of(records, "unlink"):
        removed(env, records.model, row)
    return True


def made_of(env: Env, model: Model, values: Mapping[str, Any]) -> Row:
    """Insert one row, with its defaults and what follows from it."""
    kept = {name: field.start for name, field in model.fields.items() if field.computed is None}
    del kept["id"]
    kept |= {name: [] for name, field in model.fields.items() if field.is_many}
    kept |= _defaults(env, model) | _kept(env, model, values, {})
    lacking = [f.string for name, f in model.fields.items() if f.required and kept.get(name) in (None, "")]
    if lacking:
        raise validation_error(f"The operation cannot be completed: missing required field {lacking[0]!r}")
    now = env.state.now
    stamps = {"create_date": now, "create_uid": env.uid, "write_date": now, "write_uid": env.uid}
    _check_names(env, model, kept, 0)
    row = env.state.tables.insert(model, stamps | {k: v for k, v in kept.items() if k not in stamps})
    for hook in env.state.on_create.get(model.name, ()):
        hook(env, row)
    return row


def _defaults(env: Env, model: Model) -> Row:
    """Values that the context gives."""
    given = {n.removeprefix("default_"): v for n, v in env.context.items() if n.startswith("default_")}
    return _kept(env, model, {name: value for name, value in given.items() if name in model.fields}, {})


def changed(env: Env, model: Model, row: Row, values: Mapping[str, Any]) -> None:
    """Change one row, with what follows from it."""
    before, kept = dict(row), _kept(env, model, values, row)
    _check_names(env, model, kept, row["id"])
    env.state.tables.change(row, {**kept, "write_date": env.state.now, "write_uid": env.uid})
    for hook in env.state.on_write.get(model.name, ()):
        hook(env, row, before, kept)


def removed(env: Env, model: Model, row: Row) -> None:
    """Take one row away for good; what refers to it is emptied."""
    env.state.tables.remove(model, row["id"])
    for hook in env.state.on_unlink.get(model.name, ()):
        hook(env, row)


def _check_names(env: Env, model: Model, kept: Mapping[str, Any], row_id: int) -> None:
    """Names of tags are unique."""
    if model.name != "crm.tag" or "name" not in kept:
        return
    if any(row["name"] == kept["name"] and row["id"] != row_id for row in model.rows.values()):
        raise validation_error("Tag name already exists!")


def _kept(env: Env, model: Model, values: Mapping[str, Any], row: Mapping[str, Any]) -> Row:
    kept: Row = {}
    for name, value in values.items():
        field = model.fields.get(name)
        if field is None:
            raise value_error(f"Invalid field {name!r} in {model.name!r}")
        if name in ("id", "create_date", "create_uid", "write_date", "write_uid") or field.computed:
            continue  # Odoo passes over these without a word
        kept[name] = _value(env, field, value, row.get(name))
    return kept


def _value(env: Env, field: Field, value: Any, before: Any) -> Any:
    if field.is_many:
        return _linked(env, env[field.relation], value, list(before or []))
    if field.type == "boolean":
        return bool(value)
    if value is False or value is None:
        return None
    return _one(env, field, value) if field.type == "many2one" else _plain(field, value)


def _plain(field: Field, value: Any) -> Any:
    if field.type in ("integer", "float", "monetary", "many2one_reference"):
        return _number(field, value)
    if field.type == "datetime":
        return read_datetime(value)
    return read_date(value) if field.type == "date" else _text(field, value)


def _text(field: Field, value: Any) -> str:
    if field.type == "selection" and value not in {key for key, _ in field.selection}:
        raise value_error(f"Wrong value for {field.string}: {value!r}")
    if not isinstance(value, str) and field.type in TEXTS:
        return str(value)
    return str(value).replace("\x00", "")


def _number(field: Field, value: Any) -> Any:
    try:
        return int(value) if field.type in ("integer", "many2one_reference") else float(value)
    except (TypeError, ValueError):
        raise value_error(f"invalid literal for {field.type}: {value!r}") from None


def _one(env: Env, field: Field, value: Any) -> int:
    if not isinstance(value, int):
        raise value_error(f"Wrong value for {field.string}: {value!r}")
    if value not in env[field.relation].rows:
        raise validation_error(
            "The operation cannot be completed: another model requires the record being referred to.\n"
            f"Model: {env[field.relation].label} ({field.relation})"
        )
    return value


def _linked(env: Env, model: Model, commands: Any, ids: list[int]) -> list[int]:
    if not isinstance(commands, list | tuple):
        raise value_error(f"Wrong value for a list of records: {commands!r}")
    for command in commands:
        ids = _followed(env, model, list(command) if isinstance(command, list | tuple) else [command], ids)
    return ids


def _followed(env: Env, model: Model, command: list[Any], ids: list[int]) -> list[int]:
    """One of the commands by which a list of records is changed."""
    match command:
        case [4, int(one), *_]:
            return _all_there(env, model, [*ids, *([] if one in ids else [one])])
        case [3 | 2, int(one), *_]:
            return [other for other in ids if other != one]
        case [5, *_]:
            return []
        case [6, _, list(wanted)]:
            return _all_there(env, model, [int(one) for one in wanted])
        case [0, _, dict(values)]:
            env.allow(model, "create")
            return [*ids, made_of(env, model, values)["id"]]
    raise user_error(f"Wrong command {command!r}")


def _all_there(env: Env, model: Model, ids: list[int]) -> list[int]:
    missing = [one for one in ids if one not in model.rows]
    if missing:
        raise missing_error(model.name, missing, env.uid)
    return ids
