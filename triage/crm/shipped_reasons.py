"""The reason codes that triage ships, as options of a property: code and label. A test compares them."""

from __future__ import annotations

SHIPPED = (
    ("NOT_ICP_COMPANY", "company outside the ICP (size, industry)"),
    ("WRONG_PERSONA", "wrong role or level"),
    ("LOW_INTENT", "activity too light for an MQL"),
    ("BAD_DATA", "wrong email, phone, company; fake"),
    ("DUPLICATE", "same person already here"),
    ("EXISTING_CUSTOMER", "customer, or open opportunity"),
    ("WRONG_TERRITORY", "not my territory or segment"),
    ("NOT_A_BUYER", "student, job seeker, vendor, press"),
    ("COMPETITOR", "competitor"),
    ("OTHER", "other (say it in a note)"),
    ("NO_RESPONSE", "no answer after the agreed attempts"),
    ("BAD_TIMING", "real, later"),
    ("EARLY_RESEARCH", "just researching"),
    ("NO_BUDGET_NOW", "no budget this period"),
    ("USING_COMPETITOR", "under contract elsewhere"),
    ("OTHER_PERSON", "right company, other person"),
    ("PRODUCT_GAP", "missing capability"),
    ("NO_NEED", "no need for it"),
    ("NO_BUDGET", "no budget, and none to come"),
    ("NO_AUTHORITY", "cannot decide, and knows no one who can"),
    ("UNREACHABLE", "cannot be reached on any channel"),
    ("DO_NOT_CONTACT", "asked not to be contacted"),
    ("HAND_RAISER", "asked to be called"),
    ("STRONG_FIT", "the kind of company and person we want"),
    ("CLEAR_NEED", "says what it needs"),
    ("KNOWN_ACCOUNT", "we know the account"),
)
