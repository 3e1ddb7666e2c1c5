"""Text from outside is only ever drawn as text: checked in the source, in the lines, and in their widths."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from rich.cells import cell_len
from textual.geometry import Size
from wcwidth import wcswidth

from screens.asking.questions import Choose, Confirm, Option, Press
from screens.cells import Line, say, width_of
from screens.deciding.wishes import with_digits
from screens.inbox.table import row
from screens.ink import Inks
from screens.lead.brief import brief_lines
from screens.lead.page import lead_lines
from screens.themes import DARK
from tests.corpus import HOSTILE, ONE_MEGABYTE, hostile
from tests.screens.sample import NOW, hostile_lead, rich_lead
from tests.screens.test_screens_drawing import glance
from triage.domain.act import Act
from triage.domain.inbox import Entry
from triage.domain.reasons import Reason

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "screens").rglob("*.py"))
INK = Inks.of(DARK).plain
FORBIDDEN_CALLS = {
    "notify", "add_row", "add_rows", "add_column", "add_option", "add_options", "from_markup", "from_ansi",
    "markup", "render_markup", "border_title", "Markdown", "RichLog", "Log", "TextArea", "Static", "Label",
    "Pretty", "Link", "DataTable", "OptionList", "ListView", "Tree", "Tabs", "Button", "Digits", "Header", "Footer",
}  # fmt: skip
"""What would draw a text, or take markup in it."""
FORBIDDEN_NAMES = {"border_title", "border_subtitle", "tooltip", "sub_title", "markup"}
DRAWN_BY = {
    "screens/cells.py": {"Segment"},
    "screens/lead/screen.py": {"Segment"},
}
"""The only places that make what the toolkit draws, and of what."""
CLIPBOARD_AND_BROWSER = {"copy_to_clipboard", "open_url"}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(path: Path) -> list[tuple[str, ast.Call]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""), node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]


def found_in(source: str) -> list[str]:
    """Return what in a source could draw a text as anything but text."""
    tree = ast.parse(source)
    told = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            told += [name] if name in FORBIDDEN_CALLS else []
            told += ["markup=True" for word in node.keywords if word.arg == "markup"]
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual.widgets"):
            told.append("textual.widgets")
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and node.attr in FORBIDDEN_NAMES
        ):
            told.append(node.attr)
    return told


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_screen_uses_what_takes_markup_or_draws_a_plain_string(path):
    assert found_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "self.notify(lead.name)",
        "table.add_row(lead.name)",
        "Static(lead.name)",
        "Text.from_markup(name)",
        "self.border_title = lead.name",
        "from textual.widgets import Label",
        "Bar(x, markup=True)",
    ],
)
def test_the_look_at_the_source_sees_each_of_them(source):
    assert found_in(source)


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_only_the_gate_makes_what_is_drawn(path):
    made = {name for name, _call in calls(path) if name in ("Segment", "Content", "Text")}
    assert made <= DRAWN_BY.get(named(path), set())


def test_the_palette_cleans_every_text_that_is_no_word_of_ours():
    source = (ROOT / "screens/palette/screen.py").read_text(encoding="utf-8")
    texts = {"name", "title", "company", "email"}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in texts and ast.unparse(node).startswith("lead."):
            assert f"say({ast.unparse(node)})" in source or "say(part)" in source


def test_the_clipboard_and_the_browser_are_reached_from_one_place_only():
    reached = {
        (name, named(path))
        for path in SOURCES
        for name, _call in calls(path)
        if name in CLIPBOARD_AND_BROWSER
    }
    assert reached == {
        ("copy_to_clipboard", "screens/terminal/clipboard.py"),
        ("open_url", "screens/deciding/screen.py"),
    }


@settings(max_examples=150, deadline=None)
@given(hostile)
def test_a_line_says_nothing_that_is_obeyed_and_knows_its_width(text):
    line = Line(text)
    left = {character for character in line.text if not character.isprintable()}
    assert left <= {"\u200c"}  # the non-joiner behind a letter is Persian spelling
    assert line.width == cell_len(line.text)


@pytest.mark.parametrize("payload", HOSTILE, ids=range(len(HOSTILE)))
def test_a_payload_takes_the_cells_that_a_terminal_gives_it(payload):
    assert width_of(say(payload)) == wcswidth(say(payload))


@pytest.mark.parametrize("width", [60, 80, 160])
def test_every_row_and_line_of_every_payload_is_as_wide_as_the_window(width):
    for number, payload in enumerate(HOSTILE):
        lead = hostile_lead(number, payload)
        look = glance(lead, width)
        lines = [row(Entry.of(lead), NOW, width, INK), *brief_lines(look, 14)]
        lines += [line for line, _label in lead_lines(look)] if number % 7 == 0 else []
        for line in lines:
            shown = line.strip(width, INK.text).text
            assert cell_len(shown) == width, ascii(payload)
            assert wcswidth(shown) == width, ascii(payload)


def test_a_field_of_a_megabyte_is_one_bounded_line():
    look = glance(hostile_lead(1, ONE_MEGABYTE), 80)
    assert all(len(line.text) < 1000 for line, _label in lead_lines(look))


def test_the_short_brief_warns_of_what_was_hidden():
    warned = replace(rich_lead(), name="Ada\u202e Park")
    assert "⚠" in brief_lines(glance(warned, 80), 14)[0].text
    assert "⚠" not in brief_lines(glance(rich_lead(), 80), 14)[0].text


def reason(code: str, hotkey: str) -> Reason:
    return Reason(code, Act.REJECT, code, hotkey)


def test_a_reason_is_chosen_by_a_digit_whatever_key_the_crm_names():
    keyed = with_digits(
        [
            reason("A", "enter"),
            reason("B", "2"),
            reason("C", "2"),
            reason("D", "escape"),
            reason("E", ""),
            reason("F", "a"),
        ]
    )
    assert [(one.code, digit) for one, digit in keyed] == [
        ("A", "1"), ("B", "2"), ("C", "3"), ("D", "4"), ("E", "5"), ("F", "6"),
    ]  # fmt: skip


def test_no_digit_is_given_twice_and_an_eleventh_reason_gets_none():
    keyed = with_digits([reason(str(number), "7") for number in range(14)])
    digits = [digit for _one, digit in keyed]
    assert sorted(digits) == sorted("1234567890")


@pytest.mark.parametrize("width", [60, 80])
def test_a_long_name_does_not_push_away_what_the_keys_do(width):
    question = Choose("Reject " + "N" * 200, [Option("1", "one", 1)], editable=True)
    assert question.lines(Size(width, 10), INK)[0].text.endswith("Esc leaves ")


def test_a_confirmation_is_met_by_enter_alone():
    question = Confirm("Accept 30 leads?", [])
    assert [question.press(Press(key, key)) for key in "aryd1u."] == [None] * 7
