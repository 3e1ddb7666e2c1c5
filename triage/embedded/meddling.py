"""A colleague who changes a lead just before a decision on it: the faults `conflict` and `reassign`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from triage.embedded import leads, ledger, rules
from triage.embedded.database import Database
from triage.embedded.leads import State
from triage.embedded.members import colleague_of, person

KINDS = ("conflict", "reassign")

_OTHER_STATUS = {"assigned": "snoozed", "snoozed": "assigned", "accepted": "working"}
"""Another status in which the same acts are possible, so that "keep mine" can work out."""


def meddle(database: Database, kind: str, items: list[dict[str, Any]], now: datetime) -> None:
    """Change the lead of the first item that was not applied before."""
    for item in items:
        lead = leads.find(database, item["lead_id"])
        known = ledger.find(database, ledger.DECISION, item["decision_id"])
        if lead is None or lead["deleted"] or known is not None:
            continue
        before = leads.state_of(lead)
        colleague = colleague_of(before.owner_id)
        after = rules.assigned_to(colleague, before, now) if kind == "reassign" else _touched(before)
        leads.change(database, lead, after, by=person(database, colleague)["name"], now=now)
        return


def _touched(state: State) -> State:
    return replace(state, status=_OTHER_STATUS.get(state.status, "qualifying"))
