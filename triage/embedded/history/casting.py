"""Which leads came in which week, to whom, and what is the matter with each. Decides nothing about them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct

from triage.embedded import sla
from triage.embedded.agreement import THRESHOLD
from triage.embedded.campaigns import CAMPAIGNS, Campaign
from triage.embedded.history import cohorts, planted
from triage.embedded.members import Member, reps
from triage.embedded.portraits import Part, draw

Lead = dict[str, Any]

FIRST_NUMBER = 800_001
"""Far beyond any lead that is there to be pulled."""


class Cast(StrEnum):
    """What is the matter with a lead."""

    ORDINARY = "ordinary"
    CONSULTANT = "consultant"
    STUDENT = "student"
    FAR = "far"
    CUSTOMER = "customer"
    DUPLICATE = "duplicate"
    LIST = "list"
    """One of the planted list that is rejected in one act."""


class Role(Struct, frozen=True):
    """One lead of the past, before it is drawn."""

    number: int
    week: int
    """From 1."""
    rep: Member
    delivered_at: datetime
    cast: Cast
    campaign: Campaign
    is_weak: bool
    """Whether it only came because the threshold was lowered."""


_CASTS = {
    Cast.ORDINARY: 0.79,
    Cast.CONSULTANT: 0.075,
    Cast.STUDENT: 0.03,
    Cast.FAR: 0.035,
    Cast.CUSTOMER: 0.04,
    Cast.DUPLICATE: 0.03,
}
_RAISE_HANDS = ("demo-request", "referral")
_SHARE_OF_WEAK = 1 - 1 / cohorts.MORE_SINCE_LOWERED
_SHARE_WITH_UNKNOWN_SIZE = 0.05
_SHARE_OF_SIBLINGS = 0.14
_OLD_MODEL, _OLD_MODEL_UNTIL_WEEK = "2026.2", 3


def roles(random_: random.Random, now: datetime) -> Iterator[Role]:
    """Yield all leads of the history, week by week."""
    number = FIRST_NUMBER
    weeks = zip(cohorts.mondays(now), cohorts.sizes(now), strict=True)
    for week, (monday, size) in enumerate(weeks, 1):
        bulk = planted.BULK_SIZE if week == planted.BULK_WEEK else 0
        for n in range(size):
            make = _of_the_list if n < bulk else _drawn
            yield make(random_, number, week, monday, now)
            number += 1


def _of_the_list(_random: random.Random, number: int, week: int, monday: datetime, _now: datetime) -> Role:
    rep = next(one for one in reps() if one.user_id == planted.BULK_REP)
    campaign = next(one for one in CAMPAIGNS if one.source == planted.BULK_SOURCE)
    at = monday + timedelta(days=1, hours=9, seconds=number % 60)
    return Role(number, week, rep, at, Cast.LIST, campaign, is_weak=False)


def _drawn(random_: random.Random, number: int, week: int, monday: datetime, now: datetime) -> Role:
    everyone = reps()
    rep = everyone[number % len(everyone)]
    at = cohorts.delivery(random_, monday, rep.user_id, now)
    (cast,) = random_.choices(list(_CASTS), list(_CASTS.values()))
    is_weak = week >= planted.LOWERED_IN_WEEK and random_.random() < _SHARE_OF_WEAK
    return Role(number, week, rep, at, cast, _campaign(random_, week, is_weak=is_weak), is_weak)


def _campaign(random_: random.Random, week: int, *, is_weak: bool) -> Campaign:
    """Return a campaign of that week; who raises a hand comes whatever the threshold is."""
    new = (planted.NEW_SERIES,) if week >= planted.NEW_SERIES_FROM_WEEK else ()
    offered = [one for one in (*CAMPAIGNS, *new) if not (is_weak and one.source in _RAISE_HANDS)]
    campaign: Campaign = random_.choices(offered, [one.weight for one in offered])[0]
    return campaign


def portray(random_: random.Random, role: Role, now: datetime) -> Lead:
    """Draw a lead as it was when it came."""
    lowered = role.week >= planted.LOWERED_IN_WEEK
    part = Part(
        due_at=role.delivered_at + sla.ASSIGNMENT,
        consultant=role.cast is Cast.CONSULTANT,
        student=role.cast is Cast.STUDENT,
        far=role.cast is Cast.FAR,
        size_unknown=random_.random() < _SHARE_WITH_UNKNOWN_SIZE,
        delivered_at=role.delivered_at,
        campaign=role.campaign,
        named_at=_began(role.campaign, now),
        threshold=planted.LOWERED_THRESHOLD if lowered else THRESHOLD,
        enough=planted.LOWERED_THRESHOLD if role.is_weak else THRESHOLD,
        barely=role.is_weak,
    )
    lead = draw(random_, role.number, part, role.delivered_at)
    lead["owner_id"] = role.rep.user_id
    if role.week <= _OLD_MODEL_UNTIL_WEEK:
        lead["score"]["model_version"] = _OLD_MODEL
    if role.cast is Cast.CUSTOMER:
        lead["account"]["customer"] = True
    return lead


def share_accounts(random_: random.Random, leads: list[Lead]) -> None:
    """Let some leads work where an earlier one does, and the duplicates be an earlier one once more."""
    for n, lead in enumerate(leads[1:], 1):
        if random_.random() < _SHARE_OF_SIBLINGS:
            _work_with(leads[random_.randrange(max(0, n - 200), n)], lead)


def repeat(other: Lead, lead: Lead) -> None:
    """Let the CRM take a lead for another one that was there before."""
    _work_with(other, lead)
    for field in ("name", "phone", "city", "country", "time_zone", "language"):
        lead[field] = other[field]
    lead["account"]["duplicate_of"] = {
        "lead_id": other["lead_id"],
        "name": other["name"],
        "match": "name, phone and company",
        "confidence": 0.91,
    }


def _work_with(other: Lead, lead: Lead) -> None:
    domain = other["email"].partition("@")[2]
    lead["email"] = f"{lead['email'].partition('@')[0]}@{domain}"
    for field in ("company", "website"):
        lead[field] = other[field]
    for field in ("account_id", "name"):
        lead["account"][field] = other["account"][field]


def _began(campaign: Campaign, now: datetime) -> datetime:
    """Return when a campaign got its name: a whole one, however long its leads had known us."""
    weeks = cohorts.mondays(now)
    return weeks[planted.NEW_SERIES_FROM_WEEK - 1] if campaign is planted.NEW_SERIES else weeks[0]
