"""What others do to a lead between a rep's look and the decision: seen by the decision, and by the next page."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from in_process import Crm

from triage.embedded.database import Database
from triage.embedded.members import FIRST_REP, MARKETING


def listed(crm: Crm, lead_id: str) -> bool:
    return any(lead["lead_id"] == lead_id for lead in crm.leads())


def test_a_fact_that_is_edited_leaves_the_decision_and_its_undo_possible(crm: Crm) -> None:
    lead = crm.fresh()
    crm.edit(lead["lead_id"], title="CTO", phone="+49 30 23125 000")
    assert crm.decide(lead, "accept")["outcome"] == "applied"
    crm.edit(lead["lead_id"], title="CEO")
    now = crm.lead(lead["lead_id"])
    assert (now["title"], now["last_decision_id"]) == ("CEO", "d-1")
    assert crm.decide(now, "restore", of="d-1")["outcome"] == "applied"


def test_a_status_that_is_edited_is_a_conflict_that_shows_it(crm: Crm) -> None:
    lead = crm.fresh()
    crm.edit(lead["lead_id"], status="working")
    result = crm.decide(lead, "accept")
    assert (result["outcome"], result["theirs"]["status"]) == ("conflict", "working")
    assert result["theirs"]["changed_by"] == "Noor Haddad"


def test_a_status_that_is_edited_after_a_decision_makes_its_undo_a_conflict(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "accept")
    now = crm.edit(lead["lead_id"], status="working")
    assert now["last_decision_id"] is None
    assert crm.decide(now, "restore", of="d-1")["outcome"] == "conflict"


def test_an_archived_lead_leaves_the_list_and_conflicts_until_the_rep_knows(crm: Crm) -> None:
    lead = crm.fresh()
    now = crm.edit(lead["lead_id"], archived=True)
    assert now["archived"]
    assert not listed(crm, lead["lead_id"])
    result = crm.decide(lead, "accept")
    assert (result["outcome"], result["theirs"]["archived"]) == ("conflict", True)
    assert "archived" in result["messages"][0]
    known = lead | {"version": result["theirs"]["version"]}
    assert crm.decide(known, "accept")["outcome"] == "applied"
    assert listed(crm, lead["lead_id"])
    assert not crm.lead(lead["lead_id"])["archived"]


def test_the_undo_of_a_decision_on_an_archived_lead_puts_it_back_there(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(crm.edit(lead["lead_id"], archived=True), "accept")
    crm.decide(crm.lead(lead["lead_id"]), "restore", of="d-1")
    assert crm.lead(lead["lead_id"])["archived"]


def test_a_lead_that_is_assigned_comes_out_of_the_archive(crm: Crm) -> None:
    lead = crm.fresh()
    crm.edit(lead["lead_id"], archived=True)
    assert not crm.assign(lead["lead_id"], FIRST_REP)["archived"]
    assert listed(crm, lead["lead_id"])


def test_a_merged_lead_names_the_one_that_took_its_place(crm: Crm) -> None:
    lead, survivor = crm.fresh(0), crm.fresh(1)
    cursor = crm.get("/v1/leads?limit=500")["next_cursor"]
    crm.remove(lead["lead_id"], survivor["lead_id"])
    result = crm.decide(lead, "accept")
    theirs = result["theirs"]
    assert (result["outcome"], theirs["deleted"]) == ("conflict", True)
    assert theirs["merged_into"] == survivor["lead_id"]
    assert survivor["lead_id"] in result["messages"][0]
    assert crm.get(f"/v1/leads?cursor={cursor}")["gone"] == [lead["lead_id"]]
    assert crm.ask("GET", f"/v1/leads/{lead['lead_id']}").json()["merged_into"] == survivor["lead_id"]


def test_a_deleted_lead_takes_no_decision_no_undo_and_no_feedback(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "accept")
    crm.remove(lead["lead_id"])
    for result in (
        crm.decide(lead, "accept"),
        crm.decide(lead, "restore", of="d-1"),
        crm.send(crm.note(lead, payload={"text": "hello"}))[0],
    ):
        assert result["outcome"] == "conflict"
        assert result["theirs"]["deleted"]
    assert crm.effects() == ["d-1"]


@pytest.mark.parametrize("into", ["itself", "L-999999", "L-000001"])
def test_a_lead_is_merged_only_into_another_one_that_is_there(crm: Crm, into: str) -> None:
    lead = crm.fresh()["lead_id"]
    body = {"merged_into": lead if into == "itself" else into}
    assert crm.ask("POST", f"/v1/leads/{lead}/remove", MARKETING, json=body).status_code == 422
    assert crm.lead(lead)


@pytest.mark.parametrize(
    "body", [{}, {"status": "asleep"}, {"archived": "yes"}, {"title": 7}, {"status": None}]
)
def test_an_edit_of_nothing_or_of_something_else_is_a_422(crm: Crm, body: dict[str, object]) -> None:
    lead = crm.fresh()
    answer = crm.ask("POST", f"/v1/leads/{lead['lead_id']}/edit", MARKETING, json=body)
    assert answer.status_code == 422
    assert crm.lead(lead["lead_id"]) == lead


@pytest.mark.parametrize("what", ["edit", "remove"])
def test_upkeep_is_marketings_and_can_insist_on_a_version(crm: Crm, what: str) -> None:
    lead = crm.fresh()
    path, body = f"/v1/leads/{lead['lead_id']}/{what}", {"title": "CTO"}
    assert crm.ask("POST", path, json=body).status_code == 403
    stale = crm.ask("POST", path, MARKETING, json=body, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    assert crm.lead(lead["lead_id"]) == lead
    tag = f'"{lead["version"]}"'
    assert crm.ask("POST", path, MARKETING, json=body, headers={"If-Match": tag}).status_code == 200


def test_a_file_of_the_first_version_is_completed(tmp_path: Path) -> None:
    with closing(Database(tmp_path)) as database:
        database.run("ALTER TABLE leads DROP COLUMN archived")
    with closing(Database(tmp_path)) as database:
        assert database.rows("SELECT archived FROM leads") == []
    with closing(sqlite3.connect(tmp_path / "crm.sqlite")) as plain:
        assert plain.execute("PRAGMA quick_check").fetchone() == ("ok",)


def test_a_colleague_who_was_given_the_lead_decides_it(crm: Crm) -> None:
    lead = crm.fresh()
    crm.assign(lead["lead_id"], "U-02")
    theirs = crm.lead(lead["lead_id"])
    item = crm.decision(theirs, "accept")
    assert crm.send(item, who="U-02")[0]["outcome"] == "applied"
    mine = crm.decide(lead, "reject", reason="LOW_INTENT")
    assert (mine["outcome"], mine["theirs"]["status"]) == ("conflict", "accepted")
    assert mine["theirs"]["changed_by"] == "Ines Duarte"
