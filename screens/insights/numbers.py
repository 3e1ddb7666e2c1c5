"""The numbers of a session: gathered and counted beside the keys, and kept until they are gathered again.

Owns when the CRM is asked for them. Touches no widget: who shows them is called when they changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from threading import Thread
from typing import Any, TypeVar

from screens.day import Day, silence
from screens.words import why_not
from triage.desk.gathering import Gathered, gather_for
from triage.errors import TriageError
from triage.insights import catalogue
from triage.insights.figure import Insight

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Numbers:
    """What was gathered last, and how the gathering goes."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self.gathered: Gathered | None = None
        self.insights: tuple[Insight, ...] = ()
        self.problem = ""
        """Why the last gathering brought nothing, and what to do; empty where it did."""
        self.is_busy = False
        self.index = 0
        """Which insight was looked at last."""
        self.changed: Callable[[], object] = silence
        """Called when there is something else to show."""

    @property
    def is_offline(self) -> bool:
        """Whether the rep chose to work offline: then nobody is asked."""
        status = self._day.status
        return status is not None and status.offline

    async def gather(self) -> None:
        """Ask the CRM, and count; what goes wrong is a sentence, and what was gathered before stays."""
        if self.is_busy:
            return
        if self.is_offline:
            self.problem = "You work offline: go online in the palette, then gather again."
            self.changed()
            return
        self.is_busy, self.problem = True, ""
        self.changed()
        try:
            self.gathered, self.insights = await beside(self._counted)
        except TriageError as error:
            self.problem = why_not(error)
        except Exception as error:  # noqa: BLE001 - the boundary: numbers that fail must not end the app
            _log.exception("insights")
            self.problem = f"The numbers could not be gathered ({type(error).__name__}); the log says more."
        finally:
            self.is_busy = False
            self.changed()

    async def _counted(self) -> tuple[Gathered, tuple[Insight, ...]]:
        gathered = await gather_for(self._day.session)
        return gathered, tuple(_count(name, gathered) for name in catalogue.NAMES)


def _count(name: str, gathered: Gathered) -> Insight:
    """Return one insight; one that cannot be counted says so in its place, and the others stay."""
    try:
        return catalogue.insight(name, gathered.evidence)
    except Exception as error:  # noqa: BLE001 - the boundary: odd data in one must not hide the others
        _log.exception("insight %s", name)
        note = f"This could not be counted ({type(error).__name__}); the log says more."
        return Insight(name, name.capitalize(), "", "not counted", notes=(note,))


async def beside(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine on a thread and an event loop of its own, so that no frame waits for what it reads.

    Cancelled, it is cancelled there; a thread that does not end keeps nobody from quitting.
    """
    here = asyncio.get_running_loop()
    answer: asyncio.Future[T] = here.create_future()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = []

    async def run() -> T:
        task = asyncio.current_task()
        assert task is not None
        running.append((asyncio.get_running_loop(), task))
        return await work()

    def on_thread() -> None:
        error: BaseException | None = None
        result: T | None = None
        try:
            result = asyncio.run(run())
        except BaseException as raised:  # noqa: BLE001 - the boundary: it is raised where it was asked for
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop is closed by now: nobody waits
            here.call_soon_threadsafe(_hand_over, answer, result, error)

    Thread(target=on_thread, name="insights", daemon=True).start()
    try:
        return await answer
    except asyncio.CancelledError:
        for loop, task in running:
            with contextlib.suppress(RuntimeError):  # it has ended meanwhile
                loop.call_soon_threadsafe(task.cancel)
        raise


def _hand_over(answer: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
