"""Many leads, quickly made, for measuring only. Their names are numbered in the list's order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from triage.domain.account import Account
from triage.domain.lead import Lead, LeadId, LeadStatus, Owner
from triage.domain.score import Contribution, Dimension, Score
from triage.domain.touch import Asset, Campaign, Touch

WORD = "zephyrine"
"""Half of all leads are at a company of this name; no other lead has a z. Lead n is at its first n letters:
each letter that is typed into the filter brings another lead to the top."""
MARKED = "xylo"
"""This many leads are at a company of this name, among the first 2,021."""
MARKED_LEADS = 500
_FIRST = 20
"""Leads that have companies of their own."""


def believable(count: int, now: datetime) -> Iterator[Lead]:
    """Yield leads of about two kilobytes each."""
    for number in range(count):
        yield _lead(number, now - timedelta(minutes=count - number))


def company_of(number: int) -> str:
    """Return the company of a lead: what the filter is tried on."""
    if 1 <= number <= len(WORD):
        return WORD[:number].title()
    if number > _FIRST and number % 2:
        return f"{WORD.title()} {number % 997}"
    if number > _FIRST and number % 4 == 0 and (number - _FIRST) // 4 <= MARKED_LEADS:
        return f"{MARKED.title()} {number % 997}"
    return f"Company {number % 997}"


def _lead(number: int, assigned: datetime) -> Lead:
    parts = tuple(
        Contribution(
            f"contribution {part}",
            Dimension.FIT,
            9.0,
            9.0,
            evidence="seen on the website",
            occurred_at=assigned,
        )
        for part in range(6)
    )
    touches = tuple(
        Touch(f"T{number}-{part}", assigned, "page", "web", summary=f"read page {part}") for part in range(6)
    )
    return Lead(
        lead_id=LeadId(f"L-{number:06d}"),
        version="1",
        status=LeadStatus.ASSIGNED,
        owner=Owner("U-01", "Owner"),
        name=f"LEAD {number:05d}",
        title="Plant Manager",
        company=company_of(number),
        email=f"lead{number}@company-{number % 997}.example",
        source=("webinar", "content", "event")[number % 3],
        country="DE",
        campaign=Campaign("2026Q4-EMEA", "A campaign in human words"),
        assigned_at=assigned,
        score=Score(60.0, 6.0, parts, fit_grade="A", engagement_grade="1", band="A"),
        facts={"employees": 200, "country": "DE", "title_level": "manager", "business_email": True},
        touches=touches,
        asset=Asset("A guide", "guide", "A pitch", ("A question?",)),
        account=Account(f"A-{number % 997}", f"Company {number % 997}"),
    )
