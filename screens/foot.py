"""What the lower bars say: the keys of a screen, what an act did, and how things stand. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rich.style import Style

from screens.actions import Action, footer, shown_keys
from screens.cells import Line, crop, say, width_of
from screens.ink import Ink
from screens.words import ago, clock
from triage.desk.results import Status


def keys_line(
    context: str, keymap: Mapping[str, str], width: int, ink: Ink
) -> tuple[Line, list[tuple[int, int, Action]]]:
    """Return the keys of a screen that fit, and where each stands."""
    said = [(_short(shown_keys(action, keymap)[0]), action) for action in footer(context)]
    needed = 1 + sum(width_of(key) + 1 + width_of(action.label) for key, action in said)
    gap = "  " if needed + 2 * (len(said) - 1) <= width else " "
    line, places = Line(" ", ink.text), []
    for key, action in said:
        if line.width + width_of(key) + 1 + width_of(action.label) > width:
            break
        start = line.width
        line.add(key, ink.accent).add(f" {action.label}", ink.dim)
        places.append((start, line.width, action))
        if len(places) < len(said):
            line.add(gap, ink.text)
    return line, places


def _short(key: str) -> str:
    return {"Enter": "⏎", "Space": "␣", "Backspace": "⌫"}.get(key, key)


def said_line(text: str, tail: str, width: int, ink: Ink, *, bad: bool = False) -> Line:
    """Return a message; where it is too long the middle goes, for its tail names the way back."""
    end = f" · {tail}" if tail else ""
    style = ink.bad if bad else ink.text
    line = Line(" ✗ " if bad else " ", style)
    line.add(crop(text, max(width - line.width - width_of(end), 8)), style)
    return line.add(end, ink.accent)


@dataclass(frozen=True, slots=True)
class Connection:
    """How the way to the CRM is, as the bridge knows it."""

    syncing: str = ""
    """What is being done now, in words."""
    down_since: datetime | None = None
    reason: str = ""


def status_line(
    status: Status | None, connection: Connection, *, profile: str, now: datetime, width: int, ink: Ink
) -> Line:
    """Return: am I online, what is unsent, what needs me, how old is what I see, which profile."""
    line = Line(" ", ink.dim)
    right = f"{_age(status, now)} · {crop(say(profile), 16)} "
    room = width - width_of(right) - 1
    for text, style in _left(status, connection, ink):
        gap = " · " if line.width > 1 else ""
        if line.width + len(gap) + 6 > room:
            break
        line.add(gap, ink.faint).add(crop(text, room - line.width), style)
    if width_of(right) < width - line.width:
        line.to(width - width_of(right), ink.dim).add(right, ink.dim)
    return line


def _left(status: Status | None, connection: Connection, ink: Ink) -> list[tuple[str, Style]]:
    parts: list[tuple[str, Style]] = [_connection(status, connection, ink)]
    if status is None:
        return parts
    if status.needs_rep:
        parts.append((f"‼ {status.needs_rep} need you: Q", ink.bad))
    if status.unsent:
        parts.append((f"{status.unsent} unsent", ink.warn))
    if connection.down_since is None and not connection.syncing and status.last_error:
        parts.append((say(status.last_error), ink.dim))
    parts.extend((say(notice), ink.warn) for notice in status.notices)
    if connection.reason:
        parts.append((say(connection.reason), ink.dim))
    return parts


def _connection(status: Status | None, connection: Connection, ink: Ink) -> tuple[str, Style]:
    if status is not None and status.offline:
        return "○ offline, by choice", ink.warn
    if connection.down_since is not None:
        return f"○ offline since {clock(connection.down_since)}", ink.bad
    if connection.syncing:
        return f"◐ {say(connection.syncing)}", ink.text
    return "● online", ink.good


def _age(status: Status | None, now: datetime) -> str:
    if status is None or status.fetched_at is None:
        return "never fetched"
    return f"leads from {ago(status.fetched_at, now)}"
