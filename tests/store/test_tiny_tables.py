"""What stock TinyDB gets wrong, one test each, and what the journal adds: transactions, look-up by key, other processes' writes."""

from __future__ import annotations

import json

import pytest
from tinydb import TinyDB, where
from tinydb.storages import JSONStorage
from tinydb.table import Document, Table

from triage.errors import StoreError, WriteFailed
from triage.store.tiny import JournalDB

INDEXES = {"items": ("id", "state")}


@pytest.fixture
def db(path):
    opened = JournalDB(path, indexes=INDEXES)
    yield opened
    opened.close()


def lines(path) -> list[dict]:
    return [json.loads(line.split(b" ", 2)[2]) for line in path.read_bytes().splitlines()]


def test_an_id_is_never_used_twice(db, path) -> None:
    assert db.insert_multiple([{}, {}, {}]) == [1, 2, 3]
    db.remove(doc_ids=[3])
    assert db.insert({}) == 4
    db.truncate()
    assert db.insert({}) == 5
    db.drop_tables()
    db.compact()
    db.close()
    again = JournalDB(path)
    assert again.tables() == set()
    assert again.insert({}) == 6
    again.replace_table("_default", [{}])
    assert again.insert({}) == 8


def test_another_handles_documents_are_not_overwritten(db, path) -> None:
    other = JournalDB(path)
    assert db.insert_multiple([{"by": "us"}]) == [1]
    assert other.insert_multiple([{"by": "them"}, {"by": "them"}]) == [2, 3]
    assert db.insert_multiple([{"by": "us"}]) == [4]
    assert [row["by"] for row in db.all()] == ["us", "them", "them", "us"]


def test_a_document_with_an_id_moves_the_counter(db) -> None:
    assert db.insert_multiple([Document({"k": 1}, 1), {"k": 2}]) == [1, 2]
    assert db.insert(Document({"k": 9}, 9)) == 9
    assert db.insert({}) == 10
    with pytest.raises(ValueError, match="already exists"):
        db.insert(Document({}, 9))
    with pytest.raises(ValueError, match="not a Mapping"):
        db.insert([1])


def test_persist_empty_makes_a_table_and_never_empties_one(db) -> None:
    db.table("items").insert({"id": "a"})
    assert len(db.table("items", persist_empty=True)) == 1
    db.table("new", persist_empty=True)
    assert db.tables() == {"items", "new"}
    generation = db.generation
    db.table("new", persist_empty=True)
    assert db.generation == generation


def test_a_changed_result_reaches_neither_memory_nor_disk(db, path) -> None:
    db.insert({"tags": ["a"], "deep": {"list": [{"x": 1}]}})
    expected = {"tags": ["a"], "deep": {"list": [{"x": 1}]}}
    table = db.table("_default")
    for give in (
        lambda: table.search(where("tags").exists())[0],
        lambda: table.search(where("tags").exists())[0],
        lambda: table.get(doc_id=1),
        lambda: table.get(where("tags").exists()),
        lambda: table.get(doc_ids=[1])[0],
        lambda: table.all()[0],
        lambda: next(iter(db)),
        lambda: db.storage.read()["_default"]["1"],
    ):
        row = give()
        assert row == expected
        row["tags"].append("changed")
        row["deep"]["list"][0]["x"] = "changed"
        row["new"] = 1
    db.insert({})
    assert JournalDB(path).get(doc_id=1) == expected


def test_a_document_changed_after_it_was_inserted_stays_as_it_was_recorded(db) -> None:
    row, fields = {"tags": []}, {"more": []}
    with db.transaction():
        db.insert(row)
        row["tags"].append("late")
        db.update(fields)
        fields["more"].append("late")
        assert db.get(doc_id=1) == {"tags": [], "more": []}
    assert db.get(doc_id=1) == {"tags": [], "more": []}


def test_a_look_up_by_key_gives_the_callers_own(db) -> None:
    table = db.table("items")
    table.insert({"id": "a", "tags": []})
    table.by("id", "a")[0]["tags"].append("changed")
    table.one_by("id", "a")["tags"].append("changed")
    assert table.one_by("id", "a") == {"id": "a", "tags": []}
    assert table.one_by("id", "b") is None


def test_a_look_up_by_a_field_without_an_index_is_refused(db) -> None:
    with pytest.raises(ValueError, match="items has no index on note"):
        db.table("items").by("note", 1)


def test_a_query_is_answered_afresh_after_each_change_whoever_made_it(db, path) -> None:
    table, query = db.table("items"), where("state") == "queued"
    other = JournalDB(path)
    assert table.search(query) == []
    table.insert({"state": "queued"})
    assert len(table.search(query)) == 1
    other.table("items").insert({"state": "queued"})
    assert db.changed_elsewhere()
    assert len(table.search(query)) == 1
    db.refresh()
    assert len(table.search(query)) == table.count(query) == 2

    def change_your_mind() -> None:
        with db.transaction():
            table.insert({"state": "queued"})
            assert len(table.search(query)) == 3
            raise KeyError

    with pytest.raises(KeyError):
        change_your_mind()
    assert len(table.search(query)) == 2


