"""What the rep decided today, act by act, and what the session adds up to."""

from __future__ import annotations

from datetime import datetime, time
from typing import ClassVar

from screens import share
from screens.actions import HISTORY
from screens.asking.pick import Pick, narrowing
from screens.asking.questions import Option
from screens.bindings import bindings
from screens.cells import Line, say
from screens.day import Day
from screens.history.lines import Listing, head_line, item_words, what_words
from screens.reading import Block, ReadingScreen
from screens.replies.lines import with_thanks
from screens.terminal.clipboard import copied
from screens.writing import NO_LEAD, written
from triage.desk.history import Deed, Stretch
from triage.domain.answers import Thanks
from triage.domain.lead import LeadId

WIDEST = 120
"""Cells a line takes at most: the eye has to get from its beginning to its end."""


class HistoryScreen(ReadingScreen, inherit_bindings=False):
    """One act a line, the newest first."""

    CONTEXT = HISTORY
    BINDINGS: ClassVar = bindings(HISTORY)

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self._listing = Listing(Stretch(), Stretch(), self._who)
        self._thanks = Thanks()

    async def reload(self) -> None:
        """Read what was done since midnight."""
        day, session = self.day, self.day.session
        midnight = _midnight(day.clock())
        done = await written(day, session.call(session.desk.history, min(midnight, day.began_at)))
        if done is None:
            return
        unsent = day.status.unsent if day.status is not None else 0
        found = await written(day, session.call(session.desk.answers))
        self._thanks = found.thanks if found is not None else Thanks()
        self._listing = Listing(done.after(day.began_at), done.before(day.began_at), self._who, unsent)
        if self.is_current:
            self.show()

    def heading(self) -> Line:
        """Return what the session adds up to."""
        tally = self._listing.session.tally()
        return head_line(tally, self._listing.unsent, self.app.size.width, self.day.inks.raised)

    def nothing(self) -> str:
        """Say that there is nothing yet."""
        return "Nothing was decided today."

    def blocks(self, width: int) -> list[Block]:
        """Return a line for each act."""
        ink = self.day.inks.plain
        return with_thanks(self._listing.blocks(min(width, WIDEST), ink), self._thanks, ink)

    def leads_at(self, index: int) -> tuple[LeadId, ...]:
        """Return the leads of an act."""
        return self._listing.deeds[index].lead_ids

    async def action_open(self) -> None:
        """Open the lead of the act; of many, the one that is picked."""
        if not self._listing.deeds:
            self.refuse(NO_LEAD)
            return
        deed = self._listing.deeds[self._index]
        if len(deed.items) == 1:
            await self.desktop.visit(deed.lead_ids[0])
        else:
            await self.day.asking.run(self._pick(deed))

    async def action_share(self) -> None:
        """Copy one line about the act."""
        if not self._listing.deeds:
            self.refuse(NO_LEAD)
            return
        deed = self._listing.deeds[self._index]
        entry = self.day.tray.inbox.entries.get(deed.lead_ids[0])
        text = share.deed_line(deed, entry.outline if entry is not None else None)
        self.say(f"{await copied(self.app, 'line', text)}: {say(text)}")

    async def _pick(self, deed: Deed) -> None:
        options = [Option("", self._who(item.lead_id), item.lead_id, item_words(item)) for item in deed.items]
        title = f"{len(options)} {what_words(deed)}"
        question = Pick(title, narrowing(options), nothing="none of them is called that")
        lead_id = await self.day.ask(question)
        if lead_id is not None:
            await self.desktop.visit(lead_id)

    def _who(self, lead_id: LeadId) -> str:
        return self.day.name_of(lead_id)


def _midnight(now: datetime) -> datetime:
    local = now.astimezone()
    return datetime.combine(local.date(), time(), local.tzinfo)
