"""What a profile holds, read together: leads, what the rep has said about them, the rules in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from msgspec.structs import replace

from triage.clock import Clock
from triage.desk.rules import DEFINITION, PEOPLE, REASONS, STATISTICS, Rules
from triage.domain.definition import Definition
from triage.domain.feedback import FeedbackType
from triage.domain.inbox import Entry
from triage.domain.item import Item, State
from triage.domain.lead import Lead, LeadId
from triage.domain.outline import Outline
from triage.domain.people import Person
from triage.domain.reasons import ReasonBook
from triage.domain.review import Reply, SourceStatistics
from triage.errors import UnknownLead
from triage.store.leads import Leads, Made
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
        return tuple(self.leads.outlines(self._entries_with(self.outbox.standing())))

    def entry(self, lead_id: LeadId) -> Entry:
        """Return one lead with what the rep has said about it; UnknownLead when there is none.

        Reading the whole of it raises where it is found damaged: nothing is decided on a part.
        """
        return self.whole_entries((lead_id,))[0]

    def whole_entries(self, lead_ids: Iterable[LeadId]) -> tuple[Entry, ...]:
        """Return some leads in the same way, each once."""
        wanted = tuple(dict.fromkeys(lead_ids))
        make = self._entries_with(self.outbox.standing_of(wanted))
        found = self.leads.outlines_of(wanted, make, strict=True)
        if len(found) < len(wanted):
            known = {entry.outline.lead_id for entry in found}
            missing = next(lead_id for lead_id in wanted if lead_id not in known)
            raise UnknownLead(f"There is no lead {missing} in the local copy.")
        return tuple(found)

    def entries_of(self, lead_ids: Iterable[LeadId]) -> tuple[Entry, ...]:
        """Return some leads as they are now, each once; those that are not in the cache are left out."""
        wanted = tuple(dict.fromkeys(lead_ids))
        make = self._entries_with(self.outbox.standing_of(wanted))
        return tuple(self.leads.outlines_of(wanted, make, strict=False))

    def undecided(self, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        """Return entries as they would be if no decision stood on their leads."""
        feedback = {entry.outline.lead_id: entry.feedback for entry in entries}
        return tuple(self.leads.outlines_of(feedback, _making({}, feedback), strict=False))

    @property
    def generations(self) -> tuple[int, int]:
        """Differ as soon as outbox or cache may hold something else than before."""
        return self.outbox.db.generation, self.leads.db.generation

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

    def _entries_with(self, items: Iterable[Item]) -> Made[Entry]:
        """Return what makes entries of leads, with what these items say about them."""
        return _making(*self._standing(items))

    def _standing(self, items: Iterable[Item]) -> tuple[dict[LeadId, Item], dict[LeadId, int]]:
        """Sort standing items by lead: the last decision, and how many pieces of feedback."""
        standing = [item for item in items if item.state not in (State.WITHDRAWN, State.SUPERSEDED)]
        decisions = {item.lead_id: item for item in standing if item.decision is not None}
        told = [item.feedback for item in standing if item.feedback is not None]
        if not told:
            return decisions, {}
        taken_back = {one.supersedes for one in told if one.type is FeedbackType.RETRACTION}
        feedback = Counter(
            one.lead_id
            for one in told
            if one.type is not FeedbackType.RETRACTION and one.feedback_id not in taken_back
        )
        return decisions, feedback


def _making(decisions: Mapping[LeadId, Item], feedback: Mapping[LeadId, int]) -> Made[Entry]:
    """Return what makes entries of leads, with the decision and the feedback that stand on each."""

    def entry(outline: Outline, read: Callable[[], Lead], gone: bool) -> Entry:  # noqa: FBT001 - as it is kept
        decision = decisions.get(outline.lead_id)
        made = Entry(outline, read, decision, feedback.get(outline.lead_id, 0), gone)
        return made if decision is None else _as_decided(made)

    return entry


def _as_decided(entry: Entry) -> Entry:
    # A reject gives the lead away: it went by the rep's own decision, and here the undo holds at once.
    return replace(entry, gone=False) if entry.is_restoring else entry
