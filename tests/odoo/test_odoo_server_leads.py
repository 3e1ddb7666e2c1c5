"""Leads in the stand-in for Odoo: lost, won, converted and brought back, with every trap of the contract."""

from __future__ import annotations

from typing import Any

import pytest

from tests.odoo.conftest import Switchboard, Talk
from tests.odoo.server import Odoo
from tests.tempo import FastTempo

WIZARD = "crm.lead2opportunity.partner"
DEFAULT = object()


def tag(odoo: Odoo, talk: Talk, lead: int, name: str) -> None:
    (found,) = talk.ok("crm.tag", "search", domain=[["name", "=", f"triage: {name}"]])
    talk.ok("crm.lead", "write", ids=[lead], vals={"tag_ids": [[4, found]]})


def convert(talk: Talk, lead: int, active: Any = DEFAULT, **values: Any) -> Any:
    """Make the wizard and apply it, with the leads in the context of the second call."""
    given = {"lead_id": lead, "name": "convert", "action": "nothing", "force_assignment": False, **values}
    context = {"active_model": "crm.lead", "active_id": lead, "active_ids": [lead]}
    given = {name: value for name, value in given.items() if value is not None}
    (made,) = talk.ok(WIZARD, "create", vals_list=[given], context=context)
    applied = context if active is DEFAULT else active
    return talk(WIZARD, "action_apply", ids=[made], context=applied)


