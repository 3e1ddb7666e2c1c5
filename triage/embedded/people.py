"""The leads that a new embedded CRM begins with: the first rep's list, colleagues' leads, two deleted ones.

The same arguments give the same leads. Its times are relative to `now`, so that a demo always looks fresh.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from triage.embedded.awkward import AWKWARD
from triage.embedded.members import MARKETING_QUEUE, rep_ids
from triage.embedded.plantings import acquaint, falls_on, plant
from triage.embedded.portraits import Part, draw

Lead = dict[str, Any]

ORDINARY = 10
"""So many leads at the top of the list are plain good ones: the first look at the product."""

MOST_OF_COLLEAGUES = 1000
"""More leads of colleagues than this only make a start slow."""

_SHARE_BREACHED, _SHARE_DUE_SOON = 0.04, 0.14
_CASTING = ((12, 8), (25, 20), (14, 6), (11, 4))
"""Distance and offset of consultants, students, leads from afar, companies of unknown size."""

_STATUSES_OF_COLLEAGUES = ("assigned", "assigned", "assigned", "accepted", "working", "recycled", "rejected")


def make(*, leads: int, seed: int, now: datetime) -> list[Lead]:
    """Return the first rep's `leads` untriaged leads, colleagues' on top, and two that were deleted.

    A deleted one has `gone: {"merged_into": id or None}` and `changed_by`.
    """
    random_ = random.Random(f"leads-{seed}")  # noqa: S311  # a demo's dice, not a secret
    numbers = list(range(3, leads + 3))
    random_.shuffle(numbers)
    mine = [draw(random_, number, _part(n, leads, now), now) for n, number in enumerate(numbers)]
    for n in range(len(mine)):
        plant(random_, mine, n, now)
    everyone = mine + _of_colleagues(random_, leads, now)
    acquaint(everyone)
    _disturb(mine)
    return _deleted(random_, now, mine) + sorted(everyone, key=lambda lead: str(lead["lead_id"]))


def _part(position: int, leads: int, now: datetime) -> Part:
    """Return the part of the n-th lead in order of its deadline; the first few are past theirs."""
    share = position / max(leads, 1)
    if share < _SHARE_BREACHED:
        due_at = now - timedelta(minutes=25 + 40 * (leads * _SHARE_BREACHED - position))
    elif share < _SHARE_DUE_SOON:
        due_at = now + timedelta(minutes=8 + 600 * (share - _SHARE_BREACHED))
    else:
        due_at = now + timedelta(minutes=130 + 1230 * share)
    special = position >= ORDINARY
    consultant, student, far, unknown = (special and falls_on(position, *every) for every in _CASTING)
    return Part(due_at, consultant, student, far, unknown)


def _disturb(mine: list[Lead]) -> None:
    """Give awkward text to some of the last leads, never to the first ones."""
    last = mine[ORDINARY:][::-1]
    for lead, text in zip(last[1::2], AWKWARD, strict=False):
        lead.update(text, account=lead["account"] | {"name": text["company"]})


def _of_colleagues(random_: random.Random, leads: int, now: datetime) -> list[Lead]:
    """Return twice as many leads of the other reps, in several states."""
    others = rep_ids()[1:]
    count = min(2 * leads, MOST_OF_COLLEAGUES)
    made = []
    for n in range(count):
        lead = draw(random_, leads + 3 + n, _part(n, count, now), now)
        status = random_.choice(_STATUSES_OF_COLLEAGUES)
        owner_id = MARKETING_QUEUE if status == "rejected" else others[n % len(others)]
        made.append(lead | {"status": status, "owner_id": owner_id})
    return made


def _deleted(random_: random.Random, now: datetime, mine: list[Lead]) -> list[Lead]:
    """Return two leads that the first rep once had: L-000001, merged into another, and L-000002."""
    into = mine[0]["lead_id"] if mine else None
    merged, deleted = (draw(random_, number, _part(number, 3, now), now) for number in (1, 2))
    return [
        merged | {"gone": {"merged_into": into}, "changed_by": "Noor Haddad"},
        deleted | {"gone": {"merged_into": None}, "changed_by": "Noor Haddad"},
    ]
