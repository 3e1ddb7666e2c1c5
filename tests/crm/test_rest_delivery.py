"""What `push` and `verify` of the REST adapter make of answers that no well-behaved server gives."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import httpx
import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.crm.wires import Handler, handled_by
from triage.crm.contract import decision_on, feedback_on
from triage.crm.port import Capabilities
from triage.crm.rest import RestCrm
from triage.crm.rest.bodies import batch_body, batch_key, item_body, plain, reply_body
from triage.domain.act import Act
from triage.domain.item import Item
from triage.domain.lead import Lead, LeadId, LeadStatus, Owner, Seen
from triage.domain.outcome import (
    Already,
    Applied,
    Conflicted,
    Receipt,
    Refused,
    RetryLater,
    Theirs,
    Unknown,
)
from triage.domain.review import Reply, ReplyKind
from triage.errors import AnswerLost, BadAnswer, CrmError, NotPermitted, NotSignedIn, RateLimited, Unreachable

TOKEN = "TOKEN-abc123-sentinel"
LEAD = Lead(LeadId("L-1"), version="3", status=LeadStatus.ASSIGNED, owner=Owner("U-1", "Ada"))
RECEIPT = {
    "receipt_id": "R-1",
    "applied_at": "2026-11-21T10:00:00Z",
    "version": "4",
    "status": "accepted",
    "owner": None,
}


def crm_with(handle: Handler) -> RestCrm:
    crm = RestCrm("https://crm.example", TOKEN)
    crm._api._transport = handled_by(handle)
    return crm


async def pushed(handle: Handler, items: list[Item]) -> dict[str, Any]:
    crm = crm_with(handle)
    try:
        return dict(await crm.push(items))
    finally:
        await crm.aclose()


def result(item: Item, outcome: str, **more: object) -> dict[str, object]:
    blank = {"receipt": None, "theirs": None, "messages": [], "retry_after": None}
    return blank | {f"{item.kind}_id": item.id, "outcome": outcome} | more


def answering(*results: dict[str, object]) -> Handler:
    return lambda _request: httpx.Response(200, json={"results": list(results)})


async def test_results_are_matched_by_id_never_by_position():
    first, second = decision_on(LEAD), decision_on(LEAD)
    answer = answering(result(second, "refused", messages=["no"]), result(first, "applied", receipt=RECEIPT))
    outcomes = await pushed(answer, [first, second])
    assert outcomes[second.id] == Refused(("no",))
    assert isinstance(outcomes[first.id], Applied)


async def test_each_outcome_of_the_contract_is_read():
    items = [decision_on(LEAD) for _ in range(5)]
    theirs = {
        "version": "9",
        "status": "accepted",
        "owner": {"user_id": "U-2", "name": "B"},
        "changed_by": "B",
    }
    answer = answering(
        result(items[0], "applied", receipt=RECEIPT),
        result(items[1], "already", receipt=RECEIPT | {"owner": {"user_id": "U-1", "name": "Ada"}}),
        result(items[2], "conflict", theirs=theirs | {"deleted": False, "merged_into": "L-9"}),
        result(items[3], "refused"),
        result(items[4], "retry", retry_after=1e9, messages=["later"]),
    )
    moment = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    assert list((await pushed(answer, items)).values()) == [
        Applied(Receipt("R-1", moment, "4", "accepted")),
        Already(Receipt("R-1", moment, "4", "accepted", Owner("U-1", "Ada"))),
        Conflicted(Theirs("9", "accepted", Owner("U-2", "B"), "B", merged_into="L-9")),
        Refused(("The CRM refused it without a word.",)),
        RetryLater("later", 3600.0),
    ]


async def test_whatever_leaves_a_doubt_is_unknown():
    items = [decision_on(LEAD) for _ in range(5)]
    missing, bare, odd, torn, twice = items
    answer = answering(
        result(bare, "applied"),
        result(odd, "perhaps"),
        result(torn, "applied", receipt="R-1"),
        result(twice, "applied", receipt=RECEIPT),
        result(twice, "refused", messages=["no"]),
        result(decision_on(LEAD), "applied", receipt=RECEIPT),
        {"outcome": "applied", "receipt": RECEIPT},
    )
    outcomes = await pushed(answer, items)
    assert set(outcomes) == {item.id for item in items}
    assert all(isinstance(outcome, Unknown) for outcome in outcomes.values())
    assert missing.id in outcomes


async def test_the_same_result_twice_is_one_result():
    item = decision_on(LEAD)
    row = result(item, "applied", receipt=RECEIPT)
    assert isinstance((await pushed(answering(row, row), [item]))[item.id], Applied)


@pytest.mark.parametrize("results", [None, {}, "x", [None, 5, "x"], [{"decision_id": ["x"]}]])
async def test_results_of_another_shape_leave_every_item_unknown(results):
    item = decision_on(LEAD)
    outcomes = await pushed(lambda _: httpx.Response(200, json={"results": results}), [item])
    assert isinstance(outcomes[item.id], Unknown)


@pytest.mark.parametrize("status", [400, 409, 413, 422])
async def test_a_refused_batch_is_halved_until_the_poison_stands_alone(status):
    items = [decision_on(LEAD) for _ in range(7)]
    poison = items[4].id
    seen: list[tuple[str, list[str]]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        ids = [row["decision_id"] for row in json.loads(request.content)["items"]]
        seen.append((request.headers["Idempotency-Key"], ids))
        if poison in ids:
            return httpx.Response(status, json={"error": {"code": "x", "message": "`note` is odd."}})
        rows = [{"decision_id": item_id, "outcome": "applied", "receipt": RECEIPT} for item_id in ids]
        return httpx.Response(200, json={"results": rows})

    outcomes = await pushed(handle, items)
    assert outcomes.pop(poison) == Refused(("`note` is odd.",))
    assert len(outcomes) == 6
    assert all(isinstance(outcome, Applied) for outcome in outcomes.values())
    assert len({key for key, _ in seen}) == len(seen), "another batch has another key"


async def test_a_rejection_without_json_does_not_refuse_what_it_never_read():
    item = decision_on(LEAD)
    page = httpx.Response(413, text="<html>too large</html>", headers={"Content-Type": "text/html"})
    assert isinstance((await pushed(lambda _: page, [item]))[item.id], RetryLater | Unknown)


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimited), (503, AnswerLost)])
async def test_a_pause_of_the_whole_account_is_raised_and_never_put_down_to_an_item(status, kind):
    items = [decision_on(LEAD), feedback_on(LEAD)]
    with pytest.raises(kind) as caught:
        await pushed(lambda _: httpx.Response(status, headers={"Retry-After": "30"}), items)
    assert caught.value.retry_after == 30


@pytest.mark.parametrize(("status", "kind"), [(429, RetryLater), (503, Unknown)])
async def test_a_pause_that_comes_midway_loses_no_outcome(status, kind):
    decision, feedback = decision_on(LEAD), feedback_on(LEAD)

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/feedback":
            return httpx.Response(status, headers={"Retry-After": "30"})
        return answering(result(decision, "applied", receipt=RECEIPT))(request)

    outcomes = await pushed(handle, [decision, feedback])
    assert isinstance(outcomes[decision.id], Applied)
    assert isinstance(outcomes[feedback.id], kind)


@pytest.mark.parametrize(("status", "error"), [(401, NotSignedIn), (403, NotPermitted)])
async def test_a_push_without_permission_raises(status, error):
    with pytest.raises(error):
        await pushed(lambda _: httpx.Response(status), [decision_on(LEAD)])


async def test_a_token_that_expires_midway_loses_no_outcome():
    decision, feedback = decision_on(LEAD), feedback_on(LEAD)

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/feedback":
            return httpx.Response(401)
        return answering(result(decision, "applied", receipt=RECEIPT))(request)

    outcomes = await pushed(handle, [decision, feedback])
    assert isinstance(outcomes[decision.id], Applied)
    assert isinstance(outcomes[feedback.id], RetryLater)


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (httpx.ConnectError("x"), RetryLater),
        (httpx.ConnectTimeout("x"), RetryLater),
        (httpx.PoolTimeout("x"), RetryLater),
        (httpx.ProxyError("x"), RetryLater),
        (httpx.InvalidURL("x"), RetryLater),
        (httpx.ReadTimeout("x"), Unknown),
        (httpx.WriteTimeout("x"), Unknown),
        (httpx.ReadError("x"), Unknown),
        (httpx.WriteError("x"), Unknown),
        (httpx.RemoteProtocolError("x"), Unknown),
        (httpx.LocalProtocolError("x"), Unknown),
        (RuntimeError("x"), Unknown),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
async def test_only_what_certainly_never_left_is_tried_again_unasked(raised, kind):
    def handle(_request: httpx.Request) -> httpx.Response:
        raise raised

    item = decision_on(LEAD)
    assert type((await pushed(handle, [item]))[item.id]) is kind


async def test_verify_takes_no_other_item_for_ours():
    crm = crm_with(lambda _: httpx.Response(200, json={"decision_id": "another", "receipt": RECEIPT}))
    with pytest.raises(BadAnswer):
        await crm.verify(decision_on(LEAD))
    await crm.aclose()


STRANGERS = {
    "a portal": httpx.Response(404, text="<html>404</html>", headers={"Content-Type": "text/html"}),
    "a framework": httpx.Response(404, json={"detail": "Not Found"}),
    "a gateway": httpx.Response(404, json={"error": "no upstream"}),
    "another API": httpx.Response(404, json={"error": {"type": "not_found"}}),
    "nobody": httpx.Response(404, json={}),
}


@pytest.mark.parametrize("who", STRANGERS)
async def test_verify_takes_nobody_elses_404_for_absence(who):
    crm = crm_with(lambda _: STRANGERS[who])
    with pytest.raises(BadAnswer):
        await crm.verify(decision_on(LEAD))
    await crm.aclose()


async def test_a_reply_that_is_refused_says_so_in_the_crms_words():
    crm = crm_with(
        lambda _: httpx.Response(422, json={"error": {"code": "x", "message": "A text is needed."}})
    )
    with pytest.raises(CrmError, match=r"A text is needed\."):
        await crm.reply(Reply("R", "D", ReplyKind.NO_CHANGE))
    await crm.aclose()


# Pages


async def test_a_cursor_that_does_not_move_on_ends_the_fetch():
    crm = crm_with(
        lambda _: httpx.Response(200, json={"items": [], "gone": [], "next_cursor": "c", "more": True})
    )
    with pytest.raises(BadAnswer, match="does not move on"):
        [page async for page in crm.fetch("c")]
    await crm.aclose()


@pytest.mark.parametrize("start", [None, "a"])
async def test_cursors_that_go_round_in_a_circle_end_the_fetch(start):
    after = {None: "a", "a": "b", "b": "c", "c": "a"}

    def answer(request):
        cursor = after[request.url.params.get("cursor")]
        return httpx.Response(200, json={"items": [], "gone": [], "next_cursor": cursor, "more": True})

    crm = crm_with(answer)
    with pytest.raises(BadAnswer, match="does not move on"):
        async with asyncio.timeout(20):
            [page async for page in crm.fetch(start)]
    await crm.aclose()


@pytest.mark.parametrize(
    "wrong",
    [{"items": {}}, {"items": None}, {"gone": "L-1"}, {"gone": [5]}, {"more": "no"}, {"next_cursor": 7}],
)
async def test_a_page_of_another_shape_is_never_taken_for_an_empty_one(wrong):
    page = {"items": [], "gone": [], "next_cursor": "c", "more": False} | wrong
    crm = crm_with(lambda _: httpx.Response(200, json=page))
    with pytest.raises(BadAnswer):
        [page async for page in crm.fetch(None)]
    await crm.aclose()


async def test_a_fetch_that_breaks_off_has_given_whole_pages_only():
    def handle(request: httpx.Request) -> httpx.Response:
        if "cursor" in request.url.params:
            raise httpx.ConnectError("x")
        page = {"items": [{"lead_id": "L-1"}], "gone": [], "next_cursor": "c", "more": True}
        return httpx.Response(200, json=page)

    crm = crm_with(handle)
    pages = crm.fetch(None)
    first = await anext(pages)
    with pytest.raises(Unreachable):
        await anext(pages)
    await crm.aclose()
    assert (first.cursor, first.more) == ("c", True)


async def test_a_fetch_that_nobody_reads_on_leaves_nothing_behind():
    def handle(request: httpx.Request) -> httpx.Response:
        if "cursor" in request.url.params:
            return httpx.Response(401)
        page = {"items": [{"lead_id": "L-1"}], "gone": [], "next_cursor": "c", "more": True}
        return httpx.Response(200, json=page)

    crm = crm_with(handle)
    pages = crm.fetch(None)
    await anext(pages)
    await pages.aclose()
    await crm.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_a_crm_does_not_hold_is_none_or_empty():
    crm = crm_with(lambda _: httpx.Response(404, json={"error": {"code": "not_found", "message": "no"}}))
    assert (await crm.definition(), await crm.reasons()) == (None, None)
    assert (await crm.people(), await crm.statistics()) == ((), ())
    await crm.aclose()


# Bodies


def test_what_was_seen_moves_with_our_receipts_and_nothing_else_does():
    item = decision_on(LEAD)
    moved = item_body(replace(item, base=Seen("U-1", "snoozed", "8"), attempts=3))
    assert moved.pop("seen") == {"owner_id": "U-1", "status": "snoozed", "version": "8"}
    first = item_body(item)
    assert first.pop("seen") == {"owner_id": "U-1", "status": "assigned", "version": "3"}
    assert moved == first


@given(st.permutations([decision_on(LEAD) for _ in range(4)]))
def test_the_key_of_a_batch_depends_on_its_ids_alone(items):
    assert batch_key(items) == batch_key(sorted(items, key=lambda item: item.id))
    assert batch_key(items) != batch_key(items[:-1])


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        ("DecisionBatch", batch_body([decision_on(LEAD), decision_on(LEAD, Act.RESTORE, of="D-1")])),
        ("FeedbackBatch", batch_body([feedback_on(LEAD)])),
        ("NewReply", reply_body(Reply("R-1", "D-1", ReplyKind.PLANNED, "soon", link="rules v5"))),
    ],
)
def test_what_is_sent_obeys_the_contracts_document(schema, body):
    contract = yaml.safe_load((files("triage.embedded") / "contract.yaml").read_text("utf-8"))
    known = set(contract["components"]["schemas"][schema]["properties"])
    jsonschema.validate(
        body, {"$ref": f"#/components/schemas/{schema}", "components": contract["components"]}
    )
    assert set(body) <= known


async def test_a_caller_without_a_name_is_no_caller():
    crm = crm_with(lambda _: httpx.Response(200, json={"user_id": None, "role": "rep"}))
    with pytest.raises(BadAnswer):
        await crm.whoami()
    await crm.aclose()


async def test_capabilities_nobody_knows_are_none():
    crm = crm_with(lambda _: httpx.Response(200, json={"name": "X", "batch": -5, "reasons": "tarot"}))
    assert await crm.capabilities() == Capabilities("X", batch=1, reasons="none")
    await crm.aclose()


def test_a_snapshot_is_plain_json():
    item = decision_on(LEAD)
    assert item.decision is not None
    snapshot = plain(item.decision.snapshot)
    assert json.loads(json.dumps(snapshot)) == snapshot
    assert snapshot["shown"] == {"since": None, "dwell_ms": None, "position": None}
