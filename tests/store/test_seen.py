"""What the rep has seen stays known: over a restart, over the loss of the cache, and for as long as it is needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from triage.store.outbox import Outbox
from triage.store.seen import Seen, Told, drop_marks

NOON = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def outbox(path: Path, noon):
    opened = Outbox(path, noon)
    yield opened
    opened.close()


def test_a_mark_is_durable_and_made_once(path, noon) -> None:
    first = Outbox(path, noon)
    assert Seen(first.db).mark(["a", "b", "a"], NOON) == 2
    assert Seen(first.db).mark(["b"], NOON) == 0
    first.close()
    again = Outbox(path, noon)
    seen = Seen(again.db)
    assert seen.knows("a")
    assert not seen.knows("c")
    assert seen.unsent() == ("a", "b")
    seen.note_sent(["a"])
    again.close()
    last = Outbox(path, noon)
    assert Seen(last.db).unsent() == ("b",)
    last.close()


def test_another_process_sees_the_mark(path, noon, outbox) -> None:
    other = Outbox(path, noon)
    Seen(other.db).mark(["a"], NOON)
    outbox.db.refresh()
    assert Seen(outbox.db).knows("a")
    other.close()


def test_only_what_the_crm_knows_and_nobody_asks_for_is_let_go(outbox) -> None:
    seen = Seen(outbox.db)
    seen.mark(["unsent", "kept", "old"], NOON)
    seen.note_sent(["kept", "old"])
    assert not seen.oldest_before(NOON)
    later = NOON + timedelta(days=40)
    assert seen.oldest_before(later)
    assert seen.forget(later, {"kept"}) == 1
    assert [one for one in ("unsent", "kept", "old") if seen.knows(one)] == ["unsent", "kept"]


def test_an_event_is_told_once_until_it_is_too_old_to_be_told(outbox) -> None:
    told = Told(outbox.db)
    told.mark({"reply:1": "1", "decision_applied:2": "2"}, NOON)
    told.mark({"reply:1": "1"}, NOON + timedelta(days=1))
    assert told.knows("reply:1")
    assert told.forget(NOON + timedelta(days=2), {"reply:1"}) == 1
    assert told.knows("reply:1")


def test_a_purge_takes_the_marks_along(outbox) -> None:
    Seen(outbox.db).mark(["r1", "r2"], NOON)
    Told(outbox.db).mark({"reply:r1": "r1", "decision_applied:d1": "d1", "dispute:f1": "f1"}, NOON)
    drop_marks(outbox.db, {"r1", "d1"})
    assert not Seen(outbox.db).knows("r1")
    assert Seen(outbox.db).knows("r2")
    assert [Told(outbox.db).knows(one) for one in ("reply:r1", "decision_applied:d1", "dispute:f1")] == [
        False, False, True,
    ]  # fmt: skip
