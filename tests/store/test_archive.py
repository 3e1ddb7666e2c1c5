"""Old settled items go to the archive: each id is seen once whatever happens on the way, and nothing personal is kept."""

from __future__ import annotations

import errno
import os
import random
import signal
import stat
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from power_loss import FailingDisk, MemoryDisk

from tests.fakes import NOW
from tests.settled import CUT, LONG_AGO, SECRET, decided, put, shown, told
from triage.domain.archived import Archived
from triage.domain.item import UNDELIVERED, State
from triage.errors import CorruptJournal, StoreError
from triage.store import retention
from triage.store.archive import Archive, month_of
from triage.store.leads import Leads
from triage.store.outbox import Move, Outbox
from triage.store.retention import archive_old, wipe

MONTHS = [datetime(2026, month, 3, tzinfo=UTC) for month in (7, 8, 9)]


def row(name: str = "d-1", **more) -> Archived:
    return replace(Archived.of_item(decided(1, name)), **more)


def archived(outbox: Outbox, leads: Leads, archive: Archive) -> int:
    return sum(archive_old(outbox, leads, archive, CUT))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.fixture
def leads(tmp_path: Path) -> Iterator[Leads]:
    cache = Leads(tmp_path / "leads.journal")
    yield cache
    cache.close()


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    made = Outbox(tmp_path / "outbox.journal", lambda: NOW)
    yield made
    made.close()


# What is in it


def test_a_row_lies_in_the_month_of_the_act_in_utc(archive) -> None:
    late = datetime(2026, 10, 1, 1, 30, tzinfo=UTC).astimezone(tz=None)
    archive.keep([row("d-1", made_at=late), row("d-2", made_at=MONTHS[0])])
    assert archive.months() == ["2026-07", "2026-10"]
    assert [one.id for one in archive.all()] == ["d-2", "d-1"]
    assert month_of(row(made_at=late)) == "2026-10"


def test_an_archived_item_keeps_what_can_be_counted_and_nothing_that_was_written_or_seen(
    archive, leads, outbox
) -> None:
    put(outbox, decided(1, "d-1", of="d-0", supersedes="d-0", reason="CLEAR_NEED"), told(2, "f-1"))
    assert archived(outbox, leads, archive) == 2
    one, two = archive.all()
    assert (one.id, one.lead_id, one.act, one.reason, one.state) == (
        "d-1",
        "L-001",
        "accept",
        "CLEAR_NEED",
        "applied",
    )
    assert (one.made_at, one.changed_at, one.of, one.supersedes) == (LONG_AGO, LONG_AGO, "d-0", "d-0")
    assert (two.kind, two.type, two.lead_id) == ("feedback", "note", "L-002")
    raw = b"".join(path.read_bytes() for path in archive.folder.iterdir())
    for word in (SECRET, "its own words", "snapshot", "Logistics", "payload", "params"):
        assert word.encode() not in raw


def test_the_bytes_of_what_was_archived_are_gone_from_the_outbox(archive, leads, outbox, tmp_path) -> None:
    put(outbox, decided(1, "d-old"), decided(2, "d-young", at=NOW))
    archived(outbox, leads, archive)
    wipe(outbox)
    raw = (tmp_path / "outbox.journal").read_bytes()
    assert b"d-old" not in raw
    assert b"d-young" in raw
    assert outbox.note("erased") is None


def test_bytes_that_a_crash_left_behind_go_the_next_time(archive, leads, outbox, tmp_path) -> None:
    put(outbox, decided(1, "d-old"))
    archived(outbox, leads, archive)
    again = Outbox(tmp_path / "outbox.journal", lambda: NOW)
    assert b"d-old" in (tmp_path / "outbox.journal").read_bytes()
    wipe(again)
    assert b"d-old" not in (tmp_path / "outbox.journal").read_bytes()
    again.close()


def test_the_archive_is_this_users_alone(archive, leads, outbox) -> None:
    umask = os.umask(0)
    try:
        put(outbox, decided(1, "d-1"))
        archived(outbox, leads, archive)
    finally:
        os.umask(umask)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in [archive.folder, *archive.folder.iterdir()]
    }
    assert modes == {"archive": 0o700, "2026-10.journal": 0o600, "2026-10.journal.lock": 0o600}


def test_a_month_that_does_not_read_is_named_and_is_never_empty(archive) -> None:
    archive.keep([row("d-1"), row("d-2", made_at=MONTHS[0])])
    damaged = archive.folder / "2026-10.journal"
    damaged.write_bytes(damaged.read_bytes().replace(b"accept", b"accent") + b"\n\n")
    with pytest.raises(CorruptJournal, match=r"2026-10.journal is damaged") as caught:
        archive.all()
    assert "Remove that file" in caught.value.hint
    assert [one.id for one in archive.readable()] == ["d-2"]


