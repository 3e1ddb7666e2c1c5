"""One account's own words: what was agreed, and nothing in place of what was not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from triage.crm.dialect import Dialect, nearest


def test_a_reason_of_an_act_goes_before_the_same_code_of_all() -> None:
    dialect = Dialect(reasons={"COMPETITOR": "NOT_A_GOOD_FIT", "disqualify.COMPETITOR": "COMPETITOR"})
    assert dialect.reason("disqualify", "COMPETITOR") == "COMPETITOR"
    assert dialect.reason("reject", "COMPETITOR") == "NOT_A_GOOD_FIT"


def test_a_reason_that_was_not_agreed_has_no_value() -> None:
    assert Dialect(reasons={"": "NOTHING"}).reason("reject", "OTHER") is None
    assert Dialect().reason("reject", None) is None


def test_the_nearest_word_is_found_whatever_its_case_and_blanks() -> None:
    known = ["BAD_TIMING", "Budget Constraints", "WRONG_DATA"]
    assert nearest("bad timeing", known) == "BAD_TIMING"
    assert nearest("BUDGET_CONSTRAINT", known) == "Budget Constraints"
    assert nearest("penguin", known) == ""


@given(st.lists(st.text(min_size=1), min_size=1), st.data())
def test_a_known_word_is_its_own_nearest(known: list[str], data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(known))
    found = nearest(word, known)
    assert found.casefold().replace(" ", "_") == word.casefold().replace(" ", "_")


@given(st.text(), st.lists(st.text()))
def test_the_nearest_word_is_a_known_one_or_none(word: str, known: list[str]) -> None:
    assert nearest(word, known) in ("", *known)
