from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.invented import DEFINITION, NOW, a_lead, a_score
from triage.domain.decision import Shown, Snapshot
from triage.domain.entry import Entry
from triage.domain.provided import Provided
from triage.domain.query import parse
from triage.domain.score import (
    RECONCILES_WITHIN,
    CappedGroup,
    Contribution,
    Dimension,
    Direction,
    Reasons,
    Score,
)

points = st.floats(-1_000, 1_000, allow_nan=False)
parts = st.builds(Contribution, st.text(max_size=3), st.none() | st.sampled_from(Dimension), points, points)
whole_scores = st.builds(
    Score, points, base_points=points, contributions=st.lists(parts, max_size=12).map(tuple), other=points
)


@given(whole_scores)
def test_base_and_parts_and_other_and_residual_are_the_score(score):
    applied = sum(part.points_applied for part in score.contributions)
    assert score.base_points + applied + score.other + score.residual == pytest.approx(score.score, abs=1e-5)


@given(whole_scores)
def test_a_score_is_unreconciled_exactly_when_its_residual_is_more_than_rounding(score):
    assert score.unreconciled == (abs(score.residual) > RECONCILES_WITHIN)


def test_a_score_that_adds_up_says_so_and_one_that_does_not_says_by_how_much():
    assert not a_score().unreconciled
    off = a_score(score=75)
    assert off.unreconciled
    assert off.residual == 3


def test_rounding_of_the_crm_is_not_called_a_broken_score():
    thirds = tuple(Contribution("third", None, 33.333, 33.333) for _ in range(3))
    assert not Score(100, contributions=thirds).unreconciled


@given(parts)
def test_a_contribution_is_capped_when_it_counts_less_than_it_earned(part):
    assert part.is_capped == (abs(part.points_applied) < abs(part.points_earned))


def test_a_capped_group_keeps_both_numbers():
    capped = [part for part in a_score().contributions if part.is_capped]
    assert [(part.points_applied, part.points_earned, part.group) for part in capped] == [(40, 55, "web")]


def test_a_negative_contribution_is_capped_towards_zero_too():
    assert Contribution("many bounces", None, -30, -20).is_capped
    assert not Contribution("many bounces", None, -20, -20).is_capped


@given(whole_scores)
def test_by_weight_sorts_by_effect_whatever_the_sign_and_keeps_ties_in_order(score):
    ordered = score.by_weight()
    places = {id(part): place for place, part in enumerate(score.contributions)}
    keys = [(-abs(part.points_applied), places[id(part)]) for part in ordered]
    assert keys == sorted(keys)
    assert len(ordered) == len(score.contributions)


@given(whole_scores, st.sampled_from(Dimension))
def test_the_strongest_of_a_dimension_lifted_the_score_and_no_other_lifted_it_more(score, dimension):
    strongest = score.strongest(dimension)
    lifts = [part.points_applied for part in score.contributions if part.dimension is dimension]
    lifting = [lift for lift in lifts if lift > 0]
    assert (strongest.points_applied if strongest else None) == max(lifting, default=None)


def test_a_grade_needs_both_numbers():
    assert a_score().grade == "A1"
    assert a_score(engagement_grade="").grade == ""
    assert a_score(fit_grade="").grade == ""


@pytest.mark.parametrize(
    "words", ["score:0", "score<1", "score<=0", "fit<1", "engagement:0", "trend:0", "trend<1"]
)
def test_an_unknown_number_is_never_found_as_zero(words):
    query = parse(words)
    assert not query.matches(Entry.of(a_lead(score=None)), NOW)
    assert not query.matches(Entry.of(a_lead(score=a_score(fit=None, engagement=None, trend=None))), NOW)


def test_the_snapshot_of_a_lead_without_score_says_none_and_not_zero():
    snapshot = Snapshot.of(a_lead(score=None, attempts=None), DEFINITION, Shown())
    assert snapshot.score is None
    assert snapshot.band == ""
    assert snapshot.contributions == ()
    assert snapshot.attempts is None


