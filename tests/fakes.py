"""A CRM in memory that remembers every effect, and a rep's stores on a folder, for tests of desk and sync."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from msgspec.structs import replace

from config import load
from triage.crm.port import Capabilities, LeadPage, OutcomePage, ReplyPage
from triage.desk.desk import Desk
from triage.desk.rules import Rules
from triage.domain.account import Account, DuplicateMatch
from triage.domain.act import Act
from triage.domain.decision import Decision
from triage.domain.definition import Definition
from triage.domain.item import Item, State
from triage.domain.lead import IN_WORK, UNDECIDED, Lead, LeadId, LeadStatus, Mql, Owner, Seen
from triage.domain.outcome import (
    Absent,
    Already,
    Applied,
    Conflicted,
    Outcome,
    Receipt,
    Refused,
    RetryLater,
    Theirs,
    Unknown,
    Verdict,
)
from triage.domain.people import Person, Rep
from triage.domain.reasons import ReasonBook
from triage.domain.review import (
    BandStatistics,
    Reply,
    ReviewedDecision,
    ReviewedFeedback,
    SourceStatistics,
)
from triage.domain.score import Contribution, Dimension, Score
from triage.domain.stages import StageChange
from triage.domain.touch import Campaign
from triage.errors import CrmError, NotSignedIn, RateLimited, StaleCursor, Unreachable
from triage.store.disk import Disk
from triage.store.leads import Leads
from triage.store.outbox import Outbox
from triage.store.thread import StoreThread
from triage.sync.engine import sync
from triage.sync.events import Event, SyncFinished, SyncReport, SyncStopped
from triage.sync.room import SyncRoom

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
HOLD = timedelta(seconds=30)
ME = Owner("rep-1", "Robin Example")
COLLEAGUE = Owner("rep-2", "Sam Example")
MARKETING = Owner("queue-marketing", "Marketing")
PAUSE = 30.0
"""Seconds for which the fake asks at the fault `429`."""
MINE = UNDECIDED | IN_WORK

P = ParamSpec("P")
T = TypeVar("T")

_NAMES = ("Ada Park", "Bruno Lindqvist", "Chiara Moreau", "Dmitri Okafor", "Elif Tanaka", "Farid Weber")
_COMPANIES = ("Northwind Robotics", "Harbor Foods", "Alder Medical", "Kestrel Parts")
_PEOPLE = {
    COLLEAGUE.user_id: Person(COLLEAGUE.user_id, COLLEAGUE.name, territory="DE,AT"),
    "queue-apac": Person("queue-apac", kind="queue"),
}
_STATUS_AFTER = {
    Act.ACCEPT: LeadStatus.ACCEPTED,
    Act.REJECT: LeadStatus.REJECTED,
    Act.RECYCLE: LeadStatus.RECYCLED,
    Act.DISQUALIFY: LeadStatus.DISQUALIFIED,
    Act.SNOOZE: LeadStatus.SNOOZED,
    Act.REROUTE: LeadStatus.ASSIGNED,
}


class Clock:
    """A clock that moves on by a millisecond each time it is read, and by more on request."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def go(self, **span: float) -> None:
        """Let time pass: `go(minutes=5)`."""
        self.now += timedelta(**span)


