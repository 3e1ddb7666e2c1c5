"""Answers for a part of a batch, in any order and with anything between: each item gets its own, or doubt."""

from __future__ import annotations

import random
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crm.test_rest_delivery import LEAD, RECEIPT, answering, pushed, result
from triage.crm.contract import decision_on, feedback_on
from triage.crm.rest import outcomes
from triage.domain.outcome import Already, Applied, Conflicted, Outcome, Refused, RetryLater, Unknown

READ = outcomes.read_outcomes
IDS = tuple(f"d-{number}" for number in range(8))
KINDS: dict[str, tuple[dict[str, Any], type]] = {
    "applied": ({"receipt": RECEIPT}, Applied),
    "already": ({"receipt": RECEIPT}, Already),
    "conflict": ({"theirs": {"version": "9", "status": "accepted"}}, Conflicted),
    "refused": ({"messages": ["no"]}, Refused),
    "retry": ({"messages": ["later"], "retry_after": 3}, RetryLater),
}
words = st.sampled_from(sorted(KINDS))
junk = st.one_of(
    st.none(),
    st.integers(),
    st.text(max_size=5),
    st.lists(st.none(), max_size=2),
    st.just({}),
    st.fixed_dictionaries(
        {"decision_id": st.none() | st.integers() | st.lists(st.text(max_size=3), max_size=2)}
    ),
    st.fixed_dictionaries({"decision_id": st.just("a stranger's"), "outcome": words}),
    st.fixed_dictionaries(
        {"feedback_id": st.sampled_from(IDS), "outcome": words, "receipt": st.just(RECEIPT)}
    ),
)
extras = st.dictionaries(
    st.sampled_from(["x", "lead_id", "effects", "at"]), st.integers() | st.text(max_size=5)
)


def row(item_id: str, word: str, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    return (extra or {}) | {"decision_id": item_id, "outcome": word} | KINDS[word][0]


@st.composite
def answers(draw: st.DrawFn) -> tuple[dict[str, str], list[Any]]:
    """Draw what became of some of the items, and the rows that say it, some of them twice, with junk between."""
    told = draw(st.dictionaries(st.sampled_from(IDS), words))
    rows: list[Any] = [row(item_id, word, draw(extras)) for item_id, word in told.items()]
    twice = draw(st.lists(st.sampled_from(sorted(told)), max_size=3)) if told else []
    return told, rows + [row(item_id, told[item_id]) for item_id in twice] + draw(st.lists(junk, max_size=4))


def in_any_order(drawn: tuple[dict[str, str], list[Any]], seed: int) -> None:
    """Hold the law: what is said of an item depends on the rows with its id alone, wherever they stand."""
    told, rows = drawn
    shuffled = random.Random(seed).sample(rows, len(rows))
    read = outcomes.read_outcomes(rows, "decision_id", IDS)
    assert outcomes.read_outcomes(shuffled, "decision_id", IDS) == read
    assert set(read) == set(IDS)
    for item_id, outcome in read.items():
        assert isinstance(outcome, KINDS[told[item_id]][1] if item_id in told else Unknown)


@settings(max_examples=100, deadline=None)
@given(answers(), st.integers())
def test_outcomes_are_matched_by_id_whatever_the_order(drawn, seed):
    in_any_order(drawn, seed)


@pytest.mark.soak
@settings(max_examples=5_000, deadline=None)
@given(answers(), st.integers())
def test_outcomes_are_matched_by_id_whatever_the_order_in_the_long_run(drawn, seed):
    in_any_order(drawn, seed)


@given(st.permutations(IDS), words, words)
def test_an_item_that_is_told_of_in_two_ways_is_in_doubt_in_any_order(order, one, other):
    rows = [row(item_id, one) for item_id in order] + [row(IDS[0], other)]
    read = outcomes.read_outcomes(rows, "decision_id", IDS)
    in_doubt = [item_id for item_id, outcome in read.items() if isinstance(outcome, Unknown)]
    assert in_doubt == ([] if one == other else [IDS[0]])


def by_position(rows: list[Any], id_name: str, ids: tuple[str, ...]) -> dict[str, Outcome]:
    """Read as a mutant does: the n-th row is the n-th item's, whatever id it has."""
    renamed = [one | {id_name: item_id} for item_id, one in zip(ids, rows, strict=False)]
    return READ(renamed, id_name, ids)


def test_the_law_sees_a_reader_that_goes_by_position(monkeypatch):
    told = dict(zip(IDS, ["applied", "refused"] * 4, strict=True))
    drawn = (told, [row(item_id, word) for item_id, word in told.items()])
    in_any_order(drawn, 1)
    monkeypatch.setattr(outcomes, "read_outcomes", by_position)
    with pytest.raises(AssertionError):
        in_any_order(drawn, 1)


DOUBTFUL: dict[str, dict[str, Any]] = {
    "no outcome": {"outcome": None},
    "an outcome of another contract": {"outcome": "success"},
    "an outcome that is no text": {"outcome": 200},
    "applied without a receipt": {"outcome": "applied", "receipt": None},
    "applied with a receipt that is none": {"outcome": "applied", "receipt": [RECEIPT]},
    "already without a receipt": {"outcome": "already"},
}


@pytest.mark.parametrize("case", DOUBTFUL)
async def test_what_is_no_clear_word_is_doubt_and_never_done(case):
    item = decision_on(LEAD)
    told = await pushed(answering(result(item, "applied") | DOUBTFUL[case]), [item])
    assert isinstance(told[item.id], Unknown)


@pytest.mark.parametrize(
    ("word", "odd"),
    [
        ("refused", {"messages": "no"}),
        ("refused", {"messages": [1, None]}),
        ("retry", {"retry_after": "soon"}),
        ("retry", {"retry_after": True}),
        ("retry", {"retry_after": -5}),
        ("retry", {"retry_after": 10**400}),
        ("conflict", {"theirs": "someone's"}),
        ("conflict", {"theirs": {"owner": 5, "deleted": "yes", "changed_at": 0}}),
        ("applied", {"receipt": {"receipt_id": 5, "owner": "U-1", "status": [], "applied_at": "now"}}),
    ],
)
async def test_an_outcome_with_odd_particulars_is_still_that_outcome(word, odd):
    item = decision_on(LEAD)
    told = (await pushed(answering(result(item, word) | odd), [item]))[item.id]
    assert isinstance(told, KINDS[word][1])
    if isinstance(told, RetryLater):
        assert told.after in (None, 0.0)


async def test_a_decision_takes_no_word_that_is_said_of_a_feedback():
    decision, feedback = decision_on(LEAD), feedback_on(LEAD)
    of_feedback = result(feedback, "applied", receipt=RECEIPT) | {"feedback_id": decision.id}
    told = await pushed(answering(of_feedback), [decision])
    assert isinstance(told[decision.id], Unknown)


async def test_the_status_of_many_statuses_is_an_answer():
    first, second = decision_on(LEAD), decision_on(LEAD)
    rows = [result(second, "refused", messages=["no"]), result(first, "applied", receipt=RECEIPT)]
    told = await pushed(lambda _: httpx.Response(207, json={"results": rows}), [first, second])
    assert isinstance(told[first.id], Applied)
    assert told[second.id] == Refused(("no",))
