"""A sync with Odoo that ends at any step is made good by the next: every situation of the fault plans."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.odoo.world import at_odoo
from tests.sync.scenarios import SCENARIOS
from tests.sync.test_sync_stopped_at_every_step import stopped_everywhere, uninterrupted
from tests.sync.worlds import folder_in_memory

EACH_TIME = (
    *("several batches", "two decisions of one lead", "retraction", "undo of half a bulk"),
    *("undo of a lead that is gone", "undo, and decide anew", "every conflict at once", "kept, then undone"),
    *("marketing returns", "401 in the middle", "partial", "a bad day"),
)
"""Played through with each commit; all of them in the long form, stopped at every step."""
STOPPED_EACH_TIME = ("undo of what had arrived",)


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as made:
        yield made


@pytest.mark.parametrize("name", EACH_TIME)
def test_every_situation_comes_to_an_end_with_each_effect_once(folder: Path, name: str) -> None:
    uninterrupted(at_odoo, folder, SCENARIOS[name])


@pytest.mark.parametrize("name", STOPPED_EACH_TIME)
def test_a_sync_that_is_stopped_at_any_step_ends_as_if_it_had_not_been(folder: Path, name: str) -> None:
    assert stopped_everywhere(at_odoo, folder, SCENARIOS[name]) >= 1


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", SCENARIOS)
def test_stopped_at_any_step_in_every_situation(folder: Path, name: str) -> None:
    assert stopped_everywhere(at_odoo, folder, SCENARIOS[name]) >= 1


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", SCENARIOS)
def test_stopped_at_any_step_where_the_leads_are_opportunities_and_nobody_made_fields(
    folder: Path, name: str
) -> None:
    opened = partial(at_odoo, use_leads=False, set_up=False)
    assert stopped_everywhere(opened, folder, SCENARIOS[name]) >= 1


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", SCENARIOS)
def test_stopped_at_any_step_over_the_interface_before_19(folder: Path, name: str) -> None:
    opened = partial(at_odoo, version="17.0")
    assert stopped_everywhere(opened, folder, SCENARIOS[name]) >= 1
