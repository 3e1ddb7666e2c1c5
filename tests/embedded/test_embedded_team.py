"""What a rep is told of the team: enough to count the same as marketing, and no colleague's name or word."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_process import Crm

from triage.embedded.colleagues import outcome_without_names, without_words
from triage.embedded.members import FIRST_REP, MARKETING
from triage.embedded.moments import to_wire, utc_now

COLLEAGUE = "U-02"
SECRET = "Aurelia"
SNAPSHOT = {
    "score": 66,
    "band": "B",
    "status": "assigned",
    "owner_id": COLLEAGUE,
    "contributions": [
        {"label": "title", "points_applied": 20, "evidence": f"{SECRET}, VP", "dimension": "fit"}
    ],
    "criteria": [{"criterion_id": "level", "result": "pass", "why": SECRET}],
    "shown": {"dwell_ms": 900, "position": 3, "note": SECRET},
    "remark": SECRET,
}


def theirs(crm: Crm) -> dict[str, Any]:
    """Return a lead of the colleague's."""
    lead = crm.fresh()
    crm.assign(lead["lead_id"], COLLEAGUE)
    return crm.lead(lead["lead_id"])


def told_by_a_colleague(crm: Crm) -> None:
    lead = theirs(crm)
    decision = crm.decision(
        lead,
        "reject",
        reason="NOT_ICP_COMPANY",
        note=f"{SECRET} said so.",
        params={"criterion": "level", "note": SECRET, "to": "U-03", "feature": SECRET},
        snapshot=SNAPSHOT,
    )
    crm.send(decision, who=COLLEAGUE)
    crm.reply(decision["decision_id"], "upheld", text=f"{SECRET} is right.")
    payload = {"category": "price", "verbatim": SECRET, "competitor": "Other Corp", "field": "level"}
    note = crm.note(lead, type="objection", payload=payload, snapshot=SNAPSHOT)
    crm.send(note, who=COLLEAGUE)


def test_without_being_asked_a_rep_sees_their_own_alone(crm: Crm) -> None:
    told_by_a_colleague(crm)
    assert crm.get("/v1/decisions")["items"] == []
    assert crm.get("/v1/feedback?team=false")["items"] == []


@pytest.mark.parametrize("path", ["decisions", "feedback"])
def test_of_a_colleague_a_rep_is_told_what_is_counted_and_no_name_or_word(crm: Crm, path: str) -> None:
    told_by_a_colleague(crm)
    (shown,) = crm.get(f"/v1/{path}?team=true")["items"]
    (whole,) = crm.get(f"/v1/{path}", MARKETING)["items"]
    assert SECRET in json.dumps(whole)
    text = json.dumps(shown)
    names = (SECRET, COLLEAGUE, "Ines", "U-03", "Noor", whole["lead"]["name"], whole["lead"]["company"])
    assert [name for name in names if name in text] == []
    assert shown["rep"] == {"user_id": "", "name": ""}
    assert (shown["lead_id"], shown["state"]) == (whole["lead_id"], whole["state"])
    kept = ("score", "band", "status")
    assert {name: shown["snapshot"][name] for name in kept} == {name: SNAPSHOT[name] for name in kept}
    assert shown["lead"]["source"] == whole["lead"]["source"]
    assert shown["lead"]["campaign"] == whole["lead"]["campaign"]


def test_codes_labels_and_verdicts_stay(crm: Crm) -> None:
    told_by_a_colleague(crm)
    (decision,) = crm.get("/v1/decisions?team=true")["items"]
    assert (decision["reason"], decision["params"]) == ("NOT_ICP_COMPANY", {"criterion": "level"})
    assert decision["snapshot"]["contributions"] == [
        {"label": "title", "dimension": "fit", "points_applied": 20}
    ]
    assert [reply["kind"] for reply in decision["replies"]] == ["upheld"]
    (note,) = crm.get("/v1/feedback?team=true")["items"]
    assert note["payload"] == {"category": "price", "competitor": "Other Corp", "field": "level"}


def test_the_receipt_of_an_accept_does_not_name_its_owner(crm: Crm) -> None:
    crm.send(crm.decision(theirs(crm), "accept"), who=COLLEAGUE)
    (shown,) = crm.get("/v1/decisions?team=true")["items"]
    assert shown["receipt"]["status"] == "accepted"
    assert [name for name in (COLLEAGUE, "Ines") if name in json.dumps(shown)] == []


