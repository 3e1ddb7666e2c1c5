"""What a write did that a test asks about: entries that it newly put into the log of a lead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.bottlecrm.shop.leads import Lead
    from tests.bottlecrm.shop.state import State

LOG, ANSWERS = "triage_log", "triage_answers"


def entries(custom: Mapping[str, Any], key: str = LOG) -> list[dict[str, Any]]:
    """The records that a lead's log holds; none where it is not one."""
    try:
        found = json.loads(custom.get(key) or "[]")
    except (TypeError, ValueError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def note_effects(state: State, lead: Lead, before: Mapping[str, Any]) -> None:
    known = {one.get("id") for one in entries(before)}
    state.effects += [
        (lead.id, str(one.get("id")), str(one.get("word")))
        for one in entries(lead.custom)
        if one.get("id") not in known
    ]
