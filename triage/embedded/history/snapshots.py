"""What a rep saw when deciding, in the shape in which a front end sends it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from triage.embedded.moments import to_wire

Json = dict[str, Any]


class Showing(Struct, frozen=True):
    """How the lead was on the screen."""

    since: datetime | None
    dwell_ms: int | None
    position: int | None
    blind: bool
    definition_version: str


def snapshot(
    lead: Json,
    seen: Json,
    showing: Showing,
    *,
    results: dict[str, str],
    due_at: str | None,
    attempts: int,
    contacted: bool,
) -> Json:
    """Return the snapshot of a lead as it stands; `results` are those of the definition's lines."""
    score = lead["score"]
    return {
        "score": score["score"],
        "band": score["band"],
        "grade": f"{score['fit_grade']}{score['engagement_grade']}",
        "contributions": [part | {"direction": None} for part in score["contributions"]],
        "model_version": score["model_version"],
        "definition_version": showing.definition_version,
        "criteria": [{"criterion_id": line, "result": result} for line, result in results.items()],
        "lead_version": seen["version"],
        "owner_id": seen["owner_id"],
        "status": seen["status"],
        "attempts": attempts,
        "contacted": contacted,
        "sla_due_at": due_at,
        "shown": {
            "since": to_wire(showing.since) if showing.since else None,
            "dwell_ms": showing.dwell_ms,
            "position": showing.position,
        },
        "blind": showing.blind,
    }


def context(lead: Json, status: str, part: str | None) -> Json:
    """Return what goes with a piece of feedback; `part` is the label of the contribution in dispute."""
    score = lead["score"]
    said: Json = {
        "score": score["score"],
        "band": score["band"],
        "model_version": score["model_version"],
        "source": lead["source"],
        "campaign": lead["campaign"]["name"],
        "status": status,
    }
    disputed = next((one for one in score["contributions"] if one["label"] == part), None)
    if disputed is None:
        return said
    return said | {
        "contribution": disputed["label"],
        "contribution_points": disputed["points_applied"],
        "contribution_earned": disputed["points_earned"],
        "contribution_evidence": disputed["evidence"],
    }
