"""What marketing reviews: all decisions and feedback of the database, from the notes that triage left.

A hundred notes are one request. A rep sees their own, and of colleagues, as far as Odoo's record rules let
them, only what can be counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from triage.crm.colleagues import shown_decisions, shown_feedback
from triage.crm.dialect import Dialect
from triage.crm.odoo.account import Account
from triage.crm.odoo.api import Api, Row
from triage.crm.odoo.reviewing.timelines import Timeline, all_timelines
from triage.crm.odoo.rows import name_of
from triage.crm.records.mark import Mark
from triage.crm.records.reviewed import decision_of, feedback_of, judged_decisions, judged_feedback
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.review import ReviewedDecision, ReviewedFeedback


class Review:
    """All that was said in one database."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api = api
        self._account = account

    async def decisions(self, *, team: bool = False) -> list[ReviewedDecision]:
        """Return the decisions that this role may see, the oldest first."""
        found = [
            decision_of(mark, lead_of(timeline.row, self._account.dialect), timeline.replies)
            for timeline, mark in _each(await self._timelines())
            if mark.word in list(Act)
        ]
        return shown_decisions(judged_decisions(found), await self._account.me(), team=team)

    async def feedback(self, *, team: bool = False) -> list[ReviewedFeedback]:
        """Return the feedback that this role may see, the oldest first."""
        found = [
            feedback_of(mark, lead_of(timeline.row, self._account.dialect), timeline.replies)
            for timeline, mark in _each(await self._timelines())
            if mark.word in list(FeedbackType)
        ]
        return shown_feedback(judged_feedback(found), await self._account.me(), team=team)

    async def _timelines(self) -> list[Timeline]:
        return await all_timelines(self._api, self._account)


def lead_of(row: Row, dialect: Dialect) -> dict[str, Any]:
    """Return the few facts that marketing counts by, of a lead as it is now."""
    own = dialect.fields.get("source", "")
    return {
        "name": _text(row.get("contact_name")) or _text(row.get("name")),
        "title": _text(row.get("function")),
        "company": _text(row.get("partner_name")),
        "source": (_text(row.get(own)) if own else "") or name_of(row.get("source_id")),
        "campaign": name_of(row.get("campaign_id")),
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else name_of(value)


def _each(timelines: Iterable[Timeline]) -> list[tuple[Timeline, Mark]]:
    """Return each item once: of several notes with one marker the oldest is it, the others quote it."""
    first: dict[str, tuple[Timeline, Mark]] = {}
    for timeline in timelines:
        for mark in timeline.marks:
            known = first.get(mark.item_id)
            if not mark.is_answer and (known is None or _age(mark) < _age(known[1])):
                first[mark.item_id] = (timeline, mark)
    return list(first.values())


def _age(mark: Mark) -> tuple[datetime, int]:
    number = int(mark.note_id) if mark.note_id.isdecimal() else 0
    return (mark.at or datetime.max.replace(tzinfo=UTC), number)
