"""Takes decisions, each at most once, inside the transaction of its caller.

The order of its checks is the contract's.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from msgspec import Struct
from msgspec.structs import asdict

from triage.embedded import leads, ledger, rules
from triage.embedded.database import Database, Json
from triage.embedded.leads import State
from triage.embedded.ledger import DECISION
from triage.embedded.members import Member, may_own
from triage.embedded.reason_codes import is_known


class _Case(Struct, frozen=True):
    """One decision on one lead."""

    database: Database
    rep: Member
    item: Json
    lead: sqlite3.Row
    now: datetime

    def refused(self, why: str) -> Json:
        return ledger.result(DECISION, self.item, "refused", why)

    def conflict(self) -> Json:
        return ledger.conflict(self.database, DECISION, self.item, self.lead)

    def is_own(self, decision: sqlite3.Row) -> bool:
        return bool(decision["rep_id"] == self.rep.user_id and decision["lead_id"] == self.item["lead_id"])


def decide(database: Database, rep: Member, item: Json, now: datetime) -> Json:
    """Apply one decision or say why not; return the answer's row for it."""
    known = ledger.find(database, DECISION, item["decision_id"])
    if known is not None:
        return ledger.again(DECISION, item, rep, known)
    lead = leads.find(database, item["lead_id"])
    if lead is None:
        return ledger.result(DECISION, item, "refused", f"There is no lead {item['lead_id']}.")
    case = _Case(database, rep, item, lead, now)
    if lead["deleted"]:
        return case.conflict()
    if item["act"] == "restore":
        return _restore(case)
    replaced = _applied(case, item["supersedes"])
    return _decide_anew(case) if replaced is None else _replace(case, replaced)


def _applied(case: _Case, decision_id: str | None) -> sqlite3.Row | None:
    return ledger.find(case.database, DECISION, decision_id) if decision_id else None


def _decide_anew(case: _Case) -> Json:
    seen, lead = case.item["seen"], case.lead
    same = seen["owner_id"] == lead["owner_id"] and seen["status"] == lead["status"]
    # What the rep saw does not say whether it was archived: only the very version tells that they knew.
    as_seen = same and not lead["archived"]
    if str(lead["version"]) != seen["version"] and not as_seen:
        return case.conflict()
    if lead["owner_id"] != case.rep.user_id:
        shown = seen["owner_id"] == lead["owner_id"]
        return case.refused("The lead has another owner.") if shown else case.conflict()
    return _act(case, leads.state_of(lead))


def _replace(case: _Case, replaced: sqlite3.Row) -> Json:
    """Let the new act take the place of an applied one, judged on the state from before that."""
    if not case.is_own(replaced):
        return case.refused("`supersedes` is not a decision of yours on this lead.")
    if case.lead["last_decision_id"] != replaced["id"]:
        return case.conflict()
    if json.loads(replaced["body"])["act"] == "restore":
        return _decide_anew(case)
    answer = _act(case, State(**json.loads(replaced["before"])))
    if answer["outcome"] == "applied":
        ledger.mark(case.database, DECISION.name, replaced["id"], "superseded")
    return answer


def _act(case: _Case, before: State) -> Json:
    item = case.item
    if item["reason"] and not is_known(item["act"], item["reason"]):
        return case.refused(f"{item['act']} has no reason {item['reason']}.")
    objection = rules.objection(item, before, leads.contacted_at(case.lead))
    if objection is not None:
        return case.refused(objection)
    try:
        after = rules.after(item, before, by=case.rep.name, now=case.now)
    except ValueError as error:
        return case.refused(str(error))
    except OverflowError:
        return case.refused("A date is too far away.")
    if not may_own(case.database, after.owner_id):
        return case.refused(f"There is no user or queue {after.owner_id}.")
    return _apply(case, before, after, marker=item["decision_id"])


def _restore(case: _Case) -> Json:
    undone = _applied(case, case.item["of"])
    if undone is None or not case.is_own(undone):
        return case.refused("`of` is not an applied decision of yours on this lead.")
    if json.loads(undone["body"])["act"] == "restore":
        return case.refused("A restore cannot be undone: decide again.")
    if case.lead["last_decision_id"] != undone["id"]:
        return case.conflict()
    before = State(**json.loads(undone["before"]))
    answer = _apply(case, leads.state_of(case.lead), before, marker=before.last_decision_id)
    ledger.mark(case.database, DECISION.name, undone["id"], "superseded")
    return answer


def _apply(case: _Case, before: State, after: State, *, marker: str | None) -> Json:
    """Change the lead and write decision, receipt and effect, which commit together or not at all.

    `marker` is the decision that the lead stands by afterwards: a restore brings back the one before.
    """
    database, item, now = case.database, case.item, case.now
    version = leads.change(database, case.lead, after, by=case.rep.name, now=now, decision_id=marker)
    receipt = ledger.receipt_for(database, DECISION, item, now, version=version, state=after)
    ledger.keep(
        database,
        DECISION,
        item,
        rep=case.rep,
        state="applied",
        receipt=receipt,
        lead=leads.brief(case.lead),
        before=asdict(before),
    )
    return ledger.result(DECISION, item, "applied", receipt=receipt)
