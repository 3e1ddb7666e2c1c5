"""Any order of deciding, undoing, changes elsewhere, faults and crashes: nothing is lost, nothing is done twice."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.fakes import Crash, Office, lead_id, office
from triage.desk.desk import Desk
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import EFFECTIVE, Item, State
from triage.domain.lead import LeadId, LeadStatus
from triage.errors import NotAllowed

LEADS = tuple(lead_id(number) for number in range(1, 5))
WISHES: tuple[tuple[Act, str | None, dict[str, str]], ...] = (
    (Act.ACCEPT, None, {}),
    (Act.REJECT, "NOT_A_BUYER", {}),
    (Act.RECYCLE, "EARLY_RESEARCH", {"wake": "none"}),
    (Act.DISQUALIFY, "DO_NOT_CONTACT", {}),
)
FAULTS = ("drop-before", "drop-after", "429", "401", "partial", "retry", "reorder", "lost", "")
STEPS = ("claimed", "sent", "sent", "recorded", "verifying", "verified")
WITHOUT_EFFECT = frozenset({State.QUEUED, State.CONFLICT, State.REFUSED, State.WITHDRAWN})

some_leads = st.lists(st.sampled_from(LEADS), min_size=1, max_size=3, unique=True)


class AWeek(RuleBasedStateMachine):
    """A rep, a second shell, a CRM that obeys blindly, colleagues, a bad network, and power cuts."""

    place: Office

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.place = office(self.folder, leads=len(LEADS), batch=2)
        self.moment = 0
        self.acknowledged: dict[str, int] = {}
        """Each acknowledged id, with the moment of it."""
        self.changed: dict[str, int] = {}
        """When a lead was changed behind the rep's back."""

    @property
    def something_is_queued(self) -> bool:
        return hasattr(self, "place") and bool(self.place.desk.outbox.counts()[State.QUEUED])

    def acknowledge(self, items: tuple[Item, ...]) -> None:
        self.moment += 1
        for item in items:
            self.acknowledged.setdefault(item.id, self.moment)

    @rule(leads=some_leads, wish=st.sampled_from(WISHES), elsewhere=st.booleans())
    def decide(
        self, leads: list[LeadId], wish: tuple[Act, str | None, dict[str, str]], elsewhere: bool
    ) -> None:
        act, reason, params = wish
        desk = self.place.another_desk() if elsewhere else self.place.desk
        known = [one for one in LEADS if one in leads and desk.leads.find(one) is not None]
        if known:
            self.acknowledge(desk.decide(known, act, reason=reason, params=params).items)
        self.close_if(desk, elsewhere=elsewhere)

    @rule(leads=some_leads)
    def tell(self, leads: list[LeadId]) -> None:
        known = [one for one in LEADS if one in leads and self.place.desk.leads.find(one) is not None]
        if known:
            self.acknowledge(self.place.desk.feedback(known, FeedbackType.NOTE, {"text": "hello"}).items)

    @rule(elsewhere=st.booleans())
    def undo(self, elsewhere: bool) -> None:
        desk = self.place.another_desk() if elsewhere else self.place.desk
        with suppress(NotAllowed):
            self.acknowledge(desk.undo().items)
        self.close_if(desk, elsewhere=elsewhere)

    @precondition(lambda self: self.acknowledged)
    @rule(number=st.integers(0, 50))
    def undo_an_old_one(self, number: int) -> None:
        item_id = list(self.acknowledged)[number % len(self.acknowledged)]
        with suppress(NotAllowed):
            self.acknowledge(self.place.desk.undo(item_id).items)

    @rule(keep=st.booleans())
    def resolve(self, keep: bool) -> None:
        desk = self.place.desk
        for item in desk.outbox.in_states([State.CONFLICT, State.REFUSED]):
            try:
                if keep and item.state is State.CONFLICT:
                    self.acknowledge(desk.keep_mine(item.id).items)
                elif keep:
                    desk.retry([item.id])
                else:
                    desk.drop([item.id])
            except NotAllowed:
                desk.drop([item.id])

    @rule(lead=st.sampled_from(LEADS), to_colleague=st.booleans())
    def someone_else_acts(self, lead: LeadId, to_colleague: bool) -> None:
        crm = self.place.crm
        self.moment += 1
        if to_colleague:
            crm.reassign(lead)
        elif crm.leads[lead].status is LeadStatus.ASSIGNED:
            crm.change(lead, status=LeadStatus.WORKING, last_decision_id=None)
        else:
            return
        self.changed[lead] = self.moment

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

    @rule(everything=st.booleans(), minutes=st.integers(0, 20))
    def sync(self, everything: bool, minutes: int) -> None:
        self.place.clock.go(minutes=minutes)
        self.place.sync(everything=everything)

    @precondition(lambda self: self.something_is_queued)
    @rule(faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=4))
    def sync_on_a_bad_network(self, faults: list[str]) -> None:
        self.place.clock.go(minutes=2)
        self.place.crm.faults = list(faults)
        self.place.sync()
        self.place.crm.faults = []

    @precondition(lambda self: self.something_is_queued)
    @rule(stops_at=st.sampled_from(STEPS), faults=st.lists(st.sampled_from(FAULTS), max_size=3))
    def sync_that_crashes(self, stops_at: str, faults: list[str]) -> None:
        self.place.clock.go(minutes=2)
        self.place.crm.faults = list(faults)

        def stop(step: str) -> None:
            if step == stops_at:
                raise Crash

        with suppress(Crash):
            self.place.sync(step=stop)
        self.place.reopen()
        self.place.crm.faults = []

    @rule()
    def crash(self) -> None:
        self.place.desk.changed_elsewhere()
        before = self.place.states()
        self.place.reopen()
        assert self.place.states() == before

    @invariant()
    def every_acknowledged_item_is_there_once(self) -> None:
        self.place.desk.changed_elsewhere()
        ids = Counter(item.id for item in self.place.desk.queue(everything=True))
        assert all(count == 1 for count in ids.values())
        assert self.acknowledged.keys() <= ids.keys()

    @invariant()
    def an_effect_is_there_once_and_only_where_the_state_says_so(self) -> None:
        effects = Counter(effect.item_id for effect in self.place.crm.effects)
        assert all(count == 1 for count in effects.values())
        for item in self.place.desk.outbox.all():
            if item.state in EFFECTIVE:
                assert effects[item.id] == 1
            if item.state in WITHOUT_EFFECT:
                assert effects[item.id] == 0, item

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
    def a_lead_that_changed_elsewhere_is_not_overwritten_without_a_choice(self) -> None:
        decisions = {item.id for item in self.place.desk.outbox.all() if item.decision}
        for number, effect in enumerate(self.place.crm.effects):
            changed = self.changed.get(effect.lead_id)
            if changed is None or effect.item_id not in decisions or number < self.known_effects:
                continue
            assert self.acknowledged[effect.item_id] > changed, effect
        self.known_effects = len(self.place.crm.effects)

    known_effects = 0

    def close_if(self, desk: Desk, *, elsewhere: bool) -> None:
        if elsewhere:
            desk.outbox.close()
            desk.leads.close()
            self.place.desk.changed_elsewhere()

    def drain(self) -> None:
        crm = self.place.crm
        crm.faults, crm.mute, crm.down = [], set(), False
        crm.retries.clear()
        crm.refuses.clear()
        for _ in range(4):
            self.place.clock.go(hours=2)
            self.place.synced()

    def teardown(self) -> None:
        if not hasattr(self, "place"):
            return
        self.drain()
        self.every_acknowledged_item_is_there_once()
        self.an_effect_is_there_once_and_only_where_the_state_says_so()
        self.effects_on_a_lead_are_in_the_order_of_the_decisions()
        outbox = self.place.desk.outbox
        assert not outbox.in_states([State.SENDING, State.UNKNOWN])
        blocked = {item.lead_id for item in outbox.in_states([State.CONFLICT])}
        assert all(item.lead_id in blocked for item in outbox.in_states([State.QUEUED]))
        pushes = len(self.place.crm.pushed)
        self.place.synced()
        assert len(self.place.crm.pushed) == pushes
        self.place.close()
        shutil.rmtree(self.folder)


TestAWeek = AWeek.TestCase
TestAWeek.settings = settings(
    max_examples=80,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
