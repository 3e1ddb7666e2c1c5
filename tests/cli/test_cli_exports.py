"""Exports: no cell is a formula, no text is a link or a tag, and a file is whole or not there."""

from __future__ import annotations

import csv
import errno
import io
import os
import stat
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.cli.shell import Shell, crm_on
from tests.corpus import HOSTILE
from triage.cli.exporting import Export
from triage.errors import ExportFailed, UsageError
from triage.exports import markdown, page, spreadsheet, target
from triage.exports.markdown import as_markdown
from triage.exports.page import as_page
from triage.exports.sheet import Cell, Sheet
from triage.exports.spreadsheet import as_csv, harmless
from triage.exports.target import write_export
from triage.text import clean

MADE_AT = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
FORMULAS = (
    "=1+1",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\ufeff=1",
    "\u200b=1",
    "\u00a0=1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(A1)",
    "\ufe661",
    "=cmd|' /C calc'!A0",
    'a;=cmd|" /C calc"!A0',
    'a";=1+1;"',
    "x; '=1",
)
MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "</td></tr></table><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "[a](http://evil.example)",
    "![a](http://evil.example/beacon.png)",
    "<http://evil.example>",
    "http://evil.example and www.evil.example or evil.example",
    "ada@northwind.example",
    "mail ada@northwind.example now",
    "&lt;script&gt; &#91;a&#93;(b)",
    "a | b \\| c \\",
    "`code` ``two``",
    "**bold** _it_ ~~no~~ # head",
    "1. list\n\n- item\n\n---\n> quote",
    "[a]: http://evil.example",
    "$(id) {{7*7}} $title ${title}",
)
TEXTS = (*FORMULAS, *MARKUP, *HOSTILE)


def sheet_of(*texts: Cell) -> Sheet:
    return Sheet("Leads <b>&</b> | more", MADE_AT, ("lead_id", "name"), [("L-1", text) for text in texts])


# CSV


def is_formula(cell: str) -> bool:
    """Judge as a spreadsheet does, by another road than the product: what is left once blanks are gone."""
    seen = "".join(
        one for one in cell if not one.isspace() and unicodedata.category(one) not in ("Cf", "Cc", "Zs")
    )
    return unicodedata.normalize("NFKC", seen)[:1] in tuple("=+-@")


def cells_of(document: str, separator: str = ",") -> list[str]:
    """All cells of a CSV as someone's spreadsheet splits it."""
    return [
        cell for row in csv.reader(io.StringIO(document, newline=""), delimiter=separator) for cell in row
    ]


@pytest.mark.parametrize("separator", [",", ";"])
def test_no_cell_is_a_formula_to_a_spreadsheet(separator: str) -> None:
    cells = cells_of(as_csv(sheet_of(*TEXTS)), separator)
    assert [cell for cell in cells if is_formula(cell)] == []


@given(st.text(st.sampled_from("=+-@;,\"' \t\r\n\ufeff\u200b\uff1da1|"), max_size=12))
def test_no_text_at_all_becomes_a_formula(text: str) -> None:
    document = as_csv(sheet_of(text))
    for separator in ",;":
        assert [cell for cell in cells_of(document, separator) if is_formula(cell)] == []


def test_without_the_apostrophe_there_are_formulas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "begins_formula", lambda _text: False)
    assert [cell for cell in cells_of(as_csv(sheet_of(*TEXTS))) if is_formula(cell)]


def test_raw_is_what_the_crm_said_and_formulas_stay() -> None:
    assert cells_of(as_csv(sheet_of(*FORMULAS), raw=True))[3::2] == list(FORMULAS)


def test_harmless_text_and_numbers_stay_as_they_are() -> None:
    told: list[Cell] = ["Ada Park", "a - b", "Berlin; Potsdam", "50 % + 1", -5, 66.0, 0.5, None]
    assert list(map(harmless, told)) == [
        *("Ada Park", "a - b", "Berlin; Potsdam", "50 % + 1"),
        *("-5", "66", "0.5", ""),
    ]


def test_every_line_of_a_csv_has_every_column() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(sheet_of(*TEXTS)), newline="")))
    assert len(rows) == len(TEXTS)
    assert {row["lead_id"] for row in rows} == {"L-1"}


# HTML


