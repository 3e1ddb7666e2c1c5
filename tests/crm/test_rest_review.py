"""The second half of the port on the open contract: what a CRM does not give is absent, and never an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.crm.test_rest_delivery import crm_with
from triage.clock import utc_now
from triage.crm.port import (
    Crm,
    bands_of,
    decisions_of,
    feedback_of,
    outcomes_of,
    reply_all_at,
    reply_one_by_one,
    see_at,
)
from triage.crm.rest import RestCrm
from triage.crm.rest.answering import read_results
from triage.crm.rest.review import read_decisions, read_feedback
from triage.crm.rest.stages import read_stages
from triage.domain.lead import LeadStatus, Owner
from triage.domain.review import BandStatistics, Reply, ReplyKind
from triage.domain.stages import StageChange
from triage.errors import AnswerLost, BadAnswer, CrmError, StaleCursor, Unreachable

AT = "2026-11-20T09:00:00Z"
CHANGE = {
    "outcome_id": "O-1",
    "lead_id": "L-1",
    "at": AT,
    "stage": "won",
    "opportunity": "Line 2",
    "amount": 12500,
    "currency": "EUR",
    "owner": {"user_id": "U-1", "name": "Ada"},
    "name": "Jo Kim",
    "company": "Alpha",
    "source": "webinar",
    "campaign": "2026Q4_WBN",
    "account_id": "A-1",
    "touches": ["saw the demo", "asked for a price"],
}
NO = {"error": {"code": "no", "message": "That is not possible here."}}
ANSWER = Reply("r-1", "d-1", ReplyKind.PLANNED, "On the list.")


class Heard:
    """A CRM of canned answers by method and path; everything else is 404."""

    def __init__(self, **answers: tuple[int, Any] | Callable[[httpx.Request], httpx.Response]) -> None:
        self.answers = answers
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        found = self.answers.get(request.url.path.removeprefix("/v1/").replace("/", "_"))
        if callable(found):
            return found(request)
        status, body = found or (404, {"error": {"code": "not_found", "message": "There is no such path."}})
        return httpx.Response(status, json=body)

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]


def page(*items: Any, cursor: str = "c1", more: bool = False) -> tuple[int, Any]:
    return 200, {"items": list(items), "next_cursor": cursor, "more": more}


async def with_crm(heard: Heard, ask: Callable[[RestCrm], Any]) -> Any:
    crm = crm_with(heard)
    try:
        return await ask(crm)
    finally:
        await crm.aclose()


async def outcomes(heard: Heard, cursor: str | None = None) -> Any:
    async def ask(crm: RestCrm) -> Any:
        return [page async for page in crm.outcomes(cursor)]

    return await with_crm(heard, ask)


# What became of leads


async def test_what_became_of_a_lead_is_read_whole():
    (read,) = await outcomes(Heard(outcomes=page(CHANGE)))
    (change,) = read.changes
    assert change == StageChange(
        "O-1",
        "L-1",
        LeadStatus.WON,
        change.at,
        opportunity="Line 2",
        amount=12500.0,
        currency="EUR",
        owner=Owner("U-1", "Ada"),
        name="Jo Kim",
        company="Alpha",
        source="webinar",
        campaign="2026Q4_WBN",
        account_id="A-1",
        touches=("saw the demo", "asked for a price"),
    )
    assert (read.cursor, read.more, read.unread) == ("c1", False, {})


def test_what_is_not_said_is_unknown_and_never_zero():
    bare = {name: CHANGE[name] for name in ("outcome_id", "lead_id", "at", "stage")}
    ((change,), unread) = read_stages([bare | {"amount": None, "owner": {"user_id": "", "name": ""}}])
    assert (change.amount, change.currency, change.opportunity, change.owner) == (None, None, None, None)
    assert change.touches == ()
    assert unread == {}


def test_an_unknown_stage_is_left_out_and_counted():
    changes, unread = read_stages([CHANGE | {"stage": "celebrated"}, CHANGE, CHANGE | {"stage": "unknown"}])
    assert [change.stage for change in changes] == [LeadStatus.WON]
    assert unread == {"stage": 2, "outcome": 2}


@pytest.mark.parametrize(
    "odd",
    [None, 7, {}, {"at": "yesterday"}, {"at": None}, {"lead_id": ""}, {"outcome_id": 7}, {"stage": None}],
)
def test_a_change_without_id_time_or_stage_is_left_out_and_counted(odd):
    row = CHANGE | odd if isinstance(odd, dict) and odd else odd
    changes, unread = read_stages([row, CHANGE])
    assert len(changes) == 1
    assert unread["outcome"] == 1


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


ODD = st.dictionaries(st.sampled_from([*CHANGE]), ANYTHING, max_size=2).map(CHANGE.__or__)
ROWS = st.lists(ANYTHING | ODD, max_size=4)
QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LONG = settings(QUICK, max_examples=2_000)


def each_is_read_or_counted(rows: list[Any]) -> None:
    changes, unread = read_stages(rows)
    assert len(changes) + unread.get("outcome", 0) == len(rows)
    assert all(change.at.tzinfo is not None and change.stage != LeadStatus.UNKNOWN for change in changes)


@QUICK
@given(ROWS)
def test_whatever_a_crm_tells_of_stages_each_is_read_or_counted(rows):
    each_is_read_or_counted(rows)


@pytest.mark.soak
@LONG
@given(ROWS)
def test_whatever_a_crm_tells_of_stages_each_is_read_or_counted_in_the_long_run(rows):
    each_is_read_or_counted(rows)


async def test_a_crm_that_keeps_no_outcomes_gives_none():
    assert await outcomes(Heard()) == []


async def test_a_cursor_that_a_crm_does_not_know_is_said():
    for status in (410, 422):
        with pytest.raises(StaleCursor):
            await outcomes(Heard(outcomes=(status, NO)), "c0")


async def test_outcomes_of_another_shape_are_a_bad_answer():
    with pytest.raises(BadAnswer):
        await outcomes(Heard(outcomes=(200, {"items": {}, "next_cursor": "", "more": False})))


# The team


@pytest.mark.parametrize(("team", "said"), [(True, "true"), (False, None)])
async def test_the_team_is_asked_for_on_the_wire_only_if_it_is_wanted(team, said):
    heard = Heard(decisions=page(), feedback=page())

    async def ask(crm: RestCrm) -> None:
        assert [one async for one in crm.decisions(team=team)] == []
        assert [one async for one in crm.feedback(team=team)] == []

    await with_crm(heard, ask)
    assert [request.url.params.get("team") for request in heard.requests] == [said, said]


async def test_every_page_of_the_team_is_asked_for_as_the_teams():
    rows = [page({"decision_id": "d-1"}, more=True), page({"decision_id": "d-2"}, cursor="c2")]

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=rows[bool(request.url.params.get("cursor"))][1])

    heard = Heard(decisions=answer)

    async def ask(crm: RestCrm) -> list[str]:
        return [one.decision_id async for one in crm.decisions(team=True)]

    assert await with_crm(heard, ask) == ["d-1", "d-2"]
    assert [request.url.params["team"] for request in heard.requests] == ["true", "true"]


def test_what_review_needs_of_a_decision_is_read():
    row = {
        "decision_id": "d-2",
        "lead": {"name": "Jo", "account_id": "A-1", "campaign_owner": "Noor", "title": "VP"},
        "of": "d-0",
        "supersedes": "d-1",
        "applied_at": AT,
        "after_contact": True,
        "replies": [{"reply_id": "r", "of": "d-2", "kind": "upheld", "seen_at": AT}],
    }
    (read,) = read_decisions([row])
    assert (read.of, read.supersedes, read.after_contact) == ("d-0", "d-1", True)
    assert read.applied_at == read.replies[0].seen_at
    assert read.lead == row["lead"]
    (bare,) = read_decisions([{"decision_id": "d-2", "after_contact": "yes"}])
    assert (bare.of, bare.supersedes, bare.applied_at, bare.after_contact) == (None, None, None, False)


def test_what_review_needs_of_feedback_is_read():
    (read,) = read_feedback([{"feedback_id": "f-2", "supersedes": "f-1", "snapshot": {"score": 66}}])
    assert (read.supersedes, read.snapshot) == ("f-1", {"score": 66})
    assert read_feedback([{"feedback_id": "f-2"}])[0].snapshot == {}


# Bands


async def test_bands_are_read_where_all_counts_are_there():
    rows = [
        {"band": "A", "days": 90, "accepted": 31, "decided": 40},
        {"band": "", "days": 90, "accepted": 31, "decided": 40},
        {"band": "B", "days": 90, "accepted": None, "decided": 58},
        {"band": "C", "days": 90, "accepted": 15.5, "decided": 72},
        "D",
    ]
    heard = Heard(statistics_bands=(200, {"items": rows}))
    assert await with_crm(heard, RestCrm.bands) == (BandStatistics("A", 90, 31, 40),)
    assert await with_crm(Heard(), RestCrm.bands) == ()


# Answers, many at once


def result(reply_id: str, outcome: str, *words: str) -> dict[str, Any]:
    return {"reply_id": reply_id, "outcome": outcome, "messages": list(words), "reply": None}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([result("r-1", "applied")], ""),
        ([result("r-1", "already")], ""),
        ([result("r-1", "refused", "It has moved on.", "Sorry.")], "It has moved on. Sorry."),
        ([result("r-1", "refused")], "without a word"),
        ([result("r-1", "retry")], "try again"),
        ([result("r-1", "retry", "Busy.")], "Busy."),
        ([result("r-1", "celebrated")], "did not say"),
        ([result("r-1", "applied"), result("r-1", "refused", "No.")], "No."),
        ([result("r-1", "refused", "No."), result("r-1", "applied")], "No."),
        ([result("r-9", "applied")], "did not say"),
        ([None, 7, {"reply_id": ["r-1"]}], "did not say"),
        (None, "did not say"),
        ({"r-1": "applied"}, "did not say"),
    ],
)
def test_each_answer_has_a_word_why_it_is_not_recorded_or_none(rows, told):
    (said,) = read_results(rows, ["r-1"]).values()
    assert said == told if not told or told.endswith(".") else told in said


async def test_answers_go_a_hundred_at_once():
    def take(request: httpx.Request) -> httpx.Response:
        sent = json.loads(request.content)["items"]
        return httpx.Response(200, json={"results": [result(one["reply_id"], "applied") for one in sent]})

    heard = Heard(replies_batch=take)
    many = [replace(ANSWER, reply_id=f"r-{number}") for number in range(205)]
    told = await with_crm(heard, lambda crm: crm.reply_all(many))
    assert set(told.values()) == {""}
    assert len(told) == 205
    assert [len(json.loads(request.content)["items"]) for request in heard.requests] == [100, 100, 5]


@pytest.mark.parametrize("status", [404, 405, 413, 422])
async def test_where_no_batch_is_taken_each_answer_goes_by_itself(status):
    def take(request: httpx.Request) -> httpx.Response:
        of = json.loads(request.content)["of"]
        words = {"error": {"code": "not_found", "message": "There is no such decision."}}
        return httpx.Response(404, json=words) if of == "d-9" else httpx.Response(200, json={})

    heard = Heard(replies_batch=(status, NO), replies=take)
    two = [ANSWER, replace(ANSWER, reply_id="r-2", of="d-9")]
    told = await with_crm(heard, lambda crm: crm.reply_all(two))
    assert told == {"r-1": "", "r-2": "There is no such decision."}
    assert heard.paths == ["/v1/replies/batch", "/v1/replies", "/v1/replies"]


async def test_what_concerns_all_answers_is_raised():
    with pytest.raises(AnswerLost):
        await with_crm(Heard(replies_batch=(500, {})), lambda crm: crm.reply_all([ANSWER]))
    with pytest.raises(Unreachable):
        await with_crm(Heard(replies=(500, {})), lambda crm: reply_one_by_one(crm, [ANSWER]))


async def test_no_answer_is_nothing_to_send():
    heard = Heard()
    assert await with_crm(heard, lambda crm: crm.reply_all([])) == {}
    assert heard.requests == []


# Seen


async def test_what_was_seen_goes_in_parts_that_a_crm_takes():
    heard = Heard(replies_seen=(200, {"items": []}))
    await with_crm(heard, lambda crm: crm.see([f"r-{number}" for number in range(501)]))
    assert [len(json.loads(request.content)["reply_ids"]) for request in heard.requests] == [500, 1]


async def test_a_crm_that_does_not_keep_what_was_seen_is_no_error():
    for status in (404, 405):
        heard = Heard(replies_seen=(status, NO))
        await with_crm(heard, lambda crm: crm.see([f"r-{number}" for number in range(900)]))
        assert len(heard.requests) == 1


# Adapters that were written before the port had this


class Older:
    """An adapter of the first version."""

    def __init__(self) -> None:
        self.answered: list[Reply] = []

    async def decisions(self):
        for one in read_decisions([{"decision_id": "d-1"}]):
            yield one

    async def feedback(self):
        for one in read_feedback([{"feedback_id": "f-1"}]):
            yield one

    async def reply(self, reply: Reply) -> None:
        if reply.of == "d-9":
            raise CrmError("There is no such decision.")
        self.answered.append(reply)


@pytest.fixture
def older() -> Any:
    return Older()


async def test_an_adapter_without_the_new_words_gives_what_it_has(older: Crm) -> None:
    assert [one.decision_id async for one in decisions_of(older, team=True)] == ["d-1"]
    assert [one.feedback_id async for one in feedback_of(older, team=True)] == ["f-1"]
    assert [page async for page in outcomes_of(older, None)] == []
    assert await bands_of(older) == ()
    assert not await see_at(older, ["r-1"])


async def test_an_adapter_without_batches_answers_one_by_one(older: Any) -> None:
    told = await reply_all_at(older, [replace(ANSWER, reply_id="r-0", of="d-9"), ANSWER])
    assert told == {"r-0": "There is no such decision.", "r-1": ""}
    assert older.answered == [ANSWER]


def test_a_reply_that_was_seen_says_when():
    assert ANSWER.seen_at is None
    assert replace(ANSWER, seen_at=utc_now()) != ANSWER
