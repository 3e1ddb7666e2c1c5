"""No more requests than a CRM allows: each waits for its turn, so that no limit is met. Never drops one."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Protocol


class Tempo(Protocol):
    """Time as a pace needs it, so that a test can let it pass."""

    def now(self) -> float:
        """Return seconds that only go on."""

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""


class RealTempo:
    """The machine's own time."""

    def now(self) -> float:
        """Return seconds that only go on."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)


class Pace:
    """At most `most` requests in any span of `seconds`, counted when they begin.

    Make the span a little longer than the CRM's own: it counts what arrives, and what was begun apart may
    arrive together.
    """

    def __init__(self, most: int, seconds: float, tempo: Tempo) -> None:
        self._most = most
        self._seconds = seconds
        self._tempo = tempo
        self._begun: deque[float] = deque(maxlen=most)
        self._turn = asyncio.Lock()

    async def turn(self) -> None:
        """Return when one more request may begin; those who wait come in order."""
        async with self._turn:
            while len(self._begun) == self._most:
                wait = self._begun[0] + self._seconds - self._tempo.now()
                if wait <= 0:
                    break
                await self._tempo.sleep(wait)
            self._begun.append(self._tempo.now())

    def allow(self, most: int) -> None:
        """Let another number of requests begin in the same span, from now on; those begun still count."""
        if most != self._most:
            self._most = most
            self._begun = deque(self._begun, maxlen=most)
