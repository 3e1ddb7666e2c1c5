"""Deciding: what is acknowledged is on the disk, as one record, with what the rep saw."""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import COLLEAGUE, HOLD, NOW, Office, lead, lead_id, office
from triage.domain.act import Act
from triage.domain.decision import Shown
from triage.domain.feedback import FeedbackType
from triage.domain.item import State
from triage.domain.lead import LeadStatus
from triage.errors import NotAllowed, UnknownLead, UnknownReason, UsageError, WriteFailed
from triage.store.disk import Disk
from triage.store.journal import JournalFile

ONE, TWO, THREE, FOUR, FIVE = (lead_id(number) for number in range(1, 6))


class FailingDisk(Disk):
    """A disk whose next write, or flush, fails on request."""

    fails = ""

    def write(self, fd: int, data: bytes) -> int:  # type: ignore[override]  # a function there
        if self.fails == "write":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(fd, data)

    def fsync(self, fd: int) -> None:  # type: ignore[override]
        if self.fails == "fsync":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        os.fsync(fd)


class RecordingDisk(Disk):
    """A disk that notes its writes and flushes."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def write(self, fd: int, data: bytes) -> int:  # type: ignore[override]
        self.calls.append("write")
        return os.write(fd, data)

    def fsync(self, fd: int) -> None:  # type: ignore[override]
        self.calls.append("fsync")
        os.fsync(fd)


def on_disk(place: Office) -> list[tuple[str, State]]:
    """Read the journal as another process would."""
    other = place.another_desk()
    found = [(item.id, item.state) for item in other.outbox.all()]
    other.outbox.close()
    other.leads.close()
    return found


def records(place: Office) -> int:
    journal: JournalFile = place.desk.outbox.db._store.journal
    return journal.sequence


def test_a_decision_is_on_the_disk_before_it_is_acknowledged(place: Office) -> None:
    acted = place.desk.decide([ONE], Act.ACCEPT)
    assert on_disk(place) == [(acted.items[0].id, State.QUEUED)]
    assert acted.entries[0].decided


def test_a_decision_is_written_once_and_flushed_once(tmp_path: Path) -> None:
    place = office(tmp_path)
    disk = RecordingDisk()
    place.disk = disk
    place.reopen()
    disk.calls.clear()
    place.desk.decide([ONE, TWO, THREE], Act.ACCEPT)
    assert disk.calls == ["write", "fsync"]
    place.close()


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_disk_that_fails_leaves_nothing_behind_and_memory_as_the_disk(tmp_path: Path, call: str) -> None:
    place = office(tmp_path)
    place.disk = disk = FailingDisk()
    place.reopen()
    kept = place.desk.decide([ONE], Act.ACCEPT).items[0]
    disk.fails = call
    with pytest.raises(WriteFailed) as caught:
        place.desk.decide([TWO, THREE], Act.REJECT, reason="NOT_A_BUYER")
    assert "nothing was recorded" in caught.value.message.lower()
    assert [item.id for item in place.desk.outbox.all()] == [kept.id]
    assert {TWO, THREE} <= place.open_ids()
    disk.fails = ""
    assert on_disk(place) == [(kept.id, State.QUEUED)]
    place.close()


def test_a_bulk_act_is_one_record_under_one_batch_with_an_id_for_each_lead(place: Office) -> None:
    before = records(place)
    acted = place.desk.decide([ONE, TWO, THREE], Act.REJECT, reason="NOT_A_BUYER")
    assert records(place) == before + 1
    assert len({item.id for item in acted.items}) == 3
    assert {item.batch_id for item in acted.items} == {acted.batch_id}
    assert acted.batch_id


def test_a_lead_named_twice_is_decided_once(place: Office) -> None:
    assert len(place.desk.decide([ONE, ONE], Act.ACCEPT).items) == 1


def test_what_a_bulk_act_skips_is_said_with_the_reason(tmp_path: Path) -> None:
    place = office(tmp_path)
    place.crm.change(TWO, contacted_at=NOW - timedelta(minutes=10))
    place.crm.change(THREE, status=LeadStatus.ACCEPTED)
    place.synced()
    acted = place.desk.decide([ONE, TWO, THREE], Act.REJECT, reason="NOT_A_BUYER")
    assert [item.lead_id for item in acted.items] == [ONE]
    why = {one.lead_id: one.why.partition(":")[0] for one in acted.skipped}
    assert why == {TWO: "contacted 17 Nov", THREE: "already accepted"}
    place.close()


def test_an_act_that_skips_every_lead_writes_nothing(place: Office) -> None:
    before = records(place)
    acted = place.desk.decide([ONE, TWO], Act.DISQUALIFY, reason="NO_NEED")
    assert (acted.items, len(acted.skipped), records(place)) == ((), 2, before)


@pytest.mark.parametrize(
    ("act", "reason", "params", "error"),
    [
        (Act.REJECT, None, {}, UsageError),
        (Act.REJECT, "NO_SUCH_CODE", {}, UnknownReason),
        (Act.SNOOZE, None, {"untill": "2w"}, UsageError),
        (Act.SNOOZE, None, {"until": "someday"}, UsageError),
        (Act.RESTORE, None, {}, NotAllowed),
    ],
)
def test_a_wish_that_is_off_is_refused_before_anything_is_written(
    place: Office, act: Act, reason: str | None, params: dict[str, str], error: type[Exception]
) -> None:
    before = records(place)
    with pytest.raises(error):
        place.desk.decide([ONE, TWO], act, reason=reason, params=params)
    assert (records(place), on_disk(place)) == (before, [])


def test_an_unknown_lead_refuses_the_whole_act(place: Office) -> None:
    with pytest.raises(UnknownLead):
        place.desk.decide([ONE, lead_id(77)], Act.ACCEPT)
    assert on_disk(place) == []


def test_a_preview_says_what_decide_does_and_writes_nothing(place: Office) -> None:
    before = records(place)
    preview = place.desk.preview([ONE, TWO], Act.REROUTE, reason=None)
    assert [(one.lead_id, one.params) for one in preview.allowed] == [
        (ONE, {"to": COLLEAGUE.user_id}),
        (TWO, {"to": COLLEAGUE.user_id}),
    ]
    assert records(place) == before


def test_a_queued_decision_is_replaced_in_the_same_record(place: Office) -> None:
    first = place.desk.decide([ONE], Act.ACCEPT).items[0]
    before = records(place)
    second = place.desk.decide([ONE], Act.REJECT, reason="NOT_A_BUYER").items[0]
    assert records(place) == before + 1
    assert on_disk(place) == [(first.id, State.SUPERSEDED), (second.id, State.QUEUED)]
    assert second.decision
    assert second.decision.supersedes == first.id


def test_the_same_decision_again_is_skipped_and_says_so(place: Office) -> None:
    place.desk.decide([ONE], Act.ACCEPT)
    assert place.desk.decide([ONE], Act.ACCEPT).skipped[0].why == "already accepted by you, not sent yet"


def test_a_decision_that_another_process_just_made_is_replaced_and_not_doubled(place: Office) -> None:
    other = place.another_desk()
    first = other.decide([ONE], Act.ACCEPT).items[0]
    second = place.desk.decide([ONE], Act.REJECT, reason="NOT_A_BUYER").items[0]
    assert on_disk(place) == [(first.id, State.SUPERSEDED), (second.id, State.QUEUED)]
    other.outbox.close()
    other.leads.close()


def test_what_another_process_wrote_is_taken_in_when_asked(place: Office) -> None:
    other = place.another_desk()
    other.decide([ONE], Act.ACCEPT)
    assert place.desk.changed_elsewhere()
    assert ONE not in place.open_ids()
    assert not place.desk.changed_elsewhere()
    other.outbox.close()
    other.leads.close()


@pytest.mark.parametrize("state", [State.SENDING, State.UNKNOWN])
def test_behind_a_decision_that_may_have_left_a_new_one_waits(place: Office, state: State) -> None:
    first = place.desk.decide([ONE], Act.ACCEPT).items[0]
    place.queued_at_crash(first.id, state)
    second = place.desk.decide([ONE], Act.RECYCLE, reason="BAD_TIMING", params={"until": "2w"}).items[0]
    assert on_disk(place) == [(first.id, state), (second.id, State.QUEUED)]
    assert second.decision
    assert second.decision.supersedes is None


def test_what_may_have_left_counts_when_the_next_act_is_judged(place: Office) -> None:
    first = place.desk.decide([ONE], Act.ACCEPT).items[0]
    place.queued_at_crash(first.id, State.UNKNOWN)
    acted = place.desk.decide([ONE], Act.REJECT, reason="NOT_A_BUYER")
    assert acted.skipped[0].why.startswith("already accepted: ")


def test_in_a_bulk_act_each_lead_gets_its_own_parameters(place: Office) -> None:
    acted = place.desk.decide([ONE, TWO], Act.REJECT, reason="DUPLICATE")
    assert [item.decision.params for item in acted.items if item.decision] == [
        {"lead_id": "L-901"},
        {"lead_id": "L-902"},
    ]


def test_what_was_given_wins_over_what_could_be_known(place: Office) -> None:
    acted = place.desk.decide([ONE], Act.REJECT, reason="DUPLICATE", params={"lead_id": "L-777"})
    assert acted.items[0].decision
    assert acted.items[0].decision.params == {"lead_id": "L-777"}


def test_the_snapshot_is_what_the_rep_saw_and_stays_so(place: Office) -> None:
    shown = Shown(since=NOW, dwell_ms=4200, position=3)
    item = place.desk.decide([ONE], Act.ACCEPT, shown={ONE: shown}).items[0]
    place.crm.change(ONE, score=None, name="Someone Else")
    place.synced(deliver=False)
    kept = place.reopen().outbox.get(item.id).decision
    assert kept
    assert (kept.snapshot.score, kept.snapshot.band, kept.snapshot.lead_version) == (60, "B", "1")
    assert kept.snapshot.contributions == lead(1).score.contributions  # type: ignore[union-attr]
    assert kept.snapshot.definition_version
    assert kept.snapshot.shown == shown


def test_a_decision_waits_for_its_hold_and_carries_the_time_of_the_act(place: Office) -> None:
    before = place.clock.now
    item = place.desk.decide([ONE], Act.ACCEPT).items[0]
    assert before < item.made_at <= place.clock.now
    assert item.due_at - item.made_at == HOLD


def test_a_lead_that_went_to_someone_else_is_skipped(tmp_path: Path) -> None:
    place = office(tmp_path)
    place.desk.decide([ONE], Act.ACCEPT)
    place.synced()
    place.crm.reassign(ONE)
    place.synced()
    entry = place.desk.entry(ONE)
    assert entry.gone
    acted = place.desk.decide([ONE], Act.RECYCLE, reason="BAD_TIMING", params={"until": "2w"})
    assert acted.skipped[0].why == "no longer on your list"
    place.close()


def test_feedback_is_one_record_for_all_leads_and_skips_where_it_makes_no_sense(tmp_path: Path) -> None:
    place = office(tmp_path)
    place.crm.change(TWO, score=None)
    place.synced()
    before = records(place)
    told = place.desk.feedback([ONE, TWO, THREE], FeedbackType.SCORE_ACCURACY, {"verdict": "too-high"})
    assert records(place) == before + 1
    assert [item.lead_id for item in told.items] == [ONE, THREE]
    assert [(one.lead_id, one.why) for one in told.skipped] == [(TWO, "no score")]
    assert [entry.feedback for entry in told.entries] == [1, 1]
    place.close()


def test_feedback_knows_what_it_was_about(place: Office) -> None:
    decided = place.desk.decide([ONE], Act.ACCEPT).items[0].id
    item = place.desk.feedback(
        [ONE], FeedbackType.DATA_CORRECTION, {"field": "title", "proposed": "CTO"}, decision_id=decided
    ).items[0]
    assert item.feedback
    assert item.feedback.payload == {"field": "title", "proposed": "CTO", "old": "Head of Logistics"}
    assert item.feedback.snapshot["campaign"] == "2026Q4_WBN"
    assert item.feedback.routed_to == "marketing ops"
    assert item.feedback.decision_id == decided


def test_feedback_about_a_decision_that_does_not_exist_is_refused(place: Office) -> None:
    with pytest.raises(UsageError):
        place.desk.feedback([ONE], FeedbackType.KUDOS, {}, decision_id="d-1")
    assert place.desk.queue(everything=True) == ()
