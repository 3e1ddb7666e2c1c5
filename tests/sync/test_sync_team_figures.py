"""What a fetch keeps beside the leads: the team's acceptance by band, and that a reply was seen elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.fakes import NOW, Office
from triage.domain.review import BandStatistics, Reply, ReplyKind
from triage.sync.fetch import RULES_LAST_FOR

BANDS = (BandStatistics("A", 90, 31, 40), BandStatistics("B", 90, 26, 58))
REPLY = Reply("r-1", "d-1", ReplyKind.CHANGED, "Rule 7 is new.", link="definition v5")
SEEN = replace(REPLY, seen_at=NOW)


def fetched_an_hour_later(place: Office) -> None:
    place.clock.now += RULES_LAST_FOR + timedelta(minutes=1)
    place.synced()


def test_the_teams_acceptance_by_band_is_kept_with_the_rules(place: Office) -> None:
    assert place.desk.bands() == ()
    place.crm.counted_bands = BANDS
    fetched_an_hour_later(place)
    assert place.desk.bands() == BANDS
    assert place.reopen().bands() == BANDS


def test_a_crm_that_stops_counting_leaves_no_old_figures(place: Office) -> None:
    place.crm.counted_bands = BANDS
    fetched_an_hour_later(place)
    place.crm.counted_bands = ()
    fetched_an_hour_later(place)
    assert place.desk.bands() == ()


def test_an_adapter_that_knows_no_bands_still_fetches(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(type(place.crm), "bands")
    fetched_an_hour_later(place)
    assert place.desk.bands() == ()
    assert place.desk.statistics()


def test_a_reply_that_was_seen_on_another_machine_is_seen_here_and_not_new(place: Office) -> None:
    leads = place.desk.leads
    assert leads.add_replies([REPLY], "c1") == 1
    assert leads.add_replies([SEEN], "c2") == 0
    assert leads.replies() == (SEEN,)
    assert place.reopen().replies() == (SEEN,)


def test_what_was_seen_once_stays_seen(place: Office) -> None:
    leads = place.desk.leads
    assert leads.add_replies([SEEN, REPLY], "c1") == 1
    leads.add_replies([REPLY, replace(SEEN, seen_at=NOW + timedelta(days=1))], "c2")
    assert leads.replies() == (SEEN,)


def test_a_reply_of_an_older_file_is_not_seen(place: Office) -> None:
    leads = place.desk.leads
    leads.add_replies([REPLY], "c1")
    with leads.db.transaction():
        table = leads.db.table("replies")
        (number,) = table.ids_by("reply_id", "r-1")
        old = {name: value for name, value in table.by("reply_id", "r-1")[0].items() if name != "seen_at"}
        table.put(old, number)
    assert leads.replies() == (REPLY,)
    assert leads.add_replies([SEEN], "c2") == 0
    assert leads.replies() == (SEEN,)
