"""What is planted among the leads to be found: duplicates, customers, second visits, odd scores.

Each kind comes at its own distance, so that a list of any length has its share.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from triage.embedded.moments import from_wire, to_wire

Lead = dict[str, Any]

UNTOLD = (51, 28)
"""Distance and offset of the duplicates that this CRM has not noticed itself: one in three."""


def falls_on(position: int, distance: int, offset: int) -> bool:
    """Say whether a position is one of those at this distance, counted from the offset."""
    return position >= offset and (position - offset) % distance == 0


def plant(random_: random.Random, mine: list[Lead], n: int, now: datetime) -> None:
    """Plant what the n-th lead of a list is to have."""
    lead = mine[n]
    planted: tuple[tuple[int, int, Callable[[], None]], ...] = (
        (6, 5, lambda: _work_with(mine[n - 1], lead)),
        (17, 11, lambda: _repeat(mine[n - 3], lead, told=not falls_on(n, *UNTOLD))),
        (13, 7, lambda: lead["account"].update(customer=True)),
        (19, 9, lambda: lead["account"].update(open_opportunity=f"{lead['company']}, second line")),
        (23, 14, lambda: _forbid_contact(lead)),
        (9, 6, lambda: _come_back(random_, lead, now)),
        (17, 12, lambda: _contact(random_, lead, now)),
        (31, 25, lambda: lead.update(score=None, mql={"by": "hand_raise", "detail": "call back"})),
        (29, 15, lambda: _unbalance(lead)),
        (27, 18, lambda: _add_other_points(lead)),
    )
    for distance, offset, do in planted:
        if falls_on(n, distance, offset):
            do()


def acquaint(everyone: list[Lead]) -> None:
    """Tell the leads of one account of each other, and make what is true of it true for all of them."""
    accounts: dict[str, list[Lead]] = {}
    for lead in everyone:
        accounts.setdefault(lead["account"]["account_id"], []).append(lead)
    for together in accounts.values():
        customer = any(lead["account"]["customer"] for lead in together)
        opportunity = next((o for lead in together if (o := lead["account"]["open_opportunity"])), None)
        for lead in together:
            others = [other for other in together if other is not lead]
            siblings = [{"lead_id": other["lead_id"], "name": other["name"]} for other in others]
            lead["account"].update(siblings=siblings, customer=customer, open_opportunity=opportunity)


def _work_with(other: Lead, lead: Lead) -> None:
    """Let the lead work where the other one works."""
    domain = other["email"].partition("@")[2]
    lead["email"] = f"{lead['email'].partition('@')[0]}@{domain}"
    for field in ("company", "website"):
        lead[field] = other[field]
    for field in ("account_id", "name"):
        lead["account"][field] = other["account"][field]


def _repeat(other: Lead, lead: Lead, *, told: bool) -> None:
    """Make the lead the same person as the other one, who signed up again with another address.

    `told`: the CRM has noticed.
    """
    _work_with(other, lead)
    for field in ("name", "phone", "city", "country", "time_zone", "language"):
        lead[field] = other[field]
    first, _, last = other["email"].partition("@")[0].partition(".")
    lead["email"] = f"{first[:1]}.{last}@{other['email'].partition('@')[2]}"
    if not told:
        return
    lead["account"]["duplicate_of"] = {
        "lead_id": other["lead_id"],
        "name": other["name"],
        "match": "name, phone and company",
        "confidence": 0.93,
    }


def _forbid_contact(lead: Lead) -> None:
    lead["account"]["do_not_contact"] = True
    lead["facts"]["opted_out"] = True


def _come_back(random_: random.Random, lead: Lead, now: datetime) -> None:
    """Give the lead a past: recycled once, and back for a reason."""
    at = now - timedelta(days=random_.randint(110, 170))
    reason = random_.choice(("BAD_TIMING", "NO_BUDGET_NOW", "EARLY_RESEARCH"))
    lead["created_at"] = min(lead["created_at"], to_wire(at - timedelta(days=20)))
    lead["recycles"] = [
        {
            "at": to_wire(at),
            "reason": reason,
            "by": "Robin Vale",
            "wake_at": to_wire(at + timedelta(days=90)),
            "new_since": [touch["summary"] for touch in lead["touches"][-2:]],
        }
    ]


def _contact(random_: random.Random, lead: Lead, now: datetime) -> None:
    """Let someone of sales have called or written since the assignment."""
    assigned_at = from_wire(lead["assigned_at"])
    since = max(int((now - assigned_at).total_seconds()), 2)
    at = to_wire((assigned_at + timedelta(seconds=random_.randint(1, since - 1))).replace(microsecond=0))
    lead.update(contacted_at=at, attempts=random_.randint(1, 3), last_touch_at=at)


def _unbalance(lead: Lead) -> None:
    """Let the score and its parts disagree, as where a CRM recomputes one and not the other."""
    if lead["score"] is not None:
        lead["score"]["score"] += 7


def _add_other_points(lead: Lead) -> None:
    """Let a part of the score be declared without a name."""
    if lead["score"] is not None:
        lead["score"]["score"] += 3
        lead["score"]["other"] = 3
