"""What is packed reads, is found and is written as if it were not."""

from __future__ import annotations

import json
import math
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from triage.domain.act import Act
from triage.domain.decision import CriterionResult, Decision, Shown, Snapshot
from triage.domain.definition import Result
from triage.domain.item import Item, State
from triage.domain.lead import LeadId, Seen
from triage.domain.score import Contribution, Dimension
from triage.errors import WriteFailed
from triage.store.outbox import Outbox
from triage.store.packed import Packed
from triage.store.rows import item_document
from triage.store.tiny import JournalDB

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
INDEXES = {"a": ("k", "state")}


def packed(document: dict[str, Any]) -> Packed:
    return Packed((msgspec.json.encode(document),), {field: document[field] for field in INDEXES["a"]})


class Twins:
    """Two journals to which the same is done, packed here and not there."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self.paths = folder / "packed.journal", folder / "plain.journal"
        self.both = [JournalDB(path, indexes=INDEXES) for path in self.paths]

    def some(self) -> int:
        return self.dice.randrange(1, 9)

    def step(self) -> None:
        document = {
            "k": self.dice.randrange(4),
            "state": self.dice.choice("xy"),
            "deep": {"of": [self.some()]},
        }
        name = self.dice.choice(
            ["put", "put", "put_all", "over", "merge", "remove", "change", "compact", "look"]
        )
        count, at, state = self.dice.randrange(4), self.some(), self.dice.choice("xy")
        for db, pack in zip(self.both, (packed, dict), strict=True):
            table = db.table("a")
            if name == "put":
                table.put(pack(document))
            elif name == "put_all":
                table.put_all([pack(document)] * count)
            elif name == "over":
                table.put(pack(document), at)
            elif name == "merge" and table.get(doc_id=at):
                table.merge({"state": state}, at)
            elif name == "remove":
                table.remove(doc_ids=[at])
            elif name == "change":
                table.update(lambda row: row["deep"]["of"].append(1), doc_ids=[at])  # type: ignore[arg-type]
            elif name == "compact" and not db._store.is_in_transaction:
                db.compact()
            elif name == "look":
                table.by("k", at)

    def transaction(self) -> None:
        ours, plain = self.both
        with ours.transaction(), plain.transaction():
            for _ in range(self.dice.randrange(6)):
                self.step()
                if self.dice.random() < 0.5:
                    self.compare()

    def compare(self) -> None:
        ours, plain = (db.table("a") for db in self.both)
        for field, values in (("k", range(4)), ("state", "xy")):
            for value in values:
                assert ours.by(field, value) == plain.by(field, value)
                assert ours.count_by(field, value) == plain.count_by(field, value)
            assert ours.known_by(field, [*values, 99]) == plain.known_by(field, [*values, 99])
        assert ours.next_id == plain.next_id
        if self.dice.random() < 0.5:
            assert ours.all() == plain.all()

    def finish(self) -> None:
        self.compare()
        again = [JournalDB(path, indexes=INDEXES) for path in self.paths]
        assert again[0].storage.read() == again[1].storage.read() == self.both[0].storage.read()
        assert self.paths[0].read_bytes() == self.paths[1].read_bytes()
        for db in (*again, *self.both):
            db.close()


@pytest.mark.parametrize("seed", range(25))
def test_what_is_packed_is_no_other_than_what_is_not(seed: int, tmp_path: Path) -> None:
    twins = Twins(tmp_path, seed)
    for _ in range(30):
        (twins.step if twins.dice.random() < 0.6 else twins.transaction)()
        twins.compare()
    twins.finish()


def both(db: JournalDB, *documents: Any) -> None:
    with db.transaction():
        for document in documents:
            db.table("a").put(document)


def test_what_is_packed_and_what_json_cannot_hold_leave_nothing_behind(tmp_path: Path) -> None:
    db = JournalDB(tmp_path / "x.journal", indexes=INDEXES)
    with pytest.raises(WriteFailed, match="nothing was recorded"):
        both(db, packed({"k": 1, "state": "x"}), {"k": float("nan"), "state": "x"})
    assert db.table("a").all() == JournalDB(tmp_path / "x.journal").table("a").all() == []


def test_odd_characters_beside_what_is_packed_come_back(tmp_path: Path) -> None:
    db = JournalDB(tmp_path / "x.journal", indexes=INDEXES)
    both(db, packed({"k": 1, "state": "x"}), {"k": 2, "state": "\ud800"})
    assert [row["state"] for row in JournalDB(tmp_path / "x.journal").table("a").all()] == ["x", "\ud800"]


# Items

texts = st.text(max_size=6) | st.sampled_from(
    [
        "\ud800",
        "\\",
        "\0",
    ]
)
numbers = st.floats(allow_nan=True) | st.just(9.0)
moments = st.sampled_from(
    [NOON, datetime(9999, 12, 31, 23, 59, tzinfo=UTC), NOON + timedelta(milliseconds=7)]
)
parts = st.builds(
    Contribution, texts, st.sampled_from(Dimension), numbers, numbers, texts, st.none() | moments
)
snapshots = st.builds(
    Snapshot,
    score=st.none() | numbers,
    band=texts,
    grade=texts,
    contributions=st.lists(parts, max_size=2).map(tuple),
    model_version=texts,
    definition_version=texts,
    criteria=st.lists(st.builds(CriterionResult, texts, st.sampled_from(Result)), max_size=2).map(tuple),
    lead_version=texts,
    owner_id=texts,
    status=texts,
    attempts=st.none() | st.integers(0, 9),
    contacted=st.sampled_from([None, True, False]),
    sla_due_at=st.none() | moments,
)
decisions = st.builds(
    Decision,
    decision_id=st.uuids().map(str),
    lead_id=texts.map(LeadId),
    act=st.sampled_from(Act),
    decided_at=st.just(NOON),
    snapshot=snapshots,
    reason=st.none() | texts,
    params=st.dictionaries(texts, texts, max_size=2),
    note=texts,
    batch_id=st.none() | texts,
    supersedes=st.none() | texts,
)
items = st.builds(
    Item,
    st.just(State.QUEUED),
    st.just(NOON),
    decisions,
    base=st.none() | st.builds(Seen, texts, texts, texts),
)


def recorded_later(item: Item, span: timedelta, shown: Shown) -> Item:
    assert item.decision is not None
    seen = replace(item.decision.snapshot, shown=shown)
    decision = replace(item.decision, decided_at=NOON + span, snapshot=seen)
    return replace(item, due_at=NOON + span + span, decision=decision)


PARTS = (Contribution("demo", Dimension.FIT, 9.0, 9.0),)
SEEN = Snapshot(9.0, "A", "A1", PARTS, "m", "1", (), "1", "rep-1", "assigned", 0, False, NOON)


def plain(number: int = 1, **more: Any) -> Item:
    usual = Decision(
        f"d-{number}", LeadId(f"L-{number}"), Act.REJECT, NOON, SEEN, "NOT_A_BUYER", batch_id="b"
    )
    return Item(State.QUEUED, NOON, replace(usual, **more))


# The outbox


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Outbox]:
    made = Outbox(tmp_path / "outbox.journal", lambda: NOON)
    yield made
    made.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(items, max_size=4, unique_by=lambda item: item.id))
def test_what_was_added_is_given_back_as_a_replay_gives_it(drafts: list[Item]) -> None:
    later = [recorded_later(item, timedelta(days=3), Shown(position=2)) for item in drafts]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outbox.journal"
        with closing(Outbox(path, lambda: NOON)) as box:
            try:
                added = box.add(later)
            except WriteFailed:  # a number that is none
                assert box.all() == ()
                return
            assert box.all() == added
            with closing(Outbox(path, lambda: NOON)) as replayed:
                assert replayed.all() == added
                rows = replayed.db.storage.read().get("items", {})
                assert rows == box.db.storage.read().get("items", {})
    changed = {"changed_at": "2026-03-02T12:00:00Z"}
    documents = json.dumps([{**item_document(item), **changed} for item in later])
    assert list(rows.values()) == json.loads(documents)


def foreseen(item: Item, **otherwise: Any) -> Item:
    """Return an item as a preview foresees it: of other moments, and with whatever else came otherwise."""
    assert item.decision is not None
    decision = replace(item.decision, decided_at=NOON - timedelta(minutes=7), **otherwise)
    return replace(item, decision=decision, due_at=NOON - timedelta(minutes=2), seq=99)


def recorded(drafts: list[Item], ahead: Sequence[Item]) -> tuple[tuple[Item, ...], bytes]:
    """Return what the outbox holds after the drafts, and its bytes; some items were written ahead."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outbox.journal"
        with closing(Outbox(path, lambda: NOON)) as box:
            box.write_ahead(ahead)
            with suppress(WriteFailed):  # a number that is none
                assert box.add(drafts) == box.all()
            return box.all(), path.read_bytes()


