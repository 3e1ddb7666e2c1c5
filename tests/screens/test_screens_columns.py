"""The lead list at every width: each line fits to the cell, what matters most stays, and it reads without colour."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from screens.inbox.arrangement import arrange
from screens.inbox.columns import COLUMNS
from screens.inbox.table import columns_for, heading, heading_places, row
from screens.ink import Inks
from screens.lead.page import BETWEEN, TWO_COLUMNS, lead_page
from screens.panels.person import reach_lines
from screens.themes import DARK
from tests.screens.sample import NOW, hostile_lead, lead, rich_lead
from tests.screens.test_screens_drawing import glance
from triage.domain.inbox import Entry

INK = Inks.of(DARK).plain
widths = st.integers(60, 240)
words = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(["山田", "株式会社", "👩\u200d💻", "e\u0301", "مرحبا", "🇩🇪", "\u202e", "A"]),
        max_size=12,
    ).map("".join),
)


@settings(max_examples=150, deadline=None)
@given(words, widths, st.booleans(), st.booleans())
def test_a_row_takes_exactly_its_cells_whatever_it_says(text, width, under_cursor, marked):
    entry = Entry.of(hostile_lead(1, text))
    drawn = row(entry, NOW, width, INK, under_cursor=under_cursor, marked=marked)
    strip = drawn.strip(width, INK.text)
    assert drawn.width <= width
    assert sum(cell_len(segment.text) for segment in strip) == width == strip.cell_length


@settings(max_examples=80, deadline=None)
@given(words, words, widths)
def test_every_column_begins_in_its_place_whatever_stands_before_it(name, company, width):
    entry = Entry.of(replace(lead(3), name=name or "x", company=company))
    line, cells = row(entry, NOW, width, INK), 0
    starts = []
    for segment in line.segments:
        starts.append(cells)
        cells += cell_len(segment.text)
    assert starts[1:] == [placed.start for placed in columns_for(width)]


@pytest.mark.parametrize("width", [60, 80, 160])
def test_a_lead_that_left_the_list_says_so_in_a_whole_word(width):
    assert " gone " in row(replace(Entry.of(lead(3)), gone=True), NOW, width, INK).text + " "


@given(widths)
def test_the_columns_fill_the_width_and_none_is_narrower_than_it_needs(width):
    placed = columns_for(width)
    assert placed[-1].start + placed[-1].width <= width
    assert all(one.width >= one.column.least for one in placed)
    assert all(one.width == one.column.least for one in placed if not one.column.share)


@given(widths)
def test_a_wider_list_shows_all_that_a_narrower_one_does(width):
    shown = {one.column.id for one in columns_for(width)}
    assert {"sla", "band", "name", "company", "badges"} <= shown
    assert shown <= {one.column.id for one in columns_for(width + 1)}


def test_on_the_widest_list_every_column_is_shown():
    assert [one.column.id for one in columns_for(240)] == [column.id for column in COLUMNS]


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (100, 30), (119, 30), (120, 36), (160, 48), (200, 60)])
def test_the_list_has_room_for_its_columns_in_every_window(size):
    places = arrange(*size)
    assert places is not None
    assert places.list_width >= 60
    last = columns_for(places.list_width)[-1]
    assert places.list_width - 8 <= last.start + last.width <= places.list_width


@given(widths, st.sampled_from([column.id for column in COLUMNS]), st.booleans())
def test_the_sorted_column_carries_a_sign_and_no_other_does(width, order, falling):
    line = heading(width, INK, order=order, falling=falling)
    shown = {one.column.id for one in columns_for(width)}
    assert line.width <= width
    assert line.text.count("▼" if falling else "▲") == (order in shown)
    assert line.text.count("▲" if falling else "▼") == 0


@given(widths)
def test_a_heading_is_clicked_where_it_stands(width):
    text = heading(width, INK).text
    for start, end, name in heading_places(width):
        (column,) = [one for one in COLUMNS if one.id == name]
        assert text[start:end].strip() == column.heading[: end - start]


def test_urgency_band_and_warnings_are_read_without_colour():
    late = replace(rich_lead(), sla_due_at=NOW.replace(hour=8))
    text = row(Entry.of(late), NOW, 60, INK, marked=True, under_cursor=True).text
    assert text.startswith("▌● ‼  2h  A A1  Ada Park")
    assert "CUST" in text


def test_how_to_reach_the_lead_is_cut_nowhere_where_two_lines_hold_it():
    look = glance(rich_lead(), 60)
    said = [line.text for line in reach_lines(look, 2)]
    assert said == [
        "ada.park@northwind.example · +49 30 5550 123",
        "Berlin, DE 11:00 · profiles.example/in/adapark",
    ]


@pytest.mark.parametrize("width", [60, 80, 117, 139, 140, 157, 197, 237])
def test_the_page_of_a_lead_stays_in_its_columns(width):
    rows, column = lead_page(glance(rich_lead(), width))
    two = any(one.beside is not None for one in rows)
    assert two == (width >= TWO_COLUMNS)
    assert all(one.line.width <= column for one in rows)
    assert all(column + BETWEEN + one.beside.width <= width for one in rows if one.beside is not None)
    said = "\n".join(one.line.text + (one.beside.text if one.beside else "") for one in rows)
    for needed in (
        "SCORE 72",
        "demo request form",
        "MQL definition",
        "Spring webinar",
        "Asked for a demo",
        "Hugo Berg",
    ):
        assert needed in said


@pytest.mark.parametrize(
    ("score", "shown"), [(22.13, " 22 "), (5.4, "  5 "), (99.97, "100 "), (50.0, " 50 ")]
)
@pytest.mark.parametrize("width", [80, 160, 240])
def test_a_score_with_a_fraction_is_whole_in_the_list_and_never_cut(score, shown, width):
    one = lead(3)
    line = row(Entry.of(replace(one, score=replace(one.score, score=score))), NOW, width, INK)
    text = "".join(segment.text for segment in line.strip(width, INK.text))
    assert shown in text
    assert "…" not in text.split(one.name)[0]
