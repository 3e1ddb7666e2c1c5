from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.invented import a_lead
from triage.domain.account import Account
from triage.domain.identity import mailbox, name_parts, number
from triage.domain.lead import LeadId
from triage.domain.likeness import LIKELY, Card, Likeness, likeness, may_be_one
from triage.domain.outline import Outline

NAMES = (
    "Anna Müller",
    "Mueller, Anna",
    "A. Müller",
    "Anna",
    "Peter Müller",
    "山田 太郎",
    "שרה לוי",
    "Anna Maria Müller",
)
COMPANIES = ("Alder Foods GmbH", "ALDER FOODS", "Alder Food", "東京精密工業株式会社", "Kestrel", "GmbH")
EMAILS = (
    "anna.mueller@alder.example",
    "a.mueller+web@alder.example",
    "anna@gmail.com",
    "info@alder.example",
    "@",
    "x",
)
PHONES = ("+49 30 23125 001", "030/23125-001", "0049 (0)30 23125001", "+43 30 23125001", "000", "call me")
odd = st.text(max_size=30) | st.characters(categories=("Cs", "Cf", "Cc", "Co", "Mn")).map(lambda one: one * 3)
people = st.builds(
    lambda name, company, email, phone: {"name": name, "company": company, "email": email, "phone": phone},
    st.sampled_from(NAMES) | odd,
    st.sampled_from(COMPANIES) | odd,
    st.sampled_from(EMAILS) | odd,
    st.sampled_from(PHONES) | odd,
)


def card(lead_id: str = "L-1", **said: Any) -> Card:
    blank = {"name": "", "company": "", "email": "", "phone": "", "account": Account()}
    return Card.of(a_lead(lead_id=LeadId(lead_id), **{**blank, **said}))


def compared(one: dict[str, Any], other: dict[str, Any]) -> Likeness:
    return likeness(card("L-1", **one), card("L-2", **other))


# Laws


@given(people, people)
def test_the_order_of_two_leads_does_not_matter(one, other):
    assert compared(one, other).confidence == compared(other, one).confidence
    assert compared(one, other).match == compared(other, one).match


@given(people, people)
def test_what_is_not_worth_comparing_is_not_likely(one, other):
    if not may_be_one(card("L-1", **one), card("L-2", **other)):
        assert compared(one, other).confidence < LIKELY


@given(people)
def test_a_lead_is_itself_whatever_it_says(said):
    assert likeness(card(**said), card(**said)).confidence == 1.0


@given(people, people)
def test_confidence_is_a_share_and_what_matches_is_said_whenever_it_counts(one, other):
    like = compared(one, other)
    assert 0 <= like.confidence <= 1
    assert like.match or like.confidence == 0
    assert like.match.isprintable()


@given(people, people, st.sampled_from(["name", "company", "email", "phone"]))
def test_a_field_that_comes_to_agree_never_makes_it_less_likely(one, other, field):
    agreeing = {**other, field: one[field]}
    assert compared(one, agreeing).confidence >= compared(one, other).confidence


@given(st.text(max_size=60))
def test_what_is_compared_is_the_same_when_it_is_taken_again(text):
    name, words = name_parts(text)
    assert sorted("".join(words)) == sorted(name)
    assert number(number(text)) == number(text)
    own, domain = mailbox(text)
    assert not own or mailbox(own)[0] == own
    assert not domain or "." in domain


# What is the same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+49 30 23125 001", "030/23125-001"),
        ("+49 (0)30 23125001", "0049 30 23125001"),
        ("+49 30 23125001 ext. 12", "+49 30 23125001"),
        ("+٤٩ ٣٠ ٢٣١٢٥٠٠١", "+49 30 23125001"),
    ],
)
def test_a_number_is_the_same_however_it_is_written(one, other):
    assert compared({"phone": one}, {"phone": other}).phone == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+49 30 23125 001", "+43 30 23125 001"),
        ("+49 30 23125 001", "+49 30 23125 002"),
        ("000 000 000", "000 000 000"),
        ("12 34", "12 34"),
        ("no phone", "no phone"),
    ],
)
def test_two_numbers_or_none_are_not_the_same_number(one, other):
    assert compared({"phone": one}, {"phone": other}).phone == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Müller", "Mueller, Anna"),
        ("Anna Müller", "Dr. ANNA MULLER"),
        ("Anna-Maria O’Brien", "Anna Maria OBrien"),
        ("山田 太郎", "山田太郎"),
        ("Jose\u0301 Nu\u0301n\u0303ez", "Jose Nunez"),
        ("An\u200bna Müller", "Anna Müller"),
    ],
)
def test_a_name_is_the_same_however_it_is_written(one, other):
    assert compared({"name": one}, {"name": other}).name == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alder Foods GmbH & Co. KG", "alder foods"),
        ("Señal Logística, S.A.", "Senal Logistica"),
        ("東京精密工業株式会社", "東京精密工業"),
        ("Beta sp. z o.o.", "BETA"),
    ],
)
def test_a_company_is_the_same_whatever_its_legal_form(one, other):
    assert compared({"company": one}, {"company": other}).company == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("anna.mueller@alder.example", "AnnaMueller+fair@alder.example"),
        ("a.b@googlemail.com", "ab@gmail.com"),
    ],
)
def test_a_mailbox_is_the_same_with_dots_and_tags(one, other):
    assert compared({"email": one}, {"email": other}).mailbox == 1


