"""A pack in each format: text that is safe as it is, whatever a CRM's texts hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from msgspec import to_builtins

from triage.exports.sheet import Sheet
from triage.exports.spreadsheet import as_csv
from triage.insights.shape import LINE, lines_of, period_shape, shape_of
from triage.pack.markdown import as_markdown
from triage.pack.pack import Pack

FORMATS = ("md", "html", "csv", "json")


def render(pack: Pack, format_: str) -> str:
    """Return the pack in one of `FORMATS`."""
    return _RENDERERS[format_](pack)


def _html(pack: Pack) -> str:
    from triage.pack.page import as_page  # noqa: PLC0415 - pygal is for the page alone

    return as_page(pack)


def _csv(pack: Pack) -> str:
    """Return every figure on a line of its own: one table that a spreadsheet can pivot."""
    return as_csv(Sheet(pack.title, pack.made_at, LINE, tuple(lines_of(pack.insights))))


def _json(pack: Pack) -> str:
    """Return one document, in ASCII: what is hostile in a terminal is an escape in it."""
    return _ascii(shape_of_pack(pack)) + "\n"


def shape_of_pack(pack: Pack) -> dict[str, Any]:
    """Return the pack as plain JSON values; names are kept once released."""
    return {
        "period": period_shape(pack.period),
        "made_at": to_builtins(pack.made_at),
        "definition": pack.definition,
        "is_team": pack.is_team,
        "chapters": [
            {"title": chapter.title, "insights": [insight.name for insight in chapter.insights]}
            for chapter in pack.chapters
        ],
        "insights": [shape_of(insight) for insight in pack.insights],
    }


def _ascii(document: object) -> str:
    import json  # noqa: PLC0415 - half a character from a CRM: only the standard library writes it

    return json.dumps(document, ensure_ascii=True, indent=1, allow_nan=False)


_RENDERERS: Mapping[str, Callable[[Pack], str]] = MappingProxyType(
    {"md": as_markdown, "html": _html, "csv": _csv, "json": _json}
)
