"""What became of leads, as far as BottleCRM keeps a moment for it: arrival, and the first touch by sales.

It has no history of a status. A lead comes to sales when it is made; sales touched it when triage took an
acceptance, or at the first answer that BottleCRM counts, whichever was first. What a conversion leaves, an
account and an opportunity, names no lead: what those come to cannot be told.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from hashlib import blake2b

from triage.clock import Clock
from triage.crm.bottlecrm.account import Account
from triage.crm.bottlecrm.api import Row
from triage.crm.bottlecrm.reading import log
from triage.crm.bottlecrm.reading.leads import Reader
from triage.crm.bottlecrm.reviewing.review import Review
from triage.crm.bottlecrm.statuses import Statuses
from triage.crm.colleagues import outcome_without_names
from triage.crm.port import OutcomePage
from triage.domain.act import Act
from triage.domain.lead import Lead, LeadStatus
from triage.domain.people import Rep
from triage.domain.stages import StageChange
from triage.errors import StaleCursor


class Outcomes:
    """What became of the leads of one organisation."""

    def __init__(self, account: Account, clock: Clock, review: Review) -> None:
        self._account = account
        self._clock = clock
        self._review = review

    async def pages(self, cursor: str | None) -> AsyncIterator[OutcomePage]:
        """Yield one page with all that has become since the cursor."""
        given = _read(cursor)
        me = await self._account.me()
        reader = Reader(me, Statuses(self._account.dialect), self._clock())
        unread: Counter[str] = Counter()
        found = [one for row in await self._review.rows() for one in _changes(reader, row, unread)]
        found.sort(key=lambda one: (one.at, one.change_id))
        new = tuple(_seen(one, me) for one in found if _short(one) not in given)
        yield OutcomePage(new, _written(found), more=False, unread=dict(unread))


def _changes(reader: Reader, row: Row, unread: Counter[str]) -> Iterator[StageChange]:
    lead = reader.read(row, unread)
    if lead is None:
        return
    if lead.created_at is not None:
        yield _change(lead, LeadStatus.ASSIGNED, lead.created_at)
    touched = [mark.at for mark in log.read(row) if mark.word == Act.ACCEPT and mark.at is not None]
    touched += [lead.contacted_at] if lead.contacted_at is not None else []
    if touched:
        yield _change(lead, LeadStatus.WORKING, min(touched))


def _change(lead: Lead, stage: LeadStatus, at: datetime) -> StageChange:
    return StageChange(
        change_id=f"{lead.lead_id}-{stage.value}",
        lead_id=lead.lead_id,
        stage=stage,
        at=at,
        owner=lead.owner if lead.owner.user_id else None,
        name=lead.name,
        company=lead.company,
        source=lead.source,
        campaign=lead.campaign.name if lead.campaign is not None else "",
    )


def _seen(change: StageChange, me: Rep) -> StageChange:
    """Return a change as this role may see it."""
    mine = change.owner is not None and change.owner.user_id == me.user_id
    return change if mine or me.role == "marketing" else outcome_without_names(change)


def _short(change: StageChange) -> str:
    return blake2b(change.change_id.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _read(cursor: str | None) -> frozenset[str]:
    if not cursor:
        return frozenset()
    try:
        return frozenset(str(one) for one in json.loads(cursor)["told"])
    except (ValueError, KeyError, TypeError):
        pass
    raise StaleCursor("That is no cursor of ours.")


def _written(found: list[StageChange]) -> str:
    return json.dumps({"told": [_short(one) for one in found]}, separators=(",", ":"))
