"""What is old goes, with its bytes, and nothing goes that anything still hangs on."""

from __future__ import annotations

import fcntl
import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.fakes import HOLD, NOW, Clock, Office, SameThread, lead, lead_id, office, shipped_rules
from tests.settled import CUT, LONG_AGO, decided, put, shown, told
from triage.desk.desk import Desk
from triage.desk.events import AnotherSyncs, Event, SyncFinished, SyncStopped
from triage.desk.keeping import Keeping, Places
from triage.desk.session import Session
from triage.domain.act import Act
from triage.domain.archived import Archived
from triage.domain.feedback import FeedbackType
from triage.domain.item import UNDELIVERED, State
from triage.domain.lead import LeadStatus
from triage.domain.people import Rep
from triage.domain.review import Reply, ReplyKind
from triage.domain.views import View
from triage.store import retention
from triage.store.archive import Archive
from triage.store.leads import Leads
from triage.store.outbox import Outbox
from triage.store.retention import archivable, archive_old

ONE, TWO, THREE = (lead_id(number) for number in range(1, 4))
MONTH = timedelta(days=30)
SETTLED = sorted(set(State) - UNDELIVERED)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    made = office(tmp_path / "office")
    yield made
    made.close()


def keeping_of(place: Office) -> Keeping:
    folders = Places(place.folder, place.folder, place.folder / "logs")
    return Keeping(place.desk, Archive(place.folder / "archive"), folders, decisions=MONTH, leads=MONTH)


def ids(place: Office) -> list[str]:
    return [item.id for item in place.desk.outbox.all()]


def may_go(place: Office) -> list[str]:
    desk = place.desk
    return [item_id for act in archivable(desk.outbox, desk.leads, CUT) for item_id in act]


# What may go


def test_what_is_settled_for_a_month_may_go_and_nothing_younger(place) -> None:
    put(place.desk.outbox, *(decided(9, f"d-{state}", state) for state in SETTLED))
    put(place.desk.outbox, decided(9, "d-young", at=CUT), told(8, "f-1"))
    assert may_go(place) == [*(f"d-{state}" for state in SETTLED), "f-1"]


@pytest.mark.parametrize("state", sorted(UNDELIVERED))
def test_all_of_a_lead_stays_while_something_of_it_is_undelivered(place, state) -> None:
    put(place.desk.outbox, decided(9, "d-1", State.SUPERSEDED), decided(9, "d-2", state), decided(8, "d-3"))
    assert may_go(place) == ["d-3"]


def test_the_items_of_a_bulk_act_go_together(place) -> None:
    put(place.desk.outbox, decided(7, "d-1", batch="b"), decided(8, "d-2", batch="b", at=NOW))
    put(place.desk.outbox, decided(7, "d-3", batch="c"), decided(9, "d-4", batch="c"))
    assert may_go(place) == ["d-3", "d-4"]


def test_a_decision_that_the_leads_copy_does_not_know_of_stays(place) -> None:
    leads = place.desk.leads
    put(place.desk.outbox, decided(1, "d-1"), decided(2, "d-2"), decided(3, "d-3"))
    leads.put(lead(1, fetched_at=LONG_AGO))
    leads.put(lead(2, fetched_at=LONG_AGO + timedelta(seconds=1)))
    leads.put(lead(3, fetched_at=None))
    assert may_go(place) == ["d-2"]


@st.composite
def histories(draw):
    """Some leads, each with a copy of some age and some items, single ones and of bulk acts."""
    moments = st.integers(0, 80).map(lambda days: NOW - timedelta(days=days))
    copies = [
        (number, draw(moments), draw(st.sampled_from([LeadStatus.ASSIGNED, LeadStatus.ACCEPTED])))
        for number in range(1, 5)
        if draw(st.booleans())
    ]
    made = [
        decided(
            draw(st.integers(1, 5)),
            f"d-{number}",
            draw(st.sampled_from(sorted(State))),
            act=draw(st.sampled_from([Act.ACCEPT, Act.RECYCLE, Act.SNOOZE])),
            at=draw(moments),
            batch=draw(st.sampled_from([None, "b-1", "b-2"])),
        )
        for number in range(draw(st.integers(0, 8)))
    ]
    return copies, made


def views(desk: Desk) -> dict[str, tuple[bool, bool, bool]]:
    return {
        entry.lead_id: (entry.is_open(NOW), View.WORKING.shows(entry, NOW), View.SNOOZED.shows(entry, NOW))
        for entry in desk.entries()
    }


