"""Whether a digit was meant: a key that is held, or pressed once too often, must not settle the next item.

The next item comes under the cursor by itself, so what the same digit would do to it, the rep has not chosen.
"""

from __future__ import annotations

AGAIN_AFTER = 1.0
"""Seconds of rest after which the same digit counts again."""


class DeliberateDigits:
    """Remembers the digit that acted last; another key forgets it. Times are those of `time.monotonic`."""

    def __init__(self) -> None:
        self._digit = ""
        self._pressed_at = 0.0

    def acted(self, digit: str, pressed_at: float) -> None:
        """Note that a digit has taken its way out."""
        self._digit, self._pressed_at = digit, pressed_at

    def is_meant(self, digit: str, pressed_at: float) -> bool:
        """Whether a digit counts. One that does not begins the rest anew, as a key that is held does."""
        if digit != self._digit:
            return True
        rested = pressed_at - self._pressed_at >= AGAIN_AFTER
        self._pressed_at = pressed_at
        return rested

    def heard(self, key: str) -> None:
        """Take note of any key: another one says that the rep goes on."""
        if key != self._digit:
            self._digit = ""
