"""The views as tabs with their counts, and the rule by which the list is sorted. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from screens.cells import Line, crop, say, width_of
from screens.ink import Ink
from triage.domain.orders import Order
from triage.domain.views import View

Place = tuple[int, int, View]
"""First column of a tab, the column after its last, and its view."""
_SHORT = {
    View.BREACHING: "Breach",
    View.HAND_RAISERS: "Hands",
    View.REPLIES: "R",
    View.DECIDED: "Today",
}
_SHORTEST = {**_SHORT, View.WORKING: "Work"}
_LONGEST = 18
"""Cells of a view's own name."""
_MARKS = 2
"""Cells of the sign that there are more tabs."""


def tabs_line(
    views: Sequence[View], counts: Mapping[View, int], *, here: View, order: Order, width: int, ink: Ink
) -> tuple[Line, list[Place]]:
    """Return the tabs, the present one in brackets, and where each stands; the rule where it fits.

    Where there is no room for all of them, those around the present one are shown.
    """
    words, rule = _fitting(views, counts, order, width)
    first, last = _window([width_of(one) + 2 for one in words], views.index(here), width - 1)
    line, places = Line("‹" if first else " ", ink.dim), list[Place]()
    for view, word in zip(views[first:last], words[first:last], strict=True):
        start = line.width
        if view is here:
            line.add(f"[{word}]", ink.accent)
        else:
            line.add(f" {word} ", ink.text if counts.get(view) else ink.faint)
        places.append((start, line.width, view))
    if last < len(views):
        line.add("›", ink.dim)
    if rule:
        line.to(width - width_of(rule) - 1, ink.dim).add(rule, ink.dim)
    return line, places


def _fitting(
    views: Sequence[View], counts: Mapping[View, int], order: Order, width: int
) -> tuple[list[str], str]:
    """Return the longest words that fit, and the rule if it fits beside them."""
    forms = _forms(counts)
    tries = [(form, rule) for form in forms for rule in (order.words, order.label)]
    for form, rule in [*tries[:2], tries[3], tries[5], tries[7], *((form, "") for form in forms)]:
        words = [form(view) for view in views]
        needed = 1 + sum(width_of(word) + 2 for word in words) + (width_of(rule) + 2 if rule else 0)
        if needed <= width:
            break
    return words, rule


def _forms(counts: Mapping[View, int]) -> tuple[Callable[[View], str], ...]:
    def counted(word: str, view: View) -> str:
        return f"{word} {counts[view]}" if counts.get(view) else word

    return (
        lambda view: counted(_name(view), view) if view.counted else _with_number(view, counts),
        lambda view: counted(_name(view), view),
        lambda view: counted(_SHORT.get(view, _name(view)), view),
        lambda view: counted(_SHORTEST.get(view, _name(view)), view),
    )


def _with_number(view: View, counts: Mapping[View, int]) -> str:
    return f"{_name(view)} {counts.get(view, '')}".rstrip()


def _name(view: View) -> str:
    return crop(say(view.label), _LONGEST)


def _window(widths: Sequence[int], here: int, room: int) -> tuple[int, int]:
    """Return the first tab that is shown and the one after the last: all that fit around the present one."""
    first, last, used = here, here + 1, widths[here]
    while True:
        marks = _MARKS * (first > 0) + _MARKS * (last < len(widths))
        if last < len(widths) and used + widths[last] + marks <= room:
            used += widths[last]
            last += 1
        elif first > 0 and used + widths[first - 1] + marks <= room:
            first -= 1
            used += widths[first]
        else:
            return first, last
