"""From the contract's JSON to what became of leads. A stage that we do not know is left out and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from typing import Any

from triage.crm.fields import Fields
from triage.crm.http import Http
from triage.crm.port import OutcomePage
from triage.crm.rest.paging import pages_of
from triage.domain.lead import LeadStatus, Owner
from triage.domain.stages import StageChange


class Outcomes:
    """Reads what became of leads over one HTTP room."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def pages(self, cursor: str | None) -> AsyncIterator[OutcomePage]:
        """Yield pages of what became of leads; none where the CRM does not keep it (404)."""
        async with aclosing(pages_of(self._http, "/v1/outcomes", cursor, optional=True)) as pages:
            async for page in pages:
                changes, unread = read_stages(page.items)
                yield OutcomePage(changes, page.cursor, page.more, unread)


def read_stages(values: Iterable[Any]) -> tuple[tuple[StageChange, ...], Mapping[str, int]]:
    """Return the changes that have ids, a time and a stage we know, and how often what could not be read."""
    unread: Counter[str] = Counter()
    read = [_change(value, unread) for value in values]
    return tuple(change for change in read if change is not None), dict(unread)


def _change(value: Any, unread: Counter[str]) -> StageChange | None:
    if not isinstance(value, dict):
        unread["outcome"] += 1
        return None
    fields = Fields(value, unread)
    change_id, lead_id, at = fields.id("outcome_id"), fields.id("lead_id"), fields.time("at")
    stage = fields.text("stage")
    known = stage in list(LeadStatus) and stage != LeadStatus.UNKNOWN
    if not known:
        fields.count("stage")
    if change_id is None or lead_id is None or at is None or not known:
        unread["outcome"] += 1
        return None
    return StageChange(
        change_id=change_id,
        lead_id=lead_id,
        stage=LeadStatus(stage),
        at=at,
        opportunity=fields.optional_text("opportunity"),
        amount=fields.number("amount"),
        currency=fields.optional_text("currency"),
        owner=_owner(fields.child("owner")),
        name=fields.text("name"),
        company=fields.text("company"),
        source=fields.text("source"),
        campaign=fields.text("campaign"),
        account_id=fields.text("account_id"),
        touches=fields.texts("touches"),
    )


def _owner(fields: Fields | None) -> Owner | None:
    """Return whose it was; None where the CRM does not say, as of a colleague's lead."""
    user_id = fields.text("user_id") if fields else ""
    return Owner(user_id, fields.text("name")) if fields and user_id else None
