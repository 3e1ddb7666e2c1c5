"""A checkpoint saves reading and nothing else: with it and without it the same is there."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator

import msgspec
import msgspec.inspect
import pytest

from triage.errors import CorruptJournal, NewerFormat, WriteFailed
from triage.store import checkpoint
from triage.store.disk import Disk
from triage.store.migrations import Migration
from triage.store.record import seal
from triage.store.rows import LeadOutline
from triage.store.tiny import JournalDB


class Key(msgspec.Struct):
    id: str


class Longer(msgspec.Struct):
    id: str
    text: str = "unknown"


LONG = "long " * 400


class Reads(Disk):
    """Takes note of how much is read of each file."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.read: dict[str, int] = {}

    def open(self, path, flags, mode=0o777):
        fd = os.open(path, flags, mode)
        self.names[fd] = os.fspath(path).rsplit(".", 1)[-1]
        return fd

    def pread(self, fd, size, offset):
        data = os.pread(fd, size, offset)
        name = self.names[fd]
        self.read[name] = self.read.get(name, 0) + len(data)
        return data


def opened(path, kind=Key, **options) -> JournalDB:
    return JournalDB(
        path,
        indexes={"t": ("id",), "plain": ("n",)},
        outlined={"t": kind},
        has_checkpoint=True,
        durable=False,
        **options,
    )


def document(name: str) -> dict:
    return {"id": name, "text": name + LONG}


@pytest.fixture
def kept(path):
    """Return the path of a checkpoint, beside a journal that is closed."""
    db = opened(path)
    db.replace_table("t", [document(str(number)) for number in range(600)])
    db.table("t").remove(doc_ids=[7])
    db.table("t").insert({"id": 5, "odd": True})
    db.table("plain").insert_multiple([{"n": 1}, {"n": 2}])
    db.table("empty", persist_empty=True)
    db.close()
    return path.with_suffix(".checkpoint")


def contents(path, **options) -> tuple:
    db = opened(path, **options)
    try:
        found = db.storage.read(), db.table("t").ids_by("id", "3"), db.table("t").insert({"id": "x"})
        return *found, db.notices
    finally:
        db.close()


def test_a_journal_is_not_read_where_its_checkpoint_says_what_it_adds_up_to(path, kept) -> None:
    disk = Reads()
    db = opened(path, disk=disk)
    assert len(db.table("t")) == 600
    assert disk.read["journal"] < path.stat().st_size / 50
    assert db.table("t").one_by("id", "3") == document("3")
    db.close()


def test_with_it_and_without_it_the_same_is_there(path, kept, tmp_path) -> None:
    other = tmp_path / "other" / path.name
    other.parent.mkdir()
    shutil.copy(path, other)
    assert contents(path) == contents(other)


def test_what_was_written_since_is_read_from_the_journal(path, kept) -> None:
    before = kept.read_bytes()
    db = opened(path)
    db.table("t").insert(document("late"))
    db.table("t").update({"text": "short"}, doc_ids=[3])
    db.close()
    assert kept.read_bytes() == before
    disk = Reads()
    again = opened(path, disk=disk)
    assert again.table("t").one_by("id", "late") == document("late")
    assert again.table("t").get(doc_id=3)["text"] == "short"
    assert disk.read["journal"] < path.stat().st_size / 50
    again.close()


def test_a_torn_end_behind_it_is_set_aside_all_the_same(path, kept) -> None:
    with path.open("ab") as file:
        file.write(b"12345678 40 {")
    db = opened(path)
    assert len(db.table("t")) == 600
    assert "never finished" in db.notices[0]
    db.close()


