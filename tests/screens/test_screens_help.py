"""Help: every key, every sign, the order and the filter, for the screen the rep comes from."""

from __future__ import annotations

import pytest

from screens.actions import CHOICE, INBOX, LEAD, QUEUE, TEXT, default_keys, in_context, shown_keys
from screens.help.guide import EXAMPLES, SIGNS, guide
from screens.help.screen import SIDE_BY_SIDE, HelpScreen, help_lines
from screens.ink import Inks
from screens.themes import DARK
from screens.words import BADGES, SENT
from tests.screens.watching import running, until
from triage.domain.inbox import ORDER_RULE
from triage.domain.query import FIELD_NAMES, parse

INK = Inks.of(DARK).plain


def said(context=INBOX, typed="", width=80, keymap=None):
    lines = help_lines(context, keymap or {}, typed, width, INK)
    assert all(line.width <= width for line in lines)
    return "\n".join(line.text for line in lines)


def flat(text):
    return " ".join(text.split())


@pytest.mark.parametrize("context", [INBOX, LEAD, QUEUE])
@pytest.mark.parametrize("width", [60, 80, 160])
def test_every_key_of_the_screen_of_a_choice_and_of_a_text_is_there_with_its_whole_sentence(context, width):
    text = said(context, width=width)
    words = flat(text)
    for where in (context, CHOICE, TEXT):
        for action in in_context(where):
            assert shown_keys(action)[0] in text
            assert action.label in text
            if width < SIDE_BY_SIDE:  # beside each other the lines of a sentence are parted
                assert all(word in words for word in action.help.split()), action.id


def test_wide_windows_have_keys_and_signs_beside_each_other():
    first = said(width=160).split("\n")[0]
    assert "Move" in first
    assert "Signs in the list" in first


def test_each_badge_and_each_step_of_a_decision_is_explained():
    text = said()
    assert all(f"{badge} " in text and words in text for badge, words in BADGES.items())
    explained = {sign for part in SIGNS for sign, _words in part.rows}
    assert set(SENT.values()) <= explained


@pytest.mark.parametrize("sign", ["▌", "●", "‼", "◐", "○", "z 2d", "! 41m", "A1", "☾", "⚠", "✓ ✗ ?", "▲"])
def test_each_sign_that_is_drawn_is_explained(sign):
    assert any(sign in shown for part in SIGNS for shown, _words in part.rows)


def test_the_order_rule_is_printed_and_so_is_every_field_of_the_filter():
    words = flat(said())
    assert ORDER_RULE.split(",")[0] in words
    assert all(name in words for name in FIELD_NAMES)


@pytest.mark.parametrize("example", [text for text, _words in EXAMPLES])
def test_each_example_of_a_filter_can_be_typed(example):
    assert parse(example).text == example  # BadFilter would be raised


def test_keys_are_named_as_the_rep_has_them_also_where_help_speaks_of_them():
    keymap = {**default_keys(), "sort": "f4", "filter": "f5"}
    assert any(("f4", "f5")[0] in sign.casefold() for part in guide(keymap) for sign, _words in part.rows)
    assert "F4" in said(keymap=keymap) or "f4" in said(keymap=keymap)


@pytest.mark.parametrize(
    ("typed", "found", "not_found"),
    [
        ("undo last", "Undo the last act", "Accept"),
        ("badges", "CUST", "Accept"),
        ("same_account", "same account", "Undo the last act"),
        ("shift drag", "selects text", "Accept"),
        ("keymap", "triage paths", "Accept"),
        ("xyzzy", "Nothing here is about “xyzzy”.", "Accept"),
    ],
)
def test_typing_narrows_it_by_words_headings_and_ids(typed, found, not_found):
    text = said(typed=typed)
    assert found in flat(text)
    assert not_found not in text


async def test_the_arrows_and_page_keys_scroll_it_to_its_end_and_no_further(session):
    async with running(session) as watch:
        await watch.press("question_mark")
        await until(lambda: isinstance(watch.app.screen, HelpScreen))
        assert watch.lines()[0].strip() == "Move"
        await watch.press("down")
        assert watch.lines()[0].strip() != "Move"
        await watch.press(*["pagedown"] * 30)
        assert "a clash" in watch.text()
        end = watch.text()
        await watch.press("pagedown", "down")
        assert watch.text() == end
        await watch.press("up")
        assert watch.text() != end
        await watch.press("q", "escape")
        await until(lambda: watch.app.screen is watch.app._inbox)
