"""Creates the notes of items, a batch at a time: the last write of each, and the one that counts."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from triage.crm.hubspot.api import BATCH, Api
from triage.crm.hubspot.delivering import writing
from triage.crm.hubspot.delivering.writing import CREATE, SILENT, Input
from triage.crm.hubspot.rows import Row
from triage.crm.hubspot.timeline.notes import NOTES, input_of, read
from triage.crm.records import notes
from triage.crm.records.mark import Mark, Record
from triage.crm.records.receipts import receipt_of
from triage.domain.item import Item
from triage.domain.outcome import Applied, Outcome, Unknown
from triage.domain.people import Rep
from triage.errors import CrmError, NotPermitted


class Shown(Struct, frozen=True):
    """What is put on the timeline for one item."""

    item: Item
    record: Record
    readable: str
    """HTML of what people read."""
    to: dict[str, str]
    """The records it stands on: id by kind."""

    @property
    def body(self) -> str:
        """The whole note."""
        return notes.of_item(self.item, self.record, self.readable)


class Noting:
    """Notes of one account."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def note(self, rep: Rep, shown: Sequence[Shown]) -> dict[str, Outcome]:
        """Create a note for each; returns what became of each item: applied, or nobody knows.

        NotPermitted: the key may write none, and none was written.
        """
        found: dict[str, Outcome] = {}
        for start in range(0, len(shown), BATCH):
            found |= await self._noted(rep, shown[start : start + BATCH])
        return found

    async def _noted(self, rep: Rep, shown: Sequence[Shown]) -> dict[str, Outcome]:
        bodies = {one.item.id: one.body for one in shown}
        inputs = [_input(rep, one, bodies[one.item.id]) for one in shown]
        try:
            told = await writing.write(self._api, NOTES, CREATE, inputs)
        except NotPermitted:
            raise
        except CrmError as error:
            return {one.item.id: Unknown(error.message) for one in shown}
        done = {
            one.item.id: _applied(one, told.rows[one.item.id]) for one in shown if one.item.id in told.rows
        }
        return {one.item.id: done.get(one.item.id) or _doubt(told.failed[one.item.id]) for one in shown}


def _input(rep: Rep, shown: Shown, body: str) -> Input:
    item = shown.item
    return Input(item.id, input_of(body, item.made_at, rep.user_id, shown.to, item.id))


def _applied(shown: Shown, row: Row) -> Outcome:
    """Return the receipt of a note that HubSpot has made; its answer says when."""
    told = read(row)
    at = told.at if told is not None else None
    mark = Mark(row["id"], shown.item.id, "", shown.record, at)
    return Applied(receipt_of(mark))


def _doubt(outcome: Outcome) -> Outcome:
    """Return what is said of an item whose note is not confirmed, though the rest of it is written."""
    if isinstance(outcome, Unknown):
        return outcome
    words = getattr(outcome, "messages", None)
    return Unknown(" ".join(words) if words else getattr(outcome, "why", SILENT.why))
