"""Deciding by key: what a decision needs is asked for, written, and only then shown. Never guesses a lead.

The targets are fixed when the key is taken, and only after the lead under the cursor has been painted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from screens.act_words import about, because_words, counted_causes, skipped_words, undone_words
from screens.cells import say
from screens.host import Host
from screens.parameters import (
    Asked,
    filled_words,
    known_params,
    must_ask,
    person_question,
    problem_with,
    question_for,
)
from screens.questions import Choose, Confirm, Option, Type
from screens.sight import UNSEEN
from triage.desk.results import Acted, Preview
from triage.domain.act import Act
from triage.domain.lead import Lead, LeadId
from triage.domain.reasons import Reason
from triage.errors import StoreError, TriageError

PREVIEW_FROM = 20
"""Leads from which an act is confirmed before; below, undo takes the warning's place."""
UNDO = "u undoes"
DIGITS = tuple("1234567890")
NO_LEAD = "There is no lead here."


@dataclass(frozen=True, slots=True)
class Wish:
    """What the rep said, apart from the leads: what `.` repeats."""

    act: Act
    reason: Reason | None = None
    params: dict[str, str] = field(default_factory=dict)
    note: str = ""

    def saying(self, name: str, value: str) -> Wish:
        """Return it with one thing more said."""
        if not value:
            return self
        if name == "note":
            return replace(self, note=value)
        return replace(self, params={**self.params, name: value})


