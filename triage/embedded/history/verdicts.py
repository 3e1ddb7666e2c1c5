"""What a rep makes of a lead: when, which act, which reason with its parameters. Changes nothing."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from msgspec import Struct, field

from triage.embedded import agreement
from triage.embedded.history import chances, planted
from triage.embedded.history.casting import Cast
from triage.embedded.history.cohorts import around, at_work
from triage.embedded.history.past import Past
from triage.embedded.moments import from_wire
from triage.embedded.reason_codes import wake_days


class Verdict(Struct):
    """One lead's decision as it is planned; bulk acts bring several to one time."""

    at: datetime
    act: str
    reason: str | None
    params: dict[str, str] = field(default_factory=dict)
    note: str = ""
    blind: bool = False
    batch_id: str | None = None


_NEVER = 0.05
_LATE = 0.1
_SHARE_BLIND = 0.1
_DEFAULT_CODE, _CALLED_WEAK = 0.7, 0.7
_DECLINES = {"recycle": 0.27, "disqualify": 0.08, "reject": 0.65}
_ABOUT = {
    "NOT_ICP_COMPANY": ("employees", "industry", "country"),
    "WRONG_PERSONA": ("title_level",),
}
_REASON_OF_CAST: dict[Cast, tuple[str, ...]] = {
    Cast.CONSULTANT: ("WRONG_PERSONA", "WRONG_PERSONA", "NOT_ICP_COMPANY"),
    Cast.STUDENT: ("NOT_A_BUYER",),
    Cast.FAR: ("WRONG_TERRITORY", "NOT_ICP_COMPANY"),
    Cast.CUSTOMER: ("EXISTING_CUSTOMER",),
    Cast.DUPLICATE: ("DUPLICATE",),
    Cast.LIST: ("NOT_A_BUYER",),
}
_REJECTS: dict[str | None, int] = {
    "LOW_INTENT": 25,
    "BAD_DATA": 18,
    "NOT_ICP_COMPANY": 14,
    "WRONG_PERSONA": 14,
    "NOT_A_BUYER": 12,
    "COMPETITOR": 5,
    "OTHER": 8,
}
_RECYCLES: dict[str | None, int] = {
    "BAD_TIMING": 30,
    "EARLY_RESEARCH": 26,
    "NO_BUDGET_NOW": 16,
    "USING_COMPETITOR": 14,
    "OTHER_PERSON": 9,
    "PRODUCT_GAP": 5,
}
_DISQUALIFIES: dict[str | None, int] = {
    "NO_NEED": 4,
    "NO_BUDGET": 2,
    "NO_AUTHORITY": 2,
    "UNREACHABLE": 2,
    "BAD_DATA": 1,
}
_ACCEPTS: dict[str | None, int] = {
    None: 70,
    "HAND_RAISER": 6,
    "STRONG_FIT": 12,
    "CLEAR_NEED": 9,
    "KNOWN_ACCOUNT": 3,
}
_OTHER_NOTES = (
    "Asked us to call a colleague who left in spring.",
    "Wanted a reference visit, not a product.",
    "The plant is being sold.",
    "Only wanted the certificate of attendance.",
)
_LAZY_NOTES = ("no", "not for us", "n/a", "not interesting", "-")
_FEATURES = ("offline mode", "recipe management", "multi-site reporting")
_ATTEMPTS = 5


def draw(random_: random.Random, past: Past, now: datetime) -> Verdict | None:
    """Return what the rep will say, or None where it is never said, or not yet."""
    blind = random_.random() < _SHARE_BLIND
    at = _when(random_, past)
    act, reason = _what(random_, past, blind=blind)
    if (random_.random() < _NEVER and past.role.cast is not Cast.LIST) or at >= now:
        return None
    verdict = Verdict(at, act, reason, blind=blind)
    verdict.params = params(random_, past, act, reason, at)
    if reason == "OTHER":
        lazy = past.rep.user_id == planted.LAZY_REP
        verdict.note = random_.choice(_LAZY_NOTES if lazy else _OTHER_NOTES)
    return verdict


def _when(random_: random.Random, past: Past) -> datetime:
    """Return when, most in time: within a day, within hours where a hand was raised."""
    came = past.role.delivered_at
    if past.role.cast is Cast.LIST:
        return came.replace(second=0) + timedelta(hours=3)
    if random_.random() < _LATE:
        return at_work(random_, came + timedelta(hours=random_.uniform(27, 75)), past.rep.user_id)
    raised = past.lead["mql"]["by"] == "hand_raise"
    wait = around(random_, timedelta(minutes=45 if raised else 150), 0.8)
    return at_work(random_, came + wait, past.rep.user_id)


