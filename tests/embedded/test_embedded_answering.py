"""A marketer with nothing installed but the CRM: reads a decision as fields, and answers it in two of them."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest
from answers_contract import CONTRACT
from hypothesis import given, settings
from hypothesis import strategies as st
from in_process import Crm, open_crm
from jsonschema import Draft202012Validator

from triage.embedded import answering, forms
from triage.embedded.members import FIRST_REP, MARKETING
from triage.embedded.moments import utc_now

SNAPSHOT = {"score": 66.5, "band": "B", "definition_version": "4", "status": "assigned"}
NOTHING = dict.fromkeys(CONTRACT["components"]["schemas"]["LeadForMarketing"]["allOf"][1]["required"])


def rejected(crm: Crm, n: int = 0) -> dict[str, Any]:
    lead = crm.fresh(n)
    crm.decide(lead, "reject", reason="LOW_INTENT", note="Only a price list.", snapshot=SNAPSHOT)
    return lead


def replies(crm: Crm) -> list[tuple[str, str, str]]:
    return [(row["of"], row["kind"], row["text"]) for row in crm.get("/v1/replies")["items"]]


def flat(crm: Crm, lead: dict[str, Any]) -> dict[str, Any]:
    return {name: crm.for_marketing(lead["lead_id"])[name] for name in NOTHING}


def test_marketing_reads_the_decision_as_flat_fields_of_the_lead(crm: Crm) -> None:
    lead = crm.fresh()
    assert flat(crm, lead) == NOTHING
    rejected(crm)
    assert flat(crm, lead) == NOTHING | {
        "triage_outcome": "reject",
        "triage_reason": "LOW_INTENT",
        "triage_note": "Only a price list.",
        "triage_score": 66.5,
        "triage_band": "B",
        "triage_definition_version": "4",
        "triage_decided_at": "2026-11-20T09:00:00Z",
        "triage_decided_by": "Robin Vale",
    }
    assert not [name for name in crm.lead(lead["lead_id"]) if name.startswith("triage_")]


def test_the_fields_say_until_when_a_lead_sleeps(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "recycle", reason="BAD_TIMING", params={"until": "2027-01-15T08:00:00Z"})
    assert flat(crm, lead)["triage_wake_at"] == "2027-01-15T08:00:00Z"
    other = crm.fresh()
    crm.decide(other, "recycle", reason="NO_RESPONSE")
    assert flat(crm, other)["triage_wake_at"] == crm.lead(other["lead_id"])["recycles"][-1]["wake_at"]


def test_the_fields_are_of_the_types_that_the_contract_says(crm: Crm) -> None:
    whole = {"$ref": "#/components/schemas/LeadForMarketing", "components": CONTRACT["components"]}
    lead = crm.fresh()
    Draft202012Validator(whole).validate(crm.for_marketing(lead["lead_id"]))
    rejected(crm)
    crm.edit(lead["lead_id"], triage_answer="Thank you.", triage_answer_link="definition v5")
    Draft202012Validator(whole).validate(crm.for_marketing(lead["lead_id"]))


@pytest.mark.parametrize("odd", [{"score": "high", "band": 7}, {"score": True}, {"band": ""}, {}])
def test_a_snapshot_of_another_shape_leaves_its_fields_empty(crm: Crm, odd: dict[str, Any]) -> None:
    lead = crm.fresh()
    crm.decide(lead, "accept", snapshot=odd)
    shown = flat(crm, lead)
    assert (shown["triage_outcome"], shown["triage_score"], shown["triage_band"]) == ("accept", None, None)


def test_an_undone_decision_leaves_the_fields_and_a_follow_up_takes_them(crm: Crm) -> None:
    lead = rejected(crm)
    crm.decide(crm.lead(lead["lead_id"]), "restore", of="d-1")
    assert flat(crm, lead) == NOTHING
    crm.decide(crm.lead(lead["lead_id"]), "accept")
    assert flat(crm, lead)["triage_outcome"] == "accept"


def test_an_answer_typed_on_the_lead_reaches_the_rep(crm: Crm) -> None:
    lead = rejected(crm)
    crm.edit(lead["lead_id"], triage_answer="We will look at the form.", triage_answer_kind="planned")
    assert replies(crm) == [("d-1", "planned", "We will look at the form.")]
    shown = flat(crm, lead)
    assert (shown["triage_answer"], shown["triage_answer_kind"]) == ("We will look at the form.", "planned")
    assert crm.get("/v1/decisions/d-1")["replies"][0]["by"] == "Noor Haddad"


def test_an_answer_without_a_kind_is_acknowledged(crm: Crm) -> None:
    lead = rejected(crm)
    crm.edit(lead["lead_id"], triage_answer="Thank you.")
    assert replies(crm) == [("d-1", "acknowledged", "Thank you.")]


def test_the_same_answer_again_is_the_same_reply_and_another_one_is_another(crm: Crm) -> None:
    lead = rejected(crm)
    for text in ("One.", "One.", "Two.", "Two.", "One."):
        crm.edit(lead["lead_id"], triage_answer=text)
    assert [text for _, _, text in replies(crm)] == ["One.", "Two.", "One."]


def test_an_answer_alone_leaves_the_leads_version_and_its_undo(crm: Crm) -> None:
    lead = rejected(crm)
    version = crm.lead(lead["lead_id"])["version"]
    assert crm.edit(lead["lead_id"], triage_answer="Thank you.")["version"] == version
    assert crm.decide(crm.lead(lead["lead_id"]), "restore", of="d-1")["outcome"] == "applied"


def test_a_returned_lead_is_back_with_its_rep_once(crm: Crm) -> None:
    lead = rejected(crm)
    for _ in range(2):
        crm.edit(lead["lead_id"], triage_answer="Please call.", triage_answer_kind="returned")
    now = crm.lead(lead["lead_id"])
    assert (now["status"], now["owner"]["user_id"]) == ("assigned", FIRST_REP)
    assert len(replies(crm)) == 1
    assert crm.get("/v1/decisions/d-1")["state"] == "reviewed"


def test_an_answer_and_a_change_in_one_edit_are_both_made(crm: Crm) -> None:
    lead = rejected(crm)
    after = crm.edit(lead["lead_id"], title="CTO", triage_answer="Corrected.", triage_answer_kind="changed")
    assert (after["title"], after["triage_answer_kind"]) == ("CTO", "changed")


def test_an_edit_that_is_refused_answers_nothing(crm: Crm) -> None:
    lead = rejected(crm)
    body = {"triage_answer": "Thank you.", "status": "asleep"}
    path = f"/v1/leads/{lead['lead_id']}/edit"
    assert crm.ask("POST", path, MARKETING, json=body).status_code == 422
    body = {"triage_answer": "Thank you."}
    assert crm.ask("POST", path, MARKETING, json=body, headers={"If-Match": '"0"'}).status_code == 412
    assert replies(crm) == []


def test_where_there_is_no_decision_the_newest_open_feedback_is_answered(crm: Crm) -> None:
    lead = crm.fresh()
    older, newer = crm.note(lead), crm.note(lead)
    crm.send(older)
    crm.send(newer)
    for _ in range(2):
        crm.edit(lead["lead_id"], triage_answer="Noted.")
    assert replies(crm) == [(newer["feedback_id"], "acknowledged", "Noted.")]
    assert flat(crm, lead)["triage_answer"] == "Noted."
    crm.edit(lead["lead_id"], triage_answer="This one too.")
    assert replies(crm)[-1] == (older["feedback_id"], "acknowledged", "This one too.")


def test_the_same_words_answer_feedback_that_came_after_them(crm: Crm) -> None:
    lead = crm.fresh()
    first, second = crm.note(lead), crm.note(lead)
    crm.send(first)
    crm.edit(lead["lead_id"], triage_answer="Noted.")
    crm.send(second)
    crm.edit(lead["lead_id"], triage_answer="Noted.")
    assert [of for of, _, _ in replies(crm)] == [first["feedback_id"], second["feedback_id"]]


def test_where_there_is_nothing_to_answer_it_is_said(crm: Crm) -> None:
    lead = crm.fresh()
    note = crm.note(lead)
    crm.send(note)
    crm.send(crm.note(lead, type="retraction", supersedes=note["feedback_id"]))
    answer = crm.ask(
        "POST", f"/v1/leads/{lead['lead_id']}/edit", MARKETING, json={"triage_answer": "Thank you."}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "nothing_to_answer")


def test_the_answer_to_feedback_that_was_taken_back_leaves_the_fields(crm: Crm) -> None:
    lead = crm.fresh()
    note = crm.note(lead)
    crm.send(note)
    crm.edit(lead["lead_id"], triage_answer="Noted.")
    crm.send(crm.note(lead, type="retraction", supersedes=note["feedback_id"]))
    assert flat(crm, lead) == NOTHING


def test_a_decision_and_a_feedback_have_the_same_two_fields(crm: Crm) -> None:
    lead = rejected(crm)
    note = crm.note(lead)
    crm.send(note)
    first = crm.answer("decisions/d-1", "Rule 7 is new.", "changed", triage_answer_link="definition v5")
    assert (first["kind"], first["link"], first["of_kind"]) == ("changed", "definition v5", "decision")
    again = crm.answer("decisions/d-1", "Rule 7 is new.", "changed", triage_answer_link="definition v5")
    assert again == first
    assert crm.answer(f"feedback/{note['feedback_id']}", "On its way.")["of_kind"] == "feedback"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"triage_answer": "  "}, 422),
        ({"triage_answer_link": "v5"}, 422),
        ({"triage_answer_kind": "no_change"}, 422),
        ({"triage_answer_kind": "no_change", "triage_answer": " \n"}, 422),
        ({"triage_answer_kind": "maybe", "triage_answer": "x"}, 422),
        ({"triage_answer": 7}, 422),
        ({"triage_answer_kind": "upheld"}, 200),
        ({"triage_answer": "hm", "triage_answer_kind": None}, 200),
    ],
)
def test_an_answer_is_a_text_or_a_kind_and_no_change_says_why(
    crm: Crm, body: dict[str, Any], status: int
) -> None:
    lead = rejected(crm)
    assert crm.ask("POST", "/v1/decisions/d-1/answer", MARKETING, json=body).status_code == status
    if status == 422:
        path = f"/v1/leads/{lead['lead_id']}/edit"
        assert crm.ask("POST", path, MARKETING, json=body).status_code == 422
        assert replies(crm) == []


def test_a_cleared_field_beside_a_change_is_no_answer(crm: Crm) -> None:
    lead = rejected(crm)
    assert crm.edit(lead["lead_id"], title="CTO", triage_answer="")["title"] == "CTO"
    assert replies(crm) == []


def test_an_answer_to_what_is_not_there_or_as_a_rep_is_refused(crm: Crm) -> None:
    rejected(crm)
    typed = {"triage_answer": "Thank you."}
    assert crm.ask("POST", "/v1/decisions/d-9/answer", MARKETING, json=typed).status_code == 404
    assert crm.ask("POST", "/v1/feedback/d-1/answer", MARKETING, json=typed).status_code == 404
    assert crm.ask("POST", "/v1/decisions/d-1/answer", json=typed).status_code == 403


def test_a_verdict_on_feedback_or_on_a_lead_that_moved_on_changes_nothing(crm: Crm) -> None:
    lead = rejected(crm)
    note = crm.note(lead)
    crm.send(note)
    crm.assign(lead["lead_id"], "U-02")
    for path, status in ((f"feedback/{note['feedback_id']}", 422), ("decisions/d-1", 409)):
        body = {"triage_answer_kind": "overturned"}
        assert crm.ask("POST", f"/v1/{path}/answer", MARKETING, json=body).status_code == status
    assert replies(crm) == []
    assert crm.lead(lead["lead_id"])["owner"]["user_id"] == "U-02"


def test_marketing_is_never_told_that_its_copy_is_current(crm: Crm) -> None:
    lead = rejected(crm)
    path = f"/v1/leads/{lead['lead_id']}"
    tag = crm.ask("GET", path, MARKETING).headers["etag"]
    crm.answer("decisions/d-1", "Thank you.")
    assert crm.ask("GET", path, MARKETING, headers={"If-None-Match": tag}).status_code == 200
    assert crm.ask("GET", path, headers={"If-None-Match": tag}).status_code == 304


def test_every_kind_of_reply_can_be_typed() -> None:
    kinds = CONTRACT["components"]["schemas"]["Edit"]["properties"]["triage_answer_kind"]["anyOf"]
    assert kinds[0]["$ref"].endswith("/ReplyKind")
    assert list(forms.REPLY_KINDS) == CONTRACT["components"]["schemas"]["ReplyKind"]["enum"]


TYPED = st.lists(
    st.tuples(st.sampled_from(["acknowledged", "planned", "upheld"]), st.sampled_from(["", "One.", "Two."])),
    max_size=8,
)


def each_change_of_the_answer_is_one_reply(typed: list[tuple[str, str]]) -> None:
    with closing(open_crm(leads=2)) as crm:
        lead = rejected(crm)
        for kind, text in typed:
            form = {"kind": kind, "text": text, "link": None}
            with crm.database.transaction() as database:
                answering.on_lead(database, lead["lead_id"], form, "Noor Haddad", utc_now())
        changes = [words for n, words in enumerate(typed) if n == 0 or typed[n - 1] != words]
        assert replies(crm) == [("d-1", kind, text) for kind, text in changes]


@settings(max_examples=10, deadline=None)
@given(TYPED)
def test_each_change_of_the_answer_is_one_reply(typed: list[tuple[str, str]]) -> None:
    each_change_of_the_answer_is_one_reply(typed)


@pytest.mark.soak
@settings(max_examples=500, deadline=None)
@given(TYPED)
def test_each_change_of_the_answer_is_one_reply_in_the_long_run(typed: list[tuple[str, str]]) -> None:
    each_change_of_the_answer_is_one_reply(typed)
