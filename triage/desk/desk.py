"""The desk: what a rep may do, whoever asks. On the store thread only; a write is durable on return."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from triage.clock import Clock
from triage.desk import deciding, resolving, telling, undoing
from triage.desk.results import Acted, Preview, Status, Undone
from triage.desk.rules import DEFINITION, PEOPLE, REASONS, STATISTICS, Rules
from triage.domain.act import Act
from triage.domain.decision import Shown
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
from triage.sync.claim import next_due

SENT_SHOWN_FOR = timedelta(days=7)
"""How long what was sent stays in the queue's listing."""


class Desk:
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

    def preview(
        self,
        lead_ids: Sequence[LeadId],
        act: Act,
        *,
        reason: str | None = None,
        params: Mapping[str, str] | None = None,
        note: str = "",
    ) -> Preview:
        """Say what `decide` would do. Writes nothing; raises as `decide` does."""
        return deciding.preview(self, lead_ids, deciding.Wish(act, reason, dict(params or {}), note))

    def decide(
        self,
        lead_ids: Sequence[LeadId],
        act: Act,
        *,
        reason: str | None = None,
        params: Mapping[str, str] | None = None,
        note: str = "",
        shown: Mapping[LeadId, Shown] | None = None,
    ) -> Acted:
        """Decide leads as one durable record; those on which the act is not allowed are skipped, with why.

        UnknownLead, UnknownReason and UsageError come before anything is written; WriteFailed means
        that nothing was.
        """
        wish = deciding.Wish(act, reason, dict(params or {}), note)
        with self.outbox.transaction():
            return deciding.decide(self, lead_ids, wish, shown or {})

    def preview_feedback(
        self, lead_ids: Sequence[LeadId], kind: FeedbackType, payload: Mapping[str, str]
    ) -> Preview:
        """Say what `feedback` would do. Writes nothing."""
        return telling.preview(self, lead_ids, kind, payload)

    def feedback(
        self,
        lead_ids: Sequence[LeadId],
        kind: FeedbackType,
        payload: Mapping[str, str],
        *,
        decision_id: str | None = None,
    ) -> Acted:
        """Tell marketing one thing about some leads, as one durable record."""
        return telling.tell(self, lead_ids, kind, payload, decision_id)

    def undo(self, item_id: str | None = None) -> Undone:
        """Undo the last act that still stands, or the one named, for all its leads.

        NotAllowed when there is nothing to undo.
        """
        with self.outbox.transaction():
            return undoing.undo(self, item_id)

    def queue(self, *, everything: bool = False) -> tuple[Item, ...]:
        """Return what is undelivered and what was sent of late; all of it when `everything`."""
        if everything:
            return self.outbox.all()
        return self.outbox.since(self.clock() - SENT_SHOWN_FOR)

    def retry(self, ids: Iterable[str]) -> int:
        """Queue refused items again, and make waiting ones due; returns how many."""
        with self.outbox.transaction():
            return resolving.retry(self, ids)

    def drop(self, ids: Iterable[str]) -> int:
        """Withdraw items that the CRM does not have; NotAllowed where that is not certain."""
        with self.outbox.transaction():
            return resolving.drop(self, ids)

    def keep_mine(self, item_id: str) -> Acted:
        """Decide the same once more, knowing what the CRM has now."""
        with self.outbox.transaction():
            return resolving.keep_mine(self, item_id)

    def status(self) -> Status:
        """Return how things stand, without reading any lead."""
        counts = self.outbox.counts()
        return Status(
            counts=counts,
            offline=self.offline,
            fetched_at=_moment(self.leads.note("fetched_at")),
            last_sync_at=_moment(self.leads.note("synced_at")),
            last_error=str(self.leads.note("sync_error") or ""),
            next_due=next_due(self.outbox, self.clock()) if counts[State.QUEUED] else None,
            notices=(*self.outbox.db.notices, *self.leads.db.notices),
        )

    @property
    def offline(self) -> bool:
        """Whether the rep chose to work offline."""
        chosen = self.outbox.note("offline")
        return self._offline_at_first if chosen is None else bool(chosen)

    def set_offline(self, offline: bool) -> None:  # noqa: FBT001 - the choice itself
        """Remember the rep's choice; it stops the sync in the background, not the command."""
        self.outbox.remember("offline", offline)

    def changed_elsewhere(self) -> bool:
        """Take in what another process has written since the last look; says whether there was anything."""
        return any([self.outbox.db.refresh(), self.leads.db.refresh()])

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
    entry = Entry(
        cached.lead, decision=decisions.get(lead_id), feedback=feedback.get(lead_id, 0), gone=cached.gone
    )
    # A reject gives the lead away: it went by the rep's own decision, and here the undo holds at once.
    return replace(entry, gone=False) if entry.is_restoring else entry


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
