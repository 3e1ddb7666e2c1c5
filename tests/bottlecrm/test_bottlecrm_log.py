"""The two logs in custom fields of a lead: what is appended is read, within bounds, and damage costs nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.crm.bottlecrm.names import ANSWERS, LOG
from triage.crm.bottlecrm.reading import log
from triage.crm.records.mark import Mark
from triage.crm.records.receipts import receipt_of

_AT = datetime(2026, 11, 22, 18, 0, 0, 123456, tzinfo=UTC)
_AWKWARD = 'Ünïcode 漢字 \u202e \x00 \x1b[31m \ud800 \\u0000 "twice"'


def mark(item_id: str = "D-1", word: str = "reject", at: datetime | None = _AT, **record: Any) -> Mark:
    return Mark(f"L-1:{item_id}", item_id, word, record, at)


def lead(text: object, name: str = LOG) -> dict[str, Any]:
    return {"id": "L-1", "custom_fields": {name: text}}


def logged(*marks: Mark) -> dict[str, Any]:
    found = lead(None)
    for one in marks:
        found = lead(log.appended(found, one))
    return found


def with_snapshot(item_id: str, size: int) -> Mark:
    return mark(item_id, item={"note": "Not now.", "snapshot": {"evidence": "x" * size}})


def test_what_is_appended_is_read_in_order_with_the_receipt_that_was_given() -> None:
    first, second = mark("D-1", item={"note": _AWKWARD}), mark("D-2", "restore", item={"of": "D-1"})
    found = log.read(logged(first, second))
    assert [one.item_id for one in found] == ["D-1", "D-2"]
    assert found[0].record == first.record
    assert found[0].item.text("note") == _AWKWARD
    assert receipt_of(found[0]).receipt_id == "L-1:D-1"
    assert found[0].at == _AT - timedelta(microseconds=456), "to the millisecond"
    assert log.read(logged(*found)) == found, "read and written once more it is the same"


def test_the_text_is_ascii_that_any_field_takes() -> None:
    text = log.appended(lead(None), mark(item={"note": _AWKWARD}))
    assert text.isascii()
    assert text.isprintable()


def test_the_same_id_stands_once_and_as_it_was_last_said() -> None:
    found = log.read(logged(mark("D-1", item={"note": "a"}), mark("D-2"), mark("D-1", item={"note": "b"})))
    assert [(one.item_id, one.item.text("note")) for one in found] == [("D-2", ""), ("D-1", "b")]


def test_answers_stand_apart_and_say_that_they_are_answers() -> None:
    of_answers = lead(log.answers_appended(lead(None, ANSWERS), mark("A-1", "returned")), ANSWERS)
    (answer,) = log.read_answers(of_answers)
    assert answer.is_answer
    assert log.read(of_answers) == ()


@pytest.mark.parametrize(
    "text",
    [None, 7, "", "[", "{}", "null", '[7, {"id": 7}, {"id": ""}, {"word": "accept"}]', "[" * 100_000, [{}]],
)
def test_what_somebody_has_changed_is_no_record_and_no_error(text: object) -> None:
    assert log.read(lead(text)) == ()
    assert [one.item_id for one in log.read(lead(log.appended(lead(text), mark())))] == ["D-1"]


@pytest.mark.parametrize("custom", [None, [], "text", 7])
def test_a_lead_without_custom_fields_has_no_log(custom: object) -> None:
    assert log.read({"id": "L-1", "custom_fields": custom}) == ()


def test_one_damaged_entry_costs_no_other() -> None:
    text = json.dumps([{"id": "D-1", "word": 7, "at": "soon", "record": []}, {"id": "D-2", "word": "accept"}])
    first, second = log.read(lead(text))
    assert (first.word, first.at, first.record) == ("", None, {})
    assert second.word == "accept"


def test_old_records_lose_what_the_rep_saw_before_anything_else() -> None:
    found = log.read(logged(*(with_snapshot(f"D-{n}", 60_000) for n in range(5))))
    assert [bool(one.item.plain("snapshot")) for one in found] == [False, False, True, True, True]
    assert all(one.item.text("note") for one in found)


def test_beyond_forty_records_the_oldest_is_known_by_its_id_alone() -> None:
    found = log.read(logged(*(mark(f"D-{n}", item={"note": "x"}) for n in range(42))))
    assert [one.item_id for one in found] == [f"D-{n}" for n in range(42)], "none is sent a second time"
    assert [bool(one.record) for one in found] == [False, False, *[True] * 40]


def test_a_record_larger_than_the_log_loses_its_snapshot_and_stays() -> None:
    (found,) = log.read(logged(with_snapshot("D-1", log.LARGEST)))
    assert found.item.text("note") == "Not now."


_marks = st.lists(
    st.builds(
        mark,
        st.text("ab1-", min_size=1, max_size=3),
        st.sampled_from(["accept", "reject", "note"]),
        st.none() | st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants it naive
        item=st.fixed_dictionaries(
            {
                "note": st.text(max_size=20),
                "snapshot": st.builds(dict, x=st.integers(0, 9_000).map("x".__mul__)),
            }
        ),
    ),
    max_size=60,
)


@given(_marks)
def test_a_log_is_bounded_and_the_newest_is_whole(marks: list[Mark]) -> None:
    found = log.read(logged(*marks))
    assert len(str(log.custom_of(logged(*marks)).get(LOG) or "")) <= log.LARGEST
    assert len(found) <= log.MOST
    assert sum(bool(one.record) for one in found) <= log.MOST_RECORDS
    assert len({one.item_id for one in found}) == len(found)
    if marks:
        assert (found[-1].item_id, found[-1].word, found[-1].record) == (
            marks[-1].item_id,
            marks[-1].word,
            marks[-1].record,
        )
