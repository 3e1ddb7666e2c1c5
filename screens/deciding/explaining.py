"""Why a lead has its score, asked of the CRM beside the keys. Never asks twice at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.cells import say
from screens.words import why_not
from screens.writing import GONE
from triage.desk.explaining import explain
from triage.errors import TriageError, UnknownLead

if TYPE_CHECKING:
    from screens.day import Day
    from screens.desktop import Desktop
    from triage.domain.inbox import Entry
    from triage.domain.lead import LeadId


class Explaining:
    """The leads that the CRM is asked about; what it tells finds the rep wherever they are by then."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self._asked: set[LeadId] = set()

    async def ask(self, entry: Entry, desktop: Desktop) -> None:
        """Say that it is asked for, and show what was told."""
        day, lead_id = self._day, entry.lead_id
        if day.rulebook.provided.explains and not entry.is_blind:
            day.answer(f"Asking {say(day.rulebook.provided.name) or 'the CRM'} why …")
        if lead_id in self._asked:
            return
        self._asked.add(lead_id)
        try:
            await explain(day.session, lead_id)
        except UnknownLead:
            day.tell(GONE, bad=True)
            return
        except TriageError as error:
            day.tell(say(why_not(error), 300), bad=True)
            return
        finally:
            self._asked.discard(lead_id)
        await desktop.reread([lead_id])
        if day.room is not None:
            day.room.show()
        day.tell(f"{day.name_of(lead_id)}: the reasons stand with the score now.")
