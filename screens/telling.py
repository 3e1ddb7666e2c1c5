"""Feedback by key, on the marked leads or the one under the cursor: one text, one record, one undo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from screens.act_words import about, skipped_lines, skipped_words
from screens.actions import BY_ID, first_key, shown_key
from screens.acts import Acts
from screens.cells import say
from screens.form import Answers, Form
from screens.host import Host
from screens.parameters import criteria_options, field_options
from screens.questions import TAB, Choose, Confirm, Option, Question, Type
from screens.writing import PREVIEW_FROM, targets_of, undo_words, written
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
        self._flows: Mapping[str, Callable[[], Awaitable[bool]]] = {
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
        """List all that can be said; the key of each says it, and Esc in its form comes back here."""
        if not (leads := self._leads(await targets_of(self._host))):
            return
        menu = Choose(f"Tell marketing about {about(leads)}", [self._keyed(name) for name in _MENU])
        while (name := await self._host.ask(menu)) is not None:
            if await self._flows[name]():
                return

    async def verdict(self, verdict: str, contribution: str = "") -> bool:
        """Judge the score, or one contribution to it, at once."""
        payload = {"verdict": verdict, "contribution": contribution}
        if targets := await targets_of(self._host):
            said = f"{say(contribution)}: {_SAID[verdict][6:]}" if contribution else _SAID[verdict]
            await self._tell(targets, FeedbackType.SCORE_ACCURACY, payload, said)
        return True

    async def dispute(self, label: str) -> None:
        """Ask what is wrong with one contribution."""
        options = [self._keyed(name, _SAID[name][6:]) for name in _SAID]
        verdict = await self._host.ask(Choose(f"“{say(label)}” is", options))
        if verdict is not None:
            await self.verdict(verdict, label)

    async def objection(self) -> bool:
        """Ask for the kind of objection, then for the lead's own words; Tab: a question instead."""
        if not (targets := await targets_of(self._host)):
            return True
        options = [
            Option(str(digit), name.replace("_", " "), name) for digit, name in enumerate(OBJECTIONS, 1)
        ]
        title = f"Objection of {about(self._leads(targets))}"
        kinds = Choose(title, options, tab="a question heard")

        def following(said: Answers) -> tuple[str, Question] | None:
            kind = said.get("category")
            if kind is None:
                return "category", kinds
            if kind is TAB:
                asked = Type("Question heard", problem=_problem(required=True))
                return None if "question" in said else ("question", asked)
            if kind == "competitor" and "competitor" not in said:
                return "competitor", Type("Which competitor?", hint="empty: not named")
            words = f"Objection, {kind.replace('_', ' ')}: in the lead's own words"
            return None if "verbatim" in said else ("verbatim", Type(words, hint="empty: leave out"))

        async def keep(said: Answers) -> bool:
            if said["category"] is TAB:
                return await self._told(targets, FeedbackType.QUESTION_HEARD, {"question": said["question"]})
            return await self._told(targets, FeedbackType.OBJECTION, said)

        return await Form(self._host.ask, following).kept(keep)

    async def content(self) -> bool:
        """Ask what content would have helped; Tab goes on to what kind, for whom, by when."""
        if not (targets := await targets_of(self._host)):
            return True
        fields = FIELDS[FeedbackType.CONTENT_REQUEST]
        asked = [_content_field(index) for index in range(len(fields))]

        def following(said: Answers) -> tuple[str, Question] | None:
            done = len(said)
            if done == len(fields) or (done and said[fields[done - 1].name] is not TAB):
                return None
            return fields[done].name, asked[done]

        async def keep(said: Answers) -> bool:
            payload = {spec.name: one.draft.text.strip() for spec, one in zip(fields, asked, strict=True)}
            payload = {name: payload[name] for name in said}
            return await self._tell(targets, FeedbackType.CONTENT_REQUEST, payload, "content asked for")

        return await Form(self._host.ask, following).kept(keep)

    async def correction(self) -> bool:
        """Ask for the field, then for what should stand in it."""
        targets = await targets_of(self._host)
        leads = self._leads(targets)
        if not leads:
            return True
        fields = Choose(f"Correct {about(leads)}", field_options(leads))

        def following(said: Answers) -> tuple[str, Question] | None:
            if "field" not in said:
                return "field", fields
            return None if "proposed" in said else ("proposed", _proposal(said["field"], leads))

        return await Form(self._host.ask, following).kept(
            lambda said: self._told(targets, FeedbackType.DATA_CORRECTION, said)
        )

    async def mismatch(self) -> bool:
        """Ask what the lead expects, beside what the campaign promised."""
        targets = await targets_of(self._host)
        leads = self._leads(targets)
        campaign = leads[0].campaign if len(leads) == 1 else None
        promised = [f"promised: {say(campaign.promise)}"] if campaign and campaign.promise else []
        title = "Message mismatch: what does the lead expect?"
        question = Type(title, problem=_problem(required=True), lead_in=promised)
        return await self._typed(targets, FeedbackType.MESSAGE_MISMATCH, "expected", question)

    async def note(self) -> bool:
        """Ask for a note."""
        targets = await targets_of(self._host)
        question = Type(f"Note on {about(self._leads(targets))}", problem=_problem(required=True))
        return await self._typed(targets, FeedbackType.NOTE, "text", question)

    async def kudos(self) -> bool:
        """Ask what the thanks are for; it may stay unsaid."""
        question = Type("Thanks to marketing: what for?", hint="empty: leave out")
        return await self._typed(await targets_of(self._host), FeedbackType.KUDOS, "comment", question)

    async def definition(self) -> bool:
        """Ask for a line of the definition and a better one; after a disagreeing reject, about that."""
        targets, decision_id = self._acts.disputed or (await targets_of(self._host), None)
        definition = self._host.rulebook.definition
        leads = self._leads(targets)
        if not leads:
            return True
        options = [*criteria_options(definition, leads)[:9], Option("0", "the definition as a whole", _WHOLE)]
        title = f"Definition v{say(definition.version)} on {about(leads)}: which line?"
        lines = Choose(title, options)
        proposal = Type("What should it say? (a proposal)", hint="empty: leave out")

        def following(said: Answers) -> tuple[str, Question] | None:
            if "criterion" not in said:
                return "criterion", lines
            return None if "proposal" in said else ("proposal", proposal)

        return await Form(self._host.ask, following).kept(
            lambda said: self._told(targets, FeedbackType.DEFINITION_DISPUTE, said, decision_id)
        )

    def _keyed(self, name: str, label: str = "") -> Option:
        """Return a line chosen by the key that an action has, as the rep has it."""
        keys = self._host.keymap.get(name, BY_ID[name].default_keys).split(",")
        key = next((key for key in keys if " " not in key), "")
        return Option(key, label or BY_ID[name].label, name, sign=shown_key(key))

    async def _typed(
        self, targets: tuple[LeadId, ...], kind: FeedbackType, name: str, question: Type
    ) -> bool:
        """Ask for the one field and tell; a failed write brings it back as it was typed."""
        if not targets:
            return True
        form = Form(self._host.ask, lambda said: None if name in said else (name, question))
        return await form.kept(lambda said: self._told(targets, kind, said))

    async def _told(
        self,
        targets: tuple[LeadId, ...],
        kind: FeedbackType,
        payload: Mapping[str, str],
        decision_id: str | None = None,
    ) -> bool:
        return await self._tell(targets, kind, payload, kind.replace("_", " "), decision_id=decision_id)

    async def _tell(
        self,
        targets: tuple[LeadId, ...],
        kind: FeedbackType,
        payload: Mapping[str, str],
        said: str,
        *,
        decision_id: str | None = None,
    ) -> bool:
        """Write feedback and say so; False if nothing was written."""
        host, desk = self._host, self._host.session.desk
        if len(targets) >= PREVIEW_FROM:
            preview = await written(host, host.session.call(desk.preview_feedback, targets, kind, payload))
            lines = [] if preview is None else [f"{len(preview.allowed)} × {said}"]
            lines += skipped_lines(preview.skipped) if preview is not None else []
            if preview is None or not await host.ask(Confirm(f"Tell marketing: {said}?", lines)):
                return False
        acted = await written(
            host, host.session.call(desk.feedback, targets, kind, payload, decision_id=decision_id)
        )
        if acted is None:
            return False
        self._say(acted, said)
        return True

    def _say(self, acted: Acted, said: str) -> None:
        host, keymap = self._host, self._host.keymap
        self._acts.forget_offers()
        self._acts.skipped = acted.skipped
        lists = f"{first_key('skipped', keymap)} lists them" if len(acted.skipped) > 1 else ""
        skipped = skipped_words(acted.skipped)
        if not acted.items:
            host.say(f"Not told: {skipped}", lists, bad=True)
            return
        host.landed(acted.entries, queued=len(acted.items), follow=host.tray.cursor)
        entries = host.tray.inbox.entries
        one = entries.get(acted.items[0].lead_id)
        who = about([one.outline]) if len(acted.items) == 1 and one else str(len(acted.items))
        tail = f" · {len(acted.skipped)} skipped: {skipped}" if acted.skipped else ""
        routed = acted.items[0].feedback.routed_to if acted.items[0].feedback else ""
        goes = f" → {say(routed)}" if routed and not acted.skipped else ""
        way_back = " · ".join(part for part in (lists, undo_words(keymap)) if part)
        host.say(f"{who}: {said}{goes}{tail}", way_back)

    def _leads(self, lead_ids: Sequence[LeadId]) -> list[Lead]:
        entries = self._host.tray.inbox.entries
        return [entries[one].lead for one in lead_ids if one in entries]


def _content_field(index: int) -> Type:
    fields = FIELDS[FeedbackType.CONTENT_REQUEST]
    more = "" if index == len(fields) - 1 else f"also {fields[index + 1].label}"
    problem = _problem(required=fields[index].required)
    return Type(f"Content wanted: {fields[index].label}", problem=problem, tab=more)


def _proposal(name: str, leads: Sequence[Lead]) -> Type:
    """Return the question for what a field should say; what stands there now is to be changed."""
    now = getattr(leads[0], name) if len(leads) == 1 else ""
    current = "" if now is None else say(now)
    title = f"{name}{f', now “{current}”' if current else ''}: should be"
    return Type(title, text=current, problem=_problem(required=True, not_as=current))


def _problem(*, required: bool, not_as: str = "") -> Callable[[str], str]:
    def problem(text: str) -> str:
        if not_as and text == not_as:
            return "That is what stands there now."
        return "" if text or not required else "It cannot be empty."

    return problem
