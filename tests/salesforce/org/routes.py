"""The door: what every request passes, from the wire to the resources and back, with its limits and its faults."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import Response

from tests.salesforce.org import composite, faults, graph, identity, resources
from tests.salesforce.org.call import Asked, Call, Reply
from tests.salesforce.org.errors import RefusedError, not_found, session_over

if TYPE_CHECKING:
    from tests.salesforce.org.state import Org

_DATA = re.compile(r"/services/data/(v(\d+)\.0)(/.*)?")
LONGEST_ADDRESS = 16_384
_SECRETS = frozenset({"access_token", "refresh_token", "oauth_token", "client_secret", "code_verifier"})
_WRITES = ("/sobjects", "/composite")


def app(org: Org) -> Any:
    """Return the org as an ASGI application."""

    async def door(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        content = await request.body()
        address = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        asked = read_request(request.method, address.decode("ascii"), request.headers, content)
        try:
            with org.lock:
                reply = answer(org, asked, len(address))
        except faults.LostError:
            receive.__self__.transport.abort()
            await request.is_disconnected()
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await _response(reply)(scope, receive, send)

    return door


def read_request(method: str, address: str, headers: Mapping[str, str], content: bytes) -> Asked:
    """Return a request as it is handled; the address is path and query as they came."""
    path, _, query = address.partition("?")
    small = {name.lower(): value for name, value in headers.items()}
    params = dict(parse_qsl(query, keep_blank_values=True))
    return Asked(method, path, params, small, content, f"http://{small.get('host', '')}")


def _response(reply: Reply) -> Response:
    headers = dict(reply.headers)
    if reply.body is None:
        return Response(None, reply.status, headers)
    kind = headers.pop("Content-Type", "application/json;charset=UTF-8")
    text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
    return Response(text, reply.status, headers, media_type=kind)


def answer(org: Org, asked: Asked, length: int = 0) -> Reply:
    """Answer one request; LostError where the connection is to end."""
    org.requests.append(f"{asked.method} {unquote(asked.path)}")
    for name in _SECRETS & asked.params.keys():
        org.broken_rules.append(f"{name} in an address")
    if org.down:
        raise faults.LostError
    if not asked.path.startswith("/services/data"):
        return identity.answer(org, asked)
    if asked.path.rstrip("/") == "/services/data":
        newest = f"{resources.NEWEST}.0"
        return Reply(200, [{"version": newest, "url": f"/services/data/v{newest}", "label": "Autumn"}])
    try:
        reply = _data(org, asked, length)
    except RefusedError as refused:
        reply = Reply(refused.status, refused.body)
        org.refusals.append(refused.code)
    reply.headers.setdefault("Sforce-Limit-Info", org.usage)
    return reply


def _data(org: Org, asked: Asked, length: int) -> Reply:
    user = org.tokens.user_of(identity.bearer(asked))
    if user is None or org.session_trouble:
        raise session_over(*([org.session_trouble] if org.session_trouble else []))
    if org.used >= org.daily_limit:
        raise faults.LIMIT
    org.used += 1
    if length > LONGEST_ADDRESS:
        org.broken_rules.append(f"an address of {length} letters")
        raise RefusedError(414, "URI_TOO_LONG", "The length of the URI exceeds the 16,384-byte limit.")
    match = _DATA.fullmatch(asked.path)
    if match is None or not resources.OLDEST <= int(match[2]) <= resources.NEWEST:
        raise not_found()
    inner = Asked(asked.method, match[3] or "", asked.params, asked.headers, asked.content, asked.base)
    return _faced(org, Call(org, user, match[1]), inner)


def _faced(org: Org, call: Call, asked: Asked) -> Reply:
    if not is_write(asked):
        return _resource(call, asked)
    fault = org.faults.pop(0) if org.faults else ""
    faults.before(fault)
    while org.meddling:
        org.meddling.pop(0)()
    call.trouble = faults.inside(fault)
    return faults.after(fault, _resource(call, asked))


def is_write(asked: Asked) -> bool:
    """Whether a request changes records: not a retrieve by POST, nor a composite request of reads alone."""
    if asked.method in {"GET", "HEAD"} or not asked.path.startswith(_WRITES):
        return False
    if re.fullmatch(r"/composite/sobjects/\w+", asked.path):
        return asked.method != "POST"
    parts = asked.body.get("compositeRequest") if asked.path == "/composite" else None
    return not (isinstance(parts, list) and all(part.get("method") == "GET" for part in parts))


def _resource(call: Call, asked: Asked) -> Reply:
    with call.org.together():
        if asked.method == "POST" and asked.path == "/composite":
            return composite.answer(call, asked)
        if asked.method == "POST" and asked.path == "/composite/graph":
            return graph.answer(call, asked)
        return resources.answer(call, asked)
