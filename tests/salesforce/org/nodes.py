"""One part of a composite request: a request of its own, whose result says status, headers and body."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.salesforce.org import resources
from tests.salesforce.org.call import Asked, Call, Reply
from tests.salesforce.org.errors import RefusedError

_REFERENCE = re.compile(r"@\{([A-Za-z0-9_]+)((?:\.\w+|\[\d+\])*)\}")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_ID = re.compile(r"[A-Za-z0-9_]+")
_URL = re.compile(r"/services/data/(v\d+\.0)(/[^?]*)")
_NOT_HERE = ("accept", "authorization", "content-type")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ROLLED_BACK = "The transaction was rolled back since another operation in the same transaction failed."


@dataclass(frozen=True)
class Node:
    """A part as it was sent."""

    reference: str
    method: str
    url: str
    body: Any
    headers: Mapping[str, str]

    @property
    def version(self) -> str:
        """Of which version of the API it is."""
        match = _URL.match(self.url)
        return match[1] if match else ""

    @property
    def path(self) -> str:
        """The path below the version."""
        match = _URL.match(self.url)
        return match[2] if match else ""

    @property
    def needs(self) -> set[str]:
        """Whose results it uses."""
        return {match[1] for match in _REFERENCE.finditer(self.url + json.dumps(self.body))}


def read_nodes(call: Call, given: Any, most: int) -> list[Node]:
    """Return the parts of a composite request or of a graph; RefusedError for what is none, or for too many."""
    if not isinstance(given, list) or not given:
        raise RefusedError(400, "JSON_PARSER_ERROR", "compositeRequest must be a list of subrequests")
    if len(given) > most:
        call.org.broken_rules.append(f"{len(given)} subrequests where {most} are allowed")
        raise RefusedError(400, "INVALID_INPUT", f"You can include up to {most} subrequests in a single call")
    nodes = [_read(call, one) for one in given]
    names = [node.reference for node in nodes]
    if len(set(names)) < len(names):
        raise RefusedError(400, "INVALID_INPUT", "Duplicate referenceId")
    return nodes


def _read(call: Call, given: Any) -> Node:
    if not isinstance(given, dict) or given.get("method") not in _METHODS:
        raise RefusedError(400, "JSON_PARSER_ERROR", "a subrequest has method, url and referenceId")
    name, url = given.get("referenceId"), given.get("url")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise RefusedError(
            400, "INVALID_INPUT", f"referenceId '{name}' may hold letters, digits and underscores only"
        )
    if not isinstance(url, str) or not _URL.match(url):
        raise RefusedError(400, "INVALID_INPUT", f"the url of '{name}' must begin with /services/data/vXX.X/")
    headers = {str(key).lower(): str(value) for key, value in (given.get("httpHeaders") or {}).items()}
    wrong = [key for key in _NOT_HERE if key in headers]
    if wrong:
        raise RefusedError(400, "INVALID_INPUT", f"The header {wrong[0]} isn't allowed in a subrequest")
    return Node(name, given["method"], url, given.get("body"), headers)


def perform(call: Call, node: Node, results: dict[str, Any]) -> Reply:
    """Do one part; what it is refused becomes its result."""
    try:
        address = urlsplit(_filled(node.url, results))
        body = json.loads(_filled(json.dumps(node.body), results))
        path = address.path.removeprefix(f"/services/data/{node.version}")
        asked = Asked(
            node.method,
            path,
            dict(parse_qsl(address.query, keep_blank_values=True)),
            dict(node.headers),
            b"" if node.body is None else json.dumps(body).encode(),
        )
        reply = resources.answer(call, asked)
    except RefusedError as refused:
        reply = Reply(refused.status, refused.body)
    results[node.reference] = reply.body
    return reply


def _filled(text: str, results: dict[str, Any]) -> str:
    def value(match: re.Match[str]) -> str:
        found: Any = results.get(match[1])
        for step in _STEP.finditer(match[2]):
            found = found[int(step[2])] if step[2] else found[step[1]]
        if found is None:
            words = f"Invalid reference specified. No value for {match[0]} found"
            raise RefusedError(400, "PROCESSING_HALTED", words)
        return str(found)

    try:
        return _REFERENCE.sub(value, text)
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise RefusedError(400, "PROCESSING_HALTED", "Invalid reference specified.") from error


def told(call: Call, node: Node, reply: Reply) -> dict[str, Any]:
    """Return a part's result as the answer holds it."""
    return {
        "body": _escaped(reply.body) if call.org.escapes else reply.body,
        "httpHeaders": reply.headers,
        "httpStatusCode": reply.status,
        "referenceId": node.reference,
    }


def _escaped(body: Any) -> Any:
    """Return a body with the words of errors written as for HTML, as a third party's client has seen it."""
    if isinstance(body, list):
        return [_escaped(one) for one in body]
    if isinstance(body, dict) and "message" in body:
        return body | {"message": escape(body["message"], quote=False).replace("'", "&#39;")}
    return body


def halted(call: Call, node: Node, words: str = ROLLED_BACK) -> dict[str, Any]:
    """Return the result of a part that was taken back, or never done."""
    return told(call, node, Reply(400, RefusedError(400, "PROCESSING_HALTED", words).body))
