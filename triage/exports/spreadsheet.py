"""CSV of which no cell is a formula to a spreadsheet: what would be one gets an apostrophe in front.

Quoting does not help against that: a spreadsheet looks at what the quotes hold. Must never write a text
as it came, unless it was asked for raw.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata

from triage.exports.sheet import Cell, Sheet, shown

_STARTS = frozenset("=+-@\t\r\n")
"""What begins a formula. Tab and line ends: CVE-2021-41270."""
_AFTER_SEPARATOR = re.compile(r";(?=[\s\"']*\S)")
"""Where an Excel that separates by semicolons would begin another cell, quotes or not."""


def as_csv(sheet: Sheet, *, raw: bool = False) -> str:
    """Return the sheet as CSV with every cell quoted. `raw`: texts as they came, for programs only."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(sheet.columns)
    for row in sheet.rows:
        writer.writerow(["" if cell is None else cell for cell in row] if raw else map(harmless, row))
    return text.getvalue()


def harmless(cell: Cell) -> str:
    """Return a cell that a spreadsheet takes for text or for a number, never for a formula."""
    text = shown(cell)
    if not isinstance(cell, str):
        return text
    inner = _AFTER_SEPARATOR.sub(lambda found: _guarded(text, found.end()), text)
    return f"'{inner}" if begins_formula(text) else inner


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula; blanks and what is invisible do not count."""
    for character in text:
        if character in _STARTS or unicodedata.normalize("NFKC", character)[:1] in _STARTS:
            return True
        if not character.isspace() and unicodedata.category(character) != "Cf":
            return False
    return False


def _guarded(text: str, at: int) -> str:
    """Return the semicolon, with an apostrophe behind it where a formula would follow."""
    return ";'" if begins_formula(text[at:].lstrip(" \t\"'")) else ";"
