from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from in_process import Crm, open_crm

from triage.embedded.members import FIRST_REP


def test_a_rep_gets_exactly_the_leads_asked_for_and_only_their_own(crm: Crm) -> None:
    leads = crm.leads()
    assert len(leads) == 40
    assert {(lead["owner"]["user_id"], lead["status"]) for lead in leads} == {(FIRST_REP, "assigned")}
    assert crm.leads("U-02")


def test_pages_follow_each_other_without_gap_or_repeat(crm: Crm) -> None:
    seen: list[str] = []
    page = crm.get("/v1/leads?limit=7")
    seen += [lead["lead_id"] for lead in page["items"]]
    while page["more"]:
        page = crm.get(f"/v1/leads?limit=7&cursor={page['next_cursor']}")
        assert page["gone"] == []
        seen += [lead["lead_id"] for lead in page["items"]]
    assert sorted(seen) == sorted({lead["lead_id"] for lead in crm.leads()})
    assert len(seen) == 40


def test_after_the_last_cursor_come_only_changes_and_what_is_gone(crm: Crm) -> None:
    cursor = crm.get("/v1/leads?limit=500")["next_cursor"]
    kept, taken, closed = crm.fresh(0), crm.fresh(1), crm.fresh(2)
    crm.decide(kept, "accept")
    crm.assign(taken["lead_id"], "U-02")
    crm.decide(closed, "reject", reason="LOW_INTENT")
    page = crm.get(f"/v1/leads?cursor={cursor}")
    assert [lead["lead_id"] for lead in page["items"]] == [kept["lead_id"]]
    assert page["items"][0]["status"] == "accepted"
    assert sorted(page["gone"]) == sorted([taken["lead_id"], closed["lead_id"]])
    again = crm.get(f"/v1/leads?cursor={page['next_cursor']}")
    assert (again["items"], again["gone"], again["more"]) == ([], [], False)


def test_a_first_visitor_is_not_told_of_what_went_before(crm: Crm) -> None:
    crm.decide(crm.fresh(), "reject", reason="LOW_INTENT")
    assert crm.get("/v1/leads")["gone"] == []


def test_a_lead_that_was_never_ones_own_is_not_reported_gone(crm: Crm) -> None:
    cursor = crm.get("/v1/leads?limit=500")["next_cursor"]
    crm.assign(crm.leads("U-02")[0]["lead_id"], "U-03")
    assert crm.get(f"/v1/leads?cursor={cursor}")["gone"] == []


def test_updated_since_gives_what_changed_since_and_what_went(crm: Crm) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert crm.get(f"/v1/leads?updated_since={soon}")["items"] == []
    crm.database.run("UPDATE leads SET changed_at = '2020-01-01T00:00:00Z'")
    kept, gone = crm.fresh(0), crm.fresh(1)
    crm.decide(kept, "accept")
    crm.assign(gone["lead_id"], "U-02")
    page = crm.get("/v1/leads?updated_since=2020-01-02T00:00:00Z")
    assert [lead["lead_id"] for lead in page["items"]] == [kept["lead_id"]]
    assert page["gone"] == [gone["lead_id"]]


@settings(max_examples=30, deadline=None)
@given(
    size=st.integers(1, 5),
    between=st.lists(
        st.lists(st.tuples(st.integers(0, 7), st.sampled_from(["take", "give", "accept"]))), max_size=5
    ),
)
def test_no_lead_is_lost_or_left_over_whatever_changes_between_pages(
    size: int, between: list[list[tuple[int, str]]]
) -> None:
    with closing(open_crm(leads=8)) as crm:
        ids = sorted(lead["lead_id"] for lead in crm.leads())
        copy: dict[str, str] = {}
        cursor = ""
        while True:
            page = crm.get(f"/v1/leads?limit={size}{cursor}")
            copy |= {lead["lead_id"]: lead["version"] for lead in page["items"]}
            copy = {lead_id: version for lead_id, version in copy.items() if lead_id not in page["gone"]}
            cursor = f"&cursor={page['next_cursor']}"
            if not page["more"] and not between:
                break
            for n, what in between.pop() if between else ():
                _change(crm, ids, n, what)
        assert copy == {lead["lead_id"]: lead["version"] for lead in crm.leads()}


def _change(crm: Crm, ids: list[str], n: int, what: str) -> None:
    if what == "accept":
        crm.decide(crm.lead(ids[n]), "accept")
    else:
        crm.assign(ids[n], "U-02" if what == "take" else FIRST_REP)
