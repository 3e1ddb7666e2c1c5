"""Marketing's answers, read: to the rep's own items, of leads on which something has come. Never a write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from triage.crm.odoo.account import Account
from triage.crm.odoo.api import Api
from triage.crm.odoo.reviewing.since import since_of
from triage.crm.odoo.reviewing.timelines import Timeline, answered_since, timelines_of
from triage.crm.port import ReplyPage
from triage.domain.people import Rep
from triage.domain.review import Reply


class Replies:
    """Answers to one rep."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api = api
        self._account = account

    async def pages(self, cursor: str | None) -> AsyncIterator[ReplyPage]:
        """Yield one page with all that is new."""
        since = since_of(cursor)
        answered = await answered_since(self._api, self._account, since.start)
        me = await self._account.me()
        there = await timelines_of(self._api, self._account, answered)
        found = [reply for one in there for reply in _to(me, one)]
        new = [one for one in found if one.reply_id not in since.given and _is_in(one, since.start)]
        given = [(one.reply_id, one.at) for one in found]
        end = since.after(answered.values(), given)
        yield ReplyPage(tuple(sorted(new, key=_age)), end.cursor(), more=False)


def _to(me: Rep, timeline: Timeline) -> list[Reply]:
    """Return the answers to a rep's own items."""
    mine = {mark.item_id for mark in timeline.marks if not mark.is_answer and mark.rep.user_id == me.user_id}
    return [reply for reply in timeline.replies if reply.of in mine]


def _is_in(reply: Reply, start: datetime | None) -> bool:
    return start is None or reply.at is None or reply.at >= start


def _age(reply: Reply) -> tuple[datetime, str]:
    return (reply.at or datetime.min.replace(tzinfo=UTC), reply.reply_id)
