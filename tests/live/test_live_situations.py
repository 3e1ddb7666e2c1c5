"""What can lie in a queue when a sync begins, played on a real BottleCRM: what differs from the stand-in would show here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.world import Whose, at_work
from tests.sync.scenarios import SCENARIOS
from tests.sync.test_sync_stopped_at_every_step import drain, outcome
from tests.sync.worlds import folder_in_memory

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]
PLAYED = (
    *("several batches", "two decisions of one lead", "feedback", "retraction", "undo of what had arrived"),
    *(
        "undo after sync",
        "undo of a lead that is gone",
        "another status",
        "deleted",
        "kept",
        "marketing returns",
    ),
    "offline",
)
"""The live server has no archive, merges no leads, and drops no answers when told to."""


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as made:
        yield made


@pytest.mark.parametrize("name", PLAYED)
def test_every_situation_comes_to_an_end_with_each_effect_once(folder, live, company, name):
    whose = Whose("situations", company.leads(["situations"], 5))
    with at_work(folder, live, company, whose) as world:
        SCENARIOS[name](world)
        drain(world)
        outcome(world)
