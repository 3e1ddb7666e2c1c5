"""What a rep may know of colleagues' decisions and feedback: enough to count the same, no names, no words.

Pure. Keeps by name and never drops by name: what is added one day stays here until someone lets it out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from triage.domain.lead import Owner
from triage.domain.people import Rep
from triage.domain.review import Reply, ReviewedDecision, ReviewedFeedback
from triage.domain.stages import StageChange

_T = TypeVar("_T", ReviewedDecision, ReviewedFeedback)
_LONGEST_CODE = 200
_PARAMS = ("criterion", "contribution", "field", "attempts", "until", "ends", "wake", "competitor")
_PAYLOAD = (
    *("verdict", "contribution", "criterion", "category", "competitor", "field", "topic"),
    *("asset_type", "persona", "needed_by", "request_id"),
)
_SNAPSHOT = (
    *("score", "band", "grade", "model_version", "definition_version", "status", "attempts"),
    *("contacted", "sla_due_at", "blind"),
)
_PARTS = (
    *("label", "dimension", "points_earned", "points_applied", "points_after_decay"),
    *("occurred_at", "group", "direction"),
)
_LINES = ("criterion_id", "result")
_SHOWN = ("since", "dwell_ms", "position")
_LEAD = ("source", "campaign")


def decision_without_words(one: ReviewedDecision) -> ReviewedDecision:
    """Return a colleague's decision as a rep may see it."""
    return replace(
        one,
        rep=Owner(""),
        note="",
        params=_only(one.params, _PARAMS),
        snapshot=_snapshot(one.snapshot),
        lead=_only(one.lead, _LEAD),
        replies=_wordless(one.replies),
    )


def feedback_without_words(one: ReviewedFeedback) -> ReviewedFeedback:
    """Return a colleague's feedback as a rep may see it."""
    return replace(
        one,
        rep=Owner(""),
        payload=_only(one.payload, _PAYLOAD),
        snapshot=_only(one.snapshot, _SNAPSHOT),
        lead=_only(one.lead, _LEAD),
        routed_to="",
        replies=_wordless(one.replies),
    )


def outcome_without_names(one: StageChange) -> StageChange:
    """Return what became of a colleague's lead as a rep may see it."""
    return replace(one, owner=Owner(""), name="", company=one.account_id, opportunity=None)


def shown_decisions(found: Iterable[ReviewedDecision], rep: Rep, *, team: bool) -> list[ReviewedDecision]:
    """Return what one may see: marketing all; a rep their own, and with `team` colleagues' without words."""
    return list(_shown(found, rep, decision_without_words, team=team))


def shown_feedback(found: Iterable[ReviewedFeedback], rep: Rep, *, team: bool) -> list[ReviewedFeedback]:
    """Return what one may see of feedback, in the same way."""
    return list(_shown(found, rep, feedback_without_words, team=team))


def _shown(found: Iterable[_T], rep: Rep, blot: Callable[[_T], _T], *, team: bool) -> Iterator[_T]:
    for one in found:
        if rep.role == "marketing" or one.rep.user_id == rep.user_id:
            yield one
        elif team:
            yield blot(one)


def _wordless(replies: Collection[Reply]) -> tuple[Reply, ...]:
    return tuple(replace(reply, text="", by="", link=None) for reply in replies)


def _snapshot(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was counted by: a contribution's evidence quotes the lead, its label does not."""
    kept = _only(snapshot, _SNAPSHOT)
    for name, fields in (("contributions", _PARTS), ("criteria", _LINES)):
        if isinstance(snapshot.get(name), list):
            kept[name] = [_only(one, fields) for one in snapshot[name] if isinstance(one, dict)]
    if isinstance(snapshot.get("shown"), dict):
        kept["shown"] = _only(snapshot["shown"], _SHOWN)
    return kept


def _only(value: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value[name] for name in names if name in value and _is_short(value[name])}


def _is_short(value: object) -> bool:
    """Whether it can be a code, a label or a number; what is longer or nested is somebody's words."""
    return len(value) <= _LONGEST_CODE if isinstance(value, str) else not isinstance(value, dict | list)
