"""What is planted in the embedded CRM's twelve weeks is found: the real thing, read over the wire."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from config.load import definition as load_definition
from config.load import reasons as load_reasons
from tests.embedded_server import running_server
from tests.insights.told_worlds import figure, is_sound, line
from triage.clock import utc_now
from triage.crm.rest.adapter import RestCrm
from triage.desk.gathering import gather
from triage.insights import (
    calibration,
    content,
    disputes,
    objections,
    perception,
    reasons,
    service,
    threshold,
    watchdog,
)
from triage.insights.evidence import Evidence
from triage.insights.period import Period

MINE = (reasons, disputes, calibration, perception, service, objections, content, threshold, watchdog)


@pytest.fixture(scope="module")
def twelve_weeks() -> Evidence:
    with running_server(history=True) as server:
        return asyncio.run(_gathered(server.url, server.marketing_token))


async def _gathered(url: str, token: str) -> Evidence:
    crm, now = RestCrm(url, token), utc_now()
    try:
        gathered = await gather(
            crm,
            Period.last(timedelta(weeks=12), now),
            now,
            definition=load_definition(None),
            reasons=load_reasons(None),
            role="marketing",
        )
    finally:
        await crm.aclose()
    return gathered.evidence


def test_the_points_of_consultants_are_disputed(twelve_weeks: Evidence) -> None:
    insight = disputes.of(twelve_weeks)
    first = insight.findings[0]
    assert first.row == "role and level"
    assert first.text.startswith("“role and level” is said to be too high ")
    assert "consultant" in first.text
    assert len(first.lead_ids) > 30


def test_the_habit_of_a_default_code_is_asked_about(twelve_weeks: Evidence) -> None:
    insight = watchdog.of(twelve_weeks)
    assert any(one.text.startswith("OTHER is the reason") for one in insight.findings)
    assert any("took less than 2 s" in one.text for one in insight.findings)


def test_the_competitor_of_many_accounts_comes_first(twelve_weeks: Evidence) -> None:
    insight = objections.of(twelve_weeks)
    named = [row for row in insight.rows if figure(insight, row, "about").text == "competitor"]
    assert (figure(insight, named[0], "accounts").value or 0) > 20
    assert any(one.row == named[0].label for one in insight.findings)


def test_the_content_that_many_ask_for_has_its_plus_ones(twelve_weeks: Evidence) -> None:
    insight = content.of(twelve_weeks)
    assert (figure(insight, insight.rows[0], "plus_ones").value or 0) >= 3
    assert insight.findings


def test_what_came_under_the_lowered_threshold_is_found(twelve_weeks: Evidence) -> None:
    insight = threshold.of(twelve_weeks)
    assert any("below the agreed threshold" in one.text for one in insight.findings)


def test_better_bands_are_accepted_more_often(twelve_weeks: Evidence) -> None:
    insight = calibration.of(twelve_weeks)
    assert figure(insight, line(insight, "all bands"), "falls").text == "yes"
    assert line(insight, "all bands, score hidden")


def test_every_insight_of_them_is_sound(twelve_weeks: Evidence) -> None:
    for one in MINE:
        assert is_sound(one.of(twelve_weeks))
