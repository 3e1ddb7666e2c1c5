"""What marketing answered: which items, after how long, with which word. The latest are not answered yet."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from triage.embedded.history import planted, words
from triage.embedded.history.casting import Cast
from triage.embedded.history.cohorts import around, at_work, id_at
from triage.embedded.history.past import Kept, Past
from triage.embedded.library import BASE
from triage.embedded.members import FIRST_REP, MARKETER
from triage.embedded.moments import from_wire, to_wire

Json = dict[str, Any]

_ANSWERED = 0.74
_SCORING, _DEFINITION = "scoring m3", "definition v4"
_ASSET = f"{BASE}/customer-story-food"
_TO_ANSWER, _TO_SEE, _UNSEEN = timedelta(days=2.2), timedelta(hours=20), timedelta(days=4)
_KINDS: dict[str, dict[tuple[str, str | None], int]] = {
    "score_accuracy": {
        ("acknowledged", None): 40,
        ("planned", None): 22,
        ("changed", _SCORING): 16,
        ("no_change", None): 16,
        ("need_info", None): 6,
    },
    "content_request": {("planned", None): 70, ("acknowledged", None): 30},
    "data_correction": {("changed", None): 70, ("no_change", None): 12, ("need_info", None): 18},
    "definition_dispute": {
        ("planned", None): 30,
        ("changed", _DEFINITION): 25,
        ("no_change", None): 45,
    },
    "message_mismatch": {("acknowledged", None): 45, ("changed", None): 25, ("no_change", None): 30},
    "kudos": {("acknowledged", None): 1},
}
_OTHERWISE: dict[tuple[str, str | None], int] = {("acknowledged", None): 70, ("planned", None): 30}
_DELIVERED: dict[tuple[str, str | None], int] = {("delivered", _ASSET): 1}
_REVIEWS = {"upheld": 44, "returned": 4, "overturned": 3, "": 49}
_FOLLOWED_UP = 0.12


def note_what_was_seen(random_: random.Random, past: Past, now: datetime) -> None:
    """Let the rep have seen each reply a day or so after; the last days' wait to be seen."""
    for reply in past.replies:
        at = from_wire(reply["at"])
        seen_at = at_work(random_, at + around(random_, _TO_SEE), past.rep.user_id)
        seen = at < now - _UNSEEN and seen_at < now
        reply["seen_at"] = to_wire(seen_at) if seen else None


def answer_feedback(random_: random.Random, past: Past, now: datetime) -> None:
    """Answer some of the lead's feedback; the planted list waits for one answer to all of it."""
    for kept in past.feedback:
        waits = past.role.cast is Cast.LIST or kept.item["type"] == "retraction"
        if waits or kept.state == "retracted" or random_.random() > _answered(kept):
            continue
        for kind, link, at in _answers(random_, kept):
            if at < now:
                _reply(random_, past, ("feedback", kept.item["feedback_id"]), kind, at, link=link)
                kept.state = "answered"


def review(random_: random.Random, past: Past, kept: Kept, now: datetime) -> tuple[str, datetime] | None:
    """Judge a rejection, perhaps; return the word and when it was said."""
    (kind,) = random_.choices(list(_REVIEWS), list(_REVIEWS.values()))
    at = _when(random_, kept.applied_at, timedelta(days=1.4))
    plain = past.role.cast is Cast.ORDINARY
    if not kind or at >= now or past.role.cast is Cast.LIST:
        return None
    word = kind if plain else "upheld"
    _reply(random_, past, ("decision", kept.item["decision_id"]), word, at)
    kept.state = "reviewed"
    return word, at


def _answered(kept: Kept) -> float:
    """Return the share of its kind that is answered: what is disputed most waits longest."""
    if kept.item["payload"].get("topic") == planted.DELIVERED_TOPIC:
        return 1.0
    disputed = kept.item["payload"].get("contribution") == planted.DISPUTED_PART
    return _ANSWERED * (0.6 if disputed else 1.0)


def _answers(random_: random.Random, kept: Kept) -> Iterator[tuple[str, str | None, datetime]]:
    kinds = _kinds(kept)
    ((kind, link),) = random_.choices(list(kinds), list(kinds.values()))
    at = _when(random_, kept.applied_at, _TO_ANSWER)
    if kind in {"changed", "delivered"} and random_.random() < _FOLLOWED_UP * 3:
        yield "acknowledged", None, at
        at = _when(random_, at, _TO_ANSWER)
    yield kind, link, at


def _kinds(kept: Kept) -> dict[tuple[str, str | None], int]:
    """Return with what, and how often, such a piece of feedback is answered."""
    topic = kept.item["payload"].get("topic")
    if topic == planted.TOPIC:
        return _OTHERWISE
    return _DELIVERED if topic == planted.DELIVERED_TOPIC else _KINDS.get(kept.item["type"], _OTHERWISE)


def _when(random_: random.Random, since: datetime, median: timedelta) -> datetime:
    # Marketing works where the first rep does.
    return at_work(random_, since + around(random_, median, 0.8), FIRST_REP)


def _reply(
    random_: random.Random,
    past: Past,
    of: tuple[str, str],
    kind: str,
    at: datetime,
    *,
    link: str | None = None,
) -> None:
    past.replies.append(
        {
            "reply_id": id_at(random_, at),
            "of": of[1],
            "kind": kind,
            "text": random_.choice(words.REPLIES[kind]),
            "link": link,
            "of_kind": of[0],
            "lead_id": past.lead["lead_id"],
            "by": MARKETER,
            "at": to_wire(at),
        }
    )
