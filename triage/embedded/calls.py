"""One request on its way in and its answer on its way out: who asks, the body within its limit, JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from triage.embedded.cursors import Cursor, read_cursor, read_limit
from triage.embedded.members import Member
from triage.embedded.problems import Problem, unparsable

LARGEST_BODY = 4 * 1024 * 1024
"""Bytes; a hundred decisions with their snapshots stay far below."""


@dataclass(frozen=True)
class Call:
    """One request of someone who has signed in, its body read."""

    caller: Member
    request: Request
    body: bytes

    @property
    def cursor(self) -> Cursor | None:
        """Where to go on, if the caller has been here before."""
        text = self.request.query_params.get("cursor")
        return read_cursor(text) if text is not None else None

    @property
    def limit(self) -> int:
        """How many rows a page may have."""
        return read_limit(self.request.query_params.get("limit"))

    @property
    def is_for_team(self) -> bool:
        """Whether a rep asks for colleagues' rows too."""
        word = self.request.query_params.get("team", "false")
        if word not in ("true", "false"):
            raise unparsable("`team` is true or false.")
        return word == "true"

    @cached_property
    def fault(self) -> str:
        """Which fault of the trade strikes this request, if any."""
        return str(getattr(self.request.state, "fault", ""))

    def header(self, name: str) -> str | None:
        """Return a header's value."""
        return self.request.headers.get(name)

    def path(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])


def json_answer(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return an answer in JSON; in ASCII, so that even half a surrogate pair arrives as it is."""
    text = json.dumps(body, separators=(",", ":"))
    return Response(text, status, headers, "application/json")


def problem_answer(problem: Problem) -> Response:
    """Return an answer that is an error."""
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == HTTPStatus.UNAUTHORIZED else None
    return json_answer(problem.body, problem.status, headers)


async def read_body(request: Request) -> bytes:
    """Read the body; a 413 as soon as it is too long."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise Problem(413, "too_large", f"The body is longer than {LARGEST_BODY} bytes.")
    except ClientDisconnect:
        raise unparsable("The body ended early.") from None
    return bytes(body)
