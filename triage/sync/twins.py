"""Duplicates that the CRM does not tell of: found among the leads that come and those that are here.

Owns the mark `found_here`. A CRM's own word stands; of two leads the one in work, else the older one, is the
original. Works in short turns on the store's thread, between which the rep's decisions are written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from msgspec import Raw
from msgspec.structs import replace

from triage.domain.account import DuplicateMatch
from triage.domain.lead import IN_WORK, Lead, LeadId
from triage.domain.outline import AnyLead, Outline, PartOfLead
from triage.store.leads import Written
from triage.store.rows import lead_of, lead_of_json
from triage.sync.room import SyncRoom

if TYPE_CHECKING:
    from triage.domain.likeness import Card
    from triage.sync.crowd import Crowd

T = TypeVar("T")

AT_ONCE = 150
"""Leads looked at in one turn on the store's thread: a few milliseconds."""


class Twins:
    """One fetch's look for duplicates."""

    def __init__(self, room: SyncRoom) -> None:
        self._room = room
        self._cards: dict[str, Card] = {}
        """Of a whole fetch: who came."""
        self._crowd: Crowd | None = None
        """Of changes: who is here, once that matters."""
        self._originals: dict[LeadId, str] | None = None
        """Of changes: the leads here that were found to be duplicates, and of which."""

    def written(self, leads: Iterable[Lead]) -> list[Written]:
        """Write leads of a whole fetch down, and remember who they are."""
        from triage.domain.likeness import Card  # noqa: PLC0415 - a sync without leads does without

        fresh = [_by_the_crm(lead) for lead in leads]
        self._cards.update((lead.lead_id, Card.of(lead)) for lead in fresh)
        return [Written.of(lead) for lead in fresh]

    async def among(self, leads: Sequence[Written]) -> list[Written]:
        """Return all leads of a whole fetch, duplicates marked."""
        from triage.sync.crowd import Crowd  # noqa: PLC0415 - as above

        crowd = Crowd()
        await self._each(crowd.put, self._cards.values())
        found: dict[str, DuplicateMatch] = {}

        def look(card: Card) -> None:
            twin = crowd.original_of(card)
            if twin is not None:
                found[card.lead_id] = twin

        await self._each(look, self._cards.values())
        marked: list[Written] = []
        await self._each(lambda one: marked.append(_marked(one, found)), leads)
        return marked

    async def around(self, leads: Sequence[Lead], gone: Collection[LeadId]) -> list[Lead]:
        """Return a page of changed leads with their marks.

        Those here whose mark is another now are amended before: a page that is fetched again finds the same.
        """
        told = [_by_the_crm(lead) for lead in leads]
        before = await self._cached(lead.lead_id for lead in told)
        same = all(_is_as_before(lead, before.get(lead.lead_id)) for lead in told)
        if same and not (gone and await self._have_duplicates(gone)):
            self._forget(gone)
            return [_with_twin(lead, _ours(before[lead.lead_id])) for lead in told]
        return await self._looked_at(told, gone)

    async def _have_duplicates(self, lead_ids: Collection[LeadId]) -> bool:
        originals = await self._marks()
        return not frozenset(lead_ids).isdisjoint(originals.values())

    async def _looked_at(self, leads: Sequence[Lead], gone: Collection[LeadId]) -> list[Lead]:
        crowd, marks = await self._everybody(), await self._marks()
        self._forget(gone)
        cards: list[Card] = []
        await self._each(lambda lead: cards.append(_taken(crowd, lead)), leads)
        news = {*(lead.lead_id for lead in leads), *gone}
        affected = {one for one, original in marks.items() if original in news}
        await self._each(lambda card: affected.update(_later(crowd, card)), cards)
        others = await self._cached(affected - news)
        marked: list[Lead] = []
        await self._each(lambda lead: marked.append(_seen(crowd, lead)), [*leads, *others.values()])
        marks.update((lead.lead_id, twin.lead_id if (twin := _ours(lead)) else "") for lead in marked)
        amended = {
            lead.lead_id: {"account": lead.account}
            for lead in marked[len(leads) :]
            if lead is not others[lead.lead_id]
        }
        await self._room.thread.acall(self._room.leads.amend, amended)
        return marked[: len(leads)]

    async def _everybody(self) -> Crowd:
        """Return the crowd of those who are here, made once in a fetch."""
        from triage.domain.likeness import Card  # noqa: PLC0415 - as above
        from triage.sync.crowd import Crowd  # noqa: PLC0415 - as above

        if self._crowd is None:
            self._crowd = crowd = Crowd(self._phone_of)
            here = await self._room.thread.acall(self._outlines)
            await self._each(lambda outline: crowd.put(Card.of(outline)), here)
        return self._crowd

    async def _marks(self) -> dict[LeadId, str]:
        if self._originals is None:
            here = await self._room.thread.acall(self._outlines)
            self._originals = {one.lead_id: twin.lead_id for one in here if (twin := _ours(one)) is not None}
        return self._originals

    def _outlines(self) -> list[Outline]:
        made = self._room.leads.outlines(lambda outline, _read, is_gone: None if is_gone else outline)
        return [outline for outline in made if outline is not None]

    async def _cached(self, lead_ids: Iterable[LeadId]) -> dict[LeadId, Lead]:
        """Return leads of the cache, read whole; what is gone, or cannot be read, is left out."""
        found: dict[LeadId, Lead] = {}

        def read(lead_id: LeadId) -> None:
            lead = self._read(lead_id)
            if lead is not None:
                found[lead_id] = lead

        await self._each(read, lead_ids)
        return found

    def _phone_of(self, lead_id: str) -> str:
        from triage.domain.identity import number  # noqa: PLC0415 - as above

        lead = self._read(LeadId(lead_id))
        return number(lead.phone) if lead is not None else ""

    def _read(self, lead_id: LeadId) -> Lead | None:
        lead = self._room.leads.outline(
            lead_id, lambda _outline, read, is_gone: None if is_gone else read(), strict=False
        )
        return None if isinstance(lead, PartOfLead) else lead

    def _forget(self, gone: Iterable[LeadId]) -> None:
        for lead_id in gone:
            if self._crowd is not None:
                self._crowd.drop(lead_id)
            if self._originals is not None:
                self._originals.pop(lead_id, None)

    async def _each(self, do: Callable[[T], object], values: Iterable[T]) -> None:
        """Do something to each value on the store's thread, a little at a time."""
        left = iter(values)
        while await self._room.thread.acall(_some, do, left):
            pass


