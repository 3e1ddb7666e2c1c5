"""One conversation at a time: a flow asks, keys answer, and the next key waits until the flow has gone on.

So keys typed ahead are taken in order, and never by a screen that was not shown yet. Never writes anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from screens.asking.questions import PASSED, Given, Press, Question, Type
from screens.sight import Sight

Editor = Callable[[str], Awaitable[str | None]]


class Asking:
    """Runs flows, which are coroutines that `ask`; used by the app's own message pump only."""

    def __init__(self, show: Callable[[Question | None], None], keymap: Mapping[str, str]) -> None:
        self._show = show
        self._keymap = keymap
        self._flow: asyncio.Task[object] | None = None
        self._waits = asyncio.Event()
        self._answer: asyncio.Future[Any] | None = None
        self.question: Question | None = None
        self.editor: Editor | None = None
        """Takes a text into the rep's own editor, and gives it back changed, or None."""
        self._sight = Sight()
        self.output = Sight(always=True)
        """Whether the terminal has taken what was painted."""

    async def ask(self, question: Question) -> Any:
        """Return the answer, None if the rep left. To be called by the flow that runs."""
        self.question = question
        question.keymap = self._keymap
        self._show(question)
        self._sight.hide()
        self._sight.show()
        self._answer = asyncio.get_running_loop().create_future()
        self._waits.set()
        return await self._answer

    async def run(self, flow: Coroutine[Any, Any, object]) -> None:
        """Run a flow until it ends or asks; one that was still open is left first."""
        await self.leave()
        self._flow = asyncio.get_running_loop().create_task(flow)
        await self._until_it_waits()

    async def press(self, press: Press) -> bool:
        """Give a key to the open question; False if it was none of its keys and the question closed."""
        if self.question is None:
            return False
        confirms = press.action in ("confirm", "keep") and getattr(self.question, "asks", False)
        if confirms and not (self._sight.was_there(press.at) and self.output.was_there(press.at)):
            return True  # typed before anyone could read what it would do: the question stays
        if press.action == "editor" and isinstance(self.question, Type):
            await self._edit(self.question)
            return True
        reply = self.question.press(press)
        if isinstance(reply, Given):
            await self._give(reply.value)
        elif reply is PASSED:
            await self.leave()
            return False
        else:
            self._show(self.question)
        return True

    async def _edit(self, field: Type) -> None:
        text = await self.editor(field.draft.text) if self.editor is not None else None
        if text is not None:
            field.rewrite(text)
        self._show(field)

    def paste(self, text: str) -> None:
        """Give a pasted text to the open question; without one it is let go."""
        if self.question is not None:
            self.question.paste(text)
            self._show(self.question)

    async def leave(self) -> None:
        """Leave the open question, if there is one: its flow ends without an effect."""
        while self.question is not None:
            await self._give(None)

    async def _give(self, value: Any) -> None:
        self.question = None
        if self._answer is not None and not self._answer.done():
            self._waits.clear()
            self._answer.set_result(value)
            await self._until_it_waits()

    async def _until_it_waits(self) -> None:
        """Wait until the flow asks again or has ended; an error in it is raised here."""
        flow = self._flow
        if flow is None:
            return
        waits = asyncio.get_running_loop().create_task(self._waits.wait())
        try:
            await asyncio.wait((flow, waits), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waits.cancel()
        if flow.done():
            self._flow = None
            self._waits.clear()
            self._show(None)
            flow.result()
