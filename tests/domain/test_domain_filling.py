from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.invented import a_lead
from triage.domain.filling import FIELDS, FilledIn, fill_in, first_name
from triage.domain.touch import Asset, Campaign

ANNA = a_lead(
    name="Dr. Anna Berg", company="Alder Foods", email="anna@alder.example", phone="+49 30 1", city="Kassel",
    country="DE", title="CTO", industry="Food", website="https://alder.example", asset=Asset("Guide"),
    campaign=Campaign("C", "Spring"),
)  # fmt: skip


def test_every_field_is_filled_in_whatever_the_braces():
    filled = fill_in("Hello {first_name} {{last_name}}, { company } / {Name} / {rep}", ANNA, "Robin Example")
    assert filled == FilledIn("Hello Anna Berg, Alder Foods / Dr. Anna Berg / Robin Example")
    assert fill_in(" ".join(f"{{{name}}}" for name in FIELDS), ANNA).missing == ()


def test_what_is_not_known_stays_visible_and_is_named_once():
    nameless = replace(ANNA, name="", company="", account=replace(ANNA.account, name=""))
    filled = fill_in("{first_name}, {discount} {company} {{discount}} {rep}", nameless)
    assert filled.text == "{first_name}, {discount} {company} {{discount}} {rep}"
    assert filled.missing == ("first_name", "discount", "company", "rep")


def test_braces_that_are_no_field_are_left_alone():
    assert fill_in("{} {a b} {{}} {1+1}", ANNA) == FilledIn("{} {a b} {{}} {1+1}")


def test_a_field_cannot_bring_another_field_with_it():
    sly = replace(ANNA, name="{company}", company="{{rep}}")
    assert fill_in("{name}|{company}", sly, "Robin").text == "{company}|{{rep}}"


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_field_brings_neither_line_breaks_nor_controls(name, company):
    sly = replace(ANNA, name=f"A\r\n\u2028{name}\x1b]52;", company=f"{company}\n\x00\u202eB")
    text = fill_in("To: {name} of {company}\n\nHello", sly).text
    assert text.count("\n") == 2
    assert text.splitlines()[1:] == ["", "Hello"]
    assert not [one for one in text if one != "\n" and unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")]
    assert "\u202e" not in text


def test_the_templates_own_lines_stay_and_its_controls_go():
    assert fill_in("a\r\nb\n\nc\x07", ANNA).text == "a\nb\n\nc\ufffd"


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Anna Berg", "Anna"),
        ("Dr. Anna Berg", "Anna"),
        ("Berg, Anna", "Anna"),
        ("山田 太郎", "山田 太郎"),
        ("Cher", "Cher"),
        ("Dr.", "Dr."),
        ("", ""),
        (",", ","),
    ],
)
def test_a_person_is_addressed_by_the_given_name_or_the_whole_one(name, first):
    assert first_name(name) == first
