"""Reads request bodies: shape and types, never rules of the trade.

What is off becomes a 422 that names the field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any

from triage.embedded.moments import from_wire
from triage.embedded.problems import Problem, unparsable

Item = dict[str, Any]
Check = Callable[[object], bool]

BATCH = 100
"""The most items that one write may carry."""
SEEN_AT_ONCE = 500
"""The most replies that a rep can say to have seen at once."""

ACTS = ("accept", "reject", "recycle", "disqualify", "reroute", "snooze", "restore")
FEEDBACK_TYPES = (
    "score_accuracy",
    "objection",
    "question_heard",
    "content_request",
    "data_correction",
    "definition_dispute",
    "message_mismatch",
    "kudos",
    "note",
    "win_reason",
    "retraction",
)
REPLY_KINDS = (
    "acknowledged",
    "need_info",
    "planned",
    "changed",
    "delivered",
    "no_change",
    "returned",
    "overturned",
    "upheld",
)

STATUSES = (
    "assigned",
    "snoozed",
    "accepted",
    "working",
    "qualifying",
    "qualified",
    "opportunity",
    "won",
    "lost",
    "rejected",
    "recycled",
    "disqualified",
)

_ID = re.compile(r"[!-~]{1,128}")
_REQUIRED = object()


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _is_optional_id(value: object) -> bool:
    return value is None or _is_id(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_optional_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_time(value: object) -> bool:
    if not isinstance(value, str) or not value.endswith("Z"):
        return False
    try:
        from_wire(value)
    except (ValueError, OverflowError):
        return False
    return True


def _is_seen(value: object) -> bool:
    return isinstance(value, dict) and all(_is_text(value.get(k)) for k in ("owner_id", "status", "version"))


def _one_of(*words: str) -> Check:
    return lambda value: isinstance(value, str) and value in words


def _optional(check: Check) -> Check:
    return lambda value: value is None or check(value)


_DECISION: dict[str, tuple[Check, object]] = {
    "decision_id": (_is_id, _REQUIRED),
    "lead_id": (_is_id, _REQUIRED),
    "act": (_one_of(*ACTS), _REQUIRED),
    "reason": (_is_optional_text, None),
    "params": (_is_object, {}),
    "note": (_is_text, ""),
    "decided_at": (_is_time, _REQUIRED),
    "batch_id": (_is_optional_id, None),
    "supersedes": (_is_optional_id, None),
    "of": (_is_optional_id, None),
    "after_contact": (_is_flag, False),
    "disagrees_with": (_is_optional_text, None),
    "skew_ms": (_optional(_is_whole), None),
    "seen": (_is_seen, _REQUIRED),
    "snapshot": (_is_object, {}),
}
_FEEDBACK: dict[str, tuple[Check, object]] = {
    "feedback_id": (_is_id, _REQUIRED),
    "lead_id": (_is_id, _REQUIRED),
    "decision_id": (_is_optional_id, None),
    "batch_id": (_is_optional_id, None),
    "type": (_one_of(*FEEDBACK_TYPES), _REQUIRED),
    "payload": (_is_object, {}),
    "created_at": (_is_time, _REQUIRED),
    "supersedes": (_is_optional_id, None),
    "routed_to": (_is_optional_text, None),
    "snapshot": (_is_object, {}),
}
_REPLY: dict[str, tuple[Check, object]] = {
    "reply_id": (_is_id, _REQUIRED),
    "of": (_is_id, _REQUIRED),
    "kind": (_one_of(*REPLY_KINDS), _REQUIRED),
    "text": (_is_text, ""),
    "link": (_is_optional_text, None),
}
_ASSIGNMENT: dict[str, tuple[Check, object]] = {"owner_id": (_is_id, _REQUIRED)}
_EDIT: dict[str, tuple[Check, object]] = {
    "status": (_optional(_one_of(*STATUSES)), None),
    "archived": (_optional(_is_flag), None),
    "contacted_at": (_optional(_is_time), None),
    **dict.fromkeys(("title", "company", "email", "phone"), (_is_optional_text, None)),
}
_ANSWER: dict[str, tuple[Check, object]] = {
    "triage_answer": (_is_optional_text, None),
    "triage_answer_kind": (_optional(_one_of(*REPLY_KINDS)), None),
    "triage_answer_link": (_is_optional_text, None),
}
_REMOVAL: dict[str, tuple[Check, object]] = {"merged_into": (_is_optional_id, None)}
_PROPOSAL: dict[str, tuple[Check, object]] = {
    "proposal_id": (_is_id, _REQUIRED),
    "based_on": (_is_text, _REQUIRED),
    "definition": (_is_object, _REQUIRED),
    "why": (_is_text, ""),
}
_WORD: dict[str, tuple[Check, object]] = {"agrees": (_is_flag, _REQUIRED), "why": (_is_text, "")}


def decisions(body: bytes) -> list[Item]:
    """Return the decisions of a batch, absent fields filled in."""
    return _batch(body, _DECISION)


def feedback(body: bytes) -> list[Item]:
    """Return the feedback of a batch, absent fields filled in."""
    return _batch(body, _FEEDBACK)


def reply(body: bytes) -> Item:
    """Return a reply; a `no_change` without a text is a 422."""
    form = _form(_object(body), _REPLY, "")
    check_reason(form)
    return form


def replies(body: bytes) -> list[Item]:
    """Return the replies of a batch, absent fields filled in; each is judged by itself."""
    return _batch(body, _REPLY)


def check_reason(reply: Item) -> None:
    """Raise a 422 for a `no_change` without a word why."""
    if reply["kind"] == "no_change" and not reply["text"].strip():
        raise unparsable("`no_change` needs a `text`: why not.")


def seen(body: bytes) -> list[str]:
    """Return the ids of the replies that a rep has seen."""
    ids = _object(body).get("reply_ids")
    if not isinstance(ids, list) or not all(map(_is_id, ids)):
        raise unparsable("`reply_ids` is not a list of ids.")
    if len(ids) > SEEN_AT_ONCE:
        raise Problem(413, "too_large", f"{len(ids)} ids; at most {SEEN_AT_ONCE} at once.")
    return ids


def answer(body: bytes) -> Item:
    """Return what marketing typed as its answer: kind, text and link; a 422 where there is none."""
    typed = _typed_answer(_form(_object(body), _ANSWER, ""))
    if typed is None:
        raise unparsable("`triage_answer` has no text, and `triage_answer_kind` is not given.")
    return typed


def assignment(body: bytes) -> Item:
    """Return whom a lead is to go to."""
    return _form(_object(body), _ASSIGNMENT, "")


def edit(body: bytes) -> tuple[Item, Item | None]:
    """Return what is to change of a lead, and what is answered, if anything; a 422 where both is nothing."""
    whole = _object(body)
    form = _form(whole, _EDIT, "")
    given = {name: value for name, value in form.items() if value is not None}
    typed = _typed_answer(_form(whole, _ANSWER, ""))
    if not given and typed is None:
        raise unparsable(f"Nothing to change: one of {', '.join((*_EDIT, *_ANSWER))}.")
    return given, typed


def removal(body: bytes) -> Item:
    """Return into which lead another goes, if into any."""
    return _form(_object(body), _REMOVAL, "")


def proposal(body: bytes) -> Item:
    """Return another definition as it is proposed."""
    return _form(_object(body), _PROPOSAL, "")


def word(body: bytes) -> Item:
    """Return a yes or a no to a proposal."""
    return _form(_object(body), _WORD, "")


def _typed_answer(form: Item) -> Item | None:
    """Return the answer in a reply's words; None where neither text nor kind is given: a cleared field."""
    text, kind = form["triage_answer"] or "", form["triage_answer_kind"]
    if kind is None and not text.strip():
        return None
    typed = {"kind": kind or "acknowledged", "text": text, "link": form["triage_answer_link"]}
    check_reason(typed)
    return typed


