"""The rules a desk works by: the CRM's where it holds them, else the profile's or the shipped ones."""

from __future__ import annotations

from msgspec import Struct

from triage.domain.definition import Definition
from triage.domain.reasons import ReasonBook


class Rules(Struct, frozen=True):
    """Reason codes and MQL definition to use where the CRM gives none."""

    reasons: ReasonBook
    definition: Definition


DEFINITION = "definition"
REASONS = "reasons"
PEOPLE = "people"
STATISTICS = "statistics"
BANDS = "bands"
PROVIDED = "provided"
ASSETS = "assets"
CONTENT_REQUESTS = "content_requests"
"""Names under which fetched rules are kept in the cache."""