def test_the_snapshot_keeps_what_the_rep_saw():
    lead = a_lead()
    shown = Shown(since=NOW, dwell_ms=900, position=4)
    snapshot = Snapshot.of(lead, DEFINITION, shown)
    assert (snapshot.score, snapshot.band, snapshot.grade) == (72, "A", "A1")
    assert snapshot.contributions == lead.score.contributions
    assert (snapshot.model_version, snapshot.definition_version) == ("m7", DEFINITION.version)
    assert [line.criterion_id for line in snapshot.criteria] == [
        line.criterion_id for line in DEFINITION.criteria
    ]
    assert snapshot.seen == lead.seen
    assert (snapshot.attempts, snapshot.contacted) == (2, False)
    assert snapshot.sla_due_at == lead.sla_due_at
    assert snapshot.shown == shown


def test_age_and_cap_are_told_apart_where_the_crm_does():
    aged = Contribution("guide", None, 12, 6, points_after_decay=6)
    capped = Contribution("visits", None, 14, 10, points_after_decay=14)
    both = Contribution("mail", None, 12, 2, points_after_decay=6)
    untold = Contribution("other CRM", None, 12, 6)
    assert [(one.is_decayed, one.is_capped) for one in (aged, capped, both, untold)] == [
        (True, False), (False, True), (True, True), (False, True),
    ]  # fmt: skip
    assert [one.points_before_cap for one in (aged, capped, both, untold)] == [6, 14, 6, 12]


def test_a_capped_group_says_what_counts_and_what_would_without_the_cap():
    parts = (
        Contribution("page one", None, 8, 8, group="web", points_after_decay=8),
        Contribution("page two", None, 12, 2, group="web", points_after_decay=6),
        Contribution("a guide", None, 8, 8, group="content", points_after_decay=8),
    )
    score = Score(18, contributions=parts)
    assert score.capped_groups() == (CappedGroup("web", 10, 14),)
    assert [(block.group and block.group.name, len(block.parts)) for block in score.blocks()] == [
        ("web", 2), (None, 1),
    ]  # fmt: skip


@given(whole_scores, st.lists(st.sampled_from(["a", "b", None]), max_size=12))
def test_every_contribution_is_told_once_whatever_is_grouped(score, groups):
    names = [*groups, *[None] * len(score.contributions)]
    grouped = tuple(replace(part, group=name) for part, name in zip(score.contributions, names, strict=False))
    score = replace(score, contributions=grouped)
    told = [part for block in score.blocks() for part in block.parts]
    assert sorted(map(id, told)) == sorted(map(id, grouped))
    weights = [block.weight for block in score.blocks()]
    assert weights == sorted(weights, reverse=True)


@given(whole_scores, st.sampled_from([Reasons.ORDER, Reasons.NONE]))
def test_without_weights_nothing_is_added_up_and_the_order_is_the_crms(score, reasons):
    told = replace(score, reasons=reasons)
    assert told.residual == 0
    assert not told.unreconciled
    assert told.by_weight() == score.contributions
    assert told.capped_groups() == ()


def test_a_direction_says_which_way_it_pulls_and_else_the_sign_of_the_points():
    assert Contribution("up", direction=Direction.UP).lifts is True
    assert Contribution("down", direction=Direction.DOWN).lifts is False
    assert [Contribution("by points", points_applied=by).lifts for by in (3, -3, 0)] == [True, False, None]


def test_the_strongest_without_weights_is_the_first_that_lifts():
    parts = (
        Contribution("mail bounced", Dimension.ENGAGEMENT, direction=Direction.DOWN),
        Contribution("asked for a demo", Dimension.ENGAGEMENT, direction=Direction.UP),
        Contribution("read a guide", Dimension.ENGAGEMENT, direction=Direction.UP),
    )
    strongest = Score(70, contributions=parts, reasons=Reasons.ORDER).strongest(Dimension.ENGAGEMENT)
    assert strongest is parts[1]


@pytest.mark.parametrize("gives", list(Reasons))
@pytest.mark.parametrize("says", list(Reasons))
def test_a_score_promises_no_more_than_the_crm_gives(gives, says):
    order = list(Reasons)
    given = Provided("X", gives).of(a_lead(score=a_score(reasons=says)))
    assert order.index(given.score.reasons) == max(order.index(gives), order.index(says))
