from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from triage.domain.business_hours import WEEKDAYS, business_time_after, business_time_between, open_hours
from triage.domain.definition import Calendar
from triage.errors import ConfigError

OFFICE = Calendar("Europe/Berlin", dict.fromkeys(WEEKDAYS[:5], ("09:00-12:30", "13:30-17:00")))
ROUND_THE_CLOCK = dict.fromkeys(WEEKDAYS, ("00:00-24:00",))
ZONES = (
    "Europe/Berlin", "America/New_York", "America/St_Johns", "America/Havana", "America/Santiago", "Asia/Kolkata",
    "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Honolulu", "Africa/Cairo", "UTC",
)  # fmt: skip
spans = st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).map(sorted)


def hours(quarters: list[int]) -> tuple[str, ...]:
    def at(quarter: int) -> str:
        return f"{quarter // 4:02}:{quarter % 4 * 15:02}"

    pairs = zip(quarters[::2], quarters[1::2], strict=False)
    return tuple(f"{at(opens)}-{at(closes)}" for opens, closes in pairs)


calendars = st.builds(
    Calendar,
    st.sampled_from(ZONES),
    st.dictionaries(st.sampled_from(WEEKDAYS), spans.map(hours), min_size=1, max_size=7),
    st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5).map(tuple),
)
moments = st.integers(0, 366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
lengths = st.integers(1, 40 * 60).map(lambda minutes: timedelta(minutes=minutes))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))


def is_within_hours(calendar: Calendar, moment: datetime) -> bool:
    """The law itself, read off the wall: what the clock there says lies within the day's hours."""
    there = moment.astimezone(ZoneInfo(calendar.time_zone))
    minute = there.hour * 60 + there.minute
    if there.date() in calendar.holidays:
        return False
    for span in calendar.hours.get(WEEKDAYS[there.weekday()], ()):
        opens, closes = (int(part[:2]) * 60 + int(part[3:]) for part in span.split("-"))
        if opens <= minute < closes:
            return True
    return False


@pytest.mark.parametrize(
    ("start", "span", "due"),
    [
        ("2026-05-06T10:00", 2, "2026-05-06T12:00"),
        ("2026-05-06T10:00", 4, "2026-05-06T15:00"),
        ("2026-05-06T12:45", 1, "2026-05-06T14:30"),
        ("2026-05-06T06:00", 4, "2026-05-06T14:00"),
        ("2026-05-08T16:00", 4, "2026-05-11T12:00"),
        ("2026-05-09T11:00", 1, "2026-05-11T10:00"),
        ("2026-05-06T16:00", 1, "2026-05-06T17:00"),
    ],
    ids=["morning", "over lunch", "at lunch", "before opening", "over a weekend", "on Saturday", "to the closing"],
)  # fmt: skip
def test_business_time_runs_in_open_hours_only(start, span, due):
    assert business_time_after(OFFICE, berlin(start), timedelta(hours=span)) == berlin(due)


def test_a_holiday_is_closed_by_the_local_calendar():
    christmas = replace(OFFICE, holidays=(date(2026, 12, 24), date(2026, 12, 25)))
    assert business_time_after(christmas, berlin("2026-12-23T16:00"), timedelta(hours=2)) == berlin(
        "2026-12-28T10:00"
    )


@pytest.mark.parametrize(
    ("start", "end", "elapsed"),
    [("2026-03-28T12:00", "2026-03-29T12:00", 23), ("2026-10-24T12:00", "2026-10-25T12:00", 25)],
    ids=["an hour is left out", "an hour comes twice"],
)
def test_where_the_clocks_are_changed_elapsed_time_is_real(start, end, elapsed):
    calendar = Calendar("Europe/Berlin", ROUND_THE_CLOCK)
    assert business_time_between(calendar, berlin(start), berlin(end)) == timedelta(hours=elapsed)
    assert business_time_after(calendar, berlin(start), timedelta(hours=elapsed)) == berlin(end)


@pytest.mark.parametrize("day", ["2026-03-27", "2026-10-23"])
def test_where_the_clocks_are_changed_the_office_opens_at_nine_all_the_same(day):
    friday = berlin(f"{day}T16:00")
    monday = business_time_after(OFFICE, friday, timedelta(hours=2)).astimezone(ZoneInfo("Europe/Berlin"))
    assert (monday.weekday(), monday.hour) == (0, 10)


@pytest.mark.parametrize(("zone", "due"), [("Asia/Tokyo", 1), ("America/Los_Angeles", 17)])
def test_the_hours_are_those_of_the_calendars_zone_east_and_west(zone, due):
    calendar = Calendar(zone, dict.fromkeys(WEEKDAYS, ("09:00-17:00",)))
    midnight = datetime(2026, 5, 6, tzinfo=UTC)
    found = business_time_after(calendar, midnight + timedelta(hours=due - 1), timedelta(hours=1))
    assert found == midnight + timedelta(hours=due)


@given(calendars, moments)
def test_a_moment_is_open_exactly_if_the_clock_there_says_so(calendar, moment):
    assert open_hours(calendar).is_open(moment) == is_within_hours(calendar, moment)


