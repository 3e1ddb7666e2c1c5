"""Taking a person out of what is said about others: texts only, whatever the person is called."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.fakes import NOW, lead, lead_id
from tests.settled import decided, told
from triage.domain.item import Item
from triage.domain.lead import Lead
from triage.domain.outcome import Receipt, Theirs
from triage.store.erasure import Names
from triage.store.rows import item_document, lead_document

ONE = lead_id(1)
MAIL = "anna@rival.example"


def strings(value: object) -> set[str]:
    """Return every word and every whole text of a document."""
    if isinstance(value, str):
        return {value, *value.split()}
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return {text for part in parts for text in strings(part)}


OTHERS: tuple[Item, ...] = (
    replace(
        decided(2, "d-000002", reason="NO_RESPONSE", batch="b-1", of="d-000001"),
        receipt=Receipt("r-1", NOW, "v-2", "accepted"),
    ),
    replace(told(2, "f-000003"), theirs=Theirs("v-3", "assigned")),
)
LEAD = lead(2, fetched_at=NOW)
WORDS = sorted(set().union(*(strings(item_document(item)) for item in OTHERS), strings(lead_document(LEAD))))


def names_of(called: Lead, *others: Lead) -> Names:
    return Names.of([ONE], [called, *others])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(WORDS), st.sampled_from(["name", "email", "phone"]))
def test_what_a_form_calls_a_lead_changes_no_id_state_act_code_or_time_of_another(
    word: str, field: str
) -> None:
    names = names_of(lead(1, **{field: word}))
    for item in OTHERS:
        less = names.out_of_item(item)
        assert replace(less, error=item.error, decision=item.decision, feedback=item.feedback) == item
        assert (less.id, less.lead_id, less.kind, less.made_at) == (
            item.id,
            ONE[:-1] + "2",
            item.kind,
            item.made_at,
        )
        if item.decision is not None and less.decision is not None:
            kept = ("act", "reason", "batch_id", "of", "supersedes")
            assert [getattr(less.decision, name) for name in kept] == [
                getattr(item.decision, name) for name in kept
            ]
            assert less.decision.snapshot.seen == item.decision.snapshot.seen
    less_said = names.out_of_lead(LEAD)
    for name in (
        "lead_id",
        "status",
        "version",
        "owner",
        "name",
        "email",
        "company",
        "campaign",
        "fetched_at",
    ):
        assert getattr(less_said, name) == getattr(LEAD, name)


@pytest.mark.parametrize("own", ["Anna Berg", "ANNA", "anna"])
def test_a_name_that_is_part_of_anothers_or_written_otherwise_is_left_to_the_other(own: str) -> None:
    other = replace(
        LEAD, name=own, email="ANNA@rival.example", company="Anna Works", moment=f"met Anna Lund by {MAIL}"
    )
    names = names_of(lead(1, name="Anna Lund", email=MAIL), other)
    assert names.out_of_lead(other) == replace(other, moment=f"met [removed] by {MAIL}"), "an address of both"
    shorter = names_of(lead(1, name="Anna", email=""), other)
    less = shorter.out_of_lead(other)
    assert (less.name, less.email, less.company) == (other.name, other.email, other.company)


def test_a_short_name_is_found_and_a_single_letter_is_none() -> None:
    item = replace(decided(2, "d-2"), error="Bo and B called")
    assert names_of(lead(1, name="Bo")).out_of_item(item).error == "[removed] and B called"
    assert names_of(lead(1, name="B")).out_of_item(item) == item
