"""What the processes do that a campaign kills: a rep who decides, a shell that syncs, and colleagues who meddle.

Each runs in a fork, on the real stores in a home, and acknowledges with one line, written at once, after the call
has returned. Only the meddler is never killed: it owns nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from tests.kill.checker import Acked, Seen
from triage.clock import utc_now
from triage.desk.desk import Desk
from triage.desk.events import AnotherSyncs, SyncStopped
from triage.desk.session import Session
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.inbox import Entry, View
from triage.domain.item import Item, State
from triage.domain.lead import LeadId
from triage.errors import NotAllowed, UnknownLead
from triage.house import House
from triage.wiring import open_session

ME = "U-01"
COLLEAGUES = ("U-02", "U-03", "U-04", "Q-PARTNER")
OPENED = "opened"
"""A process's first word: its files are open."""
_NEW: tuple[tuple[Act, str | None, dict[str, str]], ...] = (
    (Act.ACCEPT, None, {}),
    (Act.ACCEPT, None, {}),
    (Act.REJECT, "NOT_A_BUYER", {}),
    (Act.RECYCLE, "EARLY_RESEARCH", {"wake": "none"}),
    (Act.SNOOZE, None, {"until": "3d"}),
)
_LATER: tuple[tuple[Act, str | None, dict[str, str]], ...] = (
    (Act.RECYCLE, "EARLY_RESEARCH", {"wake": "none"}),
    (Act.DISQUALIFY, "DO_NOT_CONTACT", {}),
)
_TOLD: tuple[tuple[FeedbackType, dict[str, str]], ...] = (
    (FeedbackType.NOTE, {"text": "hello"}),
    (FeedbackType.OBJECTION, {"category": "price"}),
)
_THINKS = 0.005
"""Seconds between two acts of a rep, on average: the sync gets to its end now and then."""
_LOOKED_AT = 10
"""Leads of which an act picks those that it is possible on."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a child works, and with which dice."""

    environ: dict[str, str]
    url: str
    marketing_token: str
    leads: tuple[str, ...]
    dice: random.Random
    out: int
    """The pipe on which it acknowledges."""
    pace: float
    """Seconds that the meddler waits between two of its acts, on average."""
    parent: int = field(default_factory=os.getppid)

    @property
    def is_abandoned(self) -> bool:
        """Whether the parent has died: then nobody would ever end this process."""
        return os.getppid() != self.parent

    def say(self, line: Any) -> None:
        """Write one line at once; the pipe takes it whole or not at all."""
        os.write(self.out, (json.dumps(line) + "\n").encode())

    def session(self) -> Session:
        """Open the profile's session, as every command does, and say so."""
        session = open_session(House.found(self.environ))
        self.say({"word": OPENED})
        return session


def decide(place: Place) -> None:
    """Decide, tell, undo and resolve without end, and acknowledge each act."""
    rep = _Rep(place)
    while not place.is_abandoned:
        rep.act()


def sync(place: Place) -> None:
    """Sync without end; after SIGTERM, to the end of the running one."""
    told = _Told()
    asyncio.run(_syncs(place, told))


def meddle(place: Place) -> None:
    """Give leads to colleagues, and give them back, until SIGTERM."""
    told = _Told()
    headers = {"Authorization": f"Bearer {place.marketing_token}"}
    with httpx.Client(base_url=place.url, headers=headers, trust_env=False) as client:
        while not told and not place.is_abandoned:
            time.sleep(place.dice.expovariate(1 / place.pace))
            to = place.dice.choice((*COLLEAGUES, *[ME] * 7))
            with suppress(httpx.HTTPError):  # a fault struck: nothing is owed here
                client.post(f"/v1/leads/{place.dice.choice(place.leads)}/assign", json={"owner_id": to})


ROLES: dict[str, Callable[[Place], None]] = {"decider": decide, "syncer": sync, "meddler": meddle}


class _Told:
    """Turns true with SIGTERM."""

    def __init__(self) -> None:
        self._is_told = False
        signal.signal(signal.SIGTERM, self._hear)

    def __bool__(self) -> bool:
        return self._is_told

    def _hear(self, _number: int, _frame: Any) -> None:
        self._is_told = True


