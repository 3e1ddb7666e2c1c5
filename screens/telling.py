"""Feedback by key, on the marked leads or the one under the cursor: one text, one record, one undo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from screens.act_words import about, skipped_words
from screens.actions import BY_ID, shown_key
from screens.acts import PREVIEW_FROM, UNDO, Acts, targets_of, written
from screens.cells import say
from screens.host import Host
from screens.parameters import criteria_options, field_options
from screens.questions import TAB, Choose, Confirm, Option, Type
from triage.desk.results import Acted
from triage.domain.feedback import FIELDS, OBJECTIONS, FeedbackType
from triage.domain.lead import Lead, LeadId

_SAID = {
    "too_high": "score too high",
    "right": "score right",
    "too_low": "score too low",
}
_MENU = (
    "too_high",
    "right",
    "too_low",
    "objection",
    "content",
    "correction",
    "mismatch",
    "note",
    "kudos",
    "definition",
)
_WHOLE = ""


class Telling:
    """What the rep tells marketing, from key to disk."""

    def __init__(self, host: Host, acts: Acts) -> None:
        self._host = host
        self._acts = acts
        self._flows: Mapping[str, Callable[[], Awaitable[None]]] = {
            "too_high": lambda: self.verdict("too_high"),
            "right": lambda: self.verdict("right"),
            "too_low": lambda: self.verdict("too_low"),
            "objection": self.objection,
            "content": self.content,
            "correction": self.correction,
            "mismatch": self.mismatch,
            "note": self.note,
            "kudos": self.kudos,
            "definition": self.definition,
        }

    async def menu(self) -> None:
        """List all that can be said; the key of each says it."""
        if not (leads := self._leads(await targets_of(self._host))):
            return
        options = [
            Option(BY_ID[name].keys[0], BY_ID[name].label, name, sign=shown_key(BY_ID[name].keys[0]))
            for name in _MENU
        ]
        name = await self._host.ask(Choose(f"Tell marketing about {about(leads)}", options))
        if name is not None:
            await self._flows[name]()

    async def verdict(self, verdict: str, contribution: str = "") -> None:
        """Judge the score, or one contribution to it, at once."""
        payload = {"verdict": verdict, "contribution": contribution}
        if targets := await targets_of(self._host):
            said = f"{say(contribution)}: {_SAID[verdict][6:]}" if contribution else _SAID[verdict]
            await self._tell(targets, FeedbackType.SCORE_ACCURACY, payload, said)

    async def dispute(self, label: str) -> None:
        """Ask what is wrong with one contribution."""
        options = [
            Option(key, _SAID[name][6:], name, sign=shown_key(key))
            for name, key in (("too_high", "minus"), ("right", "equals_sign"), ("too_low", "plus"))
        ]
        verdict = await self._host.ask(Choose(f"“{say(label)}” is", options))
        if verdict is not None:
            await self.verdict(verdict, label)

    async def objection(self) -> None:
        """Ask for the kind of objection, then for the lead's own words; Tab: a question instead."""
        targets = await self._targets()
        options = [
            Option(str(digit), name.replace("_", " "), name) for digit, name in enumerate(OBJECTIONS, 1)
        ]
        title = f"Objection of {about(self._leads(targets))}"
        category = await self._host.ask(Choose(title, options, tab="a question heard")) if targets else None
        if category is None:
            return
        if category is TAB:
            await self._typed(targets, FeedbackType.QUESTION_HEARD, "question", "Question heard", {})
            return
        payload = {"category": category}
        if category == "competitor":
            named = await self._host.ask(Type("Which competitor?", hint="empty: not named"))
            if named is None:
                return
            payload["competitor"] = named
        title = f"Objection, {category.replace('_', ' ')}: in the lead's own words"
        await self._typed(targets, FeedbackType.OBJECTION, "verbatim", title, payload)

    async def content(self) -> None:
        """Ask what content would have helped; Tab goes on to what kind, for whom, by when."""
        targets = await self._targets()
        if not targets:
            return
        payload: dict[str, str] = {}
        fields = FIELDS[FeedbackType.CONTENT_REQUEST]
        for index, spec in enumerate(fields):
            last = index == len(fields) - 1
            more = "" if last else f"also {fields[index + 1].label}"
            question = Type(f"Content wanted: {spec.label}", problem=_required(spec.required), tab=more)
            answer = await self._host.ask(question)
            if answer is None:
                return
            payload[spec.name] = question.draft.text.strip()
            if answer is not TAB:
                break
        await self._tell(targets, FeedbackType.CONTENT_REQUEST, payload, "content asked for")

    async def correction(self) -> None:
        """Ask for the field, then for what should stand in it."""
        targets = await self._targets()
        leads = self._leads(targets)
        if not leads:
            return
        name = await self._host.ask(Choose(f"Correct {about(leads)}", field_options(leads)))
        if name is None:
            return
        now = getattr(leads[0], name) if len(leads) == 1 else ""
        current = "" if now is None else say(now)
        title = f"{name}{f', now “{current}”' if current else ''}: should be"
        await self._typed(
            targets,
            FeedbackType.DATA_CORRECTION,
            "proposed",
            title,
            {"field": name},
            text=current,
            not_as=current,
        )

    async def mismatch(self) -> None:
        """Ask what the lead expects, beside what the campaign promised."""
        targets = await self._targets()
        leads = self._leads(targets)
        campaign = leads[0].campaign if len(leads) == 1 else None
        promised = f"promised: {say(campaign.promise)}" if campaign and campaign.promise else ""
        title = "Message mismatch: what does the lead expect?"
        lead_in = [promised] if promised else []
        await self._typed(targets, FeedbackType.MESSAGE_MISMATCH, "expected", title, {}, lead_in=lead_in)

    async def note(self) -> None:
        """Ask for a note."""
        targets = await self._targets()
        await self._typed(targets, FeedbackType.NOTE, "text", f"Note on {about(self._leads(targets))}", {})

    async def kudos(self) -> None:
        """Ask what the thanks are for; it may stay unsaid."""
        targets = await self._targets()
        await self._typed(targets, FeedbackType.KUDOS, "comment", "Thanks to marketing: what for?", {})

    async def definition(self) -> None:
        """Ask for a line of the definition and a better one; after a disagreeing reject, about that."""
        offered = self._acts.disputed
        if offered is not None:
            targets, decision_id = offered
        else:
            targets, decision_id = await self._targets(), None
        definition = self._host.rulebook.definition
        leads = self._leads(targets)
        if not leads:
            return
        options = [*criteria_options(definition, leads)[:9], Option("0", "the definition as a whole", _WHOLE)]
        title = f"Definition v{say(definition.version)} on {about(leads)}: which line?"
        criterion = await self._host.ask(Choose(title, options))
        if criterion is None:
            return
        title = "What should it say? (a proposal)"
        await self._typed(
            targets,
            FeedbackType.DEFINITION_DISPUTE,
            "proposal",
            title,
            {"criterion": criterion},
            decision_id=decision_id,
        )

    async def _typed(
        self,
        targets: tuple[LeadId, ...],
        kind: FeedbackType,
        name: str,
        title: str,
        payload: dict[str, str],
        *,
        text: str = "",
        lead_in: Sequence[str] = (),
        not_as: str = "",
        decision_id: str | None = None,
    ) -> bool:
        """Ask for the last field and tell; a failed write brings the field back as it was typed."""
        required = any(spec.required for spec in FIELDS[kind] if spec.name == name)
        hint = "" if required else "empty: leave out"
        while targets:
            question = Type(title, text=text, hint=hint, problem=_required(required, not_as), lead_in=lead_in)
            answer = await self._host.ask(question)
            if answer is None:
                return False
            text = answer
            words = kind.replace("_", " ")
            if await self._tell(targets, kind, {**payload, name: answer}, words, decision_id=decision_id):
                return True
        return False

    async def _tell(
        self,
        targets: tuple[LeadId, ...],
        kind: FeedbackType,
        payload: Mapping[str, str],
        said: str,
        *,
        decision_id: str | None = None,
    ) -> bool:
        """Write feedback and say so; False if nothing was written for want of a disk."""
        host, desk = self._host, self._host.session.desk
        if not targets:
            return True
        if len(targets) >= PREVIEW_FROM:
            preview = await written(host, host.session.call(desk.preview_feedback, targets, kind, payload))
            lines = [] if preview is None else [f"{len(preview.allowed)} × {said}"]
            if preview is not None and preview.skipped:
                lines.append(f"{len(preview.skipped)} skipped: {skipped_words(preview.skipped)}")
            if preview is None or not await host.ask(Confirm(f"Tell marketing: {said}?", lines)):
                return True
        acted: Acted | None = await written(
            host, host.session.call(desk.feedback, targets, kind, payload, decision_id=decision_id)
        )
        if acted is None:
            return False
        self._say(acted, said)
        return True

    def _say(self, acted: Acted, said: str) -> None:
        host = self._host
        skipped = skipped_words(acted.skipped)
        if not acted.items:
            host.say(f"Not told: {skipped}", bad=True)
            return
        host.landed(acted.entries, queued=len(acted.items), follow=host.tray.cursor)
        entries = host.tray.inbox.entries
        one = entries.get(acted.items[0].lead_id)
        who = say(one.lead.name) if len(acted.items) == 1 and one else str(len(acted.items))
        tail = f" · {len(acted.skipped)} skipped: {skipped}" if acted.skipped else ""
        routed = acted.items[0].feedback.routed_to if acted.items[0].feedback else ""
        goes = f" → {say(routed)}" if routed else ""
        host.say(f"{who}: {said}{goes}{tail}", UNDO)

    async def _targets(self) -> tuple[LeadId, ...]:
        return await targets_of(self._host)

    def _leads(self, lead_ids: Sequence[LeadId]) -> list[Lead]:
        entries = self._host.tray.inbox.entries
        return [entries[one].lead for one in lead_ids if one in entries]


def _required(required: bool, not_as: str = "") -> Callable[[str], str]:  # noqa: FBT001 - the field's own property
    def problem(text: str) -> str:
        if not_as and text == not_as:
            return "That is what stands there now."
        return "" if text or not required else "It cannot be empty."

    return problem
