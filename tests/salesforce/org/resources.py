"""What may be asked of the data API outside of a composite request, and inside of one."""

from __future__ import annotations

from urllib.parse import unquote

from tests.salesforce.org import queries, sobjects, together
from tests.salesforce.org.call import Asked, Call, Reply
from tests.salesforce.org.errors import RefusedError, not_found

NEWEST, OLDEST = 68, 50


def answer(call: Call, asked: Asked) -> Reply:
    """Answer a request whose path is below /services/data/vNN.0."""
    parts = [unquote(part) for part in asked.path.split("/") if part]
    match parts:
        case []:
            return Reply(200, {name: f"/services/data/{call.version}/{name}" for name in _NAMES})
        case ["limits"]:
            return Reply(200, call.org.limits())
        case ["query" | "queryAll" as kind]:
            return _query(call, asked, everything=kind == "queryAll")
        case ["query" | "queryAll", locator]:
            return Reply(200, queries.more(call, locator))
        case ["sobjects", *rest]:
            return sobjects.answer(call, asked, rest)
        case ["composite", "sobjects", *rest]:
            return together.answer(call, asked, rest)
    raise not_found()


_NAMES = ("sobjects", "query", "queryAll", "limits", "composite")


def _query(call: Call, asked: Asked, *, everything: bool) -> Reply:
    if asked.method != "GET":
        raise RefusedError(
            405, "METHOD_NOT_ALLOWED", f"HTTP Method '{asked.method}' not allowed. Allowed are HEAD,GET"
        )
    if "q" not in asked.params:
        raise RefusedError(400, "MALFORMED_QUERY", "A query must be given by the parameter q")
    return Reply(200, queries.answer(call, asked.params["q"], everything=everything, page=_page(call, asked)))


def _page(call: Call, asked: Asked) -> int:
    name, _, size = asked.headers.get("sforce-query-options", "").partition("=")
    if name.strip().lower() == "batchsize" and size.strip().isdigit():
        return min(call.org.page_size, max(int(size), queries.SMALLEST_PAGE))
    return call.org.page_size
