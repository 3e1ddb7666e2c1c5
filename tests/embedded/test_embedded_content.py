from __future__ import annotations

from typing import Any

import pytest
from in_process import Crm

from triage.embedded.members import FIRST_REP, MARKETING

WANTED = {"topic": "Integration with a weighbridge", "asset_type": "brief", "needed_by": "2027-01-15"}


def requests(crm: Crm, who: str = FIRST_REP) -> dict[str, dict[str, Any]]:
    return {row["request_id"]: row for row in crm.get("/v1/content-requests", who)["items"]}


def ask(crm: Crm, n: int = 0, who: str = FIRST_REP, **more: Any) -> dict[str, Any]:
    item = crm.note(crm.fresh(n), type="content_request", **({"payload": WANTED} | more))
    assert crm.send(item, who=who)[0]["outcome"] == "applied"
    return item


def test_the_campaigns_assets_are_on_the_shelf(crm: Crm) -> None:
    titles = {row["title"] for row in crm.get("/v1/assets")["items"]}
    assert {lead["asset"]["title"] for lead in crm.leads() if lead["asset"]} <= titles


def test_a_new_topic_opens_a_request_with_one_voice(crm: Crm) -> None:
    before = requests(crm)
    item = ask(crm)
    (opened,) = [row for request_id, row in requests(crm).items() if request_id not in before]
    assert opened["request_id"] == item["feedback_id"]
    assert (opened["topic"], opened["needed_by"]) == (WANTED["topic"], WANTED["needed_by"])
    assert (opened["state"], opened["votes"], opened["mine"]) == ("open", 1, True)
    assert requests(crm, "U-02")[item["feedback_id"]]["mine"] is False


def test_twenty_leads_of_one_act_are_one_request_with_one_voice(crm: Crm) -> None:
    before = len(requests(crm))
    for n in range(20):
        ask(crm, n, batch_id="b-1")
    assert len(requests(crm)) == before + 1
    assert requests(crm)["b-1"]["votes"] == 1


def test_each_rep_counts_once_however_often_they_ask(crm: Crm) -> None:
    votes = requests(crm)["CR-1"]["votes"]
    for who, n in ((FIRST_REP, 0), (FIRST_REP, 1), ("U-02", 2)):
        ask(crm, n, who, payload={"request_id": "CR-1", "topic": "whatever"})
    assert requests(crm)["CR-1"]["votes"] == votes + 2


def test_a_voice_is_gone_with_the_last_piece_of_feedback_it_stands_on(crm: Crm) -> None:
    votes = requests(crm)["CR-1"]["votes"]
    given = [ask(crm, n, payload={"request_id": "CR-1"}) for n in range(2)]
    for left, item in zip((1, 0), given, strict=True):
        lead = {"lead_id": item["lead_id"]}
        crm.send(crm.note(lead, type="retraction", supersedes=item["feedback_id"]))
        assert requests(crm)["CR-1"]["votes"] == votes + left


def test_a_request_that_nobody_stands_behind_any_more_is_not_listed(crm: Crm) -> None:
    item = ask(crm)
    ask(crm, 1, "U-02", payload={"request_id": item["feedback_id"]})
    retraction = crm.note({"lead_id": item["lead_id"]}, type="retraction", supersedes=item["feedback_id"])
    crm.send(retraction)
    assert requests(crm)[item["feedback_id"]]["votes"] == 1
    crm.send(crm.note(crm.fresh(1), type="retraction", supersedes="f-2"), who="U-02")
    assert item["feedback_id"] not in requests(crm)


def test_a_voice_for_a_request_that_does_not_exist_is_refused(crm: Crm) -> None:
    item = crm.note(crm.fresh(), type="content_request", payload={"request_id": "CR-99"})
    (row,) = crm.send(item)
    assert row["outcome"] == "refused"
    assert "request_id" in row["messages"][0]


@pytest.mark.parametrize(
    ("kind", "state"), [("planned", "planned"), ("delivered", "delivered"), ("no_change", "declined")]
)
def test_marketings_reply_is_the_requests_state(crm: Crm, kind: str, state: str) -> None:
    item = ask(crm)
    crm.reply(item["feedback_id"], kind, text="because", link="A-guide")
    found = requests(crm)[item["feedback_id"]]
    assert (found["state"], found["answered_with"]) == (state, "A-guide")


@pytest.mark.parametrize("payload", [{}, {"topic": 7}, {"topic": "[b]x[/]\x00"}, {"request_id": ["CR-1"]}])
def test_a_payload_of_any_shape_breaks_nothing(crm: Crm, payload: dict[str, Any]) -> None:
    item = crm.note(crm.fresh(), type="content_request", payload=payload)
    assert crm.send(item)[0]["outcome"] in ("applied", "refused")
    assert {"CR-1", "CR-2"} <= requests(crm).keys()


def test_the_receipt_says_who_answers(crm: Crm) -> None:
    lead = crm.fresh()
    for kind, owner in (("kudos", lead["campaign"]["owner"]), ("definition_dispute", "marketing ops")):
        item = crm.note(lead, type=kind)
        (row,) = crm.send(item)
        assert row["receipt"]["routed_to"] == owner
        assert crm.get(f"/v1/feedback/{item['feedback_id']}", MARKETING)["routed_to"] == owner
