"""The answers by their digits, as they are said on the screen."""

from __future__ import annotations

from screens.cells import Line, width_of
from screens.ink import Ink
from triage.domain.review import ReplyKind

KINDS: dict[str, tuple[ReplyKind, str]] = {
    "1": (ReplyKind.ACKNOWLEDGED, "acknowledged"),
    "2": (ReplyKind.NEED_INFO, "need info"),
    "3": (ReplyKind.PLANNED, "planned"),
    "4": (ReplyKind.CHANGED, "changed"),
    "5": (ReplyKind.DELIVERED, "delivered"),
    "6": (ReplyKind.NO_CHANGE, "no change"),
    "7": (ReplyKind.UPHELD, "uphold"),
    "8": (ReplyKind.RETURNED, "return"),
    "9": (ReplyKind.OVERTURNED, "overturn"),
}
LINKED = frozenset({ReplyKind.CHANGED, ReplyKind.DELIVERED})
"""The answers that can point at what was done."""


def choice_lines(width: int, ink: Ink) -> list[Line]:
    """Return the digits with what they answer, in as many lines as they need."""
    lines = [Line(" ", ink.text)]
    for digit, (_kind, said) in KINDS.items():
        if lines[-1].width + width_of(f"{digit} {said}") > width:
            lines.append(Line(" ", ink.text))
        lines[-1].add(f"{digit} ", ink.accent).add(f"{said}  ", ink.text)
    return lines


def digit_at(line: str, column: int) -> str:
    """Return the digit of the answer that stands at a column of such a line; empty: none."""
    for digit, (_kind, said) in KINDS.items():
        at = line.find(f"{digit} {said}")
        if at >= 0 and at <= column < at + len(f"{digit} {said}"):
            return digit
    return ""
