"""The page of a pack: safe whatever its texts hold, readable aloud, and seen in a real browser."""

from __future__ import annotations

import re
import struct
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.pack.chromium import Browser, browser, installed
from tests.pack.sample import ACCEPTANCE, HOSTILE_ROWS, INSIGHTS, TEXTS, sample
from triage.insights.figure import Chart, ChartKind, Figure, Insight, Row, Unit, words
from triage.pack import drawing, look, page
from triage.pack.charts import chart_of
from triage.pack.drawing import drawn
from triage.pack.formats import render
from triage.pack.pack import Chapter, Pack, pack_of

VOID = {"meta", "br"}
TAGS = frozenset(
    {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "a",
        "header",
        "h1",
        "h2",
        "h3",
        "p",
        "nav",
        "ul",
        "li",
    }
    | {"main", "section", "article", "figure", "div", "table", "thead", "tbody", "tr", "th", "td", "small"}
    | {"footer", "svg", "desc", "g", "rect", "path", "circle", "text"}
)
ATTRIBUTES = frozenset(
    {"lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "aria-label", "role", "scope"}
    | {"aria-labelledby", "tabindex", "dir", "xmlns", "viewbox"}
    | drawing.ATTRIBUTES
)


class Outline(HTMLParser):
    """Every tag and attribute of a page; raises where tags do not close as they opened."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.headings: list[str] = []
        self._open: list[str] = []
        self.feed(document)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if re.fullmatch(r"h\d", tag):
            self.headings.append(tag)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open
        assert self._open.pop() == tag

    def values(self, name: str) -> list[str]:
        return [value for _, key, value in self.attributes if key == name]


PAGE = render(sample(), "html")


def check_safe(document: str) -> Outline:
    seen = Outline(document)
    assert set(seen.tags) <= TAGS
    assert {name for _, name, _ in seen.attributes} <= ATTRIBUTES
    assert all(value.startswith("#") for value in seen.values("href"))
    assert "xlink" not in document.partition("</style>")[2]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", document)
    return seen


def test_the_page_has_only_tags_and_attributes_that_do_nothing() -> None:
    check_safe(PAGE)


def test_an_attribute_let_through_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "SHAPES", drawing.SHAPES | {"script", "style", "defs"})
    with pytest.raises(AssertionError):
        check_safe(render(sample(), "html"))


@pytest.mark.parametrize("kind", list(ChartKind))
@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(TEXTS) | st.text(max_size=40), min_size=1, max_size=6))
def test_no_text_at_all_acts_in_a_page(kind: ChartKind, texts: list[str]) -> None:
    insight = replace(
        HOSTILE_ROWS,
        title=texts[0],
        asks=texts[-1],
        formula=texts[0],
        notes=tuple(texts),
        currency=texts[0],
        first_column=texts[-1],
        columns=tuple(replace(column, label=texts[0]) for column in HOSTILE_ROWS.columns),
        rows=tuple(Row(text, (Figure(0.5), words(text))) for text in texts),
        chart=Chart(kind, ("accounts", "accounts"), target=0.4),
    )
    seen = check_safe(page.as_page(replace(sample(), chapters=(Chapter(texts[0], (insight,)),))))
    assert seen.tags["svg"] == 1


def test_no_two_things_have_one_id_and_every_name_leads_to_one() -> None:
    seen = Outline(PAGE)
    ids = seen.values("id")
    assert len(ids) == len(set(ids))
    named = [name for value in seen.values("aria-labelledby") for name in value.split()]
    assert set(named) <= set(ids)
    assert {value[1:] for value in seen.values("href")} <= set(ids)


def test_it_reads_aloud_headings_in_order_landmarks_and_a_table_for_each_chart() -> None:
    seen = Outline(PAGE)
    assert seen.headings[0] == "h1"
    assert seen.headings.count("h1") == 1
    for above, below in zip(seen.headings, seen.headings[1:], strict=False):
        assert int(below[1]) <= int(above[1]) + 1
    assert ("html", "lang", "en") in seen.attributes
    for landmark in ("header", "main", "nav", "footer"):
        assert seen.tags[landmark] == 1
    assert PAGE.index('class="skip"') < PAGE.index("<header>")
    charts = re.findall(r"<figure>\n.*?</figure>", PAGE, re.DOTALL)
    assert len(charts) == sum(chart_of(insight) is not None for insight in INSIGHTS) == 5
    for chart in charts:
        assert 'role="img"' in chart
        assert "<table>" in chart
        assert chart.count('scope="row"') > 1


def test_the_drawing_library_leaves_no_importer_behind() -> None:
    assert "pygal" not in [type(finder).__module__ for finder in sys.meta_path]


def test_a_tooltip_needs_no_script() -> None:
    assert "<title>webinar: 34%</title>" in PAGE


def test_a_chart_is_drawn_of_many_lines_and_of_none() -> None:
    many = replace(ACCEPTANCE, rows=ACCEPTANCE.rows[:-1] * 40)
    assert chart_of(many) is not None
    assert chart_of(replace(ACCEPTANCE, rows=())) is None
    assert chart_of(replace(ACCEPTANCE, rows=(Row("unknown", (Figure(), Figure())),))) is None
    assert chart_of(replace(ACCEPTANCE, chart=Chart(ChartKind.BARS, ("no such column",)))) is None


@pytest.mark.parametrize("value", [0, 1e-9, 1, -3.5, 1e12, 0.999])
@pytest.mark.parametrize("kind", [ChartKind.BARS, ChartKind.SERIES])
def test_a_chart_is_drawn_of_any_number(kind: ChartKind, value: float) -> None:
    one = replace(
        ACCEPTANCE, rows=(Row("x", (Figure(value), Figure(1))),), chart=Chart(kind, ("acceptance",))
    )
    tree = chart_of(one)
    assert "NaN" not in drawn(tree, name="x", title="x", told="x")


# In a real browser

needs_chromium = pytest.mark.skipif(installed() is None, reason="there is no Chromium on this machine")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as one:
        yield one


def write(folder: Path, document: str) -> Path:
    path = folder / "pack.html"
    path.write_text(document, encoding="utf-8")
    return path


@needs_chromium
def test_chromium_opens_it_without_a_word_and_asks_nobody_for_anything(
    chromium: Browser, tmp_path: Path
) -> None:
    path = write(tmp_path, PAGE)
    chromium.open(path)
    assert chromium.said == []
    assert chromium.requested == [path.as_uri()]
    text = " ".join(chromium.asked("document.body.innerText").split())
    for insight in INSIGHTS:
        assert insight.title in text
        assert insight.formula in text
    assert chromium.asked("document.querySelectorAll('script, [style], [onload], iframe, img').length") == 0
    assert chromium.asked("document.title").startswith("Lead review")


@needs_chromium
@pytest.mark.parametrize(
    "planted",
    [
        "<script>console.error('ran')</script>",
        '<p style="color: red">styled</p>',
        "<style>p { color: red }</style>",
        '<img alt="" src="http://127.0.0.1:9/x.png">',
    ],
)
def test_what_the_policy_forbids_is_heard(chromium: Browser, tmp_path: Path, planted: str) -> None:
    chromium.open(write(tmp_path, PAGE.replace("<footer>", f"{planted}<footer>")))
    assert "Content Security Policy" in " ".join(chromium.said)
    assert "ran" not in chromium.said


@needs_chromium
def test_a_script_that_runs_is_heard(chromium: Browser, tmp_path: Path) -> None:
    weak = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", PAGE)
    chromium.open(write(tmp_path, weak.replace("<footer>", "<script>console.error('ran')</script><footer>")))
    assert "ran" in chromium.said


@needs_chromium
def test_a_style_without_its_hash_is_heard(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "STYLE", look.STYLE + "p { color: red }")
    chromium.open(write(tmp_path, render(sample(), "html")))
    assert "Content Security Policy" in " ".join(chromium.said)


@needs_chromium
def test_it_is_seen_in_the_light_in_the_dark_and_on_paper(chromium: Browser, tmp_path: Path) -> None:
    chromium.open(write(tmp_path, PAGE))
    chromium.media(scheme="light")
    light = chromium.picture()
    chromium.media(scheme="dark")
    dark = chromium.picture()
    chromium.media("print", "dark")
    paper = chromium.picture()
    chromium.media()
    assert [corner_of(png) for png in (light, dark, paper)] == [
        (255, 255, 255),
        (13, 17, 23),
        (255, 255, 255),
    ]
    for png in (light, dark, paper):
        assert busy_share(png) > 0.01
    assert chromium.pdf().startswith(b"%PDF-")
    assert chromium.said == []


@needs_chromium
def test_the_charts_have_the_pages_own_colours(chromium: Browser, tmp_path: Path) -> None:
    chromium.open(write(tmp_path, PAGE))
    fill = "getComputedStyle(document.querySelector('.chart .bar rect')).fill"
    chromium.media(scheme="light")
    light = chromium.asked(fill)
    chromium.media(scheme="dark")
    assert (light, chromium.asked(fill)) == ("rgb(11, 99, 181)", "rgb(108, 178, 255)")
    chromium.media()


@needs_chromium
def test_no_page_of_paper_is_wider_than_the_paper(chromium: Browser, tmp_path: Path) -> None:
    chromium.open(write(tmp_path, render(pack_of_wide(), "html")))
    chromium.media("print")
    chromium.call(
        "Emulation.setDeviceMetricsOverride", width=688, height=1000, deviceScaleFactor=1, mobile=False
    )
    wide = chromium.asked("document.documentElement.scrollWidth")
    chromium.call("Emulation.clearDeviceMetricsOverride")
    chromium.media()
    assert wide <= 688


def pack_of_wide() -> Pack:
    """A pack with a table of a long name and twelve columns, half of them with figures written as texts."""
    from tests.insights.world import evidence

    return pack_of(evidence(), [_wide()])


def _wide() -> Insight:
    columns = tuple(
        replace(ACCEPTANCE.columns[0], name=f"c{number}", label="met", unit=unit)
        for number, unit in enumerate((Unit.SHARE, Unit.TEXT) * 6)
    )
    figures = (ACCEPTANCE.rows[0].figures[0], replace(words("EUR 846,000"), n=3)) * 6
    figures = (*figures[:-1], words("a long way to go " * 12))
    return replace(ACCEPTANCE, columns=columns, rows=(Row("2026Q1-" + "webinar" * 20, figures),), chart=None)


def rows_of(png: bytes) -> tuple[int, bytes]:
    """Return the width of a PNG and its filtered rows (RFC 2083): eight bits a channel, red green blue."""
    at, data, width = 8, b"", 0
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colour = struct.unpack(">IIBB", body[:10])
            assert (depth, colour) == (8, 2)
        data += body if kind == b"IDAT" else b""
        at += length + 12
    return width, zlib.decompress(data)


def corner_of(png: bytes) -> tuple[int, ...]:
    """Return the colour of the first pixel, which no filter changes."""
    _, rows = rows_of(png)
    return tuple(rows[1:4])


def busy_share(png: bytes) -> Any:
    """Return how much of the picture differs from what is beside or above it: of a blank one nothing."""
    width, rows = rows_of(png)
    rest = rows[width * 3 + 1 :]
    return 1 - rest.count(0) / len(rest)
