"""What the last act makes possible beside its undo: the same for the account, a dispute of the definition.

Each stands until the next act, and is said in the toast of the act. Pure.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct

from screens.cells import crop, say
from screens.deciding.wishes import Wish
from screens.words import points
from triage.desk.results import Acted
from triage.domain.lead import LeadId

Tell = Callable[[tuple[LeadId, ...]], Awaitable[object]]
"""Tells marketing the same of other leads, once the rep has seen which."""


class SameAccount(Struct, frozen=True):
    """The act or the feedback, for the account's other open leads."""

    wish: Wish | Tell
    lead_ids: tuple[LeadId, ...]
    company: str

    def words(self, key: str) -> str:
        """Return "&: same for 3 more of Northwind Robotics"."""
        return f"{key}: same for {len(self.lead_ids)} more of {crop(say(self.company), 30)}"


class Revealed(Struct, frozen=True):
    """Leads of the blind sample that were just decided: their score shows now; of one it can be judged."""

    lead_ids: tuple[LeadId, ...]
    decision_id: str
    score: str
    """Of the first: "72 A A1"."""
    cursor: LeadId | None
    """Where the rep was: it is offered until they move on."""
    since: float
    """When it was offered, in the seconds of `time.monotonic`: a key typed before was not about it."""

    @classmethod
    def of(cls, acted: Acted, cursor: LeadId | None, since: float) -> Revealed | None:
        """Return the offer that follows from an act, if one does."""
        decisions = [item.decision for item in acted.items if item.decision is not None]
        found = [one for one in decisions if one.snapshot.blind and one.act.decides]
        if not found:
            return None
        seen = found[0].snapshot
        score = "" if seen.score is None else f"{points(seen.score)} {seen.band} {seen.grade}".strip()
        return cls(tuple(one.lead_id for one in found), found[0].decision_id, say(score), cursor, since)

    def words(self, keys: str) -> str:
        """Return "score was 72 A A1: - = + judge it"; of several only how many there are."""
        if len(self.lead_ids) > 1:
            return f"{len(self.lead_ids)} hidden scores show now"
        if not self.score:
            return "the CRM gives it no score"
        return f"score was {self.score}: {keys} judge it"


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
