"""The keys about leads, the same on the inbox and on the lead's own screen: each starts what the acts do."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from screens.asking.questions import Choose, Confirm
from screens.cells import say
from screens.lead.copying import can_open, chat_line, copy_options, crm_link
from screens.room import TriageScreen
from screens.terminal.clipboard import copied
from screens.writing import NO_LEAD
from triage.domain.act import Act


class DecidingScreen(TriageScreen, inherit_bindings=False):
    """A screen with a lead on it."""

    async def _run(self, flow: Coroutine[Any, Any, object]) -> None:
        await self.day.asking.run(self._painting(flow))
        self.desktop.look_again()

    async def _painting(self, flow: Coroutine[Any, Any, object]) -> None:
        """Run a flow and paint what it leaves before anything else gets its turn."""
        await flow
        self.paint()

    async def action_accept(self) -> None:
        """Accept at once."""
        await self._run(self.day.acts.accept())

    async def action_accept_why(self) -> None:
        """Accept, with a reason."""
        await self._run(self.day.acts.with_reason(Act.ACCEPT))

    async def action_reject(self) -> None:
        """Reject."""
        await self._run(self.day.acts.with_reason(Act.REJECT))

    async def action_recycle(self) -> None:
        """Recycle."""
        await self._run(self.day.acts.with_reason(Act.RECYCLE))

    async def action_disqualify(self) -> None:
        """Disqualify."""
        await self._run(self.day.acts.with_reason(Act.DISQUALIFY))

    async def action_reroute(self) -> None:
        """Give it to another."""
        await self._run(self.day.acts.reroute())

    async def action_snooze(self) -> None:
        """Decide later."""
        await self._run(self.day.acts.snooze())

    async def action_repeat(self) -> None:
        """Repeat the last decision."""
        await self._run(self.day.acts.repeat())

    async def action_undo(self) -> None:
        """Undo the last act."""
        await self._run(self.day.acts.undo())

    async def action_same_account(self) -> None:
        """Do the same to the account's other open leads."""
        await self._run(self.day.acts.same_account())

    async def action_skipped(self) -> None:
        """List what the last act skipped."""
        await self._run(self._why_skipped())

    async def action_feedback(self) -> None:
        """List what can be told."""
        await self._run(self._telling(self.day.telling.menu()))

    async def action_too_high(self) -> None:
        """Say that the score is too high."""
        await self._run(self.day.telling.verdict("too_high"))

    async def action_right(self) -> None:
        """Say that the score is right."""
        await self._run(self.day.telling.verdict("right"))

    async def action_too_low(self) -> None:
        """Say that the score is too low."""
        await self._run(self.day.telling.verdict("too_low"))

    async def action_objection(self) -> None:
        """Record an objection."""
        await self._run(self.day.telling.objection())

    async def action_content(self) -> None:
        """Ask for content."""
        await self._run(self._telling(self.day.telling.content()))

    async def action_correction(self) -> None:
        """Correct a field."""
        await self._run(self.day.telling.correction())

    async def action_mismatch(self) -> None:
        """Say what the campaign promised otherwise."""
        await self._run(self.day.telling.mismatch())

    async def action_note(self) -> None:
        """Write a note."""
        await self._run(self.day.telling.note())

    async def action_kudos(self) -> None:
        """Thank marketing."""
        await self._run(self.day.telling.kudos())

    async def action_definition(self) -> None:
        """Dispute the definition."""
        await self._run(self.day.telling.definition())

    async def action_copy(self) -> None:
        """Choose what to copy."""
        await self._run(self._copy())

    async def action_crm(self) -> None:
        """Open the lead in the CRM."""
        await self._run(self._open_in_crm())

    def action_explain(self) -> None:
        """Ask the CRM why the lead has its score."""
        entry = self.day.tray.entry
        if entry is None:
            self.refuse(NO_LEAD)
        else:
            self.app.run_worker(self.day.explaining.ask(entry, self.desktop), group="explain")

    def action_raw(self) -> None:
        """Show the campaign's raw name, or its words again."""
        self.day.raw_names = not self.day.raw_names
        self.show()

    async def action_share(self) -> None:
        """Copy one line about the lead."""
        entry = self.day.tray.entry
        if entry is None:
            self.refuse(NO_LEAD)
        else:
            await self._copied("line", chat_line(self.day.glance(entry, 80, self.day.clock())))

    async def action_history(self) -> None:
        """Show what was decided today."""
        await self.desktop.show_history()

    async def action_replies(self) -> None:
        """Show marketing's replies."""
        await self.desktop.show_replies()

    async def action_rules(self) -> None:
        """Show what changed in the rules."""
        await self.desktop.show_rules()

    async def action_insights(self) -> None:
        """Show the numbers for both teams."""
        await self.desktop.show_insights()

    async def action_queue(self) -> None:
        """Show the queue."""
        await self.desktop.show_queue()

    async def action_help(self) -> None:
        """Show the keys of this screen."""
        await self.desktop.show_help(self.CONTEXT)

    async def action_sync(self) -> None:
        """Send everything now, and fetch."""
        await self.desktop.sync_now()

    async def action_palette(self) -> None:
        """Open the command palette."""
        await self.desktop.show_palette(self.CONTEXT)

    async def _copy(self) -> None:
        entry = self.day.tray.entry
        if entry is None:
            self.refuse(NO_LEAD)
            return
        glance = self.day.glance(entry, 80, self.day.clock())
        options = copy_options(glance, self.day.session.url, self.day.session.rep.name)
        chosen = await self.day.ask(Choose("Copy", options))
        if chosen is not None:
            await self._copied(*chosen)

    async def _telling(self, flow: Coroutine[Any, Any, object]) -> None:
        """Run a flow of feedback; what the rep took instead of asking for it is copied."""
        await flow
        taken = self.day.telling.taken()
        if taken is not None:
            await self._copied(*taken)

    async def _copied(self, label: str, text: str) -> None:
        self.say(f"{await copied(self.app, label, text)}: {say(text)}")

    async def _why_skipped(self) -> None:
        lead_id = await self.day.acts.why_skipped()
        if lead_id is not None:
            await self.desktop.visit(lead_id)

    async def _open_in_crm(self) -> None:
        entry = self.day.tray.entry
        link = crm_link(self.day.session.url, entry.lead) if entry is not None else ""
        if entry is None:
            self.refuse(NO_LEAD)
        elif not link:
            self.say("This profile has no address to open.", bad=True)
        elif not can_open():
            await copied(self.app, "link", link)
            self.say(f"No browser can be seen from here; copied {link}")
        elif await self.day.ask(Confirm("Open in the browser?", [link])):
            self.app.open_url(link)
