"""What the last act makes possible beside its undo: the same for the account, a dispute of the definition.

Each stands until the next act, and is said in the toast of the act. Pure.
"""

from __future__ import annotations

from msgspec import Struct

from screens.cells import crop, say
from screens.wishes import Wish
from triage.desk.results import Acted
from triage.domain.lead import LeadId


class SameAccount(Struct, frozen=True):
    """The act, for the account's other open leads."""

    wish: Wish
    lead_ids: tuple[LeadId, ...]
    company: str

    def words(self, key: str) -> str:
        """Return "&: same for 3 more of Northwind Robotics"."""
        return f"{key}: same for {len(self.lead_ids)} more of {crop(say(self.company), 30)}"


class Dispute(Struct, frozen=True):
    """Leads, and the decision if it is one, that disagreed with the definition."""

    lead_ids: tuple[LeadId, ...]
    decision_id: str | None
    cursor: LeadId | None
    """Where the rep was: it is offered until they move on."""

    @classmethod
    def of(cls, acted: Acted, cursor: LeadId | None) -> Dispute | None:
        """Return the offer that follows from an act, if one does."""
        against = [item for item in acted.items if item.decision and item.decision.disagrees_with]
        if not against:
            return None
        return cls(
            tuple(item.lead_id for item in against), against[0].id if len(against) == 1 else None, cursor
        )
