"""The pack: the same numbers in every format, decisions needed, what comes next, and what it leaves out."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt
from msgspec.structs import replace

from tests.insights.world import NOW, PERIOD, answered, at, decided, evidence, told, worlds
from tests.pack.sample import BY_REP, INSIGHTS, TEXTS, sample
from triage.domain.definition import Definition
from triage.domain.proposals import Proposal
from triage.domain.review import ReplyKind
from triage.exports.sheet import shown
from triage.insights.evidence import Evidence
from triage.insights.figure import Insight, Unit
from triage.insights.shape import shape_of
from triage.insights.wording import figure_words
from triage.pack.coming import coming
from triage.pack.formats import FORMATS, render
from triage.pack.hiding import hidden
from triage.pack.needs import needs
from triage.pack.pack import Pack, file_stem, pack_of
from triage.text import clean

Tables = dict[str, list[list[str]]]
"""By the insight's title, its lines: the label and what stands in each column."""


def tables_of(pack: Pack) -> Tables:
    """What any format has to show: made from the insights alone."""
    return {
        clean(insight.title): [
            [squeezed(row.label), *(words(insight, row.figures, place) for place in range(len(row.figures)))]
            for row in insight.rows
        ]
        for insight in pack.insights
    }


def words(insight: Insight, figures: Any, place: int) -> str:
    return squeezed(figure_words(figures[place], insight.columns[place].unit, insight.currency))


def squeezed(text: str) -> str:
    """Texts as they are compared: cleaned as an export cleans them, blanks of the layout aside."""
    return " ".join(clean(text, limit=20_000).split())


def bare(text: str) -> str:
    """A label without blanks, and without the apostrophes that keep a spreadsheet from obeying it."""
    return re.sub(r"[\s']", "", text)


class Reader(HTMLParser):
    """Reads headings and tables out of a page, as a screen reader would."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: Tables = {}
        self._title = ""
        self._cell: list[str] | None = None
        self._in_body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "h3":
            self._cell = []
        elif tag == "tbody":
            self._in_body = True
        elif tag == "tr" and self._in_body:
            self.tables[self._title].append([])
        elif tag in {"th", "td"} and self._in_body:
            self._cell = []
        elif tag in {"small", "br"} and self._cell:
            self._cell.append(", ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "h3":
            self._title = squeezed("".join(self._cell or []))
            self.tables[self._title] = []
            self._cell = None
        elif tag == "tbody":
            self._in_body = False
        elif tag in {"th", "td"} and self._in_body:
            self.tables[self._title][-1].append(squeezed("".join(self._cell or [])))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


def tables_in_page(page: str) -> Tables:
    reader = Reader()
    reader.feed(page)
    return reader.tables


def tables_in_markdown(document: str) -> Tables:
    """What a reader's Markdown makes of it, read as a page."""
    rendered = MarkdownIt("commonmark").enable("table").render(document)
    # Code is how an e-mail address is kept from becoming a link.
    return tables_in_page(re.sub(r"</?(?:strong|code)>", "", rendered))


PACK = sample()


def test_the_page_shows_the_insights_figures() -> None:
    assert tables_in_page(render(PACK, "html")) == tables_of(PACK)


def test_the_markdown_shows_the_insights_figures() -> None:
    assert tables_in_markdown(render(PACK, "md")) == tables_of(PACK)


def test_the_json_is_the_insights_shape() -> None:
    document = json.loads(render(PACK, "json"))
    assert document["insights"] == json.loads(json.dumps([shape_of(one) for one in PACK.insights]))
    named = [name for chapter in document["chapters"] for name in chapter["insights"]]
    assert named == [one["name"] for one in document["insights"]]


