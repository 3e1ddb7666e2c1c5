from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size

from screens.asking.questions import Press
from screens.inbox.filter_field import FilterField
from screens.inbox.sieve import Sieve
from screens.inbox.tray import Tray
from screens.ink import Inks
from screens.themes import DARK
from tests.domain.invented import NOW, inboxes
from tests.domain.test_domain_query import terms
from tests.screens.sample import lead
from tests.screens.watching import running
from triage.domain.entry import Entry
from triage.domain.inbox import Inbox, plain_sift
from triage.domain.query import BadFilter, parse

INK = Inks.of(DARK).raised


class Listed:
    """A list that can be filtered, without a screen."""

    def __init__(self) -> None:
        self.tray = Tray(lambda: NOW)
        self.tray.load(Entry.of(lead(number)) for number in range(40))

    @property
    def length(self) -> int:
        return len(self.tray.shown)

    def filter(self, text: str) -> None:
        self.tray.filter(text, typing=True)

    def read(self, text: str):
        return self.tray.read(text)

    def complete(self, text: str, caret: int):
        return self.tray.complete(text, caret)

    def move(self, rows: int) -> None:
        self.tray.move_to(self.tray.index + rows)


def typed(text: str) -> FilterField:
    field = FilterField(Listed(), "")
    for character in text:
        field.press(Press(character, character))
    return field


def said(field: FilterField, width: int = 80) -> list[str]:
    lines = field.lines(Size(width, 1), INK)
    assert all(line.width <= width for line in lines)
    return [line.text for line in lines]


def tab(field: FilterField, action: str = "complete") -> str:
    field.press(Press("tab", None, action))
    return field.draft.text


def test_tab_completes_a_field_and_then_its_value():
    field = typed("so")
    assert tab(field) == "source:"
    field.press(Press("w", "w"))
    assert tab(field) == "source:webinar"


def test_several_completions_are_shown_with_what_each_leaves_and_tab_goes_on_to_the_next():
    field = typed("source:")
    assert tab(field).startswith("source:")
    line = said(field)[1]
    assert "[content 8] demo-request 8  event 8  paid-search 8  webinar 8" in line.replace("  ", "  ")
    assert tab(field) == "source:demo-request"
    assert "[demo-request 8]" in said(field)[1]
    assert tab(field, "complete_back") == "source:content"
    assert tab(field, "complete_back") == "source:webinar"
    assert field._screen.length == 8


@pytest.mark.parametrize("before", ["", "band:A ", "vp "])
def test_tab_on_nothing_yet_shows_the_fields_and_puts_in_the_first(before):
    field = typed(before)
    text = tab(field)
    assert text.startswith(before)
    assert text.endswith(":")
    first = text.removeprefix(before)
    assert f"[{first}]" in said(field)[1]
    assert tab(field) != text
    assert tab(field, "complete_back") == text
    assert said(typed(before))[1:] == []


def test_tab_right_before_a_word_runs_nothing_into_it():
    field = typed("band:A")
    field.press(Press("home"))
    assert tab(field) == "band:A"


def test_the_next_letter_ends_the_choice_of_completions():
    field = typed("source:")
    tab(field)
    field.press(Press("space", " "))
    assert len(said(field)) == 1


def test_a_single_completion_lets_tab_go_on_from_there():
    field = typed("sou")
    assert tab(field) == "source:"
    assert tab(field).startswith("source:")
    assert tab(field) != "source:"


def test_the_bad_part_is_underlined_and_its_column_is_said():
    field = typed("band:A sorce:web")
    assert said(field)[1] == " ✗ column 8: There is no field “sorce”. Did you mean source?"
    (line, _told) = field.lines(Size(80, 1), INK)
    assert "".join(one.text for one in line.segments if one.style and one.style.underline) == "sorce"


def test_a_value_that_is_half_typed_hides_nothing_and_is_only_refused_at_the_end():
    field = typed("sla:bre")
    assert len(said(field)) == 2
    assert field._screen.length == 40
    assert field.press(Press("enter", None, "keep")) is None
    assert "“bre” is no value of sla. Did you mean breached?" in said(field)[1]
    for letter in "ached":
        field.press(Press(letter, letter))
    assert field.press(Press("enter", None, "keep")).value == "sla:breached"


def test_what_a_field_means_is_said_while_it_is_typed():
    assert "age: The time since the assignment. age>1d · Tab completes" in said(typed("age>"))[1]


@given(st.text(max_size=30) | st.lists(terms, max_size=3).map(" ".join), st.integers(60, 200))
def test_any_text_can_be_typed_and_every_line_fits(text, width):
    field = FilterField(LISTED, "")
    field.paste(text)
    said(field, width)
    tab(field)
    tab(field)
    said(field, width)


LISTED = Listed()


# The sieve.


@given(inboxes, st.lists(st.lists(terms, max_size=3).map(" ".join), max_size=4), inboxes)
def test_the_sieve_leaves_what_reading_each_lead_leaves(known, texts, changed):
    sieve, inbox = Sieve(), Inbox.of(known, NOW)
    for text in texts:
        try:
            query = parse(text)
        except BadFilter:
            continue
        for now in (inbox, inbox.updated(changed)):
            sieve.forget(one.lead_id for one in (*changed, *known))
            asked = (query, now.listed, now.entries, NOW)
            assert list(sieve.sift(*asked)) == list(plain_sift(*asked)) == list(sieve.sift(*asked))


@given(inboxes, st.lists(st.sampled_from("source:webinar band:A,B -vp acme"), max_size=20))
def test_typing_letter_by_letter_leaves_what_the_whole_filter_leaves(known, letters):
    tray = Tray(lambda: NOW)
    tray.load(known)
    text = ""
    for letter in letters:
        text += letter
        try:
            tray.filter(text, typing=True)
        except BadFilter:
            continue
        whole = Inbox.of(known, NOW).filtered(parse(text, typing=True, held=tray._held))
        assert tray.shown == whole.shown


@pytest.mark.parametrize("count", [1, 7, 100])
def test_what_is_made_ready_in_pauses_ends(count):
    tray = Tray(lambda: NOW)
    tray.load(Entry.of(lead(number)) for number in range(40))
    tray.filter("title:v company:", typing=True)
    slices = 0
    while tray.prepare(count):
        slices += 1
    assert slices >= 3
    assert not tray.prepare(count)


# On the screen.


async def test_the_completions_stand_under_the_field_until_the_filter_is_kept(session):
    async with running(session) as watch:
        await watch.press("slash", *"source:w", "tab")
        assert "/ source:webinar" in watch.foot()
        await watch.press("ctrl+u", *"source:", "tab")
        assert "Tab next" in watch.status()
        await watch.press("enter")
        assert "Tab next" not in watch.status()
        assert watch.tray.inbox.query.text.startswith("source:")


async def test_news_does_not_cover_what_is_wrong_with_a_filter(session):
    async with running(session) as watch:
        await watch.press("slash", *"sorce:x")
        watch.app.screen.show_status()
        assert "column 1" in watch.status()
        await watch.press("escape")
        assert "column 1" not in watch.status()
