"""A CRM that tells no deadline gets the agreed one; one that tells its own is never corrected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.fakes import NOW, Clock, FakeCrm, Office, lead_id
from triage.domain.act import Act
from triage.domain.definition import Calendar, Definition, SlaRule
from triage.sync.room import CLOCK_SKEW

ONE, TWO, THREE = (lead_id(number) for number in (1, 2, 3))
WALL = Definition("5", sla=(SlaRule("all: 6 hours", 6, "all", "wall"),))
LOST = replace(
    WALL,
    sla=(SlaRule("all: 6 business hours", 6),),
    calendar=Calendar("Mars/Base", {"monday": ("09:00-17:00",)}),
)


class Agreeing(FakeCrm):
    """A CRM that holds a definition."""

    agreed: Definition | None = WALL

    async def definition(self) -> Definition | None:
        return self.agreed


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    """Yield an office before its first fetch, whose CRM tells no deadline of ONE and TWO."""
    clock = Clock()
    made = Office(tmp_path, Agreeing.with_leads(clock, 3), clock)
    for one in (ONE, TWO):
        made.crm.change(one, sla_due_at=None, mql=None)
    yield made
    made.close()


def due(place: Office, of=ONE) -> tuple[datetime | None, str]:
    lead = place.desk.entry(of).lead
    return lead.sla_due_at, lead.sla_rule


def test_a_lead_without_a_deadline_gets_the_agreed_one_with_the_rules_name(place):
    place.synced()
    assigned_at = place.desk.entry(ONE).lead.assigned_at
    assert due(place) == (assigned_at + timedelta(hours=6), "all: 6 hours")


def test_a_deadline_that_the_crm_tells_is_taken_as_it_is(place):
    place.crm.change(THREE, sla_rule="theirs")
    told = place.crm.leads[THREE].sla_due_at
    place.synced()
    assert due(place, THREE) == (told, "theirs")


def test_it_is_the_same_for_what_changed_since(place):
    place.synced()
    place.crm.change(TWO, assigned_at=NOW + timedelta(hours=1))
    place.synced()
    assert place.crm.fetches[-1] is not None, "nothing else was fetched again"
    assert due(place, TWO) == (NOW + timedelta(hours=7), "all: 6 hours")


def test_when_the_rule_changes_every_deadline_is_counted_again(place):
    place.synced()
    place.crm.agreed = replace(WALL, version="6", sla=(SlaRule("all: 2 hours", 2, "all", "wall"),))
    place.clock.now += timedelta(hours=2)
    place.synced()
    assigned_at = place.desk.entry(ONE).lead.assigned_at
    assert due(place) == (assigned_at + timedelta(hours=2), "all: 2 hours")


def test_a_calendar_that_cannot_be_counted_by_gives_no_deadline_and_stops_no_fetch(place):
    place.crm.agreed = LOST
    assert place.synced().fetched == 3
    assert due(place) == (None, "")


def test_a_moment_that_nothing_can_be_counted_from_gives_no_deadline(place):
    place.crm.agreed = WALL
    edge = datetime.max.replace(tzinfo=NOW.tzinfo)
    place.crm.change(ONE, assigned_at=edge)
    place.crm.change(TWO, assigned_at=None)
    assert place.synced().fetched == 3
    assert due(place) == due(place, TWO) == (None, "")


@pytest.mark.parametrize(
    ("skew", "recorded"), [(timedelta(minutes=-3), -180_000), (timedelta(), 0), (None, None)]
)
def test_a_decision_and_its_undo_record_the_skew_as_last_known(place, skew, recorded):
    place.crm.skew = skew
    place.synced()
    item = place.desk.decide([THREE], Act.ACCEPT).items[0]
    assert item.decision.skew_ms == recorded
    assert place.desk.outbox.get(item.id).decision.skew_ms == recorded
    place.synced()
    place.desk.undo()
    restores = [one.decision for one in place.desk.outbox.all() if one.takes_back]
    assert [one.skew_ms for one in restores] == [recorded]
    assert place.desk.leads.note(CLOCK_SKEW) == (None if skew is None else skew.total_seconds())


def test_the_skew_of_a_decision_stays_as_it_was_when_it_was_made(place):
    place.crm.skew = timedelta(minutes=-3)
    place.synced()
    item = place.desk.decide([THREE], Act.ACCEPT).items[0]
    place.crm.skew = timedelta(hours=5)
    place.synced()
    assert place.desk.outbox.get(item.id).decision.skew_ms == -180_000
