"""Leads at the ends of what a CRM may say, made by walking the type: a field that is added is in them by itself.

Served on a real socket by the embedded CRM, with these leads in place of its own.
"""

from __future__ import annotations

import asyncio
import json
import threading
import types
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import msgspec
import uvicorn
from msgspec.structs import replace
from starlette.types import ASGIApp, Receive, Scope, Send

from triage.crm.fields import ID_LIMIT
from triage.domain.lead import Fact, Lead, LeadId, LeadStatus, Owner
from triage.domain.score import Direction
from triage.embedded.members import FIRST_REP, token_of
from triage.embedded.moments import utc_now
from triage.embedded.server import _bind, build_app, open_database

SEED = 7
Say = Callable[[str], str]
"""Given where a text stands (account.siblings.1.name), returns it."""
HERE_ONLY = frozenset({"fetched_at", "account.duplicate_of.found_here"})
"""What no CRM says."""
NAME_ONLY, LIMIT, HOSTILE_ID = "E-1", "E-2", "E-3"
LINE = 200
"""Characters of a one-line field that are shown: what a field at its limit has."""
ATTACK = (
    "\x1b[31m\x1b]0;t\x07\x9b2J\u202egnp\u2066\u200b[red]x[/red][@click=app.quit]"
    "e" + "\u0301" * 12 + "\ud800\x00" + "W" * 60 + "\u2028end"
)
"""Sequences, bidi, markup, zero width, a flood of marks, half a pair, a very long word, a line break."""


def path_of(number: int) -> str:
    return f"q{number:03d}z"


class Marked:
    """Says each text between two marks of its own, and keeps what it said by path."""

    def __init__(self, body: Callable[[str, str], str]) -> None:
        self._body = body
        self.said: dict[str, str] = {}

    def __call__(self, path: str) -> str:
        mark = path_of(len(self.said))
        self.said[path] = self._body(path, mark)
        return self.said[path]


def at_limit(path: str, mark: str) -> str:
    """Return a text as long as a line shows, or an id may be; most of it is one word."""
    length = ID_LIMIT if path.endswith("_id") else LINE
    return f"{mark}{'long words and '}{'M' * length}"[: length - len(mark)] + mark


def attacking(path: str, mark: str) -> str:
    body = ATTACK if not path.endswith("_id") else ATTACK[:40]
    return f"{mark}{body}{mark}"


def filled(kind: Any, path: str, say: Say, entries: int = 2) -> Any:
    """Return a value of a type in which nothing is missing."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind == Fact:
        return say(path)
    if origin in (typing.Union, types.UnionType):
        (wanted,) = [one for one in arguments if one is not type(None)]
        return filled(wanted, path, say, entries)
    if origin is tuple:
        return tuple(filled(arguments[0], f"{path}.{index}", say, entries) for index in range(entries))
    if origin is dict:
        return {
            name: filled(arguments[1], f"{path}.{name}", say, entries) for name in ("industry", "country")
        }
    return _single(getattr(kind, "__supertype__", kind), path, say, entries)


def _single(kind: type, path: str, say: Say, entries: int) -> Any:
    if issubclass(kind, Enum):
        return next(iter(kind))
    if issubclass(kind, msgspec.Struct):
        return kind(
            **{
                name: filled(hint, f"{path}.{name}".lstrip("."), say, entries)
                for name, hint in typing.get_type_hints(kind).items()
            }
        )
    moment = utc_now().replace(microsecond=0) - timedelta(days=2)
    values: dict[type, Any] = {bool: True, int: 3, float: 7.5, datetime: moment}
    return say(path) if kind is str else values[kind]


def extreme(lead_id: str, say: Say, entries: int = 2) -> Lead:
    """Return a lead of which every text is what `say` says, mine and waiting."""
    lead: Lead = filled(Lead, "", say, entries)
    assert lead.score is not None
    weighed = tuple(replace(part, direction=None) for part in lead.score.contributions)
    assert Direction.UP not in {part.direction for part in weighed}
    return replace(
        lead,
        lead_id=LeadId(lead_id),
        status=LeadStatus.ASSIGNED,
        owner=Owner(FIRST_REP, lead.owner.name),
        contacted_at=None,
        snoozed_until=None,
        sla_due_at=datetime.now(UTC).replace(microsecond=0) + timedelta(hours=5),
        score=replace(lead.score, contributions=weighed),
    )


def name_only() -> Lead:
    """Return a lead of which nothing is known but a name, and that it is mine."""
    return Lead(LeadId(NAME_ONLY), status=LeadStatus.ASSIGNED, owner=Owner(FIRST_REP), name="Only Aname")


def on_the_wire(lead: Lead) -> dict[str, Any]:
    """Return a lead as a CRM sends it: without what is known here only, and without what is not known."""
    body = msgspec.to_builtins(lead)
    del body["fetched_at"]
    if body["account"]["duplicate_of"]:
        del body["account"]["duplicate_of"]["found_here"]
    return {name: value for name, value in body.items() if value not in ("", None, [], {})}


class Extremes:
    """Middleware: the embedded CRM, which knows these leads and no others."""

    def __init__(self, app: ASGIApp, leads: list[Lead]) -> None:
        self._app = app
        self._leads = [on_the_wire(lead) for lead in leads]
        self.conflict: dict[str, Any] | None = None
        """What every write meets; None: the CRM answers itself."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if path == "/v1/leads" and method == "GET":
            page = {"items": self._leads, "gone": [], "next_cursor": "c-1", "more": False}
            await _answer(send, page)
        elif path == "/v1/decisions" and method == "POST" and self.conflict is not None:
            body = b""
            more = True
            while more:
                message = await receive()
                body, more = body + message.get("body", b""), message.get("more_body", False)
            ids = [one["decision_id"] for one in json.loads(body)["items"]]
            results = [{"decision_id": one, "outcome": "conflict", "theirs": self.conflict} for one in ids]
            await _answer(send, {"results": results})
        else:
            await self._app(scope, receive, send)


async def _answer(send: Send, body: object) -> None:
    raw = json.dumps(body).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": raw})


class ExtremeCrm:
    """Where it listens, and the token it takes."""

    rep_token = token_of(FIRST_REP, SEED)

    def __init__(self, app: Extremes, port: int) -> None:
        self.app = app
        self.url = f"http://127.0.0.1:{port}"


@contextmanager
def extreme_crm(leads: list[Lead]) -> Iterator[ExtremeCrm]:
    """Run it in a thread until the block ends."""
    database = open_database(None, leads=3, seed=SEED, now=utc_now())
    listener = _bind(0)
    app = Extremes(build_app(database), leads)
    config = uvicorn.Config(
        app, ws="none", loop="asyncio", lifespan="off", log_config=None, server_header=False, http="h11"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    try:
        yield ExtremeCrm(app, listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(20)
        database.close()
