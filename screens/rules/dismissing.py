"""Putting away what is new about the rules: durably, and only what was shown."""

from __future__ import annotations

from screens.actions import first_key
from screens.day import Day
from screens.writing import written
from triage.desk import agreement


async def dismiss(day: Day) -> None:
    """Put away what is new about the rules, durably, and show what is left."""
    news, session = day.rulebook.agreement.news, day.session
    if news is None:
        day.say("There is nothing to dismiss.", bad=True)
        return
    left = await written(day, session.call(agreement.put_away, session.desk, news.marks))
    if left is None:
        return
    day.know(left)
    key = first_key("rules", day.keymap)
    day.say(f"Dismissed: {key} shows it again.")