# Once


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 5), st.sampled_from(MONTHS)), max_size=6), min_size=1, max_size=4
    )
)
def test_archiving_twice_is_archiving_once(tmp_path_factory, runs) -> None:
    archive = Archive(tmp_path_factory.mktemp("archive"))
    made: dict[str, datetime] = {}
    for run in runs:
        rows = [row(f"d-{number}", made_at=made.setdefault(f"d-{number}", at)) for number, at in run]
        archive.keep(rows)
        before = archive.all()
        archive.keep(rows)
        assert archive.all() == before
    assert Counter(one.id for one in archive.all()) == Counter(made.keys())


def test_a_row_becomes_what_its_item_became_since(archive) -> None:
    archive.keep([row()])
    archive.keep([row(state=State.SUPERSEDED)])
    assert [one.state for one in archive.all()] == [State.SUPERSEDED]


def test_rows_are_erased_to_the_last_byte(archive) -> None:
    archive.keep([row("d-1"), row("d-2")])
    assert archive.erase(lambda one: one.id == "d-1") == 1
    assert [one.id for one in archive.all()] == ["d-2"]
    assert b"d-1" not in (archive.folder / "2026-10.journal").read_bytes()


def test_an_item_that_was_undone_while_it_was_archived_stays_in_the_queue(archive, leads, outbox) -> None:
    put(outbox, decided(1, "d-1"), decided(2, "d-2"))
    keep = archive.keep

    def keep_late(rows):
        keep(rows)
        outbox.add([decided(1, "d-3", State.QUEUED, at=NOW, of="d-1")])

    archive.keep = keep_late
    assert archived(outbox, leads, archive) == 1
    assert [item.id for item in outbox.all()] == ["d-1", "d-3"]
    assert shown(outbox, archive) == Counter(["d-1", "d-2", "d-3"])


def test_an_item_that_was_superseded_while_it_was_archived_stays_for_another_month(
    archive, leads, outbox
) -> None:
    put(outbox, decided(1, "d-1"))
    keep = archive.keep

    def keep_late(rows):
        keep(rows)
        outbox.move([Move.to(State.SUPERSEDED, "d-1")])

    archive.keep = keep_late
    assert archived(outbox, leads, archive) == 0
    assert outbox.get("d-1").state is State.SUPERSEDED
    assert shown(outbox, archive) == Counter(["d-1"])


# A stop at any step

ALL = Counter(f"d-{number}" for number in range(1, 4))


def store(disk) -> tuple[Outbox, Archive]:
    return Outbox(Path("/m/outbox.journal"), lambda: NOW, disk=disk), Archive(Path("/m/archive"), disk=disk)


class Held(Archive):
    """An archive whose months are named beforehand: a disk in memory cannot be listed."""

    def months(self) -> list[str]:
        there = {f"{at:%Y-%m}" for at in MONTHS}
        return sorted(month for month in there if f"{month}.journal" in self._disk.names)


def fill(outbox: Outbox) -> None:
    put(outbox, *(decided(number, f"d-{number}", at=MONTHS[number % 2]) for number in range(1, 4)))


def move_out(outbox: Outbox, archive: Archive, leads: Leads) -> None:
    archived(outbox, leads, archive)
    wipe(outbox)


def states_after_power_loss(leads: Leads, forgets: frozenset[str] = frozenset()) -> Iterator[MemoryDisk]:
    """Archive on a disk, and yield what may be on it when the power goes at any of its calls."""
    disk = MemoryDisk(forgets=forgets)
    outbox, archive = store(disk)
    fill(outbox)
    begin = len(disk.log)
    move_out(outbox, Held(archive.folder, disk=disk), leads)
    seen = set()
    for moment in range(begin, len(disk.log) + 1):
        for state in disk.states_after_power_loss(moment):
            key = tuple(sorted(state.items()))
            if key not in seen:
                seen.add(key)
                yield MemoryDisk(state)


def holds_all(disk: MemoryDisk) -> bool:
    try:
        outbox = Outbox(Path("/m/outbox.journal"), lambda: NOW, disk=disk)
        return shown(outbox, Held(Path("/m/archive"), disk=disk)) == ALL
    except StoreError:
        return False


def test_no_power_loss_while_archiving_loses_an_id_or_shows_it_twice(leads, monkeypatch) -> None:
    monkeypatch.setattr(retention, "AT_A_TIME", 2)
    held = [holds_all(disk) for disk in states_after_power_loss(leads)]
    assert len(held) > 500
    assert all(held)


