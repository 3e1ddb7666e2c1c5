from __future__ import annotations

import re
import unicodedata
from itertools import groupby

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from triage.text import LINE_LIMIT, NOTE_LIMIT, clean, clean_note, is_altered

ZWJ, ZWNJ, LOST = "\u200d", "\u200c", "\ufffd"
FAMILY = f"👨{ZWJ}👩{ZWJ}👧"
HOSTILE = (
    "\x00\x05\x07\x08\x0b\x0c\x0e\x1b\x1c\x1f\x7f\x80\x85\x9b\x9d\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b"
    "\u200c\u200d\u200e\u202a\u202e\u2028\u2029\u2060\u2066\u2069\u2800\u3164\ud800\udfff\ue000\ufe0f\ufeff"
    "\uffa0\uffff\U000e0001\U000e0041\U0010ffff\t\n\r \u00a0\u0301\u0323\u1ab0"
)
characters = st.one_of(
    st.sampled_from(HOSTILE),
    st.sampled_from("abcé1_[/]👩🏽🇩🇪स्가한"),
    st.characters(codec=None, exclude_categories=()),
)
texts = st.text(characters, max_size=60)


def is_safe(character: str) -> bool:
    """Whether a terminal neither obeys nor hides a character; the two joiners are judged by their place."""
    category = unicodedata.category(character)
    return (
        category not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        and character not in "\u115f\u1160\u3164\uffa0\u2800"
    )


@given(texts, st.booleans())
@example("\u200d\u200d", False)
@example("a\u200b\u200d", False)
def test_nothing_that_a_terminal_obeys_or_hides_is_left(text, multiline):
    left = [character for character in clean(text, multiline=multiline) if not is_safe(character)]
    assert set(left) <= {ZWJ, ZWNJ, "\n"} - ({"\n"} if not multiline else set())


@given(texts)
def test_a_joiner_stands_only_behind_a_letter_a_symbol_or_a_mark(text):
    cleaned = clean(text)
    for before, here in zip(" " + cleaned, cleaned, strict=False):
        assert here not in (ZWJ, ZWNJ) or unicodedata.category(before)[0] in "LSM"


@given(texts)
def test_cleaned_text_can_be_encoded(text):
    clean(text).encode()


@given(texts, st.booleans())
@example("e\u200b\u0301", False)
@example("\u1100\u200b\u1161", False)
def test_cleaning_twice_is_cleaning_once(text, multiline):
    once = clean(text, multiline=multiline)
    assert clean(once, multiline=multiline) == once


@given(texts)
@example(("e" + "\u0301" * 3 + "\u200b") * 9)
@example("e" + ("\u0323" * 3 + ZWJ) * 9)
def test_three_marks_at_most_stay_on_a_base(text):
    visible = [character for character in clean(text) if character not in (ZWJ, ZWNJ)]
    runs = groupby(visible, key=lambda character: unicodedata.category(character).startswith("M"))
    assert all(len(list(run)) <= 3 for is_mark, run in runs if is_mark)


@given(st.text(characters, max_size=400), st.integers(0, 50))
def test_the_length_is_bounded_and_what_is_missing_is_counted(text, limit):
    cleaned = clean(text, limit=limit)
    said = re.search(r" \+([\d,]+) more$", cleaned)
    assert len(cleaned) <= 3 * limit + len(" +400 more")  # composing can make three of one
    if len(text) > limit:
        assert said
        assert int(said[1].replace(",", "")) == len(text) - limit


@pytest.mark.parametrize("tail", ["", "\x1b[31m", "\u0301", ZWJ])
def test_a_field_keeps_200_characters_and_a_note_20_000(tail):
    assert clean("n" * LINE_LIMIT) == "n" * 200
    assert clean("n" * 200 + tail + "n" * 999).startswith("n" * 200 + " +")
    assert clean("n" * 1_234) == "n" * 200 + " +1,034 more"
    assert clean_note("n" * NOTE_LIMIT) == "n" * 20_000
    assert clean_note("n" * 20_001) == "n" * 20_000 + " +1 more"