def _object(body: bytes) -> Item:
    try:
        value = json.loads(body, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        raise unparsable("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise unparsable("The body is not a JSON object.")
    return value


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _finite(word: str) -> float:
    """Return a number; one too large to be any would be kept as Infinity, and no client could read that."""
    number = float(word)
    if not isfinite(number):
        raise ValueError(f"{word} is too large")
    return number


def _batch(body: bytes, fields: dict[str, tuple[Check, object]]) -> list[Item]:
    items = _object(body).get("items")
    if not isinstance(items, list) or not items:
        raise unparsable("`items` is not a list of at least one.")
    if len(items) > BATCH:
        raise Problem(413, "too_large", f"{len(items)} items; at most {BATCH} at once.")
    return [_form(item, fields, f"items[{n}].") for n, item in enumerate(items)]


def _form(value: object, fields: dict[str, tuple[Check, object]], where: str) -> Item:
    if not isinstance(value, dict):
        raise unparsable(f"`{where.rstrip('.')}` is not an object.")
    form: Item = {}
    for name, (fits, default) in fields.items():
        if name not in value and default is _REQUIRED:
            raise unparsable(f"`{where}{name}` is missing.")
        form[name] = value.get(name, default)
        if not fits(form[name]):
            raise unparsable(f"`{where}{name}` is not what the contract says.")
    return form
