"""A strip that sends as few bytes as the terminal needs: between its parts only the style that changes.

The toolkit writes every part with all of its style and a reset, three times the bytes: a slow line feels
that. Shows nothing else than the toolkit's strip: a test compares the two on a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

_ON: Mapping[str, str] = {"bold": "1", "dim": "2", "italic": "3", "underline": "4", "reverse": "7"}
_OFF: Mapping[str, str] = {"1": "22", "2": "22", "3": "23", "4": "24", "7": "27"}
_SEEN_ON_BLANKS = frozenset("47")
_DEFAULT, _DEFAULT_GROUND = "39", "49"


class _Look(NamedTuple):
    """What sets a style on a terminal."""

    weights: frozenset[str]
    colour: str
    ground: str


_RESET = _Look(frozenset(), _DEFAULT, _DEFAULT_GROUND)


class Ribbon(Strip):
    """A strip in inks: weight, colour, ground. Anything else, such as a link, is left to the toolkit."""

    __slots__ = ()

    def render(self, console: Console) -> str:
        """Return it as the terminal takes it."""
        if self._render_cache is None:
            system = console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001 - as the toolkit asks for it
            self._render_cache = self._written(system)
        return self._render_cache or super().render(console)

    def apply_filter(self, filter: LineFilter, background: Color) -> Strip:  # noqa: A002 - the toolkit's own name
        """Return it in other colours, such as none."""
        key = (filter, background)
        kept = self._filter_cache.get(key)
        if kept is None:
            kept = self._filter_cache[key] = Ribbon(filter.apply(list(self), background), self.cell_length)
        return kept

    def _written(self, system: ColorSystem) -> str | None:
        """Return it with only the changes between its parts; None where a part is in no ink."""
        written: list[str] = []
        now = _RESET
        for text, style, _control in self:
            wanted = _look(style or Style.null(), system)
            if wanted is None:
                return None
            if not text.strip(" ") and not (now.weights | wanted.weights) & _SEEN_ON_BLANKS:
                wanted = _Look(now.weights, now.colour, wanted.ground)  # of a blank only the ground is seen
            codes = _change(now, wanted)
            written.append(f"\x1b[{codes}m{text}" if codes else text)
            now = wanted
        return "".join(written) + ("" if now == _RESET else "\x1b[0m")


@lru_cache(maxsize=1024)
def _change(now: _Look, wanted: _Look) -> str:
    """Return the fewest codes that lead from one look to another."""
    if now == wanted:
        return ""
    afresh = ";".join(["0", *_added(_RESET, wanted)])
    off = sorted({_OFF[weight] for weight in now.weights - wanted.weights})
    kept = frozenset() if "22" in off else now.weights  # it takes bold and dim off together
    changed = ";".join([*off, *_added(now._replace(weights=kept), wanted)])
    return min(changed, afresh, key=len)


def _added(now: _Look, wanted: _Look) -> list[str]:
    """Return the codes of what a look has and another has not."""
    codes = sorted(wanted.weights - now.weights)
    codes += [wanted.colour] if wanted.colour != now.colour else []
    codes += [wanted.ground] if wanted.ground != now.ground else []
    return codes


@lru_cache(maxsize=256)
def _look(style: Style, system: ColorSystem) -> _Look | None:
    """Return what sets a style on a terminal; None if it is more than an ink."""
    weights = {name: True for name in _ON if getattr(style, name)}
    said = {name: getattr(style, name) for name in _ON if getattr(style, name) is not None}
    if style.link or style != Style(color=style.color, bgcolor=style.bgcolor, **said):
        return None
    colour, ground = style.color, style.bgcolor
    return _Look(
        frozenset(_ON[name] for name in weights),
        ";".join(colour.downgrade(system).get_ansi_codes()) if colour else _DEFAULT,
        ";".join(ground.downgrade(system).get_ansi_codes(foreground=False)) if ground else _DEFAULT_GROUND,
    )
