"""An org as one test meets it: the rep's adapter, marketing's, and short words for what is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.salesforce.org import Org
from tests.salesforce.world import Door
from tests.tempo import FastTempo
from triage.crm.contract import decision_on, fresh_leads, pages_of
from triage.crm.salesforce import SalesforceCrm
from triage.domain.act import Act
from triage.domain.item import Item
from triage.domain.lead import Lead
from triage.domain.outcome import Outcome

GRAPHS = "POST /services/data/v68.0/composite/graph"


class Room:
    """One org behind the door; the rep's adapter is `crm`."""

    def __init__(self, behind: Door, url: str, *, leads: int = 12, **options: Any) -> None:
        self.url = url
        self.tempo = FastTempo()
        self.org = behind.org = Org(self.tempo, leads=leads, **options)
        self._opened: list[SalesforceCrm] = []
        self.crm = self.open(self.org.access_token)
        self.marketing = self.open(self.org.token_of(self.org.marketing), role="marketing")

    def open(self, token: str, **options: Any) -> SalesforceCrm:
        crm = SalesforceCrm(self.url, token, tempo=self.tempo, **options)
        self._opened.append(crm)
        return crm

    async def leads(self) -> list[Lead]:
        return await fresh_leads(self.crm)

    async def accept(self, count: int) -> list[Item]:
        """Return so many decisions that nobody has sent yet."""
        leads = await self.leads()
        assert len(leads) >= count
        return [decision_on(lead) for lead in leads[:count]]

    async def decide(self, lead: Lead, act: Act = Act.ACCEPT, **more: object) -> Item:
        """Bring a decision to the org; returns it."""
        item = decision_on(lead, act, **more)
        outcome = (await self.crm.push([item]))[item.id]
        assert type(outcome).__name__ == "Applied", outcome
        return item

    async def now(self, lead: Lead) -> Lead:
        """Return a lead as a fetch tells it now."""
        found = [one for page in await pages_of(self.crm) for one in page.leads]
        return next(one for one in found if one.lead_id == lead.lead_id)

    @property
    def graph_requests(self) -> int:
        return self.org.count(GRAPHS)

    @property
    def effects(self) -> list[str]:
        return [key for key, _ in self.org.effects()]

    async def close(self) -> None:
        for crm in self._opened:
            await crm.aclose()
        assert self.org.broken_rules == []


def kinds(outcomes: dict[str, Outcome] | Any, items: Sequence[Item]) -> list[str]:
    """Return the names of the outcomes, in the order of the items."""
    return [type(outcomes[item.id]).__name__ for item in items]
