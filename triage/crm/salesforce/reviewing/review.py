"""What marketing sees: decisions and feedback of all reps, with what the rep saw and the answers to them.

A rep sees their own; with `team` colleagues' too, so that both sides count the same, without names and words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from triage.crm.colleagues import decision_without_words, feedback_without_words
from triage.crm.rest.bodies import wire_time
from triage.crm.rest.review import read_decisions, read_feedback
from triage.crm.salesforce.account import Account, same_id
from triage.crm.salesforce.keeping.decision_object import ANSWER, DECISION, FEEDBACK
from triage.crm.salesforce.keeping.kept import Kept
from triage.crm.salesforce.keeping.ledger import ledger_of
from triage.crm.salesforce.reviewing import answer_rows
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.review import REVIEWS, Reply, ReviewedDecision, ReviewedFeedback

_ACTS = {act.done: act.value for act in Act}
_RETRACTED = "retracted"
_SUPERSEDED = "superseded"


class Review:
    """The record of decisions and feedback in one org."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def decisions(self, *, team: bool = False) -> list[ReviewedDecision]:
        """Return the decisions that the user may see, the oldest first."""
        rows, answers = await self._of(DECISION, team=team)
        gone = _taken_back(rows)
        found: list[ReviewedDecision] = []
        for row in rows:
            body = _body(row, answers.get(row.key, ()), "decision_id") | {
                "act": _ACTS.get(row.outcome, row.outcome),
                "state": _SUPERSEDED if row.key in gone else _decision_state(answers.get(row.key, ())),
                "decided_at": _told(row).get("decided_at") or _wire(row),
            }
            is_open = await self._is_open(row)
            found += [one if is_open else decision_without_words(one) for one in read_decisions([body])]
        return found

    async def feedback(self, *, team: bool = False) -> list[ReviewedFeedback]:
        """Return the feedback that the user may see, the oldest first."""
        rows, answers = await self._of(FEEDBACK, team=team)
        retractions = (row for row in rows if row.outcome == FeedbackType.RETRACTION)
        found: list[ReviewedFeedback] = []
        retracted = {str(_told(row).get("supersedes")) for row in retractions}
        for row in rows:
            state = "answered" if answers.get(row.key) else "open"
            body = _body(row, answers.get(row.key, ()), "feedback_id") | {
                "type": row.outcome,
                "state": _RETRACTED if row.key in retracted else state,
                "created_at": _told(row).get("created_at") or _wire(row),
            }
            body.setdefault("payload", {"text": row.words})
            is_open = await self._is_open(row)
            found += [one if is_open else feedback_without_words(one) for one in read_feedback([body])]
        return found

    async def _of(self, kind: str, *, team: bool) -> tuple[list[Kept], Mapping[str, tuple[Reply, ...]]]:
        """Return what is kept of a kind, and the answers by what they answer."""
        ledger = await ledger_of(self._account)
        whose = None if team or self._sees_all else (await self._account.whoami()).user_id
        rows = await ledger.kept(kind, by=whose)
        given = answer_rows.given(await ledger.kept(ANSWER, by=whose))
        typed = answer_rows.typed(await ledger.answered(whose, None), given)
        return rows, _by_item((*given, *typed))

    @property
    def _sees_all(self) -> bool:
        return self._account.role == "marketing"

    async def _is_open(self, row: Kept) -> bool:
        """Whether names and words of an item are this user's to see."""
        return self._sees_all or same_id(row.by.user_id, (await self._account.whoami()).user_id)


def _body(row: Kept, answers: Iterable[Reply], id_name: str) -> dict[str, Any]:
    """Return an item in the open contract's form: by its record, else by its columns."""
    told = _told(row)
    usual: dict[str, Any] = {"lead_id": row.lead_id, "note": row.words, "reason": row.reason or None}
    return (
        usual
        | told
        | {
            id_name: row.key,
            "lead_id": row.lead_id or told.get("lead_id"),
            "rep": {"user_id": row.by.user_id, "name": row.by.name},
            "lead": row.lead,
            "applied_at": wire_time(row.created_at) if row.created_at else None,
            "replies": [_plain(one) for one in answers],
        }
    )


def _plain(reply: Reply) -> dict[str, Any]:
    return {
        "reply_id": reply.reply_id,
        "of": reply.of,
        "of_kind": reply.of_kind,
        "kind": reply.kind.value,
        "text": reply.text,
        "lead_id": reply.lead_id,
        "by": reply.by,
        "at": wire_time(reply.at) if reply.at else None,
        "link": reply.link,
        "seen_at": wire_time(reply.seen_at) if reply.seen_at else None,
    }


def _told(row: Kept) -> dict[str, Any]:
    """Return the item as its record has it."""
    item = row.record.get("item")
    return dict(item) if isinstance(item, dict) else {}


def _wire(row: Kept) -> str | None:
    moment = row.decided_at or row.created_at
    return wire_time(moment) if moment else None


def _by_item(answers: Iterable[Reply]) -> dict[str, tuple[Reply, ...]]:
    found: dict[str, tuple[Reply, ...]] = {}
    for one in sorted(answers, key=lambda reply: wire_time(reply.at) if reply.at else ""):
        found[one.of] = (*found.get(one.of, ()), one)
    return found


def _taken_back(rows: Iterable[Kept]) -> set[str]:
    """Return the decisions that a restore took back, and those that a later one replaces."""
    restored = {row.about for row in rows if row.outcome == Act.RESTORE.done}
    return restored | {str(of) for row in rows if (of := _told(row).get("supersedes"))}


def _decision_state(answers: Iterable[Reply]) -> str:
    return "reviewed" if any(one.kind in REVIEWS for one in answers) else "applied"
