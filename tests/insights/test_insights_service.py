"""Promises to each other: sales in time, marketing with an answer."""

from __future__ import annotations

from datetime import timedelta
from statistics import median

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from tests.insights.told_worlds import (
    afterwards,
    by_their_clock,
    figure,
    is_count,
    is_share,
    line,
    said,
    told_worlds,
    triaged,
)
from tests.insights.world import PERIOD, REPS, answered, at, came_to, decided, evidence, told
from triage.domain.business_hours import business_time_after
from triage.domain.definition import SlaRule
from triage.insights import acceptance, service
from triage.insights.evidence import Evidence
from triage.insights.period import Period

WALL = (
    SlaRule("hand", 4, applies_to="hand_raise", counted_in="wall"),
    SlaRule("all", 24, applies_to="all", counted_in="wall"),
)


def _due(days: float) -> dict[str, object]:
    return {"sla_due_at": at(days).isoformat()}


def _wall(world: Evidence) -> Evidence:
    return replace(world, definition=replace(world.definition, sla=WALL))


def _all(world: Evidence, name: str) -> object:
    insight = service.of(world)
    return figure(insight, line(insight, "all"), name)


def test_the_sla_is_met_by_the_time_of_the_act() -> None:
    world = evidence(
        decided(lead_id="L-1", days=5, snapshot=_due(4)),
        decided(lead_id="L-2", days=5, snapshot=_due(6)),
        decided(lead_id="L-3", days=5, snapshot=_due(5)),
        decided(lead_id="L-4", days=5),
    )
    assert is_share(_all(world, "sla_met"), ["L-1", "L-3"], ["L-1", "L-2", "L-3"])
    assert "Without a known deadline, and not in “SLA met”: 1 of 4 decisions." in service.of(world).notes


def test_a_known_skew_of_the_clock_is_taken_into_account() -> None:
    hour = 3_600_000
    late = decided(lead_id="L-1", decided_at=at(5) - timedelta(minutes=30), snapshot=_due(5), skew_ms=hour)
    early = decided(lead_id="L-2", decided_at=at(5) + timedelta(minutes=30), snapshot=_due(5), skew_ms=-hour)
    assert is_share(_all(evidence(late, early), "sla_met"), ["L-2"], ["L-1", "L-2"])


def test_a_lead_that_nobody_decided_counts_once_it_is_late_by_every_rule() -> None:
    world = evidence(
        came_to("assigned", "L-LATE", days=3),
        came_to("assigned", "L-YOUNG", days=0.5),
        came_to("assigned", "L-GONE", days=3),
        came_to("recycled", "L-GONE", days=2),
        came_to("assigned", "L-ASLEEP", days=3),
        decided("snooze", lead_id="L-ASLEEP", days=2.5),
        came_to("assigned", "L-DONE", days=3),
        decided(lead_id="L-DONE", days=1, snapshot=_due(2)),
    )
    met = _all(_wall(world), "sla_met")
    assert (met.k, met.n) == (0, 2)


def test_a_lead_that_came_back_waits_again() -> None:
    world = evidence(
        came_to("assigned", "L-1", days=30),
        decided("recycle", lead_id="L-1", days=29, snapshot=_due(28)),
        came_to("recycled", "L-1", days=29),
        came_to("assigned", "L-1", days=10),
    )
    met = _all(_wall(world), "sla_met")
    assert (met.k, met.n) == (1, 2)


def test_without_an_agreed_deadline_undecided_leads_are_not_judged() -> None:
    world = evidence(came_to("assigned", "L-1", days=3))
    untold = replace(world, definition=replace(world.definition, sla=()))
    insight = service.of(untold)
    assert figure(insight, line(insight, "all"), "sla_met").value is None
    assert (
        "The definition gives no deadline, so leads that nobody decided are not counted as late."
        in insight.notes
    )


def test_replies_their_time_and_what_is_overdue() -> None:
    world = evidence(
        told("note", lead_id="L-1", days=10, replies=(answered("x", days=9), answered("x", days=2))),
        told("note", lead_id="L-2", days=10, replies=(answered("x", days=7),)),
        told("note", lead_id="L-3", days=10, state="answered"),
        told("note", lead_id="L-4", days=10),
        told("note", lead_id="L-5", days=4),
    )
    assert is_share(_all(world, "reply_rate"), ["L-1", "L-2", "L-3"], ["L-1", "L-2", "L-3", "L-4", "L-5"])
    hours = _all(world, "hours_to_answer")
    assert (hours.value, hours.n) == (pytest.approx(48), 2)
    assert is_count(_all(world, "overdue"), ["L-4"])
    assert [one.text for one in service.of(world).findings] == [
        "1 piece of feedback waits for an answer longer than agreed."
    ]


def test_an_answer_before_the_feedback_by_another_clock_took_no_time() -> None:
    world = evidence(told("note", days=5, replies=(answered("x", days=6),)))
    assert _all(world, "hours_to_answer").value == 0


