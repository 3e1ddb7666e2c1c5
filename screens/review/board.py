"""What the review looks at: all that was read, narrowed by a sieve, in groups. Draws nothing, asks no CRM."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec.structs import replace

from triage.clock import Clock
from triage.desk.reviewing import Read, replied
from triage.domain.review import Reply, ReviewedDecision
from triage.domain.review_groups import Facet, Group, Sieve, Wanted, counted_by, groups_of
from triage.domain.reviewing import NEVER, Matter, Reviewed

_NEXT = {
    Wanted.OPEN: Wanted.OVERDUE,
    Wanted.OVERDUE: Wanted.ANSWERED,
    Wanted.ANSWERED: Wanted.ALL,
    Wanted.ALL: Wanted.OPEN,
}


class Board:
    """The review's state, shared by its screens; on the event loop only."""

    def __init__(self, clock: Clock, sieve: Sieve, me: tuple[str, ...]) -> None:
        self._clock = clock
        self.sieve = sieve
        self.me = me
        """The names and ids by which the one who looks is known."""
        self.last_visit: datetime | None = None
        self.read: Read | None = None
        self.matters: tuple[Matter, ...] = ()
        self.by_id: Mapping[str, Matter] = {}
        self._decisions: Mapping[str, tuple[ReviewedDecision, ...]] = {}
        self.shown: tuple[Matter, ...] = ()
        self.groups: tuple[Group, ...] = ()
        self.refused: dict[str, str] = {}
        """Why the CRM took no answer to a thing, by its id; in its words."""
        self.made: dict[tuple[str, ...], Reply] = {}
        """Answers by what they say, until the CRM has said to have them: sent again, each is the same one."""
        self._taken: list[tuple[datetime, Reply]] = []
        """Answers that were taken, and when: what was read meanwhile may be without them."""

    async def take(self, read: Read) -> None:
        """Look at what was read; counted off the event loop, so that no key waits for it."""
        self._taken = [(at, reply) for at, reply in self._taken if at >= read.at]
        given = tuple(reply for _, reply in self._taken)
        read = replace(read, items=await asyncio.to_thread(replied, read.items, given))
        matters = await asyncio.to_thread(read.matters, self._clock())
        self.read, self.matters = read, matters
        self.by_id = {one.id: one for one in matters}
        self._decisions = _by_lead(read.items)
        self._sift()

    async def took(self, replies: Iterable[Reply], refused: Mapping[str, str]) -> None:
        """Show answers that were just taken, until everything is read afresh."""
        if self.read is None:
            return
        taken = tuple(replies)
        self.refused = {**self.refused, **refused}
        for reply in taken:
            self.refused.pop(reply.of, None)
        self._taken += ((self._clock(), reply) for reply in taken)
        answered = {reply.of for reply in taken}
        self.made = {said: reply for said, reply in self.made.items() if reply.of not in answered}
        await self.take(self.read)

    def turn(self) -> None:
        """Look at the next standing: open, overdue, answered, all."""
        self._look(replace(self.sieve, wanted=_NEXT[self.sieve.wanted]))

    def toggle_mine(self) -> None:
        """Look at one's own only, or at everybody's again."""
        self._look(replace(self.sieve, mine=() if self.sieve.mine else self.me))

    def toggle_new(self) -> None:
        """Look at what is new since the last visit only, or at all again."""
        since = None if self.sieve.changed_since else self.last_visit
        self._look(replace(self.sieve, changed_since=since))

    def narrow(self, facet: Facet, value: str | None) -> None:
        """Look at one value of a facet only; None: at all of them."""
        facets = {name: said for name, said in self.sieve.facets.items() if name is not facet}
        self._look(replace(self.sieve, facets=facets if value is None else {**facets, facet: value}))

    def widen(self) -> None:
        """Take back all that it was narrowed to; how they stand stays as it was asked for."""
        self._look(Sieve(wanted=self.sieve.wanted))

    def values(self, facet: Facet) -> tuple[Group, ...]:
        """Return what a facet can be narrowed to, with counts, as the rest of the sieve leaves it."""
        rest = {name: said for name, said in self.sieve.facets.items() if name is not facet}
        return counted_by(facet, replace(self.sieve, facets=rest).sift(self.matters))

    def decision_with(self, matter: Matter) -> ReviewedDecision | None:
        """Return the decision itself; of feedback the one it came with, else that rep's last on the lead."""
        item = matter.item
        if isinstance(item, ReviewedDecision):
            return item
        known = self._decisions.get(item.lead_id, ())
        named = next((one for one in known if one.decision_id == item.decision_id), None)
        theirs = [one for one in known if one.rep.user_id == item.rep.user_id]
        return named or (theirs[-1] if theirs else None)

    def words(self, matter: Matter) -> str:
        """Return what a matter says, in human words; raw."""
        return self.read.words_for(matter) if self.read is not None else matter.what

    def _look(self, sieve: Sieve) -> None:
        self.sieve = sieve
        self._sift()

    def _sift(self) -> None:
        self.shown = self.sieve.sift(self.matters)
        self.groups = groups_of(self.shown)


def _by_lead(items: Iterable[Reviewed]) -> Mapping[str, tuple[ReviewedDecision, ...]]:
    """Return the decisions on each lead, the oldest first."""
    found: dict[str, list[ReviewedDecision]] = {}
    for item in items:
        if isinstance(item, ReviewedDecision):
            found.setdefault(item.lead_id, []).append(item)
    return {
        name: tuple(sorted(some, key=lambda one: one.decided_at or NEVER)) for name, some in found.items()
    }
