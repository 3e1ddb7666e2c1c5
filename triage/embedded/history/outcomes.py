"""What became of an accepted lead: touched or not, qualified, an opportunity, won or lost, or given up."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from triage.embedded.history import planted
from triage.embedded.history.cohorts import around, at_work
from triage.embedded.history.past import Act, Past
from triage.embedded.history.snapshots import Showing
from triage.embedded.history.verdicts import params
from triage.embedded.stages import CURRENCY

Deal = dict[str, Any]

_TOUCHED, _TOUCHED_BY_THE_LAZY = 0.9, 0.72
_QUALIFIED = {
    "demo-request": 0.72,
    "referral": 0.75,
    "event": 0.85,
    "paid-search": 0.5,
    "webinar": 0.55,
    "content": 0.42,
    "paid-social": 0.3,
    "outbound-list": 0.25,
}
_OPPORTUNITY, _WON = 0.8, 0.32
_GIVEN_UP = 0.75
_TO_TOUCH = timedelta(hours=5)
_TO_QUALIFIED, _TO_OPPORTUNITY, _TO_CLOSE = timedelta(days=4.5), timedelta(days=5.5), timedelta(days=21)
_TO_GIVING_UP = timedelta(days=9)
_PROJECTS = ("first line", "two lines", "pilot", "second plant", "packaging hall")
_GIVES_UP = (
    ("disqualify", "NO_NEED"),
    ("disqualify", "NO_BUDGET"),
    ("disqualify", "UNREACHABLE"),
    ("recycle", "NO_RESPONSE"),
    ("recycle", "BAD_TIMING"),
)


def pursue(random_: random.Random, past: Past, since: datetime, now: datetime, showing: Showing) -> None:
    """Let sales work the lead from its acceptance on, as far as there was time."""
    lazy = past.rep.user_id == planted.LAZY_REP
    if random_.random() > (_TOUCHED_BY_THE_LAZY if lazy else _TOUCHED):
        return
    touched_at = at_work(random_, since + around(random_, _TO_TOUCH, 1.0), past.rep.user_id)
    if touched_at >= now:
        return
    past.contact(touched_at, random_.randint(1, 3))
    past.move(random_, "working", touched_at)
    if random_.random() < _QUALIFIED[past.source]:
        _sell(random_, past, touched_at, now)
    elif random_.random() < _GIVEN_UP:
        _give_up(random_, past, touched_at, now, showing)


def _sell(random_: random.Random, past: Past, since: datetime, now: datetime) -> None:
    pace = planted.SLOWER_BY if past.source == planted.SLOW_SOURCE else 1.0
    at = _later(random_, past, since, _TO_QUALIFIED * pace)
    if at >= now:
        return
    past.move(random_, "qualified", at)
    at = _later(random_, past, at, _TO_OPPORTUNITY * pace)
    if random_.random() > _OPPORTUNITY or at >= now:
        return
    deal = _deal(random_, past)
    past.move(random_, "opportunity", at, **deal)
    at = _later(random_, past, at, _TO_CLOSE)
    if at >= now:
        return
    won = random_.random() < _WON
    if won:
        deal["amount"] = _rounded(deal["amount"] * random_.uniform(0.8, 1.05))
    past.move(random_, "won" if won else "lost", at, **deal)


def _give_up(random_: random.Random, past: Past, since: datetime, now: datetime, showing: Showing) -> None:
    at = _later(random_, past, since, _TO_GIVING_UP)
    if at >= now:
        return
    name, reason = random_.choice(_GIVES_UP)
    past.contact(since, 5 if reason in {"NO_RESPONSE", "UNREACHABLE"} else random_.randint(1, 4))
    told = params(random_, past, name, reason, at)
    past.decide(random_, Act(name, at, reason, told), showing)


def _later(random_: random.Random, past: Past, since: datetime, median: timedelta) -> datetime:
    return at_work(random_, since + around(random_, median, 0.45), past.rep.user_id)


def _deal(random_: random.Random, past: Past) -> Deal:
    size = min(past.lead["employees"] or 200, 2000)
    amount = _rounded((5_000 + 14 * size) * random_.lognormvariate(0, 0.4))
    name = f"{past.lead['company']}, {random_.choice(_PROJECTS)}"
    return {"opportunity": name, "amount": amount, "currency": CURRENCY}


def _rounded(amount: float) -> int:
    return max(2_000, round(amount / 500) * 500)
