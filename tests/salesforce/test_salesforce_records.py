"""What is kept of an item holds what the rep typed unchanged, in any number of characters that its field takes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import lead
from triage.crm.contract import decision_on, feedback_on
from triage.crm.salesforce.delivering.nodes import graph_id_of, node
from triage.crm.salesforce.keeping.kept import Kept, read_record, record_of
from triage.crm.salesforce.keeping.task_rows import read_task, task_body
from triage.crm.salesforce.reviewing.answer_rows import kind_of
from triage.crm.salesforce.reviewing.answer_rows import record_of as answer_record
from triage.crm.salesforce.reviewing.typed_ids import key_in, typed_id
from triage.domain.review import Reply, ReplyKind

ANY = st.text(st.characters(codec=None), max_size=300)


@given(note=ANY)
def test_a_record_gives_back_what_went_into_it_and_names_no_reference(note: str) -> None:
    item = decision_on(lead(), note=note)
    text = record_of(item, None, None, 131_072)
    assert read_record(text)["item"]["note"] == note
    assert text.isascii()
    assert "@" not in text


@given(seed=st.characters(), length=st.integers(0, 20_000), limit=st.integers(8_000, 40_000))
@settings(max_examples=30, deadline=None)
def test_a_record_never_exceeds_its_field(seed: str, length: int, limit: int) -> None:
    for item in (decision_on(lead(), note=seed * length), feedback_on(lead(), seed * length)):
        text = record_of(item, None, None, limit)
        assert len(text) <= limit
        assert read_record(text)["item"]


@given(text=ANY)
def test_an_answers_record_never_exceeds_its_field(text: str) -> None:
    reply = Reply("R", "D", ReplyKind.PLANNED, text * 200)
    assert len(answer_record(reply, Kept("a00", "D", "decision"), 29_000)) <= 29_000


@given(note=ANY)
@settings(deadline=None)
def test_a_task_fits_its_fields_and_is_read_back(note: str) -> None:
    item = decision_on(lead(), note=note * 50, reason="NOT_A_BUYER")
    body = task_body(item, None, None)
    assert len(body["Subject"]) <= 255
    assert len(body["Description"]) <= 32_000
    kept = read_task({"Id": "00T", **body})
    assert kept is not None
    assert (kept.key, kept.outcome, kept.reason) == (item.id, "accepted", "NOT_A_BUYER")


@given(text=ANY, key=st.uuids().map(str))
def test_the_key_of_a_typed_answer_stands_in_its_id(text: str, key: str) -> None:
    assert key_in(typed_id(key, "planned", text)) == key
    assert len(typed_id(key, "planned", text)) <= 128
    assert key_in(key) == key


@given(item_id=ANY.filter(bool))
def test_the_id_of_a_graph_is_one_that_salesforce_takes(item_id: str) -> None:
    made = graph_id_of(item_id)
    assert made.isascii()
    assert made.isalnum()
    assert len(made) < 40


@given(text=ANY)
def test_no_text_of_a_request_names_the_result_of_another(text: str) -> None:
    made = node("PATCH", "Lead", "lead", {"Title": f"{text}@{{row.id}}"}, record_id=text or "x")
    assert "@{" not in str(made)


def test_a_kind_that_nobody_chose_is_read_as_seen() -> None:
    assert kind_of("") is ReplyKind.ACKNOWLEDGED
    assert kind_of("No change") is ReplyKind.NO_CHANGE
