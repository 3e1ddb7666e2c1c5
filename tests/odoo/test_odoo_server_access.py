"""Who may see and do what in the stand-in for Odoo."""

from __future__ import annotations

from typing import Any

import pytest

from tests.odoo.conftest import Switchboard, Talk
from tests.odoo.server import Odoo
from tests.odoo.server.people import ALL_LEADS
from tests.tempo import FastTempo


def test_a_rep_sees_their_own_leads_and_those_of_nobody(switchboard: Switchboard, talk: Talk) -> None:
    odoo = talk.odoo = switchboard.plug(Odoo(FastTempo(), nobodys=1))
    assert talk.ok("crm.lead", "search", domain=[], order="id asc") == odoo.lead_ids + odoo.free_lead_ids
    odoo.reassign(odoo.lead_ids[0], user=0)
    assert talk.ok("crm.lead", "search_count", domain=[["user_id", "=", False]]) == 2


def test_one_hidden_lead_refuses_the_whole_call(odoo: Odoo, talk: Talk) -> None:
    both = [odoo.lead_ids[0], odoo.other_lead_ids[0]]
    status, name, words = talk.refused("crm.lead", "read", ids=both, fields=["name"])
    assert (status, name) == (403, "AccessError")
    assert "Rhea Rep (id=7) doesn't have 'read' access" in words
    refused = talk.refused("crm.lead", "write", ids=both, vals={"function": "x"})
    assert refused[:2] == (403, "AccessError")
    assert talk.lead(both[0], "function")["function"] != "x"


def test_who_sees_all_leads_sees_all(odoo: Odoo, talk: Talk) -> None:
    talk.key = odoo.marketing_key
    assert talk.ok("crm.lead", "search_count", domain=[]) == 14
    talk.key = odoo.key
    odoo.state.groups[odoo.me].add(ALL_LEADS)
    assert talk.ok("crm.lead", "search_count", domain=[]) == 14


