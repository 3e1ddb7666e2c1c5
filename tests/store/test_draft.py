"""A table inside a transaction finds by key what was put, changed and removed in it, however it was changed."""

from __future__ import annotations

import pytest

from triage.store.draft import Draft
from triage.store.state import TableState
from triage.store.tiny import JournalDB


@pytest.fixture
def db(path):
    opened = JournalDB(path)
    yield opened
    opened.close()


def draft_of(*documents: dict) -> Draft:
    below = TableState(("k",))
    below.fill(dict(enumerate(documents, start=1)))
    return Draft(below, len(documents) + 1)


def test_a_document_that_is_changed_in_place_is_found_by_what_it_says_now() -> None:
    draft = draft_of({"k": 1})
    draft[2] = {"k": 1}
    assert draft.matching("k", 1) == {1, 2}
    for doc_id in (1, 2):
        draft[doc_id]["k"] = 5
    assert draft.matching("k", 5) == {1, 2}
    assert draft.matching("k", 1) == set()
    draft[1]["k"] = 1
    assert draft.matching("k", 1) == {1}


def test_whoever_still_holds_a_document_of_an_inner_level_may_change_it() -> None:
    lower = draft_of({"k": 1})
    assert lower.matching("k", 1) == {1}
    upper = Draft(lower, lower.next_id)
    held = upper[1]
    lower.absorb(upper)
    held["k"] = 2
    assert lower.matching("k", 2) == {1}
    assert lower.matching("k", 1) == set()


def test_a_document_that_was_taken_again_is_listed_once() -> None:
    draft = draft_of({"k": 1})
    assert draft.matching("k", 2) == set()
    for value in (2, 3, 2):
        draft.take(1, {"k": value})
        assert draft.matching("k", value) == {1}
        assert draft.matching("k", 5 - value) == set()
    del draft[1]
    assert draft.matching("k", 2) == set()
    assert draft.rows() == {}


def test_a_value_that_many_have_lists_them_all_and_forgets_each() -> None:
    table = TableState(("k",))
    for doc_id in (1, 2, 3):
        table.put(doc_id, {"k": "same"})
    assert table.matching("k", "same") == {1, 2, 3}
    for doc_id in (3, 1, 2):
        table.remove(doc_id)
        assert doc_id not in table.matching("k", "same")
    assert table.matching("k", "same") == set()
    table.put(4, {"k": "same"})
    table.put(4, {"k": "same"})
    assert table.matching("k", "same") == {4}


def test_the_writes_of_one_transaction_are_given_different_ids(db) -> None:
    with db.transaction():
        ids = [*db.insert_multiple([{}, {}]), *db.insert_multiple([{}]), db.insert({})]
    assert ids == [1, 2, 3, 4]
    assert len(db) == 4


def test_what_the_caller_does_to_a_document_after_giving_it_is_not_recorded(db) -> None:
    row = {"deep": [1]}
    with db.transaction():
        db.insert_multiple([row])
        row["deep"].append(2)
    db.insert_multiple([row])
    row["deep"].append(3)
    assert [kept["deep"] for kept in db.all()] == [[1], [1, 2]]
