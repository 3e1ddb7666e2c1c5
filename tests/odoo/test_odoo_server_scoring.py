"""The scoring of the stand-in for Odoo, and its tooltip: which writes, and at 0.00 invents its reasons."""

from __future__ import annotations

import pytest

from tests.odoo.conftest import Switchboard, Talk
from tests.odoo.server import Odoo
from tests.tempo import FastTempo

TOOLTIP = "prepare_pls_tooltip_data"


def test_a_score_is_between_nothing_and_certainty(odoo: Odoo, talk: Talk) -> None:
    rows = talk.ok("crm.lead", "search_read", domain=[["user_id", "=", 7]], fields=["automated_probability"])
    scores = [row["automated_probability"] for row in rows]
    assert all(0.01 <= one <= 99.99 for one in scores)
    assert len(set(scores)) == 3


def test_the_tooltip_gives_reasons_in_order_and_no_weights(odoo: Odoo, talk: Talk) -> None:
    said = talk.ok("crm.lead", TOOLTIP, ids=odoo.lead_ids[:1])
    assert set(said) == {"probability", "team_name", "top_3_data", "low_3_data"}
    assert said["team_name"] == "Sales"
    assert [one["field"] for one in said["top_3_data"]] == ["source_id", "country_id", "email_state"]
    assert said["top_3_data"][0] == {"field": "source_id", "value": "Search engine", "color": False}
    assert [one["field"] for one in said["low_3_data"]] == ["phone_state", "stage_id"]


def test_a_good_address_is_never_told_against_a_lead(odoo: Odoo, talk: Talk) -> None:
    """Where few leads are known it may count so; it is left out then."""
    table = odoo.state.tables.models["crm.lead.scoring.frequency"].rows
    for row in table.values():
        if row["variable"] == "email_state":
            row["won_count"], row["lost_count"] = row["lost_count"] / 9, row["won_count"] * 9
    said = talk.ok("crm.lead", TOOLTIP, ids=odoo.lead_ids[:1])
    assert "email_state" not in [one["field"] for one in said["top_3_data"] + said["low_3_data"]]


def test_a_tag_is_told_as_a_field_that_a_lead_does_not_have(odoo: Odoo, talk: Talk) -> None:
    tag, *others = odoo.lead_ids
    made = odoo.ask_of("crm.tag", name="Product", color=5)
    for one in odoo.lead_ids:
        odoo.write(one, tag_ids=[[4, made]])
    for _ in range(20):
        talk.ok("crm.lead", "action_set_lost", ids=others)
        talk.ok("crm.lead", "action_unarchive", ids=others)
    said = talk.ok("crm.lead", TOOLTIP, ids=[tag])
    assert {"field": "tag_id", "value": "Product", "color": 5} in said["low_3_data"]


def test_the_tooltip_writes(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    odoo.row(one)["automated_probability"] = odoo.row(one)["probability"] = 1.0
    before = odoo.row(one)["write_date"]
    probability = talk.ok("crm.lead", TOOLTIP, ids=[one])["probability"]
    row = talk.lead(one, "probability", "automated_probability")
    assert row == {"id": one, "probability": probability, "automated_probability": probability}
    assert odoo.row(one)["write_date"] > before
    assert odoo.broken_rules == []


def test_a_probability_by_hand_stays(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    odoo.write(one, probability=80.0)
    assert talk.ok("crm.lead", TOOLTIP, ids=[one])["probability"] < 80.0, "the tooltip tells its own"
    row = talk.lead(one, "probability", "is_automated_probability")
    assert (row["probability"], row["is_automated_probability"]) == (80.0, False)


@pytest.mark.parametrize("why", ["nothing learned", "lost"])
def test_at_nothing_the_reasons_are_samples(odoo: Odoo, talk: Talk, why: str) -> None:
    one = odoo.lead_ids[0]
    if why == "lost":
        odoo.archive(one)
    else:
        odoo.unlearn()
    said = talk.ok("crm.lead", TOOLTIP, ids=[one])
    assert said["probability"] == 0.0
    values = [reason["value"] for reason in said["top_3_data"] + said["low_3_data"]]
    assert {"Exploration", "Belgium"} <= set(values)


def test_what_is_lost_lowers_those_that_are_alike(odoo: Odoo, talk: Talk) -> None:
    one, *others = odoo.lead_ids
    before = talk.ok("crm.lead", TOOLTIP, ids=[one])["probability"]
    talk.ok("crm.lead", "action_set_lost", ids=others)
    assert talk.ok("crm.lead", TOOLTIP, ids=[one])["probability"] < before


def test_the_tooltip_is_for_one_lead(odoo: Odoo, talk: Talk) -> None:
    assert talk.refused("crm.lead", TOOLTIP, ids=odoo.lead_ids[:2])[:2] == (500, "ValueError")
    assert talk.refused("crm.lead", TOOLTIP, ids=odoo.other_lead_ids[:1])[:2] == (403, "AccessError")


def test_an_older_version_has_no_tooltip(switchboard: Switchboard, talk: Talk) -> None:
    odoo = talk.odoo = switchboard.plug(Odoo(FastTempo(), version="15.0"))
    said = talk.classic("crm.lead", TOOLTIP, odoo.lead_ids[:1])["error"]["data"]
    assert said["name"] == "builtins.AttributeError"


def test_the_table_of_what_was_learned_is_readable(odoo: Odoo, talk: Talk) -> None:
    asked = {"domain": [["variable", "=", "phone_state"]], "fields": ["value", "won_count", "lost_count"]}
    rows = talk.ok("crm.lead.scoring.frequency", "search_read", **asked)
    assert {row["value"]: row["won_count"] for row in rows} == {"correct": 120.1, "incorrect": 10.1}
