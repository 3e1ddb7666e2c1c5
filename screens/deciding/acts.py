"""Deciding by key: what a decision needs is asked for, written, and only then shown. Never guesses a lead.

The targets are fixed when the key is taken, and only after the lead under the cursor has been painted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from time import monotonic
from typing import Any

from msgspec.structs import replace

from screens.actions import first_key
from screens.asking.form import Answers, Form
from screens.asking.lead_pick import names_of
from screens.asking.pick import Pick, narrowing
from screens.asking.questions import Confirm, Option, Question, Type
from screens.cells import say
from screens.deciding.accounts import Accounts
from screens.deciding.act_words import (
    about,
    acted_words,
    preview_lines,
    skipped_lines,
    skipped_words,
    then_words,
    undone_words,
)
from screens.deciding.offers import Dispute, Revealed, SameAccount, Tell
from screens.deciding.parameters import person_question, snooze_end, snooze_problem
from screens.deciding.refusals import in_own_keys
from screens.deciding.wanting import LOOKED_AT, next_question, reason_strip
from screens.deciding.wishes import Wish
from screens.host import Host
from screens.sight import STANDS
from screens.words import counted
from screens.writing import PREVIEW_FROM, targets_of, undo_words, written
from triage.desk.results import Acted, Preview, Skipped
from triage.domain.act import Act
from triage.domain.clocks import Sla, sla_state
from triage.domain.decision import Shown
from triage.domain.inbox import Entry
from triage.domain.lead import Lead, LeadId
from triage.domain.outline import Outline

PAINTED_IN = 0.01
"""Seconds after which what a yes will record is made ready: the preview itself comes first."""
NAMED = 8
"""Leads that a preview names one by one."""


class Acts:
    """The rep's decisions, from key to disk."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.last: Wish | None = None
        """The last decision, for `.`."""
        self.accounts = Accounts()
        self.skipped: tuple[Skipped, ...] = ()
        """The leads that the last act did not reach."""
        self._same: SameAccount | None = None
        self._dispute: Dispute | None = None
        self._revealed: Revealed | None = None

    async def accept(self) -> None:
        """Accept at once."""
        if targets := await targets_of(self._host):
            await self._decide(targets, Wish(Act.ACCEPT))

    async def with_reason(self, act: Act) -> None:
        """Ask for the reason, and for what it needs and the app cannot know; then decide."""
        if not (targets := await targets_of(self._host)):
            return
        host, leads = self._host, self._leads(targets)
        strip = reason_strip(host, act, f"{act.capitalize()} {about(self._outlines(targets))}", leads)

        def following(said: Answers) -> tuple[str, Question] | None:
            if "reason" not in said:
                return "reason", strip
            return next_question(host, Wish(act, said["reason"]), leads, said, editing=strip.editing)

        async def decide(said: Answers) -> Acted | None:
            return await self._decide(targets, Wish(act, said["reason"]).filled(said))

        await Form(host.ask, following).kept(decide)

    async def reroute(self) -> None:
        """Ask for whom it is."""
        host = self._host
        if not (targets := await targets_of(host)):
            return
        if not host.rulebook.people:
            host.say(
                "Nobody to give it to is known yet.", f"{first_key('sync', host.keymap)} fetches", bad=True
            )
            return
        title = f"Reroute {about(self._outlines(targets))} to"
        question = person_question(title, self._leads(targets), host.rulebook.people)
        await self._asked_and_done(targets, Act.REROUTE, "to", question)

    async def snooze(self) -> None:
        """Ask until when; empty is tomorrow, or shortly before the SLA ends."""
        host = self._host
        if not (targets := await targets_of(host)):
            return
        outlines, now = self._outlines(targets), host.clock()
        otherwise, hint = snooze_end(outlines, now)
        if all(sla_state(one, now) is Sla.BREACHED for one in outlines):
            await self._decide(
                targets, Wish(Act.SNOOZE, params={"until": otherwise})
            )  # says what else there is
            return
        question = Type(
            f"Snooze {about(outlines)} until",
            hint=hint,
            problem=lambda typed: snooze_problem(typed, host.clock()),
        )
        await self._asked_and_done(targets, Act.SNOOZE, "until", question, otherwise=otherwise)

    async def repeat(self) -> None:
        """Decide the lead under the cursor, or the marked ones, as the last time."""
        if self.last is None:
            self._host.refuse("There is no decision to repeat yet.")
        elif targets := await targets_of(self._host):
            await self._decide_as(self.last.for_others(), targets)

    async def same_account(self) -> None:
        """Do the same to the account's other open leads, once the rep has seen which."""
        host, offer, now = self._host, self._same, self._host.clock()
        if offer is None:
            host.refuse("There is nothing to do the same for.")
            return
        entries = [entry for entry in self._entries(offer.lead_ids) if entry.is_open(now)]
        lead_ids = tuple(entry.lead_id for entry in entries)
        if not lead_ids:
            host.say(f"No other lead of {say(offer.company)} is open any more.", bad=True)
        elif isinstance(offer.wish, Wish):
            await self._decide_as(offer.wish, lead_ids, named=True)
        else:
            await offer.wish(lead_ids)

    async def why_skipped(self) -> LeadId | None:
        """List what the last act skipped, with the cause; returns the lead that was chosen."""
        host = self._host
        if not self.skipped:
            host.refuse("The last act skipped no lead.")
            return None
        names = {
            entry.lead_id: say(entry.outline.name)
            for entry in self._entries(one.lead_id for one in self.skipped)
        }
        options = [
            Option("", names.get(one.lead_id) or say(one.lead_id), one.lead_id, say(one.why))
            for one in self.skipped
        ]
        title = f"{len(options)} skipped"
        chosen: LeadId | None = await host.ask(
            Pick(title, narrowing(options), nothing="none of them is called that")
        )
        return chosen

    async def undo(self) -> None:
        """Undo the last act for all its leads, and go back to the first of them."""
        host = self._host
        undone = await written(host, host.session.call(host.session.desk.undo))
        if undone is None:
            return
        self.forget_offers()
        follow = undone.entries[0].lead_id if undone.entries else None
        host.landed(undone.entries, queued=undone.compensated - undone.withdrawn, follow=follow)
        names = [entry.outline.name for entry in self._entries(item.lead_id for item in undone.then[:1])]
        host.say(
            undone_words(undone),
            then_words(undone, first_key("undo", host.keymap), say(names[0]) if names else ""),
        )

    def forget_offers(self) -> None:
        """Withdraw what the act before offered."""
        self._same = self._dispute = self._revealed = None
        self.skipped = ()

    @property
    def disputed(self) -> tuple[tuple[LeadId, ...], str | None] | None:
        """Leads, and the decision if it is one, that disagreed with the definition: `D` is about them.

        Only as long as the rep has not moved on.
        """
        if self._dispute is None or self._dispute.cursor != self._host.tray.cursor:
            return None
        return self._dispute.lead_ids, self._dispute.decision_id

    @property
    def revealed(self) -> tuple[LeadId, str] | None:
        """The lead whose hidden score the last act has shown, with the decision: a verdict is about it.

        Only as long as the rep has not moved on, and has seen that it is offered.
        """
        offer, tray = self._revealed, self._host.tray
        if offer is None or len(offer.lead_ids) != 1 or not offer.score:
            return None
        if offer.cursor != tray.cursor or tray.inbox.marks or self._host.pressed_at < offer.since + STANDS:
            return None
        return offer.lead_ids[0], offer.decision_id

    async def _asked_and_done(
        self, targets: tuple[LeadId, ...], act: Act, name: str, question: Question, *, otherwise: str = ""
    ) -> None:
        """Ask for the one thing that an act needs; a failed write brings the question back as it was."""
        form = Form(self._host.ask, lambda said: None if name in said else (name, question))
        await form.kept(lambda said: self._decide(targets, Wish(act, params={name: said[name] or otherwise})))

    async def _decide_as(self, wish: Wish, targets: tuple[LeadId, ...], *, named: bool = False) -> None:
        """Decide as before; what cannot be said of these leads too is asked for."""
        leads = self._leads(targets)

        def following(said: Answers) -> tuple[str, Question] | None:
            return next_question(self._host, wish, leads, said)

        async def decide(said: Answers) -> Acted | None:
            return await self._decide(targets, wish.filled(said), again=True, named=named)

        await Form(self._host.ask, following).kept(decide)

    async def _decide(
        self, targets: tuple[LeadId, ...], wish: Wish, *, again: bool = False, named: bool = False
    ) -> Acted | None:
        """Write a decision and show it; None if nothing was written.

        `again`: it repeats one. `named`: the leads are not on the screen, so the preview names them first. An
        act that the CRM cannot take back is confirmed even for one lead.
        """
        host, desk, shown = self._host, self._host.session.desk, self._host.shown(targets)
        said: dict[str, Any] = {"reason": wish.code, "params": wish.params, "note": wish.note}
        if named or len(targets) >= PREVIEW_FROM or host.rulebook.provided.final_words(wish.act):
            preview = await written(host, host.session.call(desk.preview, targets, wish.act, **said))
            if preview is None:
                return None
            if preview.allowed and not await self._agreed(wish, preview, shown, named=named):
                return None
        names = self._outlines(targets[:2])  # one lead is called by its name, several are counted
        call = host.session.call(desk.decide, targets, wish.act, **said, shown=shown)
        acted = await written(host, call)
        if acted is not None:
            self._landed(wish, acted, names, again=again)
        return acted

    async def _agreed(
        self, wish: Wish, preview: Preview, shown: Mapping[LeadId, Shown], *, named: bool
    ) -> bool:
        """Whether the rep says yes to what a preview shows; while it is read, a yes is made quick."""
        host, agreed = self._host, False
        ahead = asyncio.get_running_loop().call_later(PAINTED_IN, self._make_ready, preview, shown)
        try:
            agreed = bool(await host.ask(self._confirmation(wish, preview, named=named)))
        finally:
            ahead.cancel()
            if not agreed:
                host.session.thread.begin(host.session.desk.forget_preview)
                host.tray.lift(())
        return agreed

    def _make_ready(self, preview: Preview, shown: Mapping[LeadId, Shown]) -> None:
        """Have done before the yes what needs no yes: nothing of it is on the disk, or seen."""
        self._host.session.thread.begin(self._host.session.desk.write_ahead, shown)
        self._host.tray.lift(one.lead_id for one in preview.allowed)

    def _landed(self, wish: Wish, acted: Acted, names: Sequence[Outline], *, again: bool) -> None:
        host, tray = self._host, self._host.tray
        self.forget_offers()
        acted = replace(acted, skipped=in_own_keys(acted.skipped, host.keymap))
        self.skipped = acted.skipped
        lists = f"{first_key('skipped', host.keymap)} lists them" if len(acted.skipped) > 1 else ""
        if not acted.items:
            host.say(f"Not done: {skipped_words(acted.skipped)}", lists, bad=True)
            return
        self.last = wish
        # What was skipped stays marked: it is what the rep has to look at.
        done = {entry.outline.lead_id for entry in acted.entries}
        tray.mark_only(tray.inbox.marks - done)
        host.landed(acted.entries, queued=len(acted.items))
        self._dispute = Dispute.of(acted, tray.cursor)
        self._revealed = Revealed.of(acted, tray.cursor, monotonic())
        self._same = None if acted.skipped or len(names) != 1 else self._offer(wish.for_others(), names[0])
        self._say_done(acted_words(wish, acted, names, again=again, crowded=self._same is not None), lists)

    def _say_done(self, done: str, lists: str) -> None:
        """Say what was done, what it makes possible, and how to take it back."""
        keymap = self._host.keymap
        if self._same is not None:
            done = f"{done} · {self._same.words(first_key('same_account', keymap))}"
        if self._revealed is not None:
            keys = " ".join(first_key(name, keymap) for name in ("too_high", "right", "too_low"))
            done = f"{done} · {self._revealed.words(keys)}"
        disputes = f"{first_key('definition', keymap)} disputes the definition" if self._dispute else ""
        tail = [one for one in (lists, disputes, undo_words(keymap)) if one]
        self._host.say(done, " · ".join(tail))

    def offer_told(self, outline: Outline, tell: Tell) -> str:
        """Offer what was told of a lead for the others of its account; returns the offer in words, if any."""
        self._same = self._offer(tell, outline)
        return self._same.words(first_key("same_account", self._host.keymap)) if self._same else ""

    def _offer(self, wish: Wish | Tell, outline: Outline) -> SameAccount | None:
        entries = self._host.tray.inbox.entries
        others = self.accounts.others(outline, entries, self._host.clock())
        return SameAccount(wish, others, outline.account.name or outline.company) if others else None

    def _confirmation(self, wish: Wish, preview: Preview, *, named: bool) -> Confirm:
        count, act = len(preview.allowed), wish.act.capitalize()
        preview = replace(preview, skipped=in_own_keys(preview.skipped, self._host.keymap))
        words = self._host.rulebook.provided.final_words(wish.act)
        final = [say(words)] if words else []
        if not named:
            only = self._outlines(one.lead_id for one in preview.allowed[:2])
            who = about(only) if len(only) == 1 else counted(count, "lead")
            return Confirm(f"{act} {who}{self._to(wish)}?", [*final, *preview_lines(wish, preview)])
        lines = names_of(self._entries(one.lead_id for one in preview.allowed), NAMED)
        reason = f": {say(wish.code)}" if wish.code else ""
        title = f"{act} {counted(count, 'more lead')}{reason}{self._to(wish)}?"
        return Confirm(title, [*final, *lines, *skipped_lines(preview.skipped)])

    def _to(self, wish: Wish) -> str:
        """Say whom leads would go to: " to Sam Example"."""
        people = self._host.rulebook.people
        names = [one.name or one.user_id for one in people if one.user_id == wish.params.get("to")]
        return f" to {say(names[0])}" if names else ""

    def _entries(self, lead_ids: Iterable[LeadId]) -> list[Entry]:
        entries = self._host.tray.inbox.entries
        return [entries[one] for one in lead_ids if one in entries]

    def _outlines(self, lead_ids: Iterable[LeadId]) -> list[Outline]:
        return [entry.outline for entry in self._entries(lead_ids)]

    def _leads(self, lead_ids: Sequence[LeadId]) -> list[Lead]:
        return [entry.lead for entry in self._entries(lead_ids[:LOOKED_AT])]
