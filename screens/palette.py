"""The command palette: our actions, views, themes and leads, and in a demo what the world could do.

The toolkit's own commands are left out: its screenshot would write leads to a file.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from itertools import islice
from typing import cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from screens.actions import in_context, shown_keys
from screens.cells import say
from screens.desktop import Desktop
from screens.room import TriageScreen
from screens.staging import stage
from screens.themes import LOOKS
from triage.domain.inbox import View
from triage.domain.query import haystack

Offer = tuple[str, str, Callable[[], object]]
"""What is shown, a sentence about it, what it does."""
LEADS_SHOWN = 12
_LEAST = 2
"""Letters from which leads are looked for."""


class TriageCommands(Provider):
    """Everything that can be done without knowing its key."""

    @property
    def _app(self) -> Desktop:
        return cast("Desktop", self.app)

    async def discover(self) -> Hits:
        """Offer all commands."""
        for name, sentence, call in self._offers():
            yield DiscoveryHit(Content(name), call, text=name, help=Content(sentence))  # type: ignore[arg-type]  # Content is what the palette draws; its annotation says str

    async def search(self, query: str) -> AsyncIterator[Hit]:
        """Offer commands that match, then leads by name, company or address."""
        matcher = self.matcher(query)
        for name, sentence, call in self._offers():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, Content(name), call, text=name, help=Content(sentence))  # type: ignore[arg-type]  # as above
        for name, sentence, call in islice(self._leads(query), LEADS_SHOWN):
            yield Hit(0.3, Content(name), call, text=name, help=Content(sentence))  # type: ignore[arg-type]  # as above

    def _offers(self) -> Iterator[Offer]:
        app = self._app
        screen = self.screen
        if isinstance(screen, TriageScreen):
            for action in in_context(screen.CONTEXT):
                if action.palette:
                    key = shown_keys(action, app.day.keymap)[0]
                    run = partial(app.run_action, f"screen.{action.id}")
                    yield f"{action.label[0].upper()}{action.label[1:]}  ({key})", action.help, run
        for view in View:
            yield f"View: {view.label}", "Show this view.", partial(app.look_at, view)
        offline = app.day.status is not None and app.day.status.offline
        name = "Go online" if offline else "Work offline"
        yield name, "Send and fetch by itself, or only on S.", partial(app.set_offline, not offline)
        for theme in LOOKS:
            yield f"Theme: {theme}", "Change the colours.", partial(app.choose_theme, theme)
        yield "Quit", "Leave the app.", partial(app.run_action, "screen.quit")
        yield from self._demo()

    def _demo(self) -> Iterator[Offer]:
        app, demo = self._app, self._app.day.session.demo
        if demo is None:
            return
        if demo.plugged:
            yield "Demo: pull the plug", "The CRM cannot be reached.", partial(stage, app.day, "pull")
        else:
            yield "Demo: plug back in", "The CRM can be reached again.", partial(stage, app.day, "plug")
        yield (
            "Demo: another rep takes this lead",
            "It is given to a colleague.",
            partial(stage, app.day, "take"),
        )
        yield "Demo: this lead is deleted", "An administrator deletes it.", partial(stage, app.day, "delete")
        yield "Demo: this lead is merged", "It goes into another of yours.", partial(stage, app.day, "merge")
        yield "Demo: marketing answers", "Replies come with the next sync.", partial(stage, app.day, "answer")

    def _leads(self, query: str) -> Iterator[Offer]:
        words = query.casefold().split()
        if len(query.strip()) < _LEAST:
            return
        for entry in self._app.day.tray.inbox.entries.values():
            text = haystack(entry.outline)
            if all(word in text for word in words):
                about = " · ".join(say(part) for part in (entry.outline.title, entry.outline.company) if part)
                yield f"Lead: {say(entry.outline.name)}", about, partial(self._app.visit, entry.lead_id)
