"""Odoo's calls: one at a time and not too fast, by the interface that the version has, and what is installed.

Knows nothing of leads: rows come and go as Odoo has them. Not confirmed against a live account: that Odoo's
hosting wants one call at a time and about four a second; nothing of the documentation says a number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from msgspec import Struct

from triage.clock import Clock, utc_now
from triage.crm.asked import Asked
from triage.crm.http import Http
from triage.crm.limits import DEADLINE
from triage.crm.odoo import jsonrpc
from triage.crm.odoo.json2 import Json2
from triage.crm.odoo.jsonrpc import JsonRpc
from triage.crm.odoo.manners import ODOO, NotThere, OdooRefused
from triage.crm.pacing import Pace, RealTempo, Tempo
from triage.errors import BadAnswer, NotPermitted

__all__ = ["Api", "Fields", "NotThere", "OdooRefused", "Row", "Version"]

Row = dict[str, Any]
Fields = Mapping[str, Mapping[str, Any]]
"""What a model has, by the names of its fields: type, string, selection, relation, readonly."""
JSON2_SINCE = 19
_APART = 0.25
"""Seconds between the beginnings of two calls."""
_STABLE = frozenset(
    {"res.users", "res.users.apikeys", "res.country", "crm.stage", "crm.tag", "crm.team", "crm.lost.reason"}
)
"""Models whose fields that we ask for have been the same for many versions: a call less for each."""
_ATTRIBUTES = ["type", "string", "selection", "relation", "readonly"]


class Version(Struct, frozen=True):
    """Which Odoo this is, and how it is spoken to."""

    major: int
    text: str
    transport: str
    """JSON-2 or /jsonrpc."""


class _Transport(Protocol):
    uid: int
    """The user's id, where a sign-in has told it; else 0."""

    async def call(
        self, model: str, method: str, ids: Sequence[int], named: Mapping[str, Any], *, write: bool
    ) -> Any: ...


class Api:
    """One database over HTTP. Raises CrmError; a write is sent once. Belongs to one event loop."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        database: str = "",
        login: str = "",
        ca_file: str | None = None,
        tempo: Tempo | None = None,
        clock: Clock = utc_now,
        deadline: float = DEADLINE,
    ) -> None:
        headers = {"User-Agent": "triage", **({"X-Odoo-Database": database} if database else {})}
        self._http = Http(
            url, token, ca_file=ca_file, headers=headers, manners=ODOO, clock=clock, deadline=deadline
        )
        self._key = token
        self._database = database
        self._login = login
        self._pace = Pace(1, _APART, tempo or RealTempo())
        self._turn = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()
        self._asked = Asked()

    @property
    def skew(self) -> timedelta | None:
        """How far Odoo's clock was ahead at its last answer."""
        return self._http.skew

    async def version(self) -> Version:
        """Return which Odoo this is; asked once."""
        return await self._asked.once("version", self._version)

    async def call(
        self, model: str, method: str, /, ids: Sequence[int] = (), *, write: bool = False, **named: Any
    ) -> Any:
        """Return the result of a method of records, or of the model where no ids are given.

        `write` is sent once. AnswerLost: it may have taken effect; any other CrmError: it did not, for an
        error rolls the whole call back. OdooRefused has Odoo's class of error and its words; NotThere: there
        is no such model or method; NotPermitted: not for this user.
        """
        transport = await self._opened()
        return await self._alone(lambda: transport.call(model, method, ids, named, write=write))

    async def uid(self) -> int:
        """Return the id of the user whose key it is; asked once."""
        return await self._asked.once("uid", self._uid)

    async def fields(self, model: str) -> Fields:
        """Return the fields of a model, asked once; none where it is not installed or not for this user."""
        return await self._asked.once(f"fields {model}", lambda: self._fields(model))

    def forget_fields(self, model: str) -> None:
        """Ask again for the fields of a model when they are next needed: some were made."""
        self._asked.forget(f"fields {model}")

    async def search_read(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Sequence[str],
        *,
        order: str = "id asc",
        limit: int | None = None,
        offset: int = 0,
        context: Mapping[str, Any] | None = None,
    ) -> list[Row]:
        """Return rows with those of the fields that there are; none where the model is not installed.

        Every row has its id, a whole number. The domain is the caller's to keep to fields that there are.
        """
        wanted = await self._there(model, fields)
        if not wanted:
            return []
        more: dict[str, Any] = {"limit": limit, "offset": offset or None, "context": context}
        given = {name: value for name, value in more.items() if value is not None}
        rows = await self.call(model, "search_read", domain=list(domain), fields=wanted, order=order, **given)
        return rows_of(rows)

    async def _there(self, model: str, fields: Sequence[str]) -> list[str]:
        """Return those of the fields that there are; at least one, where the model is installed."""
        asked = dict.fromkeys(fields)
        if model in _STABLE:
            return list(asked)
        known = await self.fields(model)
        return [name for name in asked if name in known] or (["id"] if known else [])

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()
        for task in set(self._running):
            task.cancel()

    async def _uid(self) -> int:
        known = (await self._opened()).uid
        told = None if known else await self.call("res.users", "context_get")
        uid = known or _dict(told).get("uid")
        if type(uid) is not int or not uid:
            raise BadAnswer("Odoo does not say whose key it is.")
        return uid

    async def _fields(self, model: str) -> Fields:
        try:
            found = await self.call(model, "fields_get", attributes=_ATTRIBUTES)
        except (OdooRefused, NotPermitted):
            return {}
        return {name: said for name, said in _dict(found).items() if isinstance(said, dict)}

    async def _opened(self) -> _Transport:
        return await self._asked.once("transport", self._open)

    async def _open(self) -> _Transport:
        version = await self.version()
        if version.major >= JSON2_SINCE:
            return Json2(self._http)
        who = (self._database, self._login, self._key)
        uid = await self._alone(lambda: jsonrpc.sign_in(self._http, *who))
        return JsonRpc(self._http, self._key, database=self._database, uid=uid, major=version.major)

    async def _version(self) -> Version:
        """Find out the version: by an address of new ones, else by the interface of old ones."""
        try:
            told = await self._alone(lambda: self._http.get("/web/version", expect=("version_info",)))
            info: Any = told.body["version_info"]
        except BadAnswer:
            info = await self._alone(lambda: jsonrpc.version(self._http))
        major, text = _read_version(info)
        return Version(major, text, Json2.name if major >= JSON2_SINCE else JsonRpc.name)

    async def _alone(self, make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Make one request when no other is under way; it keeps its turn even where nobody waits for it."""
        await self._turn.acquire()
        try:
            await self._pace.turn()
            task = asyncio.ensure_future(make())
        except BaseException:
            self._turn.release()
            raise
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        self._turn.release()
        if not task.cancelled():
            task.exception()  # looked at, for a caller who was cancelled does not


def rows_of(answer: object) -> list[Row]:
    """Return the rows of an answer that have an id; BadAnswer where it is no list."""
    if not isinstance(answer, list):
        raise BadAnswer("Odoo sent an answer of another shape (no list of records).")
    return [row for row in answer if isinstance(row, dict) and type(row.get("id")) is int]


def _read_version(info: object) -> tuple[int, str]:
    """Return [19, 0, …] or ["saas~18", 2, …] as a number and as people say it."""
    parts = info if isinstance(info, list) else []
    major = int("".join(filter(str.isdecimal, str(parts[0])))[:4] or 0) if parts else 0
    if not major:
        raise BadAnswer("This address does not say which Odoo it is.", hint="Check the address of the CRM.")
    return major, ".".join(str(part)[:20] for part in parts[:2])


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
