"""Sending 10,000 decisions, batch by batch in turn with a bare loop that sends the same batches.

Two CRMs with the same leads: one for us, who record claim and answer on the disk for each batch, one for the
loop. Each batch of the loop follows ours, so that both meet the same minute of the machine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.crm import RunningServer, bare_client, running_server, signed_in, undisturbed
from bench.effort import Effort
from bench.homes import PROFILE, scratch
from bench.ratios import Ratio
from triage.crm.rest.adapter import RestCrm
from triage.crm.rest.bodies import batch_body, batch_key
from triage.desk.session import Session
from triage.domain.act import Act
from triage.domain.item import Item, State
from triage.house import House
from triage.sync.deliver import Delivery
from triage.sync.events import Progress
from triage.sync.room import SyncRoom
from triage.sync.tally import Tally
from triage.wiring import open_session

COUNT = 10_000
_APPLIED = "applied"


@dataclass(frozen=True, slots=True)
class Batch:
    """One write, ready to be sent."""

    key: str
    body: dict[str, Any]

    def __len__(self) -> int:
        return len(self.body["items"])


@dataclass(slots=True)
class Seconds:
    """What each has taken so far."""

    ours: float = 0.0
    bare: float = 0.0


def ratios(effort: Effort) -> Iterator[Ratio]:
    """Accept every lead that may be accepted, and send it all."""
    count = effort.of(COUNT, least=1_000)
    with running_server(leads=count) as server, running_server(leads=count) as twin, scratch() as folder:
        yield asyncio.run(_delivering(server, twin, folder))


async def _delivering(server: RunningServer, twin: RunningServer, folder: Path) -> Ratio:
    environ = signed_in(server, folder / "home")
    session = open_session(House.found(environ), PROFILE)
    try:
        await _decide(session)
        items = await session.call(session.desk.outbox.in_states, [State.QUEUED])
        async with bare_client(twin) as client:
            with undisturbed():
                seconds = await _in_turn(session, server, client, items)
        applied = await session.call(lambda: len(session.desk.outbox.in_states([State.APPLIED])))
    finally:
        await session.aclose()
    if applied < len(items):
        raise ValueError(f"{applied:,} of {len(items):,} decisions were applied")
    return Ratio(
        f"deliver {len(items):,} decisions",
        "the same batches by a bare httpx loop, no store",
        seconds.ours / seconds.bare,
        at_most=1.8,
        remark=f"{seconds.ours:.2f} s beside {seconds.bare:.2f} s",
    )


async def _decide(session: Session) -> None:
    """Fetch, and accept everything."""
    async for _ in session.sync(everything=True):
        pass
    entries = await session.call(session.desk.entries)
    lead_ids = [entry.lead_id for entry in entries]
    await session.call(session.desk.decide, lead_ids, Act.ACCEPT)


async def _in_turn(
    session: Session, server: RunningServer, client: httpx.AsyncClient, items: Sequence[Item]
) -> Seconds:
    """Let a bare batch follow each of ours, in the same order and of the same size."""
    desk = session.desk
    crm = RestCrm(server.url, server.rep_token)
    size = (await crm.capabilities()).batch
    batches = [_batch(items[start : start + size]) for start in range(0, len(items), size)]
    room = SyncRoom(desk.outbox, desk.leads, session.thread, desk.clock)
    seconds, waiting = Seconds(), iter(batches)
    started = time.perf_counter()
    async for event in Delivery(room, crm, Tally(), everything=True).run():
        if isinstance(event, Progress):
            seconds.ours += time.perf_counter() - started
            seconds.bare += await _send(client, next(waiting))
            started = time.perf_counter()
    seconds.ours += time.perf_counter() - started
    await crm.aclose()
    return seconds


def _batch(items: Sequence[Item]) -> Batch:
    return Batch(batch_key(items), batch_body(items))


async def _send(client: httpx.AsyncClient, batch: Batch) -> float:
    """Send one batch and read the answer; returns the seconds it took."""
    started = time.perf_counter()
    answer = await client.post("/v1/decisions", json=batch.body, headers={"Idempotency-Key": batch.key})
    results = answer.json()["results"]
    seconds = time.perf_counter() - started
    if sum(one["outcome"] == _APPLIED for one in results) < len(batch):
        raise ValueError("the CRM did not apply a whole batch of the bare loop")
    return seconds
