"""What a rep would see: the terminal of the tests, whose text is made anew only where it changed."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.terminal import Terminal

COLUMNS, LINES = 160, 48
ROOT = Path(__file__).parents[1]
PAGE_DOWN, HOME, ESCAPE = "\x1b[6~", "\x1b[H", "\x1b"
Seen = Callable[[str], bool]
"""Whether a screen shows the whole effect."""
_LEAD = re.compile(r"LEAD (\d{5})")
_TWICE = 2


class Screen(Terminal):
    """A program on a pty of 160 by 48."""

    def __init__(self, command: list[str], env: Mapping[str, str] | None = None) -> None:
        super().__init__(command, columns=COLUMNS, lines=LINES, env=env)
        self._lines = [""] * LINES

    @property
    def displayed(self) -> str:
        """The screen as it is, without taking in what is still coming."""
        screen = self._screen
        for number in screen.dirty:
            row = screen.buffer[number]
            self._lines[number] = "".join(row[column].data for column in range(COLUMNS))
        screen.dirty.clear()
        return "\n".join(self._lines)

    @property
    def text(self) -> str:
        """The screen, with all that has come."""
        self._read(0)
        return self.displayed

    def looks(self, words: str) -> dict[int, tuple[str | bool, ...]]:
        """Return how the first letter of these words is drawn, by the row they stand in."""
        found: dict[int, tuple[str | bool, ...]] = {}
        for row, line in enumerate(self.displayed.split("\n")):
            column = line.find(words)
            if column >= 0:
                cell = self._screen.buffer[row][column]
                found[row] = (cell.fg, cell.bg, cell.bold, cell.reverse, cell.underscore)
        return found

    def step(self, key: str, patience: float = 20.0) -> None:
        """Press a key that is not measured; wait until it has changed something and all is quiet."""
        before, until = self.text, time.monotonic() + patience
        self.press(key)
        while self.text == before and time.monotonic() < until:
            time.sleep(0.02)
        while (now := self.text) != before and time.monotonic() < until:
            before = now
            time.sleep(0.15)


def briefed(text: str) -> set[int]:
    """Return the numbers of the leads that list and brief both name, wherever the brief is drawn."""
    named = Counter(_LEAD.findall(text))
    return {int(number) for number, times in named.items() if times >= _TWICE}


def brief_of(number: int) -> Seen:
    """Tell a screen whose list and brief both name this lead."""
    return lambda text: number in briefed(text)


def text_of(words: str) -> Seen:
    """Tell a screen with these words on it."""
    return lambda text: words in text
