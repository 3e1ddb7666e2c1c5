"""BottleCRM's five statuses to ours and back. Pure.

Five are too few for what triage decides: `triage_decision` tells rejected from disqualified, and accepted
from worked on by somebody else. It counts only while the status is the one that this decision leads to. An
account may say it otherwise (`statuses`): accepted = "converted" makes an account and an opportunity of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from triage.crm.bottlecrm import names
from triage.crm.bottlecrm.reading import log
from triage.crm.dialect import Dialect
from triage.crm.fields import Fields
from triage.domain.act import Act
from triage.domain.lead import LeadStatus

_OF_ACT = {
    Act.ACCEPT: names.IN_PROCESS,
    Act.REJECT: names.CLOSED,
    Act.RECYCLE: names.RECYCLED,
    Act.DISQUALIFY: names.CLOSED,
}
_ALONE = {
    names.ASSIGNED: LeadStatus.ASSIGNED,
    names.IN_PROCESS: LeadStatus.WORKING,
    names.CONVERTED: LeadStatus.QUALIFIED,
    names.RECYCLED: LeadStatus.RECYCLED,
    names.CLOSED: LeadStatus.DISQUALIFIED,
    "": LeadStatus.ASSIGNED,
}
"""What a status means where triage said nothing. A lead without any, given to a rep, is waiting."""
_BY_US = frozenset(act.done for act in _OF_ACT) | {"snoozed"}


class Statuses(Struct, frozen=True):
    """The statuses of one account, in its profile's words."""

    dialect: Dialect = Dialect()

    @property
    def final(self) -> tuple[str, ...]:
        """The acts that cannot be taken back: what converts a lead, or takes it out of the rep's sight."""
        converting = [act for act in _OF_ACT if self.target(act) == names.CONVERTED]
        return tuple(act.value for act in (*converting, Act.REROUTE))

    def target(self, act: Act) -> str | None:
        """Return the status that an act leads to; None: it stays as it is."""
        said = next((one for one in self._named(act.done) if one in names.STATUSES), None)
        return said or _OF_ACT.get(act)

    def status(self, lead: Mapping[str, Any], now: datetime) -> LeadStatus:
        """Return where a lead (a row of a list, or `lead_obj`) stands, in our words."""
        theirs = str(lead.get("status") or "")
        said = str(log.custom_of(lead).get(names.DECISION) or "")
        act = next((act for act in _OF_ACT if act.done == said), None)
        if act is not None and self.target(act) == theirs:
            return LeadStatus(said)
        alone = self._alone(theirs)
        if alone is LeadStatus.ASSIGNED and said == Act.SNOOZE.done:
            wakes = wakes_at(lead)
            return LeadStatus.SNOOZED if wakes is not None and wakes > now else alone
        return alone

    def _alone(self, theirs: str) -> LeadStatus:
        """Return what a status means by itself; the profile's word goes first."""
        ours = (one for one in LeadStatus if one.value not in _BY_US and theirs in self._named(one.value))
        return next(ours, None) or _ALONE.get(theirs, LeadStatus.UNKNOWN)

    def _named(self, ours: str) -> tuple[str, ...]:
        """Return what the profile calls a status of ours: one of theirs, or several with commas between."""
        said = self.dialect.statuses.get(ours, "")
        return tuple(one.strip().casefold() for one in said.split(",") if one.strip())


def wakes_at(lead: Mapping[str, Any]) -> datetime | None:
    """Return when a snoozed or recycled lead comes back: as the rep said, or as its date was moved."""
    day = Fields(log.custom_of(lead), Counter()).text(names.WAKE_AT)
    spoken = _as_the_rep_said(lead)
    is_moved = _moment(day) is not None and day != day_of(spoken)
    return _moment(day if is_moved else spoken)


def day_of(text: str) -> str:
    """Return the day of a day or a moment, in its own time zone; empty for all else."""
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        return ""


def _as_the_rep_said(lead: Mapping[str, Any]) -> str:
    sleeps = [mark for mark in log.read(lead) if mark.word in (Act.SNOOZE, Act.RECYCLE)]
    params = Fields(sleeps[-1].item.plain("params") if sleeps else {}, Counter())
    return next((text for text in map(params.text, ("wake", "until")) if _moment(text) is not None), "")


def _moment(text: str) -> datetime | None:
    """Return a moment, or the beginning of a day in UTC; None for all else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Fields({"at": aware.isoformat()}, Counter()).time("at")
