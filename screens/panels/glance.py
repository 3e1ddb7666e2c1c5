"""What every panel looks through: the lead with its rules, the moment, the width and the styles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from screens.ink import Ink
from triage.domain.definition import Definition
from triage.domain.inbox import Entry
from triage.domain.lead import Lead
from triage.domain.outline import PartOfLead
from triage.domain.provided import Provided
from triage.domain.review import BandStatistics, SourceStatistics


@dataclass(frozen=True)  # no slots: the lead is read once, when it is first asked for
class Glance:
    """One look at one lead."""

    entry: Entry
    definition: Definition
    now: datetime
    width: int
    """Cells that a line may take."""
    ink: Ink
    statistics: Mapping[str, SourceStatistics] = field(default_factory=dict)
    """By source."""
    bands: Mapping[str, BandStatistics] = field(default_factory=dict)
    """The team's, by score band."""
    reason_label: Mapping[str, str] = field(default_factory=dict)
    """Code → words."""
    raw_names: bool = False
    """Show the campaign under its raw name."""
    here: Mapping[str, bool] = field(default_factory=dict)
    """The leads of the account that are on the rep's list, the duplicate too, and whether each is open."""
    provided: Provided = field(default_factory=Provided)
    """What the CRM gives: a panel names what it does not."""
    explain_key: str = ""
    """The key that asks the CRM for the reasons of the score."""

    @cached_property
    def lead(self) -> Lead:
        """The whole lead, read from the disk once."""
        return self.provided.of(self.entry.lead)

    @property
    def is_part(self) -> bool:
        """Whether the rest of the lead could not be read: then what is not there says nothing."""
        return isinstance(self.lead, PartOfLead)

    def looks_like(self, other: Glance) -> bool:
        """Whether both show the same, within a minute. By identity: comparing whole leads costs more."""
        same = (self.entry, self.definition, self.ink, self.statistics, self.bands, self.reason_label)
        theirs = (
            *(other.entry, other.definition, other.ink),
            *(other.statistics, other.bands, other.reason_label),
        )
        return (
            all(one is two for one, two in zip(same, theirs, strict=True))
            and self.provided == other.provided
            and self.here == other.here
            and (self.width, self.raw_names) == (other.width, other.raw_names)
            and self.now.replace(second=0, microsecond=0) == other.now.replace(second=0, microsecond=0)
        )

    def narrowed(self, width: int) -> Glance:
        """Return the same look with less room."""
        narrowed = replace(self, width=width)
        vars(narrowed)["lead"] = self.lead
        return narrowed