def test_the_csv_has_every_figure_of_the_json() -> None:
    figures = [
        (shape["name"], squeezed(row["label"]), column["name"], row[column["name"]])
        for shape in json.loads(render(PACK, "json"))["insights"]
        for row in shape["rows"]
        for column in shape["columns"]
    ]
    lines = csv.DictReader(io.StringIO(render(PACK, "csv"), newline=""))
    for line, (insight, label, column, figure) in zip(lines, figures, strict=True):
        assert (line["insight"], line["column"]) == (insight, column)
        assert bare(line["line"]) == bare(label)
        assert [line[name] for name in ("value", "k", "n", "low", "high")] == [
            shown(figure[name]) for name in ("value", "k", "n", "low", "high")
        ]
        assert int(line["leads"]) == len(figure["lead_ids"])


def test_a_number_that_one_format_changes_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.pack.page.value_words", lambda *_: "35%")
    assert tables_in_page(render(PACK, "html")) != tables_of(PACK)
    monkeypatch.setattr("triage.pack.markdown.figure_words", lambda *_: "35%")
    assert tables_in_markdown(render(PACK, "md")) != tables_of(PACK)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds)
def test_whatever_happened_all_formats_show_the_same(world: Evidence) -> None:
    pack = pack_of(world)
    assert tables_in_page(render(pack, "html")) == tables_of(pack)
    assert tables_in_markdown(render(pack, "md")) == tables_of(pack)
    assert json.loads(render(pack, "json"))["insights"] == json.loads(
        json.dumps([shape_of(one) for one in pack.insights])
    )
    render(pack, "csv")


def test_a_pack_of_nothing_at_all_is_a_pack() -> None:
    pack = pack_of(evidence())
    for format_ in FORMATS:
        assert "Decisions needed" in render(pack, format_) or format_ == "csv"


def test_its_files_are_named_by_both_days() -> None:
    assert file_stem(PERIOD) == "pack-2026-01-05-to-2026-03-30"
    whole_days = replace(PERIOD, until=PERIOD.until.replace(hour=0))
    assert file_stem(whole_days) == "pack-2026-01-05-to-2026-03-29"


# Decisions needed


def rows(insight: Insight) -> list[list[str]]:
    return [
        [row.label, *(words(insight, row.figures, place) for place in range(len(row.figures)))]
        for row in insight.rows
    ]


def test_what_waits_has_an_owner_and_a_day_and_alike_ones_are_one_line() -> None:
    waiting = needs(
        evidence(
            decided("reject", reason="NOT_A_BUYER", days=9),
            decided("reject", reason="NOT_A_BUYER", days=4),
            decided("reject", reason="LOW_INTENT", days=9, replies=(answered("x", ReplyKind.UPHELD),)),
            decided("accept", days=9),
            told("objection", payload={"category": "price"}, days=2, routed_to="product marketing"),
            told("kudos", days=9),
            told("note", days=9, state="retracted"),
        )
    )
    assert rows(waiting) == [
        ["reject: student, job seeker, vendor, press", "scoring", "2026-03-26", "2", "1", "9 d"],
        ["objection: price", "product marketing", "2026-04-02", "1", "0", "2 d"],
        ["all that waits", "–", "2026-03-26", "3", "1", "9 d"],
    ]
    assert len(waiting.rows[0].lead_ids) == 2


def test_what_waits_longer_than_the_period_is_not_forgotten() -> None:
    assert [row.label for row in needs(evidence(told("note", days=200))).rows] == ["note", "all that waits"]


def test_what_a_meeting_cannot_go_through_is_one_line_and_in_the_sum() -> None:
    waiting = needs(
        evidence(*(told("question_heard", payload={"question": f"q{n}"}, days=n / 9) for n in range(31)))
    )
    *lines, rest, every = rows(waiting)
    assert len(lines) == 20
    assert [rest[0], rest[3]] == ["11 other kinds", "11"]
    assert [every[0], every[3]] == ["all that waits", "31"]
    assert "triage review" in waiting.notes[0]