@settings(max_examples=40, deadline=None)
@given(histories())
def test_before_is_after_and_the_archive_and_nothing_undelivered_leaves(tmp_path_factory, history) -> None:
    copies, made = history
    folder = tmp_path_factory.mktemp("books")
    outbox, leads = Outbox(folder / "outbox.journal", Clock()), Leads(folder / "leads.journal")
    desk = Desk(outbox, leads, rules=shipped_rules, clock=Clock(), hold=HOLD)
    archive = Archive(folder / "archive")
    for number, fetched_at, status in copies:
        leads.put(lead(number, fetched_at=fetched_at, status=status))
    put(outbox, *made)
    before, seen = {item.id: item for item in outbox.all()}, views(desk)
    went = sum(archive_old(outbox, leads, archive, CUT))
    after = {item.id: item for item in outbox.all()}
    gone = {row.id for row in archive.all()}
    assert after | {name: before[name] for name in gone} == before
    assert not after.keys() & gone
    assert len(gone) == went
    assert all(before[name].state not in UNDELIVERED and before[name].changed_at < CUT for name in gone)
    batches = {item.batch_id for item in after.values()} - {None}
    assert not batches & {before[name].batch_id for name in gone}
    assert views(desk) == seen
    assert sum(archive_old(outbox, leads, archive, CUT)) == 0
    assert shown(outbox, archive) == Counter(before.keys())
    outbox.close()
    leads.close()


# The cache of leads


def test_leads_that_the_crm_was_not_asked_about_for_a_month_go_and_it_is_said(place) -> None:
    place.desk.decide([ONE], Act.ACCEPT)
    place.clock.go(days=41)
    keeping_of(place).drop_expired_leads()
    assert [entry.lead_id for entry in place.desk.entries()] == [ONE]
    assert place.desk.status().notices == (
        "Leads fetched 41 days ago were removed; `triage sync` fetches them again.",
    )
    raw = (place.folder / "leads.journal").read_bytes()
    assert TWO.encode() not in raw
    place.reopen()
    assert place.desk.expired()
    place.synced()
    assert place.desk.status().notices == ()
    assert len(place.desk.entries()) == 5


def test_a_lead_that_did_not_change_is_as_young_as_the_last_fetch(place) -> None:
    for _day in range(3):
        place.clock.go(days=20)
        place.synced()
        keeping_of(place).drop_expired_leads()
    assert len(place.desk.entries()) == 5
    assert place.desk.expired() == ""


def test_leads_that_another_process_fetched_meanwhile_stay(place) -> None:
    stale = place.another_desk()
    place.clock.go(days=41)
    fetched_at = stale.leads.note("fetched_at")
    place.synced()
    assert stale.leads.expire({ONE}, fetched_at) == 0
    assert len(stale.leads) == 5
    stale.outbox.close()
    stale.leads.close()


def test_a_lead_that_went_is_dropped_once_nothing_stands_on_it(place) -> None:
    conflicting = place.desk.decide([ONE], Act.ACCEPT).items[0]
    place.desk.decide([TWO], Act.ACCEPT)
    place.crm.reassign(ONE)
    place.synced()
    place.crm.reassign(TWO)
    place.synced()
    assert [one.lead_id for one in place.desk.leads.gone()] == [ONE, TWO]
    place.desk.drop([conflicting.id])
    kept(place)
    assert [one.lead_id for one in place.desk.leads.gone()] == [TWO]


def test_a_lead_that_another_process_decides_while_it_expires_stays(place, monkeypatch) -> None:
    other = place.another_desk()
    place.clock.go(days=41)
    judge = retention.expired

    def judged(*books: object) -> set[str]:
        found = judge(*books)
        if not other.queue():
            other.decide([ONE], Act.ACCEPT)
        return found

    monkeypatch.setattr(retention, "expired", judged)
    keeping_of(place).drop_expired_leads()
    assert [entry.lead_id for entry in place.desk.entries()] == [ONE]
    other.outbox.close()
    other.leads.close()


# Once a day


def test_copies_of_a_damaged_cache_are_kept_no_longer_than_leads_and_those_of_an_outbox_stay(place) -> None:
    old, young, evidence = (
        place.folder / name
        for name in ("leads.journal.damaged-1", "leads.journal.damaged-2", "outbox.journal.damaged-1")
    )
    for path, age in ((old, 31), (young, 29), (evidence, 400)):
        path.write_text("L-001")
        moment = (NOW - timedelta(days=age)).timestamp()
        os.utime(path, (moment, moment))
    kept(place)
    assert [path.exists() for path in (old, young, evidence)] == [False, True, True]


def kept(place: Office) -> int:
    """Do what is due; returns in how many steps."""
    return len(list(keeping_of(place).steps()))


def test_a_lead_that_the_crm_took_away_is_gone_from_the_bytes_within_a_day_of_syncing(place) -> None:
    place.crm.reassign(ONE)
    place.synced()
    raw = place.folder / "leads.journal"
    assert ONE.encode() in raw.read_bytes()
    kept(place)
    assert ONE.encode() not in raw.read_bytes()


