"""Of an outlined table memory holds a small part of each document; the rest is read from the disk, checked."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from triage.errors import CorruptJournal, StoreError
from triage.store.bodies import Filed
from triage.store.disk import Disk
from triage.store.migrations import Migration
from triage.store.record import seal
from triage.store.tiny import JournalDB


class Key(msgspec.Struct):
    id: str


LONG = "long " * 400


def opened(path, **options) -> JournalDB:
    return JournalDB(path, **{"indexes": {"t": ("id",)}, "outlined": {"t": Key}, "durable": False, **options})


def document(name: str, text: str = LONG) -> dict:
    return {"id": name, "text": name + text}


@pytest.fixture
def db(path):
    made = opened(path)
    made.table("t").insert_multiple(document(name) for name in "abc")
    yield made
    made.close()


def held(db: JournalDB) -> list[Filed]:
    return list(db.table("t").held())


class Reads(Disk):
    """Takes note of what is read."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def pread(self, fd, size, offset):
        data = os.pread(fd, size, offset)
        self.sizes.append(len(data))
        return data


def test_memory_holds_the_part_and_not_the_document(db) -> None:
    assert [row.part for row in held(db)] == [Key("a"), Key("b"), Key("c")]
    assert all(isinstance(row, Filed) for row in held(db))
    assert held(db)[1].document() == document("b")
    assert db.table("t").one_by("id", "c") == document("c")


def test_a_document_of_a_record_that_holds_many_is_read_alone(path, db) -> None:
    disk = Reads()
    other = opened(path, disk=disk)
    size = len(held(other)[1].raw())
    disk.sizes.clear()
    assert other.table("t").one_by("id", "b") == document("b")
    assert disk.sizes == [size]


def test_a_file_is_read_a_piece_at_a_time(path, db) -> None:
    db.replace_table("t", (document(str(number), LONG * 50) for number in range(100)))
    assert path.stat().st_size > 8 << 20
    disk = Reads()
    assert len(opened(path, disk=disk).table("t")) == 100
    assert max(disk.sizes) <= 1 << 20


def test_what_the_type_does_not_take_is_held_whole(path, db) -> None:
    odd = [{"id": 5}, {"other": 1}, {"id": "\ud800 half a character"}]
    db.table("t").insert_multiple(odd)
    for each in (db, opened(path)):
        assert each.table("t").all()[3:] == odd
        assert held(each)[3:] == odd
        assert each.table("t").one_by("id", 5) == odd[0]


def test_a_reader_goes_on_after_a_compaction_in_the_new_file(db) -> None:
    kept = held(db)
    before = [row.place for row in kept]
    db.table("t").remove(doc_ids=[1])
    db.compact()
    assert [row.document() for row in kept[1:]] == [document("b"), document("c")]
    assert [row.place for row in kept[1:]] != before[1:]


def test_what_was_removed_is_not_read_after_a_compaction_by_whoever_holds_it(db) -> None:
    gone = held(db)[0]
    db.table("t").remove(doc_ids=[1])
    assert gone.document() == document("a")
    db.compact()
    with pytest.raises(StoreError, match="is closed"):
        gone.document()


@pytest.mark.parametrize("who", ["another process", "ourselves"])
def test_a_reader_of_a_file_that_was_replaced_reads_what_it_always_did(path, db, who: str) -> None:
    kept = held(db)
    writer = opened(path) if who == "another process" else db
    writer.replace_table("t", [document("new")])
    db.refresh()
    assert [row.part.id for row in held(db)] == ["new"]
    assert [row.document() for row in kept] == [document(name) for name in "abc"]


def test_the_old_file_is_closed_when_nobody_holds_a_document_of_it(db) -> None:
    kept = held(db)[:1]
    file = kept[0].place.file
    db.replace_table("t", [document("new")])
    assert not file.is_closed
    fd = file.fd
    del file
    kept.clear()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def test_nothing_is_left_open_when_the_database_is_closed(path, db) -> None:
    file = held(db)[0].place.file
    db.close()
    assert file.is_closed


def spoil(path, text: str) -> None:
    data = path.read_bytes()
    at = data.index(text.encode())
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"?")


def test_damage_is_found_when_a_document_is_read_and_the_cache_begins_anew(path, db) -> None:
    spoil(path, "b" + LONG)
    row = held(db)[1]
    news = db.news
    assert not db.changed_elsewhere()
    with pytest.raises(CorruptJournal, match="damaged at byte"):
        row.document()
    assert held(db)[0].document() == document("a")
    assert db.changed_elsewhere()
    assert db.refresh()
    assert len(db.table("t")) == 0
    assert db.news > news
    assert "fetches everything again" in db.notices[0]
    assert list(path.parent.glob("*.damaged-*"))
    db.table("t").insert(document("d"))
    assert opened(path).table("t").all() == [document("d")]


