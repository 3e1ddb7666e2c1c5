"""One lead's past as it is told: each act and each stage changes it as the CRM's own rules would."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from triage.embedded import agreement, rules, stages
from triage.embedded.history.casting import Role
from triage.embedded.history.cohorts import id_at
from triage.embedded.history.snapshots import Showing, snapshot
from triage.embedded.leads import State
from triage.embedded.members import CLOSERS_QUEUE, Member
from triage.embedded.moments import to_wire

Json = dict[str, Any]


_OF_CLOSERS = ("qualified", "opportunity", "won", "lost")


class Kept(Struct):
    """One decision or feedback as the CRM took it."""

    item: Json
    rep: Member
    applied_at: datetime
    version: int
    status: str
    owner_id: str
    state: str
    before: Json
    routed_to: str = ""


class Act(Struct, frozen=True):
    """What a rep is about to say about a lead."""

    name: str
    at: datetime
    """When, by a true clock."""
    reason: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    note: str = ""
    disagrees_with: str | None = None
    batch_id: str | None = None
    supersedes: str | None = None
    applied_at: datetime | None = None
    """When the CRM took it, where that was long after."""
    skew_ms: int | None = None


class Past(Struct):
    """A lead with all that happened to it so far."""

    role: Role
    lead: Json
    state: State
    version: int
    decisions: list[Kept] = field(default_factory=list)
    feedback: list[Kept] = field(default_factory=list)
    replies: list[Json] = field(default_factory=list)
    stages: list[Json] = field(default_factory=list)
    changed_at: datetime | None = None
    changed_by: str = "Routing"
    contacted_at: datetime | None = None
    attempts: int = 0
    results: dict[str, str] = field(default_factory=dict)
    """What each line of the definition says about it."""

    @classmethod
    def begin(cls, random_: random.Random, role: Role, lead: Json) -> Past:
        """Begin with the delivery to the rep."""
        state = State(
            owner_id=role.rep.user_id,
            status="assigned",
            snoozed_until=None,
            assigned_at=lead["assigned_at"],
            sla_due_at=lead["sla_due_at"],
            recycles=[],
            sla_rule=lead["sla_rule"],
        )
        past = cls(role, lead, state, int(lead["version"]), changed_at=role.delivered_at)
        past.results = agreement.results(lead["facts"])
        past._come_to(random_, role.delivered_at)
        return past

    @property
    def rep(self) -> Member:
        """Whose it was."""
        return self.role.rep

    @property
    def status(self) -> str:
        """Where it stands."""
        return self.state.status

    @property
    def score(self) -> int:
        """Its points when it came."""
        return int(self.lead["score"]["score"])

    @property
    def source(self) -> str:
        """Where it came from."""
        return str(self.lead["source"])

    def decide(self, random_: random.Random, act: Act, showing: Showing) -> Kept:
        """Take a decision, and change the lead by it."""
        applied_at = act.applied_at or act.at
        item = self._item(random_, act, showing)
        before, self.state = self.state, rules.after(item, self.state, by=self.rep.name, now=applied_at)
        self.state = replace(self.state, last_decision_id=item["decision_id"])
        self._changed(applied_at, self.rep.name)
        kept = Kept(
            item=item,
            rep=self.rep,
            applied_at=applied_at,
            version=self.version,
            status=self.status,
            owner_id=self.state.owner_id,
            state="applied",
            before=asdict(before),
        )
        self.decisions.append(kept)
        self._come_to(random_, applied_at)
        return kept

    def move(self, random_: random.Random, status: str, at: datetime, **told: Any) -> None:
        """Let sales bring the lead to a stage; what is qualified, account executives go on with."""
        owner_id = CLOSERS_QUEUE if status in _OF_CLOSERS else self.state.owner_id
        self.state = replace(self.state, status=status, owner_id=owner_id, last_decision_id=None)
        self._changed(at, self.rep.name)
        self._come_to(random_, at, **told)

    def hand_on(self, random_: random.Random, owner_id: str, at: datetime) -> None:
        """Give it to another; one that waits for a decision is delivered once more."""
        self.state = replace(self.state, owner_id=owner_id, last_decision_id=None)
        self._changed(at, "Routing")
        if self.status == "assigned":
            self.state = replace(self.state, assigned_at=to_wire(at))
            self._come_to(random_, at)

    def come_back(self, random_: random.Random, at: datetime, by: str) -> None:
        """Return the lead to its rep, whose clock starts again."""
        self.state = rules.assigned_to(self.rep.user_id, self.state, at)
        self.state = replace(self.state, last_decision_id=None)
        self._changed(at, by)
        self._come_to(random_, at)

    def contact(self, at: datetime, attempts: int) -> None:
        """Let sales have called or written."""
        self.contacted_at = self.contacted_at or at
        self.attempts = max(self.attempts, attempts)

    def _changed(self, at: datetime, by: str) -> None:
        self.version += 1
        self.changed_at, self.changed_by = at, by

    def _come_to(self, random_: random.Random, at: datetime, **told: Any) -> None:
        change = stages.body(
            id_at(random_, at), self.lead, self.state.status, at, owner_id=self.state.owner_id
        )
        self.stages.append(change | told)

    def _item(self, random_: random.Random, act: Act, showing: Showing) -> Json:
        shift = (act.skew_ms or 0) / 1000
        decided_at = datetime.fromtimestamp(act.at.timestamp() - shift, tz=act.at.tzinfo)
        seen = {
            "owner_id": self.state.owner_id,
            "status": self.status,
            "version": str(self.version),
        }
        return {
            "decision_id": id_at(random_, decided_at),
            "lead_id": self.lead["lead_id"],
            "act": act.name,
            "reason": act.reason,
            "params": act.params,
            "note": act.note,
            "decided_at": to_wire(decided_at),
            "batch_id": act.batch_id,
            "supersedes": act.supersedes,
            "of": None,
            "after_contact": self.contacted_at is not None and act.name == "disqualify",
            "disagrees_with": act.disagrees_with,
            "skew_ms": act.skew_ms,
            "seen": seen,
            "snapshot": self._snapshot(seen, showing),
        }

    def _snapshot(self, seen: Json, showing: Showing) -> Json:
        return snapshot(
            self.lead,
            seen,
            showing,
            results=self.results,
            due_at=self.state.sla_due_at,
            attempts=self.attempts,
            contacted=self.contacted_at is not None,
        )
