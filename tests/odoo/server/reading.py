"""The methods that read: search, read, count, and what fields there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tests.odoo.server import clock, domains
from tests.odoo.server.environment import Env, Records
from tests.odoo.server.fields import TEXTS, Field, Row
from tests.odoo.server.problems import value_error
from tests.odoo.server.tables import Model

_EMPTY: dict[str, Any] = {"integer": 0, "float": 0.0, "monetary": 0.0, "many2one_reference": 0}


def found(env: Env, model: Model, domain: Any, order: Any = None) -> list[Row]:
    """The rows that fit and that the rules show, in order; archived ones only where they are asked for."""
    env.allow(model, "read")
    fits = domains.test_of(env, model, domain or [])
    hides = "active" in model.fields and env.context.get("active_test", True) is not False
    if hides and "active" not in domains.names(domain or []):
        rows = [row for row in model.rows.values() if row["active"]]
    else:
        rows = list(model.rows.values())
    return _ordered(env, model, [row for row in rows if fits(row) and env.sees(model, row)], order)


def _ordered(env: Env, model: Model, rows: list[Row], order: Any) -> list[Row]:
    for term in reversed(str(order or model.order).split(",")):
        name, _, way = term.strip().partition(" ")
        field = model.fields.get(name)
        if field is None or field.is_many or way.strip().lower() not in ("", "asc", "desc"):
            raise value_error(f"Invalid order {order!r} on model {model.name!r}")
        rows = _sorted(env, rows, name, field, falling=way.strip().lower() == "desc")
    return rows


def _sorted(env: Env, rows: list[Row], name: str, field: Field, *, falling: bool) -> list[Row]:
    """A record without the value counts as greater than all, as in PostgreSQL."""

    def key(row: Row) -> tuple[bool, Any]:
        value = row.get(name)
        if value is None:
            return True, 0
        return False, env.name_of(field.relation, value) if field.relation else value

    return sorted(rows, key=key, reverse=falling)


def _page(rows: list[Row], offset: Any, limit: Any) -> list[Row]:
    return rows[int(offset or 0) :][: int(limit)] if limit else rows[int(offset or 0) :]


def search(  # noqa: PLR0917 - the vendor's own arguments
    env: Env, records: Records, domain: Any, offset: Any = 0, limit: Any = None, order: Any = None
) -> Records:
    rows = _page(found(env, records.model, domain, order), offset, limit)
    return Records(records.model, tuple(row["id"] for row in rows))


def search_count(env: Env, records: Records, domain: Any, limit: Any = None) -> int:
    return len(_page(found(env, records.model, domain), 0, limit))


def search_read(  # noqa: PLR0917 - the vendor's own arguments
    env: Env,
    records: Records,
    domain: Any = None,
    fields: Any = None,
    offset: Any = 0,
    limit: Any = None,
    order: Any = None,
    **read_kwargs: Any,
) -> list[dict[str, Any]]:
    names = _names(records.model, fields)
    rows = _page(found(env, records.model, domain, order), offset, limit)
    return [_answer(env, records.model, row, names) for row in rows]


def read(env: Env, records: Records, fields: Any = None, load: Any = "_classic_read") -> list[dict[str, Any]]:
    names = _names(records.model, fields)
    return [_answer(env, records.model, row, names) for row in env.rows_of(records, "read")]


def fields_get(env: Env, records: Records, allfields: Any = None, attributes: Any = None) -> dict[str, Any]:
    env.allow(records.model, "read")
    wanted = set(allfields or records.model.fields)
    told = {n: field.described(n) for n, field in records.model.fields.items() if n in wanted}
    if not attributes:
        return told
    return {name: {key: one[key] for key in attributes if key in one} for name, one in told.items()}


def name_search(  # noqa: PLR0917 - the vendor's own arguments
    env: Env, records: Records, name: Any = "", domain: Any = None, operator: Any = "ilike", limit: Any = 100
) -> list[list[Any]]:
    terms = [*(domain or []), [records.model.called, operator, name]]
    return [[row["id"], env.called(row)] for row in _page(found(env, records.model, terms), 0, limit)]


def default_get(env: Env, records: Records, fields_list: Any) -> dict[str, Any]:
    known = records.model.fields
    return {
        name: known[name].start for name in fields_list if name in known and known[name].start is not None
    }


def _names(model: Model, fields: Any) -> Sequence[str]:
    for name in fields or ():
        if name not in model.fields:
            raise value_error(f"Invalid field {name!r} on {model.name!r}")
    return list(fields or model.fields)


def _answer(env: Env, model: Model, row: Row, names: Sequence[str]) -> dict[str, Any]:
    shown = {name: _shown(env, model.fields[name], name, row) for name in names}
    return {"id": row["id"], **shown}


def _shown(env: Env, field: Field, name: str, row: Row) -> Any:
    value = field.computed(env, row) if field.computed is not None else row.get(name)
    if field.type == "many2one":
        return [value, env.name_of(field.relation, value)] if value else False
    if field.is_many:
        return sorted(value or [])
    if value is None or (field.type in TEXTS and value == ""):
        return _EMPTY.get(field.type, False)
    return clock.text(value) if isinstance(value, date) else value