async def _syncs(place: Place, told: _Told) -> None:
    session = place.session()
    while not told and not place.is_abandoned:
        word = "no event"
        async for event in session.sync(everything=True):
            word = type(event.error if isinstance(event, SyncStopped) else event).__name__
        place.say({"word": word})
        await asyncio.sleep(place.dice.uniform(0, 0.2 if word == AnotherSyncs.__name__ else 0.02))
    await session.aclose()


class _Rep:
    """One rep, at one desk."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._dice = place.dice
        self._session = place.session()
        self._desk: Desk = self._session.desk
        self._mine: list[str] = []
        """What this process acknowledged: it may be undone."""

    def act(self) -> None:
        """Do one thing, and acknowledge it; nothing, where nothing is possible."""
        time.sleep(self._dice.expovariate(1 / _THINKS))
        acts = (self._decide, self._tell, self._undo, self._resolve)
        (act,) = self._dice.choices(acts, (12, 2, 1, 3))
        entries = self._session.wait(self._look)
        try:
            items = act(entries)
        except (NotAllowed, UnknownLead):
            return  # another process was faster
        if items:
            self._mine += [item.id for item in items]
            self._place.say([asdict(acked(item)) for item in items])

    def _look(self) -> list[Entry]:
        """Return some leads as they are now, with what other processes wrote."""
        self._desk.changed_elsewhere()
        some = self._dice.sample(self._place.leads, min(_LOOKED_AT, len(self._place.leads)))
        return list(self._desk.entries_of(LeadId(one) for one in some))

    def _decide(self, entries: list[Entry]) -> Iterable[Item]:
        now = utc_now()
        anew = [entry.lead_id for entry in entries if entry.is_open(now)]
        later = [entry.lead_id for entry in entries if View.WORKING.shows(entry, now)]
        leads, wishes = (anew, _NEW) if anew and self._dice.random() < 0.9 else (later, _LATER)
        return self._decided(leads[: self._dice.choice((1, 2, 4, 8))], wishes)

    def _decided(
        self, leads: Sequence[LeadId], wishes: Sequence[tuple[Act, str | None, dict[str, str]]]
    ) -> Iterable[Item]:
        act, reason, params = self._dice.choice(wishes)
        if not leads:
            return ()
        return self._session.wait(self._desk.decide, leads, act, reason=reason, params=params).items

    def _tell(self, entries: list[Entry]) -> Iterable[Item]:
        kind, payload = self._dice.choice(_TOLD)
        leads = [entry.lead_id for entry in entries if not entry.gone][: self._dice.choice((1, 3))]
        return self._session.wait(self._desk.feedback, leads, kind, payload).items

    def _undo(self, _entries: list[Entry]) -> Iterable[Item]:
        named = self._dice.choice(self._mine[-30:]) if self._mine and self._dice.random() < 0.8 else None
        return self._session.wait(self._desk.undo, named).items

    def _resolve(self, entries: list[Entry]) -> Iterable[Item]:
        stuck = [
            entry.decision
            for entry in entries
            if entry.decision and entry.decision.state in (State.CONFLICT, State.REFUSED)
        ]
        if not stuck:
            return ()
        item = stuck[0]
        way = self._dice.choice(("mine", "drop", "again"))
        if way == "again":
            return self._decided([item.lead_id], (*_NEW, *_LATER))
        if way == "mine" and item.state is State.CONFLICT:
            return self._session.wait(self._desk.keep_mine, item.id).items
        return self._session.wait(self._drop, item)

    def _drop(self, item: Item) -> Iterable[Item]:
        self._desk.drop([item.id])
        return [self._desk.outbox.get(item.id)]


def acked(item: Item) -> Acked:
    """Return what a process acknowledges of an item: enough to judge later what became of it."""
    withdrawn = item.state is State.WITHDRAWN
    decision = item.decision
    if decision is None:
        return Acked(item.id, item.lead_id, item.kind, withdrawn=withdrawn)
    seen = item.base or decision.snapshot.seen
    return Acked(
        item.id,
        item.lead_id,
        seen=None if decision.of else Seen(int(seen.version), seen.owner_id, seen.status),
        of=decision.of,
        withdrawn=withdrawn,
    )
