"""An insight with little room, or with fewer columns than before: its main number stays, and nothing breaks."""

from __future__ import annotations

from msgspec.structs import replace
from textual.geometry import Size

from screens.ink import Inks
from screens.insights.page import Page, Place
from screens.insights.parts import Parts
from screens.insights.table import Table
from screens.themes import DARK
from tests.screens.invented_insights import SOURCES
from triage.insights.figure import Column, Figure, Insight, Row, Unit, share, words

WIDE = Insight(
    "acceptance",
    "Acceptance by campaign",
    "Which campaigns?",
    "accepted / decided",
    (
        Column("source", "source", Unit.TEXT),
        Column("decided", "decided"),
        Column("accepted", "accepted"),
        Column("owner", "owner of the campaign", Unit.TEXT),
        Column("acceptance", "accepted of decided", Unit.SHARE),
    ),
    (
        Row(
            "2026Q3-EMEA-WBN-plant-operations",
            (
                words("webinar, and what else there was"),
                Figure(41.0),
                Figure(20.0),
                words("A rather long name"),
                share(["L-1"] * 20, ["L-1"] * 41),
            ),
        ),
    ),
    first_column="campaign",
    chart=replace(SOURCES.chart, columns=("acceptance",)),
)


def test_the_number_that_is_drawn_is_written_too_where_not_all_have_room() -> None:
    for width in (60, 72, 80, 100, 160):
        table = Table(WIDE, width, Inks.of(DARK))
        assert "49%" in table.row(0).text, width
        assert table.row(0).width <= width


def test_a_chosen_number_whose_column_is_gone_is_the_line_as_a_whole() -> None:
    parts = Parts(replace(SOURCES, columns=SOURCES.columns[:2], findings=()), Size(80, 20), Inks.of(DARK))
    fewer = Page(parts, Place(0, 4))
    assert fewer.lines()
    assert fewer.chosen()[0] == SOURCES.rows[0].label


def test_few_are_explained_only_where_a_number_rests_on_few() -> None:
    unknown = Row("nobody", (words("–"), Figure(0.0), Figure(0.0), words("–"), Figure(k=0, n=0)))
    for rows, is_told in (((unknown,), False), (SOURCES.rows, True)):
        insight = replace(WIDE if rows[0] is unknown else SOURCES, rows=rows)
        parts = Parts(insight, Size(80, 20), Inks.of(DARK))
        told = [line.text for part in parts.all for line in part.draw(False, None)]
        assert any("fewer than ten" in one for one in told) is is_told
