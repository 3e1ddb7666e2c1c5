"""Changing a part of a document: the rest stays as it was, in memory, on the disk and for everyone else."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import Raw

from tests.fakes import NOW, lead, lead_id
from triage.domain.lead import LeadStatus, Owner
from triage.errors import StoreError
from triage.store.draft import Draft
from triage.store.leads import LEADS, Leads
from triage.store.state import TableState
from triage.store.tiny import JournalDB

SAID = {"version": "9", "status": LeadStatus.ACCEPTED, "owner": Owner("U-2", "Ny 名 🙂"), "fetched_at": NOW}


@pytest.fixture
def leads(tmp_path: Path):
    made = Leads(tmp_path / "leads.journal")
    yield made
    made.close()


def said(cached) -> tuple[object, ...]:
    return tuple(getattr(cached.lead, name) for name in SAID)


def test_amended_leads_say_what_is_new_and_otherwise_what_they_said(tmp_path, leads) -> None:
    whole = [lead(number) for number in range(1, 4)]
    leads.replace_all(whole, frozenset(), "c")
    leads.amend({lead_id(1): SAID, lead_id(3): {"version": "7"}, lead_id(99): SAID})
    for each in (leads, Leads(tmp_path / "leads.journal")):
        assert said(each.find(lead_id(1))) == tuple(SAID.values())
        assert each.find(lead_id(1)).lead.name == whole[0].name
        assert each.find(lead_id(2)).lead == whole[1]
        assert each.find(lead_id(3)).lead.version == "7"
        assert each.find(lead_id(99)) is None
        assert {one.lead_id: one.status for one in each.outlines(lambda one, *_: one)}[
            lead_id(1)
        ] == "accepted"


def test_all_that_is_amended_is_one_record(leads) -> None:
    leads.replace_all([lead(number) for number in range(1, 9)], frozenset(), "c")
    before = leads.db.generation
    leads.amend({lead_id(number): SAID for number in range(1, 9)})
    assert leads.db.generation == before + 1
    leads.amend({})
    leads.amend({lead_id(99): SAID})
    assert leads.db.generation == before + 1


def test_a_lead_that_is_gone_is_not_amended(leads) -> None:
    leads.replace_all([lead(1), lead(2)], frozenset(), "c")
    leads.merge((), [lead_id(1)], frozenset({lead_id(1)}), "d")
    leads.amend({lead_id(1): SAID})
    assert leads.find(lead_id(1)).lead.version == lead(1).version


def test_a_lead_with_half_a_character_in_it_is_amended_too(tmp_path, leads) -> None:
    leads.replace_all([lead(1, company="pasted \ud800"), lead(2)], frozenset(), "c")
    leads.amend({lead_id(1): SAID, lead_id(2): {"owner": Owner("U-2", "\udfff")}})
    for each in (leads, Leads(tmp_path / "leads.journal")):
        assert said(each.find(lead_id(1))) == tuple(SAID.values())
        assert each.find(lead_id(1)).lead.company == "pasted \ud800"
        assert each.find(lead_id(2)).lead.owner.name == "\udfff"


def test_what_another_process_wrote_is_amended_and_not_written_over(tmp_path, leads) -> None:
    leads.replace_all([lead(1), lead(2)], frozenset(), "c")
    other = Leads(tmp_path / "leads.journal")
    other.merge([lead(1, title="New"), lead(3)], [], frozenset(), "d")
    leads.amend({lead_id(1): {"version": "9"}})
    other.db.refresh()
    for each in (leads, other):
        assert (each.find(lead_id(1)).lead.title, each.find(lead_id(1)).lead.version) == ("New", "9")
        assert each.find(lead_id(3)) is not None


def test_json_is_not_written_inside_a_transaction(leads) -> None:
    with leads.db.transaction(), pytest.raises(StoreError, match="inside a transaction"):
        leads.db.rewrite(LEADS, dict)


def test_json_is_written_into_a_table_that_memory_holds(tmp_path) -> None:
    db = JournalDB(tmp_path / "a.journal", indexes={"items": ("k",)})
    number = db.table("items").insert({"k": 1})
    db.rewrite("items", lambda: {number: Raw(b'{"k": 2}')})
    assert db.table("items").one_by("k", 2) == {"k": 2}
    assert JournalDB(tmp_path / "a.journal", indexes={"items": ("k",)}).table("items").all() == [{"k": 2}]
    db.close()


def test_what_a_merged_document_shares_with_the_state_is_never_handed_out() -> None:
    below = TableState(("k",))
    below.fill({1: {"k": 1, "seen": {"parts": [1]}}})
    draft = Draft(below, 2)
    draft.amend(1, {"k": 2})
    assert draft.peek(1) == {"k": 2, "seen": {"parts": [1]}}
    assert draft.matching("k", 2) == {1}
    draft[1]["seen"]["parts"].append(2)
    assert below.peek(1) == {"k": 1, "seen": {"parts": [1]}}


def test_nor_is_it_from_the_level_below_once_an_inner_one_has_ended() -> None:
    below = TableState(("k",))
    below.fill({1: {"k": 1, "seen": {"parts": [1]}}})
    lower = Draft(below, 2)
    assert lower.peek(1) is not None
    upper = Draft(lower, 2)
    upper.amend(1, {"k": 2})
    lower.absorb(upper)
    lower[1]["seen"]["parts"].append(2)
    assert below.peek(1) == {"k": 1, "seen": {"parts": [1]}}


def test_a_document_that_someone_may_still_change_is_not_shared_with_what_is_merged_into_it() -> None:
    below = TableState(("k",))
    below.fill({1: {"k": 1, "seen": {"parts": [1]}}})
    draft = Draft(below, 2)
    held = draft[1]
    draft.amend(1, {"k": 2})
    held["seen"]["parts"].append(2)
    assert draft.peek(1) == {"k": 2, "seen": {"parts": [1]}}