class Seen(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.cells: list[str] = []
        self._is_in_cell = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        self._is_in_cell = tag == "td"
        if self._is_in_cell:
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self._is_in_cell = self._is_in_cell and tag != "td"

    def handle_data(self, data: str) -> None:
        if self._is_in_cell:
            self.cells[-1] += data


OUR_TAGS = {
    *("html", "head", "meta", "title", "style", "body", "h1", "p", "div"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def test_a_page_holds_our_tags_and_the_texts_as_texts() -> None:
    seen = Seen(as_page(sheet_of(*TEXTS)))
    assert seen.tags == OUR_TAGS
    assert {name for name, _ in seen.attributes} <= {
        *("lang", "charset", "http-equiv", "content", "name", "scope", "dir", "class"),
    }
    assert seen.cells[1::2] == [clean(text, limit=20_000) for text in TEXTS]


def test_without_escaping_a_page_holds_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "escape", lambda text, **_: text)
    assert "script" in Seen(as_page(sheet_of(*TEXTS))).tags


def test_a_page_may_load_and_run_nothing() -> None:
    made = as_page(sheet_of("a"))
    assert made.index("Content-Security-Policy") < made.index("<style>")
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in Seen(made).attributes
    assert ("charset", "utf-8") in Seen(made).attributes
    assert "http:" not in made
    assert "https:" not in made


# Markdown


def active(tokens: list[Any]) -> Iterator[str]:
    """The kinds of token that do something, or show something other than text."""
    for token in tokens:
        plain = {"text", "text_special", "softbreak", "code_inline", "inline"}
        table = token.type.removesuffix("_open").removesuffix("_close")
        if token.type not in plain and table not in {
            *("table", "thead", "tbody", "tr", "th", "td"),
            "heading",
            "paragraph",
        }:
            yield token.type
        yield from active(token.children or [])


@pytest.mark.parametrize("reader", ["gfm-like", "commonmark"])
def test_markdown_is_literal_to_every_reader(reader: str) -> None:
    found = MarkdownIt(reader, {"html": True}).parse(as_markdown(sheet_of(*TEXTS)))
    assert set(active(found)) == set()


def test_a_reader_that_links_everything_shows_the_texts_in_their_cells() -> None:
    plain = [text for text in TEXTS if clean(text, limit=20_000).strip()]
    found = MarkdownIt("gfm-like").parse(as_markdown(sheet_of(*plain)))
    shown = [
        "".join(part.content for part in token.children or [])
        for before, token in pairwise(found)
        if before.type == "td_open"
    ]
    assert shown[1::2] == [clean(text, limit=20_000).strip() for text in plain]


def test_an_address_inside_a_text_is_code_too_because_some_readers_link_it_however_it_is_escaped() -> None:
    assert markdown.literal("mail ada@northwind.example now!") == "mail `ada@northwind.example` now\\!"


def test_without_escaping_there_are_links_pictures_and_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "literal", str)
    found = MarkdownIt("gfm-like", {"html": True}).parse(as_markdown(sheet_of(*MARKUP)))
    assert {"link_open", "image", "html_inline"} <= set(active(found))


# Files


def test_a_file_is_for_its_owner_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    before = os.umask(0)
    try:
        write_export(path, "a\n", force=False)
    finally:
        os.umask(before)
    assert path.read_text() == "a\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["leads.csv"]


def test_what_is_there_stays_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        write_export(path, "new", force=False)
    assert path.read_text() == "mine"
    write_export(path, "new", force=True)
    assert path.read_text() == "new"


def test_a_file_that_comes_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "leads.csv"
    write = target._write

    def slow(draft: Path, data: bytes) -> None:
        write(draft, data)
        path.write_text("someone else's")

    monkeypatch.setattr(target, "_write", slow)
    with pytest.raises(UsageError, match="there already"):
        write_export(path, "new", force=False)
    assert path.read_text() == "someone else's"
    assert [one.name for one in tmp_path.iterdir()] == ["leads.csv"]


def test_a_link_is_replaced_and_never_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("precious")
    path = tmp_path / "leads.csv"
    path.symlink_to(other)
    with pytest.raises(UsageError):
        write_export(path, "new", force=False)
    write_export(path, "new", force=True)
    assert (other.read_text(), path.is_symlink()) == ("precious", False)


@pytest.mark.parametrize("force", [True, False])
def test_a_folder_or_a_device_is_no_file_to_write(tmp_path: Path, force: bool) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(UsageError, match="not a file"):
            write_export(path, "new", force=force)


@pytest.mark.parametrize("call", ["link", "fsync", "fchmod"])
def test_what_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(target.os, call, full)
    with pytest.raises(ExportFailed, match="No space left"):
        write_export(tmp_path / "leads.csv", "new", force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_hard_links_is_written_to_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(target.os, "link", none)
    write_export(tmp_path / "leads.csv", "new", force=False)
    assert (tmp_path / "leads.csv").read_text() == "new"


# The commands


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A home with twelve leads, and one decision with a hostile note that marketing sees."""
    folder = tmp_path_factory.mktemp("exports")
    shell = Shell(folder / "home")
    with crm_on(0, folder / "crm", "--leads", "12", "--no-history") as facts:
        shell.token = facts["rep_token"]
        shell.ok("login", "work", "--url", facts["url"])
        shell.ok("pull")
        first = next(one["lead_id"] for one in shell.ok("list", "--json").json if not one["contacted_at"])
        shell.ok("decide", "accept", first, "--note", "=1+1 <script> [a](http://evil.example)")
        shell.ok("sync")
        yield shell


def test_each_list_is_exported_with_the_names_of_its_json(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    assert str(path) in shell.ok("list", "-o", str(path)).err
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    leads = shell.ok("list", "--json").json
    assert [row["lead_id"] for row in rows] == [lead["lead_id"] for lead in leads]
    assert [row["email"] for row in rows] == [lead["email"] for lead in leads]
    assert "is there already" in shell.said(2, "list", "-o", str(path))
    (item,) = csv.DictReader(io.StringIO(shell.ok("queue", "list", "--format", "csv").out))
    assert (item["state"], item["act"], item["attempts"]) == ("applied", "accept", "1")


def test_marketings_export_holds_a_reps_words_as_words(shell: Shell) -> None:
    (row,) = csv.DictReader(io.StringIO(shell.ok("review", "--format", "csv").out))
    assert row["words"].startswith("'=1+1")
    assert "script" not in Seen(shell.ok("review", "--format", "html").out).tags


def test_options_that_do_not_fit_are_named(shell: Shell) -> None:
    assert Export.asked(None, None, force=False, raw=False) is None
    with pytest.raises(UsageError, match="no format"):
        Export.asked(None, "leads", force=False, raw=False)
    with pytest.raises(UsageError, match="--raw is for csv"):
        Export.asked("md", None, force=False, raw=True)
    assert "Two formats" in shell.said(2, "list", "--json", "--format", "csv")


def test_a_terminal_is_given_nothing_raw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with pytest.raises(UsageError, match="not for a terminal"):
        Export.asked("csv", "-", force=False, raw=True)
