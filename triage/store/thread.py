"""The one thread on which all that touches the journals runs, so that no key press ever waits for a disk.

Owns that thread. Must never run two calls at a time, and never drop one that was asked for.
"""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from triage.errors import StoreError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


class StoreThread:
    """Runs calls one after the other, in the order in which they were asked for."""

    def __init__(self, name: str = "store") -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._ident = self._pool.submit(threading.get_ident).result()

    def call(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn` on the thread and wait for it; return or raise what it does."""
        if threading.get_ident() == self._ident:
            return fn(*args, **kwargs)
        return self._submit(fn, *args, **kwargs).result()

    async def acall(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn` on the thread while the event loop goes on; a cancelled wait does not cancel it."""
        import asyncio  # noqa: PLC0415 - only who waits on a loop pays for it: most commands do not

        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def deliver(done: Future[T]) -> None:
            # RuntimeError: the loop is closed by now, and nobody waits for the answer.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_hand_over, done, answer)

        self._submit(fn, *args, **kwargs).add_done_callback(deliver)
        return await answer

    def begin(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have `fn` run on the thread, and return at once what will hold its answer."""
        return self._submit(fn, *args, **kwargs)

    def close(self) -> None:
        """Finish what was asked for, then end the thread; harmless when done already."""
        self._pool.shutdown(wait=True)

    def _submit(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        try:
            return self._pool.submit(fn, *args, **kwargs)
        except RuntimeError as error:
            raise StoreError("The store is closed.") from error


def _hand_over(done: Future[T], answer: asyncio.Future[T]) -> None:
    if answer.done():
        return
    error = done.exception()
    if error is None:
        answer.set_result(done.result())
    else:
        answer.set_exception(error)
