"""What a CRM gives, kept with the rules: a screen names what it does not, instead of an empty panel. Pure."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from triage.domain.act import Act
from triage.domain.lead import Lead
from triage.domain.score import Reasons

_MOST_FIRST = tuple(Reasons)


class Provided(Struct, frozen=True):
    """What the CRM of a profile can give. What is not known yet, before the first fetch, counts as given."""

    name: str = ""
    """What the CRM calls itself."""
    reasons: Reasons = Reasons.WEIGHTS
    timeline: bool = True
    """Marketing's touches."""
    replies: bool = True
    people: bool = True
    statistics: bool = True
    """Acceptance by source."""
    explains: bool = False
    """Whether the reasons of one lead's score are told when someone asks for them."""
    final: tuple[str, ...] = ()
    """Acts that the CRM cannot take back once they are sent."""

    @property
    def lacking(self) -> str:
        """What is said where the CRM cannot give something: "not provided by HubSpot"."""
        return f"not provided by {self.name or 'the CRM'}"

    def final_words(self, act: Act) -> str:
        """Say that an act cannot be taken back here, before it is done; empty where it can."""
        if act.value not in self.final:
            return ""
        return f"{self.name or 'The CRM'} cannot take back what is {act.done} once it is sent."

    def of(self, lead: Lead) -> Lead:
        """Return a lead whose score promises no more than the CRM gives: no sum where it has no weights.

        What someone has asked for is as the CRM told it then.
        """
        score = lead.score
        if score is None or (self.explains and score.contributions):
            return lead
        if _MOST_FIRST.index(score.reasons) >= _MOST_FIRST.index(self.reasons):
            return lead
        return replace(lead, score=replace(score, reasons=self.reasons))
