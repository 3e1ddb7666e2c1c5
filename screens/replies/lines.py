"""One reply as lines: whether it is new, when, what marketing did, about whom, and in which words. Pure."""

from __future__ import annotations

from datetime import datetime

from screens.cells import Line, crop, fit, say, wrap
from screens.ink import Ink
from screens.reading import Block
from screens.words import counted, day
from triage.desk.answers import Answer, Answered
from triage.domain.answers import KINDS, Thanks
from triage.domain.item import Item
from triage.domain.review import Reply

NEW = "●"
"""Stands before a reply that was not read."""
_LONGEST = 6
"""Lines of one reply's words."""
_WHEN, _KIND = 11, 12
_NARROW = 70


def heading_line(found: Answered, width: int, ink: Ink) -> Line:
    """Return how many there are, and how many of them are new."""
    count = counted(len(found.by_moment), "reply", "replies")
    line = Line(" Replies", ink.accent).add(crop(f"  {count} from marketing", width - 9), ink.dim)
    return line.add(f" · {found.unread} unread", ink.accent) if found.unread else line


def with_thanks(blocks: list[Block], found: Thanks, ink: Ink) -> list[Block]:
    """Return blocks with what was changed because of the rep over the first, where anything was."""
    words = thanks_words(found)
    if not words or not blocks:
        return blocks
    first, *rest = blocks
    return [Block(first.lines, (Line(words, ink.good), Line(), *first.over)), *rest]


def thanks_words(thanks: Thanks) -> str:
    """Return "Changed because of you: 2 this quarter, 5 in all"; empty where nothing was."""
    if not thanks.ever:
        return ""
    in_all = f", {thanks.ever} in all" if thanks.ever > thanks.this_quarter else ""
    return f"Changed because of you: {thanks.this_quarter} this quarter{in_all}"


def reply_lines(answer: Answer, name: str, now: datetime, width: int, ink: Ink) -> tuple[Line, ...]:
    """Return a reply: its kind and its lead, what it answers and who wrote, then the words."""
    reply = answer.reply
    line = Line(f"{NEW} " if answer.is_unread else "  ", ink.accent)
    line.add(fit(day(reply.at, now) if reply.at is not None else "", _WHEN), ink.dim)
    line.add(fit(KINDS[reply.kind], _KIND), ink.accent if answer.is_unread else ink.text)
    line.add(crop(name, max(width // 4, 8)), ink.strong)
    about = "".join(
        (f" · {answered_words(reply, answer.item)}", f" · by {say(reply.by)}" if reply.by else "")
    )
    line.add(crop(about, max(width - line.width, 1)), ink.dim)
    indent = " " * (_WHEN + 2 if width >= _NARROW else 2)
    words = reply_words(reply)
    told = wrap(words, max(width - len(indent), 20), _LONGEST) if words else []
    return (line, *(Line(indent, ink.text).add(one, ink.text) for one in told), Line())


def reply_words(reply: Reply, limit: int = 2000) -> str:
    """Return what marketing wrote, and what it points at."""
    link = f"→ {say(reply.link)}" if reply.link else ""
    return " ".join(part for part in (say(reply.text, limit), link) if part)


def answered_words(reply: Reply, item: Item | None) -> str:
    """Say what a reply answers: your reject NOT_A_BUYER, your note."""
    if item is not None and item.decision is not None:
        reason = f" {say(item.decision.reason)}" if item.decision.reason else ""
        return f"your {item.decision.act}{reason}"
    if item is not None and item.feedback is not None:
        return f"your {item.feedback.type.replace('_', ' ')}"
    return f"your {say(reply.of_kind)}"
