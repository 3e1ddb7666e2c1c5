"""What reps told marketing beside their decisions: which kind, about which leads, in which words."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from triage.embedded.agreement import THRESHOLD
from triage.embedded.feedback import routed_to
from triage.embedded.history import chances, planted, words
from triage.embedded.history.casting import Cast
from triage.embedded.history.cohorts import around, id_at
from triage.embedded.history.past import Kept, Past
from triage.embedded.history.snapshots import context
from triage.embedded.moments import from_wire, to_wire

Json = dict[str, Any]
Said = tuple[str, Json]
"""Type and payload."""

_DISPUTED = 0.75
_WEAK_DISPUTED = 0.14
_CORRECTED, _DEFINITION_DISPUTED, _LINE_DISPUTED, _MISMATCHED = 0.6, 0.6, 0.12, 0.3
_THANKED, _SCORE_CONFIRMED, _NOTED = 0.05, 0.1, 0.16
"""Of the accepts, each with those before it."""
_OBJECTED, _OBJECTED_WHEN_WON, _ASKED, _WON_FOR_A_REASON = 0.36, 0.62, 0.12, 0.75
_LOW = THRESHOLD + 12
"""Points below which a lead that is good deserved more."""
_NOTES_RETRACTED = 0.12


def tell_all(random_: random.Random, pasts: list[Past], now: datetime) -> None:
    """Add the feedback of all leads; what was said of a bulk act's leads is one bulk act too."""
    batches: dict[tuple[str, str], str] = {}
    for past in pasts:
        for kept in [one for one in past.decisions if one.state != "superseded"]:
            for said in _beside(random_, past, kept):
                at = _after_deciding(random_, kept)
                batch = _batch_of(random_, batches, kept, said[0], at)
                if batch is not None:
                    at = kept.applied_at + timedelta(seconds=40)
                tell(random_, past, said, at, now, decision=kept, batch_id=batch)
        for said, at in _at_work(random_, past):
            tell(random_, past, said, at, now)
    _ask_for_content(random_, pasts, now)


def tell(
    random_: random.Random,
    past: Past,
    said: Said,
    at: datetime,
    now: datetime,
    *,
    decision: Kept | None = None,
    batch_id: str | None = None,
    supersedes: str | None = None,
) -> Kept | None:
    """Add one piece of feedback, if there has been time for it."""
    applied_at = at + timedelta(seconds=35)
    if applied_at >= now:
        return None
    kind, payload = said
    status = _status_at(past, at)
    item = {
        "feedback_id": id_at(random_, at),
        "lead_id": past.lead["lead_id"],
        "decision_id": decision.item["decision_id"] if decision else None,
        "batch_id": batch_id,
        "type": kind,
        "payload": payload,
        "created_at": to_wire(at),
        "supersedes": supersedes,
        "routed_to": None,
        "snapshot": context(past.lead, status, payload.get("contribution")),
    }
    item["routed_to"] = routed_to(item, past.lead["campaign"])
    kept = Kept(
        item=item,
        rep=past.rep,
        applied_at=applied_at,
        version=past.version,
        status=status,
        owner_id=past.rep.user_id,
        state="retracted" if supersedes else "open",
        before={},
        routed_to=item["routed_to"],
    )
    past.feedback.append(kept)
    if kind == "note" and random_.random() < _NOTES_RETRACTED:
        taken = tell(
            random_,
            past,
            ("retraction", {}),
            at + timedelta(minutes=3),
            now,
            supersedes=item["feedback_id"],
        )
        kept.state = "retracted" if taken else kept.state
    return kept


def _beside(random_: random.Random, past: Past, kept: Kept) -> Iterator[Said]:
    """Yield what is said with a decision."""
    act, reason = kept.item["act"], kept.item["reason"]
    if act == "accept":
        yield from _beside_an_accept(random_, past)
    elif act == "reject":
        yield from _beside_a_reject(random_, past, kept, reason)


def _beside_an_accept(random_: random.Random, past: Past) -> Iterator[Said]:
    roll = random_.random()
    if roll < _THANKED:
        yield "kudos", {"comment": random_.choice(words.KUDOS)}
    elif roll < _SCORE_CONFIRMED:
        verdict = "too_low" if past.score < _LOW else "right"
        yield "score_accuracy", {"verdict": verdict}
    elif roll < _NOTED:
        yield "note", {"text": random_.choice(words.NOTES)}


