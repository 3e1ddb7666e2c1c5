"""What both teams agreed on, as the desk holds it: reason codes, definition, people, how sources fare."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from triage.desk.agreement import Agreement, standing
from triage.desk.desk import Desk
from triage.domain.definition import Definition
from triage.domain.people import Person
from triage.domain.provided import Provided
from triage.domain.reasons import ReasonBook
from triage.domain.review import BandStatistics, SourceStatistics


class Rulebook(Struct, frozen=True):
    """Read when the app starts and after each fetch."""

    reasons: ReasonBook = field(default_factory=lambda: ReasonBook("", ()))
    definition: Definition = field(default_factory=lambda: Definition(""))
    people: tuple[Person, ...] = ()
    statistics: Mapping[str, SourceStatistics] = field(default_factory=dict)
    bands: Mapping[str, BandStatistics] = field(default_factory=dict)
    """The team's acceptance by score band."""
    provided: Provided = field(default_factory=Provided)
    labels: Mapping[str, str] = field(default_factory=dict)
    """Code → words, for a code met outside its act."""

    agreement: Agreement = field(default_factory=Agreement)
    """What is new about the rules."""

    @classmethod
    def read(cls, desk: Desk) -> Rulebook:
        """Read it; on the store's thread."""
        reasons, definition = desk.reasons(), desk.definition()
        return cls(
            reasons=reasons,
            definition=definition,
            people=desk.people(),
            statistics={one.source: one for one in desk.statistics()},
            bands={one.band: one for one in desk.bands()},
            provided=desk.provided(),
            labels={one.code: one.label for one in reasons.reasons},
            agreement=standing(desk, definition, reasons),
        )

    def person(self, user_id: str) -> str:
        """Return the name of a user or queue; the id itself where it is not known."""
        return next((one.name for one in self.people if one.user_id == user_id and one.name), user_id)
