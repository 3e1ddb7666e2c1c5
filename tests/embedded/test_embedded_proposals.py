"""Another definition: proposed by anyone, in force once an owner of each side has said yes."""

from __future__ import annotations

from typing import Any

import pytest
from in_process import Crm

from triage.embedded.members import FIRST_REP, MARKETING

STRICTER = {"threshold": 70}


def propose(crm: Crm, who: str = "U-02", status: int = 200, **more: Any) -> dict[str, Any]:
    body = {"proposal_id": "P-1", "based_on": "4", "definition": STRICTER, "why": "too many too early"}
    answer = crm.ask("POST", "/v1/definition/proposals", who, json=body | more)
    assert answer.status_code == status, answer.text
    return answer.json()


def word(crm: Crm, who: str, *, agrees: bool = True, status: int = 200, why: str = "") -> dict[str, Any]:
    path = "/v1/definition/proposals/P-1/word"
    answer = crm.ask("POST", path, who, json={"agrees": agrees, "why": why})
    assert answer.status_code == status, answer.text
    return answer.json()


def in_force(crm: Crm) -> tuple[str, float]:
    definition = crm.get("/v1/definition")
    return definition["version"], definition["threshold"]


def test_a_proposal_evaluates_nothing_until_both_sides_have_agreed(crm: Crm) -> None:
    before = crm.get("/v1/definition")
    proposed = propose(crm)
    assert (proposed["state"], proposed["words"], proposed["definition"]["version"]) == ("proposed", [], "5")
    assert in_force(crm) == ("4", 65)
    assert word(crm, FIRST_REP)["state"] == "proposed"
    assert in_force(crm) == ("4", 65)
    assert word(crm, MARKETING)["state"] == "agreed"
    assert in_force(crm) == ("5", 70)
    after = crm.get("/v1/definition")
    assert after["agreed_by"] == ["Noor Haddad (marketing)", "Robin Vale (sales)"]
    assert after["agreed_at"] > before["agreed_at"]
    assert after["review_due"] > before["review_due"]
    assert after["criteria"] == before["criteria"]


def test_an_owners_own_proposal_is_their_sides_yes(crm: Crm) -> None:
    assert [one["side"] for one in propose(crm, MARKETING)["words"]] == ["marketing"]
    assert word(crm, FIRST_REP)["state"] == "agreed"


def test_a_no_ends_it_and_says_why(crm: Crm) -> None:
    propose(crm, MARKETING)
    assert word(crm, FIRST_REP, agrees=False, status=422)["error"]["code"] == "unparsable"
    assert word(crm, FIRST_REP, agrees=False, why="the fair leads")["state"] == "declined"
    assert in_force(crm) == ("4", 65)
    assert word(crm, MARKETING, agrees=False, why="then not", status=409)["error"]["code"] == "closed"


def test_only_a_named_owner_has_a_word(crm: Crm) -> None:
    propose(crm)
    said = word(crm, "U-02", status=403)["error"]["message"]
    assert "Robin Vale (sales) and Noor Haddad (marketing)" in said


@pytest.mark.parametrize("changed", ['{"threshold": 1e999}', '{"targets": {"acceptance": -1e999}}'])
def test_a_number_that_no_client_could_read_back_is_no_json(crm: Crm, changed: str) -> None:
    body = f'{{"proposal_id": "P-9", "based_on": "4", "definition": {changed}, "why": "x"}}'
    answer = crm.ask("POST", "/v1/definition/proposals", content=body)
    assert answer.status_code == 422
    assert crm.get("/v1/definition/proposals")["items"] == []


def test_the_same_word_again_changes_nothing(crm: Crm) -> None:
    propose(crm, MARKETING)
    first = word(crm, FIRST_REP)
    assert word(crm, FIRST_REP) == first
    assert in_force(crm) == ("5", 70)


def test_the_same_proposal_again_is_one_and_another_under_its_id_is_refused(crm: Crm) -> None:
    first = propose(crm)
    assert propose(crm) == first
    assert propose(crm, status=409, why="for another reason")["error"]["code"] == "other_proposal"
    assert len(crm.get("/v1/definition/proposals")["items"]) == 1


def test_what_was_made_from_an_older_version_is_proposed_anew(crm: Crm) -> None:
    propose(crm)
    propose(crm, proposal_id="P-2", definition={"threshold": 60})
    for who in (FIRST_REP, MARKETING):
        crm.ask("POST", "/v1/definition/proposals/P-2/word", who, json={"agrees": True})
    assert in_force(crm) == ("6", 60)
    assert word(crm, FIRST_REP, status=409)["error"]["code"] == "moved_on"
    assert propose(crm, proposal_id="P-3", status=409)["error"]["code"] == "moved_on"


@pytest.mark.parametrize(
    "definition",
    [
        {"threshold": "high"},
        {"criteria": [{"criterion_id": "size"}]},
        {"criteria": [{"criterion_id": "a", "label": "a", "fact": "a", "op": ">=", "value": "many"}]},
        {"criteria": 2 * [{"criterion_id": "a", "label": "a", "fact": "a", "op": "truthy"}]},
        {"targets": {"acceptance": True}},
    ],
)
def test_what_cannot_be_evaluated_cannot_be_proposed(crm: Crm, definition: dict[str, Any]) -> None:
    assert "definition." in propose(crm, status=422, definition=definition)["error"]["message"]


def test_disputes_of_the_definition_in_force_are_counted_once_each(crm: Crm) -> None:
    def disputes() -> int:
        return crm.get("/v1/definition/proposals")["disputes"]

    before = disputes()
    lead = crm.fresh()
    dispute = crm.note(lead, type="definition_dispute", payload={"criterion": "level"})
    assert crm.send(dispute)[0]["outcome"] == "applied"
    decided = crm.decide(
        crm.fresh(1), "reject", reason="WRONG_PERSONA", params={"criterion": "level"}, disagrees_with="4"
    )
    assert decided["outcome"] == "applied"
    assert disputes() == before + 2
    crm.send(crm.note(lead, type="retraction", supersedes=dispute["feedback_id"]))
    assert disputes() == before + 1
