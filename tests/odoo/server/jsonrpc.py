"""The classic interface at /jsonrpc: always status 200, whatever went wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.odoo.server import keys, methods
from tests.odoo.server.calls import Call, Method
from tests.odoo.server.environment import Records
from tests.odoo.server.problems import Problem, access_denied, crash, user_error
from tests.odoo.server.state import WITH_JSON2, State
from tests.odoo.server.wire import Reply, Request

Run = Callable[[Call, Method], Any]


def answer(state: State, request: Request, run: Run) -> Reply:
    """Answer a request for /jsonrpc."""
    body: Any = {}
    try:
        body = request.body
        params = body["params"]
        result = _answered(state, params["service"], params["method"], list(params["args"]), run)
    except Problem as problem:
        return Reply(200, _refused(state, body, problem))
    except (TypeError, KeyError) as mistake:
        return Reply(200, _refused(state, body, crash(f"builtins.{type(mistake).__name__}", str(mistake))))
    told = {} if result is None else {"result": result}  # a result of nothing is left out
    return Reply(200, {"jsonrpc": "2.0", "id": body.get("id"), **told})


def _refused(state: State, body: Any, problem: Problem) -> dict[str, Any]:
    expired = problem.name.endswith("SessionExpiredException")
    said = "Odoo Session Expired" if expired else "Odoo Server Error"
    code = 100 if expired else 0 if state.major >= WITH_JSON2 else 200
    error = {"code": code, "message": said, "data": problem.body}
    return {"jsonrpc": "2.0", "id": body.get("id") if isinstance(body, dict) else None, "error": error}


def _answered(state: State, service: str, method: str, args: list[Any], run: Run) -> Any:
    match service, method:
        case "common", "version":
            return _version(state)
        case "common", "authenticate" | "login":
            return _authenticated(state, *args[:3])
        case "object", "execute_kw":
            return _executed(state, run, args)
        case "object", "execute":
            return _executed(state, run, [*args[:5], args[5:]])
    raise crash("builtins.KeyError", repr(service))


def _version(state: State) -> dict[str, Any]:
    told = {"server_version": state.version, "server_version_info": state.version_info}
    return {**told, "server_serie": state.version.removesuffix("+e"), "protocol_version": 1}


def _authenticated(state: State, database: Any, login: Any, key: Any) -> int | bool:
    """The user's id, or false."""
    _there(state, database)
    uid = keys.user_of(state, str(key))
    if uid is None or state.tables.models["res.users"].rows[uid]["login"] != login:
        return False
    return uid


def _there(state: State, database: Any) -> None:
    if database != state.database:
        raise crash("psycopg2.OperationalError", f'FATAL:  database "{database}" does not exist\n')


def _executed(state: State, run: Run, given: list[Any]) -> Any:
    """Of the database, the user, their key, the model, the method, its arguments, and those by name."""
    database, uid, key, model, name, *rest = given
    _there(state, database)
    if keys.user_of(state, str(key)) != uid:
        raise access_denied()
    if model not in state.tables.models:
        raise user_error(f"Object {model} doesn't exist")
    method = methods.wanted(state, model, name)
    positional, named = list(rest[0] if rest else ()), dict(rest[1] if len(rest) > 1 else {})
    context = named.pop("context", None) or {}
    ids = [] if method.on_model else _ids(positional)
    call = Call(uid, model, name, ids, positional, named, context)
    return _result(call, _run(run, call, method))


def _run(run: Run, call: Call, method: Method) -> Any:
    try:
        call.bind(method)
    except TypeError as mistake:
        raise crash("builtins.TypeError", f"{call.model}.{call.method}() {mistake}") from None
    return run(call, method)


def _result(call: Call, result: Any) -> Any:
    """Records as their ids; the one that was made of one record's values as its id."""
    if not isinstance(result, Records):
        return result
    single = call.method == "create" and isinstance(_values(call), Mapping)
    return result.ids[0] if single else list(result.ids)


def _values(call: Call) -> Any:
    return call.positional[0] if call.positional else call.named.get("vals_list")


def _ids(positional: list[Any]) -> list[int]:
    """Ids come first among the arguments of a method of records."""
    if not positional:
        raise crash("builtins.IndexError", "list index out of range")
    ids = positional.pop(0)
    return [ids] if isinstance(ids, int) else list(ids)
