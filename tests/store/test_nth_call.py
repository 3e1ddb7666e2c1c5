"""Whichever call to the disk fails, once or for good: what was acknowledged is there, all else was said."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from nth_call import NAME, PATH, SETTINGS, Life, NthCallFails, Setting, faults
from power_loss import MemoryDisk

import triage.store.disk
from triage.errors import CorruptJournal, StoreError, WriteFailed
from triage.store.append_file import AppendFile
from triage.store.disk import Disk
from triage.store.journal import JournalFile
from triage.store.replay import Change
from triage.store.salvage import salvage
from triage.store.tiny import JournalDB


def lived(setting: Setting, fault: tuple[int, int, bool, bool]) -> Life:
    at, number, lasting, short = fault
    life = Life(NthCallFails(setting.files()), setting.options)
    life.disk.arm(at, number, lasting=lasting, short=short)
    setting.live(life)
    return life


def ids(db: JournalDB) -> list[str]:
    return [row["id"] for row in db.table("items").all()]


def there(setting: Setting, files: dict[str, bytes]) -> set[str]:
    """Return what a process finds that comes later, when the disk is well."""
    db = JournalDB(
        PATH, disk=MemoryDisk(files), **{**setting.options, "reads_damaged": setting.stays_damaged}
    )
    try:
        return set(ids(db))
    finally:
        db.close()


def problems(setting: Setting, life: Life, *, lasting: bool) -> list[str]:
    """Return which promises are broken after a life with a fault in it."""
    files, theirs = life.disk.files(), {"theirs", "theirs too"}
    left = there(setting, files)
    memory = set(ids(life.db)) if life.db is not None else set(life.acked)
    if life.db is not None:
        life.db.close()
    known = {*setting.base, *life.acked}
    broken = {
        f"lost: {known - left}": not known <= left,
        f"from nowhere: {left}": not left <= known | {*life.refused} | theirs,
        f"refused, and there: {life.refused}": not lasting and not left.isdisjoint(life.refused),
        f"memory shows {memory}": not {*life.acked} <= memory <= known | theirs,
        "refused without a word": life.refused and not life.said,
        f"no cause is named: {life.said}": any(not said or "None" in said for said in life.said),
        "files are left open": life.disk.fds,
        f"litter: {[*files]}": not lasting and has_litter(setting, files),
    }
    return [what for what, is_so in broken.items() if is_so]


def has_litter(setting: Setting, files: dict[str, bytes]) -> bool:
    """Tell whether there is an unfinished file, or evidence by halves."""
    unfinished = any(name.endswith(".new") for name in files)
    return unfinished or not all(is_evidence(setting, data) for name, data in files.items() if "-20" in name)


def is_evidence(setting: Setting, data: bytes) -> bool:
    """Tell whether these bytes are the file as it was at first, or its torn end."""
    first = setting.files().get(NAME, b"\n")
    return data == first or (data != b"" and data == first[first.rindex(b"\n") + 1 :])


def recovers(setting: Setting, life: Life) -> list[str]:
    """Let the fault go, and return what does not work then."""
    life.disk.mend()
    again = Life(life.disk, setting.options)
    if setting.stays_damaged:
        salvage(PATH, disk=life.disk)
    again.open()
    again.insert("after")
    again.act(JournalDB.compact)
    if again.db is not None:
        again.db.close()
    left = there(setting, life.disk.files())
    found = [f"{again.said}"] if again.acked != ["after"] else []
    found += [f"lost: {left}"] if not {*setting.base, *life.acked, "after"} <= left else []
    return found + [name for name in life.disk.names if name.endswith(".new")]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_whichever_call_fails_what_was_acknowledged_is_there_and_all_else_was_said(setting: Setting) -> None:
    tried = 0
    for fault in faults(setting):
        life = lived(setting, fault)
        broken = problems(setting, life, lasting=fault[2]) + recovers(setting, life)
        assert not broken, f"call {fault}: {broken}; said {life.said}"
        tried += 1
    assert tried > 50


def test_a_journal_that_is_damaged_is_refused_whichever_call_fails() -> None:
    setting = next(one for one in SETTINGS if one.stays_damaged)
    files = setting.files()
    with pytest.raises(CorruptJournal):
        JournalDB(PATH, disk=MemoryDisk(files))
    for at in range(1, 20):
        disk = NthCallFails(files)
        disk.arm(at, 5, lasting=True)
        life = Life(disk, {})
        life.open()
        assert life.db is None
        assert disk.files()[NAME] == files[NAME]


def _acknowledged_all_the_same(self: JournalFile, change: Change) -> None:
    with contextlib.suppress(WriteFailed):
        COMMIT(self, change)


def _closed_and_left(disk: Disk, fd: int, path: Path) -> None:
    disk.close(fd)


COMMIT = JournalFile.commit
LEFT_OUT = {
    "a write that failed is said": [(JournalFile, "commit", _acknowledged_all_the_same)],
    "what was not safe is taken back": [(AppendFile, "_take_back", lambda _self, _fd: None)],
    "nothing is written after a failed fsync": [(AppendFile, "poison", lambda _self, _why: None)],
    "an unfinished file is removed": [(triage.store.disk, "discard", _closed_and_left)],
    "the system's errors become ours": [(JournalFile, "_reading", lambda _self: contextlib.nullcontext())],
}


@pytest.mark.parametrize("protection", LEFT_OUT)
def test_the_check_notices_that_a_protection_is_left_out(protection: str, monkeypatch) -> None:
    for owner, name, instead in LEFT_OUT[protection]:
        monkeypatch.setattr(owner, name, instead)
    with pytest.raises((AssertionError, OSError, StoreError)):
        check_everything()


def check_everything() -> None:
    for setting in SETTINGS:
        for fault in faults(setting, numbers=(5, 28)):
            life = lived(setting, fault)
            assert not problems(setting, life, lasting=fault[2]) + recovers(setting, life)
