"""The command palette: our actions, views, themes and leads, and in a demo what the world could do.

None of the toolkit's own commands is offered: its screenshot would write leads to a file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from inspect import isawaitable
from typing import Any

from screens.actions import BY_ID, in_context, shown_keys
from screens.asking.field_screen import Field, FieldScreen
from screens.asking.pointing import key_of
from screens.asking.questions import Given, Reply
from screens.cells import Line, crop, fit, say
from screens.day import Day
from screens.palette.commands import Command, Directory, found
from screens.room import TriageScreen
from screens.staging import stage
from screens.themes import IN_WORDS
from triage.domain.lead import LeadId

PREPARED_AT_ONCE = 1000
"""Leads made ready in one pause between keys."""
_NAME, _KEY = 30, 10
_PATIENCE = 1.0
"""Seconds in which the screen below is painted again, or never."""


class PaletteField(Field):
    """What is looked for; Enter takes the offer under the cursor."""

    def __init__(self) -> None:
        super().__init__("Do", "a command, a view or a lead", "↑↓", takes=True)
        self.offers: Sequence[Command] = ()
        """What the list shows."""

    def taken(self) -> Reply:
        """Return the offer; with nothing on the list, stay."""
        return Given(self.offers[self.here]) if self.offers else None


class PaletteScreen(FieldScreen, inherit_bindings=False):
    """Everything that can be done without knowing its key."""

    def __init__(self, day: Day, context: str) -> None:
        self.choice = PaletteField()
        super().__init__(day, self.choice, "palette")
        self._of = context
        self._every: tuple[Command, ...] = ()
        self._entries = day.tray.inbox.entries
        """As they were when it opened: one that is gone since then is said to be."""
        self._leads = Directory(self._entries.values())
        self._shown_for: str | None = None

    def on_mount(self) -> None:
        """Make the leads ready while nothing else is to be done."""
        if not self.desktop.has_inbox:
            self.choice.invitation = "a command"
        self._every = tuple(self._commands())
        self.call_after_refresh(self._prepare)

    def _prepare(self) -> None:
        if self._leads.prepare(PREPARED_AT_ONCE) and self.is_current:
            self.call_after_refresh(self._prepare)

    def body(self) -> list[Line]:
        """Return the offers that what is typed leaves, the one that Enter takes lit."""
        self._look_up()
        field = self.choice
        field.last = max(len(field.offers) - 1, 0)
        width = self.pane.extent.width
        inks = self.day.inks
        lines = [
            offer_line(
                offer, width, inks.cursor if index == field.here else inks.plain, here=index == field.here
            )
            for index, offer in enumerate(field.offers)
        ]
        return lines or [Line(), Line(f" Nothing here is called “{field.draft.text}”.", inks.plain.strong)]

    def top(self) -> int:
        """Keep what Enter takes in the middle, so that the same is seen again after another size."""
        height = self.pane.extent.height
        return max(0, min(self.choice.here - height // 2, len(self.choice.offers) - height))

    def _look_up(self) -> None:
        typed = self.choice.draft.text
        if typed == self._shown_for:
            return
        self._shown_for = typed
        named, others = found(self._every, typed)
        leads = [self._lead(lead_id) for lead_id in self._leads.find(typed)]
        self.choice.offers = (*named, *leads, *others)

    def clicked(self, column: int, line: int, *, twice: bool) -> None:  # noqa: ARG002 - one click is enough
        """Take the offer that was clicked."""
        index = self.pane.top + line
        if index < len(self.choice.offers):
            self.choice.index = index
            self.draw()
            self.press(key_of("keep", self.day.keymap))

    def answered(self, answer: Any) -> None:
        """Do it on the screen below, before any key that was typed ahead."""
        if isinstance(answer, Command):
            self.app.call_next(partial(_carry_out, self.day, self.app.screen, answer))

    def _lead(self, lead_id: LeadId) -> Command:
        lead = self._entries[lead_id].outline
        name = say(lead.name) or say(lead.email) or say(lead_id)
        about = " · ".join(say(part) for part in (lead.title, lead.company, lead.email) if part)
        return Command(f"Lead: {name}", about, partial(self.desktop.visit, lead_id))

    def _commands(self) -> Iterator[Command]:
        desktop = self.desktop
        for action in in_context(self._of):
            if action.palette:
                key = shown_keys(action, self.day.keymap)[0]
                name = f"{action.label[0].upper()}{action.label[1:]}"
                yield Command(name, action.help, partial(desktop.run_action, f"screen.{action.id}"), key)
        if desktop.has_inbox:
            for view in self.day.tray.views:
                yield Command(f"View: {view.label}", "Show this view.", partial(desktop.look_at, view))
            yield self._offline()
        for theme, sentence in IN_WORDS.items():
            yield Command(f"Theme: {theme}", sentence, partial(desktop.choose_theme, theme))
        yield from self._always()
        yield from self._demo()

    def _offline(self) -> Command:
        offline = self.day.status is not None and self.day.status.offline
        key = shown_keys(BY_ID["sync"], self.day.keymap)[0]
        sentence = (
            "Send and fetch by itself again." if offline else f"Send and fetch only on {key}; remembered."
        )
        name = "Go online" if offline else "Work offline"
        return Command(name, sentence, partial(self.desktop.set_offline, not offline))

    def _always(self) -> Iterator[Command]:
        """Yield what every screen has a key for, and a newcomer may look for here."""
        for name, sentence, action_id in (
            ("Help: keys, signs, filter", "What each key does here, and what each sign says.", "help"),
            ("Quit", "Leave this screen; from the inbox, the app.", "quit"),
        ):
            key = shown_keys(BY_ID[action_id], self.day.keymap)[0]
            yield Command(name, sentence, partial(self.desktop.run_action, f"screen.{action_id}"), key)

    def _demo(self) -> Iterator[Command]:
        demo = self.day.session.demo
        if demo is None:
            return
        plug = ("pull", "pull the plug", "The CRM cannot be reached.")
        if not demo.plugged:
            plug = ("plug", "plug back in", "The CRM can be reached again.")
        for what, name, sentence in (
            plug,
            ("take", "another rep takes this lead", "It is given to a colleague."),
            ("delete", "this lead is deleted", "An administrator deletes it."),
            ("merge", "this lead is merged", "It goes into another of yours."),
            ("answer", "marketing answers", "Replies come with the next sync."),
        ):
            yield Command(f"Demo: {name}", sentence, partial(stage, self.day, what))


def offer_line(offer: Command, width: int, ink: Any, *, here: bool) -> Line:
    """Return an offer on one line: what, which key does the same, and a sentence about it."""
    line = Line("▌ " if here else "  ", ink.accent)
    wide = width >= 2 * _NAME + _KEY
    name = _NAME if wide else min(_NAME, width - _KEY - line.width - 1)
    line.add(fit(offer.name, name), ink.strong if here else ink.text).add(" ", ink.text)
    if offer.key or wide:
        line.add(fit(offer.key, _KEY), ink.accent)
    return line.add(crop(offer.sentence, max(width - line.width - 1, 0)), ink.dim).to(width, ink.text)


async def _carry_out(day: Day, below: Any, offer: Command) -> None:
    """Do what was chosen once the screen below is what the rep sees again."""
    seen = asyncio.Event()
    below.call_after_refresh(seen.set)
    with suppress(TimeoutError):
        await asyncio.wait_for(seen.wait(), _PATIENCE)
    if isinstance(below, TriageScreen):
        day.room = below
    done = offer.call()
    if isawaitable(done):
        await done
