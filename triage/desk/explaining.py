"""Why one lead is scored as it is, asked of the CRM at once, where it tells that only when it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.errors import NotAllowed

if TYPE_CHECKING:
    from triage.desk.desk import Desk
    from triage.desk.session import Session
    from triage.domain.lead import Lead, LeadId
    from triage.domain.score import Score


async def explain(session: Session, lead_id: LeadId) -> Lead:
    """Ask for the reasons, keep them with the lead, and return it as it is now.

    NotAllowed where there is nothing to ask for, or the score is hidden until the rep decides; CrmError where
    the CRM could not be asked. Nothing is sent later: this needs the network.
    """
    from triage.crm.port import explained_by  # noqa: PLC0415 - nothing of a CRM before somebody asks it
    from triage.desk.online import reached  # noqa: PLC0415 - the same

    entry, provided = (
        await session.call(session.desk.entry, lead_id),
        await session.call(session.desk.provided),
    )
    if entry.is_blind:
        raise NotAllowed("The score is hidden until you decide.")
    if not provided.explains:
        raise NotAllowed(
            f"{provided.name or session.crm_name} tells no more about a score than what is shown."
        )
    async with reached(session) as crm:
        score = await explained_by(crm, lead_id)
    if score is None:
        raise NotAllowed(f"{provided.name} has no reasons for this score.")
    return await session.call(_kept, session.desk, lead_id, score)


def _kept(desk: Desk, lead_id: LeadId, score: Score) -> Lead:
    """Put a score in the place of the one that is here. NotAllowed for a lead that went meanwhile."""
    desk.leads.amend({lead_id: {"score": score}})
    kept = desk.leads.find(lead_id)
    if kept is None or kept.gone:
        raise NotAllowed("The lead is not on your list any more: its reasons are not kept.")
    return kept.lead