@given(
    st.text(
        st.characters(
            categories=["L", "N", "P", "S"], exclude_characters="\ufffd\u115f\u1160\u3164\uffa0\u2800"
        ),
        max_size=60,
    )
)
def test_plain_text_stays_as_it_is(text):
    composed = unicodedata.normalize("NFC", text)
    if not any(unicodedata.category(character).startswith("M") for character in composed):
        assert clean(text) == composed


@given(st.text(st.characters(max_codepoint=0x2FF, categories=["L", "N", "P", "S"]), max_size=60))
def test_the_quick_way_for_latin_text_says_the_same_as_the_long_way(text):
    assert clean(text) == text
    assert clean(text + "中") == text + "中"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred", f"{LOST}[31mred"),
        ("\x1b]52;c;aGk=\x07", f"{LOST}]52;c;aGk={LOST}"),
        ("\x1b]8;;https://x.example\x1b\\y", f"{LOST}]8;;https://x.example{LOST}\\y"),
        ("\x1b]0;title\x07", f"{LOST}]0;title{LOST}"),
        ("\x9b31m \x9d", f"{LOST}31m {LOST}"),
        ("a\x00b\x05c\x7f", f"a{LOST}b{LOST}c{LOST}"),
        ("\x05\x1b[21t", f"{LOST}{LOST}[21t"),
        ("a\u202eb\u2066c\u2069", "abc"),
        ("pay\u200bpal\ufeff\u2060", "paypal"),
        ("x\U000e0001\U000e0041y", "xy"),
        ("so\xadft", "soft"),
        ("one\u2028two\u2029three\x85four", "one⏎two⏎three⏎four"),
        ("two\nlines\r\nand\ttab\rend", "two⏎lines⏎and tab⏎end"),
        ("a\u00a0b\u3000c", "a b c"),
        ("half \ud800 pair \udfff", f"half {LOST} pair {LOST}"),
        ("\ue000\uffff", LOST * 2),
        ("blank\u115f\u1160\u3164\uffa0\u2800", "blank" + LOST * 5),
        ("e" + "\u0301" * 500, "é" + "\u0301" * 3),
        ("x" + "\u0323" * 500, "x" + "\u0323" * 3),
        (f"{FAMILY} 👩🏽 🇩🇪 1\ufe0f\u20e3", f"{FAMILY} 👩🏽 🇩🇪 1\ufe0f\u20e3"),
        (f"{ZWJ}x {ZWJ}{ZWNJ}", "x "),
        ("مرحبا 山田太郎 क्‍ष", "مرحبا 山田太郎 क्‍ष"),
        ("[bold red]x[/] [@click=app.quit]", "[bold red]x[/] [@click=app.quit]"),
        ("e\u0301", "é"),
        ("ﬁ ① ½", "ﬁ ① ½"),
    ],
    ids=ascii,
)
def test_each_payload_of_the_corpus_is_shown_harmless(raw, shown):
    assert clean(raw, limit=LINE_LIMIT * 4) == shown


def test_a_note_keeps_its_lines():
    assert clean_note("one\r\ntwo\rthree\u2028four\tfive") == "one\ntwo\nthree\nfour five"


def test_what_is_no_text_is_said_as_text():
    assert clean(None) == "None"
    assert clean(72.5) == "72.5"
    assert clean(ValueError("bad\x1b[2J")) == f"bad{LOST}[2J"


@pytest.mark.parametrize(
    "raw",
    [
        "\x1b[31m",
        "a\u202eb",
        "pay\u200bpal",
        "\ud800",
        "x\U000e0041",
        "\u3164",
        "z" + "\u0323" * 9,
        "\x1c",
        f"{ZWJ}{ZWJ}",
    ],
    ids=ascii,
)
def test_hidden_and_hostile_characters_are_noticed(raw):
    assert is_altered(raw)
    assert is_altered("Ada " + raw + " Park" * 100)


@pytest.mark.parametrize(
    "raw",
    ["", "Ada Park", "two\r\nlines\u2028and\ttab", "a\u00a0b", FAMILY, "e\u0301", "x" * 30_000, "\n\n", LOST],
    ids=ascii,
)
def test_blanks_and_newlines_and_length_are_nothing_to_warn_of(raw):
    assert not is_altered(raw)


@given(texts)
def test_what_was_cleaned_is_not_altered_again(text):
    assert not is_altered(clean(text))
    assert not is_altered(clean_note(text))
