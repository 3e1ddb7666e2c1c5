from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.invented import NOW, a_lead, ago, leads, with_decision
from triage.domain.account import Account
from triage.domain.act import Act
from triage.domain.entry import Entry
from triage.domain.filter_fields import FIELD_NAMES, FIELDS
from triage.domain.folding import fold
from triage.domain.lead import LeadStatus
from triage.domain.query import BadFilter, parse
from triage.text import clean

LEAD = a_lead(account=Account("A-1", "Northwind", customer=True), assigned_at=ago(hours=30))
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
    return parse(text).matches(Entry.of(lead), NOW)


YES = (
    "source:webinar", "source:web", "SOURCE:WEB", "title:vp", "company:northwind", "name:ada", "email:@northwind",
    "campaign:wbn", "campaign:spring", "industry:logis", "city:berlin", "owner:rep-1", "owner:robin", "id:L-1",
    "band:A", "band:a", "band:B,A", "grade:A1", "country:DE", "status:assigned", "badge:CUST", "mql:hand_raise",
    "score:72", "score>71", "score>=72", "score<=72", "score<72.5", "fit:61", "engagement>50", "trend>0",
    "employees>=50", "attempts:1,2", "age>1d", "age>=30h", "age<2d", "age<=30h", "age:1d", "age>90m", "age<1w",
    "sla:on_time", "sla:breached,on_time",
    "account:northwind", "account:a-1", "untouched>1d", "contacted:no", "decided:no", "feedback:no", "park", "ADA", "northwind.example", '"ada park"', 'title:"vp oper"',
    "-country:FR", "-band:B,C", "-intern", "-age>2d", "source:webinar band:A,B age>1d title:vp -country:FR",
)  # fmt: skip
NO = (
    "source:event", "title:cto", "band:B", "band:B,C", "grade:A", "country:D", "country:FR", "status:working",
    "badge:OPP", "mql:threshold", "score:71", "score>72", "score<72", "fit>61", "employees<50", "attempts:3",
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
    assert parse(text, typing=True).terms == ()
    with pytest.raises(
        BadFilter, match="names no value"
    ) as caught:  # a script's empty variable is not all leads
        parse(text)
    assert caught.value.position == len(minus)


@given(leads, filters)
def test_any_text_is_a_filter_that_can_be_asked_or_is_refused_as_a_bad_one(lead, text):
    with suppress(BadFilter):
        assert holds(text, lead) in (True, False)


@given(filters)
def test_a_bad_filter_says_which_part_is_bad_and_what_next(text):
    try:
        parse(text)
    except BadFilter as bad:
        part = text[bad.position : bad.end]
        said = (bad.hint != "", 0 <= bad.position < bad.end <= len(text), part.strip() != "")
    else:
        said = (True, True, True)
    assert said == (True, True, True)


@pytest.mark.parametrize(
    ("text", "part", "hint"),
    [
        ("contry:DE", "contry", "Did you mean country?"),
        ("band:A  -contry:DE", "contry", "Did you mean country?"),
        ('title:"vp sales" scor>5', "scor", "Did you mean score?"),
        ("acme zzzz:1", "zzzz", "The fields are:"),
        ("score>high", "high", "Write score>70."),
        ("band:A age>soon", "soon", "Write age>1d"),
        ("age>5", "5", "Write age>1d"),
        ("title>5", "title", "Write title:5."),
        ("band<=b", "band", "Write band:b."),
        ("score:=72", "=72", "Write score>70."),
        ("age:=1d", "=1d", "Write age>1d"),
        ("sla:breeched", "breeched", "Did you mean breached?"),
        ("status:working,asigned", "asigned", "Did you mean assigned?"),
        ("badge:cusst", "cusst", "Did you mean CUST?"),
        ("decided:maybe", "maybe", "There are: yes, no, accept"),
        ("feedback:2", "2", "There are: yes, no."),
    ],
)
def test_a_bad_filter_names_the_place_and_the_nearest_thing_that_is_right(text, part, hint):
    with pytest.raises(BadFilter) as bad:
        parse(text)
    assert text[bad.value.position : bad.value.end] == part
    assert hint in bad.value.hint


def test_a_value_that_only_a_crm_could_know_is_refused_only_where_no_lead_holds_it():
    assert parse("band:gold").terms
    assert parse("band:gold", held=lambda _name: {"gold"}).terms
    with pytest.raises(BadFilter) as bad:
        parse("mql:hand_rise", held=lambda _name: {"gold"})
    assert bad.value.hint == "Did you mean hand_raise?"


@pytest.mark.parametrize("text", ["sla:br", "status:working,as", "age>3", "band:", "decided:r", "mql:h"])
def test_the_beginning_of_a_value_hides_nothing_while_it_is_typed(text):
    everything = replace(LEAD, status=LeadStatus.WORKING)
    assert parse(text, typing=True, held=lambda _name: ()).matches(Entry.of(everything), NOW)


@given(filters)
def test_what_is_read_strictly_is_read_the_same_while_it_is_typed(text):
    with suppress(BadFilter):
        assert parse(text, typing=True) == parse(text)


@pytest.mark.parametrize(
    ("filtered", "name"),
    [
        ("muller", "Müller"), ("MÜLLER", "muller"), ("strasse", "Straße"), ("sorensen", "Sørensen"), ("łodz", "LODZ"),
        ("ａｄａ", "Ada"), ("ada park", "Ada\u00a0Park"), ("adapark", "Ada\u200bPark"), ("e\u0301cole", "École"),
    ],
)  # fmt: skip
def test_what_is_shown_is_found_whatever_case_accent_width_or_hidden_character(filtered, name):
    assert holds(f'name:"{filtered}"', replace(LEAD, name=name))
    assert holds(f'"{filtered}"', replace(LEAD, name=name))


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(min_size=1, max_size=30).filter(lambda text: fold(clean(text)).strip()))
def test_a_name_is_found_by_what_the_screen_shows_of_it(name):
    shown = clean(name).replace('"', "").strip()
    if shown and fold(shown):
        assert holds(f'name:"{shown}"', replace(LEAD, name=name.replace('"', "")))


