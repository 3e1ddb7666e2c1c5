"""A sync that ends at any of its steps, as a crash would end it, is made good by the next: same end, same effects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import ME, Crash, Office, lead_id, office
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import State
from triage.domain.lead import LeadStatus
from triage.domain.review import Reply, ReplyKind

ONE, TWO, THREE, FOUR, FIVE = (lead_id(number) for number in range(1, 6))
RUNS = 5
"""So many syncs are enough to bring everything to its end, with time passing between them."""


def decisions(place: Office) -> None:
    place.desk.decide([ONE, TWO, THREE], Act.ACCEPT)
    place.desk.decide([FOUR], Act.REJECT, reason="NOT_A_BUYER")


def feedback(place: Office) -> None:
    place.desk.feedback([ONE, TWO], FeedbackType.OBJECTION, {"category": "price"})
    place.desk.decide([ONE], Act.ACCEPT)


def undo_after_sync(place: Office) -> None:
    place.desk.decide([ONE, TWO], Act.REJECT, reason="NOT_A_BUYER")
    place.desk.feedback([THREE], FeedbackType.NOTE, {"text": "hello"})
    place.synced()
    place.desk.undo()
    place.desk.undo()


def undo_behind_a_lost_answer(place: Office) -> None:
    item = place.desk.decide([ONE], Act.ACCEPT).items[0]
    place.crm.faults = ["drop-after"]
    place.crm.mute = {item.id}
    place.synced()
    place.crm.mute = set()
    place.desk.undo()


def conflict(place: Office) -> None:
    place.desk.decide([ONE, TWO], Act.ACCEPT)
    place.crm.change(ONE, status=LeadStatus.WORKING)


def reassigned(place: Office) -> None:
    place.desk.decide([ONE, TWO], Act.ACCEPT)
    place.crm.reassign(ONE)


def refused(place: Office) -> None:
    place.desk.decide([ONE, TWO], Act.ACCEPT)
    place.crm.refuses[ONE] = "no"


def struck_by(*faults: str) -> Callable[[Office], None]:
    def prepare(place: Office) -> None:
        place.crm.batch = 2
        decisions(place)
        place.crm.faults = list(faults)

    return prepare


def two_decisions_of_one_lead(place: Office) -> None:
    first = place.desk.decide([ONE], Act.ACCEPT).items[0]
    place.queued_at_crash(first.id, State.UNKNOWN)
    place.desk.decide([ONE], Act.RECYCLE, reason="EARLY_RESEARCH", params={"wake": "none"})


def marketing_returns(place: Office) -> None:
    item = place.desk.decide([ONE], Act.REJECT, reason="NOT_A_BUYER").items[0]
    place.synced()
    place.crm.change(ONE, owner=ME, status=LeadStatus.ASSIGNED)
    place.crm.answers.append(Reply("A-1", item.id, ReplyKind.RETURNED, "Please look again."))


def nothing(_place: Office) -> None:
    pass


SCENARIOS: dict[str, Callable[[Office], None]] = {
    "new decisions": decisions,
    "feedback": feedback,
    "undo after sync": undo_after_sync,
    "undo behind a lost answer": undo_behind_a_lost_answer,
    "conflict": conflict,
    "reassigned": reassigned,
    "refused": refused,
    "429": struck_by("429"),
    "401": struck_by("401"),
    "retry": struck_by("retry"),
    "partial": struck_by("partial"),
    "drop before commit": struck_by("drop-before"),
    "drop after commit": struck_by("drop-after"),
    "a bad day": struck_by("drop-after", "drop-before", "partial", "429", "drop-after"),
    "two decisions of one lead": two_decisions_of_one_lead,
    "marketing returns": marketing_returns,
    "empty": nothing,
}


def drain(place: Office) -> None:
    for _ in range(RUNS):
        place.sync()
        place.clock.go(minutes=2)


def outcome(place: Office) -> dict[str, Any]:
    """Return all that must not depend on where it was stopped; items by their order, for ids are chance."""
    place.reopen()
    numbers = {item.id: number for number, item in enumerate(place.desk.outbox.all())}
    effects = [(numbers[effect.item_id], effect.what) for effect in place.crm.effects]
    entries = {
        entry.lead_id: (entry.lead.status, entry.lead.owner, entry.gone) for entry in place.desk.entries()
    }
    return {
        "states": place.states(),
        "effects": sorted(effects),
        "effects in order": {one: place.crm.effects_on(one) for one in place.crm.leads},
        "leads": entries,
        "open": place.open_ids(),
        "replies": [reply.reply_id for reply in place.desk.replies()],
    }


def steps_of(place: Office) -> int:
    """Run one sync; return how many steps it had."""
    steps: list[str] = []
    place.sync(step=steps.append)
    return len(steps)


def crash_at(place: Office, step: int) -> None:
    left = iter(range(step - 1, -1, -1))

    def count(_step: str) -> None:
        if next(left) == 0:
            raise Crash

    with pytest.raises(Crash):
        place.sync(step=count)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_sync_that_is_stopped_at_any_step_ends_as_if_it_had_not_been(tmp_path: Path, name: str) -> None:
    whole = office(tmp_path / "whole")
    SCENARIOS[name](whole)
    steps = steps_of(whole)
    drain(whole)
    expected = outcome(whole)
    whole.close()
    assert steps >= 1
    for step in range(1, steps + 1):
        place = office(tmp_path / f"stopped-{step}")
        SCENARIOS[name](place)
        crash_at(place, step)
        place.reopen()
        drain(place)
        assert outcome(place) == expected, f"stopped at step {step} of {steps}"
        pushes = len(place.crm.pushed)
        report = place.synced()
        assert len(place.crm.pushed) == pushes
        assert (report.applied, report.already, report.feedback, report.fetched) == (0, 0, 0, 0)
        place.close()


def test_a_sync_that_is_stopped_twice_in_a_row_is_made_good_too(tmp_path: Path) -> None:
    prepare = SCENARIOS["drop after commit"]
    whole = office(tmp_path / "whole")
    prepare(whole)
    drain(whole)
    expected = outcome(whole)
    whole.close()
    for first in range(1, 6):
        for second in range(1, 5):
            place = office(tmp_path / f"stopped-{first}-{second}")
            prepare(place)
            crash_at(place, first)
            place.reopen()
            crash_at(place, second)
            place.reopen()
            drain(place)
            assert outcome(place) == expected, f"stopped at {first}, then at {second}"
            place.close()
