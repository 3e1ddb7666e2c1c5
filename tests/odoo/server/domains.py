"""Domains: Odoo's filters in prefix notation, over rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.odoo.server.clock import read_date, read_datetime
from tests.odoo.server.environment import Env
from tests.odoo.server.fields import TEXTS, Field, Row
from tests.odoo.server.problems import value_error
from tests.odoo.server.tables import Model

Test = Callable[[Row], bool]
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda have, given: have < given,
    ">": lambda have, given: have > given,
    "<=": lambda have, given: have <= given,
    ">=": lambda have, given: have >= given,
}
_LEAF = 3


def test_of(env: Env, model: Model, domain: Any) -> Test:
    """Whether a row fits: made once for a search."""
    if not isinstance(domain, list | tuple):
        raise value_error(f"Domain() invalid item in domain: {domain!r}")
    waiting: list[Test] = []
    for token in reversed(domain):
        waiting.append(_joined(token, waiting) or _leaf(env, model, token))
    return lambda row: all(test(row) for test in waiting)


def names(domain: Any) -> set[str]:
    """The fields that a domain speaks of."""
    return {str(one[0]) for one in domain if isinstance(one, list | tuple) and len(one) == _LEAF}


def _joined(token: Any, waiting: list[Test]) -> Test | None:
    if token not in ("&", "|", "!"):
        return None
    if len(waiting) < (1 if token == "!" else 2):
        raise value_error("Domain() invalid: an operator without its terms")
    first = waiting.pop()
    if token == "!":
        return lambda row: not first(row)
    second = waiting.pop()
    if token == "&":
        return lambda row: first(row) and second(row)
    return lambda row: first(row) or second(row)


def _leaf(env: Env, model: Model, token: Any) -> Test:
    if not isinstance(token, list | tuple) or len(token) != _LEAF:
        raise value_error(f"Domain() invalid item in domain: {token!r}")
    name, operator, given = token
    head, _, rest = str(name).partition(".")
    field = model.fields.get(head)
    if field is None:
        raise value_error(f"Invalid field {model.name}.{head} in condition {tuple(token)!r}")
    if rest:
        inner = _leaf(env, env[field.relation], [rest, operator, given])
        return lambda row: any(
            inner(env[field.relation].rows[one]) for one in _ids(_value(env, field, head, row))
        )
    return _compared(env, field, head, str(operator).lower(), given)


def _compared(env: Env, field: Field, name: str, operator: str, given: Any) -> Test:
    negated = operator in ("!=", "not in", "not like", "not ilike")
    plain = {"!=": "="}.get(operator, operator.removeprefix("not "))
    test = _plain(env, field, plain, given)
    return lambda row: test(_value(env, field, name, row)) is not negated


def _plain(env: Env, field: Field, operator: str, given: Any) -> Callable[[Any], bool]:
    if operator == "=":
        return _equal(env, field, [given])
    if operator == "in":
        if not isinstance(given, list | tuple):
            raise value_error(f"Invalid value {given!r} for 'in'")
        return _equal(env, field, list(given))
    if operator in _COMPARED:
        wanted = _read(field, given)
        return lambda have: have is not None and _COMPARED[operator](have, wanted)
    if operator in ("like", "ilike", "=like", "=ilike"):
        pattern = _pattern(operator, str(given))
        return lambda have: any(pattern.search(one) for one in _words(env, field, have))
    raise value_error(f"Invalid operator {operator!r} in domain term")


def _equal(env: Env, field: Field, given: list[Any]) -> Callable[[Any], bool]:
    empty = any(one is False or one is None for one in given)
    if field.relation:
        ids = {one for one in given if isinstance(one, int) and not isinstance(one, bool)}
        called = {one for one in given if isinstance(one, str)}
        return lambda have: (
            (empty and not have)
            or bool(ids & set(_ids(have)))
            or any(env.name_of(field.relation, one) in called for one in _ids(have))
        )
    wanted = [_read(field, one) for one in given if one is not False and one is not None]
    return lambda have: have in wanted or (empty and have in (None, False, ""))


def _value(env: Env, field: Field, name: str, row: Row) -> Any:
    return field.computed(env, row) if field.computed is not None else row.get(name)


def _ids(have: Any) -> list[int]:
    return list(have) if isinstance(have, list | tuple) else [have] if have else []


def _words(env: Env, field: Field, have: Any) -> list[str]:
    if field.relation:
        return [env.name_of(field.relation, one) for one in _ids(have)]
    return [] if have is None else [str(have)]


def _read(field: Field, given: Any) -> Any:
    if field.type == "datetime":
        return read_datetime(given)
    if field.type == "date":
        return read_date(given)
    return str(given) if field.type in TEXTS else given


def _pattern(operator: str, given: str) -> re.Pattern[str]:
    """SQL's LIKE: `%` is anything, `_` is any one character, a backslash takes that away."""
    parts = re.findall(r"\\.|.", given, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    body = "".join(wild.get(one) or re.escape(one.removeprefix("\\") or one) for one in parts)
    whole = f"^{body}$" if operator.startswith("=") else body
    return re.compile(whole, re.DOTALL | (re.IGNORECASE if "ilike" in operator else 0))