@pytest.mark.parametrize("share", [0, 1, 3, 50, 99])
def test_a_damaged_one_is_passed_over(path, kept, share: int) -> None:
    data = bytearray(kept.read_bytes())
    data[len(data) * share // 100] ^= 1
    kept.write_bytes(bytes(data))
    disk = Reads()
    db = opened(path, disk=disk)
    assert len(db.table("t")) == 600
    assert db.notices == []
    assert disk.read["journal"] >= path.stat().st_size
    db.close()


def test_a_length_that_is_off_makes_no_room_for_what_it_claims(path, kept) -> None:
    class Asked(Disk):
        most = 0

        def pread(self, fd, size, offset):
            self.most = max(self.most, size)
            return os.pread(fd, size, offset)

    kept.write_bytes(b"\xff\xff\xff\xff" + kept.read_bytes()[4:])
    disk = Asked()
    assert len(opened(path, disk=disk).table("t")) == 600
    assert disk.most < 1 << 24


@pytest.mark.parametrize("size", [0, 3, 100, 4000, -1])
def test_one_that_was_cut_off_is_passed_over(path, kept, size: int) -> None:
    kept.write_bytes(kept.read_bytes()[:size])
    assert len(opened(path).table("t")) == 600


def test_one_of_another_journal_is_passed_over(path, kept, tmp_path) -> None:
    other = tmp_path / "other" / path.name
    db = opened(other)
    db.replace_table("t", [document(str(number)) for number in range(600)])
    db.close()
    shutil.copy(kept, other.with_suffix(".checkpoint"))
    assert len(opened(other).table("plain")) == 0


def test_one_of_another_file_of_the_same_number_is_passed_over(path, kept) -> None:
    stale = kept.read_bytes()
    db = opened(path)
    db.table("plain").insert_multiple([{"n": number} for number in range(3, 9)])
    db.compact()
    db.close()
    kept.write_bytes(stale)
    # What the checkpoint takes for its journal's number is this one's, as a file system may give it again.
    with kept.open("r+b") as file:
        head_size = int.from_bytes(file.read(4))
        file.seek(8)
        head = msgspec.msgpack.decode(file.read(head_size), type=checkpoint._Head)
        seen = path.stat()
        head.device, head.inode, head.size = seen.st_dev, seen.st_ino, min(head.size, seen.st_size)
        rest = file.read()
    kept.write_bytes(checkpoint._framed(msgspec.msgpack.encode(head)) + rest)
    assert len(opened(path).table("plain")) == 8


def test_one_of_a_program_that_keeps_other_fields_is_passed_over(path, kept) -> None:
    db = opened(path, kind=Longer)
    assert next(iter(db.table("t").held())).part == Longer("0", "0" + LONG)
    db.close()


def test_the_fields_of_every_type_that_a_lead_in_memory_is_made_of_are_told_apart() -> None:
    said = {name: set(hints) for name, hints in checkpoint._said(LeadOutline)}
    made_of = msgspec.inspect.multi_type_info([LeadOutline])
    structs = {one.cls: {field.name for field in one.fields} for one in _structs(made_of)}
    assert said == {f"{kind.__module__}.{kind.__qualname__}": names for kind, names in structs.items()}


def _structs(info: object) -> Iterator[msgspec.inspect.StructType]:
    """Yield every type of fields that a type is made of, by what msgspec reads with."""
    if isinstance(info, msgspec.inspect.StructType):
        yield info
    if isinstance(info, list | tuple):
        for one in info:
            yield from _structs(one)
    elif isinstance(info, msgspec.Struct) and not isinstance(info, msgspec.inspect.EnumType):
        for name in info.__struct_fields__:
            yield from _structs(getattr(info, name))


def shouted(contents) -> None:
    for row in contents["t"].values():
        row["text"] = "LOUD"


NEXT_FORMAT = (Migration("say it louder", shouted),)


def test_a_journal_of_an_older_format_is_migrated_whatever_its_checkpoint_says(path, kept) -> None:
    db = opened(path, migrations=NEXT_FORMAT)
    assert {row["text"] for row in db.table("t").all()} == {"LOUD"}
    db.close()


def test_a_journal_of_a_newer_format_is_refused_whatever_its_checkpoint_says(path) -> None:
    db = opened(path, migrations=NEXT_FORMAT)
    db.replace_table("t", [document(str(number)) for number in range(600)])
    db.close()
    assert path.with_suffix(".checkpoint").exists()
    with pytest.raises(NewerFormat):
        opened(path)


def test_an_older_program_that_knows_of_none_may_write_the_journal(path, kept) -> None:
    older = JournalDB(path, durable=False)
    older.table("t").insert(document("older"))
    older.close()
    db = opened(path)
    assert db.table("t").one_by("id", "older") == document("older")
    db.close()


@pytest.mark.parametrize("act", ["compact", "replace", "damage"])
def test_it_goes_before_the_journal_is_written_afresh(path, kept, act: str) -> None:
    left = kept.with_name(kept.name + ".new")
    left.write_bytes(b"left by a kill")
    db = opened(path)
    if act == "compact":
        db.compact()
    elif act == "replace":
        db.replace_table("t", [])
    else:
        row = next(iter(db.table("t").held()))
        with path.open("r+b") as file:
            file.seek(row.place.offset + 2)
            file.write(b"?")
        with pytest.raises(CorruptJournal):
            row.document()
        db.refresh()
    assert not kept.exists()
    assert not left.exists()
    db.close()


def test_where_it_cannot_be_removed_nothing_is_written_afresh(path, kept) -> None:
    class Stuck(Disk):
        def unlink(self, target):
            if str(target).endswith(".checkpoint"):
                raise PermissionError(1, "Operation not permitted")
            target.unlink()

    db = opened(path, disk=Stuck())
    before = path.read_bytes()
    with pytest.raises(WriteFailed, match="checkpoint: Operation not permitted"):
        db.compact()
    assert path.read_bytes() == before
    db.close()


def test_one_that_cannot_be_written_is_done_without(path, kept) -> None:
    class Full(Disk):
        def replace(self, old, new):
            if str(new).endswith(".checkpoint"):
                raise OSError(28, "No space left on device")
            old.replace(new)

    db = opened(path, disk=Full())
    db.replace_table("t", [document(str(number)) for number in range(500)])
    db.close()
    assert not kept.exists()
    assert not kept.with_name(kept.name + ".new").exists()
    assert len(opened(path).table("t")) == 500


def test_another_process_that_is_behind_never_writes_down_what_was_erased(path, kept, monkeypatch) -> None:
    monkeypatch.setattr(checkpoint, "_LEAST", 0)
    behind = opened(path, kind=Longer)
    writer = opened(path, kind=Longer)
    writer.replace_table("t", [document(str(number)) for number in range(300)])
    assert behind.table("t").one_by("id", "x") is None
    assert len(behind.table("t")) == 600
    behind.close()
    assert b"599long long" not in kept.read_bytes()
    assert b"299long long" in kept.read_bytes()
    writer.close()


def test_one_of_another_file_with_the_same_ends_is_passed_over(path, kept) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    body = lines[300].split(b" ", 2)[2].rstrip(b"\n")
    lines[300] = seal(body.replace(b"long", b"LONG", 1))
    copy = path.with_name("copy")
    copy.write_bytes(b"".join(lines))
    copy.replace(path)
    db = opened(path)
    assert any("LONG" in row["text"] for row in db.table("t").all() if "text" in row)
    assert db.notices == []
    db.close()


def test_it_is_for_this_user_alone_and_a_link_is_not_followed(path, kept, tmp_path) -> None:
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    target = tmp_path / "elsewhere"
    kept.replace(target)
    kept.symlink_to(target)
    disk = Reads()
    assert len(opened(path, disk=disk).table("t")) == 600
    assert disk.read["journal"] >= path.stat().st_size


def test_a_small_journal_has_none(path) -> None:
    db = opened(path)
    db.table("t").insert(document("a"))
    db.close()
    assert not path.with_suffix(".checkpoint").exists()


def test_closing_waits_for_no_other_process_where_there_is_nothing_to_write_down(path, kept) -> None:
    plain = JournalDB(path.with_name("plain.journal"), patience=60)
    small = opened(path, patience=60)
    with opened(path).transaction(), JournalDB(plain.storage.journal.path).transaction():
        plain.close()
        small.close()


def test_a_closed_database_writes_none(path, kept) -> None:
    db = opened(path)
    db.replace_table("t", [document(str(number)) for number in range(500)])
    db.close()
    kept.unlink()
    db.close()
    db.note_down()
    assert not kept.exists()
