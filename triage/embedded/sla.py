"""The agreed times to act, as the definition tells them; and which of them a lead is under."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

RAISED_HAND = timedelta(hours=4)
ASSIGNMENT = timedelta(hours=24)

RULE_OF_A_RAISED_HAND = "raised hand: 4 hours"
RULE_OF_AN_ASSIGNMENT = "assigned: 24 hours"


def agreed() -> dict[str, Any]:
    """Return what the definition says of it."""
    return {"sla": rules(), "calendar": calendar()}


def rules() -> list[dict[str, Any]]:
    """Return the rules. Round the clock, so that the demo has work at whatever hour it is started."""
    hand, assignment = (span / timedelta(hours=1) for span in (RAISED_HAND, ASSIGNMENT))
    return [
        {"name": RULE_OF_A_RAISED_HAND, "applies_to": "hand_raise", "hours": hand, "counted_in": "wall"},
        {"name": RULE_OF_AN_ASSIGNMENT, "applies_to": "all", "hours": assignment, "counted_in": "wall"},
    ]


def calendar() -> dict[str, Any]:
    """Return when the team works."""
    workdays = ("monday", "tuesday", "wednesday", "thursday", "friday")
    return {
        "time_zone": "Europe/Berlin",
        "hours": {day: ["08:30-12:30", "13:15-17:30"] for day in workdays},
        "holidays": ["2026-12-25", "2026-12-26", "2027-01-01"],
    }


def rule_of(mql: dict[str, Any] | None) -> str:
    """Return the name of the rule for what a lead became an MQL by."""
    raised_hand = mql is not None and mql.get("by") == "hand_raise"
    return RULE_OF_A_RAISED_HAND if raised_hand else RULE_OF_AN_ASSIGNMENT
