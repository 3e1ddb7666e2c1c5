"""TinyDB on the journal does what TinyDB does: random operations beside TinyDB's own memory storage.

Ids are the one difference that is wanted: stock TinyDB uses the newest id again after its document was removed, here none is used
twice. So documents are compared by a key of their own.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import msgspec
import pytest
import tinydb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tinydb import Query, TinyDB, where
from tinydb.storages import MemoryStorage

from triage.store import checkpoint
from triage.store.tiny import JournalDB

INDEXES = {"a": ("k", "v"), "b": ("k",)}


def plain(table) -> list[dict]:
    return [dict(row) for row in table.all()]


class Keys(msgspec.Struct):
    """What is in memory of a document that stays on the disk: its key fields, if it has them."""

    k: int | msgspec.UnsetType = msgspec.UNSET
    v: int | msgspec.UnsetType = msgspec.UNSET


OPTIONS = {
    "in memory": {},
    "on the disk": {"outlined": {"a": Keys, "b": Keys}},
    "one table on the disk, with checkpoints": {"outlined": {"a": Keys}, "has_checkpoint": True},
}


class Pair:
    """The same operations on both."""

    def __init__(self, path: Path, dice: random.Random, options: dict) -> None:
        self.path, self.dice = path, dice
        self.options = {"indexes": INDEXES, **options}
        self.stock = TinyDB(storage=MemoryStorage)
        self.ours = self.opened()
        self.other = self.opened()
        self.counter = 0

    def opened(self) -> JournalDB:
        return JournalDB(self.path, **self.options)

    def both(self, name: str, act) -> None:
        """Do it to a table of each; what it returns is the same up to ids."""
        expected, found = act(self.stock.table(name)), act(self.ours.table(name))
        assert normal(expected) == normal(found)

    def fresh(self) -> dict:
        self.counter += 1
        return {"k": self.counter, "v": self.dice.randrange(4), "nested": {"list": [1, {"x": self.counter}]}}

    def step(self) -> None:
        name = self.dice.choice("ab")
        getattr(self, self.dice.choice(STEPS))(name)

    def insert(self, name):
        row = self.fresh()
        self.both(name, lambda table: table.insert(row) and None)

    def insert_multiple(self, name):
        rows = [self.fresh() for _ in range(self.dice.randrange(4))]
        self.both(name, lambda table: len(table.insert_multiple(rows)))

    def update(self, name):
        value, to = self.dice.randrange(4), self.dice.randrange(4)
        self.both(name, lambda table: len(table.update({"v": to, "set": [to]}, where("v") == value)))

    def update_by_function(self, name):
        def grow(row):
            row["nested"]["list"].append(9)
            row["v"] = (row.get("v", 0) + 1) % 4

        k = self.dice.randrange(self.counter + 2)
        self.both(name, lambda table: len(table.update(grow, where("k") == k)))

    def update_all(self, name):
        self.both(name, lambda table: len(table.update({"all": self.counter})))

    def update_multiple(self, name):
        updates = [({"v": 1}, where("v") == 0), ({"w": 2}, where("v") == 1)]
        self.both(name, lambda table: len(table.update_multiple(updates)))

    def upsert(self, name):
        row = self.fresh() | {"k": self.dice.randrange(1, self.counter + 3)}
        self.both(name, lambda table: len(table.upsert(row, where("k") == row["k"])))

    def remove(self, name):
        k = self.dice.randrange(self.counter + 2)
        self.both(name, lambda table: len(table.remove(where("k") == k)))

    def put(self, name):
        """Put another document in the place of one."""

        def become(row):
            row.clear()
            row.update(new)

        found = self.ours.table(name).get(where("v") == self.dice.randrange(4))
        if found is not None and self.ours.table(name).count(where("k") == found["k"]) == 1:
            new = self.fresh()
            self.stock.table(name).update(become, where("k") == found["k"])
            self.ours.table(name).put(dict(new), found.doc_id)

    def truncate(self, name):
        if self.dice.random() < 0.2:
            self.both(name, lambda table: table.truncate())

    def look(self, name):
        value = self.dice.randrange(4)
        self.both(name, lambda table: table.search(where("v") == value))
        self.both(name, lambda table: table.search((where("v") > 1) & ~(where("k") == value)))
        self.both(name, lambda table: table.count(where("v") == value))
        self.both(name, lambda table: table.contains(where("k") == value))
        self.both(name, lambda table: table.get(Query().nested.list.any(where("x") == value)))
        self.both(name, len)

    def reopen(self, name):
        self.ours.close()
        self.ours = self.opened()

    def note_down(self, name):
        """Write a checkpoint, and open from it."""
        self.ours.note_down()
        again = self.opened()
        assert again.storage.read() == self.ours.storage.read()
        again.close()

    def compact(self, name):
        before = self.ours.storage.read()
        self.ours.compact()
        assert self.ours.storage.read() == before

    def second_handle(self, name):
        row = self.fresh()
        self.stock.table(name).insert(row)
        self.other.table(name).insert(row)
        assert self.ours.changed_elsewhere()
        assert self.ours.refresh()
        assert not self.ours.changed_elsewhere()

    def replace(self, name):
        rows = [self.fresh() for _ in range(3)]
        self.stock.table(name).truncate()
        self.stock.table(name).insert_multiple(rows)
        self.ours.replace_table(name, rows)

    def failed_transaction(self, name):
        before = self.ours.storage.read()
        with pytest.raises(ZeroDivisionError):
            self.fail(self.ours.table(name))
        assert self.ours.storage.read() == before

    def fail(self, table):
        with self.ours.transaction():
            table.insert({"k": -1})
            table.update({"v": -1})
            table.remove(where("v") == -1)
            raise ZeroDivisionError

    def transaction(self, name):
        """Several steps as one: inside and afterwards the same as without."""
        generation = self.ours.generation
        with self.ours.transaction():
            for _ in range(self.dice.randrange(6)):
                getattr(self, self.dice.choice(INSIDE))(self.dice.choice("ab"))
                self.compare()
        assert self.ours.generation - generation <= 1

    def compare(self) -> None:
        for name in "ab":
            table = self.ours.table(name)
            assert plain(table) == plain(self.stock.table(name))
            for field in INDEXES[name]:
                for value in (0, 1, 2, 3, self.counter, None):
                    assert table.by(field, value) == sorted(
                        table.search(where(field) == value), key=lambda row: row.doc_id
                    )
                    assert table.count_by(field, value) == len(table.by(field, value))

    def finish(self) -> None:
        self.compare()
        self.other.refresh()
        assert self.other.storage.read() == self.ours.storage.read()
        replayed = self.opened()
        assert replayed.storage.read() == self.ours.storage.read()
        for name in "ab":
            assert replayed.table(name).insert({}) == self.ours._store.tables.next_id(name)
        for db in (self.ours, self.other, replayed):
            db.close()


INSIDE = [
    "insert",
    "insert_multiple",
    "update",
    "update_by_function",
    "update_all",
    "update_multiple",
    "upsert",
]
INSIDE += ["put", "put", "remove", "truncate", "look"]
STEPS = [
    *INSIDE,
    "insert",
    "reopen",
    "note_down",
    "compact",
    "second_handle",
    "replace",
    "failed_transaction",
    "transaction",
]


def normal(value):
    """Leave out what differs on purpose: ids."""
    return [dict(row) for row in value] if isinstance(value, list) else value


@pytest.fixture(autouse=True)
def every_checkpoint_is_worth_it(monkeypatch) -> None:
    monkeypatch.setattr(checkpoint, "_LEAST", 0)
    monkeypatch.setattr(checkpoint, "_SHARE", 1 << 40)


@pytest.mark.parametrize("kind", OPTIONS)
@pytest.mark.parametrize("seed", range(20))
def test_random_operations_leave_the_same_as_tinydb(seed: int, kind: str, tmp_path: Path) -> None:
    pair = Pair(tmp_path / "x.journal", random.Random(seed), OPTIONS[kind])
    for _ in range(120 if kind == "in memory" else 60):
        pair.step()
        pair.compare()
    pair.finish()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


class Nothing(msgspec.Struct):
    """Nothing of a document is in memory."""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.dictionaries(st.text(max_size=5), json_values, max_size=4), min_size=1, max_size=4),
    st.sampled_from([{}, {"outlined": {"_default": Nothing}, "has_checkpoint": True}]),
)
def test_any_json_document_comes_back_as_it_went_in(rows: list[dict], options: dict) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.journal"
        db = JournalDB(path, durable=False, **options)
        ids = db.insert_multiple(rows)
        db.compact()
        db.note_down()
        again = JournalDB(path, durable=False, **options)
        assert [dict(again.get(doc_id=doc_id)) for doc_id in ids] == rows
        assert [dict(row) for row in db.all()] == rows
        db.close()
        again.close()


values = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-2, 2) | st.sampled_from(["", "a"])
fields = st.dictionaries(
    st.sampled_from(["k", "v"]), values | st.lists(st.integers(0, 1), max_size=1), max_size=2
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["put", "change", "drop"]), fields), max_size=8), values)
def test_a_look_up_by_key_finds_what_a_search_finds(steps, value) -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = JournalDB(Path(folder) / "x.journal", durable=False, indexes={"t": ("k", "v")})
        table = db.table("t")
        for act, row in steps:
            if act == "put":
                table.insert(row)
            elif act == "change":
                table.update(row, where("k") == value)
            else:
                table.remove(where("v") == value)
            for field in ("k", "v"):
                assert table.by(field, value) == table.search(where(field) == value)
        db.close()


def test_the_tinydb_whose_internals_are_overridden_is_the_one_that_is_installed() -> None:
    assert tinydb.__version__ == "4.9.0"
    assert all(callable(getattr(tinydb.table.Table, name)) for name in ("_update_table", "_read_table"))
