from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import example, given
from hypothesis import strategies as st

from triage.clock import new_id, utc_now

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
milliseconds = st.integers(0, 253_402_300_799_999)
"""1970 to the end of 9999."""


def at(count: int) -> datetime:
    return EPOCH + timedelta(milliseconds=count)


def time_of(identifier: str) -> int:
    """Return the first 48 bits: Unix milliseconds."""
    return uuid.UUID(identifier).int >> 80


@given(milliseconds)
@example(2_165_821_153_719)
def test_an_id_is_a_uuid_of_version_7_that_begins_with_its_millisecond(count):
    identifier = new_id(at(count))
    read = uuid.UUID(identifier)
    assert str(read) == identifier
    assert (read.version, read.variant) == (7, uuid.RFC_4122)
    assert time_of(identifier) == count


@given(st.lists(st.integers(1_600_000_000_000, 2_200_000_000_000), unique=True, min_size=2, max_size=20))
def test_ids_sort_as_their_milliseconds_do(counts):
    ids = {count: new_id(at(count)) for count in counts}
    assert sorted(ids.values()) == [ids[count] for count in sorted(counts)]


def test_every_id_of_one_moment_is_another():
    assert len({new_id(EPOCH) for _ in range(20_000)}) == 20_000


def test_the_zone_of_the_moment_does_not_matter():
    moment = at(1_700_000_000_123)
    elsewhere = moment.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert time_of(new_id(elsewhere)) == time_of(new_id(moment))


def test_an_id_without_a_moment_is_of_now():
    before = time.time_ns() // 1_000_000
    made = time_of(new_id())
    assert before <= made <= time.time_ns() // 1_000_000


def test_now_is_aware_utc_in_whole_milliseconds_and_the_same_as_in_an_id():
    before = datetime.now(UTC)
    now = utc_now()
    assert now.utcoffset() == timedelta(0)
    assert now.microsecond % 1_000 == 0
    assert before - timedelta(milliseconds=1) < now <= datetime.now(UTC)
    assert at(time_of(new_id(now))) == now
