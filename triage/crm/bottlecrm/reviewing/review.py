"""What marketing reviews: all decisions and feedback, from the logs on the leads that the token may see.

BottleCRM's lists have the logs: a request for 300 leads, and none for each. A rep's token sees the
rep's own leads, marketing's those that it made, an admin's all. A lead that was converted is on no list any
more, and what was said of it is then not told here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from triage.clock import Clock
from triage.crm.bottlecrm.account import Account
from triage.crm.bottlecrm.api import Api, Row
from triage.crm.bottlecrm.reading import log
from triage.crm.bottlecrm.reading.leads import Reader
from triage.crm.bottlecrm.reviewing.typed import typed_reply
from triage.crm.bottlecrm.statuses import Statuses
from triage.crm.colleagues import shown_decisions, shown_feedback
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


class Told(Struct, frozen=True):
    """One lead with our records on it."""

    row: Row
    marks: tuple[Mark, ...]
    replies: tuple[Reply, ...]


class Review:
    """All that was said in one organisation."""

    def __init__(self, api: Api, account: Account, clock: Clock) -> None:
        self._api = api
        self._account = account
        self._clock = clock

    async def decisions(self, *, team: bool = False) -> list[ReviewedDecision]:
        """Return the decisions that this role may see, the oldest first."""
        found = [
            decision_of(mark, await self._counted(lead.row), lead.replies)
            for lead, mark in _each(await self.told())
            if mark.word in list(Act)
        ]
        return shown_decisions(judged_decisions(found), await self._account.me(), team=team)

    async def feedback(self, *, team: bool = False) -> list[ReviewedFeedback]:
        """Return the feedback that this role may see, the oldest first."""
        found = [
            feedback_of(mark, await self._counted(lead.row), lead.replies)
            for lead, mark in _each(await self.told())
            if mark.word in list(FeedbackType)
        ]
        return shown_feedback(judged_feedback(found), await self._account.me(), team=team)

    async def told(self, params: Mapping[str, str] | None = None) -> list[Told]:
        """Return the leads on which something was said, of all that the token may see, or by `params`."""
        return [_told(row) for row in await self.rows(params) if log.read(row)]

    async def rows(self, params: Mapping[str, str] | None = None) -> list[Row]:
        """Return all leads that the token may see, open and closed, or those that `params` leave."""
        found: dict[str, Row] = {}
        async for page in self._api.leads(params):
            found |= {str(row.get("id")): row for row in (*page.open, *page.closed)}
        return list(found.values())

    async def _counted(self, row: Row) -> dict[str, Any]:
        """Return the few facts that marketing counts by, as they are now."""
        reader = Reader(await self._account.me(), Statuses(self._account.dialect), self._clock())
        lead = reader.read(row, Counter())
        if lead is None:
            return {}
        return {
            "name": lead.name,
            "title": lead.title,
            "company": lead.company,
            "source": lead.source,
            "campaign": lead.campaign.name if lead.campaign is not None else "",
        }


def _told(row: Row) -> Told:
    typed = typed_reply(row)
    written = written_replies(log.read_answers(row))
    return Told(row, log.read(row), written if typed is None else (*written, typed))


def _each(told: list[Told]) -> Iterator[tuple[Told, Mark]]:
    """Yield each item once; of the oldest of a long log nothing is left but the id."""
    seen: set[str] = set()
    for lead in told:
        for mark in lead.marks:
            if mark.record and mark.item_id not in seen:
                seen.add(mark.item_id)
                yield lead, mark
