"""SOQL literals: whatever the text, it stays inside of its quotes and means itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.salesforce.org.lexing import decoded, pattern, words_of
from tests.salesforce.org.soql import Compare, read
from triage.crm.salesforce import soql
from triage.crm.salesforce.describe import Described, FieldInfo, is_name, select

NASTY = st.text(st.one_of(st.sampled_from("'\\\"%_\n\r\t\b\f\x00\ud800()"), st.characters()), max_size=40)


def unescaped_quotes(text: str) -> list[int]:
    """Where quotes stand that end or begin a literal, by an escape-aware look of the test's own."""
    found, escaped = [], False
    for at, letter in enumerate(text):
        if letter == "'" and not escaped:
            found.append(at)
        escaped = letter == "\\" and not escaped
    return found


@settings(deadline=None)
@given(NASTY)
def test_no_text_ends_its_own_literal(text):
    made = soql.literal(text)
    assert unescaped_quotes(made) == [0, len(made) - 1]


@settings(deadline=None)
@given(NASTY, NASTY)
def test_what_follows_a_literal_keeps_its_meaning(first, second):
    query = (
        f"SELECT Id FROM Lead WHERE Name = {soql.literal(first)} AND Email = {soql.literal(second)} LIMIT 3"
    )
    words = words_of(query)
    assert [word.kind for word in words].count("string") == 2
    assert [word.text for word in words[-2:]] == ["LIMIT", "3"]


@settings(deadline=None)
@given(NASTY)
def test_a_literal_means_the_text_but_for_what_cannot_travel(text):
    where = read(f"SELECT Id FROM Lead WHERE Name = {soql.literal(text)}").where
    assert isinstance(where, Compare)
    assert decoded(where.value.text) == "".join(kept(letter) for letter in text)


def kept(letter: str) -> str:
    lost = letter < " " and letter not in "\n\r\t\b\f"
    return "\ufffd" if lost or letter == "\x7f" or "\ud800" <= letter <= "\udfff" else letter


@settings(deadline=None)
@given(NASTY, st.text(max_size=5), st.text(max_size=5))
def test_a_like_pattern_finds_the_text_and_no_other(text, before, after):
    made = soql.like(text)
    assert unescaped_quotes(f"'%{made}%'") == [0, len(made) + 3]
    found = pattern(f"%{made}%")
    said = "".join(kept(letter) for letter in text)
    assert found.fullmatch(f"{before}{said}{after}")
    if "_" in text:
        assert not pattern(made).fullmatch(said.replace("_", "xx"))


@settings(deadline=None)
@given(st.lists(NASTY, min_size=1, max_size=5))
def test_a_list_holds_every_text_and_nothing_more(texts):
    words = words_of(f"Id IN {soql.ids(texts)}")
    assert [decoded(word.text) for word in words if word.kind == "string"] == [
        "".join(kept(letter) for letter in text) for text in texts
    ]


def test_an_empty_list_is_refused_before_it_is_sent():
    with pytest.raises(ValueError, match="one value"):
        soql.ids([])


def test_a_moment_is_in_utc_and_in_whole_seconds():
    at = datetime(2026, 11, 20, 10, 30, 5, 999_000, tzinfo=timezone(timedelta(hours=1)))
    assert soql.moment(at) == "2026-11-20T09:30:05Z"
    assert soql.moment(at.astimezone(UTC)) == soql.moment(at)


@settings(deadline=None)
@given(st.lists(st.integers(), max_size=500), st.integers(1, 60))
def test_parts_hold_all_values_in_order_and_none_too_many(values, most):
    parts = list(soql.split(values, most))
    assert [value for part in parts for value in part] == values
    assert all(0 < len(part) <= most for part in parts)


LEAD = Described(
    "Lead",
    {
        "Id": FieldInfo("Id"),
        "Name": FieldInfo("Name"),
        "OwnerId": FieldInfo("OwnerId", relationship="Owner"),
    },
)


def test_only_what_may_be_read_is_selected_and_each_once():
    wanted = ("Name", "Owner.Name", "Secret__c", "Campaign.Name", "Name", "")
    assert select(wanted, LEAD) == ("Id", "Name", "Owner.Name")


@settings(deadline=None)
@given(NASTY)
def test_no_text_of_a_profile_becomes_a_part_of_a_query(text):
    fields = {text: FieldInfo(text), "Owner": FieldInfo("OwnerId", relationship="Owner")}
    chosen = select((text, f"Owner.{text}"), Described("Lead", fields))
    assert all(is_name(path) for path in chosen)


@pytest.mark.parametrize(("year", "told"), [(1, "1700-01-01T00:00:00Z"), (9999, "4000-12-30T00:00:00Z")])
def test_a_time_that_salesforce_does_not_know_is_told_as_the_nearest(year, told):
    assert soql.moment(datetime(year, 6, 1, tzinfo=timezone(timedelta(hours=-14)))) == told
