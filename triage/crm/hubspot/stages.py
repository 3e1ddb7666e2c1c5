"""Stages of a portal's pipelines, or its lead statuses, to ours and back. Pure.

A lead that triage accepted, snoozed, rejected or recycled is told apart by `triage_outcome` of its contact:
HubSpot has no stage of its own for these. Not confirmed against a live account: the ids of the default
pipeline's stages, the default lead statuses, and `leadState` in a stage's metadata.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from triage.crm.dialect import Dialect
from triage.crm.hubspot import names
from triage.crm.hubspot.rows import Row
from triage.crm.hubspot.values import Values
from triage.domain.act import Act
from triage.domain.lead import IN_WORK, LeadStatus

NEW, ATTEMPTING, CONNECTED, QUALIFIED, UNQUALIFIED = (
    "new",
    "attempting",
    "connected",
    "qualified",
    "unqualified",
)
_PARTS = {
    "new": NEW,
    "attempting": ATTEMPTING,
    "connected": CONNECTED,
    "qualified": QUALIFIED,
    "unqualified": UNQUALIFIED,
    "disqualified": UNQUALIFIED,
}
"""The part a stage plays, by its label or the id of the default pipeline."""
_OF_STATE = {"NEW": NEW, "IN_PROGRESS": CONNECTED, "QUALIFIED": QUALIFIED, "UNQUALIFIED": UNQUALIFIED}
_STATUS_OF_PART = {
    NEW: LeadStatus.ASSIGNED,
    ATTEMPTING: LeadStatus.WORKING,
    CONNECTED: LeadStatus.WORKING,
    QUALIFIED: LeadStatus.QUALIFIED,
    UNQUALIFIED: LeadStatus.DISQUALIFIED,
}
_STATUS_OF_VALUE = {
    "": LeadStatus.ASSIGNED,
    "NEW": LeadStatus.ASSIGNED,
    "OPEN": LeadStatus.ASSIGNED,
    "IN_PROGRESS": LeadStatus.WORKING,
    "ATTEMPTED_TO_CONTACT": LeadStatus.WORKING,
    "CONNECTED": LeadStatus.WORKING,
    "OPEN_DEAL": LeadStatus.OPPORTUNITY,
    "UNQUALIFIED": LeadStatus.DISQUALIFIED,
    "BAD_TIMING": LeadStatus.RECYCLED,
}
"""The default values of `hs_lead_status` on a contact."""
_VALUES_OF_ACT = {
    Act.ACCEPT: ("IN_PROGRESS", "OPEN"),
    Act.REJECT: ("UNQUALIFIED",),
    Act.RECYCLE: ("BAD_TIMING", "UNQUALIFIED"),
    Act.DISQUALIFY: ("UNQUALIFIED",),
}
_PARTS_OF_ACT = {
    Act.ACCEPT: (ATTEMPTING, CONNECTED),
    Act.REJECT: (UNQUALIFIED,),
    Act.RECYCLE: (UNQUALIFIED,),
    Act.DISQUALIFY: (UNQUALIFIED,),
}
_CLOSED_BY_US = {
    "rejected": LeadStatus.REJECTED,
    "recycled": LeadStatus.RECYCLED,
    "disqualified": LeadStatus.DISQUALIFIED,
}
_CLOSED = frozenset(_CLOSED_BY_US.values())


class Stage(Struct, frozen=True):
    """One stage of a pipeline; of contacts, one value of the lead status."""

    stage_id: str
    label: str = ""
    pipeline: str = ""
    part: str = ""
    """new, attempting, connected, qualified, unqualified; empty where nobody says."""


class Said(Struct, frozen=True):
    """What triage itself last wrote about a lead."""

    outcome: str = ""
    wake_at: datetime | None = None


class Stages(Struct, frozen=True):
    """All stages of a portal, with what its profile calls them."""

    stages: tuple[Stage, ...]
    dialect: Dialect = Dialect()
    of_contacts: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        """All stages, in the portal's order."""
        return tuple(stage.stage_id for stage in self.stages)

    def ids_but(self, kept: Collection[LeadStatus]) -> tuple[str, ...]:
        """Return the stages that mean something else than one of these statuses."""
        return tuple(stage_id for stage_id in self.ids if self._alone(stage_id) not in kept)

    def label(self, stage_id: str) -> str:
        """Return what the portal calls a stage; its id where it is not known."""
        return next((stage.label for stage in self.stages if stage.stage_id == stage_id), "") or stage_id

    def target(self, act: Act, pipeline: str = "", now_at: str = "") -> str | None:
        """Return the stage that an act takes a lead to, within its pipeline; None: it stays where it is.

        A lead that sales works on already is accepted where it stands.
        """
        if act is Act.ACCEPT and self._alone(now_at) in IN_WORK:
            return None
        said = self._said_for(names.OUTCOMES[act], pipeline)
        if said:
            return said
        return self._value_for(act) if self.of_contacts else self._stage_for(act, pipeline)

    def status(self, stage_id: str, said: Said, now: datetime) -> LeadStatus:
        """Return where a lead stands, in our words; UNKNOWN for a stage that nobody has explained."""
        alone = self._alone(stage_id)
        if alone in _CLOSED:
            return _CLOSED_BY_US.get(said.outcome, alone)
        if said.outcome == "accepted" and stage_id in self._accepted:
            return LeadStatus.ACCEPTED
        if alone is LeadStatus.ASSIGNED and said.outcome == "snoozed" and said.wake_at and said.wake_at > now:
            return LeadStatus.SNOOZED
        return alone

    @property
    def _accepted(self) -> frozenset[str]:
        pipelines = {stage.pipeline for stage in self.stages}
        targets = {self.target(Act.ACCEPT, pipeline) for pipeline in pipelines}
        return frozenset(target for target in targets if target)

    def _alone(self, stage_id: str) -> LeadStatus:
        """Return what a stage means by itself; the profile's word goes first."""
        ours = [ours for ours in LeadStatus if stage_id and stage_id in self._named(ours.value)]
        plain = [status for status in ours if status not in (LeadStatus.ACCEPTED, LeadStatus.SNOOZED)]
        if plain:
            return plain[0]
        if ours == [LeadStatus.ACCEPTED]:
            return LeadStatus.WORKING
        if self.of_contacts:
            return _STATUS_OF_VALUE.get(stage_id, LeadStatus.UNKNOWN)
        part = next((stage.part for stage in self.stages if stage.stage_id == stage_id), "")
        return _STATUS_OF_PART.get(part, LeadStatus.UNKNOWN)

    def _named(self, status: str) -> tuple[str, ...]:
        """Return what the profile calls a status: one stage, or several with commas between."""
        return tuple(one.strip() for one in self.dialect.statuses.get(status, "").split(",") if one.strip())

    def _said_for(self, status: str, pipeline: str) -> str | None:
        named = self._named(status)
        inside = {stage.stage_id for stage in self.stages if not pipeline or stage.pipeline == pipeline}
        return next((one for one in named if one in inside), None)

    def _stage_for(self, act: Act, pipeline: str) -> str | None:
        for part in _PARTS_OF_ACT.get(act, ()):
            for stage in self.stages:
                if stage.part == part and (not pipeline or stage.pipeline == pipeline):
                    return stage.stage_id
        return None

    def _value_for(self, act: Act) -> str | None:
        known = set(self.ids)
        return next((value for value in _VALUES_OF_ACT.get(act, ()) if value in known), None)


