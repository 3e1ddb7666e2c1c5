"""A worse product is found out: each protection taken out once, by a switch of the harness, turns the checker red.

Two of them need a worse CRM as well. The embedded one keeps our ids and so forgives a second send; one that keeps
none (`forgetful`) shows whether we send twice. Beside each such mutant the product itself passes the same weather.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.kill.campaigns import UNKILLED, Fight, Outcome, fought
from tests.kill.checker import Flaw, violations
from tests.kill.watched_crm import Weather

pytestmark = [pytest.mark.kill, pytest.mark.timeout(300)]
LOST_ANSWERS = Weather(faults="drop-after-commit:0.4,500-after-commit:0.4", forgetful=True)
SLOW = Weather(forgetful=True, slow=0.4)
MEDDLING = Weather(faults="conflict:0.1,reassign:0.1")
ALONE = (("decider", 1), ("syncer", 1))

HASTY = Fight(
    kills=6,
    mutant="ack before commit",
    roles=(("decider", 1),),
    lives=(("decider", (0.05, 0.3)),),
    weather=Weather(),
)
BLIND = Fight(
    kills=0, acks=40, syncs=4, mutant="no read-back", roles=ALONE, lives=UNKILLED, weather=LOST_ANSWERS
)
UNLOCKED = Fight(
    kills=0,
    acks=80,
    syncs=4,
    mutant="no lock",
    roles=(("decider", 1), ("syncer", 3)),
    lives=UNKILLED,
    weather=SLOW,
)
CARELESS = Fight(
    kills=0,
    acks=150,
    syncs=6,
    mutant="no conflict check",
    roles=(*ALONE, ("meddler", 1)),
    lives=UNKILLED,
    weather=MEDDLING,
    pace=0.004,
)


TRIES = 3
"""A mutant that chance spared is given another chance to err; one that never errs is not found out."""


def flaws(outcome: Outcome) -> set[Flaw]:
    return {one.flaw for one in violations(outcome.histories)}


def flaws_in_the_end(folder: Path, fight: Fight) -> set[Flaw]:
    found: set[Flaw] = set()
    for number in range(TRIES):
        found = flaws(fought(folder / str(number), replace(fight, seed=fight.seed + number)))
        if found:
            break
    return found


def test_an_acknowledgement_before_the_commit_is_found_out(tmp_path: Path) -> None:
    assert Flaw.LOST in flaws_in_the_end(tmp_path, HASTY)


def test_a_second_send_without_asking_first_is_found_out(tmp_path: Path) -> None:
    assert Flaw.DOUBLED in flaws_in_the_end(tmp_path, BLIND)


@pytest.mark.soak
def test_two_senders_at_once_are_found_out(tmp_path: Path) -> None:
    assert Flaw.DOUBLED in flaws_in_the_end(tmp_path, UNLOCKED)


@pytest.mark.soak
def test_writing_over_what_others_changed_is_found_out(tmp_path: Path) -> None:
    found = flaws_in_the_end(tmp_path, CARELESS)
    assert found
    assert found <= {Flaw.OVERWRITTEN, Flaw.NOT_FLAGGED}


@pytest.mark.soak
@pytest.mark.parametrize("mutant", [HASTY, BLIND, UNLOCKED, CARELESS], ids=lambda fight: fight.mutant)
def test_the_product_itself_passes_where_the_mutant_fails(tmp_path: Path, mutant: Fight) -> None:
    outcome = fought(tmp_path, replace(mutant, mutant=""))
    assert outcome.stderr == ""
    assert [str(one) for one in violations(outcome.histories)] == []


@pytest.mark.soak
def test_a_missing_fsync_is_not_seen_by_a_kill(tmp_path: Path) -> None:
    """The system keeps what it was given when a process dies: only the power-loss model sees this mutant."""
    assert flaws(fought(tmp_path, replace(HASTY, mutant="no fsync"))) == set()