def test_quotes_keep_blanks_commas_and_colons_together():
    lead = replace(LEAD, company="Smith, Jones: Partners")
    assert holds('company:"smith, jones"', lead)
    assert holds('"jones: partners"', lead)
    assert not holds('company:"smith, miller",acme', lead)


def test_what_was_done_here_can_be_asked_for():
    told = replace(Entry.of(LEAD), feedback=2)
    decided = with_decision(Entry.of(LEAD), Act.REJECT)
    assert [parse(text).matches(told, NOW) for text in ("feedback:yes", "feedback:no", "decided:yes")] == [
        True,
        False,
        False,
    ]
    asked = ("decided:yes", "decided:reject", "decided:accept", "decided:no")
    assert [parse(text).matches(decided, NOW) for text in asked] == [True, True, False, False]


# Narrowing.


@given(st.lists(terms, max_size=3), st.lists(terms, max_size=3), leads)
def test_a_filter_that_narrows_another_leaves_nothing_that_the_other_hides(first, second, lead):
    try:
        one, other = parse(" ".join(first)), parse(" ".join(second))
    except BadFilter:
        return
    entry = Entry.of(lead)
    if one.narrows(other) and one.matches(entry, NOW):
        assert other.matches(entry, NOW)
    if one.narrows(other) and other.matches(entry, NOW):
        assert one.matches(entry, NOW) == one.beyond(other).matches(entry, NOW)


@pytest.mark.parametrize(
    ("longer", "shorter", "narrows"),
    [
        ("acme", "acm", True), ("acme band:A", "acm", True), ("title:vp", "", True), ("title:vpo", "title:vp", True),
        ("title:vp,cto", "title:vp", False), ("title:vp", "title:vp,cto", True), ("-acme", "-acm", False),
        ("-acme x", "-acme", True), ("acm", "acme", False), ("name:acme", "acm", False), ("score>50", "score>5", False),
        ("band:A", "band:A,B", False),
    ],
)  # fmt: skip
def test_only_what_certainly_leaves_less_narrows(longer, shorter, narrows):
    assert parse(longer).narrows(parse(shorter)) is narrows


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


def test_every_field_has_a_meaning_and_an_example_that_can_be_read():
    for field in FIELDS:
        assert field.meaning.endswith(".")
        assert parse(field.example).terms[0].field is field


def test_every_field_reads_a_lead_of_which_nothing_is_known():
    bare = a_lead(score=None, mql=None, campaign=None, employees=None, attempts=None)
    for field in FIELDS:
        field.read(Entry.of(bare))
