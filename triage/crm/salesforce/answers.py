"""Marketing's answers: fetched for the rep, recorded for marketing, and what the rep has seen of them.

An answer comes from triage (a record of its own) or was typed into Salesforce by a person; both are fetched.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct, field

from triage.clock import Clock
from triage.crm.port import ReplyPage
from triage.crm.salesforce import answer_rows
from triage.crm.salesforce.account import Account
from triage.crm.salesforce.answering import answer_all
from triage.crm.salesforce.decision_object import ANSWER
from triage.crm.salesforce.kept import Kept
from triage.crm.salesforce.ledger import ledger_of
from triage.domain.review import Reply
from triage.errors import CrmError, StaleCursor

OVERLAP = timedelta(minutes=2)
"""Salesforce keeps whole seconds, and writes late what began early: so much is asked for again."""
_MOST_KNOWN = 400


class ReplyPlace(Struct, frozen=True):
    """Where the last fetch of answers ended."""

    since: datetime | None = None
    """The newest change that was read, by Salesforce's clock."""
    known: tuple[str, ...] = field(default_factory=tuple)
    """Answers within the overlap that were given: they do not come twice."""


class Answers:
    """Answers in one org, by whichever of the two modes it has."""

    def __init__(self, account: Account, clock: Clock) -> None:
        self._account = account
        self._clock = clock

    async def fetch(self, cursor: str | None) -> AsyncIterator[ReplyPage]:
        """Yield the answers since the cursor, in one page: those to a rep's items, or all for marketing."""
        place = read_place(cursor)
        since = place.since - OVERLAP if place.since else None
        given_rows, typed_rows = await self._changed(since)
        given = answer_rows.given(given_rows)
        shown = given if since is None else answer_rows.given(await self._all_given(typed_rows))
        replies = (*given, *answer_rows.typed(typed_rows, shown))
        fresh = tuple(one for one in replies if _mark(one) not in place.known)
        yield ReplyPage(fresh, next_place(place, [*given_rows, *typed_rows], replies), more=False)

    async def record(self, reply: Reply) -> None:
        """Record one answer. CrmError with the words of why not."""
        why = (await self.record_all([reply]))[reply.reply_id]
        if why:
            raise CrmError(why)

    async def record_all(self, replies: Sequence[Reply]) -> Mapping[str, str]:
        """Record answers; return by id why one is not recorded, or an empty text."""
        return await answer_all(self._account, replies, self._clock())

    async def see(self, reply_ids: Sequence[str]) -> None:
        """Note what the rep has seen; ids that the org does not know are passed over."""
        await (await ledger_of(self._account)).see(reply_ids, self._clock())

    async def _changed(self, since: datetime | None) -> tuple[list[Kept], list[Kept]]:
        """Return the records of answers, and the items on which something was typed, that changed since."""
        ledger, whose = await ledger_of(self._account), await self._whose()
        return await ledger.kept(ANSWER, by=whose, since=since), await ledger.typed(whose, since)

    async def _all_given(self, typed: Sequence[Kept]) -> list[Kept]:
        """Return answers given in triage, whenever: what stands on an item may only show one of them."""
        if not typed:
            return []
        return await (await ledger_of(self._account)).kept(ANSWER, by=await self._whose())

    async def _whose(self) -> str | None:
        """Return to whose items answers are fetched; None: to all reps'."""
        return None if self._account.role == "marketing" else (await self._account.whoami()).user_id


def read_place(cursor: str | None) -> ReplyPlace:
    """Return the place of a cursor. StaleCursor for one of another kind."""
    if not cursor:
        return ReplyPlace()
    try:
        place = msgspec.json.decode(cursor, type=ReplyPlace)
    except (msgspec.DecodeError, UnicodeError):
        raise StaleCursor("The last fetch of answers ended at a place of another kind.") from None
    if place.since is not None and place.since.tzinfo is None:
        raise StaleCursor("The last fetch of answers ended at no moment.")
    return place


def next_place(place: ReplyPlace, rows: Iterable[Kept], replies: Iterable[Reply]) -> str:
    """Return the cursor behind these rows."""
    times = [row.modified_at for row in rows if row.modified_at is not None]
    since = max([*times, *([place.since] if place.since else [])], default=None)
    marks = dict.fromkeys((*place.known, *(_mark(one) for one in replies)))
    return msgspec.json.encode(ReplyPlace(since, tuple(marks)[-_MOST_KNOWN:])).decode()


def _mark(reply: Reply) -> str:
    """Tell an answer that was seen from one that was not: the rep's copy follows it."""
    return f"{reply.reply_id}{'+' if reply.seen_at else ''}"
