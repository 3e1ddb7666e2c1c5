"""What both teams agreed on: the definition of an MQL. Data, as this CRM keeps it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from triage.embedded.moments import to_wire

THRESHOLD = 65
ICP_INDUSTRIES = (
    "Machinery",
    "Food and beverage",
    "Chemicals",
    "Automotive supply",
    "Packaging",
    "Logistics",
    "Medical devices",
    "Building materials",
    "Energy equipment",
)
ICP_COUNTRIES = (
    "DE",
    "AT",
    "CH",
    "NL",
    "BE",
    "FR",
    "GB",
    "IE",
    "SE",
    "DK",
    "FI",
    "NO",
    "PL",
    "CZ",
    "IT",
    "ES",
)
BUYING_LEVELS = ("c-level", "vp", "director", "manager")

# criterion_id, label, fact, op, value, weight, dimension
_CRITERIA: tuple[tuple[str, str, str, str, Any, int, str], ...] = (
    ("company_size", "50 employees or more", "employees", ">=", 50, 3, "fit"),
    ("industry", "makes or moves physical goods", "industry", "in", list(ICP_INDUSTRIES), 3, "fit"),
    ("country", "in a country we sell to", "country", "in", list(ICP_COUNTRIES), 2, "fit"),
    ("level", "manager or above", "title_level", "in", list(BUYING_LEVELS), 3, "fit"),
    ("company_email", "a company's e-mail address", "business_email", "truthy", None, 1, "fit"),
    (
        "recent_intent",
        "two or more intent actions in 30 days",
        "intent_actions_30d",
        ">=",
        2,
        2,
        "engagement",
    ),
    ("may_write", "has not opted out", "opted_out", "==", False, 2, "engagement"),
)
_SQL_CRITERIA: tuple[tuple[str, str, str, str, Any, int, str], ...] = (
    ("need", "a need in their own words", "stated_need", "truthy", None, 3, "engagement"),
    ("role", "decides, or brings who decides", "buying_role", "in", ["decides", "champions"], 3, "fit"),
    ("time", "wants to start within a year", "months_to_start", "<=", 12, 2, "engagement"),
)
_CRITERION_KEYS = ("criterion_id", "label", "fact", "op", "value", "weight", "dimension")


def results(facts: dict[str, Any]) -> dict[str, str]:
    """Return what each line says about a lead's facts: pass, fail or unknown."""
    return {row[0]: _result(facts.get(row[2]), row[3], row[4]) for row in _CRITERIA}


def facts_and_weights() -> dict[str, tuple[str, int]]:
    """Return of each line the fact that it is about, and its weight."""
    return {row[0]: (row[2], row[5]) for row in _CRITERIA}


_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": lambda fact, value: bool(fact >= value),
    "<=": lambda fact, value: bool(fact <= value),
    "==": lambda fact, value: bool(fact == value),
    "in": lambda fact, value: fact in value,
    "truthy": lambda fact, _value: bool(fact),
}


def _result(fact: Any, op: str, value: Any) -> str:
    if fact is None:
        return "unknown"
    return "pass" if _HOLDS[op](fact, value) else "fail"


def definition(started_at: datetime) -> dict[str, Any]:
    """Return the definition in force, agreed ten weeks before the server first started."""
    return {
        "version": "4",
        "agreed_at": to_wire(started_at - timedelta(weeks=10)),
        "agreed_by": ["Sigrid Aalto (sales)", "Noor Haddad (marketing)"],
        "review_due": to_wire(started_at + timedelta(weeks=2)),
        "threshold": THRESHOLD,
        "hand_raise": ["demo request", "pricing request", "contact form", "call back"],
        "criteria": [dict(zip(_CRITERION_KEYS, row, strict=True)) for row in _CRITERIA],
        "sql_criteria": [dict(zip(_CRITERION_KEYS, row, strict=True)) for row in _SQL_CRITERIA],
        "targets": {"acceptance": 0.6, "sla_met": 0.9, "reply_days": 5, "attempts": 5, "revenue": 400000},
    }


def source_statistics() -> dict[str, Any]:
    """Return how the leads of each source fared in the last 90 days."""
    days = 90
    rows = (
        ("webinar", 20, 58),
        ("content", 31, 112),
        ("paid-search", 44, 97),
        ("paid-social", 9, 61),
        ("event", 38, 74),
        ("referral", 27, 33),
        ("outbound-list", 4, 49),
        ("demo-request", 69, 82),
    )
    keys = ("source", "accepted", "decided")
    return {"items": [dict(zip(keys, row, strict=True)) | {"days": days} for row in rows]}
