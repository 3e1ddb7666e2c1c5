from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.invented import NOW, a_lead, ago, leads
from triage.domain.account import Account
from triage.domain.query import EXACT_FIELDS, FIELD_NAMES, NUMBER_FIELDS, TEXT_FIELDS, BadFilter, parse

LEAD = a_lead(account=Account(customer=True), assigned_at=ago(hours=30))
terms = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "-", '"', '-"']),
        st.sampled_from([*FIELD_NAMES, "colour", "BAND", ""]),
        st.sampled_from([":", ">", "<", ">=", "<=", ":=", "", "::"]),
        st.sampled_from(
            ["a,b", "72", "nan", "inf", "1e999", "3d", "9999w", '"two words"', "", ",", '"', "٣d", "-"]
        ),
    ),
)
filters = st.text(max_size=30) | st.lists(terms, max_size=4).map(" ".join)


def holds(text, lead=LEAD):
    return parse(text).matches(lead, NOW)


YES = (
    "source:webinar", "source:web", "SOURCE:WEB", "title:vp", "company:northwind", "name:ada", "email:@northwind",
    "campaign:wbn", "campaign:spring", "industry:logis", "city:berlin", "owner:rep-1", "owner:robin", "id:L-1",
    "band:A", "band:a", "band:B,A", "grade:A1", "country:DE", "status:assigned", "badge:CUST", "mql:hand_raise",
    "score:72", "score>71", "score>=72", "score<=72", "score<72.5", "fit:61", "engagement>50", "trend>0",
    "employees>=50", "attempts:1,2", "age>1d", "age>=30h", "age<2d", "age<=30h", "age:1d", "age>90m", "age<1w",
    "sla:on_time", "sla:breached,on_time", "park", "ADA", "northwind.example", '"ada park"', 'title:"vp oper"',
    "-country:FR", "-band:B,C", "-intern", "-age>2d", "source:webinar band:A,B age>1d title:vp -country:FR",
)  # fmt: skip
NO = (
    "source:event", "title:cto", "band:B", "band:B,C", "grade:A", "country:D", "country:FR", "status:assign",
    "badge:DUP", "mql:threshold", "score:71", "score>72", "score<72", "fit>61", "employees<50", "attempts:3",
    "age>2d", "age<1d", "sla:breached", "intern", '"park ada"', "-country:DE", "-band:A,B", "-park",
    "source:webinar band:B",
)  # fmt: skip


@pytest.mark.parametrize("text", YES)
def test_a_filter_shows_what_it_describes(text):
    assert holds(text)


@pytest.mark.parametrize("text", NO)
def test_a_filter_hides_what_it_does_not_describe(text):
    assert not holds(text)


def test_the_examples_use_every_field():
    assert all(any(name in text.lower() for text in YES) for name in FIELD_NAMES)


@given(leads, st.sampled_from([text for text in (*YES, *NO) if " " not in text and not text.startswith("-")]))
def test_a_minus_shows_exactly_what_was_hidden(lead, text):
    assert holds(f"-{text}", lead) != holds(text, lead)


@given(leads, st.lists(st.sampled_from([*YES, *NO]), max_size=4))
def test_all_terms_must_hold_in_any_order(lead, words):
    assert holds(" ".join(words), lead) == all(holds(word, lead) for word in words)
    assert holds(" ".join(words), lead) == holds("  ".join(reversed(words)), lead)


@given(leads, st.lists(st.sampled_from("ABCD"), min_size=1, max_size=3))
def test_a_comma_means_or(lead, bands):
    assert holds(f"band:{','.join(bands)}", lead) == any(holds(f"band:{band}", lead) for band in bands)


@pytest.mark.parametrize("text", ["", "   ", '"', '""', "-", '-"'])
def test_an_empty_filter_hides_nothing(text):
    assert holds(text)


@pytest.mark.parametrize("minus", ["", "-"])
@pytest.mark.parametrize("end", [":", ":,", ">", '"'])
@pytest.mark.parametrize("name", FIELD_NAMES)
def test_a_field_alone_hides_nothing_while_it_is_still_being_typed(name, end, minus):
    text = f'{minus}{name}:"' if end == '"' else f"{minus}{name}{end}"
    assert holds(text)
    assert holds(text, replace(LEAD, score=None, country=""))


@given(leads, filters)
def test_any_text_is_a_filter_that_can_be_asked_or_is_refused_as_a_bad_one(lead, text):
    with suppress(BadFilter):
        assert parse(text).matches(lead, NOW) in (True, False)


@given(filters)
def test_a_bad_filter_says_where_and_what_next(text):
    try:
        parse(text)
    except BadFilter as bad:
        before = text[: bad.position]
        said = (bad.hint != "", 0 <= bad.position < len(text), before == "" or before[-1].isspace())
    else:
        said = (True, True, True)
    assert said == (True, True, True)


@pytest.mark.parametrize(
    ("text", "position", "hint"),
    [
        ("contry:DE", 0, "Did you mean country?"),
        ("band:A  -contry:DE", 8, "Did you mean country?"),
        ('title:"vp sales" scor>5', 17, "Did you mean score?"),
        ("acme zzzz:1", 5, "The fields are:"),
        ("score>high", 0, "Write score>50."),
        ("band:A age>soon", 7, "Write age>1d"),
        ("title>5", 0, "Write title:5."),
        ("band<=b", 0, "Write band:b."),
        ("score:=72", 0, "Write score>50."),
        ("age:=1d", 0, "Write age>1d"),
    ],
)
def test_a_bad_filter_names_the_place_and_the_nearest_thing_that_is_right(text, position, hint):
    with pytest.raises(BadFilter) as bad:
        parse(text)
    assert bad.value.position == position
    assert hint in bad.value.hint


@pytest.mark.parametrize("text", ["age>1d", "age<1d", "score<50", "employees<9", "sla:on_time", "band:A"])
def test_what_is_unknown_matches_no_comparison(text):
    unknown = a_lead(assigned_at=None, created_at=None, score=None, employees=None, sla_due_at=None)
    assert not holds(text, unknown)


@given(st.integers(1, 400), st.sampled_from(["m", "h", "d", "w"]))
def test_a_span_is_compared_in_its_unit(count, unit):
    span = (
        count
        * {
            "m": timedelta(minutes=1),
            "h": timedelta(hours=1),
            "d": timedelta(days=1),
            "w": timedelta(weeks=1),
        }[unit]
    )
    older, younger = (
        replace(LEAD, assigned_at=NOW - span + shift)
        for shift in (-timedelta(seconds=1), timedelta(seconds=1))
    )
    assert holds(f"age>{count}{unit}", older)
    assert not holds(f"age>{count}{unit}", younger)


def test_every_field_reads_a_lead_of_which_nothing_is_known():
    bare = a_lead(score=None, mql=None, campaign=None, employees=None, attempts=None)
    for read in (*TEXT_FIELDS.values(), *EXACT_FIELDS.values(), *NUMBER_FIELDS.values()):
        read(bare)
