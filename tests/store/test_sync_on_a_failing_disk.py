"""An effect that cannot be recorded is not made: whichever call to the disk fails, nothing is sent without its claim."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from nth_call import NthCallFails
from power_loss import MemoryDisk

from tests.fakes import Clock, FakeCrm, Office, lead_id
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import Item, State
from triage.errors import StoreError
from triage.store.outbox import Outbox
from triage.sync.events import SyncFinished, SyncStopped

RUNS = 4


class WatchedCrm(FakeCrm):
    """Looks, at each push, whether the disk says that these items are being sent."""

    def __init__(self, disk: NthCallFails, clock: Clock) -> None:
        made = FakeCrm.with_leads(clock, 4)
        super().__init__(clock, made.leads, _log=made._log)
        self.disk = disk
        self.unclaimed: list[str] = []

    async def push(self, items: Sequence[Item]):
        well = MemoryDisk(self.disk.least_after_power_loss())
        outbox = Outbox(Path("/m/outbox.journal"), self.clock, disk=well)
        for item in items:
            if getattr(outbox.find(item.id), "state", None) is not State.SENDING:
                self.unclaimed.append(item.id)
        return await super().push(items)


def place_with_work(folder: Path) -> tuple[Office, NthCallFails, WatchedCrm]:
    clock, disk = Clock(), NthCallFails()
    crm = WatchedCrm(disk, clock)
    place = Office(folder, crm, clock, disk=disk)
    place.synced()
    place.desk.decide([lead_id(1), lead_id(2)], Act.ACCEPT)
    place.desk.feedback([lead_id(3)], FeedbackType.KUDOS, {})
    place.desk.decide([lead_id(4)], Act.REJECT, reason="NOT_A_BUYER")
    return place, disk, crm


def faults(folder: Path) -> Iterator[tuple[int, int, bool]]:
    place, disk, _ = place_with_work(folder / "counting")
    disk.count = 0
    place.synced()
    place.close()
    for at in range(1, disk.count + 1):
        yield at, errno.ENOSPC, True
        yield at, errno.EIO, False


def broken_by(folder: Path, fault: tuple[int, int, bool]) -> list[str]:
    """Run a sync in which a call fails, then others on a disk that is well; return which promises are broken."""
    place, disk, crm = place_with_work(folder)
    items = [item.id for item in place.desk.outbox.all()]
    at, number, lasting = fault
    disk.arm(at, number, lasting=lasting, short=lasting)
    last = place.sync()[-1]
    found = [] if isinstance(last, SyncFinished | SyncStopped) else [f"it ended with {last}"]
    disk.mend()
    place.reopen()
    for _ in range(RUNS):
        place.clock.go(hours=1)
        place.sync()
    found += [f"sent without a claim: {crm.unclaimed}"] if crm.unclaimed else []
    found += [f"{place.state(one)}" for one in items if place.state(one) is not State.APPLIED]
    found += [f"{crm.effects_of(one)} effects" for one in items if crm.effects_of(one) != 1]
    place.close()
    return found


def test_whichever_call_fails_in_a_sync_nothing_is_sent_without_its_claim_and_all_ends_well(tmp_path) -> None:
    tried = 0
    for number, fault in enumerate(faults(tmp_path)):
        broken = broken_by(tmp_path / str(number), fault)
        assert not broken, f"{fault}: {broken}"
        tried += 1
    assert tried > 50


def test_on_a_full_disk_a_sync_sends_nothing(tmp_path) -> None:
    place, disk, crm = place_with_work(tmp_path)
    disk.arm(1, errno.ENOSPC, lasting=True)
    # Looking is still possible: only what writes fails.
    for call in ("open", "pread", "stat", "fstat", "flock", "fsync", "ftruncate"):
        setattr(disk, call, getattr(MemoryDisk, call).__get__(disk))
    stopped = place.stopped()
    assert "No space left on device: nothing was recorded" in stopped.error.message
    assert crm.pushed == []
    assert crm.effects == []
    disk.mend()
    assert place.synced().applied == 3


def test_the_check_notices_a_claim_that_is_not_on_the_disk(tmp_path, monkeypatch) -> None:
    def claimed_in_memory_only(self: Outbox, items: Sequence[Item]) -> tuple[Item, ...]:
        try:
            return CLAIM(self, items)
        except StoreError:
            return tuple(self.get(item.id) for item in items)

    monkeypatch.setattr(Outbox, "claim", claimed_in_memory_only)
    with pytest.raises((AssertionError, StoreError)):
        test_whichever_call_fails_in_a_sync_nothing_is_sent_without_its_claim_and_all_ends_well(tmp_path)


CLAIM = Outbox.claim