def test_old_replies_go_with_what_they_answer(place) -> None:
    item = place.desk.decide([ONE], Act.ACCEPT).items[0]
    old = Reply("r-1", item.id, ReplyKind.ACKNOWLEDGED, at=NOW)
    place.crm.answers += [old, replace(old, reply_id="r-2", of="said-on-another-machine")]
    place.synced()
    kept(place)
    assert len(place.desk.replies()) == 2
    place.desk.feedback([ONE], FeedbackType.NOTE, {"text": "holds the decision back"})
    place.clock.go(days=31)
    kept(place)
    assert [reply.reply_id for reply in place.desk.replies()] == ["r-1"]
    place.synced()
    place.clock.go(days=31)
    kept(place)
    assert ids(place) == []
    assert place.desk.replies() == ()


def test_it_is_done_once_a_day_in_whichever_process(place) -> None:
    assert kept(place) > 0
    place.clock.go(hours=23)
    assert kept(place) == 0
    place.clock.go(hours=2)
    place.reopen()
    assert kept(place) > 0
    place.clock.go(days=-5)
    assert kept(place) > 0, "a clock that was set back holds nothing up"


def test_a_key_press_waits_for_one_step_at_most(place) -> None:
    put(place.desk.outbox, *(decided(9, f"d-{number}") for number in range(250)))
    steps = keeping_of(place).steps()
    next(steps)
    assert len(ids(place)) == 150
    assert place.desk.decide([ONE], Act.ACCEPT).items
    list(steps)
    assert len(ids(place)) == 1


def test_what_the_queue_holds_still_is_not_listed_as_archived_too(place) -> None:
    put(place.desk.outbox, decided(9, "d-1"))
    keeping = keeping_of(place)
    keeping.archive.keep([Archived.of_item(decided(9, "d-1")), Archived.of_item(decided(9, "d-2"))])
    assert [row.id for row in keeping.archived()] == ["d-2"]


def test_a_damaged_archive_stops_nothing_and_is_said(place) -> None:
    put(place.desk.outbox, decided(9, "d-1"))
    folder = place.folder / "archive"
    folder.mkdir()
    (folder / "2026-10.journal").write_bytes(b"not a journal\nat all\n")
    place.crm.reassign(ONE)
    place.synced()
    kept(place)
    assert ids(place) == ["d-1"]
    assert ONE.encode() not in (place.folder / "leads.journal").read_bytes(), (
        "leads are kept no longer for it"
    )
    (notice,) = place.desk.status().notices
    assert "2026-10.journal is damaged" in notice
    assert place.synced().unknown == 0


def test_a_store_that_another_process_holds_does_not_fail_the_start(place, monkeypatch) -> None:
    place.clock.go(days=41)
    holder = os.open(place.folder / "leads.journal.lock", os.O_RDWR)
    fcntl.flock(holder, fcntl.LOCK_EX)
    monkeypatch.setattr(place.desk.leads.db._store.journal._lock, "_patience", 0.01)
    keeping_of(place).drop_expired_leads()
    assert len(place.desk.entries()) == 5
    assert "too long" in place.desk.status().notices[0]
    os.close(holder)
    keeping_of(place).drop_expired_leads()
    assert place.desk.entries() == ()


# Behind a sync


def session_of(place: Office) -> Session:
    return Session(
        place.desk,
        SameThread(),
        place.crm.connect,
        place.folder / "sync.lock",
        profile="work",
        crm_name="fake",
        url="",
        rep=Rep(""),
        keeping=keeping_of(place),
    )


async def run_to_its_end(place: Office) -> list[Event]:
    return [event async for event in session_of(place).sync(everything=True)]


@pytest.mark.parametrize("down", [False, True])
async def test_what_is_old_goes_after_a_sync_whatever_came_of_that(place, down) -> None:
    put(place.desk.outbox, decided(9, "long-ago"))
    place.crm.down = down
    last = (await run_to_its_end(place))[-1]
    assert isinstance(last, SyncStopped if down else SyncFinished)
    assert ids(place) == []
    assert b"long-ago" not in (place.folder / "outbox.journal").read_bytes()


async def test_while_another_process_syncs_it_is_left_to_that(place) -> None:
    put(place.desk.outbox, decided(9, "d-1"))
    with (place.folder / "sync.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        assert isinstance((await run_to_its_end(place))[-1], AnotherSyncs)
    assert ids(place) == ["d-1"]


async def test_nothing_goes_to_the_archive_while_another_process_purges(place) -> None:
    put(place.desk.outbox, decided(9, "d-1"))
    with (place.folder / "sync.lock").open("a") as turn:
        async for event in session_of(place).sync(everything=True):
            if isinstance(event, SyncFinished):
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert ids(place) == ["d-1"]
    await run_to_its_end(place)
    assert ids(place) == []
