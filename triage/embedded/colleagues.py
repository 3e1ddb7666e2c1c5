"""What a rep may know of colleagues' decisions and feedback: enough to count the same, no names, no words.

Keeps by name and never drops by name: a field that is added one day stays here until someone lets it out.
"""

from __future__ import annotations

import re
from typing import Any

from triage.embedded.database import Json

_QUOTED = re.compile(r": “.*”", re.DOTALL)
_LONGEST_CODE = 200
"""Characters."""
_NOBODY = {"user_id": "", "name": ""}
_PARAMS = ("criterion", "contribution", "field", "attempts", "until", "ends", "wake", "competitor")
_PAYLOAD = (
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
)
_SNAPSHOT = (
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
)
_PARTS = (
    "label",
    "dimension",
    "points_earned",
    "points_applied",
    "points_after_decay",
    "occurred_at",
    "group",
    "direction",
)
_LINES = ("criterion_id", "result")
_SHOWN = ("since", "dwell_ms", "position")
_RECEIPT = ("receipt_id", "applied_at", "version", "status", "routed_to")


def without_words(item: Json) -> Json:
    """Return a colleague's decision or feedback as a rep may see it, in the contract's shape."""
    kept = item | {
        "rep": _NOBODY,
        "snapshot": _snapshot(_object(item.get("snapshot"))),
        "lead": _lead(item["lead"]),
        "replies": [reply | {"text": "", "by": ""} for reply in item["replies"]],
        "receipt": _only(item["receipt"], _RECEIPT) | {"owner": _NOBODY},
    }
    if "note" in item:
        kept["note"] = ""
        kept["params"] = _only(_object(item["params"]), _PARAMS)
        kept["seen"] = _object(item["seen"]) | {"owner_id": ""}
    if "payload" in item:
        kept["payload"] = _only(_object(item["payload"]), _PAYLOAD)
    return kept


def outcome_without_names(outcome: Json) -> Json:
    """Return what became of a colleague's lead as a rep may see it.

    Its path is marketing's, and stays but for what is quoted: a contact form holds the lead's own words.
    """
    account = outcome.get("account_id") or ""
    touches = [_QUOTED.sub("", touch) for touch in outcome.get("touches") or ()]
    return outcome | {
        "opportunity": None,
        "owner": _NOBODY,
        "name": "",
        "company": account,
        "touches": touches,
    }


def _lead(brief: Json) -> Json:
    account = brief.get("account_id") or ""
    return brief | {"name": "", "company": account} | ({"title": ""} if "title" in brief else {})


def _snapshot(snapshot: Json) -> Json:
    """Return what was counted by: a contribution's evidence quotes the lead, its label does not."""
    kept = _only(snapshot, _SNAPSHOT)
    for name, fields in (("contributions", _PARTS), ("criteria", _LINES)):
        if isinstance(snapshot.get(name), list):
            kept[name] = [_only(one, fields) for one in snapshot[name] if isinstance(one, dict)]
    if isinstance(snapshot.get("shown"), dict):
        kept["shown"] = _only(snapshot["shown"], _SHOWN)
    return kept


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _only(value: Json, names: tuple[str, ...]) -> Json:
    return {name: value[name] for name in names if name in value and _is_short(value[name])}


def _is_short(value: Any) -> bool:
    """Whether it can be a code, a label or a number; what is longer or nested is somebody's words."""
    return len(value) <= _LONGEST_CODE if isinstance(value, str) else not isinstance(value, dict | list)
