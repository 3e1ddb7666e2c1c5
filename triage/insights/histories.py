"""When each lead came to each stage, and where it came from: one answer for every insight. Pure.

`accepted` is a decision that stands, whatever else a CRM calls accepted; the other stages are the CRM's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from triage.domain.lead import LeadStatus
from triage.insights.evidence import Evidence

Moments = dict[str, list[datetime]]
"""Lead → moments, the oldest first."""


class Histories(Struct, frozen=True):
    """The moments of all leads, of all time."""

    moments: dict[LeadStatus, Moments]
    sources: dict[str, str]
    campaigns: dict[str, str]

    @classmethod
    def of(cls, evidence: Evidence) -> Histories:
        """Read the events."""
        moments: dict[LeadStatus, Moments] = {}
        sources: dict[str, str] = {}
        campaigns: dict[str, str] = {}
        for change in sorted(evidence.stages, key=lambda one: one.at):
            if change.stage is not LeadStatus.ACCEPTED:
                moments.setdefault(change.stage, {}).setdefault(change.lead_id, []).append(change.at)
            _keep(sources, change.lead_id, change.source)
            _keep(campaigns, change.lead_id, change.campaign)
        for case in evidence.all_cases:
            if case.is_accepted:
                moments.setdefault(LeadStatus.ACCEPTED, {}).setdefault(case.lead_id, []).append(case.at)
            _keep(sources, case.lead_id, case.source)
            _keep(campaigns, case.lead_id, case.campaign)
        return cls(moments, sources, campaigns)

    def first(self, stage: LeadStatus) -> Iterator[tuple[str, datetime]]:
        """Yield each lead that came to a stage, and when it first did."""
        for lead_id, moments in self.moments.get(stage, {}).items():
            yield lead_id, moments[0]

    def since(self, stage: LeadStatus, lead_id: str, moment: datetime) -> datetime | None:
        """Return when a lead first came to a stage at or after a moment; None: it did not."""
        moments = self.moments.get(stage, {}).get(lead_id, [])
        place = bisect_left(moments, moment)
        return moments[place] if place < len(moments) else None

    def source(self, lead_id: str) -> str:
        """Return a lead's source: as its last decision tells it, else its last change of stage."""
        return self.sources.get(lead_id, "")

    def campaign(self, lead_id: str) -> str:
        """Return a lead's campaign: as its last decision tells it, else its last change of stage."""
        return self.campaigns.get(lead_id, "")


def _keep(found: dict[str, str], lead_id: str, text: str) -> None:
    """Keep the last text that says anything."""
    if text:
        found[lead_id] = text
