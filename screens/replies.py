"""What marketing answered, the newest first: about which lead, what, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from screens.actions import REPLIES
from screens.bindings import bindings
from screens.cells import Line, crop, fit, say, wrap
from screens.day import Day
from screens.ink import Ink
from screens.reading import Block, ReadingScreen
from screens.words import counted, day
from screens.writing import written
from triage.domain.item import Item
from triage.domain.lead import LeadId
from triage.domain.review import Reply

Answer = tuple[Reply, Item | None]
"""A reply, and what it answers where that is still here."""
_LONGEST = 6
"""Lines of one reply's words."""
_WHEN = 11
_NEVER = datetime.min.replace(tzinfo=UTC)


class RepliesScreen(ReadingScreen, inherit_bindings=False):
    """One reply after the other."""

    CONTEXT = REPLIES
    BINDINGS: ClassVar = bindings(REPLIES)

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self._answers: Sequence[Answer] = ()

    async def reload(self) -> None:
        """Read the replies."""
        session = self.day.session
        answers = await written(self.day, session.call(session.desk.answers))
        if answers is None:
            return
        self._answers = sorted(answers, key=lambda one: one[0].at or _NEVER, reverse=True)
        if self.is_current:
            self.show()

    def heading(self) -> Line:
        """Return how many there are."""
        ink = self.day.inks.raised
        count = counted(len(self._answers), "reply", "replies")
        return Line(" Replies", ink.accent).add(f"  {count} from marketing", ink.dim)

    def nothing(self) -> str:
        """Say that there is nothing yet."""
        return "Marketing has answered nothing yet."

    def blocks(self, width: int) -> list[Block]:
        """Return each reply with its words."""
        ink, now = self.day.inks.plain, self.day.clock()
        return [Block(reply_lines(one, self._who(one[0]), now, width, ink)) for one in self._answers]

    def leads_at(self, index: int) -> tuple[LeadId, ...]:
        """Return the lead of a reply."""
        lead_id = self._answers[index][0].lead_id
        return (LeadId(lead_id),) if lead_id else ()

    async def action_open(self) -> None:
        """Open the lead."""
        for lead_id in self.targets():
            await self.desktop.visit(lead_id)

    def _who(self, reply: Reply) -> str:
        return self.day.name_of(LeadId(reply.lead_id))


def reply_lines(answer: Answer, name: str, now: datetime, width: int, ink: Ink) -> tuple[Line, ...]:
    """Return a reply: its kind and its lead, what it answers and who wrote, then the words."""
    reply, item = answer
    when = day(reply.at, now) if reply.at is not None else ""
    line = Line(fit(when, _WHEN), ink.dim).add(fit(say(reply.kind.replace("_", " ")), 13), ink.accent)
    line.add(crop(name, max(width // 3, 8)), ink.strong)
    about = "".join((f" · {_answered(reply, item)}", f" · by {say(reply.by)}" if reply.by else ""))
    line.add(crop(about, max(width - line.width, 1)), ink.dim)
    words = " ".join(
        part for part in (say(reply.text, 2000), f"→ {say(reply.link)}" if reply.link else "") if part
    )
    told = wrap(words, max(width - _WHEN, 20), _LONGEST) if words else []
    return (line, *(Line(" " * _WHEN, ink.text).add(one, ink.text) for one in told), Line())


def _answered(reply: Reply, item: Item | None) -> str:
    """Say what a reply answers: your reject NOT_A_BUYER, your note."""
    if item is not None and item.decision is not None:
        return f"your {item.decision.act}{f' {say(item.decision.reason)}' if item.decision.reason else ''}"
    if item is not None and item.feedback is not None:
        return f"your {item.feedback.type.replace('_', ' ')}"
    return f"your {say(reply.of_kind)}"
