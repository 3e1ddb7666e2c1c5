"""Time that passes when it is slept, shared by an adapter and the stand-in that counts its requests."""

from __future__ import annotations

import asyncio


class FastTempo:
    """Sleeping takes no time and moves the clock on: the stand-in reads the same clock."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += max(0.0, seconds)
        await asyncio.sleep(0)


class Unhurried:
    """Several people use one account, and each paces only itself: so time passes with each request."""

    def __init__(self, tempo: FastTempo) -> None:
        self._tempo = tempo

    def now(self) -> float:
        self._tempo.seconds += 0.25
        return self._tempo.seconds

    async def sleep(self, seconds: float) -> None:
        await self._tempo.sleep(seconds)
