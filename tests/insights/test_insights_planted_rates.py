"""What is planted in the embedded CRM's twelve weeks shows in the rates: read over the wire, on one fixed day."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from config.load import definition as load_definition
from config.load import reasons as load_reasons
from tests.insights.plain import accepts, by, figures, is_share, line, triages
from triage.crm.rest.adapter import RestCrm
from triage.desk.gathering import gather
from triage.embedded.history import planted
from triage.embedded.history.cohorts import mondays
from triage.insights import acceptance, campaigns, catalogue, pace, revenue, targets, untouched, weeks, wins
from triage.insights.evidence import Evidence
from triage.insights.period import Period

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
_PROGRAM = """
import json, sys
from datetime import datetime
from triage.embedded import server
server.utc_now = lambda: datetime.fromisoformat(sys.argv[1])
server.serve(
    port=0, seed=7, state=None, parent_pipe=0, history=True,
    on_listening=lambda facts: print(json.dumps(facts), flush=True),
)
"""


@pytest.fixture(scope="module")
def crm() -> Iterator[dict[str, str]]:
    """A CRM whose history ends on a fixed day; it ends with its standard input."""
    command = [sys.executable, "-c", _PROGRAM, NOW.isoformat()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())


@pytest.fixture(scope="module")
def told(crm: dict[str, str]) -> Evidence:
    return asyncio.run(_gathered(crm["url"], crm["marketing_token"]))


async def _gathered(url: str, token: str) -> Evidence:
    rest = RestCrm(url, token)
    rules = {"definition": load_definition(None), "reasons": load_reasons(None)}
    try:
        period = Period.last(timedelta(weeks=12), NOW)
        return (await gather(rest, period, NOW, role="marketing", **rules)).evidence
    finally:
        await rest.aclose()


def test_the_lowered_threshold_is_a_drop_with_its_monday_and_its_reason(told: Evidence) -> None:
    (found,) = weeks.of(told).findings
    planted_on = mondays(NOW)[planted.LOWERED_IN_WEEK - 1].date()
    assert planted_on == date(2026, 10, 5)
    assert found.on == planted_on
    assert found.text.startswith("Acceptance fell from 5")
    assert "What grew most: reject LOW_INTENT" in found.text


def test_the_new_webinar_series_and_no_other_campaign_lies_below_its_source(told: Evidence) -> None:
    (found,) = campaigns.of(told).findings
    assert found.row.endswith(planted.NEW_SERIES.code)
    begun = mondays(NOW)[planted.NEW_SERIES_FROM_WEEK - 1].date()
    assert found.on is not None
    assert begun <= found.on < begun + timedelta(days=7)


def test_the_slow_source_and_no_other_is_to_be_nurtured_longer(told: Evidence) -> None:
    (found,) = pace.of(told).findings
    assert found.row == planted.SLOW_SOURCE
    assert found.text.endswith("Proposal: nurture them longer before they are handed over.")


def test_acceptance_of_every_source_equals_a_recount(told: Evidence) -> None:
    insight = acceptance.of(told)
    groups = by(triages(told), lambda one: one.lead["source"])
    for row in insight.rows[:-1]:
        taken = [one.lead_id for one in groups[row.label] if one.act == "accept"]
        assert is_share(
            figures(insight, row)["acceptance"], taken, [one.lead_id for one in groups[row.label]]
        )


def test_the_insights_tell_one_number_for_one_thing(told: Evidence) -> None:
    taken = line(acceptance.of(told), "all")["accepted"].value
    assert taken == len(accepts(told)) > 500
    assert line(campaigns.of(told), "all")["accepted"].value == taken
    assert line(untouched.of(told), "all")["accepted"].value == taken
    assert line(revenue.of(told), "all")["accepted"].value == taken
    shared = line(targets.of(told), "accepted of decided")["value"]
    assert (shared.k, shared.n) == (taken, len(triages(told)))
    assert len(wins.of(told).rows) == line(revenue.of(told), "all")["won"].value


def test_all_insights_come_in_the_order_of_the_catalogue(told: Evidence) -> None:
    insights = catalogue.all_of(told)
    assert tuple(insight.name for insight in insights) == catalogue.NAMES
    assert all(insight.rows for insight in insights)
