"""The power may go at any moment: what was acknowledged is there, and nothing is there by halves."""

from __future__ import annotations

import pytest
from power_loss import MemoryDisk
from tinydb import where

from triage.errors import StoreError
from triage.store.tiny import JournalDB


def reopened(disk: MemoryDisk) -> dict:
    db = JournalDB("/m/outbox.journal", disk=disk)
    try:
        return db.storage.read()
    finally:
        db.close()


def workload(disk: MemoryDisk) -> list[tuple[int, dict]]:
    """Return, for each acknowledgement, how long the log was then and what had to be there."""
    acknowledged: list[tuple[int, dict]] = []
    db = JournalDB("/m/outbox.journal", disk=disk)
    items, notes = db.table("items"), db.table("notes")

    def transaction():
        with db.transaction():
            items.update({"state": "sending"}, where("id") == "b")
            notes.insert({"id": "n"})

    steps = [
        lambda: items.insert({"id": "a", "state": "queued"}),
        lambda: items.insert_multiple([{"id": "b"}, {"id": "c"}]),
        transaction,
        lambda: items.remove(where("id") == "a"),
        db.compact,
        lambda: items.insert({"id": "d"}),
        lambda: db.replace_table("notes", [{"id": "x"}, {"id": "y"}]),
        lambda: notes.insert({"id": "z"}),
    ]
    acknowledged.append((len(disk.log), db.storage.read()))
    for step in steps:
        step()
        acknowledged.append((len(disk.log), db.storage.read()))
    return acknowledged


def broken_states(forgets: frozenset[str] = frozenset()) -> tuple[int, int]:
    disk = MemoryDisk(forgets=forgets)
    acknowledged = workload(disk)
    tried, broken, seen = 0, 0, set()
    for moment in range(len(disk.log) + 1):
        done = [state for length, state in acknowledged if length <= moment]
        allowed = [done[-1] if done else {}]
        allowed += [state for length, state in acknowledged if length > moment][:1]
        for state in disk.states_after_power_loss(moment):
            key = (len(done), tuple(sorted(state.items())))
            if key in seen:
                continue
            seen.add(key)
            tried += 1
            try:
                broken += reopened(MemoryDisk(state)) not in allowed
            except StoreError:
                broken += 1
    return tried, broken


def test_no_power_loss_loses_or_halves_what_was_acknowledged() -> None:
    tried, broken = broken_states()
    assert tried > 1000
    assert broken == 0


@pytest.mark.parametrize("forgotten", ["sync", "sync folder"])
def test_the_model_notices_when_a_sync_is_left_out(forgotten: str) -> None:
    assert broken_states(frozenset({forgotten}))[1] > 0


def test_what_a_second_process_shows_survives_a_power_loss_though_the_first_died_before_its_fsync() -> None:
    disk = MemoryDisk()
    workload(disk)
    log = list(disk.log)
    for moment in range(len(log) + 1):
        killed = at(log, moment)
        shown = reopened(killed)
        assert reopened(MemoryDisk(killed.least_after_power_loss())) == shown


def at(log: list[tuple], moment: int) -> MemoryDisk:
    """Return the disk as a process leaves it that is killed after `moment` calls: all is seen, not all is safe."""
    disk = MemoryDisk()
    inodes = {}
    for kind, *rest in log[:moment]:
        if kind == "create":
            inodes[rest[1]] = disk.fds[disk.open(rest[0], 0o100)]
        elif kind == "write":
            inodes[rest[0]].data += rest[1]
        elif kind == "cut":
            del inodes[rest[0]].data[rest[1] :]
        elif kind == "rename":
            disk.names[rest[1]] = disk.names.pop(rest[0])
        elif kind == "unlink":
            del disk.names[rest[0]]
    numbers = {old: inode.number for old, inode in inodes.items()}
    disk.log = [
        (kind, rest[0], numbers[rest[1]])
        if kind == "create"
        else (kind, numbers.get(rest[0], rest[0]), *rest[1:])
        for kind, *rest in log[:moment]
    ]
    return disk


def test_a_crash_while_a_torn_end_is_set_aside_leaves_everything() -> None:
    disk = MemoryDisk()
    db = JournalDB("/m/outbox.journal", disk=disk)
    db.insert({"id": "a"})
    whole = bytes(disk.names["outbox.journal"].data)
    torn = {"outbox.journal": whole + b"12345678 99 {"}
    healing = MemoryDisk(torn)
    expected = {"_default": {"1": {"id": "a"}}}
    assert reopened(healing) == expected
    for moment in range(len(healing.log) + 1):
        for state in healing.states_after_power_loss(moment):
            assert reopened(MemoryDisk(state)) == expected
            if state["outbox.journal"] == whole:
                assert torn["outbox.journal"][len(whole) :] in state.values(), "cut before the copy was safe"
