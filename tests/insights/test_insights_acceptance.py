from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from tests.insights.plain import QUICK, any_world, by, is_count, is_share, line, triages, within
from tests.insights.world import came_to, decided, evidence
from triage.insights import acceptance, campaigns
from triage.insights.evidence import Evidence
from triage.insights.figure import Insight


def _small() -> Evidence:
    return evidence(
        *(came_to("assigned", f"L-{number}", days=20) for number in range(5)),
        came_to("assigned", "L-fair", days=20, source="event"),
        decided("accept", lead_id="L-0", days=19),
        decided("accept", lead_id="L-1", days=19),
        decided("reject", lead_id="L-2", days=19, reason="LOW_INTENT"),
        decided("reject", lead_id="L-fair", days=21, source="event"),
        decided("accept", days=3, lead_id="L-2", state="superseded"),
        decided("snooze", lead_id="L-3", days=19),
        decided("accept", lead_id="L-old", days=100),
    )


def test_acceptance_is_told_of_decided_and_of_delivered() -> None:
    insight = acceptance.of(_small())
    assert [row.label for row in insight.rows] == ["webinar", "event", "all"]
    webinar = line(insight, "webinar")
    assert (webinar["decided"].value, webinar["accepted"].value, webinar["delivered"].value) == (3, 2, 5)
    assert webinar["acceptance"].value == pytest.approx(2 / 3)
    assert webinar["coverage"].value == pytest.approx(3 / 5)
    assert webinar["accepted_of_delivered"].value == pytest.approx(2 / 5)
    assert webinar["accepted"].lead_ids == ("L-0", "L-1")


def test_a_decision_before_the_last_assignment_does_not_cover_it() -> None:
    event = line(acceptance.of(_small()), "event")
    assert (event["decided"].value, event["delivered"].value, event["coverage"].value) == (1, 1, 0)


def test_a_crm_that_tells_of_no_delivery_leaves_coverage_unknown_and_says_so() -> None:
    insight = acceptance.of(evidence(decided("accept")))
    figures = line(insight, "all")
    assert figures["acceptance"].value == 1
    assert figures["delivered"].value is figures["coverage"].value is None
    assert "not known" in insight.notes[0]


@pytest.mark.parametrize("module", [acceptance, campaigns])
def test_a_period_without_a_decision_says_so(module: Any) -> None:
    insight: Insight = module.of(evidence())
    assert insight.rows == ()
    assert insight.notes == ("Nothing was decided or delivered in this period.",)


def _delivered(world: Evidence) -> dict[str, Any]:
    last: dict[str, Any] = {}
    for change in world.stages:
        if change.stage.value == "assigned" and within(change.at, world):
            held = last.get(change.lead_id)
            if held is None or change.at >= held.at:
                last[change.lead_id] = change
    return last


def _recounted(world: Evidence, figures: dict[str, Any], decisions: list[Any], delivered: list[Any]) -> None:
    """Compare one line with a recount of the decisions and deliveries that it is about."""
    decided_ids = [one.lead_id for one in decisions]
    accepted_ids = [one.lead_id for one in decisions if one.act == "accept"]
    assert is_count(figures["decided"], decided_ids)
    assert is_count(figures["accepted"], accepted_ids)
    assert is_share(figures["acceptance"], accepted_ids, decided_ids)
    if not any(change.stage.value == "assigned" for change in world.stages):
        assert figures["delivered"].value is None
        return
    covered, taken = [], []
    for change in delivered:
        acts = [
            one.act for one in triages(world) if one.lead_id == change.lead_id and one.decided_at >= change.at
        ]
        covered += [change.lead_id] if acts else []
        taken += [change.lead_id] if "accept" in acts else []
    delivered_ids = [change.lead_id for change in delivered]
    assert is_count(figures["delivered"], delivered_ids)
    assert is_share(figures["coverage"], covered, delivered_ids)
    assert is_share(figures["accepted_of_delivered"], taken, delivered_ids)


@QUICK
@given(any_world)
def test_acceptance_by_source_equals_a_recount(world: Evidence) -> None:
    insight = acceptance.of(world)
    decisions = by(triages(world), lambda one: one.lead.get("source") or "no source")
    delivered = by(_delivered(world).values(), lambda one: one.source or "no source")
    labels = {row.label for row in insight.rows if not row.is_total}
    assert labels == {*decisions, *delivered}
    for label in labels:
        _recounted(world, line(insight, label), decisions.get(label, []), delivered.get(label, []))
    if labels:
        _recounted(world, line(insight, "all"), triages(world), [*_delivered(world).values()])


@QUICK
@given(any_world)
def test_acceptance_by_campaign_equals_a_recount_and_its_lines_add_up(world: Evidence) -> None:
    insight = campaigns.of(world)
    decisions = by(triages(world), lambda one: one.lead.get("campaign") or "no campaign")
    delivered = by(_delivered(world).values(), lambda one: one.campaign or "no campaign")
    rows = [row for row in insight.rows if not row.is_total]
    assert {row.label for row in rows} == {*decisions, *delivered}
    for row in rows:
        _recounted(
            world, line(insight, row.label), decisions.get(row.label, []), delivered.get(row.label, [])
        )
    for place, column in enumerate(insight.columns):
        if column.unit == "count" and rows and insight.rows[-1].figures[place].value is not None:
            assert insight.rows[-1].figures[place].value == sum(row.figures[place].value or 0 for row in rows)


def _campaign(
    name: str, accepted: int, rejected: int, *, days: float = 30, source: str = "webinar"
) -> list[Any]:
    return [
        *(decided("accept", campaign=name, days=days, source=source) for _ in range(accepted)),
        *(decided("reject", campaign=name, days=days - 1, source=source) for _ in range(rejected)),
    ]


def test_a_campaign_below_the_others_of_its_source_is_found_with_its_first_day() -> None:
    world = evidence(
        *_campaign("series", 4, 36, days=20),
        *_campaign("calm", 20, 20),
        *_campaign("good", 25, 15),
        *_campaign("fair", 1, 39, source="event"),
    )
    (found,) = campaigns.of(world).findings
    assert found.row == "series"
    assert found.on is not None
    assert (found.on.month, found.on.day) == (3, 10)
    assert "10% (n=40, 4–23%) accepted; the other campaigns of webinar: 56% (n=80, 45–67%)" in found.text
    assert len(found.lead_ids) == 40


def test_a_campaign_of_few_leads_is_not_found_however_bad() -> None:
    world = evidence(*_campaign("series", 0, 9), *_campaign("good", 60, 0))
    assert campaigns.of(world).findings == ()


def test_a_campaign_whose_interval_touches_that_of_the_others_is_not_found() -> None:
    world = evidence(*_campaign("a", 15, 25), *_campaign("b", 20, 20))
    assert campaigns.of(world).findings == ()
