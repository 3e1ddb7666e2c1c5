"""Where a row of crm.lead stands in our words: type, stage, our tags, and what people do afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.crm.odoo.rows import id_of, name_of
from triage.crm.odoo.statuses import (
    BOTH,
    LEAD,
    OPPORTUNITY,
    SHOWN,
    TAGS,
    Stage,
    Statuses,
    stages_of,
)
from triage.domain.lead import LeadStatus

NEW, QUALIFIED, PROPOSITION, NEGOTIATION, WON = range(1, 6)
STAGES = (
    Stage(NEW, "New"),
    Stage(QUALIFIED, "Qualified"),
    Stage(PROPOSITION, "Proposition"),
    Stage(NEGOTIATION, "Negotiation"),
    Stage(WON, "Won", is_won=True),
)
TAG_IDS = {status: number for number, status in enumerate(TAGS, 20)}
ON_LEADS = Statuses(STAGES, TAG_IDS, LEAD)
ON_OPPORTUNITIES = Statuses(STAGES, TAG_IDS, OPPORTUNITY)


def row(*tags: LeadStatus, type_: str = "lead", stage: int = NEW, **more: Any) -> dict[str, Any]:
    tagged = [TAG_IDS[tag] for tag in tags]
    plain = {"user_id": [7, "Rep"], "team_id": False, "type": type_, "active": True, "tag_ids": tagged}
    return {**plain, "stage_id": [stage, "a stage"], **more}


def test_a_lead_without_a_word_of_ours_is_assigned() -> None:
    assert ON_LEADS.of(row()) is LeadStatus.ASSIGNED


@pytest.mark.parametrize("tag", [LeadStatus.ACCEPTED, LeadStatus.SNOOZED])
def test_a_tag_says_what_a_lead_in_its_place_is(tag: LeadStatus) -> None:
    assert ON_LEADS.of(row(tag)) is tag


def test_a_recycled_lead_is_one_of_nobody_and_waits_again_when_somebody_gets_it() -> None:
    assert ON_LEADS.of(row(LeadStatus.RECYCLED, user_id=False)) is LeadStatus.RECYCLED
    assert ON_LEADS.of(row(LeadStatus.RECYCLED)) is LeadStatus.ASSIGNED


@pytest.mark.parametrize("tag", [LeadStatus.REJECTED, LeadStatus.DISQUALIFIED, LeadStatus.RECYCLED])
def test_a_lost_lead_is_what_our_tag_says(tag: LeadStatus) -> None:
    assert ON_LEADS.of(row(tag, active=False)) is tag


def test_a_lead_lost_by_hand_is_disqualified_and_a_lost_opportunity_is_lost() -> None:
    assert ON_LEADS.of(row(active=False)) is LeadStatus.DISQUALIFIED
    assert ON_LEADS.of(row(type_="opportunity", active=False)) is LeadStatus.LOST
    assert ON_OPPORTUNITIES.of(row(type_="opportunity", active=False)) is LeadStatus.DISQUALIFIED
    lost = row(LeadStatus.ACCEPTED, type_="opportunity", active=False)
    assert ON_OPPORTUNITIES.of(lost) is LeadStatus.LOST


@pytest.mark.parametrize("tag", [LeadStatus.REJECTED, LeadStatus.DISQUALIFIED])
def test_a_lead_that_somebody_brought_back_waits_again(tag: LeadStatus) -> None:
    assert ON_LEADS.of(row(tag)) is LeadStatus.ASSIGNED


def test_a_converted_lead_is_accepted_where_our_tag_says_so_and_else_an_opportunity() -> None:
    assert ON_LEADS.of(row(LeadStatus.ACCEPTED, type_="opportunity")) is LeadStatus.ACCEPTED
    assert ON_LEADS.of(row(type_="opportunity")) is LeadStatus.OPPORTUNITY


@pytest.mark.parametrize(
    ("stage", "status"),
    [
        (NEW, LeadStatus.ASSIGNED),
        (QUALIFIED, LeadStatus.WORKING),
        (PROPOSITION, LeadStatus.QUALIFYING),
        (NEGOTIATION, LeadStatus.QUALIFIED),
        (WON, LeadStatus.WON),
    ],
)
def test_an_opportunity_stands_by_the_position_of_its_stage(stage: int, status: LeadStatus) -> None:
    assert ON_OPPORTUNITIES.of(row(type_="opportunity", stage=stage)) is status


def test_a_later_stage_wins_over_our_tag() -> None:
    assert ON_OPPORTUNITIES.of(row(LeadStatus.SNOOZED, type_="opportunity")) is LeadStatus.SNOOZED
    moved = row(LeadStatus.SNOOZED, type_="opportunity", stage=QUALIFIED)
    assert ON_OPPORTUNITIES.of(moved) is LeadStatus.WORKING


def test_the_profiles_word_on_a_stage_wins_over_its_position() -> None:
    agreed = Statuses(STAGES, TAG_IDS, OPPORTUNITY, {"qualifying": " qualified ", "nonsense": "New"})
    assert agreed.of(row(type_="opportunity", stage=QUALIFIED)) is LeadStatus.QUALIFYING
    assert agreed.of(row(type_="opportunity")) is LeadStatus.ASSIGNED
    stage = agreed.stage_for(LeadStatus.QUALIFYING)
    assert stage is not None
    assert stage.stage_id == QUALIFIED
    assert agreed.stage_for(LeadStatus.ACCEPTED) is None


def test_the_word_won_counts_without_a_stage_that_is() -> None:
    assert ON_LEADS.of(row(type_="opportunity", won_status="won")) is LeadStatus.WON


def test_stages_of_other_teams_do_not_count_for_the_position() -> None:
    stages = (Stage(NEW, "New"), Stage(9, "Theirs", team_id=2), Stage(QUALIFIED, "Qualified"))
    mixed = Statuses(stages, TAG_IDS, OPPORTUNITY)
    ours = row(type_="opportunity", stage=QUALIFIED, team_id=[1, "Sales"])
    assert mixed.of(ours) is LeadStatus.WORKING


def test_what_is_out_of_view_are_won_and_the_last_stages() -> None:
    assert ON_OPPORTUNITIES.out_of_view == (NEGOTIATION, WON)
    assert Statuses((Stage(NEW), Stage(WON, is_won=True))).out_of_view == (WON,)


def test_without_our_tags_a_database_is_read_all_the_same() -> None:
    bare = Statuses(STAGES, {}, LEAD)
    assert bare.of(row(active=False)) is LeadStatus.DISQUALIFIED
    assert bare.of(row()) is LeadStatus.ASSIGNED


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
_NAMES = ("user_id", "team_id", "type", "active", "stage_id", "tag_ids", "won_status")


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(_NAMES), _ANYTHING), st.sampled_from([LEAD, OPPORTUNITY, BOTH]))
def test_any_row_stands_somewhere(odd: dict[str, Any], kind: str) -> None:
    assert Statuses(STAGES, TAG_IDS, kind).of(odd) in list(LeadStatus)


@settings(max_examples=40, deadline=None)
@given(_ANYTHING)
def test_a_many2one_of_any_shape_has_an_id_and_a_name(value: Any) -> None:
    assert type(id_of(value)) is int
    assert type(name_of(value)) is str


def test_stages_are_read_in_their_order() -> None:
    rows = [
        {"id": 1, "name": "New", "is_won": False},
        {"id": 4, "name": False, "is_won": True, "team_id": [2, "B"]},
    ]
    assert stages_of(rows) == (Stage(1, "New"), Stage(4, "", is_won=True, team_id=2))


def test_what_a_rep_is_shown_is_open() -> None:
    assert LeadStatus.WON not in SHOWN
    assert {LeadStatus.ASSIGNED, LeadStatus.SNOOZED, LeadStatus.ACCEPTED} <= SHOWN
