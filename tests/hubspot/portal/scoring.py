"""The lead scoring beta: which scores there are, the rules behind one, and what moved it for one contact.

The history is told newest first; that and its order within a second are not confirmed. It goes back 90 days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.hubspot.portal.calls import Call, Reply
from tests.hubspot.portal.problems import Problem, missing_scopes, not_found
from tests.hubspot.portal.stamps import iso, millis

if TYPE_CHECKING:
    from tests.hubspot.portal.state import State

SCORE_ID = "77001"
_OUTPUTS = (
    ("sales_score_total", "SCORE", ["FIT", "INTENT"], "Sales score"),
    ("sales_score_fit", "SCORE", ["FIT"], "Sales score: fit"),
    ("sales_score_engagement", "SCORE", ["INTENT"], "Sales score: engagement"),
    ("sales_score_threshold", "MATRIX", ["FIT", "INTENT"], "Sales score: threshold"),
)
_GOES_BACK = timedelta(days=90)


@dataclass(frozen=True)
class Moved:
    """One entry of a score's history."""

    at: datetime
    delta: float
    value: str
    heading: str = ""
    properties: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What changed: the value before and after."""
    lists: tuple[int, ...] = ()

    def told(self) -> dict[str, Any]:
        events = [self._event()] if self.heading else []
        changes = {
            name: {"pastValue": past, "presentValue": present, "timestamp": iso(self.at)}
            for name, (past, present) in self.properties.items()
        }
        return {
            "timestamp": iso(self.at),
            "delta": self.delta,
            "propertyValue": self.value,
            "renderedEvents": events,
            "resolvedProperties": changes,
            "resolvedListIds": list(self.lists),
        }

    def _event(self) -> dict[str, Any]:
        return {
            "eventTypeId": "4-1639801",
            "heading": self.heading,
            "timestamp": millis(self.at),
            "renderedComponents": [],
            "defaultTemplate": self.heading,
        }


@dataclass
class Scoring:
    """`answers` is True, or the status by which the account refuses: 403 or 404."""

    answers: bool | int
    moved: dict[tuple[str, str], list[Moved]] = field(default_factory=dict)
    """By contact and property, the oldest first."""


def _open(state: State, scope: str) -> None:
    if state.scoring.answers == 403:
        raise missing_scopes([scope])
    if state.scoring.answers is not True:
        raise Problem(404, "", "resource not found")
    state.scopes_needed(scope)


def _times() -> dict[str, str]:
    made = "2026-02-01T09:00:00.000Z"
    return {"createdAt": made, "publishedAt": made, "lastConfigurationChangeTimestamp": made}


def listed(state: State, _call: Call) -> Reply:
    _open(state, "mh-lead-scoring-view")
    row = {
        "id": SCORE_ID,
        "name": "Sales score",
        "scoreStatus": "PUBLISHED",
        "scoreType": "COMBINED",
        "scoredObjectTypeId": "0-1",
        **_times(),
    }
    return Reply(200, {"results": [row]})


def shown(state: State, call: Call) -> Reply:
    _open(state, "mh-lead-scoring-view")
    if call.args["id"] != SCORE_ID:
        raise not_found("Score not found")
    body = {
        "id": SCORE_ID,
        "name": "Sales score",
        "objectTypeId": "0-1",
        "scoreStatus": "PUBLISHED",
        "scoreType": "COMBINED",
        "allowedGroupTypes": ["FIT", "INTENT"],
        "maxScore": 100,
        "maxScorePerCategory": 50,
        "groupConfigs": [_group("1", "Company and role", "FIT"), _group("2", "Engagement", "INTENT")],
        "outputConfiguration": {"outputs": [_output(number, *one) for number, one in enumerate(_OUTPUTS)]},
        **_times(),
    }
    return Reply(200, body)


def _group(group_id: str, name: str, category: str) -> dict[str, Any]:
    constant = {"calculation": {"type": "CONSTANT_VALUE", "value": 10}}
    rule = {"id": f"{group_id}-1", "enabled": True, "configuration": constant}
    decay = {"percentage": 20, "interval": "MONTHLY"} if category == "INTENT" else None
    group = {
        "id": group_id,
        "groupName": name,
        "groupCategory": category,
        "maxValue": 50,
        "ruleConfigurations": [rule],
    }
    return group if decay is None else {**group, "groupDecay": decay}


def _output(number: int, name: str, kind: str, categories: list[str], label: str) -> dict[str, Any]:
    return {
        "id": str(number),
        "outputType": kind,
        "categories": categories,
        "propertyName": name,
        "propertyLabel": label,
    }


def history(state: State, call: Call) -> Reply:
    _open(state, "oauth")
    params = call.params
    if params.get("objectTypeId") != "0-1":
        raise not_found("No score for this object type")
    limit = call.number("limit", 100, 100)
    start = int(params.get("after") or 0)
    rows = state.scoring.moved.get((params.get("objectId", ""), params.get("outputProperty", "")), [])
    newest_first = [one for one in reversed(rows) if one.at > state.clock.now() - _GOES_BACK]
    body: dict[str, Any] = {"results": [one.told() for one in newest_first[start : start + limit]]}
    if start + limit < len(newest_first):
        body["paging"] = {"next": {"after": str(start + limit)}}
    return Reply(200, body)