@given(st.sampled_from(ZONES), spans.map(hours), st.data())
def test_so_it_is_on_days_when_clocks_are_changed_too(zone, day, data):
    calendar = Calendar(zone, dict.fromkeys(WEEKDAYS, day))
    changes = [one for one in CHANGES if one[0] == zone]
    around = data.draw(st.sampled_from(changes))[1] if changes else datetime(2026, 3, 29, tzinfo=UTC)
    moment = around + timedelta(minutes=data.draw(st.integers(-200, 200)))
    assert open_hours(calendar).is_open(moment) == is_within_hours(calendar, moment)


def changes_of(zone: str) -> list[tuple[str, datetime]]:
    start, there = datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo(zone)
    hourly = [start + timedelta(hours=hour) for hour in range(366 * 24)]
    offsets = [moment.astimezone(there).utcoffset() for moment in hourly]
    return [(zone, hourly[at]) for at in range(1, len(hourly)) if offsets[at] != offsets[at - 1]]


CHANGES = [change for zone in ZONES for change in changes_of(zone)]


def test_clocks_are_changed_in_the_zones_that_are_tried():
    assert len({zone for zone, _ in CHANGES}) >= 5


@given(calendars, moments, moments, moments)
def test_time_adds_up_whatever_lies_in_between(calendar, one, two, three):
    parts = business_time_between(calendar, one, two) + business_time_between(calendar, two, three)
    assert parts == business_time_between(calendar, one, three)


@given(calendars, moments, moments)
def test_no_more_business_time_passes_than_time(calendar, one, two):
    start, end = sorted((one, two))
    assert timedelta() <= business_time_between(calendar, start, end) <= end - start


@given(calendars, moments, lengths)
def test_a_deadline_lies_in_open_hours_and_so_much_after_the_start(calendar, start, span):
    due = business_time_after(calendar, start, span)
    assert business_time_between(calendar, start, due) == span
    assert is_within_hours(calendar, due - timedelta(seconds=1))


@given(calendars, moments, moments, lengths, lengths)
def test_who_starts_later_or_has_longer_is_never_due_earlier(calendar, one, two, short, more):
    start, later = sorted((one, two))
    due = business_time_after(calendar, start, short)
    assert due <= business_time_after(calendar, later, short)
    assert due < business_time_after(calendar, start, short + more)


@given(calendars, moments, lengths, st.dates(date(2026, 1, 1), date(2027, 3, 1)))
def test_one_more_holiday_never_makes_a_deadline_earlier(calendar, start, span, holiday):
    more = replace(calendar, holidays=(*calendar.holidays, holiday))
    assert business_time_after(more, start, span) >= business_time_after(calendar, start, span)


@given(st.sampled_from(ZONES), moments, lengths)
def test_a_calendar_without_a_closed_minute_counts_as_the_wall_clock_does(zone, start, span):
    assert business_time_after(Calendar(zone, ROUND_THE_CLOCK), start, span) == start + span


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        (replace(OFFICE, time_zone="Mars/Base"), "The time zone “Mars/Base” is not known here."),
        (replace(OFFICE, time_zone="../../etc/passwd"), "is not known here"),
        (replace(OFFICE, time_zone="Europe"), "is not known here"),
        (replace(OFFICE, time_zone=""), "names no time zone"),
        (Calendar("UTC"), "no open hours"),
        (Calendar("UTC", {"monday": ()}), "no open hours"),
        (Calendar("UTC", {"caturday": ("09:00-17:00",)}), "“caturday” is no weekday"),
        (Calendar("UTC", {"monday": ("9 to 5",)}), "“9 to 5” are no open hours (monday)"),
        (Calendar("UTC", {"monday": ("17:00-09:00",)}), "are no open hours"),
        (Calendar("UTC", {"monday": ("09:00-09:00",)}), "are no open hours"),
        (Calendar("UTC", {"monday": ("09:00-24:01",)}), "are no open hours"),
        (Calendar("UTC", {"monday": ("09:75-12:00",)}), "are no open hours"),
        (Calendar("UTC", {"monday": ("09:00-12:00", "11:59-17:00")}), "overlap"),
    ],
)
def test_a_calendar_that_cannot_be_counted_by_is_refused_with_a_sentence(calendar, words):
    with pytest.raises(ConfigError) as refused:
        business_time_after(calendar, datetime(2026, 5, 6, tzinfo=UTC), timedelta(hours=1))
    assert words in refused.value.message


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_moment_at_the_edge_of_time_is_refused_and_no_crash(moment):
    with pytest.raises(ConfigError):
        business_time_after(OFFICE, moment, timedelta(hours=4000))


def test_what_does_not_pass_within_ten_years_is_refused():
    with pytest.raises(ConfigError, match="ten years"):
        business_time_after(
            Calendar("UTC", {"monday": ("09:00-09:01",)}), berlin("2026-05-06T10:00"), timedelta(days=9)
        )
    with pytest.raises(ConfigError, match="ten years"):
        business_time_between(OFFICE, berlin("2000-05-06T10:00"), berlin("2026-05-06T10:00"))