def test_a_rep_may_give_a_lead_away_and_then_not_touch_it(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    assert talk.ok("crm.lead", "write", ids=[one], vals={"user_id": odoo.colleague}) is True
    assert talk.refused("crm.lead", "write", ids=[one], vals={"user_id": 7})[:2] == (403, "AccessError")


@pytest.mark.parametrize(
    ("model", "method", "body"),
    [
        ("crm.lost.reason", "create", {"vals_list": [{"name": "Bad fit"}]}),
        ("crm.stage", "write", {"ids": [5], "vals": {"name": "Fresh"}}),
        ("crm.lead", "unlink", {"ids": [4101]}),
        ("ir.model.fields", "create", {"vals_list": [{"name": "x_a", "model_id": 1, "ttype": "char"}]}),
        ("ir.config_parameter", "get_param", {"key": "database.uuid"}),
        ("ir.config_parameter", "search_read", {"domain": []}),
        ("mail.tracking.value", "search", {"domain": []}),
    ],
)
def test_what_is_for_managers_and_admins_is_refused_to_a_rep(
    odoo: Odoo, talk: Talk, model: str, method: str, body: dict[str, Any]
) -> None:
    assert talk.refused(model, method, **body)[:2] == (403, "AccessError")
    talk.key = odoo.admin_key
    assert talk(model, method, **body).status_code == 200


def test_a_rep_may_make_a_tag(talk: Talk) -> None:
    assert talk("crm.tag", "create", vals_list=[{"name": "mine"}]).status_code == 200


def test_an_admin_makes_a_field_and_everybody_has_it(switchboard: Switchboard, talk: Talk) -> None:
    odoo = talk.odoo = switchboard.plug(Odoo(FastTempo(), set_up=False))
    assert talk.ok("crm.tag", "search_count", domain=[]) == 0
    talk.key = odoo.admin_key
    (model,) = talk.ok("ir.model", "search", domain=[["model", "=", "crm.lead"]])
    options = [[0, 0, {"value": "changed", "name": "Changed", "sequence": 1}]]
    values = [
        {"model_id": model, "name": "x_triage_answer", "field_description": "Answer", "ttype": "text"},
        {"model_id": model, "name": "x_triage_answer_kind", "ttype": "selection", "selection_ids": options},
        {"model_id": model, "name": "x_triage_outcome", "ttype": "selection", "selection": "[('a', 'A')]"},
    ]
    made = talk.ok("ir.model.fields", "create", vals_list=values)
    talk.key = odoo.key
    told = talk.ok("crm.lead", "fields_get", allfields=["x_triage_answer_kind", "x_triage_outcome"])
    assert [one["selection"] for one in told.values()] == [[["changed", "Changed"]], [["a", "A"]]]
    one = odoo.lead_ids[0]
    assert talk.lead(one, "x_triage_answer") == {"id": one, "x_triage_answer": False}
    odoo.fill_answer(one, "Done.", "changed")
    assert talk.lead(one, "x_triage_answer")["x_triage_answer"] == "Done."
    talk.key = odoo.admin_key
    talk.ok("ir.model.fields", "unlink", ids=made[:1])
    assert talk("crm.lead", "read", ids=[one], fields=["x_triage_answer"]).status_code == 500


@pytest.mark.parametrize("name", ["triage_answer", "x_triage_answer"])
def test_a_field_of_ones_own_has_a_name_of_its_own(odoo: Odoo, talk: Talk, name: str) -> None:
    talk.key = odoo.admin_key
    (model,) = talk.ok("ir.model", "search", domain=[["model", "=", "crm.lead"]])
    values = {"model_id": model, "name": name, "ttype": "char"}
    assert talk.refused("ir.model.fields", "create", vals_list=[values])[:2] == (422, "ValidationError")
    assert "triage_answer" not in odoo.state.tables.models["crm.lead"].fields


def test_fields_of_a_call_that_failed_are_not_there(odoo: Odoo, talk: Talk) -> None:
    talk.key = odoo.admin_key
    (model,) = talk.ok("ir.model", "search", domain=[["model", "=", "crm.lead"]])
    values = [{"model_id": model, "name": name, "ttype": "char"} for name in ("x_new", "wrong")]
    assert talk("ir.model.fields", "create", vals_list=values).status_code == 422
    assert "x_new" not in talk.ok("crm.lead", "fields_get")


def test_people_and_teams_are_there_to_be_chosen(odoo: Odoo, talk: Talk) -> None:
    asked = {"domain": [["share", "=", False]], "fields": ["name", "email", "login"], "order": "id asc"}
    people = talk.ok("res.users", "search_read", **asked)
    assert [one["id"] for one in people] == [2, odoo.me, odoo.colleague, odoo.marketer]
    (team,) = talk.ok("crm.team", "search_read", domain=[], fields=["name", "member_ids", "user_id"])
    assert (team["name"], team["member_ids"]) == ("Sales", [odoo.me, odoo.colleague])


def test_what_marketing_knows_is_readable(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[1]
    row = talk.lead(one, "campaign_id", "source_id", "medium_id", "visitor_page_count")
    assert row["campaign_id"] == [2, "Newsletter, first of the month"]
    assert row["visitor_page_count"] == 4
    fields = ["mass_mailing_id", "trace_status", "sent_datetime", "open_datetime", "reply_datetime"]
    domain = [["model", "=", "crm.lead"], ["res_id", "in", [one]]]
    (trace,) = talk.ok("mailing.trace", "search_read", domain=domain, fields=fields)
    assert (trace["trace_status"], trace["reply_datetime"]) == ("open", False)
    assert trace["open_datetime"] > trace["sent_datetime"]


def test_a_module_that_is_not_installed_is_not_there(switchboard: Switchboard, talk: Talk) -> None:
    assert talk.refused("marketing.participant", "search", domain=[])[0] == 404
    odoo = talk.odoo = switchboard.plug(Odoo(FastTempo(), mailing=False, website=False, enterprise=True))
    assert talk.refused("mailing.trace", "search", domain=[])[0] == 404
    assert "visitor_page_count" not in talk.ok("crm.lead", "fields_get")
    odoo.ask_of("marketing.participant", model_name="crm.lead", res_id=odoo.lead_ids[0], state="running")
    assert len(talk.ok("marketing.participant", "search", domain=[])) == 1
    odoo.uninstall("marketing.participant")
    assert talk.refused("marketing.participant", "search", domain=[])[0] == 404


def test_a_method_may_be_forbidden_to_everybody(odoo: Odoo, talk: Talk) -> None:
    odoo.forbid("crm.lead", "prepare_pls_tooltip_data")
    said = talk.refused("crm.lead", "prepare_pls_tooltip_data", ids=odoo.lead_ids[:1])
    assert said[:2] == (403, "AccessError")
