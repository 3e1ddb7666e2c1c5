"""What a demo can let the world do to the rep: pull the plug, take a lead away, answer; and saying so."""

from __future__ import annotations

from screens.cells import say
from screens.day import Day
from triage.errors import TriageError


async def stage(day: Day, what: str) -> None:
    """Let something happen: pull, plug, take or answer."""
    try:
        words = await _staged(day, what)
    except TriageError as error:
        day.say(f"{say(error.message)} {say(error.hint)}", bad=True)
    else:
        day.say(words)


async def _staged(day: Day, what: str) -> str:
    demo, cursor = day.session.demo, day.tray.cursor
    if demo is None:
        return "This is not a demo."
    if what == "pull":
        await demo.pull_the_plug()
        return "The plug is pulled: the CRM cannot be reached."
    if what == "plug":
        await demo.plug_in()
        return "Plugged in again."
    if what == "answer":
        return say(await demo.marketing_answers())
    if cursor is None:
        return "There is no lead to take."
    return f"{say(await demo.another_rep_takes(cursor))} took this lead at the CRM."