def test_a_deadline_that_is_still_to_come_is_not_late_in_a_longer_period() -> None:
    world = _wall(evidence(came_to("assigned", "L-1", days=0.5), decided(lead_id="L-2")))
    ahead = world.during(Period(world.period.since, world.now + timedelta(days=9)))
    assert _all(ahead, "sla_met").n == 0


def test_what_was_never_promised_is_not_overdue() -> None:
    world = evidence(told("note", days=50))
    unpromised = replace(world, definition=replace(world.definition, targets={}))
    assert _all(unpromised, "overdue").value is None


def test_reps_with_few_leads_are_in_the_sums_only() -> None:
    many = [decided(rep=REPS[0]) for _ in range(5)]
    few = [decided(rep=REPS[1]) for _ in range(4)]
    insight = service.of(evidence(*many, *few))
    reps = [row.label for row in insight.rows if figure(insight, row, "about").text == "rep"]
    assert reps == ["Rep 1"]
    assert "Reps with fewer than 5 leads are in the sums only." in insight.notes


def test_weeks_count_what_happened_in_them() -> None:
    world = evidence(decided(lead_id="L-1", days=3, snapshot=_due(2)), decided(lead_id="L-2", days=10))
    insight = service.of(world)
    weeks = [row for row in insight.rows if figure(insight, row, "about").text == "week"]
    assert [row.label for row in weeks] == [f"{week.since:%Y-%m-%d}" for week in PERIOD.weeks()]
    assert figure(insight, weeks[-1], "sla_met").n == 1
    assert weeks[-2].lead_ids == ("L-2",)


@settings(max_examples=50, deadline=None)
@given(world=told_worlds)
def test_every_promise_equals_a_recount(world: Evidence) -> None:
    insight = service.of(world)
    if not insight.rows:
        return
    slices = {"all": world.period} | {f"{week.since:%Y-%m-%d}": week for week in world.period.weeks()}
    refused = [one for one in (*triaged(world), *afterwards(world)) if one.act != "accept"]
    for label, part in slices.items():
        row = line(insight, label)
        fed = [one for one in said(world) if part.since <= one.created_at < part.until]
        replied = [one for one in fed if one.state == "answered" or one.replies]
        assert is_share(
            figure(insight, row, "reply_rate"), [one.lead_id for one in replied], [one.lead_id for one in fed]
        )
        waits = [
            one.lead_id
            for one in fed
            if one not in replied and (world.now - one.created_at).total_seconds() > 5 * 86_400
        ]
        assert is_count(figure(insight, row, "overdue"), waits)
        hours = []
        for one in fed:
            times = [reply.at for reply in one.replies if reply.at is not None]
            if times:
                hours.append(max((min(times) - one.created_at).total_seconds() / 3600, 0))
        assert figure(insight, row, "hours_to_answer").n == len(hours)
        if hours:
            assert figure(insight, row, "hours_to_answer").value == pytest.approx(median(hours))
        mine = [one for one in refused if part.since <= one.decided_at < part.until]
        coded = [one.lead_id for one in mine if (one.reason or "").upper() not in ("", "OTHER")]
        assert is_share(figure(insight, row, "structured"), coded, [one.lead_id for one in mine])
        decisions = [one for one in triaged(world) if part.since <= one.decided_at < part.until]
        due = [one for one in decisions if isinstance(one.snapshot["sla_due_at"], str)]
        met = [one for one in due if by_their_clock(one).isoformat() <= one.snapshot["sla_due_at"]]
        late = [lead for lead, when in _late(world) if part.since <= when < part.until]
        sla = figure(insight, row, "sla_met")
        assert (sla.k, sla.n) == (len(met), len(due) + len(late))
        assert set(sla.lead_ids) == {one.lead_id for one in met} or not sla.n


def _late(world: Evidence) -> list[tuple[str, object]]:
    """Return the undecided leads whose latest deadline has passed, and when it did."""
    found = []
    longest = timedelta(hours=max(rule.hours for rule in world.definition.sla))
    for lead in {one.lead_id for one in world.stages}:
        last = None
        for one in world.stages:
            if one.lead_id == lead and (last is None or one.at >= last.at):
                last = one
        spoken = [
            one
            for one in world.decisions
            if one.lead_id == lead
            and one.state != "superseded"
            and one.act in ("accept", "reject", "recycle", "disqualify", "snooze")
            and by_their_clock(one) >= last.at
        ]
        due = business_time_after(world.definition.calendar, last.at, longest)
        if last.stage == "assigned" and not spoken and due < world.now:
            found.append((lead, due))
    return found


@settings(max_examples=60, deadline=None)
@given(world=told_worlds)
def test_coverage_is_the_same_as_by_source(world: Evidence) -> None:
    insight, by_source = service.of(world), acceptance.of(world)
    if insight.rows and by_source.rows:
        mine = figure(insight, line(insight, "all"), "coverage")
        theirs = figure(by_source, by_source.rows[-1], "coverage")
        assert (mine.k, mine.n, mine.value) == (theirs.k, theirs.n, theirs.value)
