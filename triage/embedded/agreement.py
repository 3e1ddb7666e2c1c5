"""What both teams agreed on: the reason codes and the definition of an MQL. Data, as this CRM keeps it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

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

# code, act, label, kind, hotkey, requires, optional, counts against MQL, routes to, default wake in days
_REASONS: tuple[
    tuple[str, str, str, str, str, str | None, tuple[str, ...], str | None, str, int | None], ...
] = (
    ("HAND_RAISER", "accept", "asked for it", "positive", "1", None, (), None, "campaign owner", None),
    ("STRONG_FIT", "accept", "strong fit", "positive", "2", None, (), None, "campaign owner", None),
    ("CLEAR_NEED", "accept", "clear need", "positive", "3", None, (), None, "campaign owner", None),
    ("KNOWN_ACCOUNT", "accept", "known account", "positive", "4", None, (), None, "campaign owner", None),
    (
        "NOT_ICP_COMPANY",
        "reject",
        "company outside the ICP (size, industry)",
        "definitional",
        "1",
        "criterion",
        (),
        "yes",
        "demand gen",
        None,
    ),
    (
        "WRONG_PERSONA",
        "reject",
        "wrong role or level",
        "definitional",
        "2",
        "criterion",
        (),
        "yes",
        "scoring",
        None,
    ),
    (
        "LOW_INTENT",
        "reject",
        "activity too light for an MQL",
        "definitional",
        "3",
        "contribution",
        (),
        "yes",
        "scoring",
        None,
    ),
    (
        "BAD_DATA",
        "reject",
        "wrong email, phone, company; fake",
        "clerical",
        "4",
        "field",
        (),
        "yes",
        "marketing ops",
        None,
    ),
    (
        "DUPLICATE",
        "reject",
        "same person already here",
        "clerical",
        "5",
        "lead_id",
        (),
        "no",
        "marketing ops",
        None,
    ),
    (
        "EXISTING_CUSTOMER",
        "reject",
        "customer, or open opportunity",
        "procedural",
        "6",
        "account",
        (),
        "no",
        "marketing ops",
        None,
    ),
    (
        "WRONG_TERRITORY",
        "reject",
        "not my territory or segment",
        "procedural",
        "7",
        "to",
        (),
        "no",
        "marketing ops",
        None,
    ),
    (
        "NOT_A_BUYER",
        "reject",
        "student, job seeker, vendor, press",
        "exclusion",
        "8",
        None,
        (),
        "yes",
        "scoring",
        None,
    ),
    ("COMPETITOR", "reject", "competitor", "exclusion", "9", None, ("competitor",), "yes", "scoring", None),
    ("OTHER", "reject", "other", "other", "0", "note", (), "held", "marketing ops", None),
    (
        "NO_RESPONSE",
        "recycle",
        "no answer after the agreed attempts",
        "timing",
        "1",
        "attempts",
        ("wake",),
        None,
        "nurture",
        60,
    ),
    ("BAD_TIMING", "recycle", "real, later", "timing", "2", "until", (), None, "nurture", None),
    (
        "EARLY_RESEARCH",
        "recycle",
        "just researching",
        "timing",
        "3",
        None,
        ("wake",),
        None,
        "education track",
        90,
    ),
    (
        "NO_BUDGET_NOW",
        "recycle",
        "no budget this period",
        "timing",
        "4",
        None,
        ("until", "wake"),
        None,
        "nurture",
        90,
    ),
    (
        "USING_COMPETITOR",
        "recycle",
        "under contract elsewhere",
        "timing",
        "5",
        "competitor",
        ("ends", "wake"),
        None,
        "nurture",
        120,
    ),
    (
        "OTHER_PERSON",
        "recycle",
        "right company, other person",
        "timing",
        "6",
        None,
        ("wake",),
        None,
        "account play",
        60,
    ),
    (
        "PRODUCT_GAP",
        "recycle",
        "missing capability",
        "timing",
        "7",
        "feature",
        ("wake",),
        None,
        "product marketing",
        180,
    ),
    ("NO_NEED", "disqualify", "no need", "exclusion", "1", None, (), "no", "demand gen", None),
    ("NO_BUDGET", "disqualify", "no budget", "exclusion", "2", None, (), "no", "demand gen", None),
    ("NO_AUTHORITY", "disqualify", "no authority", "exclusion", "3", None, (), "no", "scoring", None),
    (
        "PRODUCT_GAP",
        "disqualify",
        "missing capability",
        "exclusion",
        "4",
        None,
        ("feature",),
        "no",
        "product marketing",
        None,
    ),
    (
        "UNREACHABLE",
        "disqualify",
        "not reachable",
        "clerical",
        "5",
        "attempts",
        (),
        "no",
        "marketing ops",
        None,
    ),
    (
        "DO_NOT_CONTACT",
        "disqualify",
        "asked not to be contacted",
        "procedural",
        "6",
        None,
        (),
        "no",
        "marketing ops",
        None,
    ),
    (
        "NOT_A_BUYER",
        "disqualify",
        "student, job seeker, vendor, press",
        "exclusion",
        "7",
        None,
        (),
        "yes",
        "scoring",
        None,
    ),
    (
        "WRONG_PERSONA",
        "disqualify",
        "wrong role or level",
        "definitional",
        "8",
        None,
        (),
        "yes",
        "scoring",
        None,
    ),
    (
        "BAD_DATA",
        "disqualify",
        "wrong email, phone, company; fake",
        "clerical",
        "9",
        None,
        (),
        "yes",
        "marketing ops",
        None,
    ),
    (
        "COMPETITOR",
        "disqualify",
        "competitor",
        "exclusion",
        "0",
        None,
        ("competitor",),
        "yes",
        "scoring",
        None,
    ),
)
_REASON_KEYS = (
    "code",
    "act",
    "label",
    "kind",
    "hotkey",
    "requires",
    "optional",
    "counts_against_mql",
    "routes_to",
    "default_wake_days",
)

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


def reasons() -> dict[str, Any]:
    """Return the codes as the wire shows them."""
    rows = [dict(zip(_REASON_KEYS, row, strict=True)) for row in _REASONS]
    always = {"active": True, "replaced_by": None}
    return {
        "version": "4",
        "reasons": [
            row | {"optional": list(cast("tuple[str, ...]", row["optional"]))} | always for row in rows
        ],
    }


def is_known(act: str, code: str) -> bool:
    """Say whether the act has this reason; an act without codes of its own takes any."""
    codes = {row[0] for row in _REASONS if row[1] == act}
    return not codes or code in codes


def wake_days(act: str, code: str) -> int | None:
    """Return after how many days the code wakes a lead unless told otherwise."""
    return next((row[9] for row in _REASONS if row[0] == code and row[1] == act), None)


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