class SameThread(StoreThread):
    """The store's thread where one thread is all there is: each call is made at once."""

    def __init__(self) -> None:
        """Start nothing."""

    def call(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return fn(*args, **kwargs)

    async def acall(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return fn(*args, **kwargs)

    def close(self) -> None:
        """End nothing."""


class Crash(BaseException):
    """The process ends here: nothing of the product may catch it."""


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never has to wait: with the fakes none does."""
    try:
        work.send(None)
    except StopIteration as end:
        answer: T = end.value
        return answer
    raise AssertionError("it waits for something")


def lead_id(number: int) -> LeadId:
    return LeadId(f"L-{number:03d}")


def lead(number: int = 1, **more: Any) -> Lead:
    """Return a believable lead, assigned an hour ago; `more` are fields of Lead."""
    name, company = _NAMES[number % len(_NAMES)], _COMPANIES[number % len(_COMPANIES)]
    parts = (
        Contribution("demo request form", Dimension.ENGAGEMENT, 30, 30, "“call me this week”", NOW),
        Contribution("head of department", Dimension.FIT, 20, 20, "title: Head of Logistics"),
    )
    usual = Lead(
        lead_id=lead_id(number),
        version="1",
        status=LeadStatus.ASSIGNED,
        owner=ME,
        name=name,
        title="Head of Logistics",
        company=company,
        email=f"{name.split()[0].lower()}@{company.split()[0].lower()}.example",
        phone="+49 30 5550 123",
        country="DE",
        source="webinar",
        campaign=Campaign("2026Q4_WBN", "Autumn webinar series", "A plan in 30 minutes"),
        assigned_at=NOW - timedelta(hours=1),
        sla_due_at=NOW + timedelta(hours=23),
        mql=Mql("threshold", "score"),
        score=Score(60, 10, parts, band="B", model_version="m7", fit_grade="A", engagement_grade="2"),
        facts={"employees": 200 + number, "seniority": 3, "industry": "logistics", "score": 60},
        attempts=0,
        account=Account("A-1", company, duplicate_of=DuplicateMatch(f"L-9{number:02d}", "A. Twin", "e-mail")),
    )
    return replace(usual, **more)


@cache
def shipped_rules() -> Rules:
    return Rules(reasons=load.reasons(None), definition=load.definition(None))


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that happened at the CRM by an item of the rep's."""

    item_id: str
    lead_id: LeadId
    what: str
    over: Lead | None = None
    """The lead as it stood just before; None for feedback."""


@dataclass(slots=True)
class _Kept:
    item: Item
    receipt: Receipt
    before: Lead | None = None


@dataclass
class FakeCrm:
    """The port in memory. It does what it is told as often as it is told: once only is the sender's care.

    `faults` strike the next pushes, one each: drop-before, drop-after, 429, 401, partial, retry, reorder,
    and `lost`: it takes effect, and raises a CrmError that says nothing.
    """

    clock: Callable[[], datetime]
    leads: dict[LeadId, Lead] = field(default_factory=dict)
    batch: int = 50
    page: int = 50
    faults: list[str] = field(default_factory=list)
    refuses: dict[LeadId, str] = field(default_factory=dict)
    retries: set[LeadId] = field(default_factory=set)
    """Leads that are locked: what is said about them is to be tried again later."""
    mute: set[str] = field(default_factory=set)
    """Items that it cannot answer questions about."""
    down: bool = False
    reviewed_decisions: tuple[ReviewedDecision, ...] = ()
    reviewed_feedback: tuple[ReviewedFeedback, ...] = ()
    stages: tuple[StageChange, ...] = ()
    counted_bands: tuple[BandStatistics, ...] = ()
    refused_replies: dict[str, str] = field(default_factory=dict)
    """Decisions and feedback that it takes no answer to → why."""
    told_seen: list[tuple[str, ...]] = field(default_factory=list)
    """What it was told the rep has seen, each call."""
    effects: list[Effect] = field(default_factory=list)
    pushed: list[tuple[str, ...]] = field(default_factory=list)
    seen: dict[str, Any] = field(default_factory=dict)
    """What each item was compared with when it came last."""
    asked: list[str] = field(default_factory=list)
    fetches: list[str | None] = field(default_factory=list)
    answers: list[Reply] = field(default_factory=list)
    meddling: list[Callable[[], None]] = field(default_factory=list)
    """What the world does between our read and our write: one for each of the next pushes."""
    archived: set[LeadId] = field(default_factory=set)
    merged: dict[LeadId, LeadId] = field(default_factory=dict)
    """Deleted lead → the one that took its place."""
    hides: bool = False
    """Whether it shows no lead at all, as after a change of rights."""
    closed: int = 0
    skew: timedelta | None = None
    blind: bool = True
    """Whether it does what it is told as often as it is told; else it knows an item by its id."""
    idempotent: bool = True
    """What its capabilities say of that; a CRM that says so is sent an item again as soon as it has not got it."""
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _log: list[LeadId] = field(default_factory=list)

    @classmethod
    def with_leads(cls, clock: Callable[[], datetime], count: int, **more: Any) -> FakeCrm:
        """Return a CRM with leads 1 to `count`, all of them the rep's."""
        leads = {lead_id(number): lead(number) for number in range(1, count + 1)}
        return cls(clock, leads, _log=list(leads), **more)

    # What the world does, and what a test asks

    def change(self, of: LeadId, **fields: Any) -> None:
        """Change a lead behind the rep's back."""
        known = self.leads[of]
        self.leads[of] = replace(known, version=str(int(known.version) + 1), **fields)
        self._log.append(of)

    def reassign(self, of: LeadId) -> None:
        """Let a colleague take the lead."""
        self.change(of, owner=COLLEAGUE, last_decision_id=None)

    def archive(self, of: LeadId) -> None:
        """Put the lead away: its owner no longer sees it."""
        self.archived.add(of)
        self.change(of, last_decision_id=None)

    def delete(self, of: LeadId, *, into: LeadId | None = None) -> None:
        """Delete the lead, perhaps by merging it into another."""
        del self.leads[of]
        self._log.append(of)
        if into is not None:
            self.merged[of] = into

    def add(self, fresh: Lead) -> None:
        self.leads[fresh.lead_id] = fresh
        self._log.append(fresh.lead_id)

    def effects_of(self, item_id: str) -> int:
        return sum(effect.item_id == item_id for effect in self.effects)

    def effects_on(self, of: LeadId) -> list[str]:
        return [effect.what for effect in self.effects if effect.lead_id == of]

    # The port

    async def connect(self) -> FakeCrm:
        return self

    async def whoami(self) -> Rep:
        return Rep(ME.user_id, ME.name)

    async def capabilities(self) -> Capabilities:
        return Capabilities(
            "Fake CRM",
            batch=self.batch,
            replies=True,
            people=True,
            statistics=True,
            idempotency=self.idempotent,
        )

    async def fetch(self, cursor: str | None) -> AsyncIterator[LeadPage]:
        self._reach()
        self.fetches.append(cursor)
        if cursor and not cursor.isdigit():
            raise StaleCursor("not a cursor of mine")
        start = int(cursor) if cursor else 0
        touched = list(dict.fromkeys(self._log[start:]))
        end = str(len(self._log))
        pages = [touched[at : at + self.page] for at in range(0, len(touched), self.page)] or [[]]
        for number, page in enumerate(pages, 1):
            more = number < len(pages)
            # Only the last page's cursor moves on, so that a fetch that stops midway starts again.
            yield self._page(page, cursor, cursor or "0" if more else end, more=more)

    def _page(self, ids: Iterable[LeadId], since: str | None, cursor: str, *, more: bool) -> LeadPage:
        mine = {one: self.leads[one] for one in ids if one in self.leads and not self.hides}
        held = {
            one: row
            for one, row in mine.items()
            if row.owner == ME and row.status in MINE and one not in self.archived
        }
        gone = tuple(one for one in ids if one not in held) if since is not None else ()
        fetched = tuple(replace(row, fetched_at=self.clock()) for row in held.values())
        return LeadPage(fetched, gone, cursor, more=more)

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        assert len({item.kind for item in items}) == 1, "a push is of one kind"
        assert len(items) <= self.batch
        self.pushed.append(tuple(item.id for item in items))
        if self.down:
            return {item.id: RetryLater("connection refused") for item in items}
        fault = self.faults.pop(0) if self.faults else ""
        early = self._before(fault, items)
        if early is not None:
            return early
        if self.meddling:
            self.meddling.pop(0)()
        done = {item.id: self._take(item) for item in items}
        return self._after(fault, done)

    def _before(self, fault: str, items: Sequence[Item]) -> dict[str, Outcome] | None:
        if fault == "drop-before":
            return {item.id: Unknown("connection reset") for item in items}
        if fault == "429":
            return {item.id: RetryLater("too many requests", PAUSE) for item in items}
        if fault == "retry":
            return {item.id: RetryLater("try again") for item in items}
        if fault == "401":
            raise NotSignedIn("the token has expired")
        if fault == "limited":
            raise RateLimited("too many requests", retry_after=PAUSE)
        return None

    def _after(self, fault: str, done: dict[str, Outcome]) -> dict[str, Outcome]:
        if fault == "lost":
            raise CrmError("something went wrong")
        if fault == "drop-after":
            return dict.fromkeys(done, Unknown("connection reset"))
        if fault == "partial":
            return dict(list(done.items())[:-1])
        if fault == "reorder":
            strangers: dict[str, Outcome] = {"no-such-item": Refused(("never heard of it",))}
            return strangers | dict(reversed(done.items()))
        return done

    async def verify(self, item: Item) -> Verdict:
        self._reach()
        self.asked.append(item.id)
        if item.id in self.mute:
            raise Unreachable("not well")
        kept = self._kept.get(item.id)
        return Already(kept.receipt) if kept else Absent()

    async def replies(self, cursor: str | None) -> AsyncIterator[ReplyPage]:
        self._reach()
        start = int(cursor) if cursor else 0
        yield ReplyPage(tuple(self.answers[start:]), str(len(self.answers)), more=False)

    async def reply(self, reply: Reply) -> None:
        self._reach()
        if reply.of in self.refused_replies:
            raise CrmError(self.refused_replies[reply.of])
        if all(known.reply_id != reply.reply_id for known in self.answers):
            self.answers.append(reply)

    async def reply_all(self, replies: Sequence[Reply]) -> Mapping[str, str]:
        self._reach()
        refused = {one.reply_id: self.refused_replies.get(one.of, "") for one in replies}
        for one in replies:
            if not refused[one.reply_id]:
                await self.reply(one)
        return refused

    async def see(self, reply_ids: Sequence[str]) -> None:
        self._reach()
        self.told_seen.append(tuple(reply_ids))
        self.answers = [
            replace(one, seen_at=one.seen_at or self.clock()) if one.reply_id in reply_ids else one
            for one in self.answers
        ]

    async def decisions(self, *, team: bool = False) -> AsyncIterator[ReviewedDecision]:
        for one in self.reviewed_decisions:
            yield one

    async def feedback(self, *, team: bool = False) -> AsyncIterator[ReviewedFeedback]:
        for one in self.reviewed_feedback:
            yield one

    async def outcomes(self, cursor: str | None) -> AsyncIterator[OutcomePage]:
        self._reach()
        start = int(cursor) if cursor else 0
        yield OutcomePage(self.stages[start:], str(len(self.stages)), more=False)

    async def people(self) -> tuple[Person, ...]:
        self._reach()
        return tuple(_PEOPLE.values())

    async def definition(self) -> Definition | None:
        return None

    async def reasons(self) -> ReasonBook | None:
        return None

    async def statistics(self) -> tuple[SourceStatistics, ...]:
        return (SourceStatistics("webinar", 90, 20, 58),)

    async def bands(self) -> tuple[BandStatistics, ...]:
        return self.counted_bands

    async def aclose(self) -> None:
        self.closed += 1

    # What an item does here

    def _reach(self) -> None:
        if self.down:
            raise Unreachable("connection refused")

    def _take(self, item: Item) -> Outcome:
        if not self.blind and item.id in self._kept:
            return Already(self._kept[item.id].receipt)
        if item.lead_id in self.refuses:
            return Refused((self.refuses[item.lead_id],))
        if item.lead_id in self.retries:
            return RetryLater("the lead is locked")
        if item.lead_id not in self.leads:
            return Conflicted(_removed(self.merged.get(item.lead_id)))
        if item.decision is None:
            return self._done(item, Receipt(f"R-{len(self.effects)}", self.clock()))
        return self._decide(item, item.decision)

    def _decide(self, item: Item, decision: Decision) -> Outcome:
        known = self.leads[item.lead_id]
        seen = item.base or decision.snapshot.seen
        self.seen[item.id] = seen
        if decision.act is Act.RESTORE:
            return self._restore(item, decision, known)
        objection = self.objection(seen, known)
        if objection is not None:
            return objection
        after = replace(known, status=_STATUS_AFTER[decision.act])
        if decision.act is Act.REJECT:
            after = replace(after, owner=MARKETING)
        if decision.act is Act.REROUTE:
            if decision.params["to"] not in _PEOPLE:
                return Refused(("There is nobody of this id.",))
            after = replace(after, owner=Owner(decision.params["to"]))
        return self._applied(item, known, after)

    def objection(self, seen: Seen, known: Lead) -> Outcome | None:
        """Refuse what was seen otherwise, in the fields that matter; an archived lead counts to its version."""
        as_seen = (known.owner.user_id, known.status.value) == (seen.owner_id, seen.status)
        if not as_seen or (known.lead_id in self.archived and known.version != seen.version):
            return Conflicted(self._theirs(known))
        return None if known.owner == ME else Refused(("The lead has another owner.",))

    def _theirs(self, known: Lead) -> Theirs:
        return Theirs(
            known.version,
            known.status.value,
            known.owner,
            changed_by=known.owner.name,
            archived=known.lead_id in self.archived,
        )

    def _restore(self, item: Item, decision: Decision, known: Lead) -> Outcome:
        original = self._kept.get(decision.of or "")
        if original is None or original.before is None:
            return Refused(("`of` is not applied.",))
        if known.last_decision_id != decision.of:
            return Conflicted(self._theirs(known))
        before = original.before
        after = replace(known, status=before.status, owner=before.owner)
        return self._applied(item, known, after, marker=before.last_decision_id)

    def _applied(self, item: Item, before: Lead, after: Lead, *, marker: str | None = "") -> Outcome:
        self.leads[item.lead_id] = after
        self.archived.discard(item.lead_id)
        self.change(item.lead_id, last_decision_id=item.id if marker == "" else marker)
        now = self.leads[item.lead_id]
        receipt = Receipt(f"R-{len(self.effects)}", self.clock(), now.version, now.status.value, now.owner)
        return self._done(item, receipt, before)

    def _done(self, item: Item, receipt: Receipt, before: Lead | None = None) -> Outcome:
        what = item.decision.act.value if item.decision else item.feedback.type.value if item.feedback else ""
        self.effects.append(Effect(item.id, item.lead_id, what, before))
        self._kept.setdefault(item.id, _Kept(item, receipt, before))
        return Applied(receipt)


def _removed(into: LeadId | None) -> Theirs:
    return Theirs(changed_by=MARKETING.name, deleted=True, merged_into=into)


class Office:
    """A rep's stores in a folder, with the desk on them, and a CRM to sync with."""

    def __init__(self, folder: Path, crm: FakeCrm, clock: Clock, *, disk: Disk | None = None) -> None:
        self.folder = folder
        self.crm = crm
        self.clock = clock
        self.disk = disk
        self.desk = self.another_desk()
        self.events: list[Event] = []
        """What the last sync told."""

    def another_desk(self) -> Desk:
        """Open the stores once more, as another process would."""
        outbox = Outbox(self.folder / "outbox.journal", self.clock, disk=self.disk)
        leads = Leads(self.folder / "leads.journal")
        return Desk(outbox, leads, rules=shipped_rules, clock=self.clock, hold=HOLD)

    def reopen(self) -> Desk:
        """Close the stores and open them again, as after a restart."""
        self.close()
        self.desk = self.another_desk()
        return self.desk

    def close(self) -> None:
        self.desk.outbox.close()
        self.desk.leads.close()

    def sync(
        self,
        *,
        everything: bool = True,
        deliver: bool = True,
        confirmed: bool = False,
        step: Callable[[str], None] = lambda _step: None,
        who: Rep | None = None,
    ) -> list[Event]:
        """Run one sync to its end; returns its events."""
        room = SyncRoom(
            self.desk.outbox, self.desk.leads, SameThread(), self.clock, step, definition=self.desk.definition
        )

        async def run() -> None:
            self.events = []
            steps = sync(
                room,
                self.crm.connect,
                self.folder / "sync.lock",
                everything=everything,
                deliver=deliver,
                confirmed=confirmed,
                who=who,
            )
            async for event in steps:
                self.events.append(event)

        at_once(run())
        return self.events

    def synced(self, **options: Any) -> SyncReport:
        """Run one sync that is expected to finish; returns its counts."""
        last = self.sync(**options)[-1]
        assert isinstance(last, SyncFinished), last
        return last.report

    def stopped(self, **options: Any) -> SyncStopped:
        """Run one sync that is expected to stop; returns why."""
        last = self.sync(**options)[-1]
        assert isinstance(last, SyncStopped), last
        return last

    def state(self, item_id: str) -> State:
        return self.desk.outbox.get(item_id).state

    def states(self) -> list[State]:
        return [item.state for item in self.desk.outbox.all()]

    def open_ids(self) -> set[LeadId]:
        """Return the leads that wait for the rep's word."""
        now = self.clock.now
        return {entry.lead_id for entry in self.desk.entries() if entry.is_open(now)}

    def queued_at_crash(self, item_id: str, state: State) -> None:
        """Leave an item as a process that ended would have: in `sending`, or of unknown outcome."""
        outbox = self.desk.outbox
        outbox.claim([outbox.get(item_id)])
        if state is State.UNKNOWN:
            from triage.store.outbox import Move

            outbox.move([Move.to(State.UNKNOWN, item_id, error="connection reset")])


def office(folder: Path, leads: int = 5, **more: Any) -> Office:
    """Return an office whose leads are fetched already."""
    clock = Clock()
    made = Office(folder, FakeCrm.with_leads(clock, leads, **more), clock)
    made.synced()
    return made