def test_lost_is_archived_with_a_reason_and_teaches_the_scoring(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    assert talk.ok("crm.lead", "action_set_lost", ids=[one], lost_reason_id=2) is True
    row = talk.lead(one, "active", "probability", "automated_probability", "lost_reason_id", "won_status")
    assert row == {
        "id": one,
        "active": False,
        "probability": 0.0,
        "automated_probability": 0.0,
        "lost_reason_id": [2, "We don't have people/skills"],
        "won_status": "lost",
    }
    assert talk.lead(one, "date_closed")["date_closed"]
    assert odoo.trained == [(one, "lost")]


def test_set_lost_writes_further_values_with_it(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    talk.ok("crm.lead", "action_set_lost", ids=[one], lost_reason_id=1, x_triage_outcome="reject")
    assert odoo.standing(one).outcome == "reject"
    assert odoo.standing(one).lost_reason == "Too expensive"


def test_lost_again_teaches_nothing_more(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    for reason in (1, 2):
        talk.ok("crm.lead", "action_set_lost", ids=[one], lost_reason_id=reason)
    assert odoo.trained == [(one, "lost")]
    assert odoo.broken_rules == []


def test_a_lead_that_is_recycled_is_never_set_lost(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    tag(odoo, talk, one, "recycled")
    talk.ok("crm.lead", "action_set_lost", ids=[one])
    assert odoo.broken_rules == [f"a recycled lead set lost: {one} teaches the scoring"]


def test_a_won_lead_cannot_be_lost(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    odoo.win(one)
    status, name, words = talk.refused("crm.lead", "action_set_lost", ids=[one])
    assert (status, name) == (422, "ValidationError")
    assert words.startswith("A lead in a Won stage cannot be lost.")


@pytest.mark.parametrize("method", ["action_unarchive", "action_restore"])
def test_a_lead_comes_back_without_its_reason_and_scored(odoo: Odoo, talk: Talk, method: str) -> None:
    one = odoo.lead_ids[0]
    before = odoo.row(one)["probability"]
    odoo.archive(one)
    talk.ok("crm.lead", method, ids=[one])
    row = talk.lead(one, "active", "lost_reason_id", "probability", "date_closed")
    assert (row["active"], row["lost_reason_id"], row["date_closed"]) == (True, False, False)
    assert abs(row["probability"] - before) < 5


def test_archived_without_being_lost_has_no_status_of_its_own(odoo: Odoo, talk: Talk) -> None:
    one, other = odoo.lead_ids[:2]
    talk.ok("crm.lead", "write", ids=[one], vals={"active": False})
    talk.ok("crm.lead", "action_archive", ids=[other])
    assert talk.lead(one, "won_status")["won_status"] == "pending"
    assert talk.lead(other, "won_status")["won_status"] == "lost"
    assert odoo.trained == []


def test_won_is_a_stage_with_a_hundred_percent(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    talk.ok("crm.lead", "action_set_won", ids=[one])
    row = talk.lead(one, "stage_id", "probability", "won_status")
    assert (row["stage_id"][1], row["probability"], row["won_status"]) == ("Won", 100.0, "won")
    odoo.restage(one, "Qualified")
    assert 0 < talk.lead(one, "probability")["probability"] < 100
    assert odoo.trained == [(one, "won")]


def test_a_probability_by_hand_breaks_a_rule(odoo: Odoo, talk: Talk) -> None:
    talk.ok("crm.lead", "write", ids=odoo.lead_ids[:1], vals={"probability": 0.0})
    talk.ok("crm.lead", "action_set_lost", ids=odoo.lead_ids[1:2], probability=0.0)
    assert odoo.broken_rules == [f"probability written on [{one}]" for one in odoo.lead_ids[:2]]


def test_the_wizard_makes_an_opportunity_and_says_which_form_to_open(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    said = convert(talk, one).json()
    assert (said["type"], said["res_id"]) == ("ir.actions.act_window", one)
    row = talk.lead(one, "type", "user_id", "partner_id", "stage_id", "date_conversion")
    assert (row["type"], row["user_id"][0], row["partner_id"]) == ("opportunity", 7, False)
    assert row["date_conversion"]
    assert odoo.broken_rules == []


def test_the_wizard_reads_its_leads_from_the_context(odoo: Odoo, talk: Talk) -> None:
    """Without them nothing is converted and the server crashes; with another lead it is that one."""
    one, other = odoo.lead_ids[:2]
    assert convert(talk, one, active={}).status_code == 500
    assert odoo.standing(one).type == "lead"
    convert(talk, one, active={"active_ids": [other]})
    assert (odoo.standing(one).type, odoo.standing(other).type) == ("lead", "opportunity")


def test_the_wizard_merges_and_deletes_where_it_is_not_told_to_convert(odoo: Odoo, talk: Talk) -> None:
    one, other = odoo.lead_ids[:2]
    odoo.write(other, email_from=odoo.row(one)["email_from"].upper())
    convert(talk, one, name=None)
    assert (odoo.standing(one).is_there, odoo.standing(other).is_there) == (True, False)
    assert odoo.broken_rules == [f"leads merged by the wizard: [{one}, {other}]"]


def test_the_wizard_converts_where_it_is_told_to(odoo: Odoo, talk: Talk) -> None:
    one, other = odoo.lead_ids[:2]
    odoo.write(other, email_from=odoo.row(one)["email_from"])
    convert(talk, one)
    assert (odoo.standing(one).type, odoo.standing(other).type) == ("opportunity", "lead")


def test_the_wizard_converts_where_there_is_nothing_to_merge(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    convert(talk, one, name=None)
    assert odoo.standing(one).type == "opportunity"
    assert odoo.broken_rules == []


def test_the_wizard_links_or_makes_a_customer_if_told_to(odoo: Odoo, talk: Talk) -> None:
    made, linked, kept = odoo.lead_ids[:3]
    convert(talk, made, action="create")
    partner = talk.lead(made, "partner_id")["partner_id"]
    assert partner[1] == "Ada Abend"
    convert(talk, linked, action="exist", partner_id=partner[0])
    assert talk.lead(linked, "partner_id")["partner_id"] == partner
    odoo.write(kept, partner_id=partner[0])
    convert(talk, kept)
    assert talk.lead(kept, "partner_id")["partner_id"] == partner


def test_the_wizard_gives_a_lead_of_nobody_to_who_uses_it(switchboard: Switchboard, talk: Talk) -> None:
    odoo = talk.odoo = switchboard.plug(Odoo(FastTempo(), nobodys=1))
    (free,) = odoo.free_lead_ids
    convert(talk, free)
    assert odoo.standing(free).owner == odoo.me


def test_the_wizard_takes_a_lead_away_only_if_it_is_forced(odoo: Odoo, talk: Talk) -> None:
    kept, forced = odoo.lead_ids[:2]
    convert(talk, kept, user_id=odoo.colleague)
    convert(talk, forced, user_id=odoo.colleague, force_assignment=True)
    assert (odoo.standing(kept).owner, odoo.standing(forced).owner) == (odoo.me, odoo.colleague)


def test_the_wizard_passes_over_a_lost_lead_without_a_word(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    odoo.archive(one)
    assert convert(talk, one).status_code == 200
    assert odoo.standing(one).type == "lead"


def test_a_wizard_is_for_who_opened_it(odoo: Odoo, talk: Talk) -> None:
    (made,) = talk.ok(WIZARD, "create", vals_list=[{"lead_id": odoo.lead_ids[0]}])
    talk.key = odoo.marketing_key
    assert talk.refused(WIZARD, "action_apply", ids=[made])[:2] == (403, "AccessError")


def test_the_method_below_the_wizard_crashes_with_an_id_and_clears_with_nothing(
    odoo: Odoo, talk: Talk
) -> None:
    one = odoo.lead_ids[0]
    partner = odoo.ask_of("res.partner", name="Ada Abend")
    odoo.write(one, partner_id=partner)
    status, name, words = talk.refused("crm.lead", "convert_opportunity", ids=[one], partner=partner)
    assert (status, name, words) == (500, "AttributeError", "'int' object has no attribute 'id'")
    assert odoo.standing(one).type == "lead"
    talk.ok("crm.lead", "convert_opportunity", ids=[one], partner=False)
    assert talk.lead(one, "partner_id")["partner_id"] is False
    assert odoo.broken_rules == [f"convert_opportunity called on [{one}]"] * 2


def test_without_the_feature_every_record_is_an_opportunity(switchboard: Switchboard, talk: Talk) -> None:
    odoo = talk.odoo = switchboard.plug(Odoo(FastTempo(), use_leads=False))
    assert talk.ok("crm.lead", "search_count", domain=[["type", "=", "lead"]]) == 0
    assert odoo.standing(odoo.lead_ids[0]).type == "opportunity"
    assert talk.ok("res.users", "has_group", ids=[7], group_ext_id="crm.group_use_lead") is False


def test_a_plain_write_makes_an_opportunity_too(odoo: Odoo, talk: Talk) -> None:
    talk.ok("crm.lead", "write", ids=odoo.lead_ids[:1], vals={"type": "opportunity"})
    assert odoo.standing(odoo.lead_ids[0]).type == "opportunity"
    assert talk.ok("res.users", "has_group", ids=[7], group_ext_id="crm.group_use_lead") is True
    assert talk.refused("res.users", "has_group", ids=[8], group_ext_id="base.group_user")[0] == 403