def test_the_model_notices_when_a_sync_is_left_out(leads) -> None:
    assert not all(holds_all(disk) for disk in states_after_power_loss(leads, frozenset({"sync"})))


def test_the_model_notices_when_the_outbox_lets_go_first(leads, monkeypatch) -> None:
    def first_let_go(outbox, _leads, archive, _before):
        items = outbox.all()
        outbox.release(items)
        archive.keep(map(Archived.of_item, items))
        yield len(items)

    monkeypatch.setitem(globals(), "archive_old", first_let_go)
    assert not all(holds_all(disk) for disk in states_after_power_loss(leads))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
def test_a_disk_that_fails_at_any_call_loses_no_id_and_the_next_run_finishes(
    tmp_path, leads, call, number
) -> None:
    for nth in range(40):
        folder = tmp_path / f"{nth}"
        disk = NthCall(call, nth, number)
        outbox, archive = (
            Outbox(folder / "outbox.journal", lambda: NOW, disk=disk),
            Archive(folder / "archive", disk=disk),
        )
        fill(outbox)
        disk.count()
        try:
            move_out(outbox, archive, leads)
        except StoreError:
            disk.mend()
        outbox.close()
        again, kept = Outbox(folder / "outbox.journal", lambda: NOW), Archive(folder / "archive")
        assert shown(again, kept) == ALL
        move_out(again, kept, leads)
        assert [item.id for item in again.all()] == []
        again.close()
        if not disk.struck:
            assert nth > 0
            return
    raise AssertionError("it never went through")


class NthCall(FailingDisk):
    """Fails at the n-th call of a kind after `count`, once."""

    def __init__(self, call: str, nth: int, number: int) -> None:
        super().__init__()
        self._call, self._left, self._number = call, nth, number
        self._counts = self.struck = False

    def count(self) -> None:
        self._counts = True

    def _step(self, call: str) -> None:
        if self._counts and call == self._call and not self.struck:
            if self._left == 0:
                self.struck = True
                raise OSError(self._number, os.strerror(self._number))
            self._left -= 1


# kill -9


def archive_in_a_child(folder: Path) -> int:
    """Archive in a process of its own, which never returns here; returns its id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        outbox = Outbox(folder / "outbox.journal", lambda: NOW)
        move_out(outbox, Archive(folder / "archive"), Leads(folder / "leads.journal"))
        code = 0
    finally:
        os._exit(code)


def check_kill(folder: Path, everything: Counter[str]) -> None:
    outbox, archive = Outbox(folder / "outbox.journal", lambda: NOW), Archive(folder / "archive")
    assert shown(outbox, archive) == everything
    assert {item.id for item in outbox.all() if item.state in UNDELIVERED} == {"d-queued"}
    outbox.close()


def kill_often(folder: Path, kills: int, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Archive a few items at a time and kill at random moments; returns how often which end was seen."""
    monkeypatch.setattr(retention, "AT_A_TIME", 3)
    dice = random.Random(7)
    ends: Counter[str] = Counter()
    everything: Counter[str] = Counter()
    usual, number = 0.0, -1
    while ends["killed"] < kills:
        number += 1
        everything |= Counter(more_to_archive(folder, number))
        begun = time.monotonic()
        child = archive_in_a_child(folder)
        if number % 6:
            time.sleep(dice.uniform(0, usual))  # the random moment itself, not a wait for something
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert status in (0, signal.SIGKILL)
        if not number % 6:
            usual = time.monotonic() - begun  # with what the kills before have left to do
        ends["killed" if status else "through"] += 1
        check_kill(folder, everything)
    return ends


def more_to_archive(folder: Path, number: int) -> list[str]:
    outbox = Outbox(folder / "outbox.journal", lambda: NOW)
    names = [f"d-{number}-{one}" for one in range(12)]
    put(outbox, decided(0, "d-queued", State.QUEUED))
    put(outbox, *(decided(one + 1, name, at=MONTHS[one % 3]) for one, name in enumerate(names)))
    outbox.close()
    return ["d-queued", *names]


@pytest.mark.kill
def test_no_kill_while_archiving_loses_an_id_or_shows_it_twice(tmp_path, monkeypatch) -> None:
    assert kill_often(tmp_path, 12, monkeypatch)["killed"] == 12


@pytest.mark.kill
@pytest.mark.soak
@pytest.mark.timeout(900)
def test_no_kill_of_two_hundred_loses_an_id_or_shows_it_twice(tmp_path, monkeypatch) -> None:
    sys.stdout.write(f"{dict(kill_often(tmp_path, 200, monkeypatch))}\n")
