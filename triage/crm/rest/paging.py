"""Pages of a list of the contract, one after the other, each while the next is on its way."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from functools import partial
from typing import Any

from msgspec import Struct

from triage.crm.answer import Read
from triage.crm.http import Http
from triage.crm.limits import decode
from triage.errors import BadAnswer, StaleCursor

NOT_FOUND = 404
_STALE = (410, 422)
_PAGE = "200"
"""Leads or rows a page: about a megabyte of ordinary leads."""
_CURSOR_LIMIT = 1_000
"""Characters; the contract allows 200, and no server takes an address of any length."""
_SENDABLE = re.compile(r"[^\ud800-\udfff]*")
_UNTIL_SENT = 5
"""Turns of the event loop in which a request has left."""


class Page(Struct, frozen=True):
    """One page of any list of the contract."""

    body: dict[str, Any]
    items: list[Any]
    cursor: str
    more: bool


async def pages_of(
    http: Http,
    path: str,
    cursor: str | None = None,
    read: Read = decode,
    *,
    params: Mapping[str, str] | None = None,
    optional: bool = False,
) -> AsyncGenerator[Page]:
    """Yield all pages from a cursor on, each while the next is on its way; none of an optional 404.

    BadAnswer for a page without a list, or one that leads nowhere or back to where we were.
    """
    ask = partial(_page, http, path, read, params or {}, optional=optional)
    been = {cursor or ""}
    coming: asyncio.Task[Page | None] | None = asyncio.ensure_future(ask(cursor))
    try:
        while coming is not None:
            page = await coming
            if page is None:
                return
            if page.more and page.cursor in been:
                raise BadAnswer("The CRM says that there is more, but its cursor does not move on.")
            been.add(page.cursor)
            coming = asyncio.ensure_future(ask(page.cursor)) if page.more else None
            for _ in range(_UNTIL_SENT):  # else the CRM stands idle while this page is read
                await asyncio.sleep(0)
            yield page
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def _page(
    http: Http, path: str, read: Read, params: Mapping[str, str], cursor: str | None, *, optional: bool
) -> Page | None:
    params = {"limit": _PAGE, **params} | ({"cursor": cursor} if cursor else {})
    stale = _STALE if cursor else ()
    also = (*stale, NOT_FOUND) if optional else stale
    answer = await http.get(
        path, params=params, expect=("items", "next_cursor", "more"), also=also, read=read
    )
    if optional and answer.status == NOT_FOUND:
        return None
    if answer.status in stale:
        raise StaleCursor(answer.words or "The CRM does not know where the last fetch ended.")
    return _whole(answer.body)


def _whole(body: dict[str, Any]) -> Page:
    items, cursor, more = body["items"], body["next_cursor"], body["more"]
    if not isinstance(items, list) or not _is_cursor(cursor) or not isinstance(more, bool):
        raise BadAnswer("The CRM sent a page of another shape.")
    return Page(body, items, cursor, more)


def _is_cursor(value: object) -> bool:
    """Whether it can be sent back: one that cannot would be kept, and no later fetch would come through."""
    return isinstance(value, str) and len(value) <= _CURSOR_LIMIT and _SENDABLE.fullmatch(value) is not None