def _some(do: Callable[[T], object], values: Iterator[T]) -> bool:
    """Take the next few; returns whether there may be more."""
    turn = list(islice(values, AT_ONCE))
    for value in turn:
        do(value)
    return len(turn) == AT_ONCE


def _taken(crowd: Crowd, lead: Lead) -> Card:
    from triage.domain.likeness import Card  # noqa: PLC0415 - as above

    card = Card.of(lead)
    crowd.put(card)
    return card


def _seen(crowd: Crowd, lead: Lead) -> Lead:
    """Return a lead with the mark that it should have; the same one if it has it."""
    card = crowd.card(lead.lead_id)
    return _with_twin(lead, crowd.original_of(card) if card is not None else None)


def _later(crowd: Crowd, card: Card) -> list[LeadId]:
    """Return those near a lead that it may be the original of."""
    return [LeadId(one.lead_id) for one in crowd.near(card) if one.rank > card.rank]


def _ours(lead: AnyLead | None) -> DuplicateMatch | None:
    twin = lead.account.duplicate_of if lead is not None else None
    return twin if twin is not None and twin.found_here else None


def _by_the_crm(lead: Lead) -> Lead:
    """Return a lead with no mark but the CRM's own: whatever it says, nothing of it was found here."""
    twin = lead.account.duplicate_of
    if twin is None or not twin.found_here:
        return lead
    return replace(lead, account=replace(lead.account, duplicate_of=replace(twin, found_here=False)))


def _with_twin(lead: Lead, twin: DuplicateMatch | None) -> Lead:
    """Return a lead with what was found; the CRM's own word stands."""
    if lead.account.duplicate_of is not None and not lead.account.duplicate_of.found_here:
        return lead
    if lead.account.duplicate_of == twin:
        return lead
    return replace(lead, account=replace(lead.account, duplicate_of=twin))


def _is_as_before(lead: Lead, before: Lead | None) -> bool:
    """Whether nothing has changed by which it would be taken for another, or for the original."""
    if before is None or (lead.status in IN_WORK) is not (before.status in IN_WORK):
        return False
    return _who(lead) == _who(before)


def _who(lead: Lead) -> tuple[object, ...]:
    twin = lead.account.duplicate_of
    told = twin.lead_id if twin is not None and not twin.found_here else None
    return lead.name, lead.company, lead.email, lead.phone, lead.account.account_id, lead.created_at, told


def _marked(one: Written, found: Mapping[str, DuplicateMatch]) -> Written:
    twin = found.get(one.lead_id)
    if twin is None:
        return one
    document = one.document
    lead = lead_of_json(bytes(document)) if isinstance(document, Raw) else lead_of(document)
    return Written.of(_with_twin(lead, twin))
