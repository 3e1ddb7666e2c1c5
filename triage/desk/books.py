"""What a profile holds, read together: leads, what the rep has said about them, the rules in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from triage.clock import Clock
from triage.desk.rules import DEFINITION, PEOPLE, REASONS, STATISTICS, Rules
from triage.domain.definition import Definition
from triage.domain.feedback import FeedbackType
from triage.domain.inbox import Entry
from triage.domain.item import Item, State
from triage.domain.lead import LeadId
from triage.domain.people import Person
from triage.domain.reasons import ReasonBook
from triage.domain.review import Reply, SourceStatistics
from triage.errors import UnknownLead
from triage.store.leads import CachedLead, Leads
from triage.store.outbox import Outbox


class Books:
    """Leads and outbox of one profile, seen together."""

    def __init__(
        self,
        outbox: Outbox,
        leads: Leads,
        *,
        rules: Callable[[], Rules],
        clock: Clock,
        hold: timedelta,
        offline: bool = False,
    ) -> None:
        """`rules` is read when the CRM gives none; `offline` holds until the rep chooses."""
        self.outbox = outbox
        self.leads = leads
        self.clock = clock
        self.hold = hold
        """How long a new item waits before it is sent by itself: the time in which undo is free."""
        self._rules = rules
        self._offline_at_first = offline
        self._told = (outbox.db.news, leads.db.news)
        """Up to where the front end was told of what other processes wrote."""

    def entries(self) -> tuple[Entry, ...]:
        """Return every lead of the cache with what the rep has said about it."""
        decisions, feedback = self._standing(self.outbox.standing())
        return tuple(_entry(cached, decisions, feedback) for cached in self.leads.all())

    def entry(self, lead_id: LeadId) -> Entry:
        """Return one lead with what the rep has said about it; UnknownLead when there is none."""
        cached = self.leads.find(lead_id)
        if cached is None:
            raise UnknownLead(f"There is no lead {lead_id} in the local copy.")
        return _entry(cached, *self._standing(self.outbox.of_lead(lead_id)))

    def entries_of(self, lead_ids: Iterable[LeadId]) -> tuple[Entry, ...]:
        """Return some leads as they are now, each once; those that are not in the cache are left out."""
        known = (lead_id for lead_id in dict.fromkeys(lead_ids) if self.leads.find(lead_id) is not None)
        return tuple(self.entry(lead_id) for lead_id in known)

    def reasons(self) -> ReasonBook:
        """Return the reason codes in force."""
        return self.leads.rule(REASONS, ReasonBook) or self._rules().reasons

    def definition(self) -> Definition:
        """Return the MQL definition in force."""
        return self.leads.rule(DEFINITION, Definition) or self._rules().definition

    def people(self) -> tuple[Person, ...]:
        """Return the users and queues a lead may go to; empty before the first fetch."""
        return self.leads.rule(PEOPLE, tuple[Person, ...]) or ()

    def statistics(self) -> tuple[SourceStatistics, ...]:
        """Return acceptance by source, as the CRM counts it."""
        return self.leads.rule(STATISTICS, tuple[SourceStatistics, ...]) or ()

    def replies(self) -> tuple[Reply, ...]:
        """Return marketing's answers."""
        return self.leads.replies()

    def _standing(self, items: Iterable[Item]) -> tuple[dict[LeadId, Item], dict[LeadId, int]]:
        """Sort standing items by lead: the last decision, and how many pieces of feedback."""
        standing = [item for item in items if item.state not in (State.WITHDRAWN, State.SUPERSEDED)]
        decisions = {item.lead_id: item for item in standing if item.decision is not None}
        told = [item.feedback for item in standing if item.feedback is not None]
        taken_back = {one.supersedes for one in told if one.type is FeedbackType.RETRACTION}
        feedback = Counter(
            one.lead_id
            for one in told
            if one.type is not FeedbackType.RETRACTION and one.feedback_id not in taken_back
        )
        return decisions, feedback


def _entry(cached: CachedLead, decisions: Mapping[LeadId, Item], feedback: Mapping[LeadId, int]) -> Entry:
    lead_id = cached.lead.lead_id
    entry = Entry.of(cached.lead, decisions.get(lead_id), feedback.get(lead_id, 0), gone=cached.gone)
    # A reject gives the lead away: it went by the rep's own decision, and here the undo holds at once.
    return replace(entry, gone=False) if entry.is_restoring else entry
