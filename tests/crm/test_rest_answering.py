"""Marketing with nothing installed but the CRM: reads a decision there, answers it there, and the rep sees it.

Over real HTTP: the rep by the shipped adapter, marketing by plain requests that any form or workflow can make.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.embedded_server import RunningServer, running_server
from triage.crm.contract import decision_on, feedback_on, fresh_leads
from triage.crm.port import outcomes_of
from triage.crm.rest import RestCrm
from triage.domain.act import Act
from triage.domain.lead import Lead, LeadStatus
from triage.domain.review import Reply, ReplyKind

SECRET = "Aurelia said so."


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server(leads=12) as running:
        yield running


@pytest.fixture
async def rep(server: RunningServer) -> Any:
    crm = RestCrm(server.url, server.rep_token)
    yield crm
    await crm.aclose()


async def in_the_crm(server: RunningServer, method: str, path: str, body: Any = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {server.marketing_token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as client:
        answer = await client.request(method, path, json=body)
        return answer.raise_for_status().json()


async def new_replies(rep: RestCrm, cursor: str) -> list[Reply]:
    return [reply async for page in rep.replies(cursor) for reply in page.replies]


async def rejected(rep: RestCrm) -> tuple[Lead, str]:
    lead = (await fresh_leads(rep))[0]
    item = decision_on(lead, Act.REJECT, reason="LOW_INTENT", note="Only a price list.")
    await rep.push([item])
    return lead, item.id


async def test_a_decision_is_read_and_answered_in_the_crm_and_the_rep_sees_it(
    server: RunningServer, rep: RestCrm
) -> None:
    lead, decision_id = await rejected(rep)
    cursor = [page async for page in rep.replies(None)][-1].cursor
    path = f"/v1/leads/{lead.lead_id}"
    shown = await in_the_crm(server, "GET", path)
    assert (shown["triage_outcome"], shown["triage_reason"]) == ("reject", "LOW_INTENT")
    assert shown["triage_note"] == "Only a price list."
    typed = {"triage_answer": "The form counts half from now on.", "triage_answer_kind": "changed"}
    await in_the_crm(server, "POST", f"{path}/edit", typed | {"triage_answer_link": "scoring m4"})
    (reply,) = await new_replies(rep, cursor)
    assert (reply.of, reply.kind, reply.text) == (decision_id, ReplyKind.CHANGED, typed["triage_answer"])
    assert (reply.link, reply.seen_at, reply.lead_id) == ("scoring m4", None, lead.lead_id)


async def test_what_the_rep_has_seen_comes_back_to_every_machine(server: RunningServer, rep: RestCrm) -> None:
    lead, decision_id = await rejected(rep)
    body = {"triage_answer_kind": "upheld"}
    reply = await in_the_crm(server, "POST", f"/v1/decisions/{decision_id}/answer", body)
    cursor = [page async for page in rep.replies(None)][-1].cursor
    await rep.see([reply["reply_id"], "never-heard-of"])
    (seen,) = await new_replies(rep, cursor)
    assert seen.reply_id == reply["reply_id"]
    assert seen.seen_at is not None
    shown = await in_the_crm(server, "GET", f"/v1/leads/{lead.lead_id}")
    assert shown["triage_answer_kind"] == "upheld"


async def test_a_lead_that_was_returned_in_the_crm_is_the_reps_again(
    server: RunningServer, rep: RestCrm
) -> None:
    lead, _ = await rejected(rep)
    cursor = [page async for page in rep.fetch(None)][-1].cursor
    typed = {"triage_answer": "Please call.", "triage_answer_kind": "returned"}
    await in_the_crm(server, "POST", f"/v1/leads/{lead.lead_id}/edit", typed)
    back = [one async for page in rep.fetch(cursor) for one in page.leads]
    assert [(one.lead_id, one.status) for one in back] == [(lead.lead_id, LeadStatus.ASSIGNED)]


async def test_a_colleague_counts_the_same_and_reads_no_name_or_word(
    server: RunningServer, rep: RestCrm
) -> None:
    lead = (await fresh_leads(rep))[0]
    items = [decision_on(lead, note=SECRET)]
    await rep.push(items)
    await rep.push([feedback_on(lead, SECRET)])
    colleague = RestCrm(server.url, server.token_of("U-02"))
    marketing = RestCrm(server.url, server.marketing_token)
    try:
        theirs = [one async for one in colleague.decisions(team=True)]
        whole = [one async for one in marketing.decisions()]
        notes = [one async for one in colleague.feedback(team=True)]
        stages = [one async for page in outcomes_of(colleague, None) for one in page.changes]
        assert await colleague.bands() == await marketing.bands()
    finally:
        await colleague.aclose()
        await marketing.aclose()
    counted = [(one.decision_id, one.act, one.reason, one.decided_at, one.lead_id) for one in whole]
    assert [(one.decision_id, one.act, one.reason, one.decided_at, one.lead_id) for one in theirs] == counted
    assert any(SECRET in one.note for one in whole)
    words = repr((theirs, notes, stages))
    assert [name for name in (SECRET, lead.name, lead.company, "U-01", "Robin Vale") if name in words] == []
