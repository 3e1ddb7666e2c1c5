"""Marketing's answers: fetched for the rep, recorded for marketing, and what the rep has seen of them.

An answer comes from triage (a record of its own) or was typed into Salesforce by a person; both are fetched.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct, field

from triage.clock import Clock
from triage.crm.port import ReplyPage
from triage.crm.salesforce.account import Account
from triage.crm.salesforce.api import NoSuchField
from triage.crm.salesforce.keeping.decision_object import ANSWER
from triage.crm.salesforce.keeping.kept import Kept
from triage.crm.salesforce.keeping.ledger import is_usual, ledger_of, unseen_ledger_of
from triage.crm.salesforce.reviewing import answer_rows
from triage.crm.salesforce.reviewing.answering import answer_all
from triage.domain.review import Reply
from triage.errors import StaleCursor

OVERLAP = timedelta(minutes=2)
"""Salesforce keeps whole seconds, and writes late what began early: so much is asked for again."""
_MOST_KNOWN = 400


class ReplyPlace(Struct, frozen=True):
    """Where the last fetch of answers ended."""

    since: datetime | None = None
    """The newest change that was read, by Salesforce's clock."""
    known: tuple[str, ...] = field(default_factory=tuple)
    """Answers within the overlap that were given: they do not come twice."""
    looks_first: bool = False
    """Whether the org is described before it is asked: it has the object otherwise, or not at all."""


class Answers:
    """Answers in one org, by whichever of the two modes it has."""

    def __init__(self, account: Account, clock: Clock) -> None:
        self._account = account
        self._clock = clock

    async def pages(self, cursor: str | None) -> AsyncIterator[ReplyPage]:
        """Yield the answers since the cursor, in one page: those to a rep's items, or all for marketing."""
        place = read_place(cursor)
        since = place.since - OVERLAP if place.since else None
        rows, looks_first = await self._answered(since, looks_first=place.looks_first)
        given = [row for row in rows if row.kind == ANSWER]
        typed = answer_rows.typed(rows, ())
        fresh = (
            *answer_rows.given(
                await self._whole([row for row in given if _marked(row.key, row.seen_at) not in place.known])
            ),
            *await self._not_shown([one for one in typed if _mark(one) not in place.known], rows),
        )
        marks = [*(_marked(row.key, row.seen_at) for row in given), *map(_mark, typed)]
        reached = next_place(place, rows, marks, looks_first=looks_first)
        yield ReplyPage(fresh, reached, more=False)

    async def reply_all(self, replies: Sequence[Reply]) -> Mapping[str, str]:
        """Record answers; return by id why one is not recorded, or an empty text."""
        return await answer_all(self._account, replies, self._clock())

    async def see(self, reply_ids: Sequence[str]) -> None:
        """Note what the rep has seen; ids that the org does not know are passed over."""
        await (await ledger_of(self._account)).see(reply_ids, self._clock())

    async def _answered(self, since: datetime | None, *, looks_first: bool) -> tuple[list[Kept], bool]:
        """Return what changed of answers and items, in one request if may be; and whether to look first."""
        whose, unseen = await self._whose(), unseen_ledger_of(self._account)
        if unseen is not None and not looks_first:
            with suppress(NoSuchField):
                return await unseen.answered(whose, since), False
        rows = await (await ledger_of(self._account)).answered(whose, since)
        return rows, not await is_usual(self._account)

    async def _whole(self, given: Sequence[Kept]) -> list[Kept]:
        """Return answers with their records."""
        lacking = [row.key for row in given if not row.record]
        found = await (await ledger_of(self._account)).find(lacking) if lacking else {}
        return [found.get(row.key, row) for row in given]

    async def _not_shown(self, typed: Sequence[Reply], rows: Sequence[Kept]) -> tuple[Reply, ...]:
        """Leave out what only shows an answer that was given in triage, whenever that was."""
        if not typed:
            return ()
        ledger = await ledger_of(self._account)
        given = answer_rows.given(await ledger.kept(ANSWER, by=await self._whose()))
        fresh = {one.reply_id for one in typed}
        return tuple(one for one in answer_rows.typed(rows, given) if one.reply_id in fresh)

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


def next_place(
    place: ReplyPlace, rows: Iterable[Kept], marks: Iterable[str], *, looks_first: bool = False
) -> str:
    """Return the cursor behind these rows."""
    times = [row.modified_at for row in rows if row.modified_at is not None]
    since = max([*times, *([place.since] if place.since else [])], default=None)
    known = dict.fromkeys((*place.known, *marks))
    return msgspec.json.encode(ReplyPlace(since, tuple(known)[-_MOST_KNOWN:], looks_first)).decode()


def _mark(reply: Reply) -> str:
    """Tell an answer that was seen from one that was not: the rep's copy follows it."""
    return _marked(reply.reply_id, reply.seen_at)


def _marked(reply_id: str, seen_at: datetime | None) -> str:
    return f"{reply_id}{'+' if seen_at else ''}"
