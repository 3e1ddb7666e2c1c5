"""A word on a proposed definition: said at the CRM, so it needs the network; nothing is queued."""

from __future__ import annotations

from screens.asking.questions import Confirm, Type
from screens.cells import say
from screens.day import Day
from screens.words import why_not
from triage.desk import agreement
from triage.domain.proposals import Proposal
from triage.errors import TriageError

WORDS = {"1": True, "2": False}
"""Digit → whether it agrees."""


async def asked_for_word(day: Day, proposal: Proposal, *, agrees: bool) -> str | None:
    """Ask once more, or for the why; returns the why (of a yes: nothing), None where the rep left."""
    version = say(proposal.definition.version)
    if agrees:
        sure = Confirm(f"Agree on MQL definition v{version}?", ["Both sides' yes puts it in force."])
        return "" if await day.ask(sure) else None
    why: str | None = await day.ask(Type(f"Decline v{version}, because", problem=_needs_words))
    return why


async def give_word(day: Day, proposal: Proposal, *, agrees: bool, why: str) -> None:
    """Say it at the CRM, and tell what became of it. Beside the keys, for as long as the network takes."""
    try:
        told = await agreement.vote(day.session, proposal.proposal_id, agrees=agrees, why=why)
    except TriageError as error:
        day.say(f"NOT SAID: {say(why_not(error), 300)}", bad=True)
        return
    waits = f", waits for {' and '.join(told.lacks)}" if told.lacks else ""
    day.say(f"v{say(proposal.definition.version)} is {told.state.value}{waits}.")


def _needs_words(typed: str) -> str:
    return "" if typed.strip() else "A no says why: it is what the other side reads."
