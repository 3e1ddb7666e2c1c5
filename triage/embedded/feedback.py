"""Takes feedback, each at most once, inside the transaction of its caller. Changes no lead."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from triage.embedded import content, leads, ledger
from triage.embedded.database import Database, Json
from triage.embedded.ledger import FEEDBACK
from triage.embedded.members import Member

_ROUTES = {
    "score_accuracy": "scoring",
    "definition_dispute": "marketing ops",
    "objection": "product marketing",
    "question_heard": "product marketing",
    "content_request": "content",
    "data_correction": "marketing ops",
}
_WITHOUT_CAMPAIGN = "demand gen"


def give(database: Database, rep: Member, item: Json, now: datetime) -> Json:
    """Apply one feedback or say why not; the answer's row for it."""
    known = ledger.find(database, FEEDBACK, item["feedback_id"])
    if known is not None:
        return ledger.again(FEEDBACK, item, rep, known)
    lead = leads.find(database, item["lead_id"])
    if lead is None:
        return ledger.result(FEEDBACK, item, "refused", f"There is no lead {item['lead_id']}.")
    if lead["deleted"]:
        return ledger.conflict(database, FEEDBACK, item, lead)
    refusal = _refusal(database, rep, item)
    if refusal is not None:
        return ledger.result(FEEDBACK, item, "refused", refusal)
    return _keep(database, rep, item, lead, now)


def routed_to(item: Json, campaign: Json | None) -> str:
    """Return who answers: whom the rep's side named, else the team of its type, else the campaign's owner."""
    named = item["routed_to"] or _ROUTES.get(item["type"])
    if named or campaign is None:
        return str(named or _WITHOUT_CAMPAIGN)
    return str(campaign.get("owner") or f"campaign owner of {campaign['name']}")


def _refusal(database: Database, rep: Member, item: Json) -> str | None:
    if item["type"] == "retraction" and not item["supersedes"]:
        return "A retraction needs `supersedes`: the feedback that it withdraws."
    withdrawn = ledger.find(database, FEEDBACK, item["supersedes"]) if item["supersedes"] else None
    if withdrawn is not None and withdrawn["rep_id"] != rep.user_id:
        return "`supersedes` is not feedback of yours."
    wanted = item["payload"].get("request_id") if item["type"] == content.TYPE else None
    if wanted is not None and not content.is_known(database, wanted):
        return "There is no content request of this `request_id`."
    return None


def _keep(database: Database, rep: Member, item: Json, lead: sqlite3.Row, now: datetime) -> Json:
    state = leads.state_of(lead)
    receipt = ledger.receipt_for(database, FEEDBACK, item, now, version=lead["version"], state=state)
    receipt["routed_to"] = routed_to(item, json.loads(lead["body"])["campaign"])
    withdrawn = item["type"] == "retraction" or _is_withdrawn(database, rep, item["feedback_id"])
    ledger.keep(
        database,
        FEEDBACK,
        item,
        rep=rep,
        state="retracted" if withdrawn else "open",
        receipt=receipt,
        lead=leads.brief(lead),
        before={},
        added={"routed_to": receipt["routed_to"]},
    )
    if item["supersedes"]:
        ledger.mark(database, FEEDBACK.name, item["supersedes"], "retracted")
    return ledger.result(FEEDBACK, item, "applied", receipt=receipt)


def _is_withdrawn(database: Database, rep: Member, feedback_id: str) -> bool:
    """Say whether a retraction came first: they are sent on their own and may overtake."""
    query = "SELECT 1 FROM items WHERE kind = 'feedback' AND supersedes = ? AND rep_id = ?"
    return database.row(query, feedback_id, rep.user_id) is not None
