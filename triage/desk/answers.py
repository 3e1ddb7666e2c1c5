"""What marketing answered, with what it answers and whether the rep has read it. On the store thread only.

Must never take a reply for read that was not shown: only `see` says so, and it is durable on return.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from triage.domain.answers import Answers, Thanks, newest_first, thanks
from triage.domain.item import Item
from triage.domain.lead import LeadId
from triage.domain.review import Reply
from triage.store.leads import Leads
from triage.store.outbox import Outbox
from triage.store.seen import Seen


class Answer(Struct, frozen=True):
    """One reply, what it answers where that is still here, and whether it was read."""

    reply: Reply
    item: Item | None = None
    is_unread: bool = False

    @property
    def lead_id(self) -> LeadId:
        """The lead it is about; empty where nobody knows."""
        return LeadId(self.reply.lead_id or (self.item.lead_id if self.item is not None else ""))


class Answered(Struct, frozen=True):
    """All answers, what was not read first, and how much was changed because of the rep."""

    by_moment: tuple[Answer, ...] = ()
    """The newest first, read or not."""
    thanks: Thanks = Thanks()

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What was not read first, the newest first."""
        return tuple(sorted(self.by_moment, key=lambda one: not one.is_unread))

    @property
    def unread(self) -> int:
        """How many were not read."""
        return sum(one.is_unread for one in self.by_moment)


class Replies:
    """The replies of the cache by lead, read again only where the cache has changed."""

    def __init__(self, outbox: Outbox, leads: Leads) -> None:
        self._outbox = outbox
        self._leads = leads
        self.seen = Seen(outbox.db)
        self._read_at = -1
        self._replies: tuple[Reply, ...] = ()
        self._by_lead: dict[LeadId, tuple[Reply, ...]] = {}

    def all(self) -> tuple[Reply, ...]:
        """Return all replies, as they came."""
        generation = self._leads.db.generation
        if generation != self._read_at:
            self._replies, self._read_at = self._leads.replies(), generation
            self._by_lead = self._sorted()
        return self._replies

    def _sorted(self) -> dict[LeadId, tuple[Reply, ...]]:
        found: dict[LeadId, list[Reply]] = {}
        for reply in self._replies:
            lead_id = reply.lead_id or self._lead_of(reply)
            if lead_id:
                found.setdefault(LeadId(lead_id), []).append(reply)
        return {lead_id: newest_first(replies) for lead_id, replies in found.items()}

    def _lead_of(self, reply: Reply) -> str:
        item = self._outbox.find(reply.of)
        return item.lead_id if item is not None else ""

    def is_unread(self, reply: Reply) -> bool:
        """Whether the rep has not seen it, neither here nor, as far as the CRM knows, elsewhere."""
        return reply.seen_at is None and not self.seen.knows(reply.reply_id)

    def unread(self) -> tuple[Reply, ...]:
        """Return those that were not read."""
        return tuple(reply for reply in self.all() if self.is_unread(reply))

    def by_lead(self, lead_ids: Iterable[LeadId] | None = None) -> Mapping[LeadId, Answers]:
        """Return the answers on each of some leads, or of all, that has any."""
        if not self.all():
            return {}
        wanted = self._by_lead if lead_ids is None else lead_ids
        return {one: self._answers(self._by_lead[one]) for one in wanted if one in self._by_lead}

    def _answers(self, replies: tuple[Reply, ...]) -> Answers:
        return Answers(replies, frozenset(one.reply_id for one in replies if self.is_unread(one)))


def answered(replies: Replies, outbox: Outbox, now: datetime) -> Answered:
    """Return all answers: what was not read first, the newest first."""
    known = newest_first(replies.all())
    answers = tuple(Answer(reply, outbox.find(reply.of), replies.is_unread(reply)) for reply in known)
    return Answered(answers, thanks(known, now))
