"""Lines folded into a column: nothing is lost, nothing stands out of it, no style is another's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from screens.cells import Line, say
from screens.folding import folded
from tests.corpus import hostile

BOLD = Style(bold=True)


def line_of(*texts: str) -> Line:
    line = Line()
    for number, text in enumerate(texts):
        line.add(say(text), BOLD if number % 2 else None)
    return line


def letters(lines: list[Line]) -> str:
    return "".join("".join(line.text.split()) for line in lines)


@settings(max_examples=300, deadline=None)
@given(st.lists(hostile, max_size=4), st.integers(6, 90), st.integers(0, 3))
def test_every_letter_is_kept_in_its_order_and_its_column(texts, width, indent):
    line = line_of("x", *texts)
    lines = folded(line, width, indent)
    assert letters(lines) == letters([line])
    assert all(cell_len(one.text) <= width and one.width == cell_len(one.text) for one in lines)
    if len(lines) > 1:
        assert all(one.text.startswith(" " * indent) for one in lines[1:])


def test_a_part_between_two_dots_stays_together_where_a_line_can_hold_it():
    line = line_of("facts     ", "business yes · country CH · industry Packaging · title director")
    assert [one.text.rstrip() for one in folded(line, 40, 10)] == [
        "facts     business yes · country CH ·",
        "          industry Packaging ·",
        "          title director",
    ]


def test_each_word_keeps_its_style():
    styled = folded(line_of("one two ", "three four ", "five six"), 9, 2)
    bold = [segment.text.strip() for line in styled for segment in line.segments if segment.style is BOLD]
    assert " ".join(bold).split() == ["three", "four"]


@pytest.mark.parametrize("width", range(-3, 12))
def test_a_window_on_its_way_to_nothing_loses_no_letter(width):
    line = line_of("label     ", "some words of 東京 and more")
    assert letters(folded(line, width, 10)) == letters([line])


def test_a_line_that_fits_is_itself():
    line = line_of("short")
    assert folded(line, 5)[0] is line
