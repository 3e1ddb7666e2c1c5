"""One thread does all the writing: the event loop goes on, and nothing that was asked for is dropped."""

from __future__ import annotations

import asyncio
import threading

import pytest

from triage.errors import StoreError
from triage.store.thread import StoreThread
from triage.store.tiny import JournalDB


@pytest.fixture
def thread():
    store = StoreThread()
    yield store
    store.close()


def test_calls_run_one_after_the_other_on_one_other_thread(thread: StoreThread) -> None:
    idents = {thread.call(threading.get_ident) for _ in range(5)}
    assert len(idents) == 1
    assert threading.get_ident() not in idents


def test_a_call_returns_or_raises_what_the_function_does(thread: StoreThread) -> None:
    assert thread.call(divmod, 7, 2) == (3, 1)
    assert thread.call(int, "11", base=2) == 3
    with pytest.raises(ZeroDivisionError):
        thread.call(divmod, 1, 0)


def test_a_call_from_the_thread_itself_runs_at_once(thread: StoreThread) -> None:
    assert thread.call(lambda: thread.call(lambda: 5)) == 5


async def test_the_event_loop_goes_on_while_a_call_runs(thread: StoreThread) -> None:
    release = threading.Event()
    waiting = asyncio.create_task(thread.acall(release.wait, 10))
    await asyncio.sleep(0)
    release.set()
    assert await waiting


async def test_an_awaited_call_raises_what_the_function_does(thread: StoreThread) -> None:
    with pytest.raises(ZeroDivisionError):
        await thread.acall(divmod, 1, 0)


async def test_a_cancelled_wait_does_not_cancel_the_write(thread: StoreThread, path) -> None:
    db = thread.call(JournalDB, path)
    release = threading.Event()
    blocking = asyncio.create_task(thread.acall(release.wait, 10))
    running = asyncio.create_task(thread.acall(db.insert, {"id": "a"}))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    release.set()
    await blocking
    assert thread.call(len, db) == 1
    thread.call(db.close)


def test_an_answer_that_nobody_waits_for_any_more_is_dropped_quietly(thread: StoreThread, caplog) -> None:
    release, done = threading.Event(), threading.Event()

    def slow() -> None:
        release.wait(10)
        done.set()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(thread.acall(slow), 0.001)

    asyncio.run(give_up())
    release.set()
    assert done.wait(10)
    thread.close()
    assert caplog.records == []


def test_closing_finishes_what_was_asked_for(path) -> None:
    thread = StoreThread()
    db = thread.call(JournalDB, path)
    asked = [thread._submit(db.insert, {"n": number}) for number in range(20)]
    thread.close()
    thread.close()
    assert [future.result() for future in asked] == list(range(1, 21))
    with pytest.raises(StoreError, match="closed"):
        thread.call(len, db)
