"""What a fetch keeps of the rules: each version that was seen, and which leads a score model moved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from config import load
from tests.fakes import Office, lead_id
from triage.desk import agreement
from triage.domain.definition import Definition
from triage.store.rule_history import history_of
from triage.sync.fetch import RULES_LAST_FOR

DEFINITION, REASONS = load.definition(), load.reasons()


class Agreed:
    """A CRM's definition and codes, as a test changes them."""

    def __init__(self, place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place = place
        self.rules: Definition | None = DEFINITION
        monkeypatch.setattr(place.crm, "definition", self._definition)

    async def _definition(self) -> Definition | None:
        return self.rules

    def fetched(self, rules: Definition) -> None:
        self.rules = rules
        self.place.clock.now += RULES_LAST_FOR + timedelta(minutes=1)
        self.place.synced()


@pytest.fixture
def agreed(place: Office, monkeypatch: pytest.MonkeyPatch) -> Agreed:
    return Agreed(place, monkeypatch)


def versions(place: Office) -> list[str]:
    return [one.rules.version for one in history_of(place.desk.leads).definitions]


def test_each_version_that_a_fetch_brings_is_kept_and_can_be_looked_up(place, agreed):
    for version in ("4", "5", "6"):
        agreed.fetched(replace(DEFINITION, version=version))
    agreed.fetched(replace(DEFINITION, version="6"))
    assert versions(place)[-3:] == ["4", "5", "6"]
    seen = agreement.history(place.desk).definition("5")
    assert seen is not None
    assert seen.rules == replace(DEFINITION, version="5")
    assert place.desk.definition().version == "6"


def test_what_was_in_force_before_the_first_version_was_noted_is_kept_too(place, agreed):
    place.desk.leads.remember_rules({"definition": replace(DEFINITION, version="3")})
    agreed.fetched(DEFINITION)
    assert versions(place)[-2:] == ["3", "4"]


def test_versions_of_rules_outlive_a_restart_and_whole_numbers_are_no_change(place, agreed):
    agreed.fetched(DEFINITION)
    agreement.take_note(place.desk)
    before = versions(place)
    agreed.fetched(replace(DEFINITION, threshold=65))
    assert versions(place) == before
    other = place.another_desk()
    assert agreement.standing(other, other.definition(), other.reasons()) == agreement.Agreement()
    other.outbox.close()
    other.leads.close()


def test_a_score_model_that_comes_for_the_first_time_is_kept_with_the_leads_that_it_moved(place):
    moved, stayed, bandless = (lead_id(number) for number in (1, 2, 3))
    for name, band in ((moved, "A"), (stayed, "B"), (bandless, "C")):
        score = place.desk.entry(name).lead.score
        assert score is not None
        place.crm.change(name, score=replace(score, band=band, model_version="m8"))
    place.synced()
    models = {one.version: one for one in history_of(place.desk.leads).models}
    assert (models["m8"].leads, models["m8"].moved) == (3, 2)
    place.crm.change(moved, title="CTO")
    place.synced()
    assert {one.version: one for one in history_of(place.desk.leads).models} == models


def test_the_first_model_of_all_moved_nobody(place):
    (first,) = history_of(place.desk.leads).models
    assert (first.version, first.leads, first.moved) == ("m7", 0, 0)


def test_whoever_asks_for_a_sync_sees_what_marketing_changed_a_moment_ago(place, agreed):
    agreed.fetched(DEFINITION)
    agreed.rules = replace(DEFINITION, version="5")
    place.clock.now += timedelta(minutes=2)
    place.synced(everything=False)
    assert place.desk.definition().version == "4", "the clock alone asks once an hour"
    place.synced()
    assert place.desk.definition().version == "5"
