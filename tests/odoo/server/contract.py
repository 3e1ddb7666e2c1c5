"""What an Odoo of 19 and later says of itself over GET: its version, and what a model offers to a key."""

from __future__ import annotations

import inspect
from typing import Any

from tests.odoo.server import json2, methods
from tests.odoo.server.calls import Method
from tests.odoo.server.people import READS_DOCS
from tests.odoo.server.problems import Problem, access_error, not_found
from tests.odoo.server.state import State
from tests.odoo.server.wire import Reply, Request, page

_DOCS = "/doc-bearer/"


def answer(state: State, request: Request) -> Reply:
    is_version = request.path in ("/web/version", "/json/version")
    if not is_version and not request.path.startswith(_DOCS):
        return page(404, "404 Not Found")
    if request.method != "GET":
        return page(405, "405 Method Not Allowed")
    if is_version:
        return Reply(200, {"version_info": state.version_info, "version": state.version})
    try:
        return Reply(200, _documented(state, request))
    except Problem as problem:
        return page(problem.status, str(problem.message))


def _documented(state: State, request: Request) -> dict[str, Any]:
    uid = json2.signed(state, request)
    name = request.path.removeprefix(_DOCS).removesuffix(".json")
    if READS_DOCS not in state.groups[uid]:
        raise access_error("This page is only accessible to Technical Documentation users.")
    model = state.tables.models.get(name)
    if model is None:
        raise not_found(f"the model {name!r} does not exist")
    fields = {one: field.described(one) for one, field in model.fields.items()}
    offered = {one: _method(method) for one, method in methods.of_model(state, name).items()}
    return {"model": name, "name": model.label, "doc": None, "fields": fields, "methods": offered}


def _method(method: Method) -> dict[str, Any]:
    told = {one.name: _parameter(one) for one in method.parameters}
    return {"parameters": told, "doc": None, "raise": {}, "api": ["model"] if method.on_model else []}


def _parameter(one: inspect.Parameter) -> dict[str, Any]:
    default = {} if one.default is inspect.Parameter.empty else {"default": one.default}
    return {"kind": one.kind.name, **default}
