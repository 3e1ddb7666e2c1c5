"""What a demo can let the world do to the rep: pull the plug, take a lead away, answer; and saying so."""

from __future__ import annotations

from screens.cells import say
from screens.day import Day
from triage.desk.session import DemoControls
from triage.domain.lead import LeadId
from triage.errors import TriageError


async def stage(day: Day, what: str) -> None:
    """Let something happen: pull, plug, take, delete, merge or answer."""
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
        return "There is no lead here."
    return await _done_to(demo, cursor, day, what)


async def _done_to(demo: DemoControls, lead_id: LeadId, day: Day, what: str) -> str:
    """Let the world act on one lead."""
    if what == "take":
        return f"{say(await demo.another_rep_takes(lead_id))} took this lead at the CRM."
    others = (one for one in day.tray.shown if one != lead_id)
    into = next(others, None) if what == "merge" else None
    await demo.someone_removes(lead_id, into)
    return f"This lead was {f'merged into {say(into)}' if into else 'deleted'} at the CRM."
