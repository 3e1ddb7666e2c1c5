"""A sync with HubSpot that ends at any step is made good by the next: every situation of the fault plans."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.hubspot.world import at_hubspot
from tests.sync import test_sync_stopped_at_every_step
from tests.sync.scenarios import SCENARIOS
from tests.sync.test_sync_stopped_at_every_step import outcome, stopped_everywhere, uninterrupted
from tests.sync.worlds import World, folder_in_memory

NO_ARCHIVE = "kept in the archive"
"""HubSpot's archive is its recycle bin: nothing can be written to what lies there."""
PLAYED = [name for name in SCENARIOS if name != NO_ARCHIVE]
EACH_TIME = (
    *("several batches", "two decisions of one lead", "retraction", "undo of half a bulk"),
    *("undo of a lead that is gone", "undo, and decide anew", "every conflict at once", "kept, then undone"),
    *("marketing returns", "429", "401 in the middle", "partial", "a bad day", "offline"),
)
"""Played through with each commit; all of them in the long form, stopped at every step."""
STOPPED_EACH_TIME = ("undo of what had arrived",)


def settled(world: World) -> dict[str, Any]:
    """Return what everything comes to, but for the status that the copy of a lead which is gone has kept.

    A decision that stopped half-way may have moved its lead out of the rep's before it is taken: the fetch in
    between puts the lead away, and what is put away is not amended.
    """
    came_to = outcome(world)
    leads = {
        one: (None if gone else status, owner, gone)
        for one, (status, owner, gone) in came_to["leads"].items()
    }
    return {**came_to, "leads": leads}


@pytest.fixture(autouse=True)
def compares_what_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_sync_stopped_at_every_step, "outcome", settled)


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as made:
        yield made


@pytest.mark.parametrize("name", EACH_TIME)
def test_every_situation_comes_to_an_end_with_each_effect_once(folder: Path, name: str) -> None:
    uninterrupted(at_hubspot, folder, SCENARIOS[name])


@pytest.mark.parametrize("name", STOPPED_EACH_TIME)
def test_a_sync_that_is_stopped_at_any_step_ends_as_if_it_had_not_been(folder: Path, name: str) -> None:
    assert stopped_everywhere(at_hubspot, folder, SCENARIOS[name]) >= 1


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", PLAYED)
def test_stopped_at_any_step_in_every_situation(folder: Path, name: str) -> None:
    assert stopped_everywhere(at_hubspot, folder, SCENARIOS[name]) >= 1


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", PLAYED)
def test_stopped_at_any_step_where_contacts_are_the_leads(folder: Path, name: str) -> None:
    opened = partial(at_hubspot, lead_object="contacts")
    assert stopped_everywhere(opened, folder, SCENARIOS[name]) >= 1
