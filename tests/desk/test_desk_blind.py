"""Blind leads at the desk: no answer of it tells a hidden score before the decision, and the decision keeps it."""

from __future__ import annotations

import pytest

from tests.fakes import Office, lead, lead_id
from triage.crm.rest.bodies import item_body
from triage.desk.rules import DEFINITION
from triage.domain.act import Act
from triage.domain.blind import Blind
from triage.domain.definition import Criterion, Definition
from triage.domain.entry import HIDDEN
from triage.domain.feedback import FeedbackType
from triage.domain.item import State
from triage.domain.provided import Provided
from triage.domain.score import Reasons, Score

ONE, TWO, THREE = (lead_id(number) for number in range(1, 4))
SCORE = Score(
    72, 10, fit=34, engagement=28, fit_grade="A", engagement_grade="2", band="A", model_version="m7"
)


@pytest.fixture
def blind(place: Office) -> Office:
    for number in range(1, 6):
        place.desk.leads.put(lead(number, score=SCORE, fetched_at=place.clock.now))
    place.desk._blind = Blind(1.0)
    return place


def hidden(place: Office) -> dict[str, bool]:
    """Return of each lead whether its score is hidden, in every way the desk tells of it."""
    desk = place.desk
    every = {entry.lead_id: entry for entry in desk.entries()}
    some = {entry.lead_id: entry for entry in desk.entries_of(every)}
    whole = {entry.lead_id: entry for entry in desk.whole_entries(every)}
    for one, entry in every.items():
        same = (entry, some[one], whole[one], desk.entry(one))
        assert (
            len({(each.is_blind, each.outline.score is None, each.lead.score is None) for each in same}) == 1
        )
    return {one: entry.is_blind and entry.lead.score is None for one, entry in every.items()}


def test_no_answer_of_the_desk_tells_a_hidden_score(blind):
    assert set(hidden(blind).values()) == {True}


def test_without_a_sample_every_score_shows(place):
    assert not any(entry.is_blind for entry in place.desk.entries())


@pytest.mark.parametrize(
    ("act", "more"),
    [
        (Act.ACCEPT, {}),
        (Act.REJECT, {"reason": "WRONG_PERSONA"}),
        (Act.RECYCLE, {"reason": "BAD_TIMING"}),
        (Act.REROUTE, {"params": {"to": "rep-2"}}),
    ],
)
def test_a_decision_shows_the_score_and_keeps_that_it_was_hidden(blind, act, more):
    acted = blind.desk.decide([ONE], act, **more)
    (entry,), (item,) = acted.entries, acted.items
    assert not entry.is_blind
    assert entry.outline.score.score == entry.lead.score.score == 72
    snapshot = item.decision.snapshot
    assert (snapshot.blind, snapshot.score, snapshot.band, snapshot.grade) == (True, 72, "A", "A2")
    assert hidden(blind) == {lead_id(number): number != 1 for number in range(1, 6)}
    assert item_body(item)["snapshot"]["blind"] is True


def test_what_was_decided_seeing_the_score_says_so(place):
    (item,) = place.desk.decide([ONE], Act.ACCEPT).items
    assert item_body(item)["snapshot"]["blind"] is False


def test_who_snoozes_decides_later_and_sees_the_score_later(blind):
    until = {"until": "tomorrow"}
    acted = blind.desk.decide([ONE], Act.SNOOZE, params=until)
    assert acted.entries[0].is_blind
    assert acted.items[0].decision.snapshot.blind
    assert hidden(blind)[ONE]
    blind.desk.undo()
    assert hidden(blind)[ONE]


def test_an_undo_does_not_hide_again_what_the_rep_has_seen_and_the_next_decision_is_not_blind(blind):
    blind.desk.decide([ONE], Act.ACCEPT)
    undone = blind.desk.undo()
    assert undone.items[0].state is State.WITHDRAWN
    assert not undone.entries[0].is_blind
    assert not hidden(blind)[ONE]
    (again,) = blind.desk.decide([ONE], Act.REJECT, reason="WRONG_PERSONA").items
    assert again.decision.snapshot.blind is False


def test_an_undo_after_the_crm_took_it_does_not_hide_it_either(blind):
    blind.desk.decide([ONE], Act.ACCEPT)
    blind.synced()
    blind.desk.undo()
    blind.synced()
    assert not hidden(blind)[ONE]


def test_a_restart_hides_and_shows_the_same_leads(blind):
    blind.desk.decide([ONE], Act.ACCEPT)
    before = hidden(blind)
    blind.reopen()._blind = Blind(1.0)
    assert hidden(blind) == before


def test_a_preview_fills_nothing_in_from_a_hidden_score(blind):
    (shown,) = blind.desk.preview([ONE], Act.REJECT, reason="LOW_INTENT").allowed
    assert "contribution" not in shown.params


def test_a_line_about_the_score_is_not_taken_for_what_a_blind_lead_fails(blind):
    lines = (Criterion("size", "50", "employees", ">=", 50), Criterion("points", "50", "score", ">=", 50))
    blind.desk.leads.remember_rules({DEFINITION: Definition("9", lines)})
    (shown,) = blind.desk.preview([ONE], Act.REJECT, reason="NOT_ICP_COMPANY").allowed
    assert (shown.params, shown.disagrees_with) == ({}, None)


def test_a_hidden_score_is_not_judged_before_the_decision_and_is_afterwards(blind):
    verdict = {"verdict": "too_high"}
    refused = blind.desk.feedback([ONE], FeedbackType.SCORE_ACCURACY, verdict)
    assert [one.why for one in refused.skipped] == [HIDDEN]
    blind.desk.decide([ONE], Act.ACCEPT)
    told = blind.desk.feedback([ONE], FeedbackType.SCORE_ACCURACY, verdict)
    assert told.items[0].feedback.snapshot["score"] == 72


def test_a_bulk_act_is_blind_on_those_that_were_hidden(blind):
    blind.desk.decide([ONE], Act.ACCEPT)
    blind.desk.undo()
    items = blind.desk.decide([ONE, TWO, THREE], Act.ACCEPT).items
    assert [item.decision.snapshot.blind for item in items] == [False, True, True]


def test_what_the_crm_gives_is_kept_with_the_rules_and_is_unknown_before(place):
    assert place.desk.provided() == Provided(
        "Fake CRM", Reasons.NONE, timeline=False, replies=True, people=True, statistics=True
    )
    place.desk.leads.clear()
    assert place.desk.provided() == Provided()
