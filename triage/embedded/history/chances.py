"""How likely the sales side takes a lead, truly: by where it came from, its score, and what is the matter."""

from __future__ import annotations

import math

from triage.embedded.agreement import THRESHOLD
from triage.embedded.history import planted
from triage.embedded.history.casting import Cast
from triage.embedded.history.past import Past

_BY_SOURCE = {
    "demo-request": 1.6,
    "referral": 1.4,
    "event": 1.2,
    "paid-search": 0.65,
    "webinar": 0.45,
    "content": 0.25,
    "paid-social": -0.9,
    "outbound-list": -1.9,
}
"""Log odds of an ordinary lead of so many points."""
_ORDINARY_POINTS = 74
_PER_POINT, _PER_POINT_BLIND = 0.075, 0.05
"""A score that is shown also persuades."""
_FEWEST, _MOST = 45, 95
_LITTLE = {
    Cast.CONSULTANT: 0.04,
    Cast.STUDENT: 0.01,
    Cast.FAR: 0.1,
    Cast.CUSTOMER: 0.08,
    Cast.DUPLICATE: 0.04,
    Cast.LIST: 0.0,
}
_OF_A_WEAK_LEAD = 0.08
_OF_THE_NEW_SERIES = 0.3
"""So many times as likely as for another webinar."""
_OF_A_DEFAULT_CODE = 0.75


def is_weak(past: Past) -> bool:
    """Whether it only came because the threshold was lowered."""
    by_points = past.lead["mql"]["by"] == "threshold"
    return by_points and past.score < THRESHOLD


def of_acceptance(past: Past, *, blind: bool) -> float:
    """Return the chance that a rep who looks at the lead accepts it."""
    if past.role.cast in _LITTLE:
        return _LITTLE[past.role.cast]
    if is_weak(past):
        return _OF_A_WEAK_LEAD
    points = min(max(past.score, _FEWEST), _MOST) - _ORDINARY_POINTS
    odds = _BY_SOURCE[past.source] + points * (_PER_POINT_BLIND if blind else _PER_POINT)
    chance = 1 / (1 + math.exp(-odds))
    if past.role.campaign is planted.NEW_SERIES:
        chance *= _OF_THE_NEW_SERIES
    if past.rep.user_id == planted.LAZY_REP:
        chance *= _OF_A_DEFAULT_CODE
    return chance
