"""A generated year of a large team, as a CRM would tell it: seeded, one event at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from random import Random

from tests.insights.world import NOW
from triage.crm.port import OutcomePage
from triage.domain.lead import LeadStatus, Owner
from triage.domain.review import ReviewedDecision, ReviewedFeedback
from triage.domain.stages import StageChange

REPS = tuple(Owner(f"U-{number:03}", f"Rep {number}") for number in range(200))
YEAR = timedelta(days=365)
_SOURCES = {"webinar": 0.34, "event": 0.61, "referral": 0.78, "syndication": 0.12, "search": 0.48, "": 0.4}
_BANDS = {"A": 1.5, "B": 1.15, "C": 0.8, "D": 0.4, "": 1.0}
_OTHERS = ("reject", "reject", "recycle", "disqualify", "snooze", "reroute")


class Year:
    """A CRM that knows what its reps decided in a year and a bit."""

    def __init__(self, decisions: int, seed: int = 7) -> None:
        self.count = decisions
        self.seed = seed

    async def decisions(self, *, team: bool = False) -> AsyncIterator[ReviewedDecision]:
        for decision in self.decided():
            yield decision

    async def feedback(self, *, team: bool = False) -> AsyncIterator[ReviewedFeedback]:
        for decision in self.decided():
            if decision.act == "reject":
                yield ReviewedFeedback(
                    f"F-{decision.decision_id}",
                    decision.lead_id,
                    decision.rep,
                    "score_accuracy",
                    {"verdict": "too_high", "comment": "call me at +49 30 5550100"},
                    decision.decided_at,
                    lead=decision.lead,
                )

    async def outcomes(self, cursor: str | None) -> AsyncIterator[OutcomePage]:
        changes: list[StageChange] = []
        for decision in self.decided():
            assert decision.decided_at is not None
            stage = LeadStatus.ACCEPTED if decision.act == "accept" else LeadStatus.REJECTED
            changes.append(
                StageChange(f"S-{decision.decision_id}", decision.lead_id, stage, decision.decided_at)
            )
            if len(changes) == 500:
                yield OutcomePage(tuple(changes), changes[-1].change_id, more=True)
                changes.clear()
        yield OutcomePage(tuple(changes), "end", more=False)

    def decided(self) -> Iterator[ReviewedDecision]:
        """Yield the decisions, the oldest first; some before the year, some that count nowhere."""
        random = Random(self.seed)
        sources, bands = tuple(_SOURCES), tuple(_BANDS)
        span = (YEAR + timedelta(days=20)) / self.count
        for number in range(self.count):
            source, band = random.choice(sources), random.choice(bands)
            accepted = random.random() < _SOURCES[source] * _BANDS[band]
            yield ReviewedDecision(
                decision_id=f"D-{number:07}",
                lead_id=f"L-{number:07}",
                rep=random.choice(REPS),
                act="accept" if accepted else random.choice(_OTHERS),
                reason=None if accepted else "LOW_INTENT",
                params={},
                note="her mail is ada@northwind.example",
                decided_at=NOW - YEAR - timedelta(days=20) + number * span,
                state=random.choice(("applied", "applied", "applied", "reviewed", "superseded")),
                snapshot={
                    "score": random.randrange(100),
                    "band": band,
                    "model_version": "m3",
                    "status": random.choice(("assigned", "assigned", "snoozed", "working")),
                    "blind": random.random() < 0.05,
                },
                lead={
                    "name": "Ada Vale",
                    "email": "ada@northwind.example",
                    "phone": "+49 30 5550100",
                    "company": f"Company {number % 900}",
                    "source": source,
                    "campaign": random.choice(("2026Q1-a", None)),
                },
            )
