"""The only place that writes to stdout: documents, tables and plain lines, all of it cleaned."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from triage.text import clean

WIDEST = 36
"""Cells of a column that is not the last."""
_DELETE = "\x7f"
_NOT_PRINTABLE = re.compile(r"[^\n\x20-\x7e]+")


def as_json(document: object) -> None:
    """Print one JSON document. ASCII only, so that hostile text cannot reach a terminal as control bytes.

    Indented for a person; on one line for a program, which is several times as fast to write.
    """
    click.echo(_dumped(document, indent=2 if sys.stdout.isatty() else 0))


def as_json_line(document: object) -> None:
    """Print one JSON document on one line, whoever reads it: for JSON Lines."""
    click.echo(_dumped(document, indent=0))


def _dumped(document: object, *, indent: int) -> str:
    """Return JSON in printable ASCII; `indent` 0 is one line."""
    try:
        text = msgspec.json.format(msgspec.json.encode(document), indent=indent).decode()
    except UnicodeEncodeError:  # half a character from a CRM: only the standard library writes it
        return json.dumps(plain(document), ensure_ascii=True, indent=indent or None)
    # JSON has every other control character of ASCII as an escape already.
    is_printable = text.isascii() and _DELETE not in text
    return text if is_printable else _NOT_PRINTABLE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    """Return characters as JSON escapes: outside a string there are none."""
    return json.dumps(found[0], ensure_ascii=True)[1:-1]


def plain(value: object) -> Any:
    """Return frozen values as plain JSON types; times in UTC, ending in Z."""
    return msgspec.to_builtins(value)


def table(rows: Iterable[Sequence[object]], header: Sequence[str]) -> None:
    """Print aligned columns; the last one is not padded."""
    lines: list[list[str]] = [list(header), *([str(clean(cell)) for cell in row] for row in rows)]
    short = [[*(_cut(cell) for cell in line[:-1]), line[-1]] for line in lines]
    widths = [max(map(_cells, column)) for column in zip(*short, strict=True)]
    for line in short:
        padded = [cell + " " * (width - _cells(cell)) for cell, width in zip(line[:-1], widths, strict=False)]
        click.echo("  ".join([*padded, line[-1]]).rstrip())


def _cells(text: str) -> int:
    """Count terminal cells: wide characters take two, combining marks none."""
    return sum(
        0
        if unicodedata.category(character) in ("Mn", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def _cut(cell: str) -> str:
    """Shorten a cell to the widest column, and say so by an ellipsis."""
    if _cells(cell) <= WIDEST:
        return cell
    kept = cell
    while _cells(kept) >= WIDEST:
        kept = kept[:-1]
    return kept + "…"


def row(cells: Sequence[object]) -> None:
    """Print one line of cells with a tab between them, each cleaned by itself."""
    click.echo("\t".join(clean(cell, limit=2_000) for cell in cells))


def document(text: str) -> None:
    """Print a document that was made safe by whoever made it, with its own line ends."""
    click.echo(text, nl=False)


def line(text: str, limit: int = 2_000) -> None:
    """Print one line of data, of at most so many characters."""
    click.echo(clean(text, limit=limit))


def moment(when: datetime | None) -> str | None:
    """Return a time as the JSON of commands writes it."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z") if when else None
