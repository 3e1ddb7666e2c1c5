"""Odoo's lost reasons that setup makes: the shipped codes to reject or disqualify, and their names.

A test compares them with the shipped reasons. Another code has the lost reason that the profile names, or
none.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from triage.crm.shipped_reasons import SHIPPED

_REJECT = (
    *("NOT_ICP_COMPANY", "WRONG_PERSONA", "LOW_INTENT", "BAD_DATA", "DUPLICATE", "EXISTING_CUSTOMER"),
    *("WRONG_TERRITORY", "NOT_A_BUYER", "COMPETITOR", "OTHER"),
)
_DISQUALIFY = ("NO_NEED", "NO_BUDGET", "NO_AUTHORITY", "PRODUCT_GAP", "UNREACHABLE", "DO_NOT_CONTACT")
_OTHERWISE = {"PRODUCT_GAP": "needs what the product will not do"}
"""Labels of codes that another act has too, under another label."""
LABELS: Mapping[str, str] = MappingProxyType(
    {code: (dict(SHIPPED) | _OTHERWISE)[code] for code in (*_REJECT, *_DISQUALIFY)}
)
"""Where both acts share a code they share its name."""
