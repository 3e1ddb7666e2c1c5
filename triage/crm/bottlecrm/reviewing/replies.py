"""Marketing's answers to the rep's own items, read: from the rep's leads, open and closed. Never a write.

A comment moves no time of its lead, so that only reading the lead itself shows it: the leads of the rep's
newest items that have no answer yet are read, a few at a time.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from triage.clock import Clock
from triage.crm.bottlecrm.account import Account
from triage.crm.bottlecrm.api import Api, NotThere
from triage.crm.bottlecrm.reviewing.review import Review, Told
from triage.crm.bottlecrm.reviewing.typed import answers_in_comments
from triage.crm.port import ReplyPage
from triage.domain.review import Reply
from triage.errors import StaleCursor

_READ = 20
"""Leads whose comments are read in one run."""
_FOR = timedelta(days=14)
"""So long after an item a comment is looked for."""
_MOST = 2_000
"""Answers that a cursor remembers: an older one is given again, and known by its id."""
_FIRST = datetime.min.replace(tzinfo=UTC)


class Replies:
    """Answers to one rep."""

    def __init__(self, api: Api, account: Account, clock: Clock, review: Review) -> None:
        self._api = api
        self._account = account
        self._clock = clock
        self._review = review

    async def pages(self, cursor: str | None) -> AsyncIterator[ReplyPage]:
        """Yield one page with all that is new."""
        given = _read(cursor)
        me = (await self._account.me()).user_id
        mine = [one for one in await self._review.told({"assigned_to": me}) if _items(one, me)]
        found = [reply for one in mine for reply in one.replies]
        found += await self._comments(mine, me)
        items = {item for one in mine for item in _items(one, me)}
        found = sorted((one for one in found if one.of in items), key=_age)
        new = tuple(one for one in found if _short(one) not in given)
        yield ReplyPage(new, _written(found), more=False)

    async def _comments(self, mine: Iterable[Told], me: str) -> list[Reply]:
        """Return what others answered in comments to the newest items without an answer."""
        since = self._clock() - _FOR
        waiting = [
            (at, one)
            for one in mine
            if (at := max((mark.at or _FIRST for mark in one.marks), default=_FIRST)) >= since
            and not {mark.item_id for mark in one.marks[-1:]} & {reply.of for reply in one.replies}
        ]
        newest = sorted(waiting, key=lambda pair: pair[0], reverse=True)[:_READ]
        found: list[Reply] = []
        for _at, one in newest:
            try:
                found += answers_in_comments(await self._api.detail(str(one.row.get("id"))), me)
            except NotThere:
                continue
        return found


def _items(one: Told, me: str) -> list[str]:
    """Return the ids of a rep's own items on a lead."""
    return [mark.item_id for mark in one.marks if mark.rep.user_id == me]


def _age(reply: Reply) -> tuple[datetime, str]:
    return reply.at or _FIRST, reply.reply_id


def _short(reply: Reply) -> str:
    return blake2b(reply.reply_id.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _read(cursor: str | None) -> frozenset[str]:
    """Return what was given already. StaleCursor for a text that is none of ours."""
    if not cursor:
        return frozenset()
    try:
        return frozenset(str(one) for one in json.loads(cursor)["given"])
    except (ValueError, KeyError, TypeError):
        pass
    raise StaleCursor("That is no cursor of ours.")


def _written(found: Iterable[Reply]) -> str:
    given = [_short(one) for one in found][-_MOST:]
    return json.dumps({"given": given}, separators=(",", ":"))
