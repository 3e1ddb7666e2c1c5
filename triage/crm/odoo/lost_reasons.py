"""Odoo's lost reasons that setup makes: the shipped codes to reject or disqualify, and their names.

A test compares them with the shipped reasons. Another code has the lost reason that the profile names, or
none.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "NOT_ICP_COMPANY": "company outside the ICP (size, industry)",
        "WRONG_PERSONA": "wrong role or level",
        "LOW_INTENT": "activity too light for an MQL",
        "BAD_DATA": "wrong email, phone, company; fake",
        "DUPLICATE": "same person already here",
        "EXISTING_CUSTOMER": "customer, or open opportunity",
        "WRONG_TERRITORY": "not my territory or segment",
        "NOT_A_BUYER": "student, job seeker, vendor, press",
        "COMPETITOR": "competitor",
        "OTHER": "other (say it in a note)",
        "NO_NEED": "no need for it",
        "NO_BUDGET": "no budget, and none to come",
        "NO_AUTHORITY": "cannot decide, and knows no one who can",
        "PRODUCT_GAP": "needs what the product will not do",
        "UNREACHABLE": "cannot be reached on any channel",
        "DO_NOT_CONTACT": "asked not to be contacted",
    }
)
"""Where both acts share a code they share its name."""
