"""`--format`, `-o`, `--force`, `--raw`: what a command lists, for other programs and other people."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec import Struct

from triage.cli import narration, output
from triage.errors import UsageError

if TYPE_CHECKING:  # most lists are not exported
    from triage.exports.sheet import Sheet

FORMATS = ("csv", "md", "html")
STDOUT = "-"
F = TypeVar("F", bound=Callable[..., Any])


class Export(Struct, frozen=True):
    """What was asked for: a format, and a file or, without one, stdout."""

    format: str
    target: Path | None = None
    force: bool = False
    raw: bool = False

    @classmethod
    def asked(cls, format_: str | None, target: str | None, *, force: bool, raw: bool) -> Export | None:
        """Return what the options say; None if they ask for nothing, UsageError if they do not fit."""
        path = Path(target) if target and target != STDOUT else None
        chosen = format_ or _suffix(path)
        if chosen is None:
            if target or force or raw:
                raise _no_format(path)
            return None
        if raw and chosen != "csv":
            raise UsageError(
                "--raw is for csv.", hint="md and html are for people: texts in them are literal."
            )
        if raw and path is None and sys.stdout.isatty():
            raise UsageError("--raw is not for a terminal.", hint="Name a file with -o, or use a pipe.")
        return cls(chosen, path, force, raw)

    def put(self, sheet: Sheet) -> None:
        """Write the sheet to where it was asked for."""
        text = self._document(sheet)
        if self.target is None:
            output.document(text)
            return
        from triage.exports.target import write_export

        write_export(self.target, text, force=self.force)
        narration.say(f"{self.target}: {sheet.subtitle}.")

    def _document(self, sheet: Sheet) -> str:
        if self.format == "csv":
            from triage.exports.spreadsheet import as_csv

            return as_csv(sheet, raw=self.raw)
        if self.format == "md":
            from triage.exports.markdown import as_markdown

            return as_markdown(sheet)
        from triage.exports.page import as_page

        return as_page(sheet)


def export_options(command: F) -> F:
    """Let a command export what it lists: it is given `export`, None unless asked for."""

    @functools.wraps(command)
    def exporting(
        *, format_: str | None, target: str | None, force: bool, raw: bool, **options: Any
    ) -> object:
        export = Export.asked(format_, target, force=force, raw=raw)
        if export and (options.get("as_json") or options.get("plain")):
            raise UsageError("Two formats at once.", hint="Either --json or --plain, or --format and -o.")
        return command(export=export, **options)

    for option in reversed(_OPTIONS):
        exporting = option(exporting)
    return exporting  # type: ignore[return-value]  # click's options give back what they are given


_OPTIONS = (
    click.option("--format", "format_", type=click.Choice(FORMATS), help="As a table for others."),
    click.option(
        "-o", "--output", "target", metavar="FILE", help="Write it there; its ending says which format."
    ),
    click.option("--force", is_flag=True, help="Replace FILE if it is there."),
    click.option(
        "--raw", is_flag=True, help="csv: texts as they came. For programs, never for a spreadsheet."
    ),
)


def _no_format(path: Path | None) -> UsageError:
    """Return the error for a file whose ending names no format, or for options without any."""
    formats = ", ".join(FORMATS)
    if path is None:
        return UsageError("There is no format to write in.", hint=f"Add --format with one of {formats}.")
    ending = f"the ending {path.suffix}" if path.suffix else "a name without an ending"
    return UsageError(
        f"{path.name}: {ending} names no format to write in.",
        hint=f"End the name in .{', .'.join(FORMATS)}, or add --format with one of {formats}.",
    )


def _suffix(path: Path | None) -> str | None:
    ending = path.suffix[1:].lower() if path else ""
    return ending if ending in FORMATS else None
