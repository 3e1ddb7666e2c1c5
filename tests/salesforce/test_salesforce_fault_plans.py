"""The fault plans of the sync on the stand-in: stopped at any step, a sync is made good by the next."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.salesforce.world import Door, door, on_org
from tests.sync import test_sync_stopped_at_every_step as stopping
from tests.sync.scenarios import SCENARIOS
from tests.sync.test_sync_stopped_at_every_step import drain, outcome, stopped_everywhere
from tests.sync.worlds import World, folder_in_memory

STOPPED = ("drop after commit", "taken between our read and our write")
"""Stopped at each of their steps with every commit; the others once, and at each step in the long run."""
OF_THE_ENGINE = {
    "empty",
    "offline",
    "several batches",
    "retraction before sending",
    "undo before sending",
    "undo while sending",
    "kept in the archive",
    "dropped after a conflict",
    "changed where it does not matter",
}
"""What no adapter meets in another way than the embedded CRM's: in the long run only."""
OF_TASKS = ("feedback", "undo after sync", "every conflict at once", "partial", "marketing returns", *STOPPED)
"""What the mode without the object does in its own way."""
WITHOUT_ORDER = {("feedback", "tasks")}
"""Without a key of the org's, feedback that may still arrive waits a minute, and a decision does not wait for it."""
MODES = {"object": True, "tasks": False}


@pytest.fixture(scope="module")
def behind() -> Iterator[tuple[Door, str]]:
    with door() as made:
        yield made


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as made:
        yield made


ONCE = [
    *((name, "object") for name in SCENARIOS if name not in OF_THE_ENGINE),
    *((name, "tasks") for name in OF_TASKS),
]


def without_order(world: World) -> dict[str, Any]:
    """Return what must not depend on where it was stopped, but for the order of effects on one lead."""
    return {name: value for name, value in outcome(world).items() if name != "effects in order"}


@pytest.mark.parametrize(("name", "mode"), ONCE)
def test_whatever_lies_in_the_queue_comes_to_its_end_with_one_effect_each(
    behind: tuple[Door, str], folder: Path, name: str, mode: str
) -> None:
    with on_org(*behind, folder, with_object=MODES[mode]) as world:
        SCENARIOS[name](world)
        drain(world)
        outcome(world)


@pytest.mark.parametrize("name", STOPPED)
def test_a_sync_that_is_stopped_at_any_step_ends_as_if_it_had_not_been(
    behind: tuple[Door, str], folder: Path, name: str
) -> None:
    assert stopped_everywhere(partial(on_org, *behind), folder, SCENARIOS[name]) >= 1


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_stopped_at_every_step_in_both_modes(
    behind: tuple[Door, str], folder: Path, name: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if (name, mode) in WITHOUT_ORDER:
        monkeypatch.setattr(stopping, "outcome", without_order)
    opened = partial(on_org, *behind, with_object=MODES[mode])
    assert stopped_everywhere(opened, folder, SCENARIOS[name]) >= 1
