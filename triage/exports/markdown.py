"""A Markdown table in which every text is literal: no link, no image, no HTML, whatever the reader adds."""

from __future__ import annotations

import re

from triage.exports.sheet import Cell, Sheet, shown

_PUNCTUATION = re.compile(r"((?<!\d)[.:]|[.:](?!\d)|[!#$&()*+<=>@\[\\\]^_`{|}~])")
"""What can begin or end anything but plain text in a cell. A dot or colon between digits begins no link."""
_ADDRESS = re.compile(r"([\w.+-]+@[\w.-]+)")
"""An e-mail address: readers such as GitHub's link it however it is escaped, except in code."""


def as_markdown(sheet: Sheet) -> str:
    """Return the sheet as a title and a table."""
    lines = [
        f"# {escaped(sheet.title)}",
        "",
        escaped(sheet.subtitle),
        "",
        _line([escaped(name) for name in sheet.headings]),
        _line(["---"] * len(sheet.columns)),
        *(_line([literal(cell) for cell in row]) for row in sheet.rows),
    ]
    return "\n".join(lines) + "\n"


def literal(cell: Cell) -> str:
    """Return a cell that reads as the text it is."""
    pieces = enumerate(_ADDRESS.split(shown(cell)))
    return "".join(f"`{piece}`" if index % 2 else escaped(piece) for index, piece in pieces)


def escaped(text: str) -> str:
    """Return a text with all that Markdown could obey escaped, as CommonMark does it for any punctuation."""
    return _PUNCTUATION.sub(r"\\\1", text.replace("\n", " "))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
