"""The chatter of the stand-in for Odoo: what is posted, what becomes of its HTML, and who sees it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.odoo.conftest import Switchboard, Talk
from tests.odoo.server import Odoo
from tests.tempo import FastTempo

NOTE = {"message_type": "comment", "subtype_xmlid": "mail.mt_note", "body_is_html": True}


def post(talk: Talk, lead: int, body: str, **more: Any) -> int:
    (made,) = talk.ok("crm.lead", "message_post", ids=[lead], body=body, **{**NOTE, **more})
    return int(made)


def message(talk: Talk, message_id: int, *names: str) -> dict[str, Any]:
    (row,) = talk.ok("mail.message", "read", ids=[message_id], fields=list(names))
    return dict(row)


def test_a_note_is_internal_and_signed_by_the_contact_of_the_user(odoo: Odoo, talk: Talk) -> None:
    made = post(talk, odoo.lead_ids[0], "<p>Called.</p>")
    row = message(
        talk, made, "author_id", "create_uid", "subtype_id", "is_internal", "model", "res_id", "body"
    )
    assert row == {
        "id": made,
        "author_id": [37, "Rhea Rep"],
        "create_uid": [7, "Rhea Rep"],
        "subtype_id": [2, "Note"],
        "is_internal": True,
        "model": "crm.lead",
        "res_id": odoo.lead_ids[0],
        "body": "<p>Called.</p>",
    }


def test_without_being_told_odoo_shows_tags_as_text(odoo: Odoo, talk: Talk) -> None:
    made = post(talk, odoo.lead_ids[0], "<p>Called.</p>", body_is_html=False)
    assert message(talk, made, "body")["body"] == "<p>&lt;p&gt;Called.&lt;/p&gt;</p>"


def test_before_17_a_body_is_html_and_the_answer_one_id(switchboard: Switchboard, talk: Talk) -> None:
    odoo = talk.odoo = switchboard.plug(Odoo(FastTempo(), version="16.0"))
    one = odoo.lead_ids[0]
    said = talk.classic("crm.lead", "message_post", [one], body="<p>Called.</p>", message_type="comment")
    assert isinstance(said["result"], int)
    assert odoo.notes_of(one)[-1] == "<p>Called.</p>"


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("<p>a &#91;b] &amp; c&nbsp;d</p>", "<p>a [b] &amp; c\u00a0d</p>"),
        ("<p onclick='x()'>a<script>b</script>c</p>", "<p>ac</p>"),
        ("plain & <b>bold</b>", "<p>plain &amp; <b>bold</b></p>"),
        ('<a href="https://www.example.com/?a=1&amp;b=2">x</a>',
         '<a href="https://www.example.com/?a=1&amp;b=2">x</a>'),
        ("<!-- hidden --><p>x</p>", "<p>x</p>"),
    ],
)  # fmt: skip
def test_html_is_written_anew(odoo: Odoo, talk: Talk, body: str, kept: str) -> None:
    made = post(talk, odoo.lead_ids[0], body)
    assert message(talk, made, "body")["body"] == kept


def test_a_marker_is_found_by_a_search_of_many_leads(odoo: Odoo, talk: Talk) -> None:
    made = post(talk, odoo.lead_ids[3], "<p>Yes.</p><p>[triage:D-77 accept] e30</p>")
    domain = [
        ["model", "=", "crm.lead"],
        ["res_id", "in", odoo.lead_ids],
        "|",
        ["body", "ilike", "triage:d-76 "],
        ["body", "ilike", "triage:D-77 "],
    ]
    assert talk.ok("mail.message", "search", domain=domain) == [made]
    assert odoo.effects() == [("D-77", "accept")]


def test_a_message_for_customers_breaks_a_rule(odoo: Odoo, talk: Talk) -> None:
    post(talk, odoo.lead_ids[0], "<p>x</p>", subtype_xmlid="mail.mt_comment")
    assert odoo.broken_rules == [f"a message for customers on {odoo.lead_ids[0]}: not a note"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"subtype_xmlid": "mail.mt_nothing"}, 500),
        ({"message_type": "user_notification"}, 500),
        ({"message_type": "shout"}, 500),
        ({"colour": "red"}, 500),
    ],
)
def test_a_post_that_odoo_does_not_know_leaves_nothing(
    odoo: Odoo, talk: Talk, more: dict[str, str], status: int
) -> None:
    before = len(odoo.notes_of(odoo.lead_ids[0]))
    body = {"ids": odoo.lead_ids[:1], "body": "<p>x</p>", **NOTE, **more}
    assert talk("crm.lead", "message_post", **body).status_code == status
    assert len(odoo.notes_of(odoo.lead_ids[0])) == before


def test_a_message_is_posted_on_one_record(odoo: Odoo, talk: Talk) -> None:
    said = talk.refused("crm.lead", "message_post", ids=odoo.lead_ids[:2], body="<p>x</p>", **NOTE)
    assert said[:2] == (500, "ValueError")


def test_who_has_no_address_posts_nothing(odoo: Odoo, talk: Talk) -> None:
    odoo.state.tables.models["res.users"].rows[odoo.me]["email"] = None
    said = talk.refused("crm.lead", "message_post", ids=odoo.lead_ids[:1], body="<p>x</p>", **NOTE)
    assert said[:2] == (422, "UserError")


def test_odoo_notes_a_change_by_itself_and_shows_its_values_to_admins_only(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    odoo.restage(one, "Qualified")
    domain = [["res_id", "=", one], ["tracking_value_ids", "!=", False]]
    fields = ["message_type", "body", "subtype_id", "tracking_value_ids", "author_id"]
    (row,) = talk.ok("mail.message", "search_read", domain=domain, fields=fields)
    assert (row["message_type"], row["body"], row["subtype_id"][1]) == (
        "notification",
        False,
        "Stage Changed",
    )
    assert row["author_id"] == [39, "Mara Keter"]
    asked = {"ids": row["tracking_value_ids"], "fields": ["old_value_char", "new_value_char"]}
    assert talk.refused("mail.tracking.value", "read", **asked)[:2] == (403, "AccessError")
    talk.key = odoo.admin_key
    assert talk.ok("mail.tracking.value", "read", **asked)[0]["new_value_char"] == "6"


def test_ones_own_messages_stay_when_the_lead_is_taken_away(odoo: Odoo, talk: Talk) -> None:
    """A note of one's own is still found on a lead that one may not see any more; others' notes are not."""
    one = odoo.lead_ids[0]
    mine = post(talk, one, "<p>[triage:D-1 reroute] e30</p>")
    odoo.post(one, "<p>Somebody else's.</p>")
    odoo.reassign(one)
    assert talk.ok("mail.message", "search", domain=[["res_id", "=", one]]) == [mine]
    refused = talk.refused("crm.lead", "message_post", ids=[one], body="<p>x</p>", **NOTE)
    assert refused[:2] == (403, "AccessError")


def test_somebody_elses_message_cannot_be_changed(odoo: Odoo, talk: Talk) -> None:
    made = odoo.post(odoo.lead_ids[0], "<p>x</p>")
    said = talk.refused("mail.message", "write", ids=[made], vals={"body": "<p>y</p>"})
    assert said[:2] == (403, "AccessError")


def test_marketing_answers_in_the_chatter_or_in_two_fields(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    odoo.type_answer(one, "Look < again", "returned")
    odoo.fill_answer(one, "Fixed.", "changed")
    assert odoo.notes_of(one)[-1] == "<p>triage-answer: returned Look &lt; again</p>"
    row = talk.lead(one, "x_triage_answer", "x_triage_answer_kind")
    assert (row["x_triage_answer"], row["x_triage_answer_kind"]) == ("Fixed.", "changed")
    odoo.post(one, "<p>[triage-answer:R-1 returned] e30</p>")
    assert odoo.answers() == [("R-1", "returned")]


def test_an_activity_is_planned_on_a_lead(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    (model,) = talk.ok("ir.model", "search", domain=[["model", "=", "crm.lead"]])
    values = {
        "res_model_id": model,
        "res_id": one,
        "summary": "Nurture",
        "date_deadline": "2026-12-01",
        "user_id": 9,
    }
    (made,) = talk.ok("mail.activity", "create", vals_list=[values])
    asked = {"ids": [made], "fields": ["res_model", "date_deadline", "user_id"]}
    (row,) = talk.ok("mail.activity", "read", **asked)
    assert (row["res_model"], row["date_deadline"], row["user_id"][0]) == ("crm.lead", "2026-12-01", 9)
    talk.ok("crm.lead", "activity_schedule", ids=[one], summary="Call", date_deadline="2026-11-30")
    assert len(talk.lead(one, "activity_ids")["activity_ids"]) == 2
    bare = {"res_id": one, "summary": "x"}
    assert talk.refused("mail.activity", "create", vals_list=[bare])[:2] == (422, "ValidationError")
