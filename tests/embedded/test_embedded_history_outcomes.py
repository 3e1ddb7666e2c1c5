"""What becomes of leads from now on is kept too, and what was won is listed for a while."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from in_process import Crm, open_crm

from triage.embedded import leads
from triage.embedded import stages as stage_changes
from triage.embedded.cursors import Cursor
from triage.embedded.members import FIRST_REP, MARKETING, Member

MARKETER = Member(MARKETING, "Noor Haddad", "marketing", "Europe/Berlin")
FIRST = Member(FIRST_REP, "Robin Vale", "rep", "Europe/Berlin")


def became(crm: Crm, lead_id: str, who: str = MARKETING) -> list[dict[str, Any]]:
    changes = crm.get("/v1/outcomes?limit=500", who)["items"]
    return [change for change in changes if change["lead_id"] == lead_id]


def stages(crm: Crm, lead_id: str) -> list[str]:
    return [change["stage"] for change in became(crm, lead_id)]


def test_without_a_history_nothing_has_become_of_anyone(crm: Crm) -> None:
    assert crm.get("/v1/outcomes", MARKETING) == {"items": [], "next_cursor": "WzEsMCwwXQ", "more": False}


def test_a_decision_appends_the_stage_it_leads_to(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "accept")
    (change,) = became(crm, lead["lead_id"])
    assert change["stage"] == "accepted"
    assert change["owner"] == {"user_id": FIRST_REP, "name": "Robin Vale"}
    for name in ("name", "company", "source"):
        assert change[name] == lead[name]
    assert change["campaign"] == lead["campaign"]["name"]
    assert change["account_id"] == lead["account"]["account_id"]


def test_marketings_edits_assignments_and_returns_append_theirs(crm: Crm) -> None:
    lead, other = crm.fresh(0), crm.fresh(1)
    answer = crm.decide(lead, "reject", reason="LOW_INTENT")
    crm.reply(answer["decision_id"], "returned", text="They called us.")
    assert stages(crm, lead["lead_id"]) == ["rejected", "assigned"]
    crm.assign(other["lead_id"], "U-03")
    crm.edit(other["lead_id"], title="CTO")
    crm.edit(other["lead_id"], status="working")
    changes = became(crm, other["lead_id"])
    assert [(one["stage"], one["owner"]["user_id"]) for one in changes] == [
        ("assigned", "U-03"),
        ("working", "U-03"),
    ]


def test_a_first_contact_on_an_accepted_lead_is_the_stage_working(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "accept")
    edited = crm.edit(lead["lead_id"], contacted_at="2026-11-20T10:00:00Z")
    assert (edited["status"], edited["contacted_at"]) == ("working", "2026-11-20T10:00:00Z")
    assert stages(crm, lead["lead_id"]) == ["accepted", "working"]


def test_an_edit_that_changes_no_stage_appends_none(crm: Crm) -> None:
    lead = crm.fresh()
    crm.edit(lead["lead_id"], title="CTO")
    crm.edit(lead["lead_id"], archived=True)
    assert became(crm, lead["lead_id"]) == []


def test_only_a_won_lead_brings_its_path(crm: Crm) -> None:
    lead = crm.fresh()
    for status in ("accepted", "opportunity", "won"):
        crm.edit(lead["lead_id"], status=status)
    paths = [len(change["touches"]) for change in became(crm, lead["lead_id"])]
    assert paths == [0, 0, len(lead["touches"])]


def test_an_opportunity_of_the_history_keeps_its_amount_when_it_is_won() -> None:
    crm = open_crm(history=True)
    deal = crm.database.row("SELECT lead_id FROM leads WHERE status = 'opportunity' LIMIT 1")
    assert deal is not None
    crm.edit(deal["lead_id"], status="won")
    page = stage_changes.page(crm.database, MARKETER, None, 20_000)["items"]
    before, after = [change for change in page if change["lead_id"] == deal["lead_id"]][-2:]
    assert (before["stage"], after["stage"]) == ("opportunity", "won")
    for name in ("opportunity", "amount", "currency"):
        assert after[name] == before[name] is not None
    crm.close()


def test_a_rep_is_not_told_the_names_of_colleagues_leads(crm: Crm) -> None:
    mine, theirs = crm.fresh(0), crm.fresh(1)
    crm.decide(mine, "accept")
    crm.assign(theirs["lead_id"], "U-02")
    assert became(crm, theirs["lead_id"], "U-02")[0]["name"] == theirs["name"]
    hidden = became(crm, mine["lead_id"], "U-02")[0]
    assert (hidden["name"], hidden["owner"]["name"], hidden["company"]) == (
        "",
        "",
        mine["account"]["account_id"],
    )
    assert became(crm, mine["lead_id"], FIRST_REP)[0]["name"] == mine["name"]


def test_a_cursor_goes_on_after_the_last_stage_change(crm: Crm) -> None:
    crm.decide(crm.fresh(0), "accept")
    page = crm.get("/v1/outcomes?limit=1")
    crm.decide(crm.fresh(0), "accept")
    further = crm.get(f"/v1/outcomes?cursor={page['next_cursor']}")
    assert len(page["items"]) == len(further["items"]) == 1
    assert page["items"] != further["items"]


def test_a_won_lead_stays_on_its_owners_list_for_two_weeks_and_is_gone_then(crm: Crm) -> None:
    lead = crm.fresh()
    crm.decide(lead, "accept")
    crm.edit(lead["lead_id"], status="won")
    first = crm.get("/v1/leads?limit=500")
    assert lead["lead_id"] in [one["lead_id"] for one in first["items"]]
    cursor = Cursor(crm.database.last_change())
    soon, later = (datetime.now(UTC) + timedelta(days=days) for days in (13, 15))
    assert leads.page(crm.database, FIRST, cursor, 500, None, now=soon)["gone"] == []
    assert leads.page(crm.database, FIRST, cursor, 500, None, now=later)["gone"] == [lead["lead_id"]]


def test_statistics_are_counted_where_there_is_a_history_and_told_where_there_is_none(crm: Crm) -> None:
    told = {row["source"]: row for row in crm.get("/v1/statistics/sources")["items"]}
    assert told["webinar"] == {"source": "webinar", "accepted": 20, "decided": 58, "days": 90}
    past = open_crm(history=True)
    counted = {row["source"]: row for row in past.get("/v1/statistics/sources")["items"]}
    decided: Counter[str] = Counter()
    accepts: Counter[str] = Counter()
    for row in past.database.rows("SELECT * FROM items WHERE kind = 'decision' AND state != 'superseded'"):
        item, brief = json.loads(row["body"]), json.loads(row["lead"])
        handed_over = item["snapshot"]["status"] in {"assigned", "snoozed"}
        if handed_over and item["act"] in {"accept", "reject", "recycle", "disqualify"}:
            decided[brief["source"]] += 1
            accepts[brief["source"]] += item["act"] == "accept"
    assert {source: (row["accepted"], row["decided"]) for source, row in counted.items()} == {
        source: (accepts[source], decided[source]) for source in decided
    }
    past.close()
