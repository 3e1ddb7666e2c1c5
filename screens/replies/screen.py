"""What marketing answered: what was not read first, the newest first; about which lead, in which words."""

from __future__ import annotations

from typing import ClassVar

from screens.actions import REPLIES
from screens.bindings import bindings
from screens.cells import Line, say
from screens.day import Day
from screens.reading import Block, ReadingScreen
from screens.replies.lines import heading_line, reply_lines, with_thanks
from screens.replies.reading import Reading
from screens.share import reply_line
from screens.terminal.clipboard import copied
from screens.writing import NO_LEAD, written
from triage.desk.answers import Answer, Answered
from triage.domain.lead import LeadId


class RepliesScreen(ReadingScreen, inherit_bindings=False):
    """One reply after the other."""

    CONTEXT = REPLIES
    BINDINGS: ClassVar = bindings(REPLIES)

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self._found: Answered | None = None
        """None until they were read: nothing is said of what is not known yet."""
        self._answers: list[Answer] = []
        self._new: set[str] = set()
        """What was unread when it came: it keeps its place while it is read."""
        self._reading = Reading(self, self.reload)

    async def reload(self) -> None:
        """Read the replies; the cursor stays on the one it is on."""
        session = self.day.session
        found = await written(self.day, session.call(session.desk.answers))
        if found is None:
            return
        here = self._answers[self._index].reply.reply_id if self._answers else ""
        self._new |= {one.reply.reply_id for one in found.answers if one.is_unread}
        self._found = found
        self._answers = sorted(found.by_moment, key=lambda one: one.reply.reply_id not in self._new)
        ids = [one.reply.reply_id for one in self._answers]
        self._index = ids.index(here) if here in ids else self._index
        if self.is_current:
            self.show()

    def heading(self) -> Line:
        """Return how many there are."""
        ink = self.day.inks.raised
        if self._found is None:
            return Line(" Replies", ink.accent)
        return heading_line(self._found, self.app.size.width, ink)

    def nothing(self) -> str:
        """Say that there is nothing yet."""
        return "Marketing has answered nothing yet." if self._found is not None else ""

    def blocks(self, width: int) -> list[Block]:
        """Return each reply with its words."""
        ink, now = self.day.inks.plain, self.day.clock()
        blocks = [Block(reply_lines(one, self._who(one), now, width, ink)) for one in self._answers]
        return with_thanks(blocks, self._found.thanks, ink) if self._found is not None else blocks

    def leads_at(self, index: int) -> tuple[LeadId, ...]:
        """Return the lead of a reply."""
        lead_id = self._answers[index].lead_id
        return (lead_id,) if lead_id else ()

    async def action_open(self) -> None:
        """Open the lead."""
        if not self.targets():
            self.refuse(NO_LEAD)
        for lead_id in self.targets():
            await self.desktop.visit(lead_id)

    async def action_share(self) -> None:
        """Copy one line about the reply."""
        if not self._answers:
            self.refuse(NO_LEAD)
            return
        answer = self._answers[self._index]
        entry = self.day.tray.inbox.entries.get(answer.lead_id)
        text = reply_line(answer, entry.outline if entry is not None else None)
        self.say(f"{await copied(self.app, 'line', text)}: {say(text)}")

    async def action_read_all(self) -> None:
        """Mark all as read."""
        session = self.day.session
        unread = [one for one in self._answers if one.is_unread]
        ids = [one.reply.reply_id for one in unread]
        count = await written(self.day, session.call(session.desk.see, ids))
        if count is None:
            return
        await self.desktop.reread({one.lead_id for one in unread if one.lead_id})
        self.say(f"{count} marked as read." if count else "All were read already.")
        await self.reload()

    def _draw(self) -> None:
        super()._draw()
        here = self._answers[self._index] if self._answers else None
        if here is not None:
            self._reading.front((here.reply.reply_id,) if here.is_unread else (), here.lead_id)

    def _who(self, answer: Answer) -> str:
        return self.day.name_of(answer.lead_id)
