"""A few questions in a row: Esc takes the last answer back and asks again, and leaves from the first one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from screens.asking.questions import Question

Answers = Mapping[str, Any]
Next = Callable[[Answers], tuple[str, Question] | None]
"""From the answers so far to what is asked next and the name of its answer; None: all is said."""


class Form:
    """Asks what `following` says, until all is said."""

    def __init__(self, ask: Callable[[Question], Awaitable[Any]], following: Next) -> None:
        self._ask = ask
        self._following = following
        self._said: dict[str, Any] = {}
        self._asked: list[tuple[str, Question]] = []
        self._is_filled = False

    async def filled(self) -> Answers | None:
        """Return the answers by name, None if the rep left. The next time the last question comes again."""
        step = self._back() if self._is_filled else self._following(self._said)
        self._is_filled = False
        while step is not None:
            name, question = step
            answer = await self._ask(question)
            if answer is None:
                if not self._asked:
                    return None
                step = self._back()
                continue
            self._said[name] = answer
            self._asked.append(step)
            step = self._following(self._said)
        self._is_filled = True
        return dict(self._said)

    async def kept(self, keep: Callable[[Answers], Awaitable[object]]) -> bool:
        """Ask until what was said could be kept, for `keep` returned something; False if the rep left."""
        while (said := await self.filled()) is not None:
            if await keep(said):
                return True
            if not self._asked:
                return False
        return False

    def _back(self) -> tuple[str, Question] | None:
        """Return the last question, as it was left, its answer forgotten; None if none was asked."""
        if not self._asked:
            return None
        step = self._asked.pop()
        del self._said[step[0]]
        return step
