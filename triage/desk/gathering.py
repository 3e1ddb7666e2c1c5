"""From a CRM the raw events that numbers are counted from. Asks and reads; records nothing here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from triage.crm.port import decisions_of, feedback_of, knows_team, outcomes_of
from triage.desk.online import reached
from triage.insights.evidence import Evidence
from triage.insights.period import Period

if TYPE_CHECKING:
    from triage.crm.port import Crm
    from triage.desk.session import Session
    from triage.domain.definition import Definition
    from triage.domain.reasons import ReasonBook
    from triage.domain.stages import StageChange

USUAL = timedelta(weeks=12)
"""The stretch that is looked at unless another is asked for."""
MARKETING = "marketing"


class Gathered(Struct, frozen=True):
    """What was gathered, when, and of whom."""

    evidence: Evidence
    at: datetime
    is_team: bool
    """Whether it is of all reps; else of the one whose token it is."""


async def gather(
    crm: Crm,
    period: Period,
    now: datetime,
    *,
    definition: Definition,
    reasons: ReasonBook,
    role: str = "rep",
) -> Gathered:
    """Read all that the CRM keeps. Definition and reason codes are the CRM's, else those given.

    `role`: whose token it is; marketing sees all reps anyhow. Raises CrmError.
    """
    decisions = [one async for one in decisions_of(crm, team=True)]
    feedback = [one async for one in feedback_of(crm, team=True)]
    evidence = Evidence.of(
        decisions,
        feedback,
        await _stages(crm),
        definition=await crm.definition() or definition,
        reasons=await crm.reasons() or reasons,
        period=period,
        now=now,
    )
    return Gathered(evidence, now, is_team=role == MARKETING or knows_team(crm))


async def gather_for(session: Session, period: Period | None = None) -> Gathered:
    """Gather for a session, on a connection of its own; without a period, of the usual stretch.

    Raises TriageError: whatever keeps from reaching the CRM.
    """
    desk = session.desk
    definition = await session.call(desk.definition)
    reasons = await session.call(desk.reasons)
    async with reached(session) as crm:
        now = desk.clock()
        wanted = period or Period.last(USUAL, now)
        return await gather(crm, wanted, now, definition=definition, reasons=reasons, role=session.rep.role)


async def _stages(crm: Crm) -> list[StageChange]:
    """Return what became of leads, each change once; none from an adapter without that word."""
    found: dict[str, StageChange] = {}
    async for page in outcomes_of(crm, None):
        found.update((change.change_id, change) for change in page.changes)
    return list(found.values())
