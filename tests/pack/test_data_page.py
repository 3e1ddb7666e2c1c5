"""docs/data.md: its SQL, run on an exported year of a team of 200, gives the insights' own numbers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from config.load import definition, reasons
from tests.insights.world import NOW
from tests.pack.year import YEAR, Year
from triage.cli.export import KINDS, _export
from triage.domain.review import ReviewedDecision
from triage.insights import acceptance, calibration
from triage.insights.evidence import Evidence
from triage.insights.figure import Insight
from triage.insights.period import Period

PAGE = Path(__file__).parents[2] / "docs" / "data.md"
SQL = re.findall(r"^```sql\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
ROUGH = 1e-12


async def test_the_pages_sql_repeats_two_insights_of_a_year(tmp_path: Path) -> None:
    await check_a_year(tmp_path, 60_000)


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_the_pages_sql_repeats_two_insights_of_a_long_year(tmp_path: Path) -> None:
    await check_a_year(tmp_path, 400_000)


async def check_a_year(folder: Path, decisions: int) -> None:
    year = Year(decisions)
    await _export(year, ("decisions",), None, folder, force=False)  # type: ignore[arg-type]  # a CRM that only tells
    by_source, by_band = results_of(folder)
    evidence = evidence_of(list(year.decided()))
    assert len(evidence.cases) > decisions / 3
    compare(by_source, acceptance.of(evidence), ("decided", "accepted", "acceptance"))
    compare(by_band, calibration.of(evidence), ("decided", "accepted", "acceptance", "lift"))
    rates = {row.label: row.figures[2] for row in acceptance.of(evidence).rows}
    for row in by_source:
        assert row["low"] == pytest.approx(rates[row["source"]].low, abs=ROUGH)
        assert row["high"] == pytest.approx(rates[row["source"]].high, abs=ROUGH)


def results_of(folder: Path) -> list[list[dict[str, Any]]]:
    """Run the page's statements in their order; returns what the last two answer."""
    with duckdb.connect() as database:
        answers = []
        for statement in SQL:
            told = database.execute(statement.replace("'decisions.jsonl'", f"'{folder}/decisions.jsonl'"))
            if statement.startswith(("WITH", "SELECT")):
                names = [column[0] for column in told.description or ()]
                answers.append([dict(zip(names, row, strict=True)) for row in told.fetchall()])
    return answers


def evidence_of(decisions: list[ReviewedDecision]) -> Evidence:
    return Evidence.of(
        decisions,
        (),
        (),
        definition=definition(None),
        reasons=reasons(None),
        period=Period.last(YEAR, NOW),
        now=NOW,
    )


def compare(answer: list[dict[str, Any]], insight: Insight, names: tuple[str, ...]) -> None:
    """Check each line of the insight against the line of that name, but for sums and lines of some leads."""
    told = {next(iter(row.values())): row for row in answer}
    lines = [row for row in insight.rows if not row.is_total and ", " not in row.label]
    assert {row.label for row in lines} == set(told)
    columns = [column.name for column in insight.columns]
    for row in lines:
        for name in names:
            value = row.figures[columns.index(name)].value
            assert told[row.label][name] == pytest.approx(value, abs=ROUGH), (row.label, name)


async def test_the_page_names_every_field_and_no_other(tmp_path: Path) -> None:
    await _export(Year(50), KINDS, None, tmp_path, force=False)  # type: ignore[arg-type]  # a CRM that only tells
    page = PAGE.read_text(encoding="utf-8")
    for kind in KINDS:
        table = page.split(f"## {kind}.jsonl")[1].split("\n## ")[0]
        cells = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        named = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
        (first, *_) = (tmp_path / f"{kind}.jsonl").read_text().splitlines()
        assert named == set(json.loads(first)), kind


async def test_an_export_holds_no_way_to_reach_a_person(tmp_path: Path) -> None:
    await _export(Year(50), KINDS, None, tmp_path, force=False)  # type: ignore[arg-type]  # a CRM that only tells
    for kind in KINDS:
        text = (tmp_path / f"{kind}.jsonl").read_text()
        assert len(text.splitlines()) >= 5
        for private in ("northwind.example", "5550100", "Ada"):
            assert private not in text
