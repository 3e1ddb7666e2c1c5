"""An org's lead statuses and ours, in both directions. Pure.

A status that means conversion is read and never written. Where one status stands for several of ours, what
triage decided last on the lead tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from triage.crm.dialect import nearest
from triage.domain.act import Act
from triage.domain.lead import IN_WORK, UNDECIDED, LeadStatus

QUERY = "SELECT ApiName, MasterLabel, IsConverted, IsDefault, SortOrder FROM LeadStatus"
SHOWN = UNDECIDED | IN_WORK | {LeadStatus.INQUIRY, LeadStatus.MQL, LeadStatus.UNKNOWN}
"""What a fetch gives: all that waits for a word or is in work. A status nobody explained is not hidden."""
_WAITING = frozenset({LeadStatus.ASSIGNED, LeadStatus.INQUIRY, LeadStatus.MQL, LeadStatus.UNKNOWN})
"""What can be put off: a snooze changes no status, so any other status says that someone went on."""
_WORDS: tuple[tuple[LeadStatus, tuple[str, ...]], ...] = (
    (LeadStatus.ASSIGNED, ("not contacted", "marketing qualified", "not started")),
    (LeadStatus.RECYCLED, ("recycl", "nurtur")),
    (LeadStatus.REJECTED, ("reject",)),
    (LeadStatus.DISQUALIFIED, ("not converted", "unqualif", "disqualif", "not qualif", "closed", "junk")),
    (LeadStatus.ACCEPTED, ("accept",)),
    (LeadStatus.QUALIFYING, ("qualifying",)),
    (LeadStatus.WORKING, ("working", "contact", "attempt", "in progress", "engag")),
    (LeadStatus.QUALIFIED, ("qualified",)),
    (LeadStatus.ASSIGNED, ("open", "new", "assigned", "mql")),
)
"""What a status is by its name, the first that fits: `not contacted` goes before `contacted`."""
_INSTEAD: dict[LeadStatus, tuple[LeadStatus, ...]] = {
    LeadStatus.ACCEPTED: (LeadStatus.ACCEPTED, LeadStatus.WORKING),
    LeadStatus.WORKING: (LeadStatus.WORKING, LeadStatus.ACCEPTED),
    LeadStatus.REJECTED: (LeadStatus.REJECTED, LeadStatus.RECYCLED, LeadStatus.DISQUALIFIED),
    LeadStatus.RECYCLED: (LeadStatus.RECYCLED, LeadStatus.REJECTED, LeadStatus.DISQUALIFIED),
    LeadStatus.DISQUALIFIED: (LeadStatus.DISQUALIFIED,),
}
"""By which of the org's statuses each of ours is said, the nearest first."""
_BY_DECISION = {
    Act.ACCEPT.done: LeadStatus.ACCEPTED,
    Act.REJECT.done: LeadStatus.REJECTED,
    Act.RECYCLE.done: LeadStatus.RECYCLED,
    Act.DISQUALIFY.done: LeadStatus.DISQUALIFIED,
    Act.SNOOZE.done: LeadStatus.SNOOZED,
}


class Status(Struct, frozen=True):
    """One of the org's lead statuses."""

    api_name: str
    """What `Lead.Status` holds."""
    label: str = ""
    converted: bool = False
    default: bool = False
    order: float = 0.0


