"""One line a step on the standard output, with what it took; and what must be undone, whatever happens."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(words: str) -> Iterator[list[str]]:
    """Say a step when it begins and when it has ended; what is put into the list is said at the end."""
    say(f"… {words}")
    remarks: list[str] = []
    started = time.monotonic()
    yield remarks
    more = f": {', '.join(remarks)}" if remarks else ""
    say(f"✓ {words}{more} ({time.monotonic() - started:.1f} s)")


def say(words: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
