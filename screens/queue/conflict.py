"""A conflict on the screen: what others did and when, the versions side by side. Cleans all that it shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rich.style import Style

from screens.cells import Line, crop, fit, say
from screens.ink import Ink
from screens.words import ago
from triage.domain.conflict import OWNER, Compared, compared, obstacle, what_others_did
from triage.domain.item import Item
from triage.domain.outcome import Theirs

Who = Callable[[str], str]
"""A user's or queue's id → what the rep calls them: a name, or `YOU`."""
YOU = "you"
INDENT = 13
_LABEL = 8
_STATUS, _COLLEAGUE = 10, 14
"""Cells at least: for a status such as `assigned`, and for what others did, a name perhaps."""
_BACK = "back to marketing"


def headline(item: Item, now: datetime) -> str:
    """Say what others did, and when."""
    theirs = item.theirs
    if theirs is None:
        return "The lead changed at the CRM since you decided."
    when = ago(theirs.changed_at, now)
    return f"{say(what_others_did(item, theirs))}{when and f' {when}'}."


def versions(item: Item, who: Who, width: int, ink: Ink, indent: int = INDENT) -> list[Line]:
    """Return what the rep saw, what the CRM has and what the rep wants; what others changed first, with ≠."""
    rows = sorted(compared(item), key=lambda row: not row.changed)
    if not rows:
        return []
    columns = _columns(width - indent - _LABEL)
    words = [("", "you saw", "  at the CRM", "yours"), *(_words(row, item, who) for row in rows)]
    plain = (ink.dim,) * 4
    styles = [plain, *((ink.dim, ink.dim, ink.warn if row.changed else ink.text, ink.text) for row in rows)]
    return [
        Line(" " * indent, ink.dim).join(_row(said, columns, inks))
        for said, inks in zip(words, styles, strict=True)
    ]


def advice(item: Item, who: Who, survivor: str) -> str:
    """Say why mine cannot be kept, or what the rep should know before; empty where that is nothing."""
    theirs, hindered = item.theirs, obstacle(item)
    if theirs is not None and theirs.merged_into:
        into = say(theirs.merged_into)
        return (
            f"{survivor} took its place." if survivor else f"{into} took its place; it is not on your list."
        )
    if hindered is not None:
        return say(f"{hindered.why} {hindered.instead}")
    if theirs is None:
        return ""
    if theirs.archived:
        return "Yours takes it out of the archive."
    is_given_away = any(row.field == OWNER and row.changed for row in compared(item))
    owner = _owner(theirs, who)
    return f"It now belongs to {owner}: the CRM may refuse yours." if is_given_away and owner != YOU else ""


def line_of(text: str, width: int, style: Style, indent: int = INDENT) -> Line:
    """Return a line under an item's first one."""
    return Line(" " * indent, style).add(crop(text, width - indent - 1), style)


def _columns(room: int) -> tuple[int, int, int]:
    """Return the widths of the three versions; what the rep wants has the longest words."""
    seen, theirs = max(room * 23 // 100, _STATUS), max(room * 31 // 100, _COLLEAGUE)
    return seen, theirs, room - seen - theirs


def _words(row: Compared, item: Item, who: Who) -> tuple[str, str, str, str]:
    """Return a field's name, and its three versions as the rep would say them."""
    seen, theirs, mine = (_spoken(row, value, who) for value in (row.seen, row.theirs, row.mine))
    if row.field == OWNER and item.theirs is not None:
        theirs, mine = _owner(item.theirs, who), mine or _BACK
    return row.field, seen, f"{'≠' if row.changed else ' '} {theirs}", mine


def _spoken(row: Compared, value: str, who: Who) -> str:
    return who(value) if row.field == OWNER and value else say(value)


def _owner(theirs: Theirs, who: Who) -> str:
    """Return whose lead it is; the CRM's own name for someone who is not among the people known here."""
    known = who(theirs.owner.user_id)
    is_known = known != say(theirs.owner.user_id)
    return known if is_known or not theirs.owner.name else say(theirs.owner.name)


def _row(words: tuple[str, ...], columns: tuple[int, ...], styles: tuple[Style, ...]) -> Line:
    line = Line()
    *first, last = zip(words, (_LABEL, *columns), styles, strict=True)
    for text, room, style in first:
        line.add(fit(crop(text, room - 1), room), style)
    return line.add(crop(last[0], last[1]), last[2])
