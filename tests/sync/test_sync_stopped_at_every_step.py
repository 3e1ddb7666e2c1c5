"""A sync that ends at any of its steps, as a crash would end it, is made good by the next: same end, same effects."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import Crash, office
from tests.sync.final_count import miscounted
from tests.sync.scenarios import SCENARIOS, Scenario
from tests.sync.worlds import FakeWorld, World, folder_in_memory
from triage.domain.item import IN_FLIGHT, State
from triage.store.disk import Disk

RUNS = 5
"""So many syncs are enough to bring everything to its end, with time passing between them."""


@contextmanager
def in_memory(folder: Path) -> Iterator[World]:
    with closing(FakeWorld(office(folder))) as world:
        yield world


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as made:
        yield made


Open = Callable[[Path], Any]


def drain(world: World) -> None:
    world.come_back()
    for _ in range(RUNS):
        world.place.sync()
        world.place.clock.go(minutes=2)


def outcome(world: World) -> dict[str, Any]:
    """Return all that must not depend on where it was stopped; items by their order, for ids are chance."""
    place = world.place
    place.reopen()
    items = place.desk.outbox.all()
    effects = world.effects()
    assert miscounted(items, (item_id for item_id, _what in effects)) == []
    blocked = {item.lead_id for item in items if item.state is State.CONFLICT}
    assert [item for item in items if item.state in IN_FLIGHT] == []
    assert {item.lead_id for item in items if item.state is State.QUEUED} <= blocked
    numbers = {item.id: number for number, item in enumerate(items)}
    places = {lead: number for number, lead in enumerate(world.leads)}
    by_lead: dict[int, list[str]] = {}
    for item_id, what in effects:
        by_lead.setdefault(places[place.desk.outbox.get(item_id).lead_id], []).append(what)
    return {
        "states": place.states(),
        "effects": sorted((numbers[item_id], what) for item_id, what in effects),
        "effects in order": by_lead,
        "at the CRM": [world.standing().get(lead) for lead in world.leads],
        "leads": {
            places[entry.lead_id]: (entry.lead.status, entry.lead.owner.user_id, entry.gone)
            for entry in place.desk.entries()
            if entry.lead_id in places
        },
        "open": {places[lead] for lead in place.open_ids() if lead in places},
        "replies": len(place.desk.replies()),
    }


def steps_of(world: World) -> int:
    """Run one sync; return how many steps it had."""
    steps: list[str] = []
    world.place.sync(step=steps.append)
    return len(steps)


def crash_at(world: World, step: int) -> None:
    left = iter(range(step - 1, -1, -1))

    def countdown(_step: str) -> None:
        if next(left) == 0:
            raise Crash

    with pytest.raises(Crash):
        world.place.sync(step=countdown)


def uninterrupted(opened: Open, folder: Path, prepare: Scenario) -> tuple[int, dict[str, Any]]:
    """Return the steps of the sync after a scenario, and what everything comes to."""
    with opened(folder) as world:
        prepare(world)
        steps = steps_of(world)
        drain(world)
        return steps, outcome(world)


def stopped_everywhere(opened: Open, folder: Path, prepare: Scenario) -> int:
    """Play a scenario once for each of its steps, stopped there; returns how many there were."""
    steps, expected = uninterrupted(opened, folder / "whole", prepare)
    for step in range(1, steps + 1):
        with opened(folder / f"stopped-{step}") as world:
            prepare(world)
            crash_at(world, step)
            world.place.reopen()
            drain(world)
            assert outcome(world) == expected, f"stopped at step {step} of {steps}"
            writes = world.writes()
            report = world.place.synced()
            assert world.writes() == writes
            assert (report.applied, report.already, report.feedback, report.fetched) == (0, 0, 0, 0)
    return steps


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_sync_that_is_stopped_at_any_step_ends_as_if_it_had_not_been(folder: Path, name: str) -> None:
    assert stopped_everywhere(in_memory, folder, SCENARIOS[name]) >= 1


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", SCENARIOS)
def test_over_http_too_a_sync_that_is_stopped_at_any_step_ends_as_if_it_had_not_been(
    folder: Path, name: str
) -> None:
    from tests.sync.http_world import over_http

    assert stopped_everywhere(over_http, folder, SCENARIOS[name]) >= 1


@pytest.mark.parametrize("name", ["drop after commit", "undo of what had arrived"])
def test_a_sync_that_is_stopped_twice_in_a_row_is_made_good_too(folder: Path, name: str) -> None:
    prepare = SCENARIOS[name]
    _, expected = uninterrupted(in_memory, folder / "whole", prepare)
    for first in range(1, 6):
        for second in range(1, 5):
            with in_memory(folder / f"stopped-{first}-{second}") as world:
                prepare(world)
                crash_at(world, first)
                world.place.reopen()
                crash_at(world, second)
                world.place.reopen()
                drain(world)
                assert outcome(world) == expected, f"stopped at {first}, then at {second}"


class EndingDisk(Disk):
    """A disk on which the process ends at its nth write to the queue: before the bytes are there, or after."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.writes = 0
        self.after = False

    def write(self, fd: int, data: Any) -> int:  # type: ignore[override]
        self.writes += 1
        ends = self.left == self.writes
        if ends and not self.after:
            raise Crash
        count = os.write(fd, data)
        if ends:
            raise Crash
        return count


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", ["a bad day", "undo of what had arrived", "every conflict at once", "kept"])
def test_a_sync_that_ends_at_any_write_of_the_queue_is_made_good_by_the_next(
    folder: Path, name: str, after: bool
) -> None:
    prepare = SCENARIOS[name]
    _, expected = uninterrupted(in_memory, folder / "whole", prepare)
    write, went_on = 1, True
    while went_on:
        with in_memory(folder / f"stopped-{write}") as world:
            prepare(world)
            disk = EndingDisk()
            world.place.disk = disk
            world.place.reopen()
            disk.left, disk.writes, disk.after = write, 0, after
            went_on = ends_midway(world)
            world.place.disk = None
            world.place.reopen()
            drain(world)
            assert outcome(world) == expected, f"ended {'after' if after else 'before'} write {write}"
        write += 1
    assert write > 3


def ends_midway(world: World) -> bool:
    try:
        world.place.sync()
    except Crash:
        return True
    return False
