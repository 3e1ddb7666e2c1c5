"""A drawing as it may stand in the page: shapes and texts, copied one by one from what the library drew.

What is not named here is not copied: no script, no style, no link, no event, no reference, no id that is not
ours. Tooltips are `<title>` elements, so that they need no script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any, Final

SHAPES: Final = frozenset({"g", "rect", "path", "line", "circle", "text", "tspan"})
ATTRIBUTES: Final = frozenset(
    {"x", "y", "width", "height", "d", "cx", "cy", "r", "rx", "ry", "x1", "x2", "y1", "y2"}
    | {"dx", "dy", "transform", "class"}
)
_VALUE: Final = re.compile(r"[\w\s.,()+-]*")
"""Numbers, commands of a path, names of classes; no colon, no quote, no ampersand."""
_LEFT_OUT: Final = ("tooltip-overlay", "tooltip")


def drawn(root: Any, *, name: str, title: str, told: str) -> str:
    """Return the SVG of a drawing, with its name for screen readers, and what it shows in a sentence."""
    view = root.get("viewBox") or ""
    box = view if _VALUE.fullmatch(view) else "0 0 1 1"
    heading, description = f"chart-{name}-title", f"chart-{name}-told"
    shapes = "".join(_copy(child) for child in root)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="{box}" role="img" '
        f'aria-labelledby="{heading} {description}">'
        f'<title id="{heading}">{escape(title)}</title><desc id="{description}">{escape(told)}</desc>'
        f"{shapes}</svg>"
    )


def _copy(node: Any) -> str:
    tag = _local(node.tag)
    classes = (node.get("class") or "").split()
    if tag not in SHAPES or any(name in classes for name in _LEFT_OUT):
        return ""
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in _attributes(node))
    text = escape(node.text or "") if tag in {"text", "tspan"} else ""
    inside = _tooltip(node) + text + "".join(_copy(child) for child in node)
    if tag == "g" and not inside:
        return ""
    return f"<{tag}{attributes}>{inside}</{tag}>" if inside else f"<{tag}{attributes}/>"


def _attributes(node: Any) -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if key in ATTRIBUTES and value and _VALUE.fullmatch(value):
            yield key, value


def _tooltip(node: Any) -> str:
    """Return the title of a group: its own, or what the library would have shown by script."""
    told = {(child.get("class") or _local(child.tag)): (child.text or "").strip() for child in node}
    words = told.get("title") or ": ".join(filter(None, (_first(told, "x_label"), told.get("value"))))
    return f"<title>{escape(words)}</title>" if words and _local(node.tag) == "g" else ""


def _first(told: dict[str, str], name: str) -> str:
    return told.get(name) or told.get("label") or ""


def _local(tag: object) -> str:
    """Return a tag without its namespace; what is no element (a comment) has none."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
