"""Records marketing's answers: a graph each, so that an answer and what marketing's lists show are one.

An answer that brings a lead back gives it to the rep once more, as it was before the decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from triage.crm.salesforce.account import Account
from triage.crm.salesforce.api import Graph
from triage.crm.salesforce.delivering.delivery import FAILURES
from triage.crm.salesforce.delivering.graph_outcomes import Again, failure_of
from triage.crm.salesforce.delivering.nodes import graph, graph_id_of, node
from triage.crm.salesforce.keeping.decision_object import DECISION, KEY_LIMIT
from triage.crm.salesforce.keeping.kept import Kept
from triage.crm.salesforce.keeping.ledger import Ledger, by_lead, ledger_of, standing
from triage.domain.outcome import Refused
from triage.domain.review import REVIEWS, Reply, ReplyKind

BRINGS_BACK = frozenset({ReplyKind.RETURNED, ReplyKind.OVERTURNED})
_NOBODY = "Salesforce has no decision or feedback of this id."
_TOO_LONG = f"Its id is longer than {KEY_LIMIT} characters."
_MOVED_ON = "The lead has moved on since this decision."
_ABOUT_FEEDBACK = "It answers a decision, and this is feedback."
_SILENT = "Salesforce did not say whether it has taken it. Send it again."


async def answer_all(account: Account, replies: Sequence[Reply], now: datetime) -> Mapping[str, str]:
    """Record answers; return by id why one is not recorded, or an empty text. Repeating it does no harm."""
    told: dict[str, str] = {}
    name = (await account.whoami()).name
    unique = tuple({reply.reply_id: reply for reply in replies}.values())
    for start in range(0, len(unique), FAILURES):
        part = [replace(one, by=one.by or name, at=one.at or now) for one in unique[start : start + FAILURES]]
        told |= await _answer_few(account, part)
    return told


async def _answer_few(account: Account, replies: Sequence[Reply]) -> dict[str, str]:
    """Record so few answers that Salesforce comes to each, however many it refuses."""
    ledger = await ledger_of(account)
    keys = [key for reply in replies for key in (reply.of, reply.reply_id) if len(key) <= KEY_LIMIT]
    kept = await ledger.find(keys)
    told: dict[str, str] = {}
    graphs: dict[str, dict[str, Any]] = {}
    for reply in replies:
        why = _objection(reply, kept)
        back = [] if why or reply.reply_id in kept else await _back(ledger, reply, kept[reply.of])
        if why or reply.reply_id in kept:
            told[reply.reply_id] = why
        elif back is None:
            told[reply.reply_id] = _MOVED_ON
        else:
            nodes = await ledger.answer_nodes(reply, kept[reply.of])
            graphs[reply.reply_id] = graph(graph_id_of(reply.reply_id), *back, *nodes)
    return told | await _sent(account, graphs)


async def _sent(account: Account, graphs: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    if not graphs:
        return {}
    answer = await account.api.graph(list(graphs.values()))
    if answer.refused:
        return dict.fromkeys(graphs, answer.refused)
    return {reply_id: _why_not(answer.graphs.get(graph_id_of(reply_id))) for reply_id in graphs}


def _objection(reply: Reply, kept: Mapping[str, Kept]) -> str:
    """Return why an answer cannot be recorded, by what is there; an empty text: nothing."""
    if len(reply.reply_id) > KEY_LIMIT:
        return _TOO_LONG
    about = kept.get(reply.of)
    if about is None:
        return _NOBODY
    return _ABOUT_FEEDBACK if reply.kind in REVIEWS and about.kind != DECISION else ""


async def _back(ledger: Ledger, reply: Reply, to: Kept) -> list[dict[str, Any]] | None:
    """Return the write that gives the lead back to the rep, if the answer does; None: it has moved on."""
    if reply.kind not in BRINGS_BACK:
        return []
    before = to.before
    stands = standing(by_lead(await ledger.of_leads([to.lead_id])).get(to.lead_id, []))
    if before is None or stands is None or stands.key != to.key:
        return None
    columns = {"Status": before.status, "OwnerId": to.by.user_id or before.owner_id}
    return [node("PATCH", "Lead", "lead", columns, record_id=to.lead_id)]


def _why_not(told: Graph | None) -> str:
    if told is None:
        return _SILENT
    if told.successful:
        return ""
    outcome = failure_of(told)
    if isinstance(outcome, Again):
        outcome = outcome.otherwise
    return " ".join(outcome.messages) if isinstance(outcome, Refused) else outcome.why
