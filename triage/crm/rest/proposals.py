"""From the contract's JSON to proposed definitions, and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from msgspec.structs import asdict

from triage.crm.fields import Fields
from triage.crm.rest.agreement import read_definition
from triage.crm.rest.bodies import plain
from triage.crm.rest.leads import read_owner
from triage.domain.definition import Calendar
from triage.domain.proposals import SIDES, Proposal, Proposals, ProposalState, Word

_PROPOSED = ("threshold", "hand_raise", "criteria", "sql_criteria", "targets", "sla")


def read_proposals(body: dict[str, Any]) -> Proposals:
    """Return the proposals that can be read; one without an id or a state we know is left out."""
    fields = Fields(body, Counter())
    read = (_proposal(entry) for entry in fields.children("items"))
    return Proposals(tuple(one for one in read if one is not None), fields.whole("disputes"))


def read_proposal(body: dict[str, Any]) -> Proposal | None:
    """Return one proposal; None where it cannot be read."""
    return _proposal(Fields(body, Counter()))


def proposal_body(proposal: Proposal) -> dict[str, Any]:
    """Return what is sent: what can be agreed on, without names and dates."""
    definition = proposal.definition
    said = {name: plain(getattr(definition, name)) for name in _PROPOSED}
    if definition.threshold is None:
        del said["threshold"]
    if definition.calendar is not None:
        said["calendar"] = _calendar(definition.calendar)
    return {
        "proposal_id": proposal.proposal_id,
        "based_on": proposal.based_on,
        "definition": said,
        "why": proposal.why,
    }


def _calendar(calendar: Calendar) -> dict[str, Any]:
    days = [day.isoformat() if isinstance(day, date) else day for day in calendar.holidays]
    return {**plain(asdict(calendar)), "holidays": days}


def _proposal(fields: Fields) -> Proposal | None:
    proposal_id, state = fields.id("proposal_id"), fields.text("state")
    definition = fields.raw("definition")
    if proposal_id is None or state not in list(ProposalState) or not isinstance(definition, dict):
        return None
    return Proposal(
        proposal_id=proposal_id,
        based_on=fields.text("based_on"),
        definition=read_definition(definition),
        why=fields.text("why"),
        by=read_owner(fields.child("by")),
        at=fields.time("at"),
        state=ProposalState(state),
        words=tuple(_words(fields)),
    )


def _words(fields: Fields) -> Iterator[Word]:
    for entry in fields.children("words"):
        if entry.text("side") in SIDES and isinstance(entry.raw("agrees"), bool):
            yield Word(
                side=entry.text("side"),
                by=read_owner(entry.child("by")),
                agrees=entry.raw("agrees") is True,
                why=entry.text("why"),
                at=entry.time("at"),
            )
