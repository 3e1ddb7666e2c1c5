"""Another definition by naming what is to be different."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.load import definition as load_definition
from triage.domain.amending import amended
from triage.domain.definition import Criterion, Definition, Result
from triage.domain.rule_changes import definition_changes
from triage.errors import UsageError

AGREED = Definition(
    "4",
    criteria=(
        Criterion("size", "50 or more", "employees", ">=", 50, 3.0),
        Criterion("country", "where we sell", "country", "in", ["DE", "AT"], 2.0),
    ),
    sql_criteria=(Criterion("need", "a need", "stated_need", "truthy"),),
    threshold=65.0,
    targets={"acceptance": 0.6},
)


def words(*changes: str, drop: tuple[str, ...] = ()) -> list[str]:
    return [change.words for change in definition_changes(AGREED, amended(AGREED, changes, drop))]


def test_each_part_can_be_named():
    after = amended(
        AGREED,
        [
            "threshold=70",
            "targets.acceptance=0.65",
            "size.value=100",
            "country.value=DE, FR",
            "sql.need.weight=2",
            "hand_raise=demo, call back",
        ],
    )
    assert (after.threshold, after.targets, after.hand_raise) == (
        70,
        {"acceptance": 0.65},
        ("demo", "call back"),
    )
    assert [line.value for line in after.criteria] == [100, ["DE", "FR"]]
    assert after.sql_criteria[0].weight == 2
    assert AGREED.threshold == 65


def test_a_line_goes_and_another_comes():
    after = amended(AGREED, ["opted.fact=opted_out", "opted.op===", "opted.value=no"], ["size"])
    assert [line.criterion_id for line in after.criteria] == ["country", "opted"]
    assert after.criteria[1].evaluate({"opted_out": False}) is Result.PASS


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("threshold", "names no change"),
        ("=70", "names no change"),
        ("threshold=high", "has to be a number"),
        ("threshold=nan", "has to be a number"),
        ("treshold=70", "Did you mean threshold?"),
        ("targets.acceptnce=0.7", "Did you mean targets.acceptance?"),
        ("size.colour=red", "no part of a line"),
        ("sise.value=3", "There are size, country"),
        ("size.op=~", "no comparison"),
        ("size.value=many", "compares with a number"),
        ("size.op=in", "compares with a list"),
    ],
)
def test_what_cannot_be_meant_is_said(change: str, says: str):
    with pytest.raises(UsageError) as caught:
        amended(AGREED, [change])
    assert says in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("change", ["sql.fact=budget", ".fact=budget", "size.fact="])
def test_a_line_without_a_name_or_a_fact_is_none(change: str):
    with pytest.raises(UsageError, match="has a name and a fact"):
        amended(AGREED, [change])


def test_a_line_that_is_not_there_cannot_be_dropped():
    with pytest.raises(UsageError, match="no line “sise”"):
        amended(AGREED, (), ["sise"])


def test_nothing_named_changes_nothing():
    assert amended(AGREED, ()) == AGREED
    assert words("threshold=65") == []


@given(st.floats(0, 200, allow_nan=False).map(lambda value: round(value, 3)), st.integers(0, 10**6))
def test_what_is_named_is_what_differs(threshold: float, size: int):
    shipped = load_definition(None)
    after = amended(shipped, [f"threshold={threshold}", f"company-size.value={size}"])
    changed = {change.subject for change in definition_changes(shipped, after)}
    expected = {"threshold"} if threshold != shipped.threshold else set()
    assert len(changed) == len(expected) + (size != 50)
    assert after.threshold == threshold