class Statuses(Struct, frozen=True):
    """All statuses of an org, in their order, with what the profile says about them."""

    known: tuple[Status, ...] = ()
    agreed: Mapping[LeadStatus, str] = field(default_factory=dict)
    """Ours to theirs, as far as the profile says it and the org has it."""

    def theirs(self, ours: LeadStatus) -> str | None:
        """Return what to write for a status of ours; None: the lead's status stays as it is.

        Never one that means conversion.
        """
        if ours in self.agreed:
            return self.agreed[ours]
        if ours is LeadStatus.ASSIGNED:
            return self._default()
        for kind in _INSTEAD.get(ours, ()):
            for status in self._open:
                if _by_name(status) is kind:
                    return status.api_name
        return None

    def ours(self, theirs: str, decided: LeadStatus | None = None) -> LeadStatus:
        """Return what a status of an unconverted lead means; `decided`: what triage decided last on it."""
        plain = self._plain(theirs)
        if decided is None:
            return plain
        target = self.theirs(decided)
        if target is not None:
            return decided if target == theirs else plain
        return decided if plain in _WAITING else plain

    def of(self, row: Mapping[str, Any], decided: LeadStatus | None = None) -> LeadStatus:
        """Return where a lead stands, by its row: Status, IsConverted, ConvertedOpportunityId."""
        if row.get("IsConverted") is True:
            won = isinstance(row.get("ConvertedOpportunityId"), str)
            return LeadStatus.OPPORTUNITY if won else LeadStatus.QUALIFIED
        theirs = row.get("Status")
        return self.ours(theirs, decided) if isinstance(theirs, str) else LeadStatus.UNKNOWN

    @property
    def out_of_view(self) -> tuple[str, ...]:
        """The org's statuses whose leads are not fetched: closed, or given back."""
        return tuple(status.api_name for status in self.known if self._plain(status.api_name) not in SHOWN)

    def find(self, word: str) -> Status | None:
        """Return the status of this name or label, or None."""
        return next((one for one in self.known if word in (one.api_name, one.label)), None)

    def nearest(self, word: str) -> str:
        """Return the writable status that was most likely meant, or an empty text."""
        return nearest(word, [status.api_name for status in self._open])

    @property
    def _open(self) -> tuple[Status, ...]:
        return tuple(status for status in self.known if not status.converted)

    def _default(self) -> str | None:
        waiting = [status for status in self._open if status.default]
        waiting += [status for status in self._open if _by_name(status) is LeadStatus.ASSIGNED]
        return waiting[0].api_name if waiting else None

    def _plain(self, theirs: str) -> LeadStatus:
        """Return what a status means by the profile's word, else by its name."""
        status = self.find(theirs)
        by_name = _by_name(status) if status else LeadStatus.UNKNOWN
        said = [
            ours for ours, word in self.agreed.items() if word == theirs and ours is not LeadStatus.SNOOZED
        ]
        return said[0] if said and by_name not in said else by_name


def decided_status(outcomes: Iterable[tuple[str, str, str]]) -> LeadStatus | None:
    """Return what the decisions on a lead come to; None: nothing that a status says.

    Each is its key, its outcome and the key that it takes back, the oldest first. What was taken back counts
    no more; a lead that was given to someone else begins afresh.
    """
    standing: dict[str, LeadStatus | None] = {}
    for key, outcome, about in outcomes:
        if outcome == Act.RESTORE.done:
            standing.pop(about if about in standing else next(reversed(standing), ""), None)
        else:
            standing[key] = _BY_DECISION.get(outcome)
    return next(reversed(standing.values()), None)


def read_statuses(rows: Iterable[Mapping[str, Any]], words: Mapping[str, str]) -> Statuses:
    """Return the org's statuses; `words` are the profile's, ours to theirs; what it lacks is left out."""
    known = tuple(sorted((_status(row) for row in rows if row.get("ApiName")), key=lambda one: one.order))
    plain = Statuses(known)
    agreed: dict[LeadStatus, str] = {}
    for ours, theirs in words.items():
        status = plain.find(theirs)
        if ours in list(LeadStatus) and status is not None and not status.converted:
            agreed[LeadStatus(ours)] = status.api_name
    return Statuses(known, agreed)


def _status(row: Mapping[str, Any]) -> Status:
    order = row.get("SortOrder")
    return Status(
        api_name=str(row["ApiName"]),
        label=str(row.get("MasterLabel") or ""),
        converted=row.get("IsConverted") is True,
        default=row.get("IsDefault") is True,
        order=float(order) if isinstance(order, int | float) else 0.0,
    )


def _by_name(status: Status) -> LeadStatus:
    if status.converted:
        return LeadStatus.QUALIFIED
    for name in (status.label.casefold(), status.api_name.casefold()):
        for kind, words in _WORDS:
            if any(word in name for word in words):
                return kind
    return LeadStatus.ASSIGNED if status.default else LeadStatus.UNKNOWN
