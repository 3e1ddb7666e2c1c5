"""Any order of deciding, undoing, changes elsewhere, faults and crashes: nothing is lost, nothing is done twice."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.fakes import COLLEAGUE, Crash, Office, lead_id, office
from tests.sync.final_count import miscounted
from tests.sync.mutants import MUTANTS
from triage.desk.desk import Desk
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import EFFECTIVE, UNDELIVERED, Item, State
from triage.domain.lead import Lead, LeadId, LeadStatus
from triage.errors import CrmError, NotAllowed
from triage.sync.events import SyncStopped

LEADS = tuple(lead_id(number) for number in range(1, 5))
WISHES: tuple[tuple[Act, str | None, dict[str, str]], ...] = (
    (Act.ACCEPT, None, {}),
    (Act.REJECT, "NOT_A_BUYER", {}),
    (Act.RECYCLE, "EARLY_RESEARCH", {"wake": "none"}),
    (Act.DISQUALIFY, "DO_NOT_CONTACT", {}),
    (Act.SNOOZE, None, {"until": "1d"}),
    (Act.REROUTE, None, {"to": COLLEAGUE.user_id}),
)
FAULTS = ("drop-before", "drop-after", "429", "401", "partial", "retry", "reorder", "lost", "")
STEPS = ("claimed", "sent", "sent", "recorded", "verifying", "verified")
JUMPS = (timedelta(days=-2), timedelta(hours=-1), timedelta(hours=3), timedelta(days=400))
DONE = EFFECTIVE | {State.WITHDRAWN, State.SUPERSEDED}

some_leads = st.lists(st.sampled_from(LEADS), min_size=1, max_size=3, unique=True)


class AWeek(RuleBasedStateMachine):
    """A rep, a second shell, a CRM that obeys blindly, colleagues, a bad network, and power cuts."""

    mutant: ClassVar[str] = ""
    """Which protection is taken out; none."""
    place: Office

    def __init__(self) -> None:
        super().__init__()
        self.mutation = ExitStack()

    @initialize()
    def open(self) -> None:
        memory = "/dev/shm"
        self.folder = Path(tempfile.mkdtemp(dir=memory if Path(memory).is_dir() else None))
        self.place = office(self.folder, leads=len(LEADS), batch=2)
        self.acknowledged: dict[str, int] = {}
        """Each acknowledged decision or feedback, with the version of the lead that the rep knew."""
        self.foreign: dict[str, list[int]] = {lead: [] for lead in LEADS}
        """The versions of each lead that others made."""
        self.undone_unsent: set[str] = set()
        """What an undo found still queued."""
        self.counted = 0
        if self.mutant:
            self.mutation.enter_context(MUTANTS[self.mutant](self.place))

    @property
    def something_is_queued(self) -> bool:
        return hasattr(self, "place") and bool(self.place.desk.outbox.counts()[State.QUEUED])

    @contextmanager
    def desk(self, *, elsewhere: bool) -> Iterator[Desk]:
        """Yield the rep's desk, or that of another process on the same files."""
        if not elsewhere:
            yield self.place.desk
            return
        other = self.place.another_desk()
        try:
            yield other
        finally:
            other.outbox.close()
            other.leads.close()
            self.place.desk.changed_elsewhere()

    def acknowledge(self, desk: Desk, items: tuple[Item, ...]) -> None:
        for item in items:
            self.acknowledged.setdefault(item.id, self.known_version(desk, item))

    def known_version(self, desk: Desk, item: Item) -> int:
        """Return the latest version of a lead that the rep has been shown, in the list or in a conflict."""
        cached = desk.leads.find(item.lead_id)
        replaced = desk.outbox.find(item.decision.supersedes or "") if item.decision else None
        shown = [cached.lead.version if cached else "", item.base.version if item.base else ""]
        shown.append(replaced.theirs.version if replaced is not None and replaced.theirs else "")
        return max((int(version) for version in shown if version), default=0)

    def here(self, leads: list[LeadId], desk: Desk) -> list[LeadId]:
        return [one for one in LEADS if one in leads and desk.leads.find(one) is not None]

    # The rep

    @rule(leads=some_leads, wish=st.sampled_from(WISHES), elsewhere=st.booleans())
    def decide(
        self, leads: list[LeadId], wish: tuple[Act, str | None, dict[str, str]], elsewhere: bool
    ) -> None:
        act, reason, params = wish
        with self.desk(elsewhere=elsewhere) as desk:
            known = self.here(leads, desk)
            if known:
                self.acknowledge(desk, desk.decide(known, act, reason=reason, params=params).items)

    @rule(leads=some_leads)
    def tell(self, leads: list[LeadId]) -> None:
        desk = self.place.desk
        known = self.here(leads, desk)
        if known:
            self.acknowledge(desk, desk.feedback(known, FeedbackType.NOTE, {"text": "hello"}).items)

    @rule(elsewhere=st.booleans())
    def undo(self, elsewhere: bool) -> None:
        with self.desk(elsewhere=elsewhere) as desk:
            self.undo_with(desk, None)

    @precondition(lambda self: self.acknowledged)
    @rule(number=st.integers(0, 50), twice=st.booleans())
    def undo_an_old_one(self, number: int, twice: bool) -> None:
        item_id = list(self.acknowledged)[number % len(self.acknowledged)]
        for _ in range(1 + twice):
            self.undo_with(self.place.desk, item_id)

    def undo_with(self, desk: Desk, item_id: str | None) -> None:
        with suppress(NotAllowed):
            undone = desk.undo(item_id)
            self.undone_unsent |= {item.id for item in undone.items if item.state is State.WITHDRAWN}
            self.acknowledge(desk, undone.items)

    @rule(keep=st.booleans())
    def resolve(self, keep: bool) -> None:
        desk = self.place.desk
        for item in desk.outbox.in_states([State.CONFLICT, State.REFUSED]):
            try:
                if keep and item.state is State.CONFLICT:
                    self.acknowledge(desk, desk.keep_mine(item.id).items)
                elif keep:
                    desk.retry([item.id])
                else:
                    desk.drop([item.id])
            except NotAllowed:
                desk.drop([item.id])

    # The world

    @rule(lead=st.sampled_from(LEADS), what=st.sampled_from(("reassign", "status", "title", "archive")))
    def someone_changes_it(self, lead: LeadId, what: str) -> None:
        crm = self.place.crm
        known = crm.leads.get(lead)
        if known is None:
            return
        if what == "reassign":
            crm.reassign(lead)
        elif what == "archive":
            crm.archive(lead)
        elif what == "title":
            crm.change(lead, title=f"{known.title} II")
            return
        elif known.status is LeadStatus.ASSIGNED:
            crm.change(lead, status=LeadStatus.WORKING, last_decision_id=None)
        self.foreign[lead].append(int(crm.leads[lead].version))

    @rule(lead=st.sampled_from(LEADS), merged=st.booleans(), sure=st.integers(0, 3))
    def someone_removes_it(self, lead: LeadId, merged: bool, sure: int) -> None:
        others = [one for one in LEADS if one != lead and one in self.place.crm.leads]
        if lead in self.place.crm.leads and others and not sure:
            self.place.crm.delete(lead, into=others[0] if merged else None)

    @rule(kind=st.sampled_from(("lock", "refuse", "mute", "down")), lead=st.sampled_from(LEADS))
    def the_weather_changes(self, kind: str, lead: LeadId) -> None:
        """Let the CRM lock a lead, refuse it, answer no questions or be away; or end that."""
        crm = self.place.crm
        if kind == "lock":
            crm.retries ^= {lead}
        elif kind == "refuse":
            crm.refuses = {} if crm.refuses else {lead: "no"}
        elif kind == "mute":
            crm.mute = set() if crm.mute else set(self.acknowledged)
        else:
            crm.down = not crm.down

    @rule(jump=st.sampled_from(JUMPS))
    def the_clock_jumps(self, jump: timedelta) -> None:
        self.place.clock.now += jump

    # The sync

    @rule(everything=st.booleans(), minutes=st.integers(0, 20))
    def sync(self, everything: bool, minutes: int) -> None:
        self.place.clock.go(minutes=minutes)
        self.synced(everything=everything)

    @precondition(lambda self: self.something_is_queued)
    @rule(faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=4))
    def sync_on_a_bad_network(self, faults: list[str]) -> None:
        self.stepping(faults, lambda _step: None)

    @precondition(lambda self: self.something_is_queued)
    @rule(
        stops_at=st.sampled_from(STEPS) | st.integers(1, 12),
        faults=st.lists(st.sampled_from(FAULTS), max_size=3),
    )
    def sync_that_crashes(self, stops_at: str | int, faults: list[str]) -> None:
        """Let the process end at a step by its name, or after so many."""
        taken = 0

        def stop(step: str) -> None:
            nonlocal taken
            taken += 1
            if stops_at in (step, taken):
                raise Crash

        with suppress(Crash):
            self.stepping(faults, stop)
        self.crash()

    @precondition(lambda self: self.something_is_queued)
    @rule(
        at=st.sampled_from(STEPS[:4]),
        does=st.sampled_from(("sync", "undo", "decide", "change")),
        lead=st.sampled_from(LEADS),
    )
    def sync_while_another_process_works(self, at: str, does: str, lead: LeadId) -> None:
        """Let something happen once, in the middle of a sync: from another shell, or at the CRM."""
        left = [does]

        def meanwhile(step: str) -> None:
            if step == at and left:
                left.clear()
                self.meanwhile(does, lead)

        self.stepping([], meanwhile)

    def meanwhile(self, does: str, lead: LeadId) -> None:
        if does == "change":
            self.someone_changes_it(lead, "reassign")
            return
        other = self.place.another_desk()
        try:
            if does == "undo":
                self.undo_with(other, None)
            elif does == "decide":
                known = self.here([lead], other)
                self.acknowledge(other, other.decide(known, Act.ACCEPT).items if known else ())
            else:
                self.sync_of(other)
        finally:
            other.outbox.close()
            other.leads.close()

    def sync_of(self, other: Desk) -> None:
        mine, self.place.desk = self.place.desk, other
        events = self.place.events
        try:
            self.place.sync()
        finally:
            self.place.desk, self.place.events = mine, events

    @precondition(lambda self: self.something_is_queued)
    @rule(lead=st.sampled_from(LEADS))
    def sync_while_someone_takes_a_lead(self, lead: LeadId) -> None:
        """Let a colleague act between our read and our write."""
        self.place.crm.meddling = [lambda: self.someone_changes_it(lead, "reassign")]
        self.stepping([], lambda _step: None)
        self.place.crm.meddling = []

    def stepping(self, faults: list[str], step: Callable[[str], None]) -> None:
        self.place.clock.go(minutes=2)
        self.place.crm.faults = list(faults)
        try:
            self.synced(step=step)
        finally:
            self.place.crm.faults = []

    def synced(self, **options: Any) -> None:
        """Run a sync: it may stop for what the CRM does, never for what stands in our own files."""
        stopped = [event for event in self.place.sync(**options) if isinstance(event, SyncStopped)]
        assert not [event for event in stopped if not isinstance(event.error, CrmError)], stopped

    @rule()
    def crash(self) -> None:
        self.place.desk.changed_elsewhere()
        before = self.place.states()
        self.place.reopen()
        assert self.place.states() == before

    # What always holds

    @invariant()
    def every_acknowledged_item_is_there_once_in_one_state(self) -> None:
        self.place.desk.changed_elsewhere()
        items = self.place.desk.queue(everything=True)
        ids = Counter(item.id for item in items)
        assert all(count == 1 for count in ids.values())
        assert self.acknowledged.keys() <= ids.keys()
        states = Counter(item.state for item in items)
        assert sum(states[state] for state in UNDELIVERED | DONE) == len(ids)

    @invariant()
    def an_effect_is_there_once_and_only_where_the_state_says_so(self) -> None:
        crm = self.place.crm
        items = {item.id: item for item in self.place.desk.outbox.all()}
        assert miscounted(items.values(), (effect.item_id for effect in crm.effects)) == []
        assert not self.undone_unsent & {effect.item_id for effect in crm.effects}

    @invariant()
    def effects_on_a_lead_are_in_the_order_of_the_decisions(self) -> None:
        numbers = {item.id: item.seq for item in self.place.desk.outbox.all() if item.decision}
        for lead in LEADS:
            order = [
                numbers[one.item_id]
                for one in self.place.crm.effects
                if one.lead_id == lead and one.item_id in numbers
            ]
            assert order == sorted(order)

    @invariant()
    def a_lead_that_others_changed_is_not_overwritten_without_the_reps_word(self) -> None:
        outbox = self.place.desk.outbox
        for effect in self.place.crm.effects[self.counted :]:
            item = outbox.find(effect.item_id)
            if item is None or item.decision is None or effect.over is None:
                continue
            self.is_with_the_reps_word(item, effect.over)
        self.counted = len(self.place.crm.effects)

    def is_with_the_reps_word(self, item: Item, over: Lead) -> None:
        """Assert that the rep knew of what others made of the lead, or that it came to the same."""
        assert item.decision is not None
        if item.decision.act is Act.RESTORE:
            assert over.last_decision_id == item.decision.of
            return
        seen = self.place.crm.seen[item.id]
        assert (seen.owner_id, seen.status) == (over.owner.user_id, over.status.value)
        theirs = [version for version in self.foreign[item.lead_id] if version <= int(over.version)]
        as_decided = item.decision.snapshot
        same = (as_decided.owner_id, as_decided.status) == (over.owner.user_id, over.status.value)
        assert not theirs or same or max(theirs) <= self.acknowledged[item.id]

    def drain(self) -> None:
        crm = self.place.crm
        crm.faults, crm.mute, crm.down = [], set(), False
        crm.retries.clear()
        crm.refuses.clear()
        for _ in range(4):
            self.place.clock.go(hours=2)
            self.synced(confirmed=True)

    def teardown(self) -> None:
        if not hasattr(self, "place"):
            return
        with self.mutation:
            self.drain()
            self.every_acknowledged_item_is_there_once_in_one_state()
            self.an_effect_is_there_once_and_only_where_the_state_says_so()
            self.effects_on_a_lead_are_in_the_order_of_the_decisions()
            self.a_lead_that_others_changed_is_not_overwritten_without_the_reps_word()
            outbox = self.place.desk.outbox
            assert not outbox.in_states([State.SENDING, State.UNKNOWN])
            blocked = {item.lead_id for item in outbox.in_states([State.CONFLICT])}
            assert all(item.lead_id in blocked for item in outbox.in_states([State.QUEUED]))
            pushes = len(self.place.crm.pushed)
            self.place.sync(confirmed=True)
            assert len(self.place.crm.pushed) == pushes
        self.place.close()
        shutil.rmtree(self.folder)


def examples(count: int, **more: Any) -> settings:
    return settings(
        max_examples=count,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
        **more,
    )


def test_whatever_happens_in_a_week_nothing_is_lost_doubled_or_overwritten() -> None:
    run_state_machine_as_test(AWeek, settings=examples(200))


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_in_two_thousand_weeks_nothing_is_lost_doubled_or_overwritten() -> None:
    run_state_machine_as_test(AWeek, settings=examples(2000))


@pytest.mark.parametrize("name", MUTANTS)
def test_a_protection_that_is_taken_out_is_noticed(name: str) -> None:
    class Mutated(AWeek):
        mutant = name

    found = examples(300, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Mutated, settings=found)
