"""What marketing reviews: all decisions and feedback of the portal, from the notes that triage left.

Contacts that triage has been at are found by a search, which lags a few moments; their notes are read by id.
For 10,000 of them with a note each that is 50 searches, 10 requests for associations and 100 for notes, and
one for each 50 that have an answer. A rep sees their own, and of colleagues only what can be counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime

from msgspec import Struct

from triage.crm.colleagues import shown_decisions, shown_feedback
from triage.crm.hubspot import names
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.filters import Filter, is_not_set, is_set
from triage.crm.hubspot.reading import marketing
from triage.crm.hubspot.reviewing.counted_lead import lead_of
from triage.crm.hubspot.reviewing.typed import ASKED, typed_replies
from triage.crm.hubspot.rows import Row
from triage.crm.hubspot.timeline.notes import marks_on
from triage.crm.records.mark import Mark
from triage.crm.records.reviewed import (
    decision_of,
    feedback_of,
    judged_decisions,
    judged_feedback,
    written_replies,
)
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.review import Reply, ReviewedDecision, ReviewedFeedback

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
        return shown_decisions(judged_decisions(found), await self._account.me(), team=team)

    async def feedback(self, *, team: bool = False) -> list[ReviewedFeedback]:
        """Return the feedback that this role may see, the oldest first."""
        timelines = await self.timelines()
        found = [
            feedback_of(mark, lead_of(timeline.contact, self._account.dialect), timeline.replies)
            for timeline, mark in _each(timelines)
            if mark.word in list(FeedbackType)
        ]
        return shown_feedback(judged_feedback(found), await self._account.me(), team=team)

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
