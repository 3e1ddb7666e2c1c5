"""A hundred decisions made offline, and a real BottleCRM that fails in the middle of taking them: each arrives once.

What happens to the server meanwhile is played on a thread. "In the middle" is seen in the server's own log of requests.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest

from tests.live import services
from tests.live.company import marked
from tests.live.service import waited_for
from tests.live.world import COLLEAGUE, LiveWorld, Whose, at_work
from tests.sync.final_count import miscounted
from tests.sync.worlds import folder_in_memory
from triage.crm.dialect import Dialect
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import IN_FLIGHT, State
from triage.domain.lead import LeadId
from triage.errors import Unreachable
from triage.sync.events import Event, SyncStopped

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]
MANY = 100
SYNCS = 6
"""So many are enough to bring everything to its end, with time passing between them."""
LATEST = 300.0
WORLD = ThreadPoolExecutor(1)
"""Its thread lives as long as the tests do: what a thread has started ends with it."""


@pytest.fixture
def folder() -> Iterator[Any]:
    with folder_in_memory() as made:
        yield made


@pytest.fixture
def working(folder, live, company) -> Iterator[Callable[..., LiveWorld]]:
    """Make the world of a rep who has a hundred leads together with a colleague, who sees them too."""
    with ExitStack() as worlds:

        def open_for(rep: str, dialect: Dialect | None = None) -> LiveWorld:
            whose = Whose(rep, company.leads([rep, COLLEAGUE], MANY), dialect or Dialect())
            return worlds.enter_context(at_work(folder, live, company, whose))

        yield open_for


def decided_offline(world: LiveWorld, *accepted: LeadId) -> None:
    """Decide each lead while nothing is reached; some with a word to marketing besides."""
    world.go_down()
    desk = world.place.desk
    for number, lead in enumerate(world.leads):
        if lead in accepted:
            desk.decide([lead], Act.ACCEPT)
        elif number % 3 == 0:
            desk.decide(
                [lead], Act.RECYCLE, reason="EARLY_RESEARCH", params={"wake": "none"}, note="Again in May."
            )
        else:
            desk.decide([lead], Act.REJECT, reason="NOT_A_BUYER", note=f"Not one of ours ({number}).")
        if number % 20 == 0:
            desk.feedback([lead], FeedbackType.OBJECTION, {"category": "price"})
    stopped = world.place.sync()[-1]
    assert isinstance(stopped, SyncStopped)
    assert isinstance(stopped.error, Unreachable)
    world.place.clock.go(minutes=2)
    world.come_back()


def synced_while(world: LiveWorld, happenings: Mapping[int, Callable[[], None]]) -> Event:
    """Sync; when the server has taken so many writes of leads in that sync, something happens. Returns its end."""
    over, before = threading.Event(), world.writes()

    def has_come_to(number: int) -> bool:
        return over.is_set() or world.writes() >= before + number

    def play() -> None:
        for number, happens in happenings.items():
            waited_for(partial(has_come_to, number), LATEST)
            assert not over.is_set(), f"the sync was over before {number} writes: {world.place.events[-1]}"
            happens()

    playing = WORLD.submit(play)
    try:
        return world.place.sync()[-1]
    finally:
        over.set()
        playing.result(LATEST)


def drained(world: LiveWorld) -> int:
    """Sync until everything has come to its end; returns how many syncs that took."""
    for number in range(1, SYNCS + 1):
        world.place.sync()
        world.place.clock.go(minutes=2)
        if not [item for item in world.place.desk.outbox.all() if item.state in {*IN_FLIGHT, State.QUEUED}]:
            return number
    raise AssertionError(f"not at an end after {SYNCS} syncs: {Counter(world.place.states())}")


def each_arrived_once(world: LiveWorld) -> Counter[State]:
    """Check the CRM's own records: one effect and one comment of each item that was taken, none of any other."""
    items = world.place.desk.outbox.all()
    assert miscounted(items, [item_id for item_id, _word in world.effects()]) == []
    comments = world.comments()
    told = [item.id for item in items for comment in comments if marked(comment, item.id)]
    assert miscounted(items, told) == []
    return Counter(item.state for item in items)


def test_decisions_made_offline_arrive_once_each_with_their_comments(working, figure):
    world = working("offline")
    decided_offline(world)
    started = time.perf_counter()
    syncs = drained(world)
    took = time.perf_counter() - started
    figure(
        f"{MANY} decisions made offline, and {MANY // 20} objections: once each in {syncs} sync of {took:.1f} s"
    )
    assert each_arrived_once(world) == {State.APPLIED: MANY + MANY // 20}


def test_redis_stops_in_the_middle_of_a_sync_and_a_conversion_says_500_though_it_was_done(working, live):
    redis = services.redis(live)
    converted = Dialect(statuses={"accepted": "converted"})
    world = working("redis", converted)
    decided_offline(world, *world.leads[40:42])
    synced_while(world, {20: redis.stop, 50: redis.start})
    drained(world)
    assert each_arrived_once(world) == {State.APPLIED: MANY + MANY // 20}
    statuses = Counter(status for status, *_more in world.standing().values())
    assert statuses["converted"] == 2
    assert any(line.startswith("PATCH ") and line.endswith(" 500") for line in live.access())


def test_a_second_rep_takes_leads_in_the_middle_of_a_sync(working, company):
    world = working("taken")
    decided_offline(world)
    taken = world.leads[-5:]

    def take() -> None:
        for lead in taken:
            company.change(lead, who=COLLEAGUE, assigned_to=[company.people[COLLEAGUE].profile_id])

    synced_while(world, {30: take})
    drained(world)
    states = each_arrived_once(world)
    conflicts = world.place.desk.outbox.in_states([State.CONFLICT])
    assert {item.lead_id for item in conflicts} == set(taken)
    assert states[State.CONFLICT] == len(taken)
    assert states[State.APPLIED] == MANY + MANY // 20 - len(taken)
    assert [company.records(lead) for lead in taken] == [[]] * len(taken)


def test_the_server_is_killed_and_restarted_in_the_middle_of_a_sync_twice(working, live):
    server = services.server(live)
    world = working("killed")
    decided_offline(world)
    for taken in (25, 30):
        assert isinstance(synced_while(world, {taken: server.kill}), SyncStopped)
        world.place.reopen()
        server.start()
        world.place.clock.go(minutes=2)
    drained(world)
    assert each_arrived_once(world) == {State.APPLIED: MANY + MANY // 20}