def test_nothing_that_matches_writes_nothing(db, path) -> None:
    db.insert({"k": 1})
    before = path.read_bytes()
    assert db.update({"x": 1}, where("k") == 2) == []
    assert db.remove(where("k") == 2) == []
    assert db.insert_multiple([]) == []
    assert db.update_multiple([({"x": 1}, where("k") == 2)]) == []
    with db.transaction():
        pass
    assert path.read_bytes() == before


def test_an_upsert_is_one_record(db, path) -> None:
    assert db.upsert({"k": 1, "v": 1}, where("k") == 1) == [1]
    assert db.upsert({"k": 1, "v": 2}, where("k") == 1) == [1]
    assert db.upsert(Document({"k": 5}, 5)) == [5]
    assert len(lines(path)) == 1 + 3
    assert db.get(doc_id=1) == {"k": 1, "v": 2}


def test_a_change_writes_what_changed_and_not_what_is_there(db, path) -> None:
    db.insert_multiple({"k": number, "text": "x" * 200} for number in range(200))
    size = path.stat().st_size
    db.update({"seen": True}, where("k") == 7)
    db.remove(doc_ids=[1])
    db.truncate()
    assert path.stat().st_size - size < 500
    assert lines(path)[-1]["t"] == {"_default": {"c": True}}


# Transactions


def test_a_transaction_is_one_record_and_sees_itself(db, path) -> None:
    items, notes = db.table("items"), db.table("notes")
    items.insert({"id": "a", "state": "queued"})
    with db.transaction():
        items.update({"state": "sending"}, where("id") == "a")
        assert items.by("state", "queued") == []
        assert items.one_by("state", "sending")["id"] == "a"
        first = notes.insert({"of": "a"})
        notes.update({"seen": True}, doc_ids=[first])
        items.insert({"id": "b", "state": "queued"})
        items.remove(where("id") == "b")
        assert notes.get(doc_id=first) == {"of": "a", "seen": True}
        assert (len(items), len(notes), db.tables()) == (1, 1, {"items", "notes"})
        assert [line.get("s") for line in lines(path)] == [0, 1]
    assert [line.get("s") for line in lines(path)] == [0, 1, 2]
    assert JournalDB(path).storage.read() == db.storage.read()


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_what_is_raised_in_a_transaction_leaves_nothing(db, path, error) -> None:
    db.insert({"id": "a"})
    before, generation = path.read_bytes(), db.generation

    def stop_halfway() -> None:
        with db.transaction():
            db.insert({"id": "b"})
            db.table("other").insert({})
            db.truncate()
            raise error

    with pytest.raises(error):
        stop_halfway()
    assert path.read_bytes() == before
    assert db.generation == generation
    assert [row["id"] for row in db.all()] == ["a"]
    assert db.insert({"id": "c"}) == 2


def test_an_act_that_fails_inside_a_transaction_undoes_itself_alone(db) -> None:
    def inner() -> None:
        with db.transaction():
            db.table("other").insert({})
            db.update({"id": "changed"})
            raise KeyError

    with db.transaction():
        db.insert({"id": "a"})
        with pytest.raises(ValueError, match="already exists"):
            db.insert_multiple([{"id": "half"}, Document({}, 1)])
        with pytest.raises(KeyError):
            inner()
        db.insert({"id": "b"})
    assert [row["id"] for row in db.all()] == ["a", "b"]
    assert db.tables() == {"_default"}


def test_a_transaction_may_truncate_drop_and_fill_again(db, path) -> None:
    db.insert_multiple([{"n": 1}, {"n": 2}])
    db.table("gone").insert({})
    with db.transaction():
        db.truncate()
        assert len(db) == 0
        assert db.insert({"n": 3}) == 3
        db.drop_table("gone")
        assert db.tables() == {"_default"}
    again = JournalDB(path)
    assert [(row.doc_id, row["n"]) for row in again.all()] == [(3, 3)]
    assert again.tables() == {"_default"}


def test_a_removed_document_put_again_goes_to_the_end(db, path) -> None:
    db.insert_multiple([{"n": 1}, {"n": 2}])
    with db.transaction():
        db.remove(doc_ids=[1])
        db.insert(Document({"n": "again"}, 1))
        assert [row.doc_id for row in db.all()] == [2, 1]
    assert [row.doc_id for row in db.all()] == [2, 1]
    db.compact()
    assert [row.doc_id for row in JournalDB(path).all()] == [2, 1]


