"""What stands for a sign that a terminal's encoding cannot say: as wide, or the rest of a line would move."""

from __future__ import annotations

import codecs
from itertools import groupby

from rich.cells import cell_len

AS_WIDE = "triage.as_wide"
"""The name to give `encode` for its errors."""
STAND_INS = {
    "·": "-", "…": "~", "–": "-", "—": "-", "‑": "-", "‐": "-", "−": "-", "→": ">", "×": "x", "•": "*",
    "“": '"', "”": '"', "‘": "'", "’": "'", "›": ">", "‹": "<", "≥": ">", "≤": "<", "≠": "#",
    "✓": "+", "✗": "x", "‼": "!", "⚠": "%", "●": "*", "○": "o", "◐": "@", "◆": "*", "◇": "o",
    "★": "#", "☾": "z", "▲": "^", "▼": "v", "↑": "^", "↓": "v", "←": "<", "▸": ">", "◂": "<", "↩": "<",
    "⌫": "<", "⏎": "$", "␣": "_",
    "─": "-", "━": "=", "╌": "-", "╍": "=", "┄": "-", "╸": "=", "│": "|", "┃": "|", "┤": "|", "┌": "+",
    "▌": "|", "▏": "|", "█": "#", "▓": "%", "▒": ":", "░": ".",
}  # fmt: skip
"""Signs that the screens draw, each of one cell, in ASCII: what differs by its sign alone does so here."""


def as_wide(error: UnicodeError) -> tuple[str, int]:
    """Return a stand-in for each sign that an encoding cannot say, and question marks for all else."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    runs = groupby(error.object[error.start : error.end], STAND_INS.__contains__)
    return "".join(_said("".join(run), is_ours=is_ours) for is_ours, run in runs), error.end


def _said(run: str, *, is_ours: bool) -> str:
    return "".join(map(STAND_INS.__getitem__, run)) if is_ours else "?" * cell_len(run)


codecs.register_error(AS_WIDE, as_wide)
