"""Many answers at once, each with its result; and what the rep has seen of them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest
from in_process import Crm

from triage.embedded import forms
from triage.embedded.members import FIRST_REP, MARKETING
from triage.embedded.moments import utc_now
from triage.embedded.replies import answer_all


def reply(of: str, kind: str = "planned", **more: Any) -> dict[str, Any]:
    return {"reply_id": f"r-{of}-{kind}", "of": of, "kind": kind, "text": "On the list."} | more


def send_all(crm: Crm, *items: dict[str, Any]) -> list[tuple[str, str, str]]:
    answer = crm.ask("POST", "/v1/replies/batch", MARKETING, json={"items": list(items)})
    assert answer.status_code == 200, answer.text
    return [(row["reply_id"], row["outcome"], " ".join(row["messages"])) for row in answer.json()["results"]]


def see(crm: Crm, *reply_ids: str, who: str = FIRST_REP) -> list[dict[str, Any]]:
    answer = crm.ask("POST", "/v1/replies/seen", who, json={"reply_ids": list(reply_ids)})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def noted(crm: Crm, count: int = 1) -> list[str]:
    notes = [crm.note(crm.fresh(n)) for n in range(count)]
    crm.send(*notes)
    return [note["feedback_id"] for note in notes]


def test_many_answers_have_a_result_each(crm: Crm) -> None:
    one, two = noted(crm, 2)
    results = send_all(
        crm,
        reply(one),
        reply("nothing"),
        reply(two, "no_change", text=" "),
        reply(two, "overturned"),
        reply(two),
    )
    assert [(row[0], row[1]) for row in results] == [
        (f"r-{one}-planned", "applied"),
        ("r-nothing-planned", "refused"),
        (f"r-{two}-no_change", "refused"),
        (f"r-{two}-overturned", "refused"),
        (f"r-{two}-planned", "applied"),
    ]
    assert all(words.endswith(".") for _, word, words in results if word == "refused")
    assert [row["of"] for row in crm.get("/v1/replies")["items"]] == [one, two]


def test_the_same_answers_again_are_there_already(crm: Crm) -> None:
    items = [reply(of) for of in noted(crm, 3)]
    assert [word for _, word, _ in send_all(crm, *items)] == ["applied"] * 3
    assert [word for _, word, _ in send_all(crm, *items)] == ["already"] * 3
    assert [word for _, word, _ in send_all(crm, items[0] | {"text": "Other."})] == ["refused"]
    assert len(crm.get("/v1/replies")["items"]) == 3


def test_what_one_answer_changed_is_taken_back_with_it_alone(crm: Crm) -> None:
    lead, other = crm.fresh(0), crm.fresh(1)
    crm.decide(lead, "reject", reason="LOW_INTENT")
    crm.decide(other, "reject", reason="LOW_INTENT")
    crm.assign(other["lead_id"], "U-02")
    results = send_all(crm, reply("d-1", "returned"), reply("d-2", "returned"))
    assert [word for _, word, _ in results] == ["applied", "refused"]
    assert crm.lead(lead["lead_id"])["status"] == "assigned"
    assert crm.get("/v1/decisions/d-2", MARKETING)["state"] == "applied"


def test_an_answer_that_cannot_be_kept_has_no_effect(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "reject", reason="LOW_INTENT")
    crm.database.run(
        "CREATE TRIGGER full BEFORE INSERT ON replies BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    )
    form = reply("d-1", "returned", link=None)
    with pytest.raises(sqlite3.IntegrityError):
        answer_all(crm.database, "Noor Haddad", [form], utc_now())
    assert crm.lead(lead["lead_id"])["status"] == "rejected"
    assert crm.get("/v1/decisions/d-1")["state"] == "applied"


def test_a_batch_of_answers_is_marketings_and_has_an_end(crm: Crm) -> None:
    items = [reply(noted(crm)[0])]
    assert crm.ask("POST", "/v1/replies/batch", json={"items": items}).status_code == 403
    assert crm.ask("POST", "/v1/replies/batch", MARKETING, json={"items": []}).status_code == 422
    assert crm.ask("POST", "/v1/replies/batch", MARKETING, json={"items": items * 101}).status_code == 413
    off = [items[0] | {"kind": "maybe"}]
    assert crm.ask("POST", "/v1/replies/batch", MARKETING, json={"items": off}).status_code == 422


def test_a_reply_says_when_its_rep_first_saw_it(crm: Crm) -> None:
    of = noted(crm)[0]
    crm.reply(of, "planned", reply_id="r")
    assert crm.get("/v1/replies")["items"][0]["seen_at"] is None
    (first,) = see(crm, "r")
    assert first["seen_at"]
    assert see(crm, "r", "r") == [first]
    assert crm.get(f"/v1/feedback/{of}", MARKETING)["replies"] == [first]


def test_who_pages_learns_that_a_reply_was_seen(crm: Crm) -> None:
    of = noted(crm)[0]
    crm.reply(of, "planned", reply_id="r")
    mine, theirs = (
        crm.get(path, who)["next_cursor"]
        for path, who in (("/v1/replies", FIRST_REP), ("/v1/feedback", MARKETING))
    )
    see(crm, "r")
    assert [row["reply_id"] for row in crm.get(f"/v1/replies?cursor={mine}")["items"]] == ["r"]
    again = crm.get(f"/v1/feedback?cursor={theirs}", MARKETING)["items"]
    assert [row["feedback_id"] for row in again] == [of]
    cursor = crm.get(f"/v1/replies?cursor={mine}")["next_cursor"]
    see(crm, "r")
    assert crm.get(f"/v1/replies?cursor={cursor}")["items"] == []


def test_only_the_rep_whose_item_it_answers_sees_a_reply(crm: Crm) -> None:
    crm.reply(noted(crm)[0], "planned", reply_id="r")
    assert see(crm, "r", "never-heard-of", who="U-02") == []
    assert crm.get("/v1/replies")["items"][0]["seen_at"] is None
    assert crm.ask("POST", "/v1/replies/seen", MARKETING, json={"reply_ids": ["r"]}).status_code == 403


@pytest.mark.parametrize("ids", [None, "r", [7], [""], ["two words"]])
def test_what_is_no_list_of_ids_is_a_422(crm: Crm, ids: object) -> None:
    assert crm.ask("POST", "/v1/replies/seen", json={"reply_ids": ids}).status_code == 422


def test_too_many_seen_at_once_are_too_large(crm: Crm) -> None:
    ids = ["r"] * (forms.SEEN_AT_ONCE + 1)
    assert crm.ask("POST", "/v1/replies/seen", json={"reply_ids": ids}).status_code == 413


def test_what_was_seen_first_does_not_become_the_last_word(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "reject", reason="LOW_INTENT")
    crm.reply("d-1", "acknowledged", reply_id="first")
    crm.reply("d-1", "changed", reply_id="last", link="definition v5")
    see(crm, "last")
    see(crm, "first")
    kept = crm.get("/v1/decisions/d-1", MARKETING)["replies"]
    assert [row["reply_id"] for row in kept] == ["first", "last"]
    assert crm.for_marketing(lead["lead_id"])["triage_answer_kind"] == "changed"


def test_a_delivered_request_stays_so_when_an_older_reply_is_seen(crm: Crm) -> None:
    item = crm.note(crm.fresh(), type="content_request", payload={"topic": "Wear of seals"})
    crm.send(item)
    crm.reply(item["feedback_id"], "planned", reply_id="first")
    crm.reply(item["feedback_id"], "delivered", reply_id="last", link="Seals, explained")
    see(crm, "last")
    see(crm, "first")
    asked = [row for row in crm.get("/v1/content-requests")["items"] if row["topic"] == "Wear of seals"]
    assert [(row["state"], row["answered_with"]) for row in asked] == [("delivered", "Seals, explained")]


def test_a_reply_that_was_kept_before_there_was_seen_is_not_seen(crm: Crm) -> None:
    crm.reply(noted(crm)[0], "planned", reply_id="r")
    row = crm.database.row("SELECT body FROM replies")
    assert row is not None
    old = {name: value for name, value in json.loads(row["body"]).items() if name != "seen_at"}
    crm.database.run("UPDATE replies SET body = ?", json.dumps(old))
    assert crm.get("/v1/replies")["items"][0]["seen_at"] is None
    assert see(crm, "r")[0]["seen_at"]
