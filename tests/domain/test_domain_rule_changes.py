"""What changed between two versions of the rules: each difference real, none left out, each a sentence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.invented import DEFINITION, NOW, REASONS
from triage.domain.act import Act
from triage.domain.definition import Calendar, Criterion, Definition, SlaRule
from triage.domain.reasons import Reason, ReasonBook
from triage.domain.rule_changes import (
    MQL,
    SQL,
    Change,
    definition_changes,
    reason_changes,
    same,
    target_words,
    value_words,
)

scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, "DE", "FR"])
texts = st.sampled_from(["", "one", "two"])
lines = st.builds(
    Criterion,
    st.sampled_from("abc"),
    texts,
    st.sampled_from(["employees", "country"]),
    st.sampled_from([">=", "==", "in", "truthy", "no such op"]),
    scalars | st.lists(scalars, max_size=2),
    st.sampled_from([0.0, 5.0]),
    texts,
)
moments = st.none() | st.sampled_from([NOW, NOW + timedelta(days=3)])
definitions = st.builds(
    Definition,
    st.sampled_from(["4", "5"]),
    st.lists(lines, max_size=4).map(tuple),
    st.lists(lines, max_size=2).map(tuple),
    moments,
    st.lists(texts, max_size=2).map(tuple),
    moments,
    st.none() | st.sampled_from([65.0, 70.0]),
    st.lists(st.sampled_from(["call", "form", "chat"]), max_size=3, unique=True).map(tuple),
    st.dictionaries(st.sampled_from(["acceptance", "attempts", "own"]), st.sampled_from([0.5, 4.0])),
    st.lists(
        st.builds(SlaRule, st.sampled_from(["raised hand", "others"]), st.sampled_from([4.0, 8.0])),
        max_size=2,
    ).map(tuple),
    st.none() | st.builds(Calendar, st.sampled_from(["", "Europe/Berlin"])),
)
reasons = st.builds(
    Reason,
    st.sampled_from(["NO_NEED", "OTHER"]),
    st.sampled_from([Act.REJECT, Act.RECYCLE]),
    texts,
    st.sampled_from("12"),
    texts,
    st.none() | st.just("note"),
    active=st.booleans(),
    replaced_by=st.none() | st.just("OTHER"),
)
books = st.builds(ReasonBook, st.sampled_from("12"), st.lists(reasons, max_size=5).map(tuple))


def applied(values: tuple[Any, ...], changes: list[Change]) -> list[Any]:
    """Replay changes on what was before."""
    left = list(values)
    for change in changes:
        if change.before is not None:
            left.pop(next(index for index, one in enumerate(left) if same(one, change.before)))
        if change.after is not None:
            left.append(change.after)
    return left


def alike(one: list[Any], other: tuple[Any, ...]) -> bool:
    """Whether two collections hold the same, in whatever order."""
    left = list(other)
    for value in one:
        found = next((index for index, there in enumerate(left) if same(value, there)), None)
        if found is None:
            return False
        left.pop(found)
    return not left


def of(changes: tuple[Change, ...], subject: str) -> list[Change]:
    return [one for one in changes if one.subject == subject]


@given(definitions)
def test_a_definition_differs_in_nothing_from_itself(one):
    assert definition_changes(one, one) == ()


@given(definitions, st.randoms())
def test_the_order_of_lines_is_no_change(one, random):
    names = [line.criterion_id for line in one.criteria]
    if len(set(names)) < len(names):  # of two lines with one name only the order tells which is which
        return
    shuffled = list(one.criteria)
    random.shuffle(shuffled)
    assert definition_changes(one, replace(one, criteria=tuple(shuffled))) == ()


@given(definitions, definitions)
def test_changes_applied_to_the_old_lines_give_the_new_ones(old, new):
    changes = definition_changes(old, new)
    for part, before, after in (
        (MQL, old.criteria, new.criteria),
        (SQL, old.sql_criteria, new.sql_criteria),
    ):
        assert alike(applied(before, [one for one in changes if one.part == part]), after)
    assert alike(applied(old.hand_raise, of(changes, "hand_raise")), new.hand_raise)
    targets = dict(old.targets)
    for name in {*old.targets, *new.targets}:
        for change in of(changes, f"target {name}"):
            targets[name] = change.after
    assert {name: value for name, value in targets.items() if value is not None} == new.targets
    for name in ("threshold", "agreed_at", "agreed_by", "review_due"):
        assert [one.after for one in of(changes, name)] == (
            [getattr(new, name)] if getattr(old, name) != getattr(new, name) else []
        )


@given(definitions, definitions)
def test_every_reported_change_is_real_and_is_a_sentence(old, new):
    for change in definition_changes(old, new):
        assert not same(change.before, change.after)
        assert change.words.strip()


@given(definitions, definitions)
def test_two_definitions_without_a_change_are_the_same_but_for_their_version_and_order(old, new):
    if not definition_changes(old, new):
        assert alike(list(old.criteria), new.criteria)
        assert (old.threshold, old.targets, old.review_due) == (new.threshold, new.targets, new.review_due)
        assert (old.calendar, sorted(one.name for one in old.sla)) == (
            new.calendar,
            sorted(one.name for one in new.sla),
        )


@given(books, books)
def test_changes_applied_to_the_old_codes_give_the_new_ones(old, new):
    assert reason_changes(old, old) == ()
    changes = reason_changes(old, new)
    assert alike(applied(old.reasons, list(changes)), new.reasons)
    assert all(one.words for one in changes)


SIZE = DEFINITION.criteria[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"label": "100 employees or more", "value": 100}, "50 employees or more → 100 employees or more"),
        ({"weight": 30.0}, "50 employees or more: weight 20 → 30"),
        ({"value": 100}, "50 employees or more: at least 50 → at least 100"),
        ({"op": "<="}, "50 employees or more: at least 50 → at most 50"),
        (
            {"label": "100 employees or more"},
            "50 employees or more → 100 employees or more (other words, the same rule)",
        ),
        (
            {"label": "a company of some size", "value": 80},
            "50 employees or more → a company of some size (at least 50 → at least 80)",
        ),
        ({"dimension": "engagement"}, "50 employees or more: counts as fit → engagement"),
        ({"fact": "staff"}, "50 employees or more: asks about employees → staff, at least 50 → at least 50"),
    ],
)
def test_a_changed_line_is_said_as_a_rep_reads_it(changes, words):
    new = replace(DEFINITION, criteria=(replace(SIZE, **changes), *DEFINITION.criteria[1:]))
    assert [one.words for one in definition_changes(DEFINITION, new)] == [words]


def changed_words(**changes: Any) -> list[str]:
    return [one.words for one in definition_changes(DEFINITION, replace(DEFINITION, **changes))]


def test_lines_that_came_and_went_are_said():
    budget = Criterion("budget", "a budget", "budget", "truthy", weight=9)
    assert changed_words(criteria=(*DEFINITION.criteria[1:], budget)) == [
        "new line: a budget, weight 9",
        "no longer asked: 50 employees or more",
    ]


def test_of_a_list_only_what_came_and_went_is_said():
    industry = DEFINITION.criteria[1]
    other = replace(industry, value=[*industry.value[1:], "Retail"])
    criteria = tuple(other if one is industry else one for one in DEFINITION.criteria)
    assert changed_words(criteria=criteria) == [
        "an industry we serve: now also Retail, no longer Manufacturing"
    ]


def test_the_terms_beside_the_lines_are_said():
    targets = {**DEFINITION.targets, "acceptance": 0.65, "revenue": 300000.0}
    words = changed_words(threshold=70.0, hand_raise=("demo request", "call back"), targets=targets)
    assert words == [
        "MQL by score: from 65 → from 70",
        "counts as a raised hand now: call back",
        "no raised hand any more: contact form",
        "no raised hand any more: pricing enquiry",
        "no raised hand any more: trial sign-up",
        "target, accepted of decided: 60 % → 65 %",
        "target, revenue from accepted leads: 250,000 → 300,000",
    ]
    assert changed_words(threshold=None) == ["MQL by score: from 65 → not at all"]
    assert target_words("attempts", 5.0) == "attempts before “no response” 5"


def test_a_changed_deadline_or_calendar_is_said():
    old = Definition("1", sla=(SlaRule("raised hand", 4),), calendar=Calendar("Europe/Berlin"))
    new = Definition("2", sla=(SlaRule("raised hand", 2),), calendar=Calendar("Europe/Paris"))
    assert [one.words for one in definition_changes(old, new)] == [
        "sla: raised hand: hours 4 → 2",
        "calendar: time zone Europe/Berlin → Europe/Paris",
    ]
    shut = replace(old, calendar=Calendar("Europe/Berlin", holidays=(date(2026, 12, 25),)))
    assert [one.words for one in definition_changes(old, shut)] == ["calendar: holidays now also 25 Dec 2026"]
    assert [one.words for one in definition_changes(Definition("1"), new)] == [
        "sla: now raised hand",
        "calendar: now agreed on",
    ]


def changed_code(**changes: Any) -> list[str]:
    code = REASONS.find(Act.REJECT, "LOW_INTENT")
    new = tuple(replace(one, **changes) if one is code else one for one in REASONS.reasons)
    return [one.words for one in reason_changes(REASONS, replace(REASONS, reasons=new))]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"active": False}, "reject LOW_INTENT: retired"),
        ({"active": False, "replaced_by": "OTHER"}, "reject LOW_INTENT: retired, use OTHER"),
        ({"hotkey": "4"}, "reject LOW_INTENT: key 3 → 4"),
        ({"requires": None}, "reject LOW_INTENT: needs contribution → nothing"),
        ({"label": "too light"}, "reject LOW_INTENT: “activity too light for an MQL” → “too light”"),
    ],
)
def test_a_changed_code_is_said(changes, words):
    assert changed_code(**changes) == [words]


def test_a_code_that_came_and_one_that_went_are_said():
    came = Reason("NO_SITE", Act.REJECT, "no site here", "9")
    first, *rest = REASONS.reasons
    words = [one.words for one in reason_changes(REASONS, replace(REASONS, reasons=(*rest, came)))]
    assert words == [
        "new code: reject NO_SITE, no site here",
        f"gone: {first.act} {first.code}, {first.label}",
    ]


def test_yes_is_not_one_and_a_line_that_changes_so_has_changed():
    assert not same(True, 1)
    assert not same([False], [0])
    old = Criterion("c", "one site", "sites", "==", 1)
    (change,) = definition_changes(Definition("1", (old,)), Definition("2", (replace(old, value=True),)))
    assert change.words == "one site: exactly 1 → exactly yes"
    assert value_words(None) == "nothing"
