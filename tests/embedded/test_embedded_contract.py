from __future__ import annotations

import json
from contextlib import closing

import answers_contract as contract
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from in_process import Crm, open_crm
from openapi_spec_validator import validate

from triage.embedded import forms
from triage.embedded.members import FIRST_REP, MARKETING
from triage.embedded.reason_codes import reasons


def test_the_contract_is_valid_openapi() -> None:
    validate(contract.CONTRACT)


def test_the_contract_is_served_without_a_token(crm: Crm) -> None:
    answer = crm.ask("GET", "/v1/contract.yaml", who=None)
    assert answer.status_code == 200
    assert answer.text.startswith("openapi: 3.1")


def test_health_needs_no_token(crm: Crm) -> None:
    assert crm.get("/healthz", who=None) == {"ok": True}


def test_every_operation_answers_as_the_contract_says(crm: Crm) -> None:
    """The client of these tests holds each answer against its schema; here each operation is asked once."""
    contract.answered.clear()
    lead, other = crm.fresh(0), crm.fresh(1)
    crm.decide(lead, "reject", reason="LOW_INTENT", snapshot={"score": 66})
    crm.send(crm.note(other, payload={"text": "hello"}))
    crm.reply("d-1", "upheld", link="definition v5")
    crm.answer("decisions/d-1", "As we said.")
    crm.answer("feedback/f-2", "Thank you.")
    batch = {"items": [{"reply_id": "r", "of": "f-2", "kind": "planned"}]}
    assert crm.ask("POST", "/v1/replies/batch", MARKETING, json=batch).status_code == 200
    assert crm.ask("POST", "/v1/replies/seen", json={"reply_ids": ["r"]}).status_code == 200
    proposal = {"proposal_id": "p-1", "based_on": "4", "definition": {"threshold": 70}, "why": "Too many."}
    assert crm.ask("POST", "/v1/definition/proposals", MARKETING, json=proposal).status_code == 200
    word = {"agrees": False, "why": "Too few."}
    assert crm.ask("POST", "/v1/definition/proposals/p-1/word", json=word).status_code == 200
    crm.assign(other["lead_id"], "U-02")
    crm.edit(other["lead_id"], title="CTO")
    crm.remove(other["lead_id"])
    for path in (
        "me",
        "capabilities",
        "definition",
        "definition/proposals",
        "reasons",
        "statistics/sources",
        "statistics/bands",
        "assets",
        "content-requests",
        "people",
        "outcomes",
        "replies",
    ):
        crm.get(f"/v1/{path}")
    for path in ("decisions", "decisions/d-1", "feedback", "feedback/f-2", "effects"):
        crm.get(f"/v1/{path}", MARKETING)
    crm.lead(lead["lead_id"])
    crm.get("/healthz", who=None)
    crm.ask("GET", "/v1/contract.yaml", who=None)
    assert {name for name, status in contract.answered if status == 200} == set(contract.operations())


