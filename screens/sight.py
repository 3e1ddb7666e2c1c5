"""Since when something has been on the screen: a key that decides waits until it can have been seen.

Keys are never dropped: one that was typed ahead waits. Owns the two spans; knows no widget and no lead.
"""

from __future__ import annotations

import asyncio
from time import monotonic

STANDS = 0.15
"""Seconds that something stands on the screen before a key typed ahead may act on it."""
TYPED_AHEAD = 0.06
"""Seconds after a paint in which no hand has answered it yet: sooner comes a held key, a burst, or a slip."""
_PATIENCE = 1.0
UNSEEN = "It was not on the screen yet: nothing was done. Press the key again."


class Sight:
    """Whether the newest content was painted, and when."""

    def __init__(self, *, always: bool = False) -> None:
        """Begin with nothing painted; `always`: with what has stood there for long."""
        self._painted_at: float | None = 0.0 if always else None
        self._painted = asyncio.Event()
        if always:
            self._painted.set()

    def hide(self) -> None:
        """Note that other content is to be painted."""
        self._painted_at = None
        self._painted.clear()

    def show(self) -> None:
        """Note that it was painted; a second paint of the same changes nothing."""
        if self._painted_at is None:
            self._painted_at = monotonic()
            self._painted.set()

    def was_there(self, pressed_at: float) -> bool:
        """Whether a key of that moment can be an answer to what is on the screen."""
        return self._painted_at is not None and pressed_at >= self._painted_at + TYPED_AHEAD

    async def stood(self, pressed_at: float) -> bool:
        """Wait until a key of that moment may act; False if nothing is painted within a second.

        `pressed_at` is in the seconds of `time.monotonic`.
        """
        try:
            await asyncio.wait_for(self._painted.wait(), timeout=_PATIENCE)
        except TimeoutError:
            return False
        painted_at = self._painted_at
        if painted_at is not None and pressed_at < painted_at + TYPED_AHEAD:
            await asyncio.sleep(max(painted_at + STANDS - monotonic(), 0))
        return True
