from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_process import SEED, Crm, open_crm

from triage.embedded.members import FIRST_REP, MARKETING
from triage.embedded.server import open_database

LATER = "2027-01-15T08:00:00Z"

ACTS: dict[str, dict[str, Any]] = {
    "accept": {},
    "reject": {"reason": "LOW_INTENT"},
    "recycle": {"reason": "BAD_TIMING", "params": {"until": LATER}},
    "reroute": {"reason": "WRONG_TERRITORY", "params": {"to": "U-02"}},
    "snooze": {"params": {"until": LATER}},
}


@pytest.mark.parametrize(
    ("act", "status", "owner"),
    [
        ("accept", "accepted", FIRST_REP),
        ("reject", "rejected", "Q-MKT"),
        ("recycle", "recycled", FIRST_REP),
        ("reroute", "assigned", "U-02"),
        ("snooze", "snoozed", FIRST_REP),
    ],
)
def test_an_act_brings_the_lead_where_it_belongs(crm: Crm, act: str, status: str, owner: str) -> None:
    lead = crm.fresh()
    result = crm.decide(lead, act, **ACTS[act])
    after = crm.lead(lead["lead_id"])
    assert result["outcome"] == "applied"
    assert (after["status"], after["owner"]["user_id"], after["last_decision_id"]) == (status, owner, "d-1")
    assert result["receipt"]["version"] == after["version"] != lead["version"]
    assert (result["receipt"]["status"], result["receipt"]["owner"]) == (status, after["owner"])


def test_a_recycled_lead_keeps_when_why_and_until_when(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "recycle", **ACTS["recycle"])
    entry = crm.lead(lead["lead_id"])["recycles"][-1]
    assert (entry["reason"], entry["wake_at"], entry["by"]) == ("BAD_TIMING", LATER, lead["owner"]["name"])


def test_an_explicit_none_leaves_a_recycled_lead_without_a_wake(crm: Crm) -> None:
    first, second = crm.fresh(0), crm.fresh(1)
    crm.decide(first, "recycle", reason="EARLY_RESEARCH", params={"wake": "none"})
    crm.decide(second, "recycle", reason="EARLY_RESEARCH")
    assert crm.lead(first["lead_id"])["recycles"][-1]["wake_at"] is None
    assert crm.lead(second["lead_id"])["recycles"][-1]["wake_at"] is not None


