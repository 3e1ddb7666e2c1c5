"""Where a row of crm.lead stands in our words, by its type, its stage, and tags of ours. Pure.

Odoo has no status of its own for what a rep decided: five tags say it, and everyone in Odoo can filter by
them. A tag counts for what it may mean: rejected and disqualified while the record is lost, recycled while
nobody owns it, snoozed and accepted while it stands where it stood. What a person does afterwards wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from triage.crm.odoo.rows import id_of
from triage.domain.lead import IN_WORK, UNDECIDED, LeadStatus

TAGS: Mapping[LeadStatus, str] = MappingProxyType(
    {
        LeadStatus.ACCEPTED: "triage: accepted",
        LeadStatus.RECYCLED: "triage: recycled",
        LeadStatus.SNOOZED: "triage: snoozed",
        LeadStatus.REJECTED: "triage: rejected",
        LeadStatus.DISQUALIFIED: "triage: disqualified",
    }
)
"""The names of our tags."""
SHOWN = UNDECIDED | IN_WORK | {LeadStatus.UNKNOWN}
"""What is on a rep's list."""
LEAD, OPPORTUNITY, BOTH = "lead", "opportunity", "both"
"""What a lead of ours is in this database: `leads` of the profile, and the values of `type`."""
STANDING = (
    *("user_id", "team_id", "type", "active", "stage_id", "tag_ids", "lost_reason_id", "won_status"),
    *("probability", "write_date"),
)
"""The fields that say where a lead stands; those there are, by fields_get."""
_CLOSED = (LeadStatus.DISQUALIFIED, LeadStatus.RECYCLED, LeadStatus.REJECTED)


class Stage(Struct, frozen=True):
    """One stage of the pipeline."""

    stage_id: int
    name: str = ""
    is_won: bool = False
    team_id: int = 0
    """0: of all teams."""


class Statuses(Struct, frozen=True):
    """The stages in their order, our tags, and what the profile says about stages."""

    stages: tuple[Stage, ...] = ()
    tags: Mapping[LeadStatus, int] = MappingProxyType({})
    """The ids of our tags, of those that there are."""
    kind: str = LEAD
    agreed: Mapping[str, str] = MappingProxyType({})
    """A status of ours to the name of a stage, as the profile says it."""

    def of(self, row: Mapping[str, Any]) -> LeadStatus:
        """Return where a row stands; it has the fields `STANDING`."""
        tagged = self.tagged(row)
        if row.get("active") is False:
            return self._lost(row, tagged)
        stage = self.stage(id_of(row.get("stage_id")))
        if row.get("won_status") == "won" or (stage is not None and stage.is_won):
            return LeadStatus.WON
        if LeadStatus.RECYCLED in tagged and not id_of(row.get("user_id")):
            return LeadStatus.RECYCLED
        return _waiting(tagged) if row.get("type") == LEAD else self._opportunity(row, stage, tagged)

    def _opportunity(
        self, row: Mapping[str, Any], stage: Stage | None, tagged: frozenset[LeadStatus]
    ) -> LeadStatus:
        moved = self._moved(stage, id_of(row.get("team_id")))
        if moved is not None and moved is not LeadStatus.ASSIGNED:
            return moved
        if self.kind == LEAD and LeadStatus.ACCEPTED not in tagged:
            return LeadStatus.OPPORTUNITY
        return _waiting(tagged)

    def tagged(self, row: Mapping[str, Any]) -> frozenset[LeadStatus]:
        """Return what our tags on a row say."""
        ids = row.get("tag_ids")
        there = ids if isinstance(ids, list) else []
        return frozenset(status for status, tag_id in self.tags.items() if tag_id in there)

    def stage(self, stage_id: int) -> Stage | None:
        """Return the stage of an id, or None."""
        return next((stage for stage in self.stages if stage.stage_id == stage_id), None)

    def stage_for(self, status: LeadStatus) -> Stage | None:
        """Return the stage that the profile agreed on for a status, or None: the stage stays as it is."""
        wanted = self.agreed.get(status.value, "").strip().casefold()
        return next((one for one in self.stages if wanted and one.name.strip().casefold() == wanted), None)

    @property
    def out_of_view(self) -> tuple[int, ...]:
        """The stages whose records are on nobody's list."""
        moved = ((stage.stage_id, self._moved(stage, stage.team_id)) for stage in self.stages)
        return tuple(
            stage_id
            for stage_id, status in moved
            if status is LeadStatus.WON or (status is not None and status not in SHOWN)
        )

    def _lost(self, row: Mapping[str, Any], tagged: Iterable[LeadStatus]) -> LeadStatus:
        for status in _CLOSED:
            if status in tagged:
                return status
        was_taken = LeadStatus.ACCEPTED in tagged or (self.kind == LEAD and row.get("type") == OPPORTUNITY)
        return LeadStatus.LOST if was_taken else LeadStatus.DISQUALIFIED

    def _moved(self, stage: Stage | None, team_id: int) -> LeadStatus | None:
        """Return what a stage says: by the profile, else by its position; None of an unknown stage."""
        if stage is None:
            return None
        if stage.is_won:
            return LeadStatus.WON
        name = stage.name.strip().casefold()
        said = (ours for ours, theirs in self.agreed.items() if theirs.strip().casefold() == name)
        for ours in said:
            if ours in list(LeadStatus):
                return LeadStatus(ours)
        return _by_position(stage, [one for one in self.stages if one.team_id in (0, team_id)])


def _by_position(stage: Stage, stages: Sequence[Stage]) -> LeadStatus:
    open_ones = [one for one in stages if not one.is_won]
    at = open_ones.index(stage) if stage in open_ones else 0
    if at <= 1:
        return LeadStatus.WORKING if at else LeadStatus.ASSIGNED
    return LeadStatus.QUALIFIED if at == len(open_ones) - 1 else LeadStatus.QUALIFYING


def _waiting(tagged: Iterable[LeadStatus]) -> LeadStatus:
    for status in (LeadStatus.ACCEPTED, LeadStatus.SNOOZED):
        if status in tagged:
            return status
    return LeadStatus.ASSIGNED


def stages_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Stage, ...]:
    """Return the stages of rows of crm.stage, which come in their order."""
    return tuple(
        Stage(
            row["id"],
            row["name"] if isinstance(row.get("name"), str) else "",
            row.get("is_won") is True,
            id_of(row.get("team_id")),
        )
        for row in rows
    )
