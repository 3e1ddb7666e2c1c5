"""Another definition, proposed: in force once a named owner of each side has said yes. Pure; raw texts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from triage.domain.definition import Definition
from triage.domain.lead import Owner

SIDES = ("sales", "marketing")


class ProposalState(StrEnum):
    """Where a proposal stands; only what is agreed evaluates anything."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"


class Word(Struct, frozen=True):
    """An owner's yes or no; a no says why."""

    side: str
    by: Owner
    agrees: bool
    why: str = ""
    at: datetime | None = None


class Proposal(Struct, frozen=True):
    """Another definition, by whom and why, and who has said what to it."""

    proposal_id: str
    based_on: str
    """The version that it changes."""
    definition: Definition
    why: str = ""
    by: Owner = Owner("")
    at: datetime | None = None
    state: ProposalState = ProposalState.PROPOSED
    words: tuple[Word, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it waits for someone's word."""
        return self.state is ProposalState.PROPOSED

    @property
    def lacks(self) -> tuple[str, ...]:
        """The sides whose yes it waits for."""
        said = {word.side for word in self.words if word.agrees}
        return tuple(side for side in SIDES if side not in said) if self.is_open else ()


class Proposals(Struct, frozen=True):
    """What was proposed, the newest first, and how often the definition in force was disputed."""

    proposals: tuple[Proposal, ...] = ()
    disputes: int | None = None
    """Since it was agreed; None: the CRM does not count."""

    @property
    def waiting(self) -> tuple[Proposal, ...]:
        """Those that wait for a word."""
        return tuple(one for one in self.proposals if one.is_open)

    def find(self, text: str) -> Proposal | None:
        """Return the proposal of this id, or the newest of this version."""
        wanted = text.strip().removeprefix("v")
        by_id = (one for one in self.proposals if one.proposal_id == text.strip())
        by_version = (one for one in self.proposals if one.definition.version == wanted)
        return next(by_id, None) or next(by_version, None)