def _what(random_: random.Random, past: Past, *, blind: bool) -> tuple[str, str | None]:
    if random_.random() < chances.of_acceptance(past, blind=blind):
        return "accept", _draw(random_, _ACCEPTS)
    plain = _plain_reason(random_, past)
    if plain is not None:
        return "reject", plain
    (act,) = random_.choices(list(_DECLINES), list(_DECLINES.values()))
    reasons = {"recycle": _RECYCLES, "disqualify": _DISQUALIFIES, "reject": _REJECTS}[act]
    return act, _draw(random_, reasons)


def _plain_reason(random_: random.Random, past: Past) -> str | None:
    """Return the reason of a reject that follows from what is the matter with lead or rep."""
    if past.role.cast in _REASON_OF_CAST:
        return random_.choice(_REASON_OF_CAST[past.role.cast])
    if past.rep.user_id == planted.LAZY_REP and random_.random() < _DEFAULT_CODE:
        return "OTHER"
    return "LOW_INTENT" if chances.is_weak(past) and random_.random() < _CALLED_WEAK else None


def _draw(random_: random.Random, weighed: dict[str | None, int]) -> str | None:
    return random_.choices(list(weighed), list(weighed.values()))[0]


def params(random_: random.Random, past: Past, act: str, reason: str | None, at: datetime) -> dict[str, str]:
    """Return the parameters that the product would fill in for a reason."""
    if act == "recycle":
        return _wake(random_, reason or "", at)
    if reason in _ABOUT:
        line = unmet(past, reason)
        return {"criterion": line} if line else {}
    if reason == "LOW_INTENT":
        return {"contribution": _tipping(past)}
    told = {
        "BAD_DATA": {"field": random_.choice(("email", "phone", "company"))},
        "DUPLICATE": {"lead_id": (past.lead["account"]["duplicate_of"] or {}).get("lead_id", "")},
        "EXISTING_CUSTOMER": {"account": past.lead["account"]["name"]},
        "WRONG_TERRITORY": {"to": "Q-PARTNER"},
        "UNREACHABLE": {"attempts": str(_ATTEMPTS)},
    }
    return {name: value for name, value in told.get(reason or "", {}).items() if value}


def disagreement(past: Past, act: str, reason: str | None, version: str) -> str | None:
    """Name the definition where a definitional reject meets a lead on which every line passes."""
    definitional = act == "reject" and reason in {*_ABOUT, "LOW_INTENT"}
    every = set(past.results.values()) == {"pass"}
    return f"definition v{version}" if definitional and every else None


def unmet(past: Past, reason: str) -> str | None:
    """Return the failing line of the definition that weighs most, those about the reason's facts first."""
    lines = agreement.facts_and_weights()
    failing = [line for line, result in past.results.items() if result == "fail"]
    about = _ABOUT.get(reason, ())
    return max(failing, key=lambda line: (lines[line][0] in about, lines[line][1]), default=None)


def _tipping(past: Past) -> str:
    parts = [part for part in past.lead["score"]["contributions"] if part["dimension"] == "engagement"]
    best = max(parts, key=lambda part: abs(part["points_applied"]), default=None)
    return str(best["label"]) if best else ""


def _wake(random_: random.Random, reason: str, at: datetime) -> dict[str, str]:
    until = (at + timedelta(days=random_.randint(30, 150))).date().isoformat()
    if reason == "BAD_TIMING":
        return {"until": until, "wake": until}
    if reason == "USING_COMPETITOR":
        ends = (at + timedelta(days=random_.randint(150, 400))).date()
        early = ends - timedelta(days=wake_days("recycle", reason) or 0)
        return {
            "competitor": planted.COMPETITOR,
            "ends": ends.isoformat(),
            "wake": early.isoformat(),
        }
    told = {"feature": random_.choice(_FEATURES)} if reason == "PRODUCT_GAP" else {}
    told |= {"attempts": str(_ATTEMPTS)} if reason == "NO_RESPONSE" else {}
    days = wake_days("recycle", reason) or 60
    return told | {"wake": (at + timedelta(days=days)).date().isoformat()}


def bundle(random_: random.Random, planned: list[tuple[Past, Verdict]], new_id: str) -> None:
    """Make one bulk act of verdicts: one time, the last one's, one note, one id."""
    at = max(verdict.at for _, verdict in planned)
    note = planned[0][1].note
    for past, verdict in planned:
        verdict.at, verdict.batch_id, verdict.note = at, new_id, note
        verdict.params = params(random_, past, verdict.act, verdict.reason, at)


def is_in_time(past: Past, at: datetime) -> bool:
    """Whether the rep acts before the deadline."""
    due_at = past.state.sla_due_at
    return due_at is not None and at <= from_wire(due_at)
