"""Calibration: acceptance by band, and how good stated probabilities were."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.insights.told_worlds import decision_worlds, figure, is_count, is_share, line, triaged
from tests.insights.world import decided, evidence
from triage.domain.act import Act
from triage.insights import calibration
from triage.insights.evidence import Evidence
from triage.insights.figure import ChartKind
from triage.insights.probability import Said, quality

ORACLE = (("A", 0.75, 40, 31), ("B", 0.50, 58, 26), ("C", 0.25, 72, 15), ("D", 0.10, 30, 2))
"""Band, stated probability, decided, accepted (product.md §5)."""


def _band(band: str, n: int, k: int, **seen: object) -> list[object]:
    snapshot = {"band": band, **seen}
    return [decided(Act.ACCEPT if number < k else Act.REJECT, snapshot=snapshot) for number in range(n)]


def _oracle() -> Evidence:
    return evidence(*(one for band, p, n, k in ORACLE for one in _band(band, n, k, probability=p)))


def test_the_oracle_of_stated_probabilities_holds_to_three_decimals() -> None:
    found = quality(Said(p, n, k) for _, p, n, k in ORACLE)
    assert found is not None
    assert round(found.brier, 3) == 0.177
    assert round(found.reference, 3) == 0.233
    assert found.skill is not None
    assert round(found.skill, 3) == 0.241
    assert round(found.ece, 3) == 0.040
    assert (round(found.brier, 4), round(found.reference, 4), round(found.ece, 4)) == (0.1770, 0.2331, 0.0400)


def test_the_insight_tells_the_oracles_figures() -> None:
    insight = calibration.of(_oracle())
    total = line(insight, "all bands")
    told = [figure(insight, total, name).value for name in ("brier", "reference", "skill", "ece")]
    assert told == pytest.approx([0.1770, 0.2331, 0.241, 0.0400], abs=0.0005)
    lifts = [figure(insight, line(insight, band), "lift").value for band in "ABCD"]
    assert lifts == pytest.approx([2.09, 1.21, 0.56, 0.18], abs=0.005)
    assert figure(insight, total, "falls").text == "yes"
    assert insight.findings == ()
    assert insight.chart is not None
    assert insight.chart.kind is ChartKind.RELIABILITY


def test_twenty_of_fifty_eight_lie_between_24_and_47_percent() -> None:
    insight = calibration.of(evidence(*_band("B", 58, 20)))
    rate = figure(insight, line(insight, "B"), "acceptance")
    assert rate.low is not None
    assert rate.high is not None
    assert (round(rate.low, 2), round(rate.high, 2)) == (0.24, 0.47)
    assert (round(rate.low, 3), round(rate.high, 3)) == (0.236, 0.473)


def test_a_score_in_points_is_judged_by_its_order_only() -> None:
    insight = calibration.of(evidence(*_band("A", 20, 12), *_band("B", 20, 5)))
    total = line(insight, "all bands")
    assert all(figure(insight, total, name).value is None for name in ("brier", "skill", "ece", "stated"))
    assert any("not a probability" in note for note in insight.notes)
    assert insight.chart is not None
    assert insight.chart.kind is ChartKind.BARS


def test_scores_between_nothing_and_one_are_taken_for_probabilities() -> None:
    events = [*_band("A", 8, 6, score=0.75), *_band("D", 8, 1, score=0.1)]
    insight = calibration.of(evidence(*events))
    assert figure(insight, line(insight, "A"), "stated").value == 0.75
    few = calibration.of(evidence(*events[:9]))
    assert figure(few, line(few, "A"), "stated").value is None
    one_beyond = calibration.of(evidence(*events, *_band("A", 1, 1, score=72.0)))
    assert figure(one_beyond, line(one_beyond, "A"), "stated").value is None
    only_ends = calibration.of(evidence(*_band("A", 8, 6, score=1.0), *_band("D", 8, 1, score=0.0)))
    assert figure(only_ends, line(only_ends, "A"), "stated").value is None


def test_a_band_that_is_accepted_more_than_a_better_one_is_a_finding() -> None:
    insight = calibration.of(evidence(*_band("A", 40, 10), *_band("B", 40, 30), *_band("C", 9, 9)))
    assert [one.text for one in insight.findings] == [
        "B is accepted more often than A: 75% of 40 against 25% of 40; by more than chance."
    ]
    assert insight.findings[0].row == "B"
    assert figure(insight, line(insight, "all bands"), "falls").text == "no"


def test_leads_without_a_band_are_no_band_that_could_be_better() -> None:
    insight = calibration.of(evidence(*_band("A", 20, 12), *_band("B", 20, 5), *_band("", 20, 20)))
    assert insight.findings == ()
    assert figure(insight, line(insight, "all bands"), "falls").text == "yes"
    assert figure(insight, line(insight, "no band"), "acceptance").k == 20
    assert insight.notes[0] == "Made without a band, a line of their own: 20 of 60 decisions."


def test_models_are_judged_apart() -> None:
    events = [*_band("A", 12, 9, model_version="m3"), *_band("A", 12, 3, model_version="m4")]
    insight = calibration.of(evidence(*events))
    assert figure(insight, line(insight, "A, model m3"), "acceptance").k == 9
    assert figure(insight, line(insight, "A, model m4"), "acceptance").k == 3
    assert figure(insight, line(insight, "A"), "acceptance").k == 12


def test_blind_is_set_against_shown() -> None:
    events = [*_band("A", 40, 12, blind=True), *_band("A", 40, 36)]
    insight = calibration.of(evidence(*events))
    assert figure(insight, line(insight, "A, score hidden"), "acceptance").k == 12
    assert [one.text for one in insight.findings] == [
        "A is accepted in 90% of 40 with the score shown, in 30% of 40 with it hidden."
    ]
    assert not any("blind sample" in note for note in insight.notes)
    alone = calibration.of(evidence(*events[40:]))
    assert any("blind sample" in note for note in alone.notes)


@settings(max_examples=50, deadline=None)
@given(world=decision_worlds)
def test_every_band_equals_a_recount(world: Evidence) -> None:
    insight = calibration.of(world)
    events = triaged(world)
    accepts = [one.lead_id for one in events if one.act == "accept"]
    for band in {one.snapshot["band"] for one in events}:
        of_band = [one for one in events if one.snapshot["band"] == band]
        accepted = [one.lead_id for one in of_band if one.act == "accept"]
        row = line(insight, band or "no band")
        assert figure(insight, row, "decided").value == len(of_band)
        assert set(figure(insight, row, "decided").lead_ids) == {one.lead_id for one in of_band}
        assert figure(insight, row, "accepted").value == len(accepted)
        assert is_share(figure(insight, row, "acceptance"), accepted, [one.lead_id for one in of_band])
        if accepts:
            lift = len(accepted) / len(of_band) / (len(accepts) / len(events))
            assert figure(insight, row, "lift").value == pytest.approx(lift)
    for version in {one.snapshot["model_version"] for one in events}:
        label = f"all bands, model {version or 'unknown'}"
        counted = [one for one in events if one.snapshot["model_version"] == version]
        if len(counted) < len(events):
            assert figure(insight, line(insight, label), "decided").value == len(counted)
    hidden = [one.lead_id for one in events if one.snapshot["blind"]]
    if hidden:
        assert figure(insight, line(insight, "all bands, score hidden"), "decided").value == len(hidden)


@settings(max_examples=50, deadline=None)
@given(world=decision_worlds)
def test_brier_equals_a_recount_over_the_decisions(world: Evidence) -> None:
    insight = calibration.of(world)
    events = triaged(world)
    stated = {}
    for one in events:
        of_model = [e for e in events if e.snapshot["model_version"] == one.snapshot["model_version"]]
        scores = [e.snapshot["score"] for e in of_model if e.snapshot["score"] is not None]
        probable = len(scores) >= 10 and min(scores) >= 0 and max(scores) <= 1
        own = one.snapshot.get("probability")
        if isinstance(own, float):
            stated[one.decision_id] = own
        elif probable and any(0 < score < 1 for score in scores) and one.snapshot["score"] is not None:
            stated[one.decision_id] = one.snapshot["score"]
    if not stated:
        assert all(not figure(insight, row, "brier").lead_ids for row in insight.rows)
        return
    known = [one for one in events if one.decision_id in stated]
    squares = [(stated[one.decision_id] - (one.act == "accept")) ** 2 for one in known]
    base = sum(one.act == "accept" for one in known) / len(known)
    gaps = 0.0
    for band in {one.snapshot["band"] for one in known}:
        some = [one for one in known if one.snapshot["band"] == band]
        gaps += abs(sum(stated[one.decision_id] - (one.act == "accept") for one in some))
    total = line(insight, "all bands")
    assert figure(insight, total, "brier").value == pytest.approx(sum(squares) / len(known))
    assert figure(insight, total, "brier").n == len(known)
    assert figure(insight, total, "reference").value == pytest.approx(base * (1 - base))
    assert figure(insight, total, "ece").value == pytest.approx(gaps / len(known), abs=1e-9)
    skill = figure(insight, total, "skill").value
    if 0 < base < 1:
        assert skill == pytest.approx(1 - sum(squares) / len(known) / (base * (1 - base)))
    else:
        assert skill is None


def test_an_accept_opens_its_leads() -> None:
    insight = calibration.of(evidence(decided(lead_id="L-1"), decided("reject", lead_id="L-2")))
    row = line(insight, "B")
    assert is_count(figure(insight, row, "decided"), ["L-1", "L-2"])
    assert figure(insight, row, "acceptance").lead_ids == ("L-1",)
    assert figure(insight, row, "acceptance").is_direction_only
