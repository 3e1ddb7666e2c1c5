"""When the CRM will soon not take the token any more, the rep hears of it in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.fakes import Clock, FakeCrm, Office
from triage.domain.people import Rep


class Expiring(FakeCrm):
    """Says until when the token is good."""

    ends: datetime | None = None

    async def whoami(self) -> Rep:
        return replace(await super().whoami(), access_ends=self.ends)


@pytest.fixture
def place(tmp_path: Path):
    clock = Clock()
    office = Office(tmp_path, Expiring.with_leads(clock, 2), clock)
    yield office
    office.close()


def notices_after_a_sync(place: Office, left: timedelta | None) -> tuple[str, ...]:
    place.crm.ends = None if left is None else place.clock() + left
    place.sync(who=Rep("rep-1"))
    return place.desk.status().notices


def test_two_weeks_before_the_end_it_is_a_notice_that_says_what_to_do(place):
    (notice,) = notices_after_a_sync(place, timedelta(days=13))
    assert notice.startswith("The sign-in ends on ")
    assert "`triage login`" in notice


def test_while_there_is_time_nothing_is_said_until_there_is_not(place):
    assert notices_after_a_sync(place, timedelta(days=20)) == ()
    place.clock.go(days=7)
    assert len(place.desk.status().notices) == 1


def test_after_the_end_it_says_so_and_a_new_token_ends_the_notice(place):
    assert "ends now" in notices_after_a_sync(place, timedelta(days=-1))[0]
    assert notices_after_a_sync(place, timedelta(days=90)) == ()


def test_a_crm_that_does_not_say_is_taken_to_go_on(place):
    notices_after_a_sync(place, timedelta(days=1))
    assert notices_after_a_sync(place, None) == ()