def test_a_review_date_that_has_passed_is_a_question_with_both_owners() -> None:
    dispute = told("definition_dispute", payload={"criterion": "industry"}, days=3)
    world = evidence(dispute)
    agreed = replace(
        world.definition, review_due=at(14), agreed_at=at(90), agreed_by=("Head of Sales", "Head of Demand")
    )
    first, *_ = rows(needs(replace(world, definition=agreed)))
    assert first == [
        "Do we still agree on MQL v4? (1 dispute)",
        *("Head of Sales and Head of Demand", "2026-03-16", "1", "1", "14 d"),
    ]
    assert "still agree" not in str(rows(needs(world)))


def test_a_proposal_waits_for_the_sides_that_have_not_said_yes() -> None:
    proposal = Proposal("P-1", "4", Definition("5"), why="consultants are no VPs", at=NOW - timedelta(days=3))
    (row,) = rows(needs(evidence(), [proposal]))
    assert row[:2] == [
        "agree on MQL v5, proposed to replace v4: consultants are no VPs",
        "the owner in sales and marketing",
    ]


def test_what_is_planned_stays_until_it_is_done_or_given_up() -> None:
    planned = answered("x", ReplyKind.PLANNED, days=9, text="a page about prices")
    kept = answered("x", ReplyKind.DELIVERED, days=2)
    plan = coming(
        evidence(
            told("objection", payload={"category": "price"}, replies=(planned,), state="answered"),
            told("objection", payload={"category": "price"}, replies=(planned,), state="answered"),
            told("objection", payload={"category": "timing"}, replies=(planned, kept)),
            told("objection", payload={"category": "status_quo"}, replies=(kept, planned)),
        )
    )
    assert rows(plan) == [
        ["objection: price", "a page about prices", "2", "2026-03-21", "9 d", "–"],
        ["all that is planned", "–", "2", "2026-03-21", "9 d", "–"],
    ]


# What it leaves out


def test_figures_of_fewer_than_five_leads_of_a_rep_are_not_shown() -> None:
    shown = {row.label: row for row in hidden(BY_REP).rows}
    assert shown["Robin Vale"] == BY_REP.rows[0]
    assert [figure.value for figure in shown["Sam Few"].figures] == [None, None]
    assert shown["all"] == BY_REP.rows[2]
    assert hidden(BY_REP).findings == ()
    for format_ in FORMATS:
        text = render(PACK, format_)
        assert "L-FEW" not in text
        assert "often" not in text


def test_of_what_is_for_each_rep_first_only_the_teams_line_is_shown() -> None:
    team = hidden(replace(BY_REP, name="watchdog"))
    assert [row.label for row in team.rows] == ["all"]
    assert team.rows == BY_REP.rows[2:]
    assert team.findings == ()


def test_lines_of_weeks_beside_reps_stay_whole() -> None:
    about = replace(
        BY_REP,
        first_column="week or rep",
        columns=(replace(BY_REP.columns[0], name="about", unit=Unit.TEXT), BY_REP.columns[1]),
        rows=tuple(
            replace(row, figures=(replace(row.figures[0], text=text, n=None), row.figures[1]))
            for row, text in zip(BY_REP.rows, ("week", "rep", "all"), strict=True)
        ),
    )
    assert [row.figures[1].value for row in hidden(about).rows] == [50, None, 54]


def test_insights_of_no_rep_are_not_touched() -> None:
    assert [hidden(one) for one in INSIGHTS[:-1]] == list(INSIGHTS[:-1])


def test_no_cell_of_the_csv_is_a_formula() -> None:
    cells = [cell for row in csv.reader(io.StringIO(render(PACK, "csv"), newline="")) for cell in row]
    assert any(cell == "'=1+1" for cell in cells)
    assert not [cell for cell in cells if cell[:1] in "=+@" and cell]


def test_the_json_is_printable_ascii() -> None:
    assert re.fullmatch(r"[\n\x20-\x7e]*", render(PACK, "json"))
    assert any(not text.isascii() for text in TEXTS)