def _beside_a_reject(random_: random.Random, past: Past, kept: Kept, reason: str) -> Iterator[Said]:
    roll = random_.random()
    if past.role.cast is Cast.CONSULTANT and roll < _DISPUTED:
        comment = random_.choice(words.CONSULTANT_COMMENTS)
        yield "score_accuracy", _too_high(planted.DISPUTED_PART, comment)
    elif past.role.cast is Cast.LIST:
        yield "score_accuracy", {"verdict": "too_high", "comment": "The whole list: nobody asked for us."}
    elif chances.is_weak(past) and roll < _WEAK_DISPUTED:
        comment = random_.choice(words.WEAK_COMMENTS)
        yield "score_accuracy", _too_high(kept.item["params"].get("contribution"), comment)
    elif reason == "BAD_DATA" and roll < _CORRECTED:
        yield "data_correction", _correction(past, kept.item["params"]["field"])
    elif roll < _definition_disputed(kept, reason):
        criterion, proposal = random_.choice(words.PROPOSALS)
        yield "definition_dispute", {"criterion": criterion, "proposal": proposal}
    elif past.source in words.EXPECTED and roll < _mismatched(past):
        promised = past.lead["campaign"]["promise"]
        yield "message_mismatch", {"expected": words.EXPECTED[past.source], "promised": promised}


def _definition_disputed(kept: Kept, reason: str) -> float:
    if kept.item["disagrees_with"]:
        return _DEFINITION_DISPUTED
    return _LINE_DISPUTED if reason in {"NOT_ICP_COMPANY", "WRONG_PERSONA"} else 0.0


def _mismatched(past: Past) -> float:
    return _MISMATCHED if past.role.campaign is planted.NEW_SERIES or past.source != "webinar" else 0.0


def _too_high(part: str | None, comment: str) -> Json:
    disputed = {"contribution": part} if part else {}
    return {"verdict": "too_high", **disputed, "comment": comment}


def _correction(past: Past, field: str) -> Json:
    old = str(past.lead[field] or "")
    proposed = {
        "email": f"office@{old.partition('@')[2]}",
        "phone": old[:-1] + str((int(old[-1]) + 1) % 10) if old[-1:].isdigit() else "unknown",
        "company": f"{old} Holding",
    }[field]
    return {"field": field, "old": old, "proposed": proposed}


def _at_work(random_: random.Random, past: Past) -> Iterator[tuple[Said, datetime]]:
    """Yield what was heard while sales worked the lead."""
    reached = {change["stage"]: from_wire(change["at"]) for change in past.stages}
    if "working" not in reached:
        return
    heard_at = reached["working"] + around(random_, timedelta(hours=20))
    if random_.random() < (_OBJECTED_WHEN_WON if "won" in reached else _OBJECTED):
        yield ("objection", _objection(random_)), heard_at
    if random_.random() < _ASKED:
        question = {"question": random_.choice(words.QUESTIONS)}
        yield ("question_heard", question), heard_at + timedelta(minutes=2)
    if "won" in reached and random_.random() < _WON_FOR_A_REASON:
        reason = {"reason": random_.choice(words.WIN_REASONS)}
        yield ("win_reason", reason), reached["won"] + timedelta(hours=2)


def _objection(random_: random.Random) -> Json:
    weights = words.OBJECTION_WEIGHTS
    (category,) = random_.choices(list(weights), list(weights.values()))
    payload = {"category": category, "verbatim": random_.choice(words.OBJECTIONS[category])}
    if category != "competitor":
        return payload
    if random_.random() < words.SHARE_OF_THE_COMPETITOR:
        return payload | {"competitor": planted.COMPETITOR}
    other = random_.choice(words.OTHER_COMPETITORS)
    return payload | {"competitor": other, "verbatim": f"We are talking to {other} as well."}


def _ask_for_content(random_: random.Random, pasts: list[Past], now: datetime) -> None:
    """Let each topic be asked for once, and be joined by others later."""
    worked = sorted((past for past in pasts if past.contacted_at is not None), key=_contacted)
    early = worked[: len(worked) // 2]
    for topic, (times, kind, persona) in words.TOPICS.items():
        among = early if topic == planted.DELIVERED_TOPIC else worked
        asking = sorted(random_.sample(among, times), key=_contacted)
        request_id = None
        for past in asking:
            payload = (
                {"topic": topic, "request_id": request_id}
                if request_id
                else {"topic": topic, "asset_type": kind, "persona": persona}
            )
            kept = tell(
                random_, past, ("content_request", payload), _contacted(past) + timedelta(minutes=50), now
            )
            request_id = request_id or (kept.item["feedback_id"] if kept else None)


def _contacted(past: Past) -> datetime:
    assert past.contacted_at is not None
    return past.contacted_at


def _after_deciding(random_: random.Random, kept: Kept) -> datetime:
    return from_wire(kept.item["decided_at"]) + timedelta(seconds=random_.randint(5, 90))


def _batch_of(
    random_: random.Random, batches: dict[tuple[str, str], str], kept: Kept, kind: str, at: datetime
) -> str | None:
    """Return the id that the feedback on all leads of a bulk act shares."""
    decided_in = kept.item["batch_id"]
    if decided_in is None or kind != "score_accuracy":
        return None
    key = (decided_in, kind)
    if key not in batches:
        batches[key] = id_at(random_, at)
    return batches[key]


def _status_at(past: Past, at: datetime) -> str:
    """Return the stage that the lead had come to by then."""
    return next(
        (str(change["stage"]) for change in reversed(past.stages) if from_wire(change["at"]) <= at),
        "assigned",
    )
