"""What the lower bars say: the keys of a screen, what an act did, and how things stand. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from rich.style import Style

from screens.actions import Action, footer, shown_keys
from screens.cells import Line, crop, say, width_of, wrap
from screens.inbox.arrangement import SMALLEST
from screens.ink import Ink
from screens.words import ago, clock, needing
from triage.desk.results import Status

ALWAYS = "help"
"""The action that the footer never leaves out: it leads to all others."""
_LEAST = 6
"""Cells of which a message says something."""
_ROOMY = 100
"""Cells from which the age of the leads is said in full beside a message."""


def keys_line(
    context: str, keymap: Mapping[str, str], width: int, ink: Ink
) -> tuple[Line, list[tuple[int, int, Action]]]:
    """Return the keys of a screen, and where each stands; what does not fit goes, but never help."""
    said = [(_short(shown_keys(action, keymap)[0]), action) for action in footer(context)]
    while _cells(said) > width and len(said) > 1:
        said.remove(next(one for one in reversed(said) if one[1].id != ALWAYS))
    gap = "  " if _cells(said) + len(said) - 1 <= width else " "
    line = Line(" ", ink.text)
    places: list[tuple[int, int, Action]] = []
    for key, action in said:
        if places:
            line.add(gap, ink.text)
        start = line.width
        line.add(crop(key, width // 2), ink.accent).add(f" {action.label}", ink.dim)
        places.append((start, line.width, action))
    return line, places


def _cells(said: Sequence[tuple[str, Action]]) -> int:
    """Return the cells that keys and labels take with one blank between them."""
    return 1 + sum(width_of(key) + 1 + width_of(action.label) for key, action in said) + len(said) - 1


def _short(key: str) -> str:
    return {"Enter": "⏎", "Space": "␣", "Backspace": "⌫"}.get(key, key)


def said_line(text: str, tail: str, width: int, ink: Ink, *, bad: bool = False) -> Line:
    """Return a message; where it is too long the middle goes, for its tail names the way back."""
    end = f" · {tail}" if tail else ""
    style = ink.bad if bad else ink.text
    line = Line(" ✗ " if bad else " ", style)
    said = crop(text, max(width - line.width - width_of(end), 1))
    line.add(f"{said.removesuffix(' ·…')}…" if said.endswith(" ·…") else said, style)
    return line.add(end, ink.accent)


class Connection(Struct, frozen=True):
    """How the way to the CRM is, as the bridge knows it."""

    syncing: str = ""
    """What is being done now, in words."""
    down_since: datetime | None = None
    reason: str = ""


def status_line(
    status: Status | None,
    connection: Connection,
    *,
    profile: str,
    now: datetime,
    width: int,
    ink: Ink,
    queue_key: str = "Q",
    replies_key: str = "R",
) -> Line:
    """Return: am I online, what needs me, what is unsent, how old is what I see, which profile.

    Where it is narrow the messages give way first, then profile and age, never what needs the rep.
    """
    counts, messages = _counts(status, queue_key, replies_key, ink), _messages(status, connection, ink)
    words, style = _connection(status, connection, ink)
    needed = sum(3 + width_of(text) for text, _style in counts)
    line = Line(" ", ink.dim).add(crop(words, max(width - needed - 2, 2)), style)
    for text, style in counts:
        line.add(" · ", ink.faint).add(text, style)
    right = _right(
        _ages(status, profile, now), width - line.width - 1, short=bool(messages) and width < _ROOMY
    )
    room = width - (width_of(right) + 1 if right else 0)
    for text, style in messages:
        if line.width + 3 + _LEAST <= room:
            line.add(" · ", ink.faint).add(crop(text, room - line.width - 1), style)
    return line.to(width - width_of(right), ink.dim).add(right, ink.dim) if right else line


def marketer_line(who: str, profile: str, width: int, ink: Ink, age: str = "") -> Line:
    """Return whose review it is; marketing fetches no leads and queues nothing, so there is no more to it."""
    right = f"{age} · {say(profile, 16)} " if age else f"{say(profile, 16)} "
    line = Line(" ", ink.text).add(f"marketing: {say(who, 60)}", ink.text)
    return line.to(width - width_of(right), ink.dim).add(right, ink.dim)


def _counts(status: Status | None, queue_key: str, replies_key: str, ink: Ink) -> list[tuple[str, Style]]:
    """Return what is never left out."""
    parts: list[tuple[str, Style]] = []
    if status is not None and status.needs_rep:
        parts.append((f"‼ {needing(status.needs_rep)}: {queue_key}", ink.bad))
    if status is not None and status.unsent:
        parts.append((f"{status.unsent:,} unsent", ink.warn))
    if status is not None and status.unread:
        parts.append((f"{replies_key} {status.unread:,}", ink.accent))
    return parts


def _messages(status: Status | None, connection: Connection, ink: Ink) -> list[tuple[str, Style]]:
    parts: list[tuple[str, Style]] = []
    if status is not None:
        if connection.down_since is None and not connection.syncing and status.last_error:
            parts.append((say(status.last_error), ink.dim))
        parts.extend((say(notice), ink.warn) for notice in status.notices)
    if connection.reason:
        parts.append((say(connection.reason), ink.dim))
    if status is not None and status.access:
        parts.append((say(status.access), ink.warn))
    return parts


def _ages(status: Status | None, profile: str, now: datetime) -> tuple[str, ...]:
    """Return how old the leads are and whose they are, from the longest form to none."""
    if status is None or status.fetched_at is None:
        age = short = "never fetched"
    else:
        short = ago(status.fetched_at, now)
        age = f"leads from {short}"
    name = say(profile)
    return (f"{age} · {crop(name, 16)} ", f"{short} · {crop(name, 8)} ", f"{short} ", "")


def _right(forms: Sequence[str], room: int, *, short: bool) -> str:
    """Return the longest form that fits; the first is for where nothing else wants to be said."""
    return next((form for form in forms[short:] if width_of(form) <= room), "")


def _connection(status: Status | None, connection: Connection, ink: Ink) -> tuple[str, Style]:
    if status is not None and status.offline:
        return "○ offline, by choice", ink.warn
    if connection.down_since is not None:
        return f"○ offline since {clock(connection.down_since)}", ink.bad
    if connection.syncing:
        return f"◐ {say(connection.syncing)}", ink.text
    return "● online", ink.good


def counts_zones(
    line: Line,
    call: Callable[[], object],
    replies: Callable[[], object] | None = None,
    badge: str = "",
) -> list[tuple[int, int, Callable[[], object]]]:
    """Return the stretches of a status line that lead somewhere: to the queue what needs the rep.

    `badge` is the text that leads to the replies; empty: there is none.
    """
    zones, at = [], 0
    for text, _style, _control in line.segments:
        if text.startswith("‼ ") or text.endswith(" unsent"):
            zones.append((at, at + width_of(text), call))
        elif replies is not None and badge and text == badge:
            zones.append((at, at + width_of(text), replies))
        at += width_of(text)
    return zones


def too_small_lines(width: int, height: int, ink: Ink) -> list[Line]:
    """Return what stands in a window in which nothing could be told apart, in the middle of it."""
    needed = f"{SMALLEST[0]}×{SMALLEST[1]}"
    text = f"The window is too small: it is {width}×{height}, triage needs {needed}. Nothing is lost."
    words = wrap(text, max(width - 2, 1), limit=height)
    above = [Line() for _line in range((height - len(words)) // 2)]
    return [*above, *(Line().to((width - width_of(one)) // 2, ink.text).add(one, ink.warn) for one in words)]