def test_ones_own_and_marketings_rows_stay_whole(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "reject", reason="LOW_INTENT", note=SECRET)
    (mine,) = crm.get("/v1/decisions?team=true")["items"]
    assert (mine["note"], mine["rep"]["user_id"]) == (SECRET, FIRST_REP)
    assert crm.get("/v1/decisions?team=true", MARKETING)["items"] == [mine]


def test_a_word_that_is_neither_true_nor_false_is_a_422(crm: Crm) -> None:
    for word in ("yes", "1", "True", ""):
        assert crm.ask("GET", f"/v1/decisions?team={word}").status_code == 422


def test_what_is_too_long_or_too_deep_for_a_code_is_words(crm: Crm) -> None:
    lead = theirs(crm)
    payload = {"topic": "x" * 201, "persona": {"name": SECRET}, "category": "price", "competitor": "y" * 200}
    crm.send(crm.note(lead, type="content_request", payload=payload), who=COLLEAGUE)
    (note,) = crm.get("/v1/feedback?team=true")["items"]
    assert note["payload"] == {"category": "price", "competitor": "y" * 200}


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["contributions", "criteria", "shown", "score", "x"]), st.from_type(object)
    )
    | st.none(),
)
def test_a_snapshot_of_any_shape_can_be_told(snapshot: Any) -> None:
    item: dict[str, Any] = {"snapshot": snapshot, "lead": {}, "replies": [], "receipt": {}}
    assert without_words(item)["rep"] == {"user_id": "", "name": ""}


def test_of_a_colleagues_outcome_the_company_is_its_account(crm: Crm) -> None:
    change = {"lead_id": "L-1", "stage": "won", "amount": 900.0, "account_id": "A-7", "company": SECRET}
    shown = outcome_without_names(change | {"name": SECRET, "opportunity": SECRET, "owner": {"name": SECRET}})
    assert SECRET not in json.dumps(shown)
    assert (shown["company"], shown["amount"], shown["stage"]) == ("A-7", 900.0, "won")


def test_of_a_colleagues_win_the_path_holds_none_of_the_leads_own_words() -> None:
    path = ["2026-10-01 Wrote in the contact form: “Call Aurelia, aurelia@lead.example” (website)"]
    path += ["2026-10-03 Downloaded “Maintenance planning template” (website)", "2026-10-04 A” : “B” (email)"]
    assert outcome_without_names({"touches": path})["touches"] == [
        "2026-10-01 Wrote in the contact form (website)",
        "2026-10-03 Downloaded “Maintenance planning template” (website)",
        "2026-10-04 A”  (email)",
    ]


def test_bands_are_counted_from_the_decisions_that_stand(crm: Crm) -> None:
    now = to_wire(utc_now())
    snapshot = {"band": "B", "status": "assigned"}
    for n, (act, more) in enumerate(
        [
            ("accept", {}),
            ("accept", {"snapshot": {"band": "A", "status": "snoozed"}}),
            ("reject", {"reason": "LOW_INTENT"}),
            ("snooze", {"params": {"until": to_wire(utc_now() + timedelta(days=2))}}),
            ("accept", {"snapshot": {"band": "B", "status": "accepted"}}),
            ("accept", {"snapshot": {"status": "assigned"}}),
            ("accept", {"snapshot": {"band": "", "status": "assigned"}}),
            ("accept", {"snapshot": {"band": ["B"], "status": "assigned"}}),
            ("accept", {"decided_at": to_wire(utc_now() - timedelta(days=91))}),
        ]
    ):
        lead = crm.fresh()
        item = crm.decide(lead, act, **({"snapshot": snapshot, "decided_at": now} | more))
        assert item["outcome"] == "applied", (n, item)
    undone = crm.fresh()
    last = crm.decide(undone, "accept", snapshot=snapshot, decided_at=now)["decision_id"]
    crm.decide(crm.lead(undone["lead_id"]), "restore", of=last)
    assert crm.get("/v1/statistics/bands")["items"] == [
        {"band": "A", "days": 90, "accepted": 1, "decided": 1},
        {"band": "B", "days": 90, "accepted": 1, "decided": 2},
    ]


def test_bands_count_all_reps_and_are_told_to_each(crm: Crm) -> None:
    lead = theirs(crm)
    item = crm.decision(lead, "accept", snapshot=SNAPSHOT, decided_at=to_wire(utc_now()))
    crm.send(item, who=COLLEAGUE)
    for who in (FIRST_REP, COLLEAGUE, MARKETING):
        assert [row["decided"] for row in crm.get("/v1/statistics/bands", who)["items"]] == [1]


def test_a_crm_without_decisions_has_counted_no_band(crm: Crm) -> None:
    assert crm.get("/v1/statistics/bands") == {"items": []}
