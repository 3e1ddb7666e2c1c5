"""Damage is told from a torn end, neither is ever silent, and an unreadable file is never an empty one."""

from __future__ import annotations

from zlib import crc32

import pytest
from power_loss import MemoryDisk

from triage.errors import CorruptJournal, NewerFormat, StoreError, WriteFailed
from triage.store.salvage import salvage
from triage.store.tiny import JournalDB

NAME = "outbox.journal"
PATH = f"/m/{NAME}"


def small_file(*, compacted: bool = True) -> tuple[bytes, list[dict]]:
    """Return a file with a snapshot and records, and what each number of records adds up to."""
    disk = MemoryDisk()
    db = JournalDB(PATH, disk=disk)
    db.insert({"id": "a"})
    db.insert({"id": "b"})
    if compacted:
        db.compact()
    states = [db.storage.read()]
    for name in "cde":
        db.insert({"id": name, "text": "naïve"})
        states.append(db.storage.read())
    return bytes(disk.names[NAME].data), states


def opened(data: bytes) -> tuple[JournalDB, MemoryDisk]:
    disk = MemoryDisk({NAME: data})
    return JournalDB(PATH, disk=disk), disk


def tried(data: bytes) -> tuple[JournalDB | None, CorruptJournal | None]:
    try:
        return opened(data)[0], None
    except CorruptJournal as error:
        return None, error


def line_starts(data: bytes) -> list[int]:
    return [0] + [at + 1 for at, byte in enumerate(data) if byte == 0x0A]


def sealed(body: bytes) -> bytes:
    counted = b"%d %b" % (len(body), body)
    return b"%08x %b\n" % (crc32(counted), counted)


def test_cut_at_any_byte_every_complete_record_is_there_and_the_rest_is_said() -> None:
    data, states = small_file()
    starts = line_starts(data)
    base = 1 + 3  # header, counter, two documents
    for cut in range(1, len(data)):
        complete = sum(1 for start in starts[1:] if start <= cut)
        if complete < base:
            with pytest.raises(CorruptJournal):
                opened(data[:cut])
            continue
        db, disk = opened(data[:cut])
        assert db.storage.read() == states[complete - base]
        if cut in starts:
            assert db.notices == []
        else:
            assert len(db.notices) == 1
            kept = next(name for name in disk.names if ".torn-" in name)
            assert bytes(disk.names[kept].data) == data[starts[complete] : cut]


@pytest.mark.parametrize("compacted", [True, False])
def test_one_flipped_bit_is_never_silent(compacted: bool) -> None:
    data, states = small_file(compacted=compacted)
    last = line_starts(data)[-2]
    for at in range(len(data)):
        for bit in range(8):
            flipped = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
            db, refused = tried(flipped)
            if refused:
                assert NAME in refused.message
                assert refused.offset <= at
                continue
            assert at >= last
            assert db.notices
            assert db.storage.read() == states[-2]


@pytest.mark.parametrize(
    "tail", [b"\0", bytes(4096), b"1234", b'12345678 40 {"s":6,', b"12345678 40 {" + bytes(500)]
)
def test_a_torn_end_is_set_aside_and_said(tail: bytes) -> None:
    data, states = small_file()
    db, disk = opened(data + tail)
    assert db.storage.read() == states[-1]
    assert "never finished" in db.notices[0]
    assert bytes(disk.names[NAME].data) == data
    assert [bytes(disk.names[name].data) for name in disk.names if ".torn-" in name] == [tail]


def test_two_torn_ends_within_a_second_are_both_kept(noon) -> None:
    disk = MemoryDisk()
    for tail in (b"1", b"2"):
        JournalDB(PATH, disk=disk, clock=noon).close()
        disk.names[NAME].data += tail
    JournalDB(PATH, disk=disk, clock=noon).close()
    assert sum(".torn-" in name for name in disk.names) == 2


def test_damage_names_the_file_and_the_byte_and_offers_salvage() -> None:
    data, _ = small_file()
    at = line_starts(data)[3]
    with pytest.raises(CorruptJournal, match=f"{NAME} is damaged at byte {at}") as caught:
        opened(data[: at + 20] + b"?" + data[at + 21 :])
    assert caught.value.offset == at
    assert "triage doctor --salvage" in caught.value.hint


def test_damage_is_never_written_to() -> None:
    data, _ = small_file()
    broken = b"?" + data[1:]
    disk = MemoryDisk({NAME: broken})
    with pytest.raises(CorruptJournal):
        JournalDB(PATH, disk=disk)
    assert bytes(disk.names[NAME].data) == broken


def test_a_missing_record_is_damage_though_each_line_is_intact() -> None:
    data, _ = small_file()
    starts = line_starts(data)
    with pytest.raises(CorruptJournal, match="record 3 was expected and 4 is there"):
        opened(data[: starts[4]] + data[starts[5] :])


