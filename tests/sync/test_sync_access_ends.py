"""When the CRM will soon not take the token any more, the rep hears of it in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from screens.foot import Connection, status_line
from screens.ink import Inks
from screens.themes import DARK
from tests.fakes import Clock, FakeCrm, Office
from triage.desk.results import Status
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


def said_after_a_sync(place: Office, left: timedelta | None) -> str:
    place.crm.ends = None if left is None else place.clock() + left
    place.sync(who=Rep("rep-1"))
    return place.desk.status().access


def test_two_weeks_before_the_end_it_is_said_with_the_day_here_and_what_to_do(place):
    said = said_after_a_sync(place, timedelta(days=13))
    day = (place.clock() + timedelta(days=13)).astimezone()
    assert said == f"The sign-in ends on {day:%d %b}; `triage login` renews it."


def test_while_there_is_time_nothing_is_said_until_there_is_not(place):
    assert said_after_a_sync(place, timedelta(days=20)) == ""
    place.clock.go(days=7)
    assert place.desk.status().access


def test_after_the_end_it_says_so_and_a_new_token_ends_the_notice(place):
    assert said_after_a_sync(place, timedelta(days=-1)).startswith("The sign-in has ended;")
    assert said_after_a_sync(place, timedelta(days=90)) == ""


def test_a_crm_that_does_not_say_is_taken_to_go_on(place):
    said_after_a_sync(place, timedelta(days=1))
    assert said_after_a_sync(place, None) == ""


def test_it_is_no_trouble_yet_so_every_trouble_is_said_before_it(place):
    place.sync()
    soon = replace(place.desk.status(), access="The sign-in ends on 04 Dec; `triage login` renews it.")
    down = Connection(down_since=place.clock(), reason="The CRM is not reached.")
    for status, trouble in (
        (replace(soon, last_error="The CRM asks for a pause."), "The CRM asks for a pause."),
        (replace(soon, notices=("A file is damaged.",)), "A file is damaged."),
    ):
        assert trouble in line_of(status, Connection(), 80)
        assert line_of(status, Connection(), 200).index(trouble) < line_of(status, Connection(), 200).index(
            "sign-in"
        )
    assert "The CRM is not reached." in line_of(soon, down, 80)
    assert "The sign-in ends on 04 Dec" in line_of(soon, Connection(), 80)


def line_of(status: Status, connection: Connection, width: int) -> str:
    ink = Inks.of(DARK).raised
    return status_line(status, connection, profile="work", now=status.last_sync_at, width=width, ink=ink).text