def test_a_free_mailbox_makes_no_company_and_a_shared_one_no_person():
    assert compared({"email": "anna@gmail.com"}, {"email": "peter@gmail.com"}).company == 0
    assert compared({"email": "info@alder.example"}, {"email": "info@alder.example"}).mailbox == 0
    assert compared({"email": "info@alder.example"}, {"email": "anna@alder.example"}).company == 1


# Who is the same person


AT_ALDER = {"company": "Alder Foods GmbH", "phone": "+49 30 23125 001"}


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        (
            {"name": "Ana Fernandez", **AT_ALDER},
            {"name": "Ana Fernandes", **AT_ALDER},
            "same phone, name 89 %, same company",
        ),
        (
            {"name": "Jon Smith", **AT_ALDER},
            {"name": "John Smith", **AT_ALDER},
            "same phone, name 86 %, same company",
        ),
        (
            {"name": "Ana Ruiz", "email": "ana@alder.example"},
            {"name": "Ana Ruiz", "email": "ana.ruiz@alder.example"},
            "same name, same company",
        ),
        (
            {"name": "Ana Ruiz", "email": "ana.ruiz@gmail.com"},
            {"name": "Ana Gomez", "email": "anaruiz@gmail.com"},
            "same e-mail, other name",
        ),
        (
            {"name": "A. Ruiz", **AT_ALDER},
            {"name": "Ana Ruiz", **AT_ALDER},
            "same phone, name 91 %, same company",
        ),
        (
            {"name": "Ana Ruiz", "phone": "+34 910 000 123", "company": "Alder"},
            {"name": "Ana Ruiz", "phone": "910 000 123", "company": "Kestrel"},
            "same phone, same name",
        ),
        (
            {"name": "山田太郎", "company": "東京精密工業株式会社"},
            {"name": "山田 太郎", "company": "東京精密工業"},
            "same name, same company",
        ),
    ],
)
def test_these_are_one_person(one, other, match):
    like = compared(one, other)
    assert like.confidence >= LIKELY
    assert like.match == match


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Anna Müller", **AT_ALDER}, {"name": "Peter Müller", **AT_ALDER}),
        ({"name": "Maria Rossi", **AT_ALDER}, {"name": "Mario Rossi", **AT_ALDER}),
        ({"name": "山田 太郎", **AT_ALDER}, {"name": "山田 次郎", **AT_ALDER}),
        ({"name": "Daniel Brandt", "company": "Alder"}, {"name": "Daniela Brandt", "company": "Alder"}),
        ({"name": "Müller", **AT_ALDER}, {"name": "Anna Müller", **AT_ALDER}),
        ({"name": "A M", **AT_ALDER}, {"name": "Anna Müller", **AT_ALDER}),
        ({"name": "Thomas Müller", "company": "Alder"}, {"name": "Thomas Müller", "company": "Kestrel"}),
        (
            {"name": "Ana Ruiz", "email": "info@alder.example"},
            {"name": "Tom Berg", "email": "info@alder.example"},
        ),
        ({"name": "", **AT_ALDER}, {"name": "", **AT_ALDER}),
        ({}, {}),
    ],
)
def test_these_are_two_people_or_nobody_knows(one, other):
    assert compared(one, other).confidence < LIKELY


def test_companies_that_the_crm_keeps_apart_are_no_reason_by_their_name_alone():
    one, other = (
        {"name": "Ana Ruiz", "company": "Alder Foods", "account": Account(of)} for of in ("A-1", "A-2")
    )
    assert compared(one, other).confidence < LIKELY
    assert compared(one, {**other, "account": Account("A-1")}).confidence >= LIKELY


def test_of_an_outline_the_number_stays_open():
    lead = replace(a_lead(), phone="+49 30 23125 001")
    assert Card.of(Outline.of(lead)).phone is None
    assert Card.of(lead).phone == "493023125001"