def said_of(lead: Mapping[str, Any], contact: Mapping[str, Any]) -> Said:
    """Return what triage last wrote about a lead, from the properties of both.

    A contact may have several leads: where the decision's key on the lead is not that on the contact, the
    contact speaks of another one. A portal without the key on leads leaves it out of its answers.
    """
    values, has_key = Values(contact), names.KEY in lead
    if has_key and (lead[names.KEY] or "") != values.text(names.KEY):
        return Said()
    return Said(values.text(names.OUTCOME), values.time(names.WAKE_AT))


def stages_of_pipelines(rows: Iterable[Row]) -> tuple[Stage, ...]:
    """Return the stages of all pipelines, in the order of the boards."""
    found = []
    for pipeline in rows:
        stages = [one for one in pipeline.get("stages") or () if isinstance(one, dict)]
        stages = [one for one in stages if not one.get("archived")]
        found += [_stage(one, str(pipeline.get("id", ""))) for one in sorted(stages, key=_order)]
    return tuple(stage for stage in found if stage.stage_id)


def stages_of_options(options: Mapping[str, str]) -> tuple[Stage, ...]:
    """Return the values of a lead status, which is no pipeline: value to label."""
    return tuple(Stage(value, label) for value, label in options.items())


def _order(stage: Mapping[str, Any]) -> int:
    order = stage.get("displayOrder")
    return order if isinstance(order, int) else 0


def _stage(stage: Mapping[str, Any], pipeline: str) -> Stage:
    stage_id, label = str(stage.get("id") or ""), str(stage.get("label") or "")
    by_id = _PARTS.get(stage_id.removesuffix("-stage-id"), "") if stage_id.endswith("-stage-id") else ""
    metadata = stage.get("metadata")
    state = str(metadata.get("leadState", "")) if isinstance(metadata, dict) else ""
    part = by_id or _PARTS.get(label.strip().casefold(), "") or _OF_STATE.get(state.upper(), "")
    return Stage(stage_id, label, pipeline, part)
