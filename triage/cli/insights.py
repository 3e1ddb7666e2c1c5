"""`insights`: the numbers for both teams, counted from what the CRM keeps."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from triage.cli import narration, output
from triage.cli.exporting import Export, export_options
from triage.cli.insight_shapes import (
    all_numbers,
    all_worded,
    brief_row,
    few_words,
    finding_words,
    number_sheet,
    period_asked,
    period_options,
    wide_sheet,
    worded_figures,
)
from triage.cli.session import chosen_profile, json_option, profile_option, with_crm
from triage.clock import utc_now
from triage.insights import catalogue
from triage.insights.shape import document_of, shape_of
from triage.insights.wording import period_words
from triage.text import clean

if TYPE_CHECKING:
    from triage.desk.gathering import Gathered
    from triage.exports.sheet import Sheet
    from triage.insights.figure import Insight
    from triage.insights.period import Period

_AT_A_GLANCE = 160
"""Characters of what stands out, where all insights are listed."""
NO_LINES = "Nothing to count in this time."


@click.command("insights")
@click.argument("name", required=False, metavar="[NAME]")
@period_options
@click.option("--plain", is_flag=True, help="One figure a line, for pipes and screen readers.")
@json_option
@export_options
@profile_option
def insights_command(
    name: str | None, since: str | None, week: bool, plain: bool, as_json: bool, export: Export | None
) -> None:
    """Count what came of marketing's leads: of the team, for the last twelve weeks.

    Without a NAME: what stands out, insight by insight.
    """
    from triage.desk.gathering import USUAL

    wanted = catalogue.named(name) if name else None
    now = utc_now()
    gathered = gathered_for(period_asked(since, week=week, now=now, usual=USUAL), now)
    evidence = gathered.evidence
    found = [catalogue.insight(wanted, evidence)] if wanted else catalogue.all_of(evidence)
    if not gathered.is_team:
        narration.say("note: these are your own numbers; this CRM does not tell a rep the team's.")
    if as_json:
        output.as_json(shape_of(found[0]) if wanted else document_of(found, evidence.period))
    elif export:
        export.put(_sheet(found, export.format, now, whole=wanted is None))
    elif plain:
        _print_plain(found)
    else:
        _print(found, evidence.period, whole=wanted is None)


def gathered_for(period: Period, now: datetime) -> Gathered:
    """Gather from the profile's CRM; definition and reason codes that it does not hold are the profile's."""
    from triage.desk.gathering import gather
    from triage.house import House
    from triage.wiring import rules_of

    house = House.found(os.environ, warn=narration.say)
    _, profile = house.profile(chosen_profile())
    rules = rules_of(profile)
    return with_crm(
        lambda crm: gather(
            crm, period, now, definition=rules.definition, reasons=rules.reasons, role=profile.role
        )
    )


def _sheet(found: Sequence[Insight], format_: str, now: datetime, *, whole: bool) -> Sheet:
    if format_ == "csv":
        return all_numbers(found, now) if whole else number_sheet(found[0], now)
    return all_worded(found, now) if whole else wide_sheet(found[0], now)


def _print_plain(found: Sequence[Insight]) -> None:
    for insight in found:
        for finding in insight.findings:
            output.row((insight.name, "finding", finding_words(finding)))
        for figure in worded_figures(insight):
            output.row((insight.name, *figure))
        for note in insight.notes:
            output.row((insight.name, "note", note))


def _print(found: Sequence[Insight], period: Period, *, whole: bool) -> None:
    if whole:
        rows = [(insight.name, insight.title, _first(insight)) for insight in found]
        output.table(rows, ("NAME", "INSIGHT", "WHAT STANDS OUT"))
        narration.say(f"{period_words(period)}. `triage insights NAME` shows one.")
    else:
        _print_one(found[0], period)


def _print_one(insight: Insight, period: Period) -> None:
    output.line(f"{insight.title}, {period_words(period)}")
    output.line(insight.asks)
    for finding in insight.findings:
        output.line(f"  • {finding_words(finding)}")
    output.line("")
    if insight.rows:
        heading = (insight.first_column, *(column.label for column in insight.columns))
        output.table(
            [brief_row(insight, row) for row in insight.rows], [clean(word).upper() for word in heading]
        )
        output.line("")
    else:
        output.line(NO_LINES)
    for text in (few_words(insight), *insight.notes, f"Formula: {insight.formula}"):
        if text:
            output.line(text)


def _first(insight: Insight) -> str:
    if insight.findings:
        return textwrap.shorten(finding_words(insight.findings[0]), _AT_A_GLANCE, placeholder=" …")
    return "nothing stands out" if insight.rows else NO_LINES
