"""Answers that hold for as long as an adapter lives: asked once, by whoever needs them first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar, cast

_T = TypeVar("_T")


class Asked:
    """What was asked before, by name; an error is not kept, nor lost with the one who waited first.

    Belongs to one event loop.
    """

    def __init__(self) -> None:
        self._kept: dict[str, asyncio.Task[Any]] = {}

    async def once(self, name: str, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Return the answer to a question that has this name."""
        task = self._kept.get(name)
        if task is None:
            task = self._kept[name] = asyncio.ensure_future(_awaited(ask))
            task.add_done_callback(partial(self._ended, name))
        return cast("_T", await asyncio.shield(task))

    def forget(self, *names: str) -> None:
        """Ask again for these; for everything where none is named."""
        for name in names or tuple(self._kept):
            self._kept.pop(name, None)

    def _ended(self, name: str, task: asyncio.Task[Any]) -> None:
        if (task.cancelled() or task.exception()) and self._kept.get(name) is task:
            del self._kept[name]


async def _awaited(ask: Callable[[], Awaitable[_T]]) -> _T:
    return await ask()
