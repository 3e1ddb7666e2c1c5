"""A sync with BottleCRM that ends at any step is made good by the next: every situation of the fault plans."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bottlecrm.world import at_bottlecrm
from tests.sync.scenarios import SCENARIOS
from tests.sync.test_sync_stopped_at_every_step import stopped_everywhere, uninterrupted
from tests.sync.worlds import folder_in_memory
from triage.crm.bottlecrm.delivering import comments
from triage.crm.bottlecrm.delivering.standing import Standing

EACH_TIME = (
    *("several batches", "two decisions of one lead", "retraction", "undo of half a bulk"),
    *("undo of a lead that is gone", "undo, and decide anew", "every conflict at once", "kept, then undone"),
    *("marketing returns", "429", "401 in the middle", "partial", "a bad day", "offline"),
)
"""Played through with each commit; all of them in the long form, stopped at every step."""
STOPPED_EACH_TIME = ("undo of what had arrived",)


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as made:
        yield made


@pytest.mark.parametrize("name", EACH_TIME)
def test_every_situation_comes_to_an_end_with_each_effect_once(folder: Path, name: str) -> None:
    uninterrupted(at_bottlecrm, folder, SCENARIOS[name])


@pytest.mark.parametrize("name", STOPPED_EACH_TIME)
def test_a_sync_that_is_stopped_at_any_step_ends_as_if_it_had_not_been(folder: Path, name: str) -> None:
    assert stopped_everywhere(at_bottlecrm, folder, SCENARIOS[name]) >= 1


def test_a_comment_that_is_not_looked_for_before_it_is_written_is_caught(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comments, "is_missing", lambda *_: True)
    with pytest.raises(AssertionError):
        uninterrupted(at_bottlecrm, folder, SCENARIOS["a bad day"])


def test_an_effect_that_is_not_looked_for_is_caught(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Standing, "mark", lambda *_: None)
    with pytest.raises(AssertionError):
        uninterrupted(at_bottlecrm, folder, SCENARIOS["undo of what had arrived"])


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", SCENARIOS)
def test_stopped_at_any_step_in_every_situation(folder: Path, name: str) -> None:
    assert stopped_everywhere(at_bottlecrm, folder, SCENARIOS[name]) >= 1
