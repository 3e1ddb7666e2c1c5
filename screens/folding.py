"""Lines that are too long for their column, on as many lines as they take. Cuts nothing off."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import set_cell_size

from screens.cells import Line, width_of

UNBOUNDED = 1_000_000
"""Cells of a line that is folded afterwards: nothing is cut to fit."""
_PART = re.compile(r".+?(?: · |$)", re.DOTALL)
"""What stands between two dots."""
_LEAST = 2
"""Cells that a wide character takes."""
_WORD = re.compile(r"\s*\S+")


def folded(line: Line, width: int, indent: int = 0) -> list[Line]:
    """Return a line on lines of at most `width` cells; those below the first are indented.

    A part between two dots stays on one line where one can hold it, else it is broken at blanks. A word that
    no line can hold is broken where it has to be. In a column of hardly any width lines stand out of it.
    """
    if line.width <= width:
        return [line]
    width = max(width, _LEAST)
    indent = min(indent, width - _LEAST)
    segments = [(character, segment.style) for segment in line.segments for character in segment.text]
    lines: list[Line] = []
    for start, end in _spans(line.text, width, indent):
        row = Line(" " * indent if lines else "", segments[start][1])
        at = start
        while at < end:
            style, begun = segments[at][1], at
            while at < end and segments[at][1] is style:
                at += 1
            row.add("".join(character for character, _style in segments[begun:at]), style)
        lines.append(row)
    return lines or [line]


def _spans(text: str, width: int, indent: int) -> Iterator[tuple[int, int]]:
    """Yield where each line begins and ends in the text."""
    begun = ended = used = 0
    for start, end, whole in _pieces(text, width - indent):
        blanks = start - ended  # between two parts
        needed = max(whole, width_of(text[start:end]))
        if ended > begun and used + blanks + needed > width:
            yield begun, ended
            begun = start + len(text[start:end]) - len(text[start:end].lstrip())
            used = indent + width_of(text[begun:end])
        else:
            used += blanks + width_of(text[start:end])
        ended = end
    if ended > begun:
        yield begun, ended


def _pieces(text: str, room: int) -> Iterator[tuple[int, int, int]]:
    """Yield each word with its place, and the cells of the part that it begins: 0 where no line holds it."""
    for part in _PART.finditer(text):
        whole = width_of(part[0].rstrip())
        for word in _WORD.finditer(text, part.start(), part.end()):
            start, end = word.span()
            begins = start == part.start() and whole <= room
            while cut := _cut(text[start:end], room, keeps_blanks=not start):
                yield start, start + cut, 0
                start += cut
            yield start, end, whole if begins else 0


def _cut(word: str, room: int, *, keeps_blanks: bool) -> int:
    """Return the characters of a word, with the blanks before it, that a line holds; 0 = all of them."""
    bare = word.lstrip()
    blanks = len(word) - len(bare)
    room -= blanks if keeps_blanks else 0
    if len(bare) <= 1 or width_of(bare) <= room:
        return 0
    return blanks + max(len(set_cell_size(bare, max(room, 1)).rstrip()), 1)
