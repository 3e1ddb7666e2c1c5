"""What an empty list says: why it is empty, and what to do about it. Pure."""

from __future__ import annotations

from screens.actions import BY_ID, first_key, shown_keys
from screens.cells import Line, say
from screens.day import Day
from screens.ink import Ink
from screens.words import ago, counted
from triage.domain.views import View


def empty_lines(day: Day) -> list[Line]:
    """Return what stands in the place of the leads."""
    ink, tray, keymap = day.inks.plain, day.tray, day.keymap
    turns, fetches = first_key("next_view", keymap), f"{first_key('sync', keymap)} fetches"
    if tray.inbox.query.text:
        first = f"No lead in {say(tray.inbox.view.label)} matches “{say(tray.inbox.query.text)}”."
        return _spoken(ink, first, f"{' or '.join(shown_keys(BY_ID['back'], keymap))} takes the filter away.")
    if day.status is None or day.status.fetched_at is None:
        why = day.status.expired if day.status else ""
        return _spoken(ink, why or "No leads have been fetched yet.", f"{fetches} them.")
    if tray.inbox.view is View.REPLIES and day.status is not None and day.status.unread:
        reads, unread = first_key("replies", keymap), counted(day.status.unread, "reply", "replies")
        first = f"{say(tray.inbox.view.label)}: no lead on your list was answered."
        return _spoken(ink, first, f"{reads} shows {unread} not read yet, on leads that are not here.")
    if tray.inbox.view is not View.INBOX:
        return _spoken(ink, f"{say(tray.inbox.view.label)}: nothing here.", f"{turns} shows the next view.")
    decided = [one.decision.made_at for one in tray.inbox.entries.values() if one.decision]
    last = f" The last lead was decided {ago(max(decided), day.clock())} by you." if decided else ""
    return _spoken(ink, f"Nothing to triage.{last}", f"{turns} shows what you are working on · {fetches}.")


def _spoken(ink: Ink, first: str, then: str) -> list[Line]:
    return [Line(), Line(f"   {first}", ink.strong), Line(f"   {then}", ink.dim)]
