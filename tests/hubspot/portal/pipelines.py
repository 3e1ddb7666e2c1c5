"""Pipelines with their stages, which are read and never written here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.hubspot.portal.calls import Call, Reply
from tests.hubspot.portal.kinds import DEALS, KINDS, LEADS, kind_of
from tests.hubspot.portal.problems import not_found
from tests.hubspot.portal.stamps import iso

if TYPE_CHECKING:
    from tests.hubspot.portal.state import State

_LONG_AGO = iso(datetime(2024, 2, 1, tzinfo=UTC))
_TIMES = {"createdAt": _LONG_AGO, "updatedAt": _LONG_AGO, "archived": False}


@dataclass(frozen=True)
class Pipeline:
    id: str
    label: str
    stages: tuple[tuple[str, str, dict[str, str]], ...]
    """Id, label and metadata of each, in order."""

    @property
    def stage_ids(self) -> tuple[str, ...]:
        return tuple(stage_id for stage_id, _, _ in self.stages)

    def metadata_of(self, stage: str) -> dict[str, str]:
        return next((metadata for stage_id, _, metadata in self.stages if stage_id == stage), {})

    def is_open(self, stage: str) -> bool:
        return self.metadata_of(stage).get("leadState", "OPEN") == "OPEN"

    def told(self, order: int) -> dict[str, Any]:
        stages = [_stage(number, *stage) for number, stage in enumerate(self.stages)]
        return {"id": self.id, "label": self.label, "displayOrder": order, "stages": stages, **_TIMES}


def _stage(order: int, stage_id: str, label: str, metadata: dict[str, str]) -> dict[str, Any]:
    return {
        "id": stage_id,
        "label": label,
        "displayOrder": order,
        "metadata": metadata,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        **_TIMES,
    }


_OPEN, _CLOSED = {"leadState": "OPEN", "isClosed": "false"}, {"leadState": "CLOSED", "isClosed": "true"}
LEAD_PIPELINE = Pipeline(
    "lead-pipeline-id",
    "Lead pipeline",
    (
        ("new-stage-id", "New", _OPEN),
        ("attempting-stage-id", "Attempting", _OPEN),
        ("connected-stage-id", "Connected", _OPEN),
        ("qualified-stage-id", "Qualified", _CLOSED),
        ("unqualified-stage-id", "Disqualified", _CLOSED),
    ),
)
DEAL_PIPELINE = Pipeline(
    "default",
    "Sales pipeline",
    (
        ("appointmentscheduled", "Appointment scheduled", {"isClosed": "false", "probability": "0.2"}),
        ("contractsent", "Contract sent", {"isClosed": "false", "probability": "0.9"}),
        ("closedwon", "Closed won", {"isClosed": "true", "probability": "1.0"}),
        ("closedlost", "Closed lost", {"isClosed": "true", "probability": "0.0"}),
    ),
)


def known() -> dict[str, dict[str, Pipeline]]:
    """The pipelines of a portal, by kind and id."""
    return {
        "leads": {LEAD_PIPELINE.id: LEAD_PIPELINE},
        "deals": {DEAL_PIPELINE.id: DEAL_PIPELINE},
        **{kind.name: {} for kind in KINDS if kind not in (LEADS, DEALS)},
    }


def listed(state: State, call: Call) -> Reply:
    pipelines = state.pipelines[kind_of(call.args["kind"]).name].values()
    return Reply(200, {"results": [one.told(order) for order, one in enumerate(pipelines)]})


def shown(state: State, call: Call) -> Reply:
    pipeline = state.pipelines[kind_of(call.args["kind"]).name].get(call.args["id"])
    if pipeline is None:
        raise not_found(f"Pipeline {call.args['id']} does not exist")
    return Reply(200, pipeline.told(0))


def stages(state: State, call: Call) -> Reply:
    return Reply(200, {"results": shown(state, call).body["stages"]})
