"""`insights` on a CRM that runs, and its tables on invented numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.inside import Inside
from tests.cli.shell import Shell, crm_on, free_port
from tests.screens.invented_insights import ALL, BANDS, PERIOD, SOURCES, WEEKS
from triage.cli import insights
from triage.cli.insight_shapes import all_numbers, number_sheet, period_asked, wide_sheet
from triage.errors import UsageError
from triage.exports.markdown import as_markdown
from triage.exports.spreadsheet import as_csv
from triage.insights.catalogue import NAMES
from triage.insights.figure import Column, Figure, Insight, Row, Unit, words

NOW = datetime(2026, 9, 30, 12, tzinfo=UTC)
USUAL = timedelta(weeks=12)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("insights")
    opened = Inside(folder / "home")
    with crm_on(0, folder / "crm", "--leads", "12") as facts:
        opened.token = facts["rep_token"]
        opened.ok("login", "work", "--url", facts["url"])
        opened.ok("pull")
        lead = opened.ok("list", "--json").json[0]["lead_id"]
        opened.ok("decide", "accept", lead)
        opened.ok("sync")
        yield opened


def test_all_insights_are_one_document_with_their_period(shell):
    document = shell.ok("insights", "--json", "--since", "30d").json
    assert [one["name"] for one in document["insights"]] == list(NAMES)
    since, until = (datetime.fromisoformat(document["period"][end]) for end in ("since", "until"))
    assert until - since == timedelta(days=30)


def test_an_insight_by_its_name_is_one_object_and_counts_what_was_just_decided(shell):
    found = shell.ok("insights", "acceptance", "--json", "--week").json
    assert found["name"] == "acceptance"
    total = next(row for row in found["rows"] if row["is_total"])
    assert total["decided"]["value"] >= 1
    assert total["decided"]["lead_ids"]


def test_the_screen_the_lines_and_the_sheet_tell_the_same_number(shell):
    value = shell.ok("insights", "acceptance", "--json").json["rows"][-1]["acceptance"]
    said = f"{value['value'] * 100:.0f}%"
    assert said in shell.ok("insights", "acceptance").out
    assert said in shell.ok("insights", "acceptance", "--plain").out
    assert said in shell.ok("insights", "acceptance", "--format", "md").out
    (total,) = [
        row
        for row in csv.DictReader(io.StringIO(shell.ok("insights", "acceptance", "--format", "csv").out))
        if row["is_total"] == "True"
    ]
    assert float(total["acceptance"]) == pytest.approx(value["value"])
    assert int(total["acceptance_n"]) == value["n"]


def test_without_a_name_what_stands_out_is_told_insight_by_insight(shell):
    lines = shell.ok("insights").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(NAMES)


def test_a_file_holds_every_figure(shell, tmp_path):
    shell.ok("insights", "-o", str(tmp_path / "all.csv"))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text())))
    assert {row["insight"] for row in rows} <= set(NAMES)
    assert any(row["column"] == "acceptance" for row in rows)


@pytest.mark.parametrize(
    ("words_", "why"),
    [
        (("nosuch",), "is not an insight"),
        (("--since", "yesterday-ish"), "is not a day in the past"),
        (("--since", "2999-01-01"), "is not a day in the past"),
        (("--since", "3d", "--week"), "Two stretches of time"),
        (("--json", "--format", "csv"), "Two formats at once"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_before_the_crm_is_asked(tmp_path, words_, why):
    home = Inside(tmp_path / "home")
    home.token = "TOKEN-abc123"
    assert why in home.said(2, "insights", *words_)


def test_a_crm_that_is_not_there_ends_with_three(shell, tmp_path):
    other = Inside(shell.home, "TOKEN-abc123")
    (settings,) = shell.home.glob("config/*.toml")
    kept = settings.read_text()
    settings.write_text(re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{free_port()}", kept))
    try:
        assert "Traceback" not in other.said(3, "insights")
    finally:
        settings.write_text(kept)


def test_a_stretch_of_time_begins_on_a_day_or_so_long_ago():
    assert period_asked("30d", week=False, now=NOW, usual=USUAL).since == NOW - timedelta(days=30)
    assert period_asked("2w", week=False, now=NOW, usual=USUAL).since == NOW - timedelta(weeks=2)
    assert period_asked(None, week=True, now=NOW, usual=USUAL).since == NOW - timedelta(weeks=1)
    assert period_asked(None, week=False, now=NOW, usual=USUAL).since == NOW - USUAL
    day = period_asked("2026-09-01", week=False, now=NOW, usual=USUAL)
    assert day.since == datetime(2026, 9, 1).astimezone(UTC)
    with pytest.raises(UsageError):
        period_asked("0d", week=False, now=NOW, usual=USUAL)


def test_a_sheet_for_counting_has_bare_numbers_and_beside_them_what_they_are_of():
    sheet = number_sheet(SOURCES, NOW)
    assert sheet.columns == (
        *("label", "is_total", "decided", "acceptance", "acceptance_k", "acceptance_n"),
        *("acceptance_low", "acceptance_high", "pipeline", "pipeline_n", "days", "days_n", "verdict"),
    )
    assert dict(zip(sheet.columns, sheet.rows[2], strict=True))["pipeline"] is None
    assert len(all_numbers(ALL, NOW).rows) == sum(len(one.rows) * len(one.columns) for one in ALL)


def test_a_sheet_for_people_marks_what_is_a_direction_only():
    assert "direction only" in as_markdown(wide_sheet(SOURCES, NOW))
    assert wide_sheet(BANDS, NOW).columns[0] == "band"


def test_hostile_labels_and_columns_reach_a_terminal_only_cleaned(capsys):
    hostile = "\x1b[31m=HYPERLINK(1)\x07\u202e"
    column = Column("acceptance_x", hostile, Unit.SHARE)
    text = Column("say", "say", Unit.TEXT)
    found = Insight(
        "weeks", "Weeks", "?", "f", (column, text), (Row(hostile, (Figure(0.5, n=20), words(hostile))),)
    )
    insights._print_one(found, PERIOD)
    insights._print_plain([found])
    insights._print([found], PERIOD, whole=True)
    told = capsys.readouterr()
    assert not set(told.out + told.err) & set("\x1b\x07\u202e")
    for sheet in (wide_sheet(found, NOW), number_sheet(found, NOW), all_numbers([found], NOW)):
        assert not set(as_markdown(sheet) + as_csv(sheet)) & set("\x1b\x07\u202e")
    assert all(
        not cell.startswith("=")
        for cell in csv.reader([as_csv(number_sheet(found, NOW)).split("\r\n")[1]]).__next__()
    )


def test_a_finding_about_a_change_is_told_with_its_day(capsys):
    insights._print_one(WEEKS, PERIOD)
    assert "2026-09-08: acceptance fell" in capsys.readouterr().out
