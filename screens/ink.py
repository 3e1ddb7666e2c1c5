"""The styles that lines are drawn with, by what they mean. Meaning never hangs on colour alone."""

from __future__ import annotations

from msgspec import Struct
from rich.style import Style


class Look(Struct, frozen=True):
    """The colours of one theme, as #rrggbb; empty: the terminal's own."""

    name: str
    dark: bool
    ground: str
    raised: str
    """Behind bars and the choices at the bottom."""
    cursor: str
    """Behind the line under the cursor."""
    text: str
    dim: str
    faint: str
    accent: str
    good: str
    warn: str
    bad: str

    @property
    def is_colourless(self) -> bool:
        """Whether it has no colour of its own."""
        return not self.text


class Ink(Struct, frozen=True):
    """Styles on one background."""

    text: Style
    dim: Style
    faint: Style
    strong: Style
    accent: Style
    good: Style
    warn: Style
    bad: Style


class Inks(Struct, frozen=True):
    """The styles of a theme on its three backgrounds."""

    plain: Ink
    cursor: Ink
    raised: Ink

    @classmethod
    def of(cls, look: Look) -> Inks:
        """Make the styles of a look."""
        if look.is_colourless:
            return cls(_plain(), _plain(reverse=True), _plain())
        return cls(_ink(look, look.ground), _ink(look, look.cursor), _ink(look, look.raised))


def _ink(look: Look, ground: str) -> Ink:
    def style(colour: str, *, bold: bool = False) -> Style:
        return Style(color=colour, bgcolor=ground, bold=bold)

    return Ink(
        text=style(look.text),
        dim=style(look.dim),
        faint=style(look.faint),
        strong=style(look.text, bold=True),
        accent=style(look.accent, bold=True),
        good=style(look.good),
        warn=style(look.warn, bold=True),
        bad=style(look.bad, bold=True),
    )


def _plain(*, reverse: bool = False) -> Ink:
    """Return styles without a colour. On a reversed line faint is left out: not every terminal shows it."""
    text, bold = Style(reverse=reverse), Style(reverse=reverse, bold=True)
    pale = text if reverse else Style(dim=True)
    return Ink(text=text, dim=pale, faint=pale, strong=bold, accent=bold, good=text, warn=bold, bad=bold)
