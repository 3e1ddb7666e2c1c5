"""What is news about the rules: what differs from what was put away, and nothing else."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.invented import DEFINITION, NOW, REASONS
from tests.domain.test_domain_rule_changes import books, definitions
from triage.domain.definition import Definition
from triage.domain.rule_changes import definition_changes, reason_changes
from triage.domain.rule_history import (
    KEPT,
    RuleHistory,
    SeenDefinition,
    SeenModel,
    SeenReasons,
    after_scoring,
    after_seeing,
)
from triage.domain.rule_marks import Marks, mark, review_mark, version_of
from triage.domain.rule_news import marks_of, model_words, news, steps_of

DUE = replace(DEFINITION, review_due=NOW - timedelta(days=1))
model_names = st.lists(st.sampled_from(["m1", "m2", "m3"]), unique=True).map(tuple)


def history(old: Definition, new: Definition, *models: str) -> RuleHistory:
    seen = after_seeing((SeenDefinition(old, NOW),), SeenDefinition(new, NOW))
    return RuleHistory(seen, (SeenReasons(REASONS, NOW),), tuple(SeenModel(one, NOW) for one in models))


@given(definitions, books, model_names, st.integers(-9, 9))
def test_what_was_put_away_is_no_news(definition, book, models, days):
    seen = tuple(SeenModel(one, NOW) for one in models)
    known = replace(marks_of(definition, book, seen), review=review_mark(definition))
    past = RuleHistory((SeenDefinition(definition, NOW),), (SeenReasons(book, NOW),), seen)
    assert news(known, definition, book, past, NOW + timedelta(days=days)) is None


pairs = st.tuples(definitions, definitions).map(lambda two: [replace(one, review_due=None) for one in two])


@given(pairs, st.tuples(books, books), model_names, model_names)
def test_there_is_news_exactly_if_versions_or_what_they_say_differ(agreed, codes, models, more):
    (old, new), (book, other) = agreed, codes
    known = marks_of(old, book, tuple(SeenModel(one, NOW) for one in models))
    past = RuleHistory(
        after_seeing((SeenDefinition(old, NOW),), SeenDefinition(new, NOW)),
        after_seeing((SeenReasons(book, NOW),), SeenReasons(other, NOW)),
        tuple(SeenModel(one, NOW) for one in dict.fromkeys((*models, *more))),
    )
    found = news(known, new, other, past, NOW)
    differs = (
        old.version != new.version
        or book.version != other.version
        or bool(definition_changes(old, new))
        or bool(reason_changes(book, other))
        or bool(set(more) - set(models))
    )
    assert (found is not None) is differs
    if found is not None:
        assert news(found.marks, new, other, past, NOW) is None


def test_a_change_under_the_same_number_is_news_and_is_said_to_be_one():
    new = replace(DEFINITION, threshold=70.0)
    found = news(marks_of(DEFINITION, REASONS, ()), new, REASONS, history(DEFINITION, new), NOW)
    assert found is not None
    assert found.definition is not None
    assert found.definition.is_silent
    assert [one.subject for one in found.definition.changes] == ["threshold"]


def test_lines_in_another_order_are_no_news():
    new = replace(DEFINITION, criteria=DEFINITION.criteria[::-1])
    assert mark(new) != mark(DEFINITION)
    assert news(marks_of(DEFINITION, REASONS, ()), new, REASONS, history(DEFINITION, new), NOW) is None


def test_where_the_version_before_is_lost_the_change_is_news_and_says_so():
    new = replace(DEFINITION, version="5")
    past = RuleHistory((SeenDefinition(new, NOW),), (SeenReasons(REASONS, NOW),))
    found = news(marks_of(DEFINITION, REASONS, ()), new, REASONS, past, NOW)
    assert found is not None
    assert found.definition is not None
    assert (found.definition.before, found.definition.after) == ("4", "5")
    assert not found.definition.is_known


def test_someone_who_knows_nothing_of_a_part_hears_no_news_of_it():
    assert news(Marks(), DEFINITION, REASONS, history(DEFINITION, DEFINITION), NOW) is None


def test_a_passed_review_asks_once_and_a_change_goes_before_it():
    known = marks_of(DUE, REASONS, ())
    past = history(DUE, DUE)
    found = news(known, DUE, REASONS, past, NOW)
    assert found is not None
    assert found.review == DUE
    assert news(found.marks, DUE, REASONS, past, NOW) is None
    assert news(known, DUE, REASONS, past, NOW - timedelta(days=2)) is None
    changed = replace(DUE, version="5")
    first = news(known, changed, REASONS, history(DUE, changed), NOW)
    assert first is not None
    assert first.review is None
    then = news(first.marks, changed, REASONS, history(DUE, changed), NOW)
    assert then is not None
    assert then.review == changed


@given(st.lists(st.sampled_from("1234567890abc").map(Definition), max_size=20))
def test_the_last_versions_are_kept_each_once_the_newest_last(versions):
    seen: tuple[SeenDefinition, ...] = ()
    for one in versions:
        seen = after_seeing(seen, SeenDefinition(one, NOW))
    names = [one.rules.version for one in seen]
    assert len(set(names)) == len(names) <= KEPT
    assert names[-1:] == [one.version for one in versions[-1:]]
    assert len(steps_of(RuleHistory(seen))) == max(len(seen) - 1, 0)


def test_an_earlier_version_is_found_by_its_name():
    old, new = replace(DEFINITION, version="3"), replace(DEFINITION, threshold=70.0)
    past = history(old, new)
    seen = past.definition("3")
    assert seen is not None
    assert seen.rules == old
    assert past.definition("2") is None
    assert version_of(mark(old)) == "3"


def test_a_fetch_that_goes_on_counts_on_and_a_model_is_new_once():
    first = after_scoring((), [SeenModel("m8", NOW, 2, 1)])
    more = after_scoring(first, [SeenModel("m8", NOW, 20, 7)])
    assert more == (SeenModel("m8", NOW, 20, 7),)
    later = after_scoring(more, [SeenModel("m8", NOW + timedelta(days=1), 3, 3)])
    assert later == more
    assert model_words(more[0]) == "score model m8 since 6 May: 7 of 20 leads changed band"
