"""JSON-2, from 19 on: one POST a call, named arguments only, and an HTTP status that tells the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.odoo.server import keys, methods
from tests.odoo.server.calls import Call, Method
from tests.odoo.server.environment import Records
from tests.odoo.server.problems import (
    Problem,
    bad_request,
    not_found,
    unauthorized,
    unprocessable,
    unsupported,
)
from tests.odoo.server.state import State
from tests.odoo.server.wire import Reply, Request, page

Run = Callable[[Call, Method], Any]
_PARTS = 4


def answer(state: State, request: Request, run: Run) -> Reply:
    """Answer a request for /json/2/<model>/<method>."""
    named = request.headers.get("x-odoo-database", "")
    if named != state.database and (named or state.many_databases):
        return page(404, "404 Not Found")
    try:
        return Reply(200, _answered(state, request, run))
    except Problem as problem:
        before_the_model = problem.name.startswith("werkzeug")
        return Reply(problem.status, problem.message if state.early and before_the_model else problem.body)


def _answered(state: State, request: Request, run: Run) -> Any:
    parts = request.path.strip("/").split("/")
    if len(parts) != _PARTS or request.method != "POST":
        raise not_found("Did you mean POST /json/2/<model>/<method>?")
    uid = signed(state, request)
    body = _body(request)
    _root, _two, model, name = parts
    if model not in state.tables.models:
        raise not_found(f"the model {model!r} does not exist")
    try:
        method = methods.wanted(state, model, name)
    except Problem as problem:
        raise methods.missing(problem) from None
    call = _call(uid, model, name, body)
    _fit(call, method)
    result = run(call, method)
    return list(result.ids) if isinstance(result, Records) else result


def signed(state: State, request: Request) -> int:
    """Whose key the request carries."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise unauthorized('User not authenticated, use the "Authorization" header')
    uid = keys.user_of(state, key.strip())
    if uid is None:
        raise unauthorized("Invalid apikey")
    return uid


def _body(request: Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise unsupported("Request inferred type is not application/json")
    body = request.body
    if not isinstance(body, dict):
        raise bad_request("could not parse the body, expected a json object with the named arguments")
    return body


def _call(uid: int, model: str, name: str, body: dict[str, Any]) -> Call:
    named = {key: value for key, value in body.items() if key not in ("ids", "context")}
    ids, context = body.get("ids") or [], body.get("context") or {}
    if not isinstance(ids, list) or not all(isinstance(one, int) for one in ids):
        raise unprocessable("ids must be a list of integers")
    if not isinstance(context, dict):
        raise unprocessable("context must be an object")
    return Call(uid, model, name, ids, (), named, context)


def _fit(call: Call, method: Method) -> None:
    if method.on_model and call.ids:
        raise unprocessable(f"cannot call {call.model}.{call.method} with ids")
    try:
        call.bind(method)
    except TypeError as mistake:
        raise unprocessable(str(mistake)) from None