@pytest.mark.parametrize(
    "path", ["/v1/me", "/v1/leads", "/v1/leads/L-000003", "/v1/decisions", "/v1/effects"]
)
@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic abc", "Bearer \xff"])
def test_without_a_right_token_it_answers_401(crm: Crm, path: str, authorization: str) -> None:
    answer = crm.ask("GET", path, who=None, headers={"Authorization": authorization.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_what_is_marketings_is_forbidden_to_a_rep_and_the_other_way_round(crm: Crm) -> None:
    lead = crm.fresh()
    assert crm.ask("GET", "/v1/effects").status_code == 403
    assert (
        crm.ask("POST", "/v1/replies", json={"reply_id": "r", "of": "d", "kind": "upheld"}).status_code == 403
    )
    assert (
        crm.ask("POST", f"/v1/leads/{lead['lead_id']}/assign", json={"owner_id": "U-02"}).status_code == 403
    )
    items = {"items": [crm.decision(lead, "accept")]}
    assert crm.ask("POST", "/v1/decisions", MARKETING, json=items).status_code == 403


def test_the_rep_is_the_one_whom_the_token_names(crm: Crm) -> None:
    me = crm.get("/v1/me")
    assert (me["user_id"], me["role"], me["time_zone"]) == (FIRST_REP, "rep", "Europe/Berlin")
    assert crm.get("/v1/me", MARKETING)["role"] == "marketing"


def test_an_unknown_path_or_method_is_said_in_the_contracts_shape(crm: Crm) -> None:
    assert crm.ask("GET", "/v1/nothing").json()["error"]["code"] == "not_found"
    assert crm.ask("DELETE", "/v1/leads").status_code == 405


def test_a_lead_comes_with_its_version_as_etag(crm: Crm) -> None:
    lead = crm.fresh()
    path = f"/v1/leads/{lead['lead_id']}"
    tag = crm.ask("GET", path).headers["etag"]
    assert tag == f'"{lead["version"]}"'
    assert crm.ask("GET", path, headers={"If-None-Match": tag}).status_code == 304
    crm.assign(lead["lead_id"], "U-02")
    assert crm.ask("GET", path, headers={"If-None-Match": tag}).status_code == 200


def test_a_deleted_lead_is_gone_and_says_where_to(crm: Crm) -> None:
    merged = crm.ask("GET", "/v1/leads/L-000001")
    assert merged.status_code == 410
    assert crm.lead(merged.json()["merged_into"])
    assert crm.ask("GET", "/v1/leads/L-000002").json()["merged_into"] is None
    assert crm.ask("GET", "/v1/leads/L-999999").status_code == 404


def test_an_assignment_can_insist_on_a_version(crm: Crm) -> None:
    lead = crm.fresh()
    path, body = f"/v1/leads/{lead['lead_id']}/assign", {"owner_id": "U-02"}
    assert crm.ask("POST", path, MARKETING, json=body, headers={"If-Match": '"0"'}).status_code == 412
    tag = f'"{lead["version"]}"'
    assert crm.ask("POST", path, MARKETING, json=body, headers={"If-Match": tag}).status_code == 200
    assert crm.ask("POST", path, MARKETING, json={"owner_id": "U-77"}).status_code == 422


_GOOD = {
    "decision_id": "d",
    "lead_id": "L-000003",
    "act": "accept",
    "decided_at": "2026-11-20T09:00:00Z",
    "seen": {"owner_id": "U-01", "status": "assigned", "version": "1"},
}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"act": "delete"}, "act"),
        ({"decision_id": ""}, "decision_id"),
        ({"decision_id": "two words"}, "decision_id"),
        ({"decision_id": "\ud800"}, "decision_id"),
        ({"decision_id": 7}, "decision_id"),
        ({"decided_at": "yesterday"}, "decided_at"),
        ({"decided_at": "2026-11-20T09:00:00+01:00"}, "decided_at"),
        ({"seen": {"owner_id": "U-01"}}, "seen"),
        ({"seen": None}, "seen"),
        ({"params": []}, "params"),
        ({"after_contact": "yes"}, "after_contact"),
        ({"note": None}, "note"),
    ],
)
def test_a_field_that_is_off_is_named(crm: Crm, change: dict[str, object], field: str) -> None:
    answer = crm.ask("POST", "/v1/decisions", content=json.dumps({"items": [_GOOD | change]}).encode())
    assert answer.status_code == 422
    assert f"items[0].{field}" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"items": []}',
        b'{"items": 3}',
        b"\xff\xfe",
        b'{"items":[NaN]}',
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("path", ["/v1/decisions", "/v1/feedback"])
def test_a_body_that_is_none_is_refused_with_a_sentence(crm: Crm, path: str, body: bytes) -> None:
    answer = crm.ask("POST", path, content=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].endswith(".")


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.just("0001-01-01T00:00:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
_PARAMS = st.dictionaries(st.sampled_from(["to", "until", "wake", "ends"]), _ANYTHING)


@settings(max_examples=80, deadline=None)
@given(
    change=st.dictionaries(
        st.sampled_from([*_GOOD, "reason", "note", "of", "supersedes", "batch_id"]), _ANYTHING
    ),
    act=st.sampled_from(forms.ACTS),
    params=_PARAMS,
)
@example(change={}, act="reroute", params={"to": "\ud800"})
@example(change={}, act="recycle", params={"ends": "0001-01-01T00:00:00Z"})
def test_whatever_stands_in_a_decision_the_server_answers_and_does_not_fail(
    change: dict[str, object], act: str, params: dict[str, object]
) -> None:
    with closing(open_crm(leads=2)) as crm:
        lead = crm.fresh()
        item = (
            crm.decision(lead, act, reason="USING_COMPETITOR" if act == "recycle" else None, params=params)
            | change
        )
        answer = crm.ask("POST", "/v1/decisions", content=json.dumps({"items": [item]}).encode())
        assert answer.status_code in {200, 422}
        assert crm.get("/v1/decisions", MARKETING)["more"] is False


def test_too_many_items_and_too_many_bytes_are_too_large(crm: Crm) -> None:
    assert crm.ask("POST", "/v1/decisions", json={"items": [_GOOD] * 101}).status_code == 413
    assert crm.ask("POST", "/v1/decisions", content=b"x" * (4 * 1024 * 1024 + 1)).status_code == 413


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "limit=-1", "cursor=x", "cursor=%F0%9F%99%82"]
)
@pytest.mark.parametrize("path", ["leads", "decisions", "feedback", "replies", "outcomes"])
def test_a_cursor_or_limit_that_is_off_is_a_422(crm: Crm, path: str, query: str) -> None:
    assert crm.ask("GET", f"/v1/{path}?{query}").status_code == 422


def test_updated_since_must_be_a_time(crm: Crm) -> None:
    assert crm.ask("GET", "/v1/leads?updated_since=monday").status_code == 422


def test_the_lists_in_code_and_contract_are_the_same() -> None:
    schemas = contract.CONTRACT["components"]["schemas"]
    assert list(forms.ACTS) == schemas["Act"]["enum"]
    assert list(forms.FEEDBACK_TYPES) == schemas["FeedbackType"]["enum"]
    assert list(forms.STATUSES) == schemas["Status"]["enum"]
    assert list(forms.REPLY_KINDS) == schemas["ReplyKind"]["enum"]
    assert schemas["DecisionBatch"]["properties"]["items"]["maxItems"] == forms.BATCH


def test_a_reasons_pair_of_act_and_code_and_its_key_are_unique() -> None:
    rows = reasons()["reasons"]
    assert len({(row["act"], row["code"]) for row in rows}) == len(rows)
    assert len({(row["act"], row["hotkey"]) for row in rows}) == len(rows)


def test_an_own_failure_is_a_500_in_the_contracts_shape(crm: Crm) -> None:
    lead = crm.fresh()
    crm.database.run("ALTER TABLE effects RENAME COLUMN act TO acted")
    answer = crm.ask("POST", "/v1/decisions", json={"items": [crm.decision(lead, "accept")]})
    assert answer.status_code == 500
    assert crm.lead(lead["lead_id"])["status"] == "assigned"
