"""The SLA on the wire: rules and calendar are read as they are told, and a decision carries the skew."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from msgspec import Raw

from tests.domain.invented import NOW, a_decision, a_lead, an_item
from triage.crm.rest.agreement import read_definition
from triage.crm.rest.bodies import item_body
from triage.crm.rest.leads import read_leads
from triage.domain.deadlines import agreed_deadline, sla_trouble
from triage.domain.definition import Calendar, SlaRule
from triage.domain.lead import Mql
from triage.embedded import sla


def body(**more: object) -> dict[str, object]:
    return {"version": "4", "criteria": [], **more}


def test_what_the_embedded_crm_agrees_on_can_be_counted_by():
    definition = read_definition(body(**sla.agreed()))
    assert not sla_trouble(definition)
    lead = a_lead(mql=Mql("hand_raise"), assigned_at=NOW)
    assert agreed_deadline(lead, definition) == (NOW + timedelta(hours=4), "raised hand: 4 hours")
    assert definition.calendar is not None
    assert definition.calendar.time_zone == "Europe/Berlin"


def test_a_definition_that_says_nothing_of_it_agrees_on_nothing():
    definition = read_definition(body())
    assert (definition.sla, definition.calendar) == ((), None)


def test_what_cannot_be_read_is_left_out_and_never_guessed():
    rules = [{"name": "no hours"}, {"name": "odd", "hours": "4"}, "rubbish", {"name": "fine", "hours": 4}]
    told = {
        "time_zone": 7,
        "hours": {"monday": ["09:00-17:00", 3], "friday": "all day"},
        "holidays": ["2026-12-25", "soon", 4],
    }
    definition = read_definition(body(sla=rules, calendar=told))
    assert definition.sla == (SlaRule("fine", 4),)
    assert definition.calendar == Calendar(
        "", {"monday": ("09:00-17:00",), "friday": ()}, (date(2026, 12, 25),)
    )
    assert "names no time zone" in sla_trouble(definition)


def test_hostile_rules_are_said_to_give_nothing_and_cost_nothing():
    for hours in (1e308, -1, 0, 8761):
        definition = read_definition(body(sla=[{"name": "x", "hours": hours, "counted_in": "wall"}]))
        assert "gives" in sla_trouble(definition)


def test_the_rule_of_a_lead_is_read_both_ways_and_is_empty_where_it_is_absent():
    at = datetime(2026, 5, 6, tzinfo=UTC)
    for told, rule in (
        ('"L-1","sla_rule":"raised hand"', "raised hand"),
        ('"L-1"', ""),
        ('"L-1","sla_rule":null', ""),
    ):
        raw = f'{{"lead_id":{told}}}'.encode()
        (quick,), _ = read_leads([Raw(raw)], at)
        assert quick.sla_rule == rule
    (slow,), unread = read_leads([{"lead_id": "L-1", "sla_rule": 4}], at)
    assert slow.sla_rule in ("", "4")
    assert Counter(unread)["sla_rule"] == (slow.sla_rule == "")


def test_a_decision_tells_the_crm_how_far_the_clocks_were_apart():
    lead = a_lead()
    for skew in (None, 0, -180_000):
        item = an_item(lead, decision=a_decision(lead, skew_ms=skew))
        assert item_body(item)["skew_ms"] == skew