class Acts:
    """The rep's decisions, from key to disk."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.last: Wish | None = None
        """The last decision, for `.`."""
        self._disputed: tuple[tuple[LeadId, ...], str | None, LeadId | None] | None = None

    async def accept(self) -> None:
        """Accept at once."""
        if targets := await targets_of(self._host):
            await self._decide(targets, Wish(Act.ACCEPT))

    async def with_reason(self, act: Act) -> None:
        """Ask for the reason, and for what it needs and the app cannot know; then decide."""
        host = self._host
        if not (targets := await targets_of(host)):
            return
        leads = self._leads(targets)
        keyed = with_digits(host.rulebook.reasons.of(act))
        options = [self._option(reason, digit, act, leads) for reason, digit in keyed]
        question = Choose(f"{act.capitalize()} {about(leads)}", options, editable=act is not Act.ACCEPT)
        reason = await host.ask(question)
        if reason is None:
            return
        asked = self._asked_for(reason, act, leads, editing=question.editing)
        await self._ask_and_decide(targets, Wish(act, reason), asked)

    async def reroute(self) -> None:
        """Ask for whom it is."""
        host = self._host
        if not (targets := await targets_of(host)):
            return
        if not host.rulebook.people:
            host.say("Nobody to give it to is known yet.", "S fetches", bad=True)
            return
        leads = self._leads(targets)
        user_id = await host.ask(person_question(f"Reroute {about(leads)} to", leads, host.rulebook.people))
        if user_id is not None:
            await self._decide(targets, Wish(Act.REROUTE, params={"to": user_id}))

    async def snooze(self) -> None:
        """Ask until when; empty is tomorrow."""
        host = self._host
        if not (targets := await targets_of(host)):
            return
        text, today = "", host.clock().astimezone().date()
        while True:
            question = Type(
                f"Snooze {about(self._leads(targets))} until",
                text=text,
                hint="empty: tomorrow · 3d 2w mon 15jan q1",
                problem=lambda typed: problem_with("until", typed, today, empty=True),
            )
            answer = await host.ask(question)
            if answer is None:
                return
            text = answer
            if await self._decide(targets, Wish(Act.SNOOZE, params={"until": answer or "tomorrow"})):
                return

    async def repeat(self) -> None:
        """Decide the lead under the cursor, or the marked ones, as the last time."""
        if self.last is None:
            self._host.say("There is no decision to repeat yet.", bad=True)
        elif targets := await targets_of(self._host):
            await self._decide(targets, self.last)

    async def undo(self) -> None:
        """Undo the last act for all its leads, and go back to the first of them."""
        host = self._host
        undone = await written(host, host.session.call(host.session.desk.undo))
        if undone is None:
            return
        follow = undone.entries[0].lead_id if undone.entries else None
        host.landed(undone.entries, queued=undone.compensated - undone.withdrawn, follow=follow)
        host.say(undone_words(undone))

    async def _ask_and_decide(self, targets: tuple[LeadId, ...], wish: Wish, asked: Sequence[Asked]) -> None:
        """Ask for parameters one after the other; a failed write brings the last field back as it was."""
        host, leads = self._host, self._leads(targets)
        title = f"{wish.act.capitalize()} {say(wish.reason.code) if wish.reason else ''}"
        today = host.clock().astimezone().date()
        while True:
            said, again = wish, []
            for one in asked:
                value = await host.ask(question_for(one, title, leads, host.rulebook, today))
                if value is None:
                    return
                again.append(replace(one, typed=value))
                said = said.saying(one.name, value)
            if await self._decide(targets, said) or not asked:
                return
            asked = again

    def _asked_for(self, reason: Reason, act: Act, leads: Sequence[Lead], *, editing: bool) -> list[Asked]:
        """Return which parameters to ask for: when editing all there are, else the one that is missing."""
        book, today = self._host.rulebook, self._host.clock().astimezone().date()
        known = known_params(reason, act, leads, book, today)
        first = known[0] if len(known) == 1 else {}
        needed = reason.requires
        if not editing:
            ask = needed is not None and must_ask(reason, known)
            return [Asked(needed, first.get(needed, ""))] if ask and needed else []
        names = [needed] if needed else []
        names += [name for name in reason.optional if name not in names]
        if act is Act.RECYCLE and not {"wake", "until"}.intersection(names):
            names.append("wake")
        return [Asked(name, first.get(name, ""), optional=name != needed) for name in names]

    def _option(self, reason: Reason, digit: str, act: Act, leads: Sequence[Lead]) -> Option:
        today = self._host.clock().astimezone().date()
        detail = filled_words(reason, act, leads, self._host.rulebook, today)
        return Option(digit, say(reason.label), reason, detail)

    async def _decide(self, targets: tuple[LeadId, ...], wish: Wish) -> Acted | None:
        """Write a decision and show it; None if nothing was written."""
        host, desk = self._host, self._host.session.desk
        reason = wish.reason.code if wish.reason else None
        if len(targets) >= PREVIEW_FROM:
            preview = await written(
                host,
                host.session.call(
                    desk.preview, targets, wish.act, reason=reason, params=wish.params, note=wish.note
                ),
            )
            if preview is None or not await host.ask(self._confirmation(wish, preview)):
                return None
        shown = host.shown(targets)
        acted: Acted | None = await written(
            host,
            host.session.call(
                desk.decide,
                targets,
                wish.act,
                reason=reason,
                params=wish.params,
                note=wish.note,
                shown=shown,
            ),
        )
        if acted is not None:
            self._landed(wish, acted, targets)
        return acted

    def _landed(self, wish: Wish, acted: Acted, targets: tuple[LeadId, ...]) -> None:
        host = self._host
        if not acted.items:
            host.say(f"Not done: {skipped_words(acted.skipped)}", bad=True)
            return
        self.last = wish
        names = self._leads(targets)
        host.landed(acted.entries, queued=len(acted.items))
        disputed = [item for item in acted.items if item.decision and item.decision.disagrees_with]
        self._disputed = None
        if disputed:
            single = disputed[0].id if len(disputed) == 1 else None
            self._disputed = (tuple(item.lead_id for item in disputed), single, host.tray.cursor)
        offer = "D disputes the definition · " if disputed else ""
        host.say(self._words(wish, acted, names), offer + UNDO)

    @property
    def disputed(self) -> tuple[tuple[LeadId, ...], str | None] | None:
        """Leads, and the decision if it is one, that disagreed with the definition: `D` is about them.

        Only as long as the rep has not moved on.
        """
        if self._disputed is None or self._disputed[2] != self._host.tray.cursor:
            return None
        return self._disputed[:2]

    def _words(self, wish: Wish, acted: Acted, leads: Sequence[Lead]) -> str:
        """Return "3 rejected: wrong role or level · 1 skipped: already contacted"."""
        count = len(acted.items)
        who = say(leads[0].name) if count == 1 and len(leads) == 1 else str(count)
        crowded = bool(acted.skipped or acted.warnings)
        parts = [f"{who} {wish.act.done}{because_words(wish.reason, short=crowded)}"]
        if acted.skipped:
            parts.append(f"{len(acted.skipped)} skipped: {skipped_words(acted.skipped)}")
        parts.extend(f"{'on some: ' if count > 1 else ''}{say(warning)}" for warning in acted.warnings)
        return " · ".join(parts)

    def _confirmation(self, wish: Wish, preview: Preview) -> Confirm:
        reason = f" {say(wish.reason.code)}" if wish.reason else ""
        lines = [f"{len(preview.allowed)} {wish.act.done}{reason}"]
        lines += [f"{count} skipped: {say(why)}" for why, count in counted_causes(preview.skipped)]
        warned = Counter(one.warning for one in preview.allowed if one.warning)
        lines += [f"{count} with a warning: {say(words)}" for words, count in warned.most_common()]
        against = sum(one.disagrees_with is not None for one in preview.allowed)
        if against:
            lines.append(f"{against} pass every line of the definition: you disagree with it")
        return Confirm(f"{wish.act.capitalize()} {len(preview.allowed)} leads?", lines)

    def _leads(self, lead_ids: Iterable[LeadId]) -> list[Lead]:
        entries = self._host.tray.inbox.entries
        return [entries[one].lead for one in lead_ids if one in entries]


def with_digits(reasons: Sequence[Reason]) -> list[tuple[Reason, str]]:
    """Return reasons with the digit that chooses each: its own, else the next one free; ten at most.

    A CRM may name any key, Enter and Escape too: only a digit of its own choice is taken.
    """
    own = {reason.hotkey: reason for reason in reversed(reasons) if reason.hotkey in DIGITS}
    free = [digit for digit in DIGITS if digit not in own]
    keyed = [
        (reason, reason.hotkey if own.get(reason.hotkey) is reason else (free.pop(0) if free else ""))
        for reason in reasons
    ]
    return [(reason, digit) for reason, digit in keyed if digit]


async def targets_of(host: Host) -> tuple[LeadId, ...]:
    """Return what a key applies to, once it was painted; if there is nothing, say so."""
    if not await host.painted():
        host.say(UNSEEN, bad=True)
        return ()
    targets = host.targets()
    if not targets:
        host.say(NO_LEAD, bad=True)
    return targets


async def written(host: Host, call: Any) -> Any:
    """Return what the desk answers, or None: then it was said why, and whether anything was saved."""
    try:
        return await call
    except StoreError as error:
        host.say(f"NOT SAVED: {say(error.message)} {error.hint}", bad=True)
    except TriageError as error:
        host.say(f"{say(error.message)} {say(error.hint)}".strip(), bad=True)
    return None
