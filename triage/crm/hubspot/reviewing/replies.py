"""Marketing's answers, read: to the rep's own items, of contacts that have changed since. Never a write."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from triage.crm.hubspot import names
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.filters import Filter, is_set, is_since, milliseconds
from triage.crm.hubspot.reviewing.typed import ASKED, typed_replies
from triage.crm.hubspot.rows import Row
from triage.crm.hubspot.timeline.notes import marks_on
from triage.crm.hubspot.values import Values, moment_of
from triage.crm.port import ReplyPage
from triage.crm.records.mark import Mark
from triage.crm.records.reviewed import written_replies
from triage.domain.people import Rep
from triage.domain.review import Reply
from triage.errors import StaleCursor

OVERLAP = timedelta(minutes=5)
"""A search lags behind what was written: so far back is looked again."""
_MOST = 500
"""Ids that a cursor holds."""
_MODIFIED = names.MODIFIED[names.CONTACTS]


class Since(Struct, frozen=True):
    """Where the last reading ended."""

    moment: datetime | None = None
    """When the newest record that was seen had last changed, by HubSpot's clock."""
    given: frozenset[str] = frozenset()
    """Ids of what was given already, of the time that is looked at again."""

    @property
    def start(self) -> datetime | None:
        """The moment to look from."""
        return self.moment - OVERLAP if self.moment is not None else None


def read_cursor(cursor: str | None) -> Since:
    """Return what a cursor says. StaleCursor for a text that is none of ours."""
    if not cursor:
        return Since()
    try:
        body = json.loads(cursor)
        moment = moment_of(body["since"])
        return Since(moment, frozenset(str(one) for one in body["given"]))
    except (ValueError, KeyError, TypeError):
        pass
    raise StaleCursor("That is no cursor of ours.")


def cursor_of(since: Since) -> str:
    """Return the text of a cursor."""
    at = milliseconds(since.moment) if since.moment is not None else None
    return json.dumps({"since": at, "given": sorted(since.given)[-_MOST:]}, separators=(",", ":"))


def newest(since: Since, moments: Iterable[datetime | None]) -> datetime | None:
    """Return the latest of the moments and of what was known."""
    return max((one for one in (since.moment, *moments) if one is not None), default=None)


class Replies:
    """Answers to one rep."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api = api
        self._account = account

    async def pages(self, cursor: str | None) -> AsyncIterator[ReplyPage]:
        """Yield one page with all that is new; an empty one where the portal is not set up for answers."""
        since = read_cursor(cursor)
        there = await self._account.property_names(names.CONTACTS)
        rows: dict[str, Row] = {}
        changed: list[Filter] = [is_since(_MODIFIED, since.start)] if since.start is not None else []
        for name in (names.ANSWER, names.ANSWER_KIND):
            if name in there:
                async for page in self._api.search(names.CONTACTS, [is_set(name), *changed], [_MODIFIED]):
                    rows |= {row["id"]: row for row in page}
        found = await self._of(rows, await self._account.me())
        end = newest(since, (Values(row["properties"]).time(_MODIFIED) for row in rows.values()))
        new = [one for one in found if one.reply_id not in since.given and _is_in(one, since.start)]
        later = end - OVERLAP if end is not None else None
        given = frozenset(one.reply_id for one in found if _is_in(one, later))
        yield ReplyPage(tuple(new), cursor_of(Since(end, given)), more=False)

    async def _of(self, rows: Mapping[str, Row], me: Rep) -> list[Reply]:
        if not rows:
            return []
        notes = await marks_on(self._api, names.CONTACTS, rows)
        asked = [name for name in ASKED if name in await self._account.property_names(names.CONTACTS)]
        history = (await self._api.read_batch(names.CONTACTS, rows, asked, history=asked)).rows
        found = [
            reply
            for one in rows
            for reply in _to(me, notes.get(one, ()), typed_replies(history.get(one), notes.get(one, ())))
        ]
        return sorted(found, key=lambda one: (one.at or datetime.min.replace(tzinfo=UTC), one.reply_id))


def _to(me: Rep, notes: tuple[Mark, ...], typed: tuple[Reply, ...]) -> list[Reply]:
    """Return the answers to a rep's own items."""
    mine = {mark.item_id for mark in notes if not mark.is_answer and mark.rep.user_id == me.user_id}
    return [reply for reply in (*written_replies(notes), *typed) if reply.of in mine]


def _is_in(reply: Reply, start: datetime | None) -> bool:
    return start is None or reply.at is None or reply.at >= start
