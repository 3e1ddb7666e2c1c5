"""Text in terminal cells: measured, cut and wrapped by the width that is seen, never by characters."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from screens.widgets.ribbon import Ribbon
from triage.text import clean

_FLAG_A = 0x1F1E6
_UNSTEADY: dict[int, str | None] = {
    **dict.fromkeys((0x200D, 0xFE0F, *range(0x1F3FB, 0x1F400))),
    **{_FLAG_A + index: letter for index, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")},
}
"""Joiners, the emoji selector, skin tones, flags (to their letters): terminals disagree about their width."""


def say(value: object, limit: int = 200) -> str:
    """Return text from outside as it may be drawn: cleaned, and of the same width on every terminal."""
    text = clean(value, limit=limit)
    return text if text.isascii() else text.translate(_UNSTEADY)


def width_of(text: str) -> int:
    """Return the cells a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def crop(text: str, width: int) -> str:
    """Return a text that takes at most `width` cells; what was cut off is marked with an ellipsis."""
    if width_of(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    return set_cell_size(text, width - 1).rstrip() + "…"


def fit(text: str, width: int) -> str:
    """Return a text that takes exactly `width` cells."""
    short = crop(text, width)
    return short + " " * (width - width_of(short))


def wrap(text: str, width: int, limit: int = 0) -> list[str]:
    """Return a text in lines of at most `width` cells; `limit` lines at most, 0 = as many as it needs."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrapped(paragraph, max(width, 1)))
    if limit and len(lines) > limit:
        lines = [*lines[: limit - 1], crop(" ".join(lines[limit - 1 :]), width)]
    return lines


def _wrapped(paragraph: str, width: int) -> Iterator[str]:
    line, used = "", 0
    for word in paragraph.split():
        for piece in _pieces(word, width):
            length = width_of(piece)
            if line and used + 1 + length > width:
                yield line
                line, used = "", 0
            line, used = (f"{line} {piece}", used + 1 + length) if line else (piece, length)
    yield line


def _pieces(word: str, width: int) -> Iterator[str]:
    """Yield a word, cut where it is wider than a line."""
    while width_of(word) > width:
        head = set_cell_size(word, width).rstrip() or word[0]
        yield head
        word = word[len(head) :]
    yield word


class Line:
    """A line under construction: segments, and how many cells they take."""

    __slots__ = ("segments", "width")

    def __init__(self, text: str = "", style: Style | None = None) -> None:
        self.segments: list[Segment] = []
        self.width = 0
        if text:
            self.add(text, style)

    def add(self, text: str, style: Style | None = None) -> Line:
        """Append a text. The last gate before the terminal: what it could obey is replaced here too."""
        if text:
            if not text.isprintable():
                text = say(text, limit=len(text))
            self.segments.append(Segment(text, style))
            self.width += width_of(text)
        return self

    def to(self, column: int, style: Style | None = None) -> Line:
        """Fill with blanks up to a column."""
        return self.add(" " * (column - self.width), style)

    def join(self, other: Line) -> Line:
        """Append another line."""
        self.segments.extend(other.segments)
        self.width += other.width
        return self

    def strip(self, width: int, ground: Style) -> Strip:
        """Return it as exactly `width` cells, filled and cut."""
        if self.width > width:
            return _cut(self.segments, width, ground)
        self.to(width, ground)
        return Ribbon(self.segments, width)

    @property
    def text(self) -> str:
        """What it says, without styles."""
        return "".join(segment.text for segment in self.segments)


def _cut(segments: list[Segment], width: int, ground: Style) -> Strip:
    """Return what fits, the last segment that does not marked with an ellipsis."""
    kept, used = Line(), 0
    for segment in segments:
        room = width - used
        if room <= 0:
            break
        text = segment.text
        # A text that only just fits is still cut where more follows.
        if width_of(text) > room or (width_of(text) == room and segment is not segments[-1]):
            text = crop(f"{text}…", room) if room else ""
        kept.add(text, segment.style)
        used = kept.width
    kept.to(width, ground)
    return Ribbon(kept.segments, width)
