"""What marketing reviews: all decisions and feedback of the portal, from the notes that triage left.

Contacts that triage has been at are found by a search, which lags a few moments; their notes are read by id.
For 10,000 of them with a note each that is 50 searches, 10 requests for associations and 100 for notes, and
one for each 50 that have an answer. A rep sees their own, and of colleagues only what can be counted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from triage.crm.colleagues import decision_without_words, feedback_without_words
from triage.crm.hubspot import names
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.filters import Filter, is_not_set, is_set
from triage.crm.hubspot.reading import marketing
from triage.crm.hubspot.reviewing.review_rows import decision_of, feedback_of, lead_of
from triage.crm.hubspot.reviewing.typed import ASKED, typed_replies, written_replies
from triage.crm.hubspot.rows import Row
from triage.crm.hubspot.timeline.marks import Mark
from triage.crm.hubspot.timeline.notes import marks_on
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.review import REVIEWS, Reply, ReviewedDecision, ReviewedFeedback

_T = TypeVar("_T", ReviewedDecision, ReviewedFeedback)
_FIRST = datetime.min.replace(tzinfo=UTC)
_PERSON = (
    "firstname",
    "lastname",
    "jobtitle",
    "company",
    *marketing.CAME_BY,
    names.ANSWER,
    names.ANSWER_KIND,
)


class Timeline(Struct, frozen=True):
    """One contact with our notes on it."""

    contact: Row
    marks: tuple[Mark, ...] = ()
    replies: tuple[Reply, ...] = ()


class Review:
    """All that was said in one portal."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api = api
        self._account = account

    async def decisions(self, *, team: bool = False) -> list[ReviewedDecision]:
        """Return the decisions that this role may see, the oldest first."""
        timelines = await self.timelines()
        found = [
            decision_of(mark, lead_of(timeline.contact, self._account.dialect), timeline.replies)
            for timeline, mark in _each(timelines)
            if mark.word in list(Act)
        ]
        replaced = {one for each in found for one in (each.of, each.supersedes) if one}
        judged = [_standing(one, "superseded" if one.decision_id in replaced else "") for one in found]
        seen = await self._seen(judged, decision_without_words, team=team)
        return sorted(seen, key=lambda one: (one.decided_at or _FIRST, one.decision_id))

    async def feedback(self, *, team: bool = False) -> list[ReviewedFeedback]:
        """Return the feedback that this role may see, the oldest first."""
        timelines = await self.timelines()
        found = [
            feedback_of(mark, lead_of(timeline.contact, self._account.dialect), timeline.replies)
            for timeline, mark in _each(timelines)
            if mark.word in list(FeedbackType)
        ]
        taken = {one.supersedes for one in found if one.type == FeedbackType.RETRACTION}
        judged = [_standing(one, "retracted" if one.feedback_id in taken else "") for one in found]
        seen = await self._seen(judged, feedback_without_words, team=team)
        return sorted(seen, key=lambda one: (one.created_at or _FIRST, one.feedback_id))

    async def timelines(self) -> list[Timeline]:
        """Return all contacts that triage has been at, with our notes on them."""
        there = await self._account.property_names(names.CONTACTS)
        wanted = [*_PERSON, *filter(None, self._account.dialect.fields.values())]
        rows: dict[str, Row] = {}
        for filters in _searches(there):
            async for page in self._api.search(names.CONTACTS, filters, wanted):
                rows |= {row["id"]: row for row in page}
        return await self._told(rows)

    async def _told(self, rows: Mapping[str, Row]) -> list[Timeline]:
        notes = await marks_on(self._api, names.CONTACTS, rows) if rows else {}
        typed = [one for one, row in rows.items() if _was_answered(row)]
        read = await self._api.read_batch(names.CONTACTS, typed, ASKED, history=ASKED)
        return [_timeline(row, notes.get(one, ()), read.rows.get(one)) for one, row in rows.items()]

    async def _seen(self, found: Iterable[_T], blot: Callable[[_T], _T], *, team: bool) -> list[_T]:
        """Keep what this role may see: all for marketing; a rep's own, and colleagues' without words."""
        me = await self._account.me()
        if me.role == "marketing":
            return list(found)
        return [
            one if one.rep.user_id == me.user_id else blot(one)
            for one in found
            if team or one.rep.user_id == me.user_id
        ]


def _searches(there: Collection[str]) -> Iterator[list[Filter]]:
    """Yield what finds the contacts that triage has been at, each once: by a decision, by feedback alone."""
    if names.KEY in there:
        yield [is_set(names.KEY)]
    if names.FEEDBACK in there:
        yield [is_set(names.FEEDBACK), *([is_not_set(names.KEY)] if names.KEY in there else [])]


def _was_answered(row: Row) -> bool:
    return any(row["properties"].get(name) for name in (names.ANSWER, names.ANSWER_KIND))


def _timeline(row: Row, marks: tuple[Mark, ...], history: Row | None) -> Timeline:
    return Timeline(row, marks, (*written_replies(marks), *typed_replies(history, marks)))


def _each(timelines: Iterable[Timeline]) -> list[tuple[Timeline, Mark]]:
    """Return each item once: a note that was copied to another contact is the older one's."""
    first: dict[str, tuple[Timeline, Mark]] = {}
    for timeline in timelines:
        for mark in timeline.marks:
            known = first.get(mark.item_id)
            if not mark.is_answer and (known is None or _age(mark) < _age(known[1])):
                first[mark.item_id] = (timeline, mark)
    return list(first.values())


def _age(mark: Mark) -> datetime:
    return mark.at or datetime.max.replace(tzinfo=UTC)


def _standing(one: _T, state: str) -> _T:
    """Return an item with what became of it."""
    if state:
        return replace(one, state=state)
    if isinstance(one, ReviewedDecision):
        return replace(
            one, state="reviewed" if {reply.kind for reply in one.replies} & REVIEWS else "applied"
        )
    return replace(one, state="answered" if one.replies else "open")
