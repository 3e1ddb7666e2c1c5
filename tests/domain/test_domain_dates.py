from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.dates import short_date
from triage.errors import UsageError

WEDNESDAY = date(2026, 5, 6)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
todays = st.dates(date(2000, 1, 1), date(2150, 1, 1))
spans = st.tuples(st.integers(1, 999), st.sampled_from("dw")).map(lambda it: f"{it[0]}{it[1]}")
days_of_month = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(
    lambda day: f"{day.day}{MONTHS[day.month - 1]}"
)
words = st.sampled_from([*DAYS, "mon", "TUES", "tomorrow", "q1", "q2", "q3", "q4"])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3d", "2026-05-09"), ("2w", "2026-05-20"), ("mon", "2026-05-11"), ("wed", "2026-05-13"),
        ("Thursday", "2026-05-07"), ("15jan", "2027-01-15"), ("7 may", "2026-05-07"), ("6may", "2027-05-06"),
        ("1 september", "2026-09-01"), ("q1", "2027-01-01"), ("q2", "2027-04-01"), ("Q3", "2026-07-01"),
        ("tomorrow", "2026-05-07"), (" 2027-03-01 ", "2027-03-01"), ("29feb", "2028-02-29"),
    ],
)  # fmt: skip
def test_a_short_date_is_read_as_a_rep_means_it(text, day):
    assert short_date(text, WEDNESDAY) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text", ["", "0d", "0w", "soon", "month", "sunk", "31feb", "0jan", "15xyz", "3y", "-3d", "q5", "mo"]
)
def test_what_is_no_date_is_refused_with_examples(text):
    with pytest.raises(UsageError, match="not a date") as refused:
        short_date(text, WEDNESDAY)
    assert "15jan" in refused.value.hint


@given(todays, spans | days_of_month | words)
def test_a_short_date_is_never_today_or_past(today, text):
    assert short_date(text, today) > today


@given(todays, spans | days_of_month | words)
def test_a_date_that_was_read_once_is_read_again_as_the_same(today, text):
    day = short_date(text, today)
    assert short_date(day.isoformat(), today) == day


@given(todays, st.integers(1, 365))
def test_a_day_and_month_of_the_coming_year_comes_back_as_that_day(today, distance):
    day = today + timedelta(days=distance)
    assert short_date(f"{day.day}{MONTHS[day.month - 1]}", today) == day


@given(todays, st.integers(0, 6), st.integers(3, 9))
def test_a_weekday_is_the_next_one_within_a_week(today, weekday, letters):
    day = short_date(DAYS[weekday][:letters], today)
    assert day.weekday() == weekday
    assert timedelta(0) < day - today <= timedelta(days=7)


@given(todays, st.integers(1, 4))
def test_a_quarter_is_its_first_day_within_a_year(today, quarter):
    day = short_date(f"q{quarter}", today)
    assert (day.month, day.day) == (3 * quarter - 2, 1)
    assert today < day <= today.replace(year=today.year + 1, day=1)


@given(todays, st.text(max_size=12))
def test_any_text_is_a_date_or_refused(today, text):
    with suppress(UsageError):
        assert isinstance(short_date(text, today), date)
