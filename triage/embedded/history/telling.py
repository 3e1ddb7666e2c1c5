"""Puts the history together: who came, what the reps said, what followed. The same seed tells the same."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime, timedelta

from triage.embedded.history import casting, feedback, outcomes, planted, replies, verdicts
from triage.embedded.history.casting import Cast
from triage.embedded.history.cohorts import around, at_work, id_at
from triage.embedded.history.past import Act, Kept, Past
from triage.embedded.history.snapshots import Showing
from triage.embedded.history.verdicts import Verdict
from triage.embedded.leads import OPEN
from triage.embedded.members import CLOSERS_QUEUE, FIRST_REP, MARKETER, colleague_of
from triage.embedded.moments import from_wire, to_wire

_AGREED = timedelta(weeks=10)
"""So long before now the definition in force was agreed."""
_BULK_FROM = 3
_SNOOZED, _SUPERSEDED, _OFFLINE = 0.06, 0.02, 0.05
_CLOCK_WRONG = ("U-06", (4, 5), 47 * 60 * 1000)
"""Whose machine was how far behind, in milliseconds, in which weeks."""
_TAKEN_AFTER_ALL, _HASTY, _CLOCK_KNOWN = 0.6, 0.6, 0.7


def tell(*, seed: int, now: datetime) -> list[Past]:
    """Return the past of all leads of the twelve weeks, in the order in which they came."""
    random_ = random.Random(f"history-{seed}")  # noqa: S311  # a demo's dice, not a secret
    pasts = _deliveries(random_, now)
    planned = [(past, verdicts.draw(random_, past, now)) for past in pasts]
    _bundle(random_, [(past, verdict) for past, verdict in planned if verdict is not None])
    for past, verdict in planned:
        if verdict is not None:
            _live(random_, past, verdict, now)
    feedback.tell_all(random_, pasts, now)
    for past in pasts:
        replies.answer_feedback(random_, past, now)
        replies.note_what_was_seen(random_, past, now)
        _keep_from_the_first_rep(random_, past, now)
    return pasts


def _deliveries(random_: random.Random, now: datetime) -> list[Past]:
    roles = sorted(casting.roles(random_, now), key=lambda role: role.delivered_at)
    leads = [casting.portray(random_, role, now) for role in roles]
    casting.share_accounts(random_, leads)
    for n, (role, lead) in enumerate(zip(roles, leads, strict=True)):
        if role.cast is Cast.DUPLICATE and n:
            casting.repeat(leads[random_.randrange(max(0, n - 300), n)], lead)
    return [Past.begin(random_, role, lead) for role, lead in zip(roles, leads, strict=True)]


def _bundle(random_: random.Random, planned: list[tuple[Past, Verdict]]) -> None:
    """Make one act of what a rep rejects for one reason on one day."""
    alike: dict[tuple[str, str, str, bool], list[tuple[Past, Verdict]]] = defaultdict(list)
    for past, verdict in planned:
        if verdict.act == "reject":
            day = verdict.at.date().isoformat()
            in_list = past.role.cast is Cast.LIST
            alike[past.rep.user_id, verdict.reason or "", day, in_list].append((past, verdict))
    for together in alike.values():
        if len(together) >= _BULK_FROM:
            new_id = id_at(random_, max(verdict.at for _, verdict in together))
            verdicts.bundle(random_, together, new_id)


def _live(random_: random.Random, past: Past, verdict: Verdict, now: datetime) -> None:
    showing = _showing(random_, past, verdict, now)
    if random_.random() < _SNOOZED and verdict.batch_id is None:
        _snooze(random_, past, verdict, showing)
    if verdict.act == "disqualify":
        past.contact(verdict.at - timedelta(minutes=40), 5 if verdict.reason == "UNREACHABLE" else 1)
    kept = _decide(random_, past, verdict, showing, now)
    if verdict.act == "accept":
        outcomes.pursue(random_, past, kept.applied_at, now, showing)
    elif verdict.act == "reject":
        _be_reviewed(random_, past, kept, now)


def _decide(random_: random.Random, past: Past, verdict: Verdict, showing: Showing, now: datetime) -> Kept:
    """Decide, in some cases after another word that this one takes the place of."""
    replaced = _change_of_mind(random_, past, verdict, showing)
    act = Act(
        name=verdict.act,
        at=verdict.at,
        reason=verdict.reason,
        params=verdict.params,
        note=verdict.note,
        disagrees_with=verdicts.disagreement(past, verdict.act, verdict.reason, showing.definition_version),
        batch_id=verdict.batch_id,
        supersedes=replaced.item["decision_id"] if replaced else None,
        applied_at=_delivered_late(random_, past, verdict, now),
        skew_ms=_skew(random_, past),
    )
    return past.decide(random_, act, showing)


def _change_of_mind(random_: random.Random, past: Past, verdict: Verdict, showing: Showing) -> Kept | None:
    if verdict.act != "accept" or random_.random() > _SUPERSEDED * 2:
        return None
    before = past.state
    at = max(verdict.at - timedelta(minutes=3), past.role.delivered_at)
    told = verdicts.params(random_, past, "reject", "LOW_INTENT", at)
    first = past.decide(random_, Act("reject", at, "LOW_INTENT", told), showing)
    first.state = "superseded"
    past.state = before
    return first


def _snooze(random_: random.Random, past: Past, verdict: Verdict, showing: Showing) -> None:
    at = past.role.delivered_at + (verdict.at - past.role.delivered_at) / 4
    if verdict.at - at > timedelta(hours=1) and verdicts.is_in_time(past, at):
        until = at + (verdict.at - at) / 2
        until = until.replace(microsecond=0)
        act = Act("snooze", at.replace(microsecond=0), params={"until": to_wire(until)})
        past.decide(random_, act, showing)


def _be_reviewed(random_: random.Random, past: Past, kept: Kept, now: datetime) -> None:
    said = replies.review(random_, past, kept, now)
    if said is None or said[0] == "upheld":
        return
    word, at = said
    past.come_back(random_, at, MARKETER)
    again = at_work(random_, at + around(random_, timedelta(hours=4)), past.rep.user_id)
    if again >= now:
        return
    accepts = word == "overturned" or random_.random() < _TAKEN_AFTER_ALL
    verdict = Verdict(again, "accept" if accepts else "recycle", None if accepts else "EARLY_RESEARCH")
    verdict.params = verdicts.params(random_, past, verdict.act, verdict.reason, again)
    showing = _showing(random_, past, verdict, now)
    kept = _decide(random_, past, verdict, showing, now)
    if accepts:
        outcomes.pursue(random_, past, kept.applied_at, now, showing)


def _showing(random_: random.Random, past: Past, verdict: Verdict, now: datetime) -> Showing:
    version = "4" if verdict.at >= now - _AGREED else "3"
    if verdict.batch_id is not None:
        return Showing(None, None, None, verdict.blind, version)
    hasty = past.rep.user_id == planted.LAZY_REP and random_.random() < _HASTY
    seconds = random_.uniform(0.6, 1.9) if hasty else max(2.1, random_.lognormvariate(2.7, 0.7))
    dwell_ms = int(seconds * 1000)
    since = verdict.at - timedelta(milliseconds=dwell_ms)
    return Showing(since, dwell_ms, random_.randint(1, 18), verdict.blind, version)


def _delivered_late(random_: random.Random, past: Past, verdict: Verdict, now: datetime) -> datetime | None:
    """Return when a decision came in that was made in time, on a train, and delivered after the deadline."""
    if random_.random() > _OFFLINE or not verdicts.is_in_time(past, verdict.at):
        return None
    applied_at = from_wire(past.state.sla_due_at or "") + timedelta(hours=random_.uniform(0.5, 5))
    return applied_at.replace(microsecond=0) if applied_at < now else None


def _skew(random_: random.Random, past: Past) -> int | None:
    who, weeks, behind = _CLOCK_WRONG
    if past.rep.user_id == who and past.role.week in weeks:
        return behind
    return random_.randint(-900, 900) if random_.random() < _CLOCK_KNOWN else None


def _keep_from_the_first_rep(random_: random.Random, past: Past, now: datetime) -> None:
    """Pass on what would still be on the first rep's list: it is not theirs to pull."""
    if past.state.owner_id != FIRST_REP or past.status not in (*OPEN, "won"):
        return
    last = past.changed_at or past.role.delivered_at
    at = last + min(timedelta(days=2), (now - last) / 2)
    undecided = past.status in {"assigned", "snoozed"}
    to = colleague_of(FIRST_REP) if undecided else CLOSERS_QUEUE
    past.hand_on(random_, to, at.replace(microsecond=0))
