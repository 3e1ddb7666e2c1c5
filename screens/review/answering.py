"""From a digit to the CRM: what an answer goes to, its words, what it points at, and what became of it.

Sends in the background of a question that says so: until it is done no key acts on what was not seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.geometry import Size

from screens.actions import CHOICE, REVIEW
from screens.asking.form import Answers, Form
from screens.asking.pick import Pick, narrowing
from screens.asking.questions import AS_SHIPPED, PASSED, Given, Option, Press, Question, Reply, Type, head
from screens.bindings import meaning
from screens.cells import Line, say
from screens.day import Day
from screens.ink import Ink
from screens.review.board import Board
from screens.review.kinds import LINKED
from screens.words import counted, why_not
from screens.writing import PREVIEW_FROM
from triage.clock import new_id
from triage.desk.online import reached
from triage.desk.reviewing import Sent, answer
from triage.domain.review import Reply as Answer
from triage.domain.review import ReplyKind
from triage.domain.reviewing import Matter, needs_text, objection_to
from triage.errors import AnswerLost, TriageError

MOVES = frozenset({"down", "up", "top", "bottom", "page_down", "page_up"})
DONE = "answers-sent"
"""What is pressed, by no finger, once answers were sent."""
_MOST_TEXT = 2000


class Sending:
    """Says how far the sending is; until it is done moves wait, and no other key is taken."""

    context: ClassVar[str] = CHOICE
    keymap: Mapping[str, str] = AS_SHIPPED

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.sent = Sent({})
        self.moves: list[str] = []
        """The keys that go through the list, in order: they come after the answers."""
        self.lost = 0
        """Keys that were not taken: what they would meet then was not on the screen."""

    def press(self, press: Press) -> Reply:
        """Take the end of the sending, and no other key but the one that ends the app."""
        if press.key == DONE:
            return Given(self.sent)
        if press.key == "ctrl+q":
            return PASSED
        if not self.lost and meaning(REVIEW, self.keymap).get(press.key) in MOVES:
            self.moves.append(press.key)
        else:
            self.lost += 1
        return None

    def paste(self, text: str) -> None:
        """Take nothing: there is no field."""

    def lines(self, size: Size, ink: Ink) -> list[Line]:
        """Return how far it is."""
        told = f"Sending to the CRM: {self.done:,} of {counted(self.total, 'answer')} …"
        return [head(told, "moves wait, other keys do nothing", size.width, ink)]


class Answering:
    """One answer to some things."""

    def __init__(self, day: Day, board: Board, app: App[Any]) -> None:
        self._day = day
        self._board = board
        self._app = app
        self._failed = ""
        self._left: tuple[Matter, ...] = ()
        """What has no answer yet."""

    async def flow(self, matters: Sequence[Matter], kind: ReplyKind, said: str) -> None:
        """Ask for the words, and send; what could not be sent comes back as it was typed."""
        why = {one.id: objection_to(one, kind) for one in matters}
        self._left = tuple(one for one in matters if not why[one.id])
        objections = [text for text in why.values() if text]
        if not self._left:
            self._day.refuse(objections[0])
            return
        words = Words(self._board, self._left, kind, said, objections)
        form = Form(self._day.ask, words.following)

        async def send(answers: Answers) -> bool:
            is_sent = await self._send(kind, str(answers["text"]), answers.get("link"))
            words.failed(self._failed)
            return is_sent

        await form.kept(send)

    async def _send(self, kind: ReplyKind, text: str, link: str | None) -> bool:
        """Send what is left; returns whether nothing is left to be sent."""
        replies = [self._answer(one, kind, text, link or None) for one in self._left]
        waiting = Sending(len(replies))
        self._app.run_worker(self._deliver(replies, waiting), group="answers")
        # Without an answer the flow was left: the delivery goes on, and says how it ended.
        sent: Sent | None = await self._day.ask(waiting)
        return sent is None or sent.stopped is None

    def _answer(self, matter: Matter, kind: ReplyKind, text: str, link: str | None) -> Answer:
        key = (matter.id, kind, text, link or "")
        made = self._board.made
        if key not in made:
            rep, now = self._day.session.rep, self._day.clock()
            of_kind = "decision" if matter.is_decision else "feedback"
            made[key] = Answer(
                new_id(), matter.id, kind, text, of_kind, matter.item.lead_id, rep.name, now, link
            )
        return made[key]

    async def _deliver(self, replies: Sequence[Answer], waiting: Sending) -> None:
        """Send, show what became of it, and let the question go on."""

        def told(count: int) -> None:
            waiting.done = count
            if self._day.asking.question is waiting:
                self._app.call_later(self._redraw, waiting)

        try:
            async with reached(self._day.session) as crm:
                waiting.sent = await answer(crm, replies, told)
        except TriageError as error:
            waiting.sent = Sent({}, error)
        await self._took(replies, waiting)
        self._app.call_later(self._go_on, waiting)

    def _redraw(self, waiting: Sending) -> None:
        room = self._day.room
        if room is not None and self._day.asking.question is waiting:
            room.show_question(waiting)

    async def _go_on(self, waiting: Sending) -> None:
        if self._day.asking.question is waiting:
            await self._day.asking.press(Press(DONE))
        if self._day.asking.question is None:
            for key in waiting.moves:
                self._app.post_message(events.Key(key, key if len(key) == 1 else None))

    async def _took(self, replies: Sequence[Answer], waiting: Sending) -> None:
        sent, results = waiting.sent, waiting.sent.results
        taken = [one for one in replies if results.get(one.reply_id) == ""]
        refused = {one.of: results[one.reply_id] for one in replies if results.get(one.reply_id)}
        done = {one.of for one in replies if one.reply_id in results}
        self._left = tuple(one for one in self._left if one.id not in done)
        await self._board.took(taken, refused)
        self._failed = self._unsent(sent)
        self._say(len(taken), refused, replies, waiting.lost)
        for screen in self._app.screen_stack:
            if (changed := getattr(screen, "changed", None)) is not None:
                changed()

    def _unsent(self, sent: Sent) -> str:
        if sent.stopped is None:
            return ""
        many = f" ({len(self._left):,})" if len(self._left) > 1 else ""
        if isinstance(sent.stopped, AnswerLost):
            return f"NOT CONFIRMED{many}: {why_not(sent.stopped)} The same words again are the same answer."
        return f"NOT SENT{many}: {why_not(sent.stopped)}"

    def _say(self, taken: int, refused: Mapping[str, str], replies: Sequence[Answer], lost: int) -> None:
        parts = [f"{taken:,} answered: {replies[0].kind.replace('_', ' ')}"] if taken else []
        if refused:
            parts.append(f"{len(refused):,} not taken: {say(next(iter(refused.values())))}")
        if self._failed:
            parts.append(say(self._failed, 300))
        if lost:
            parts.append(f"{counted(lost, 'key')} pressed meanwhile not taken")
        self._day.say(" · ".join(parts), bad=bool(refused or self._failed))


class Words:
    """What is asked for one answer: its text, and for what was changed or delivered, where it is."""

    def __init__(
        self, board: Board, matters: Sequence[Matter], kind: ReplyKind, said: str, objections: Sequence[str]
    ) -> None:
        self._board = board
        self._matters = matters
        self._kind = kind
        self._said = said
        self._objections = objections
        self._text: Type | None = None

    def following(self, answers: Answers) -> tuple[str, Question] | None:
        """Return the next question; None: all is said."""
        if "text" not in answers:
            self._text = self._question()
            return "text", self._text
        if self._kind in LINKED and "link" not in answers:
            return "link", self._links()
        return None

    def failed(self, why: str) -> None:
        """Say over the field why what was typed there is not sent."""
        if self._text is not None and why:
            self._text.wrong = say(why, 300)

    def _question(self) -> Type:
        many = len(self._matters)
        about = say(self._board.words(self._matters[0]), 120)
        title = f"{self._said}: {f'{many:,} × ' if many > 1 else ''}{about}"
        needed = needs_text(self._kind)
        return Type(
            title,
            hint="why nothing changes: the rep will read it"
            if needed
            else "what the rep will read; may be empty",
            problem=_needed if needed else None,
            lead_in=self._preview(),
            asks=many >= PREVIEW_FROM,
        )

    def _preview(self) -> list[str]:
        """Return what it goes to, where that is more than one, and what it leaves out."""
        lines = []
        if len(self._matters) > 1:
            reps = len({one.item.rep.user_id for one in self._matters})
            lines.append(f"{len(self._matters):,} get this answer, of {counted(reps, 'rep')}")
        if self._objections:
            lines.append(f"{len(self._objections):,} left out: {self._objections[0]}")
        return lines

    def _links(self) -> Pick:
        options = [Option("", label, value, detail) for label, value, detail in self._known_links()]
        return Pick(
            f"{self._said}: what it points at",
            narrowing(options),
            nothing="Enter takes what you typed.",
            otherwise=lambda text: text[:_MOST_TEXT] or None,
        )

    def _known_links(self) -> list[tuple[str, str, str]]:
        """Return what an answer may point at: rules and models first, or assets, and nothing."""
        read = self._board.read
        if read is None:
            return [("nothing", "", "no link")]
        version = read.definition.version
        rules = [(f"definition v{version}", f"definition v{version}", "in force")]
        models = dict.fromkeys(str(one.item.snapshot.get("model_version") or "") for one in self._matters)
        rules += [
            (f"scoring model {say(m)}", f"scoring model {m}", "as the reps saw it") for m in models if m
        ]
        assets = [(say(a.title), a.url or a.title, say(a.url)) for a in read.assets]
        first, then = (assets, rules) if self._kind is ReplyKind.DELIVERED else (rules, assets)
        return [*first, ("nothing", "", "no link"), *then]


def _needed(text: str) -> str:
    return "" if text else "It cannot be empty: a reason counts as an answer."
