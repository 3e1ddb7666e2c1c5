"""Thousands of leads come in while keys are pressed: arranged beside them, let go bit by bit, and never stale."""

from __future__ import annotations

import asyncio
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens import news
from screens.inbox.tray import Tray
from screens.news import let_go
from tests.fakes import NOW, lead, lead_id
from tests.screens.stage import StagedSession
from tests.screens.watching import running, until
from triage.domain.entry import Entry
from triage.domain.views import STANDARD_VIEWS
from triage.errors import StoreBusy

numbers = st.lists(st.integers(1, 30), unique=True, max_size=30)
filters = st.sampled_from(["", "acme", "band:A", "-x company:c", "source:webinar"])


def entries(numbers: list[int]) -> list[Entry]:
    return [Entry.of(lead(number)) for number in numbers]


@given(numbers, numbers, filters, st.sampled_from(STANDARD_VIEWS), st.integers(0, 30))
def test_arranged_beside_the_keys_it_is_the_same_inbox(before, after, text, view, line):
    here, beside = Tray(lambda: NOW), Tray(lambda: NOW)
    for tray in (here, beside):
        tray.load(entries(before))
        tray.look_at(view)
        tray.filter(text)
        tray.move_to(line)
        tray.toggle_mark()
    here.load(entries(after))
    beside.load(entries(after), beside.arranging()(entries(after)))
    for name in ("shown", "counts", "cursor", "index", "order"):
        assert getattr(beside, name) == getattr(here, name), name
    assert beside.inbox.marks == here.inbox.marks
    assert beside.inbox.sift == beside._sieve.sift


def test_what_the_rep_changed_meanwhile_is_not_undone_by_what_was_arranged_before():
    tray = Tray(lambda: NOW)
    tray.load(entries([1, 2, 3]))
    arranged = tray.arranging()(entries([1, 2, 3, 4]))
    tray.toggle_mark()
    marked = tray.inbox.marks
    tray.load(entries([1, 2, 3, 4]), arranged)
    assert tray.inbox.marks == marked
    assert len(marked) == 1
    assert lead_id(4) in tray.shown


async def test_what_another_process_wrote_is_shown_later_if_it_could_not_be_read_at_once(
    session: StagedSession, monkeypatch: pytest.MonkeyPatch
):
    async with running(session) as watch:
        changed, reads = iter([True]), list[bool]()
        monkeypatch.setattr(session.desk, "changed_elsewhere", lambda: next(changed, False))
        whole = session.desk.entries

        def entries() -> tuple[Entry, ...]:
            reads.append(True)
            if len(reads) == 1:
                raise StoreBusy("Another process is writing.")
            return whole()[:3]

        monkeypatch.setattr(session.desk, "entries", entries)
        await until(lambda: len(watch.tray.inbox.entries) < 10)
        assert len(reads) == 2


async def test_what_is_not_shown_any_more_is_freed_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch):
    class Shown:
        """Stands for an entry, which knows nobody who watches it."""

    monkeypatch.setattr(news, "_FREED_AT_ONCE", 10)
    old = [Shown() for _ in range(35)]
    alive = weakref.WeakSet(old)
    left: list[int] = []
    let_go(old)  # type: ignore[arg-type] - any will do
    while alive:
        left.append(len(alive))
        await asyncio.sleep(0.001)
    assert sorted(set(left), reverse=True) == [25, 15, 5]


async def test_the_event_loop_has_a_turn_between_two_preparations(session: StagedSession, monkeypatch):
    async with running(session) as watch:
        turns, seen = 0, list[int]()
        watching = True

        def turn() -> None:
            nonlocal turns
            turns += 1
            if watching:
                asyncio.get_running_loop().call_soon(turn)

        def more(_count: int) -> bool:
            seen.append(turns)
            return len(seen) < 20

        turn()
        monkeypatch.setattr(watch.tray, "prepare", more)
        watch.app.screen.show()
        await until(lambda: len(seen) >= 20)
        watching = False
        assert len(set(seen)) == len(seen)
