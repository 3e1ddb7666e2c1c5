"""What a profile holds, read together: leads, what the rep has said about them, the rules in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from triage.clock import Clock
from triage.desk.answers import Replies
from triage.desk.rules import (
    ASSETS,
    BANDS,
    CONTENT_REQUESTS,
    DEFINITION,
    PEOPLE,
    PROVIDED,
    REASONS,
    STATISTICS,
    Rules,
)
from triage.domain.answers import Answers
from triage.domain.definition import Definition
from triage.domain.feedback import FeedbackType
from triage.domain.inbox import Entry
from triage.domain.item import Item, State
from triage.domain.lead import Lead, LeadId
from triage.domain.outline import Outline
from triage.domain.people import Person
from triage.domain.provided import Provided
from triage.domain.reasons import ReasonBook
from triage.domain.review import BandStatistics, Reply, SourceStatistics
from triage.errors import UnknownLead
from triage.store.leads import Leads, Made
from triage.store.outbox import Outbox
from triage.sync.room import CLOCK_SKEW

if TYPE_CHECKING:  # the sample is off by default
    from triage.domain.blind import Blind
    from triage.domain.content import Library


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
        blind: Blind | None = None,
    ) -> None:
        """`rules` is read when the CRM gives none; `offline` holds until the rep chooses.

        `blind`: the leads whose score no entry tells before they are decided; None: all tell it.
        """
        self.outbox = outbox
        self.leads = leads
        self.clock = clock
        self.hold = hold
        """How long a new item waits before it is sent by itself: the time in which undo is free."""
        self._rules = rules
        self._offline_at_first = offline
        self._blind = blind
        self.answered = Replies(outbox, leads)
        """Marketing's answers, and which of them the rep has read."""
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
        make = self._entries_with(self.outbox.standing_of(wanted), wanted)
        found = self.leads.outlines_of(wanted, make, strict=True)
        if len(found) < len(wanted):
            known = {entry.outline.lead_id for entry in found}
            missing = next(lead_id for lead_id in wanted if lead_id not in known)
            raise UnknownLead(f"There is no lead {missing} in the local copy.")
        return tuple(found)

    def entries_of(self, lead_ids: Iterable[LeadId]) -> tuple[Entry, ...]:
        """Return some leads as they are now, each once; those that are not in the cache are left out."""
        wanted = tuple(dict.fromkeys(lead_ids))
        make = self._entries_with(self.outbox.standing_of(wanted), wanted)
        return tuple(self.leads.outlines_of(wanted, make, strict=False))

    def undecided(self, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        """Return entries as they would be if no decision stood on their leads, none of them blind."""
        feedback = {entry.outline.lead_id: entry.feedback for entry in entries}
        made = _making({}, feedback, self.answered.by_lead(feedback))
        return tuple(self.leads.outlines_of(feedback, made, strict=False))

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

    def bands(self) -> tuple[BandStatistics, ...]:
        """Return the team's acceptance by score band, as the CRM counts it; empty where it does not."""
        return self.leads.rule(BANDS, tuple[BandStatistics, ...]) or ()

    def library(self) -> Library:
        """Return what marketing has to give to leads, and what reps have asked it for."""
        from triage.domain.content import (  # noqa: PLC0415 - a start does without
            ContentAsset,
            ContentRequest,
            Library,
        )

        return Library(
            self.leads.rule(ASSETS, tuple[ContentAsset, ...]) or (),
            self.leads.rule(CONTENT_REQUESTS, tuple[ContentRequest, ...]) or (),
        )

    def provided(self) -> Provided:
        """Return what the CRM gives, as it said at the last fetch."""
        return self.leads.rule(PROVIDED, Provided) or Provided()

    def skew_ms(self) -> int | None:
        """Return how far the CRM's clock was ahead at its last answer, in milliseconds; None: unknown."""
        seconds = self.leads.rule(CLOCK_SKEW, float)
        return None if seconds is None else round(seconds * 1000)

    def replies(self) -> tuple[Reply, ...]:
        """Return marketing's answers."""
        return self.answered.all()

    def blinded(self, entry: Entry) -> Entry:
        """Return an entry with its score hidden."""
        from triage.domain.blind import blinded  # noqa: PLC0415 - the sample is off by default

        return blinded(entry)

    def _entries_with(self, items: Iterable[Item], lead_ids: Iterable[LeadId] | None = None) -> Made[Entry]:
        """Return what makes entries of leads (None: of all), with what these items say about them."""
        wanted = None if lead_ids is None else tuple(lead_ids)
        made = _making(*self._standing(items), self.answered.by_lead(wanted))
        return made if self._blind is None else self._hiding(self._blind, made, wanted)

    def _hiding(self, blind: Blind, made: Made[Entry], lead_ids: Iterable[LeadId] | None) -> Made[Entry]:
        """Return what makes the same, the score hidden until a lead of the sample has been decided.

        Who has decided has seen it: an undo does not hide it again, for what is decided then is not blind.
        """
        decided = self.outbox.ever_decided(lead_ids)

        def entry(outline: Outline, read: Callable[[], Lead], gone: bool) -> Entry:  # noqa: FBT001 - as it is kept
            whole = made(outline, read, gone)
            hides = outline.lead_id not in decided and blind.hides(whole)
            return self.blinded(whole) if hides else whole

        return entry

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


def _making(
    decisions: Mapping[LeadId, Item], feedback: Mapping[LeadId, int], answers: Mapping[LeadId, Answers]
) -> Made[Entry]:
    """Return what makes entries of leads: the decision and the feedback that stand on each, the answers."""

    def entry(outline: Outline, read: Callable[[], Lead], gone: bool) -> Entry:  # noqa: FBT001 - as it is kept
        decision = decisions.get(outline.lead_id)
        told, answered = feedback.get(outline.lead_id, 0), answers.get(outline.lead_id)
        made = Entry(outline, read, decision, told, gone, answers=answered)
        return made if decision is None else _as_decided(made)

    return entry


def _as_decided(entry: Entry) -> Entry:
    # A reject gives the lead away: it went by the rep's own decision, and here the undo holds at once.
    return replace(entry, gone=False) if entry.is_restoring else entry
