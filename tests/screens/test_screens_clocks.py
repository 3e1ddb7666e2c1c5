"""The two clocks on the page and in the brief: what runs, by which rule, and how an act was credited."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from screens.ink import Inks
from screens.panels.clocks import clock_lines
from screens.panels.glance import Glance
from screens.panels.person import status_line
from screens.themes import NO_COLOUR
from tests.domain.invented import a_decision, an_item
from tests.screens.sample import NOW, rich_lead
from triage.domain.act import Act
from triage.domain.definition import Calendar, Definition, SlaRule
from triage.domain.inbox import Entry
from triage.domain.lead import Lead

RULE = "raised hand: 4 business hours"
AGREED = Definition(
    "4", sla=(SlaRule(RULE, 4, "hand_raise"),), calendar=Calendar("UTC", {"tuesday": ("09:00-12:00",)})
)
INK = Inks.of(NO_COLOUR).plain


def glance(lead: Lead, definition: Definition = AGREED, width: int = 110, act: Act | None = None) -> Glance:
    entry = Entry.of(lead)
    if act is not None:
        decision = a_decision(lead, act, decided_at=NOW, params={"until": "2026-11-17T11:00:00Z"})
        entry = replace(entry, decision=replace(an_item(lead, act), decision=decision))
    return Glance(entry, definition, NOW, width, INK)


def page(lead: Lead, definition: Definition = AGREED, act: Act | None = None) -> str:
    return "\n".join(line.text for line in clock_lines(glance(lead, definition, act=act)))


def lead(**changes: object) -> Lead:
    return replace(rich_lead(), sla_due_at=NOW + timedelta(hours=4), sla_rule=RULE, **changes)


def test_the_page_tells_both_clocks_and_the_rule_by_its_name():
    told = page(lead())
    assert "due Tue 14:00, 2h of business time left" in told
    assert RULE in told
    assert "no touch yet, 2h since the event" in told


def test_speed_to_lead_is_told_once_there_was_a_touch():
    assert "first touch after 90m" in page(lead(contacted_at=NOW - timedelta(minutes=30))).replace(
        "1h", "90m"
    )
    assert "cannot tell about contact" in page(lead(contact_known=False))
    assert "speed" not in page(lead(event_at=None))


def test_an_act_is_credited_by_its_time():
    assert "decided Tue 10:00" in page(lead(), act=Act.ACCEPT)
    assert "SLA met, 4h to spare" in status_line(glance(lead(), act=Act.ACCEPT)).text
    late = replace(lead(), sla_due_at=NOW - timedelta(hours=3))
    assert "SLA missed by 3h" in status_line(glance(late, act=Act.ACCEPT)).text


def test_what_speed_counts_is_said_once():
    assert "since the event ·" not in page(lead())
    assert "from the event" in page(lead(contacted_at=NOW - timedelta(minutes=30)))


def test_a_clock_that_pauses_says_what_is_left_when_it_wakes():
    assert "left when it wakes" in page(lead(), act=Act.SNOOZE)
    assert "asleep until Tue 11:00" in status_line(glance(lead(), act=Act.SNOOZE)).text


def test_the_rule_stands_in_the_brief_where_there_is_room():
    assert RULE in status_line(glance(lead(), width=150)).text
    assert "SLA in 4h" in status_line(glance(lead(), width=60)).text
    assert RULE not in status_line(glance(lead(), width=60)).text


def test_a_calendar_that_cannot_be_counted_by_is_said_where_the_deadline_would_be():
    lost = replace(AGREED, calendar=Calendar("Mars/Base", {"monday": ("09:00-17:00",)}))
    told = page(replace(lead(), sla_due_at=None, sla_rule=""), lost)
    assert "not counted: The time zone “Mars/Base” is not known here." in told