def test_a_newer_format_is_refused_and_left_as_it_is() -> None:
    newer = sealed(b'{"s":0,"v":2,"base":0,"new":1}') + b"anything at all"
    disk = MemoryDisk({NAME: newer})
    with pytest.raises(NewerFormat, match="format 2"):
        JournalDB(PATH, disk=disk)
    with pytest.raises(NewerFormat):
        salvage(PATH, disk=disk)
    assert {name: bytes(inode.data) for name, inode in disk.names.items() if inode.data} == {NAME: newer}


def test_an_empty_file_begins_anew_and_says_so() -> None:
    db, _ = opened(b"")
    assert len(db) == 0
    assert "empty (0 bytes)" in db.notices[0]
    db.insert({"id": "a"})


def test_a_file_that_shrinks_while_it_is_open_is_damage() -> None:
    data, states = small_file()
    db, disk = opened(data)
    del disk.names[NAME].data[-10:]
    with pytest.raises(CorruptJournal, match="it ends here"):
        db.insert({"id": "f"})
    with pytest.raises(CorruptJournal):
        db.refresh()
    assert db.storage.read() == states[-1]


def test_an_open_journal_whose_file_is_replaced_by_damage_keeps_what_it_shows() -> None:
    data, states = small_file()
    db, disk = opened(data)
    disk.names[NAME] = MemoryDisk({NAME: b"?" + data[1:]}).names[NAME]
    disk.names[NAME].number += 1
    with pytest.raises(CorruptJournal):
        db.refresh()
    assert db.storage.read() == states[-1]


def test_a_removed_file_stops_writing_and_keeps_what_is_shown(path) -> None:
    db = JournalDB(path)
    db.insert({"id": "a"})
    path.unlink()
    with pytest.raises(WriteFailed, match="was removed"):
        db.insert({"id": "b"})
    assert [row["id"] for row in db.all()] == ["a"]


def test_a_disposable_cache_may_be_removed_while_it_is_open(path) -> None:
    db = JournalDB(path, durable=False)
    db.insert({"id": "a"})
    path.unlink()
    path.with_name(path.name + ".lock").unlink()
    db.insert({"id": "b"})
    assert [row["id"] for row in db.all()] == ["b"]
    assert [row["id"] for row in JournalDB(path).all()] == ["b"]


def test_an_older_copy_put_in_the_place_of_the_file_is_said(path) -> None:
    db = JournalDB(path)
    db.insert({"id": "a"})
    older = path.read_bytes()
    db.insert({"id": "b"})
    copy = path.with_name("copy")
    copy.write_bytes(older)
    copy.replace(path)
    assert db.refresh()
    assert db.notices == [f"{path.name} was replaced by an older copy: 1 records fewer."]


def test_a_symbolic_link_is_not_followed(path) -> None:
    JournalDB(path).close()
    link = path.with_name("link.journal")
    link.symlink_to(path)
    with pytest.raises(StoreError, match="symbolic link"):
        JournalDB(link)


# Salvage


def test_salvage_keeps_all_intact_lines_and_names_the_lost_record(noon) -> None:
    data, _ = small_file()
    at = line_starts(data)[5] + 30
    broken = data[:at] + b"\0" + data[at + 1 :]
    disk = MemoryDisk({NAME: broken})
    report = salvage(PATH, disk=disk, clock=noon)
    assert report.lost_records == (4,)
    assert report.lost_snapshot_lines == ()
    assert report.kept_aside.name == f"{NAME}.damaged-20260302T120000Z"
    assert bytes(disk.names[report.kept_aside.name].data) == broken
    db = JournalDB(PATH, disk=disk)
    assert [row["id"] for row in db.all()] == ["a", "b", "c", "e"]
    assert db.insert({"id": "f"}) == 6


def test_salvage_loses_at_most_one_line_to_one_flipped_bit() -> None:
    data, states = small_file()
    everything = states[-1]["_default"]
    for at in range(len(data)):
        flipped = data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]
        disk = MemoryDisk({NAME: flipped})
        report = salvage(PATH, disk=disk)
        kept = JournalDB(PATH, disk=disk).storage.read().get("_default", {})
        assert kept.items() <= everything.items()
        assert len(everything) - len(kept) <= 1
        if len(kept) < len(everything):
            assert report.lost_records or report.lost_snapshot_lines or report.unread_bytes


def test_salvage_of_an_intact_journal_changes_nothing() -> None:
    data, _ = small_file()
    disk = MemoryDisk({NAME: data})
    report = salvage(PATH, disk=disk)
    assert report.kept_aside is None
    assert report.lost_records == ()
    assert bytes(disk.names[NAME].data) == data


def test_an_open_journal_follows_a_salvage(path) -> None:
    db = JournalDB(path)
    for name in "abc":
        db.insert({"id": name})
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(bytes(data))
    salvage(path)
    assert db.refresh()
    assert [row["id"] for row in db.all()] == ["a", "c"]


def test_salvage_of_nothing_is_an_error(path) -> None:
    path.parent.mkdir()
    with pytest.raises(StoreError, match="cannot be read"):
        salvage(path)
