from __future__ import annotations

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import Monochrome
from textual.strip import Strip

from screens.ink import Inks
from screens.themes import LOOKS
from screens.widgets.ribbon import Ribbon

WIDTH = 60
INKS = [
    getattr(ink, name)
    for look in LOOKS.values()
    for ink in (Inks.of(look).plain, Inks.of(look).cursor, Inks.of(look).raised)
    for name in ink.__slots__
]
NO_INKS = [
    Style(),
    Style(bold=True),
    Style(color="red"),
    Style(reverse=True),
    Style(underline=True, color="#102030"),
]
parts = st.lists(
    st.tuples(
        st.sampled_from(["a", "  ", "word ", " ", "山田", "é", "12 %"]),
        st.sampled_from([*INKS, *NO_INKS, None]),
    ),
    max_size=12,
)


def shown(sent: str) -> list[tuple]:
    """What a terminal shows of it: each cell's character and looks; of a blank only what can be seen."""
    screen = pyte.Screen(WIDTH, 2)
    pyte.Stream(screen).feed(sent + "x")
    cells = [screen.buffer[0][x] for x in range(WIDTH)]
    return [
        (cell.data, cell.bg)
        if cell.data == " " and not (cell.reverse or cell.underscore or cell.strikethrough)
        else (
            cell.data,
            cell.fg,
            cell.bg,
            cell.bold,
            cell.reverse,
            cell.underscore,
            cell.italics,
            cell.strikethrough,
        )
        for cell in cells
    ]


def console(system: str = "truecolor") -> Console:
    return Console(color_system=system, force_terminal=True, legacy_windows=False)


@settings(max_examples=150, deadline=None)
@given(parts, st.sampled_from(["truecolor", "256", "standard"]))
def test_a_terminal_shows_the_same_as_by_the_toolkits_own_strip(of, system):
    segments = [Segment(text, style) for text, style in of]
    for _text, style, _control in segments:
        if style is not None:
            style._ansi = None  # the toolkit remembers there what it wrote for the last console
    theirs, ours = Strip(segments).render(console(system)), Ribbon(segments).render(console(system))
    assert shown(ours) == shown(theirs)
    few = 5 * len(of)  # a ground is set back by itself where the toolkit resets everything
    assert len(ours) <= len(theirs) + few or any(style not in INKS for _text, style in of)


@settings(max_examples=60, deadline=None)
@given(parts)
def test_without_colour_it_still_is_the_same(of):
    segments = [Segment(text, style or Style()) for text, style in of]
    ground = Color.parse("#101010")
    theirs = Strip(segments).apply_filter(Monochrome(), ground).render(console())
    ours = Ribbon(segments).apply_filter(Monochrome(), ground).render(console())
    assert shown(ours) == shown(theirs)


def test_only_what_changes_is_sent():
    ink = Inks.of(LOOKS["dark"]).plain
    segments = [
        Segment("a", ink.text),
        Segment("  ", ink.strong),
        Segment("b", ink.text),
        Segment("c", ink.dim),
    ]
    sent = Ribbon(segments).render(console())
    assert sent.count("\x1b[48;") + sent.count(";48;") == 1
    assert sent.count("\x1b[") == 3
    assert sent.endswith("\x1b[0m")
