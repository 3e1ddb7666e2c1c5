"""Feedback by key, on the marked leads or the one under the cursor: one text, one record, one undo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from screens.actions import BY_ID
from screens.asking.form import Answers, Form
from screens.asking.questions import TAB, Choose, Option, Question, Type
from screens.cells import say
from screens.deciding.act_words import about
from screens.deciding.acts import Acts
from screens.deciding.parameters import criteria_options, field_options
from screens.deciding.wanting import LOOKED_AT
from screens.host import Host
from screens.key_names import shown_key
from screens.telling.content import ContentChoice, to_copy
from screens.telling.routes import Reach, goes_to
from screens.telling.sending import Sending
from screens.writing import targets_of, written
from triage.domain.content import ContentAsset, ContentRequest
from triage.domain.feedback import FeedbackType
from triage.domain.lead import Lead, LeadStatus
from triage.domain.payloads import FIELDS, OBJECTIONS, problem_with

_SAID = {
    "too_high": "score too high",
    "right": "score right",
    "too_low": "score too low",
}
_MENU: Mapping[str, FeedbackType] = {
    **dict.fromkeys(_SAID, FeedbackType.SCORE_ACCURACY),
    "objection": FeedbackType.OBJECTION,
    "content": FeedbackType.CONTENT_REQUEST,
    "correction": FeedbackType.DATA_CORRECTION,
    "mismatch": FeedbackType.MESSAGE_MISMATCH,
    "note": FeedbackType.NOTE,
    "kudos": FeedbackType.KUDOS,
    "definition": FeedbackType.DEFINITION_DISPUTE,
}
_WON = "won"
"""The line of the menu for why a lead has bought; it has no key of its own, for it is said once in months."""
_CONTENT = ("topic", "asset_type", "persona", "needed_by")
_WHOLE = ""


class Telling(Sending):
    """What the rep tells marketing, from key to disk."""

    def __init__(self, host: Host, acts: Acts) -> None:
        super().__init__(host, acts)
        self._taken: tuple[str, str] | None = None
        self._flows: Mapping[str, Callable[[], Awaitable[bool]]] = {
            "too_high": lambda: self._judged("too_high"),
            "right": lambda: self._judged("right"),
            "too_low": lambda: self._judged("too_low"),
            "objection": self.objection,
            "content": self.content,
            "correction": self.correction,
            "mismatch": self.mismatch,
            "note": self.note,
            "kudos": self.kudos,
            "definition": self.definition,
            _WON: self._win_reason,
        }

    async def menu(self) -> None:
        """List all that can be said; the key of each says it, and Esc in its form comes back here."""
        if not (outlines := self._outlines(await targets_of(self._host))):
            return
        options = [self._keyed(name, detail=goes_to(kind, outlines)) for name, kind in _MENU.items()]
        if any(one.status is LeadStatus.WON for one in outlines):
            goes = goes_to(FeedbackType.WIN_REASON, outlines)
            options.append(Option("w", "why they bought", _WON, goes))
        menu = Choose(f"Tell marketing about {about(outlines)}", options)
        while (name := await self._host.ask(menu)) is not None:
            if await self._flows[name]():
                return

    async def verdict(self, verdict: str) -> bool:
        """Judge the score at once: the one that the last act has shown, while that is offered."""
        revealed = self._acts.revealed
        if revealed is None:
            return await self._judged(verdict)
        lead_id, decision_id = revealed
        payload = {"verdict": verdict}
        return await self._tell(
            (lead_id,), FeedbackType.SCORE_ACCURACY, payload, _SAID[verdict], decision_id=decision_id
        )

    async def _judged(self, verdict: str, contribution: str = "") -> bool:
        """Judge the score of the lead in front, or of those marked, or one contribution to it."""
        payload = {"verdict": verdict, "contribution": contribution}
        if targets := await targets_of(self._host):
            said = f"{say(contribution)}: {_SAID[verdict][6:]}" if contribution else _SAID[verdict]
            await self._tell(targets, FeedbackType.SCORE_ACCURACY, payload, said)
        return True

    async def dispute(self, label: str) -> None:
        """Ask what is wrong with one contribution."""
        options = [self._keyed(name, _SAID[name][6:]) for name in _SAID]
        goes = goes_to(FeedbackType.SCORE_ACCURACY, self._outlines(self._host.targets()))
        verdict = await self._host.ask(Choose(f"{goes}: “{say(label)}” is", options))
        if verdict is not None:
            await self._judged(verdict, label)

    async def objection(self) -> bool:
        """Ask for the kind of objection, then for the lead's own words; Tab: a question instead."""
        kind = FeedbackType.OBJECTION
        if (reach := await self._reach(kind)) is None:
            return True
        options = [
            Option(str(digit), name.replace("_", " "), name) for digit, name in enumerate(OBJECTIONS, 1)
        ]
        kinds = Choose(self._title("Objection", kind, reach), options, tab="a question heard")
        heard = self._field(reach, FeedbackType.QUESTION_HEARD, "question", "Question heard")
        rival = self._field(
            reach, kind, "competitor", "Which competitor?", hint="empty: not named", tab="also their words"
        )
        words = self._field(reach, kind, "verbatim", "In the lead's own words", hint="empty: leave out")

        def following(said: Answers) -> tuple[str, Question] | None:
            category = said.get("category")
            if category is None:
                return "category", kinds
            if category is TAB:
                return None if "question" in said else ("question", heard)
            if category == "competitor" and said.get("competitor") is not TAB:
                return None if "competitor" in said else ("competitor", rival)
            return None if "verbatim" in said else ("verbatim", words)

        async def keep(said: Answers) -> bool:
            if said["category"] is TAB:
                return await self._told(
                    reach, FeedbackType.QUESTION_HEARD, {"question": said["question"]}, seen=True
                )
            named = {"competitor": rival.draft.text} if "competitor" in said else {}
            return await self._told(reach, kind, {**said, **named}, seen=True)

        return await Form(self._host.ask, following).kept(keep)

    async def content(self) -> bool:
        """Offer what exists and what others have asked for; a text asks anew, Tab says more about it."""
        kind, host = FeedbackType.CONTENT_REQUEST, self._host
        if (reach := await self._reach(kind)) is None:
            return True
        library = await written(host, host.session.call(host.session.desk.library))
        if library is None:
            return True
        leads, today = self._leads(reach.lead_ids[:LOOKED_AT]), self._today()
        choice = ContentChoice(
            self._title("Content", kind, reach),
            library,
            leads,
            lambda text: problem_with(kind, "topic", text, today),
        )
        more = [content_field(name, self._field(reach, kind, name, "")) for name in _CONTENT[1:]]
        asked: list[Question] = [choice, *more]

        def following(said: Answers) -> tuple[str, Question] | None:
            done = len(said)
            if done == len(asked) or (done and said[_CONTENT[done - 1]] is not TAB):
                return None
            return _CONTENT[done], asked[done]

        async def keep(said: Answers) -> bool:
            first = said["topic"]
            if isinstance(first, ContentAsset):
                # Nobody has to answer for what exists: the rep goes on with it, and nothing is sent.
                self._taken = to_copy(first, leads, host.session.rep.name)
                return True
            if isinstance(first, ContentRequest):
                return await self._tell(
                    reach.lead_ids, kind, {"request_id": first.request_id}, f"+1 for “{say(first.topic)}”"
                )
            texts = [choice.draft.text, *(one.draft.text for one in more)]
            payload = dict(zip(said, texts, strict=False))
            return await self._tell(
                reach.lead_ids, kind, payload, "content asked for", seen=reach.asks and len(said) > 1
            )

        return await Form(host.ask, following).kept(keep)

    def taken(self) -> tuple[str, str] | None:
        """Return once what the rep took instead of asking for it: what it is called, and the text to copy."""
        taken, self._taken = self._taken, None
        return taken

    async def correction(self) -> bool:
        """Ask for the field, then for what should stand in it; what is typed takes the place of what does."""
        kind = FeedbackType.DATA_CORRECTION
        if (reach := await self._reach(kind)) is None:
            return True
        leads = self._leads(reach.lead_ids[:LOOKED_AT])
        fields = Choose(self._title("Correct", kind, reach), field_options(leads))

        def following(said: Answers) -> tuple[str, Question] | None:
            if "field" not in said:
                return "field", fields
            return None if "proposed" in said else ("proposed", self._proposal(said["field"], leads, reach))

        return await Form(self._host.ask, following).kept(
            lambda said: self._told(reach, kind, said, seen=True)
        )

    def _proposal(self, name: str, leads: Sequence[Lead], reach: Reach) -> Type:
        """Return the question for what a field should say; what stands there gives way to what is typed."""
        now = getattr(leads[0], name) if len(reach.lead_ids) == 1 else ""
        current = "" if now is None else say(now)
        title = f"{name}{f', now “{current}”' if current else ''}: should be"
        kind, today = FeedbackType.DATA_CORRECTION, self._today()

        def problem(text: str) -> str:
            if current and text == current:
                return "That is what stands there now."
            return problem_with(kind, "proposed", text, today, {"field": name})

        return Type(
            title, text=current, problem=problem, is_chosen=True, lead_in=reach.lead_in, asks=reach.asks
        )

    async def mismatch(self) -> bool:
        """Ask what the lead expects, beside what the campaign promised."""
        promise = ""
        targets = await targets_of(self._host)
        if len(targets) == 1 and (outlines := self._outlines(targets)) and outlines[0].campaign:
            promise = outlines[0].campaign.promise
        title = "Message mismatch: what does the lead expect?"
        lead_in = (f"promised: {say(promise)}",) if promise else ()
        return await self._typed(targets, FeedbackType.MESSAGE_MISMATCH, "expected", title, lead_in=lead_in)

    async def note(self) -> bool:
        """Ask for a note."""
        targets = await targets_of(self._host)
        return await self._typed(
            targets, FeedbackType.NOTE, "text", f"Note on {about(self._outlines(targets))}"
        )

    async def kudos(self) -> bool:
        """Ask what the thanks are for; it may stay unsaid."""
        targets, title = await targets_of(self._host), "Thanks to marketing: what for?"
        return await self._typed(targets, FeedbackType.KUDOS, "comment", title, hint="empty: leave out")

    async def _win_reason(self) -> bool:
        """Ask why a won lead has bought."""
        targets = await targets_of(self._host)
        title = f"Why did {about(self._outlines(targets))} buy?"
        return await self._typed(targets, FeedbackType.WIN_REASON, "reason", title)

    async def definition(self) -> bool:
        """Ask for a line of the definition and a better one; after a disagreeing reject, about that."""
        kind = FeedbackType.DEFINITION_DISPUTE
        targets, decision_id = self._acts.disputed or (await targets_of(self._host), None)
        if (reach := await self._reach(kind, targets)) is None:
            return True
        definition = self._host.rulebook.definition
        shown = criteria_options(definition, self._leads(reach.lead_ids[:LOOKED_AT]))[:9]
        options = [*shown, Option("0", "the definition as a whole", _WHOLE)]
        lines = Choose(self._title(f"Definition v{say(definition.version)}", kind, reach), options)
        title = "What should it say? (a proposal)"
        proposal = self._field(reach, kind, "proposal", title, hint="empty: leave out")

        def following(said: Answers) -> tuple[str, Question] | None:
            if "criterion" not in said:
                return "criterion", lines
            return None if "proposal" in said else ("proposal", proposal)

        return await Form(self._host.ask, following).kept(
            lambda said: self._told(reach, kind, said, decision_id, seen=True)
        )

    def _keyed(self, name: str, label: str = "", detail: str = "") -> Option:
        """Return a line chosen by the key that an action has, as the rep has it."""
        keys = self._host.keymap.get(name, BY_ID[name].default_keys).split(",")
        key = next((key for key in keys if " " not in key), "")
        return Option(key, label or BY_ID[name].label, name, detail, sign=shown_key(key))


def content_field(name: str, question: Type) -> Type:
    """Make a question that of a field of a content request: its words, and where Tab leads on to."""
    labels = {spec.name: spec.label for spec in FIELDS[FeedbackType.CONTENT_REQUEST]}
    after = _CONTENT[_CONTENT.index(name) + 1 :]
    question.title = f"Content: {labels[name]}"
    question.tab = f"also {labels[after[0]]}" if after else ""
    question.hint = "empty: leave out" + (" · 3d 2w mon 15jan q1" if name == "needed_by" else "")
    return question
