from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from triage.embedded.agreement import THRESHOLD
from triage.embedded.moments import from_wire
from triage.embedded.people import ORDINARY, make

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def mine(leads: int = 120, seed: int = 7) -> list[dict[str, Any]]:
    """Return the first rep's leads in order of their deadline."""
    everyone = make(leads=leads, seed=seed, now=NOW)
    own = [lead for lead in everyone if lead["owner_id"] == "U-01" and "gone" not in lead]
    return sorted(own, key=lambda lead: lead["sla_due_at"])


def difference(score: dict[str, Any]) -> int:
    parts = sum(row["points_applied"] for row in score["contributions"])
    return score["score"] - score["base_points"] - parts - score["other"]


def test_the_same_seed_gives_the_same_leads_and_another_seed_others() -> None:
    assert make(leads=30, seed=1, now=NOW) == make(leads=30, seed=1, now=NOW)
    assert make(leads=30, seed=1, now=NOW) != make(leads=30, seed=2, now=NOW)


@pytest.mark.parametrize("leads", [0, 1, 5, 11, 40, 120, 500])
def test_any_number_of_leads_can_be_made(leads: int) -> None:
    assert len(mine(leads)) == leads


def test_ids_are_unique() -> None:
    ids = [lead["lead_id"] for lead in make(leads=120, seed=7, now=NOW)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("seed", [1, 7, 99])
def test_scores_add_up_except_the_planted_ones(seed: int) -> None:
    scores = [lead["score"] for lead in mine(seed=seed) if lead["score"]]
    off = [difference(score) for score in scores if difference(score) != 0]
    assert 1 <= len(off) <= 6
    assert set(off) == {7}
    assert any(score["other"] for score in scores)


def test_fit_and_engagement_are_the_sums_of_their_contributions() -> None:
    for lead in mine():
        for dimension in ("fit", "engagement") if lead["score"] else ():
            rows = [row for row in lead["score"]["contributions"] if row["dimension"] == dimension]
            assert lead["score"][dimension] == sum(row["points_applied"] for row in rows)


def test_who_came_by_points_has_the_points() -> None:
    for lead in mine():
        if lead["mql"]["by"] == "threshold":
            assert lead["score"]["score"] >= THRESHOLD


def test_each_engagement_contribution_is_a_touch_that_happened_then() -> None:
    for lead in mine():
        times = {touch["at"] for touch in lead["touches"]}
        rows = lead["score"]["contributions"] if lead["score"] else []
        assert {row["occurred_at"] for row in rows if row["dimension"] == "engagement"} <= times


def test_touches_are_in_order_and_each_part_is_played_once() -> None:
    for lead in mine():
        times = [from_wire(touch["at"]) for touch in lead["touches"]]
        assert times == sorted(times)
        roles = sorted(role for touch in lead["touches"] for role in touch["roles"])
        assert roles == ["creating", "first", "last", "tipping"]


def test_a_lead_is_assigned_after_its_event_and_before_now() -> None:
    for lead in mine():
        assert from_wire(lead["event_at"]) <= from_wire(lead["assigned_at"]) <= NOW
        if lead["contacted_at"]:
            assert from_wire(lead["assigned_at"]) <= from_wire(lead["contacted_at"]) <= NOW


def test_some_deadlines_have_passed_and_some_are_close() -> None:
    due = [(from_wire(lead["sla_due_at"]) - NOW).total_seconds() / 3600 for lead in mine()]
    assert sum(hours < 0 for hours in due) >= 3
    assert sum(0 <= hours < 1 for hours in due) >= 5


def test_the_first_leads_are_ordinary_ones() -> None:
    for lead in mine()[:ORDINARY]:
        assert lead["score"]
        assert difference(lead["score"]) == 0
        assert lead["facts"]["title_level"] != "student"
        assert lead["name"].isprintable()
        assert "[" not in lead["name"]


def test_the_planted_kinds_are_all_there() -> None:
    leads = mine()
    accounts = [lead["account"] for lead in leads]
    assert sum(lead["score"] is None for lead in leads) >= 2
    assert 4 <= sum(bool(lead["contacted_at"]) for lead in leads) <= 12
    assert sum(bool(lead["recycles"]) for lead in leads) >= 8
    assert (
        sum(lead["industry"] == "Consulting" and lead["facts"]["title_level"] == "vp" for lead in leads) >= 5
    )
    assert any(lead["facts"].get("title_level") == "student" for lead in leads)
    assert any("employees" not in lead["facts"] for lead in leads)
    for field in ("customer", "open_opportunity", "duplicate_of", "do_not_contact", "siblings"):
        assert sum(bool(account[field]) for account in accounts) >= 3, field


def test_a_duplicate_is_of_a_lead_that_exists_and_has_its_name() -> None:
    leads = {lead["lead_id"]: lead for lead in mine()}
    for lead in leads.values():
        duplicate = lead["account"]["duplicate_of"]
        if duplicate and lead["name"] == duplicate["name"]:
            assert leads[duplicate["lead_id"]]["account"]["account_id"] == lead["account"]["account_id"]


def test_awkward_text_is_among_them() -> None:
    text = json.dumps(mine())
    for sign in (
        "\\u5c71",
        "\\u05e9",
        "\\ud83c\\udfed",
        "[@click=app.quit]",
        "\\u001b]52",
        "\\ud800rogate",
        "<script>",
    ):
        assert sign in text


def test_every_address_is_on_a_reserved_domain() -> None:
    for lead in make(leads=120, seed=7, now=NOW):
        assert lead["email"].endswith(".example")
        assert lead["website"].endswith(".example")
        assert lead["profile_url"].startswith("https://profiles.example/")
        assert lead["email"].isascii()
