from __future__ import annotations

import pytest
from in_process import Crm

from triage.embedded.members import FIRST_REP, MARKETING


def test_feedback_is_kept_once_and_changes_no_lead(crm: Crm) -> None:
    lead = crm.fresh()
    item = crm.note(lead, type="objection", payload={"text": "too dear", "competitor": None}, batch_id="b-1")
    assert [crm.send(item)[0]["outcome"] for _ in range(2)] == ["applied", "already"]
    assert crm.lead(lead["lead_id"]) == lead
    shown = crm.get("/v1/feedback", MARKETING)["items"]
    assert [(row["feedback_id"], row["state"], row["effects"]) for row in shown] == [("f-1", "open", 1)]
    assert shown[0]["payload"] == item["payload"]


def test_feedback_under_a_known_id_with_other_content_is_refused(crm: Crm) -> None:
    item = crm.note(crm.fresh(), payload={"text": "one"})
    crm.send(item)
    assert crm.send(item | {"payload": {"text": "two"}})[0]["outcome"] == "refused"


def test_feedback_is_routed_by_its_type_unless_someone_is_named(crm: Crm) -> None:
    lead = crm.fresh()
    crm.send(
        crm.note(lead, type="data_correction"), crm.note(lead, type="kudos", routed_to="the events team")
    )
    routes = [row["routed_to"] for row in crm.get("/v1/feedback")["items"]]
    assert routes == ["marketing ops", "the events team"]


def test_a_retraction_withdraws_what_it_names(crm: Crm) -> None:
    lead = crm.fresh()
    crm.send(crm.note(lead))
    crm.send(crm.note(lead, type="retraction", supersedes="f-1"))
    assert crm.get("/v1/feedback/f-1")["state"] == "retracted"


def test_a_retraction_that_overtakes_still_withdraws(crm: Crm) -> None:
    lead = crm.fresh()
    note = crm.note(lead)
    crm.send(crm.note(lead, type="retraction", supersedes=note["feedback_id"]))
    crm.send(note)
    assert crm.get(f"/v1/feedback/{note['feedback_id']}")["state"] == "retracted"


def test_a_retraction_needs_to_say_of_what_and_it_must_be_ones_own(crm: Crm) -> None:
    lead = crm.fresh()
    assert crm.send(crm.note(lead, type="retraction"))[0]["outcome"] == "refused"
    crm.send(crm.note(lead), who="U-02")
    assert crm.send(crm.note(lead, type="retraction", supersedes="f-2"))[0]["outcome"] == "refused"
    assert crm.get("/v1/feedback/f-2", MARKETING)["state"] == "open"


def test_feedback_on_a_lead_that_is_gone_says_where_to(crm: Crm) -> None:
    results = crm.send(crm.note({"lead_id": "L-000001"}), crm.note({"lead_id": "L-999999"}))
    assert [row["outcome"] for row in results] == ["conflict", "refused"]
    assert results[0]["theirs"]["merged_into"]


def test_a_rep_reads_replies_to_what_is_their_own(crm: Crm) -> None:
    crm.send(crm.note(crm.fresh()))
    crm.reply("f-1", "acknowledged")
    mine = crm.get("/v1/replies")
    assert [(row["of"], row["of_kind"], row["by"]) for row in mine["items"]] == [
        ("f-1", "feedback", "Noor Haddad")
    ]
    assert crm.get("/v1/replies", "U-02")["items"] == []
    assert crm.get(f"/v1/replies?cursor={mine['next_cursor']}")["items"] == []


@pytest.mark.parametrize(
    "kind", ["acknowledged", "need_info", "planned", "changed", "delivered", "no_change"]
)
def test_any_reply_answers_feedback(crm: Crm, kind: str) -> None:
    crm.send(crm.note(crm.fresh()))
    crm.reply("f-1", kind, text="because")
    shown = crm.get("/v1/feedback/f-1")
    assert shown["state"] == "answered"
    assert [reply["kind"] for reply in shown["replies"]] == [kind]


def test_an_item_comes_again_when_it_was_answered(crm: Crm) -> None:
    crm.send(crm.note(crm.fresh()))
    cursor = crm.get("/v1/feedback", MARKETING)["next_cursor"]
    assert crm.get(f"/v1/feedback?cursor={cursor}", MARKETING)["items"] == []
    crm.reply("f-1", "planned")
    again = crm.get(f"/v1/feedback?cursor={cursor}", MARKETING)["items"]
    assert [row["feedback_id"] for row in again] == ["f-1"]


def test_a_reply_is_kept_once_by_its_id(crm: Crm) -> None:
    crm.send(crm.note(crm.fresh()))
    answers = [crm.reply("f-1", "planned", reply_id="r") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(crm.get("/v1/replies")["items"]) == 1
    assert crm.reply("f-1", "changed", reply_id="r").status_code == 409


@pytest.mark.parametrize("text", ["", "  \n"])
def test_no_change_needs_a_reason(crm: Crm, text: str) -> None:
    crm.send(crm.note(crm.fresh()))
    assert crm.reply("f-1", "no_change", text=text).status_code == 422


def test_a_reply_to_nothing_is_not_found(crm: Crm) -> None:
    assert crm.reply("nothing", "planned").status_code == 404


def test_verdicts_are_for_decisions(crm: Crm) -> None:
    crm.send(crm.note(crm.fresh()))
    assert crm.reply("f-1", "overturned").status_code == 422


@pytest.mark.parametrize("kind", ["overturned", "returned"])
def test_an_overturned_decision_brings_the_lead_back_to_its_rep(crm: Crm, kind: str) -> None:
    lead = crm.fresh()
    crm.decide(lead, "reject", reason="LOW_INTENT")
    cursor = crm.get("/v1/leads")["next_cursor"]
    crm.reply("d-1", kind)
    page = crm.get(f"/v1/leads?cursor={cursor}")
    assert [row["lead_id"] for row in page["items"]] == [lead["lead_id"]]
    back = page["items"][0]
    assert (back["status"], back["owner"]["user_id"], back["last_decision_id"]) == (
        "assigned",
        FIRST_REP,
        None,
    )
    assert crm.get("/v1/decisions/d-1")["state"] == "reviewed"


def test_an_upheld_decision_leaves_the_lead_where_it_is(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "reject", reason="LOW_INTENT")
    crm.reply("d-1", "upheld")
    assert crm.lead(lead["lead_id"])["status"] == "rejected"
    assert crm.get("/v1/decisions/d-1")["state"] == "reviewed"


def test_what_the_rep_has_undone_cannot_be_overturned(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "reject", reason="LOW_INTENT")
    crm.decide(crm.lead(lead["lead_id"]), "restore", of="d-1")
    assert crm.reply("d-1", "overturned").status_code == 409
    assert crm.lead(lead["lead_id"])["last_decision_id"] is None
