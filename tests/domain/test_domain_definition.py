from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.invented import DEFINITION, PASSING
from triage.domain.definition import Criterion, Definition, Result

PASS, FAIL, UNKNOWN = Result.PASS, Result.FAIL, Result.UNKNOWN
facts = st.none() | st.booleans() | st.integers(-99, 99) | st.floats(-99, 99) | st.text(max_size=5)
values = facts | st.lists(facts, max_size=4)
lines = st.builds(
    Criterion,
    st.sampled_from("abcdef"),
    st.just(""),
    st.sampled_from(["one", "two", "three"]),
    st.sampled_from([">=", "<=", "==", "in", "not_in", "truthy", "no such op"]),
    values,
    st.integers(0, 9).map(float),
)
lead_facts = st.dictionaries(st.sampled_from(["one", "two", "three"]), facts)


@pytest.mark.parametrize(
    ("op", "value", "fact", "result"),
    [
        (">=", 50, 50, PASS), (">=", 50, 49.5, FAIL), ("<=", 6, 6, PASS), ("<=", 6, 7, FAIL),
        ("==", "DE", "DE", PASS), ("==", "DE", "FR", FAIL), ("==", 3, 3.0, PASS), ("==", True, False, FAIL),
        ("in", ["vp", "cxo"], "vp", PASS), ("in", ["vp", "cxo"], "intern", FAIL), ("in", [1, 2], 2.0, PASS),
        ("not_in", ["student"], "vp", PASS), ("not_in", ["student"], "student", FAIL),
        ("truthy", None, True, PASS), ("truthy", None, False, FAIL), ("truthy", None, 0, FAIL),
    ],
)  # fmt: skip
def test_a_fact_that_can_be_compared_passes_or_fails(op, value, fact, result):
    assert Criterion("c", "", "fact", op, value).evaluate({"fact": fact}) is result


@pytest.mark.parametrize(
    ("op", "value", "fact"),
    [
        (">=", 50, "many"), (">=", 50, "240"), (">=", 50, True), ("<=", 6, False), ("<=", "b", 1),
        ("==", 50, "50"), ("==", 1, True), ("==", "true", True), ("in", ["vp"], 3), ("in", [1, 2], True),
        ("not_in", ["student"], 3), ("in", None, "vp"), ("in", "vps", "vp"), ("in", [], "vp"),
        (">=", None, 3), ("~", 1, 1),
    ],
)  # fmt: skip
def test_a_fact_of_another_kind_is_unknown_and_neither_passes_nor_fails(op, value, fact):
    assert Criterion("c", "", "fact", op, value).evaluate({"fact": fact}) is UNKNOWN


@given(lines)
def test_a_fact_that_is_missing_or_empty_is_unknown(line):
    assert line.evaluate({}) is UNKNOWN
    assert line.evaluate({line.fact: None}) is UNKNOWN


@given(st.lists(lines, max_size=6).map(tuple), lead_facts)
def test_any_definition_can_be_traced_on_any_facts(criteria, known):
    traced = Definition("1", criteria).trace(known)
    assert tuple(one.criterion for one in traced) == criteria
    assert {one.result for one in traced} <= set(Result)


@given(st.lists(lines, max_size=6).map(tuple), lead_facts)
def test_the_failing_line_is_the_heaviest_that_fails_and_the_first_of_equals(criteria, known):
    definition = Definition("1", criteria)
    failed = [one.criterion for one in definition.trace(known) if one.result is FAIL]
    heaviest = sorted(failed, key=lambda line: -line.weight)
    assert definition.failing(known) == (heaviest[0] if heaviest else None)


def test_the_shipped_definition_passes_fails_and_does_not_know():
    results = {
        one.criterion.criterion_id: one.result
        for one in DEFINITION.trace({"employees": 240, "industry": "Retail", "country": 49})
    }
    assert results["company-size"] is PASS
    assert results["industry"] is FAIL
    assert results["country"] is UNKNOWN
    assert results["intent"] is UNKNOWN


def test_of_two_failing_lines_of_the_shipped_definition_the_heavier_is_named():
    failing = DEFINITION.failing(PASSING | {"employees": 10, "intent_actions_30d": 0})
    assert failing is not None
    assert failing.criterion_id == "intent"


def test_a_reason_points_at_a_failing_line_that_it_is_about_before_a_heavier_one():
    facts = PASSING | {"employees": 10, "title_level": "student"}
    heaviest, about = DEFINITION.failing(facts), DEFINITION.unmet(facts, ("title_level",))
    assert heaviest is not None
    assert about is not None
    assert (heaviest.criterion_id, about.criterion_id) == ("company-size", "title-level")
    elsewhere = DEFINITION.unmet(PASSING | {"employees": 10}, ("title_level",))
    assert elsewhere == heaviest, "where none of its own fails, the heaviest of all"


def test_no_line_fails_on_facts_that_pass_or_are_unknown():
    assert DEFINITION.failing(PASSING) is None
    assert DEFINITION.failing({}) is None


@given(st.lists(lines, max_size=6, unique_by=lambda line: line.criterion_id), lead_facts, st.randoms())
def test_the_order_of_lines_changes_no_result(criteria, known, random):
    def results(of):
        return {one.criterion.criterion_id: one.result for one in Definition("1", tuple(of)).trace(known)}

    shuffled = random.sample(criteria, len(criteria))
    assert results(criteria) == results(shuffled)


@given(st.lists(lines, max_size=6).map(tuple), lead_facts)
def test_a_lead_is_said_not_to_meet_a_line_that_fails_or_the_only_one_unknown(criteria, known):
    definition = Definition("1", criteria)
    traced, unmet = definition.trace(known), definition.unmet(known)
    unknown = [one.criterion for one in traced if one.result is UNKNOWN]
    if any(one.result is FAIL for one in traced):
        assert unmet == definition.failing(known)
    else:
        assert unmet == (unknown[0] if len(unknown) == 1 else None)


def test_attempts_count_as_agreed_only_when_both_teams_wrote_them_down():
    assert DEFINITION.agreed_attempts == 5
    assert Definition("1").agreed_attempts == 0
