from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from msgspec.structs import replace

from tests.insights.plain import (
    QUICK,
    accepts,
    amounts,
    any_world,
    closings,
    line,
    main_currency,
    moments,
    triages,
)
from tests.insights.world import PERIOD, answered, at, came_to, decided, evidence, told
from triage.insights import service, targets
from triage.insights.evidence import Evidence
from triage.insights.period import Period
from triage.insights.targets import quarter_to

WEEK = timedelta(weeks=1)


def _with(world: Evidence, **agreed: float) -> Evidence:
    return replace(world, definition=replace(world.definition, targets=agreed))


def test_targets_are_those_of_the_agreed_definition_in_one_order() -> None:
    labels = [row.label for row in targets.of(evidence()).rows]
    assert labels == [
        "accepted of decided",
        "decided within the deadline",
        "days to a reply",
        "revenue from accepted leads",
    ]
    assert targets.of(_with(evidence())).notes == ("The agreed definition sets no target.",)


def test_a_target_that_nothing_is_counted_for_is_said() -> None:
    insight = targets.of(_with(evidence(), happiness=3.0))
    assert insight.notes[-1] == "Nothing is counted for the target “happiness”."


def test_value_target_and_the_last_eight_weeks_stand_side_by_side() -> None:
    world = evidence(decided("accept", days=3), decided("reject", days=10), decided("accept", days=70))
    acceptance = line(targets.of(world), "accepted of decided")
    assert [acceptance[name].text for name in ("value", "target", "met")] == ["67%", "60%", "yes"]
    assert [acceptance[f"w_{back}"].text for back in range(8, 0, -1)] == [""] * 6 + ["0%", "100%"]
    assert (acceptance["w_1"].k, acceptance["w_1"].n) == (1, 1)


def test_a_target_that_is_missed_is_a_finding() -> None:
    world = evidence(decided("accept", days=3), decided("reject", days=10))
    (found,) = targets.of(world).findings
    assert found.text == "accepted of decided: 50% (n=2), agreed on 60%."


def test_decided_within_the_deadline_is_as_the_service_insight_counts_it() -> None:
    due = {"sla_due_at": at(4).isoformat()}
    world = evidence(
        decided("accept", days=5, snapshot=due),
        decided("reject", days=3, snapshot=due),
        came_to("assigned", "L-waits", days=40),
    )
    value = line(targets.of(world), "decided within the deadline")["value"]
    assert (value.k, value.n) == (1, 3)
    other = line(service.of(world), "all")["sla_met"]
    assert (other.k, other.n, other.lead_ids) == (value.k, value.n, value.lead_ids)


def test_days_to_a_reply_count_what_waits_too_long_and_not_what_is_fresh() -> None:
    events = [
        told("note", days=20, feedback_id="F-a", replies=(answered("F-a", days=19),)),
        told("note", days=20, feedback_id="F-b", replies=(answered("F-b", days=17),)),
        told("note", days=20),
        told("note", days=4),
    ]
    insight = targets.of(evidence(*events))
    reply = line(insight, "days to a reply")
    assert (reply["value"].text, reply["met"].text) == ("3 d", "yes")
    assert (reply["value"].k, reply["value"].n) == (2, 3)
    assert "Feedback answered within 5 d: 2 of 3." in insight.notes


def test_where_half_of_the_feedback_waits_too_long_the_target_is_missed_without_a_number() -> None:
    reply = line(targets.of(evidence(told("note", days=20), told("note", days=30))), "days to a reply")
    assert (reply["value"].value, reply["value"].text, reply["met"].text) == (None, "over 5 d", "no")


def test_revenue_is_that_of_the_quarter_to_date_and_not_yet_missed_while_it_runs() -> None:
    world = evidence(
        decided("accept", lead_id="L-1", days=120),
        came_to("won", "L-1", days=20, amount=100.0, currency="EUR"),
        decided("accept", lead_id="L-2", days=150),
        came_to("won", "L-2", days=100, amount=5000.0, currency="EUR"),
        decided("accept", lead_id="L-4", days=95),
        came_to("won", "L-4", days=87, amount=30.0, currency="EUR"),
        came_to("won", "L-3", days=20, amount=900.0, currency="EUR"),
    )
    revenue = line(targets.of(world), "revenue from accepted leads")
    assert (revenue["value"].text, revenue["target"].text, revenue["met"].text) == (
        "EUR 130",
        "EUR 250,000",
        "not yet",
    )
    after = replace(world, now=datetime(2026, 4, 2, tzinfo=UTC))
    assert line(targets.of(after), "revenue from accepted leads")["met"].text == "no"


@pytest.mark.parametrize(
    ("until", "since"),
    [
        (datetime(2026, 3, 30, 9, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
        (datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)),
    ],
)
def test_a_quarter_is_the_calendars(until: datetime, since: datetime) -> None:
    assert quarter_to(until) == Period(since, until)


def test_without_a_word_of_the_crm_revenue_is_unknown() -> None:
    insight = targets.of(evidence(decided("accept")))
    revenue = line(insight, "revenue from accepted leads")
    assert (revenue["value"].value, revenue["met"].text) == (None, "")


def _over(world: Evidence, back: int) -> Evidence:
    until = PERIOD.until - (back - 1) * WEEK
    return world.during(Period(until - WEEK, until))


def _same_revenue(figure: Any, world: Evidence) -> None:
    first = {lead: times[0] for lead, times in moments(world, "accepted").items()}
    closed = closings(world, world.period.since, world.period.until).values()
    won = [
        one for one in closed if one.stage == "won" and one.lead_id in first and first[one.lead_id] <= one.at
    ]
    known = amounts(won, main_currency(world))
    if world.stages:
        assert figure.value == (None if won and not known else pytest.approx(sum(known)))


@QUICK
@given(any_world)
def test_the_period_and_every_week_equal_a_recount(world: Evidence) -> None:
    insight = targets.of(world)
    acceptance, revenue = line(insight, "accepted of decided"), line(insight, "revenue from accepted leads")
    for name, looked in (("value", world), *((f"w_{back}", _over(world, back)) for back in range(8, 0, -1))):
        taken, all_of_them = len(accepts(looked)), len(triages(looked))
        assert (acceptance[name].k, acceptance[name].n) == (taken, all_of_them)
        assert acceptance[name].value == (pytest.approx(taken / all_of_them) if all_of_them else None)
        if name != "value":
            _same_revenue(revenue[name], looked)
    _same_revenue(revenue["value"], world.during(Period(datetime(2026, 1, 1, tzinfo=UTC), PERIOD.until)))


@QUICK
@given(any_world)
def test_deadline_and_replies_equal_the_service_insight_and_a_recount(world: Evidence) -> None:
    insight = targets.of(world)
    kept, reply = (
        line(insight, "decided within the deadline")["value"],
        line(insight, "days to a reply")["value"],
    )
    rows = service.of(world).rows
    if rows:
        other = rows[-1].figures[1]
        assert (kept.value, kept.k, kept.n) == (other.value, other.k, other.n)
    judged = 0
    for one in world.feedback:
        if one.state == "retracted" or one.type == "retraction" or one.created_at is None:
            continue
        in_period = world.period.since <= one.created_at < world.period.until
        judged += in_period and one.state != "answered" and world.now - one.created_at > timedelta(days=5)
    assert reply.n == judged
    assert reply.text == ("over 5 d" if judged else "")