def test_a_lead_under_contract_elsewhere_wakes_before_that_ends(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(
        lead, "recycle", reason="USING_COMPETITOR", params={"competitor": "Other", "ends": "2027-06-30"}
    )
    assert crm.lead(lead["lead_id"])["recycles"][-1]["wake_at"] == "2027-03-02T00:00:00Z"


def test_the_same_decision_again_is_already_there_with_its_first_receipt(crm: Crm) -> None:
    item = crm.decision(crm.fresh(), "accept")
    first, again = crm.send(item)[0], crm.send(item)[0]
    assert (first["outcome"], again["outcome"]) == ("applied", "already")
    assert again["receipt"] == first["receipt"]
    assert crm.effects() == ["d-1"]


def test_what_was_seen_is_not_content(crm: Crm) -> None:
    item = crm.decision(crm.fresh(), "accept")
    crm.send(item)
    seen = item["seen"] | {"version": "999"}
    assert crm.send(item | {"seen": seen, "snapshot": {"later": True}})[0]["outcome"] == "already"


def test_another_content_under_a_known_id_is_refused_and_changes_nothing(crm: Crm) -> None:
    lead = crm.fresh()
    item = crm.decision(lead, "accept")
    crm.send(item)
    before = crm.lead(lead["lead_id"])
    result = crm.send(item | {"note": "changed my mind"})[0]
    assert result["outcome"] == "refused"
    assert crm.lead(lead["lead_id"]) == before


def test_an_id_twice_in_one_batch_applies_once(crm: Crm) -> None:
    item = crm.decision(crm.fresh(), "accept")
    assert [row["outcome"] for row in crm.send(item, item)] == ["applied", "already"]
    assert crm.effects() == ["d-1"]


def test_another_version_with_owner_and_status_as_seen_applies(crm: Crm) -> None:
    lead = crm.fresh()
    crm.database.run("UPDATE leads SET version = version + 5 WHERE lead_id = ?", lead["lead_id"])
    assert crm.decide(lead, "accept")["outcome"] == "applied"


def test_a_lead_that_others_changed_is_a_conflict_that_shows_theirs(crm: Crm) -> None:
    lead = crm.fresh()
    crm.assign(lead["lead_id"], "U-02")
    result = crm.decide(lead, "accept")
    assert result["outcome"] == "conflict"
    assert result["theirs"]["owner"]["user_id"] == "U-02"
    assert result["theirs"]["changed_by"] == "Noor Haddad"
    assert result["theirs"]["version"] == crm.lead(lead["lead_id"])["version"]
    assert crm.effects() == []


def test_another_version_with_another_status_is_a_conflict(crm: Crm) -> None:
    lead = crm.fresh()
    statement = "UPDATE leads SET version = version + 1, status = 'snoozed' WHERE lead_id = ?"
    crm.database.run(statement, lead["lead_id"])
    result = crm.decide(lead, "accept")
    assert (result["outcome"], result["theirs"]["status"]) == ("conflict", "snoozed")


def test_a_deleted_lead_is_a_conflict_that_says_so(crm: Crm) -> None:
    lead = crm.fresh() | {"lead_id": "L-000001"}
    theirs = crm.decide(lead, "accept")["theirs"]
    assert theirs["deleted"]
    assert theirs["merged_into"]


def test_an_unknown_lead_is_refused(crm: Crm) -> None:
    assert crm.decide(crm.fresh() | {"lead_id": "L-999999"}, "accept")["outcome"] == "refused"


def test_a_lead_of_another_owner_is_never_changed(crm: Crm) -> None:
    lead = next(lead for lead in crm.leads("U-02") if lead["status"] == "assigned")
    result = crm.decide(lead, "snooze", params={"until": LATER})
    assert result["outcome"] == "refused"
    assert crm.lead(lead["lead_id"]) == lead


def test_a_contacted_lead_cannot_be_rejected_but_disqualified(crm: Crm) -> None:
    lead = crm.contacted()
    rejected = crm.decide(lead, "reject", reason="LOW_INTENT")
    assert rejected["outcome"] == "refused"
    assert "contacted" in rejected["messages"][0]
    assert crm.decide(lead, "disqualify", reason="NO_NEED", after_contact=True)["outcome"] == "applied"
    assert crm.lead(lead["lead_id"])["status"] == "disqualified"


def test_disqualify_comes_after_contact_except_for_do_not_contact(crm: Crm) -> None:
    lead = crm.fresh()
    assert crm.decide(lead, "disqualify", reason="NO_NEED")["outcome"] == "refused"
    assert crm.decide(lead, "disqualify", reason="DO_NOT_CONTACT")["outcome"] == "applied"


@pytest.mark.parametrize(
    ("act", "more"),
    [
        ("reject", {}),
        ("reject", {"reason": "NO_SUCH"}),
        ("recycle", {"reason": "LOW_INTENT"}),
        ("snooze", {}),
        ("snooze", {"params": {"until": "soon"}}),
        ("reroute", {}),
        ("reroute", {"params": {"to": "U-77"}}),
        ("reroute", {"params": {"to": MARKETING}}),
        ("restore", {}),
        ("restore", {"of": "never"}),
    ],
)
def test_what_an_act_needs_and_lacks_is_refused_with_a_sentence(
    crm: Crm, act: str, more: dict[str, Any]
) -> None:
    lead = crm.fresh()
    result = crm.decide(lead, act, **more)
    assert result["outcome"] == "refused"
    assert result["messages"][0].endswith(".")
    assert crm.lead(lead["lead_id"]) == lead


def test_an_accepted_lead_is_not_accepted_again(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "accept")
    result = crm.decide(crm.lead(lead["lead_id"]), "accept")
    assert result["outcome"] == "refused"
    assert "accepted" in result["messages"][0]


def test_one_refused_item_does_not_hold_up_the_others(crm: Crm) -> None:
    bad, good = crm.decision(crm.fresh(0), "reject"), crm.decision(crm.fresh(1), "accept")
    outcomes = {row["decision_id"]: row["outcome"] for row in crm.send(bad, good)}
    assert outcomes == {bad["decision_id"]: "refused", good["decision_id"]: "applied"}


@pytest.mark.parametrize("act", sorted(ACTS))
def test_restore_brings_owner_and_status_back(crm: Crm, act: str) -> None:
    lead = crm.fresh()
    crm.decide(lead, act, **ACTS[act])
    now = crm.lead(lead["lead_id"])
    assert crm.decide(now, "restore", of="d-1")["outcome"] == "applied"
    back = crm.lead(lead["lead_id"])
    changed = {"version", "last_decision_id"}
    assert {k: v for k, v in back.items() if k not in changed} == {
        k: v for k, v in lead.items() if k not in changed
    }
    assert crm.get("/v1/decisions/d-1")["state"] == "superseded"


def test_restore_after_anyone_elses_change_is_a_conflict(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "reject", reason="LOW_INTENT")
    crm.assign(lead["lead_id"], "U-02")
    assert crm.decide(crm.lead(lead["lead_id"]), "restore", of="d-1")["outcome"] == "conflict"
    assert crm.lead(lead["lead_id"])["owner"]["user_id"] == "U-02"


def test_a_restore_is_applied_once_and_cannot_be_undone(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "accept")
    restore = crm.decision(crm.lead(lead["lead_id"]), "restore", of="d-1")
    assert [crm.send(restore)[0]["outcome"] for _ in range(2)] == ["applied", "already"]
    assert crm.decide(lead, "restore", of="d-1")["outcome"] == "conflict"
    assert crm.decide(lead, "restore", of=restore["decision_id"])["outcome"] == "refused"


def test_a_decision_supersedes_one_that_was_never_applied(crm: Crm) -> None:
    assert crm.decide(crm.fresh(), "accept", supersedes="never-sent")["outcome"] == "applied"


def test_a_decision_takes_the_place_of_an_applied_one(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "reject", reason="LOW_INTENT")
    assert crm.decide(lead, "accept", supersedes="d-1")["outcome"] == "applied"
    after = crm.lead(lead["lead_id"])
    assert (after["status"], after["owner"]["user_id"]) == ("accepted", FIRST_REP)
    assert crm.get("/v1/decisions/d-1")["state"] == "superseded"
    assert crm.decide(after, "restore", of="d-2")["outcome"] == "applied"
    assert crm.lead(lead["lead_id"])["status"] == "assigned"


def test_a_decision_that_is_not_the_last_cannot_be_superseded(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "reject", reason="LOW_INTENT")
    crm.assign(lead["lead_id"], FIRST_REP)
    assert crm.decide(lead, "accept", supersedes="d-1")["outcome"] == "conflict"


def test_another_reps_decision_is_neither_seen_nor_undone(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "accept")
    assert crm.ask("GET", "/v1/decisions/d-1", "U-02").status_code == 404
    assert crm.get("/v1/decisions", "U-02")["items"] == []
    restore = crm.decision(crm.lead(lead["lead_id"]), "restore", of="d-1")
    assert crm.send(restore, who="U-02")[0]["outcome"] == "refused"


def test_a_decision_that_was_not_applied_is_not_found(crm: Crm) -> None:
    lead = crm.fresh()
    crm.assign(lead["lead_id"], "U-02")
    crm.decide(lead, "accept")
    assert crm.ask("GET", "/v1/decisions/d-1").status_code == 404


def test_marketing_sees_a_decision_with_all_that_was_sent(crm: Crm) -> None:
    lead = crm.fresh()
    item = crm.decision(
        lead,
        "reject",
        reason="NOT_ICP_COMPANY",
        params={"criterion": "company_size"},
        note="\ud800 half",
        batch_id="b-1",
        disagrees_with="definition v4",
        snapshot={"score": 71, "dwell": 2.5},
    )
    import json

    crm.ask("POST", "/v1/decisions", content=json.dumps({"items": [item]}).encode())
    shown = crm.get("/v1/decisions", MARKETING)["items"][0]
    assert {key: shown[key] for key in item} == item
    assert shown["rep"]["user_id"] == FIRST_REP
    assert shown["lead"]["campaign"] == lead["campaign"]["name"]
    assert (shown["state"], shown["effects"]) == ("applied", 1)


def test_a_key_that_stood_for_other_items_is_refused(crm: Crm) -> None:
    first, second = crm.decision(crm.fresh(0), "accept"), crm.decision(crm.fresh(1), "accept")
    key = {"Idempotency-Key": "k-1"}
    for body, status in (([first], 200), ([first], 200), ([second], 422)):
        assert crm.ask("POST", "/v1/decisions", json={"items": body}, headers=key).status_code == status
    assert crm.effects() == [first["decision_id"]]


def test_a_decision_commits_whole_or_not_at_all(crm: Crm) -> None:
    lead = crm.fresh()
    crm.database.run("CREATE TRIGGER full BEFORE INSERT ON items BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    crm.ask("POST", "/v1/decisions", json={"items": [crm.decision(lead, "accept")]})
    assert crm.lead(lead["lead_id"]) == lead
    assert crm.effects() == []


def test_a_busy_file_asks_for_a_retry_of_the_item(tmp_path: Path) -> None:
    database = open_database(tmp_path / "crm", leads=5, seed=SEED, now=datetime.now(UTC))
    with closing(Crm(database)) as crm, closing(sqlite3.connect(tmp_path / "crm" / "crm.sqlite")) as other:
        item = crm.decision(crm.fresh(), "accept")
        database.run("PRAGMA busy_timeout = 0")
        other.execute("BEGIN IMMEDIATE")
        result = crm.send(item)[0]
        assert (result["outcome"], result["retry_after"]) == ("retry", 1)
        other.rollback()
        assert crm.send(item)[0]["outcome"] == "applied"


@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 3), st.sampled_from([*sorted(ACTS), "restore"]), st.integers(1, 3), st.booleans()
        ),
        max_size=12,
    )
)
def test_whatever_is_sent_however_often_each_id_has_at_most_one_effect(
    steps: list[tuple[int, str, int, bool]],
) -> None:
    with closing(open_crm(leads=6)) as crm:
        ids = [lead["lead_id"] for lead in crm.leads()[:4]]
        applied: list[str] = []
        for n, act, times, supersede in steps:
            lead = crm.lead(ids[n])
            last = lead["last_decision_id"]
            more = (
                {"of": last} if act == "restore" else ACTS[act] | {"supersedes": last if supersede else None}
            )
            item = crm.decision(lead, act, **more)
            outcomes = [crm.send(item)[0]["outcome"] for _ in range(times)]
            if outcomes[0] == "applied":
                applied.append(item["decision_id"])
                assert set(outcomes[1:]) <= {"already"}
                restored = item["act"] == "restore"
                assert restored or crm.lead(ids[n])["last_decision_id"] == item["decision_id"]
        assert crm.effects() == applied