@pytest.mark.parametrize("act", ["compact", "replace"])
def test_the_file_is_not_rewritten_in_the_middle_of_a_transaction(db, act) -> None:
    with db.transaction():
        db.insert({"id": "a"})
        with pytest.raises(StoreError, match="inside a transaction"):
            db.compact() if act == "compact" else db.replace_table("_default", [])
    assert len(db) == 1


# Values


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("-inf"), {1, 2}, b"bytes", object(), 10**5000, [float("nan")]],
    ids=["nan", "infinity", "set", "bytes", "object", "a number too long to read back", "nested nan"],
)
def test_what_json_cannot_hold_is_refused_before_anything_is_touched(db, path, value) -> None:
    db.insert({"id": "a"})
    before = path.read_bytes()
    with pytest.raises(WriteFailed, match="a value cannot be kept"):
        db.insert({"v": value})
    with pytest.raises(WriteFailed):
        db.replace_table("_default", [{"v": value}])
    assert path.read_bytes() == before
    db.insert({"id": "b"})
    assert [row["id"] for row in JournalDB(path).all()] == ["a", "b"]


def test_what_contains_itself_is_refused(db) -> None:
    deep: dict = {}
    for _ in range(5000):
        deep = {"d": deep}
    with pytest.raises((WriteFailed, RecursionError)):
        db.insert(deep)
    assert db.insert({"id": "a"}) == 1


@pytest.mark.parametrize(
    "value", [2**70, -(2**63) - 1, "\ud800 pasted", "\udfff", "\x00\u2028\n", 1e308, -0.0, "naïve ✓ 🙂"]
)
def test_odd_but_lawful_values_come_back_as_they_were(db, path, value) -> None:
    db.insert({"v": value})
    db.compact()
    db.insert({"v": value})
    assert [row["v"] for row in JournalDB(path).all()] == [value, value]
    assert len(path.read_bytes().splitlines()) == 4


def test_memory_holds_what_a_replay_gives(db, path) -> None:
    db.insert({"tuple": (1, (2,)), 5: "key"})
    assert db.all() == JournalDB(path).all() == [{"tuple": [1, [2]], "5": "key"}]


# The database


def test_stock_tinydb_is_left_alone() -> None:
    assert TinyDB.table_class is Table
    assert TinyDB.default_storage_class is JSONStorage


def test_a_whole_database_is_never_written_over_another(db) -> None:
    with pytest.raises(StoreError, match="never a whole database"):
        db.storage.write({})


def test_replacing_a_table_leaves_the_others_and_is_seen_elsewhere(db, path) -> None:
    other = JournalDB(path, indexes=INDEXES)
    db.table("notes").insert({"n": 1})
    db.table("items").insert_multiple([{"id": "old", "state": "x"}] * 3)
    ids = db.replace_table("items", ({"id": name} for name in "ab"))
    assert ids == [4, 5]
    assert other.refresh()
    for each in (db, other, JournalDB(path, indexes=INDEXES)):
        assert each.table("items").all() == [{"id": "a"}, {"id": "b"}]
        assert each.table("items").by("id", "old") == []
        assert each.table("items").one_by("id", "b").doc_id == 5
        assert each.table("notes").all() == [{"n": 1}]
    assert len(db.replace_table("items", [])) == 0
    assert db.tables() == {"notes", "items"}


def test_the_generation_rises_with_every_change_and_only_then(db, path) -> None:
    other = JournalDB(path)
    seen = [db.generation]
    for act in (
        lambda: db.insert({}),
        lambda: other.insert({}) and db.refresh(),
        lambda: db.update({"x": 1}),
    ):
        act()
        seen.append(db.generation)
    assert seen == sorted(set(seen))
    assert not db.refresh()
    db.all()
    assert db.generation == seen[-1]


def test_compaction_is_worth_it_when_most_of_the_file_is_history(db, path) -> None:
    db.insert({"n": 0})
    for number in range(1000):
        assert not db.worth_compacting()
        db.update({"n": number})
    assert db.worth_compacting()
    size = path.stat().st_size
    db.compact()
    assert not db.worth_compacting()
    assert path.stat().st_size < size / 100


def test_a_write_of_our_own_is_not_one_from_elsewhere(db) -> None:
    db.insert({})
    assert not db.changed_elsewhere()
    db.compact()
    assert not db.changed_elsewhere()


def test_values_made_of_rows_are_those_that_copies_would_give(path):
    database = JournalDB(path, indexes={"items": ("kind",)})
    table = database.table("items")
    table.insert_multiple({"kind": "ab"[number % 2], "n": number} for number in range(6))
    with database.transaction():
        table.insert({"kind": "a", "n": 6})
        assert table.read(lambda row, doc_id: (doc_id, row["n"])) == [
            (one.doc_id, one["n"]) for one in table.all()
        ]
    by_key = table.read_by("kind", "a", lambda row, _doc_id: row["n"])
    assert by_key == [one["n"] for one in table.by("kind", "a")]
