"""The checker itself: a good history passes, and each way in which one can be bad is told by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kill.checker import (
    Acked,
    Asked,
    Changed,
    Effect,
    Flaw,
    Histories,
    Queued,
    Seen,
    violations,
)

AS_ASSIGNED = Seen(5, "U-01", "assigned")
GOOD = Histories(
    acked=[
        Acked("a", "L-1", seen=AS_ASSIGNED),
        Acked("b", "L-1", seen=Seen(6, "U-01", "accepted")),
        Acked("c", "L-2", seen=AS_ASSIGNED),
        Acked("d", "L-3", seen=AS_ASSIGNED, withdrawn=True),
        Acked("e", "L-2", "feedback"),
        Acked("f", "L-4", seen=AS_ASSIGNED),
        Acked("g", "L-4", of="f"),
    ],
    queue=[
        Queued("a", "L-1", "applied"),
        Queued("b", "L-1", "reviewed"),
        Queued("c", "L-2", "conflict"),
        Queued("d", "L-3", "withdrawn"),
        Queued("e", "L-2", "applied", "feedback"),
        Queued("f", "L-4", "superseded", receipt=True),
        Queued("g", "L-4", "applied"),
        Queued("h", "L-2", "queued"),
        Queued("i", "L-5", "superseded"),
        Queued("j", "L-5", "refused"),
    ],
    effects=[
        Effect("a", "L-1"),
        Effect("f", "L-4"),
        Effect("b", "L-1"),
        Effect("e", "L-2", "feedback"),
        Effect("g", "L-4"),
    ],
    crm=[
        Asked("a", "L-1", "decision", "applied", 6, "U-01", "accepted"),
        Asked("f", "L-4", "decision", "applied", 6, "U-01", "accepted"),
        Changed("L-2", 6, "U-02", "assigned"),
        Asked("c", "L-2", "decision", "conflict"),
        Asked("b", "L-1", "decision", "applied", 7, "U-01", "recycled"),
        Asked("e", "L-2", "feedback", "applied", 6, "U-02", "assigned"),
        Asked("g", "L-4", "decision", "applied", 7, "U-01", "assigned"),
    ],
)


def without(item_id: str) -> Histories:
    return replace(GOOD, queue=[item for item in GOOD.queue if item.id != item_id])


def in_state(item_id: str, state: str) -> Histories:
    queue = [replace(item, state=state) if item.id == item_id else item for item in GOOD.queue]
    return replace(GOOD, queue=queue)


def with_effects(*effects: Effect) -> Histories:
    return replace(GOOD, effects=effects)


def at_the_crm(*events: Asked | Changed) -> Histories:
    return replace(GOOD, crm=[*GOOD.crm, *events])


BAD: dict[str, tuple[Histories, Flaw, str]] = {
    "an acknowledged decision is gone": (without("c"), Flaw.LOST, "c"),
    "a queue that holds one twice": (
        replace(GOOD, queue=[*GOOD.queue, Queued("a", "L-1", "applied")]),
        Flaw.DOUBLED,
        "a",
    ),
    "a second effect": (with_effects(*GOOD.effects, Effect("a", "L-1")), Flaw.DOUBLED, "a"),
    "a second effect of feedback": (
        with_effects(*GOOD.effects, Effect("e", "L-2", "feedback")),
        Flaw.DOUBLED,
        "e",
    ),
    "an effect of what nobody recorded": (
        with_effects(*GOOD.effects, Effect("x", "L-9")),
        Flaw.UNEXPECTED,
        "x",
    ),
    "an effect of what was withdrawn": (
        with_effects(*GOOD.effects, Effect("d", "L-3")),
        Flaw.UNEXPECTED,
        "d",
    ),
    "an effect of what conflicts": (with_effects(*GOOD.effects, Effect("c", "L-2")), Flaw.UNEXPECTED, "c"),
    "an effect of what was replaced before it was sent": (
        with_effects(*GOOD.effects, Effect("i", "L-5")),
        Flaw.UNEXPECTED,
        "i",
    ),
    "applied without an effect": (with_effects(*GOOD.effects[1:]), Flaw.WITHOUT_EFFECT, "a"),
    "replaced after it was applied, without an effect": (
        with_effects(*[one for one in GOOD.effects if one.id != "f"]),
        Flaw.WITHOUT_EFFECT,
        "f",
    ),
    "still being sent": (in_state("a", "sending"), Flaw.UNSETTLED, "a"),
    "still of unknown outcome": (in_state("b", "unknown"), Flaw.UNSETTLED, "b"),
    "queued behind nothing": (in_state("j", "queued"), Flaw.UNSETTLED, "j"),
    "feedback that waits behind a conflict": (in_state("e", "queued"), Flaw.UNSETTLED, "e"),
    "an undo that did not hold": (in_state("d", "applied"), Flaw.CAME_BACK, "d"),
    "a later decision overtook": (
        with_effects(GOOD.effects[2], GOOD.effects[0], GOOD.effects[1], *GOOD.effects[3:]),
        Flaw.OUT_OF_ORDER,
        "a",
    ),
    "applied on a lead that went to a colleague": (
        at_the_crm(
            Changed("L-2", 7, "U-01", "snoozed"),
            Asked("c", "L-2", "decision", "applied", 8, "U-01", "accepted"),
        ),
        Flaw.OVERWRITTEN,
        "c",
    ),
    "refused instead of shown": (
        at_the_crm(Asked("c", "L-2", "decision", "refused")),
        Flaw.NOT_FLAGGED,
        "c",
    ),
    "an undo of what others have built upon": (
        replace(GOOD, crm=[*GOOD.crm[:2], Changed("L-4", 7, "U-01", "accepted"), *GOOD.crm[2:]]),
        Flaw.OVERWRITTEN,
        "g",
    ),
    "a sync that cannot rest": (replace(GOOD, written_when_calm=1), Flaw.RESTLESS, "the last sync"),
}


def test_a_good_history_passes() -> None:
    assert violations(GOOD) == []


@pytest.mark.parametrize("name", BAD)
def test_a_bad_history_is_told_by_its_name(name: str) -> None:
    histories, flaw, item_id = BAD[name]
    assert (flaw, item_id) in [(one.flaw, one.id) for one in violations(histories)]


def test_every_flaw_has_a_history_that_shows_it() -> None:
    assert {flaw for _, flaw, _ in BAD.values()} == set(Flaw)


def test_a_change_that_gives_back_what_the_rep_saw_is_no_reason_for_a_conflict() -> None:
    there_and_back = [Changed("L-1", 6, "U-02", "assigned"), Changed("L-1", 7, "U-01", "assigned")]
    applied = Asked("a", "L-1", "decision", "applied", 8, "U-01", "accepted")
    histories = Histories(
        acked=[Acked("a", "L-1", seen=AS_ASSIGNED)],
        queue=[Queued("a", "L-1", "applied")],
        effects=[Effect("a", "L-1")],
        crm=[*there_and_back, applied],
    )
    assert violations(histories) == []


def test_a_decision_made_behind_another_one_goes_out_with_what_that_left() -> None:
    """The first was made knowing of the change; the second, made while the first was on its way, rests on it."""
    knowing = Seen(6, "U-01", "snoozed")
    histories = Histories(
        acked=[Acked("a", "L-1", seen=knowing), Acked("b", "L-1", seen=AS_ASSIGNED)],
        queue=[Queued("a", "L-1", "applied"), Queued("b", "L-1", "applied")],
        effects=[Effect("a", "L-1"), Effect("b", "L-1")],
        crm=[
            Changed("L-1", 6, "U-01", "snoozed"),
            Asked("a", "L-1", "decision", "applied", 7, "U-01", "accepted"),
            Asked("b", "L-1", "decision", "applied", 8, "U-01", "recycled"),
        ],
    )
    assert violations(histories) == []


SPOILS: dict[str, Callable[[Histories, int], Histories]] = {
    "lose": lambda good, at: replace(good, queue=[item for n, item in enumerate(good.queue) if n != at]),
    "double": lambda good, at: replace(good, effects=[*good.effects, good.effects[at]]),
    "forget": lambda good, at: replace(good, effects=[one for n, one in enumerate(good.effects) if n != at]),
    "swap": lambda good, at: replace(good, effects=[*good.effects[at + 1 :], *good.effects[: at + 1]]),
}


@given(count=st.integers(3, 30), at=st.integers(0, 28), spoil=st.sampled_from(sorted(SPOILS)))
def test_one_thing_amiss_anywhere_in_a_long_history_is_seen(count: int, at: int, spoil: str) -> None:
    ids = [f"{number:03}" for number in range(count)]
    good = Histories(
        acked=[Acked(one, "L-1") for one in ids],
        queue=[Queued(one, "L-1", "applied") for one in ids],
        effects=[Effect(one, "L-1") for one in ids],
    )
    assert violations(good) == []
    assert violations(SPOILS[spoil](good, at % (count - 1)))
