"""What a rep may know of colleagues' decisions and feedback: enough to count the same, no names and words.

Pure. Keeps by name and never drops by name: what is added one day stays out until someone lets it in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from triage.domain.lead import Owner
from triage.domain.review import Reply, ReviewedDecision, ReviewedFeedback

_NOBODY = Owner("")
_LONGEST_CODE = 200
"""Characters; what is longer is somebody's words."""
_PARAMS = frozenset({"criterion", "contribution", "field", "attempts", "until", "ends", "wake", "competitor"})
_PAYLOAD = frozenset(
    {
        "verdict",
        "contribution",
        "criterion",
        "category",
        "competitor",
        "field",
        "topic",
        "asset_type",
        "persona",
        "needed_by",
        "request_id",
    }
)
_SNAPSHOT = frozenset(
    {
        "score",
        "band",
        "grade",
        "model_version",
        "definition_version",
        "status",
        "attempts",
        "contacted",
        "sla_due_at",
        "blind",
    }
)
_LEAD = frozenset({"source", "campaign", "status"})


def without_words(one: ReviewedDecision) -> ReviewedDecision:
    """Return a colleague's decision as a rep may see it."""
    return replace(
        one,
        rep=_NOBODY,
        note="",
        params=_codes(one.params, _PARAMS),
        snapshot=_codes(one.snapshot, _SNAPSHOT),
        lead=_codes(one.lead, _LEAD),
        replies=_silent(one.replies),
    )


def feedback_without_words(one: ReviewedFeedback) -> ReviewedFeedback:
    """Return a colleague's feedback as a rep may see it."""
    return replace(
        one,
        rep=_NOBODY,
        payload=_codes(one.payload, _PAYLOAD),
        snapshot=_codes(one.snapshot, _SNAPSHOT),
        lead=_codes(one.lead, _LEAD),
        routed_to="",
        replies=_silent(one.replies),
    )


def _codes(values: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names and _is_code(value)}


def _is_code(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_CODE
    return value is None or isinstance(value, bool | int | float)


def _silent(replies: Iterable[Reply]) -> tuple[Reply, ...]:
    return tuple(replace(one, text="", by="", link=None) for one in replies)