def test_damage_in_what_must_not_be_lost_stops_writing_and_is_said(path) -> None:
    db = opened(path, durable=True)
    db.table("t").insert_multiple(document(name) for name in "abc")
    spoil(path, "b" + LONG)
    with pytest.raises(CorruptJournal):
        db.table("t").all()
    with pytest.raises(CorruptJournal, match="does not read"):
        db.table("t").insert(document("d"))
    assert not list(path.parent.glob("*.damaged-*"))


def test_a_compaction_never_copies_damage(path, db) -> None:
    spoil(path, "b" + LONG)
    before = path.read_bytes()
    with pytest.raises(CorruptJournal):
        db.compact()
    assert path.read_bytes() == before
    assert not path.with_name(path.name + ".new").exists()


def test_bytes_that_were_cut_off_are_damage(path, db) -> None:
    row = held(db)[2]
    os.truncate(path, row.place.offset + 10)
    with pytest.raises(CorruptJournal):
        row.document()


def test_readers_in_other_threads_read_right_while_the_file_is_compacted_and_replaced(db) -> None:
    done = threading.Event()
    rows = held(db)

    def reading() -> int:
        count = 0
        while not done.is_set() or not count:
            for name, row in zip("abc", rows, strict=True):
                assert row.document() == document(name)
                count += 1
        return count

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(reading) for _ in range(3)]
        try:
            for number in range(150):
                db.table("t").insert(document(str(number), ""))
                db.compact()
            db.replace_table("t", [document("new")])
        finally:
            done.set()
        assert all(reader.result(60) for reader in readers)
    assert db.notices == []


def test_a_failed_replacement_leaves_everything_readable(path, db) -> None:
    before = path.read_bytes()
    with pytest.raises(StoreError):
        db.replace_table("t", [document("new"), {"id": float("nan")}])
    assert path.read_bytes() == before
    assert [row.document() for row in held(db)] == [document(name) for name in "abc"]


def test_a_transaction_sees_its_own_documents_and_those_on_the_disk(db) -> None:
    table = db.table("t")
    with db.transaction():
        table.insert(document("d"))
        table.update({"text": "short"}, doc_ids=[2])
        table.remove(doc_ids=[1])
        assert [row["id"] for row in table.all()] == ["b", "c", "d"]
        assert table.one_by("id", "b")["text"] == "short"
        assert table.by("id", "a") == []
        assert [row for row in table.held() if isinstance(row, Filed)] == [
            row for row in table.held() if not isinstance(row, dict)
        ]
    assert [row["id"] for row in table.all()] == ["b", "c", "d"]
    assert all(isinstance(row, Filed) for row in held(db))


def test_a_line_that_names_a_document_twice_is_read_as_it_always_was(path, db) -> None:
    db.close()
    lines = b'{"s":2,"t":{"t":{"p":{"1":{"id":"x"},"2":{"id":"y"},"1":{"id":"z"}}}}}'
    with path.open("ab") as file:
        file.write(seal(lines))
    again = opened(path)
    assert [row["id"] for row in again.table("t").all()] == ["z", "y", "c"]
    assert again.notices == []
    again.close()


def test_what_is_in_memory_after_a_replacement_is_what_a_reading_of_the_file_gives(path, db) -> None:
    db.table("plain").insert({"n": 1.5})
    rows = [
        document("a"),
        msgspec.Raw(b'{"text": "}}}}", "id": "b"}'),
        {"id": 5},
        {"id": "\ud800"},
        msgspec.Raw(b'{"id":6}'),
    ]
    db.replace_table("t", rows, lambda row: row)
    again = opened(path)
    assert list(map(placed, held(db))) == list(map(placed, held(again)))
    assert [type(row) for row in held(db)] == [Filed, Filed, dict, dict, dict]
    assert db.storage.read() == again.storage.read()
    assert db.table("t").next_id == again.table("t").next_id == 9
    again.close()


def placed(row: Filed | dict) -> object:
    if isinstance(row, dict):
        return row
    return row.part, row.place.offset, row.place.length, row.place.checksum


def test_documents_of_the_same_words_in_one_record_are_each_read(path, db) -> None:
    db.table("t").insert_multiple(document("same") for _ in range(3))
    again = opened(path)
    for each in (db, again):
        assert [row.document() for row in held(each)[3:]] == [document("same")] * 3
    again.close()


def test_an_older_format_is_brought_to_the_newest_and_lies_on_the_disk_from_then_on(path, db) -> None:
    def renamed(contents) -> None:
        for row in contents["t"].values():
            row["text"] = row["text"][:1]

    db.close()
    migrations = [Migration("shorter", renamed)]
    for _ in range(2):
        again = opened(path, migrations=migrations)
        assert again.table("t").all() == [{"id": name, "text": name} for name in "abc"]
        assert again.table("t").one_by("id", "b") == {"id": "b", "text": "b"}
        again.close()
    again = opened(path, migrations=migrations)
    assert all(isinstance(row, Filed) for row in held(again))
    again.close()