@settings(max_examples=60, deadline=None)
@given(st.lists(items, max_size=4, unique_by=lambda item: item.id), st.integers(0, 4))
def test_what_was_written_ahead_is_recorded_to_the_byte_as_what_was_not(
    drafts: list[Item], ahead: int
) -> None:
    assert recorded(drafts, [foreseen(one) for one in drafts[:ahead]]) == recorded(drafts, [])


OTHERWISE = [
    {"note": "another"},
    {"params": {"to": "U-2"}},
    {"reason": None},
    {"supersedes": "d-9"},
    {"snapshot": replace(SEEN, shown=Shown(dwell_ms=9))},
    {"snapshot": replace(SEEN, score=9)},
]


@pytest.mark.parametrize("otherwise", OTHERWISE)
def test_what_came_otherwise_than_it_was_written_ahead_is_recorded_as_it_came(
    otherwise: dict[str, Any],
) -> None:
    drafts = [plain(1), plain(2)]
    ahead = [foreseen(drafts[0], **otherwise), foreseen(drafts[1])]
    assert recorded(drafts, ahead) == recorded(drafts, [])


def test_another_state_or_base_than_was_written_ahead_is_recorded_as_it_came() -> None:
    item = replace(plain(1), base=Seen("U-1", "assigned", "2"))
    for other in (replace(item, base=None), replace(item, attempts=1), replace(item, error="no")):
        assert recorded([item], [foreseen(other)]) == recorded([item], [])


def test_a_number_that_is_none_is_refused_whether_it_was_written_ahead_or_not() -> None:
    item = plain(1)
    assert item.decision is not None
    seen = replace(item.decision.snapshot, score=math.nan)
    odd = replace(item, decision=replace(item.decision, snapshot=seen))
    assert recorded([odd], [foreseen(odd)]) == recorded([odd], [])
    assert recorded([odd], [foreseen(odd)])[0] == ()


def test_an_id_that_is_there_is_left_as_it_is_even_where_it_comes_twice_at_once(box: Outbox) -> None:
    first = box.add([plain(1)])
    again = box.add([plain(1, note="another"), plain(2), plain(2, note="once more")])
    assert [item.decision.note for item in again if item.decision] == ["", "once more", "once more"]
    assert box.all() == (first[0], again[1])


def test_a_number_that_was_foreseen_wrongly_is_put_right(box: Outbox) -> None:
    box.add([plain(1)])
    [item] = box.add([replace(plain(2), seq=7, changed_at=NOON)])
    assert (item.seq, box.next_number) == (2, 3)
    assert box.all()[-1] == item
