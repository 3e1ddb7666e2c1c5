"""The twelve weeks before: how many, how they read, and that nothing of them is the first rep's to pull."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from in_process import Crm, open_crm

from tests.embedded_server import running_server
from triage.cli.embedded import serve as serve_command
from triage.crm.rest.bodies import plain
from triage.crm.rest.review import read_decisions, read_feedback, read_replies
from triage.crm.rest.stages import read_stages
from triage.domain.feedback import FeedbackType
from triage.domain.payloads import read_payload
from triage.domain.review import ReplyKind
from triage.embedded import rules
from triage.embedded.cursors import Cursor
from triage.embedded.database import Database
from triage.embedded.history import cohorts, telling, writing
from triage.embedded.history.casting import FIRST_NUMBER
from triage.embedded.leads import State
from triage.embedded.ledger import DECISION, FEEDBACK, page
from triage.embedded.members import FIRST_REP, MARKETER, MARKETING, Member, rep_ids
from triage.embedded.scoring import BASE_POINTS

NOW = datetime(2026, 11, 19, 10, 30, tzinfo=UTC)
MARKETING_MEMBER = Member(MARKETING, MARKETER, "marketing", "Europe/Berlin")


@pytest.fixture(scope="module")
def crm() -> Iterator[Crm]:
    crm = open_crm(history=True)
    yield crm
    crm.close()


@pytest.fixture(scope="module")
def decisions(crm: Crm) -> list[dict[str, Any]]:
    return page(crm.database, DECISION, MARKETING_MEMBER, None, 10_000)["items"]


@pytest.fixture(scope="module")
def feedback(crm: Crm) -> list[dict[str, Any]]:
    return page(crm.database, FEEDBACK, MARKETING_MEMBER, None, 10_000)["items"]


@pytest.fixture(scope="module")
def outcomes(crm: Crm) -> list[dict[str, Any]]:
    return list(pages(crm, "outcomes"))


def pages(crm: Crm, path: str, who: str = MARKETING) -> Iterator[dict[str, Any]]:
    """Yield a list's items, each page held against the contract."""
    cursor = Cursor(0).text()
    while True:
        body = crm.get(f"/v1/{path}?limit=500&cursor={cursor}", who)
        yield from body["items"]
        cursor = body["next_cursor"]
        if not body["more"]:
            return


def in_history(lead_id: str) -> bool:
    return int(lead_id[2:]) >= FIRST_NUMBER


def dump(database: Database) -> list[list[Any]]:
    """Return what a history writes, as it stands in the tables."""
    tables = ("leads", "items", "replies", "stage_changes")
    return [[tuple(row) for row in database.rows(f"SELECT * FROM {one} ORDER BY seq")] for one in tables]


def written(seed: int) -> Database:
    database = Database(None)
    with database.transaction():
        writing.write(database, seed=seed, now=NOW)
    return database


def test_the_same_seed_tells_the_same_history_and_another_seed_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cohorts, "LEADS", 400)
    first, again, other = dump(written(7)), dump(written(7)), dump(written(8))
    assert first == again
    assert all(ours != theirs for ours, theirs in zip(first, other, strict=True))


def test_two_thousand_leads_in_twelve_weeks_go_to_ten_reps(outcomes: list[dict[str, Any]]) -> None:
    delivered: dict[str, dict[str, Any]] = {}
    for change in outcomes:
        if change["stage"] == "assigned" and in_history(change["lead_id"]):
            delivered.setdefault(change["lead_id"], change)
    assert len(delivered) == cohorts.LEADS
    assert {change["owner"]["user_id"] for change in delivered.values()} == set(rep_ids())
    moments = [datetime.fromisoformat(change["at"]) for change in delivered.values()]
    assert max(moments) - min(moments) < timedelta(weeks=cohorts.WEEKS, days=1)


@pytest.mark.parametrize("days", range(8))
def test_on_every_day_of_a_week_there_are_twelve_cohorts_before_now(days: int) -> None:
    now = NOW.replace(hour=0, minute=4) + timedelta(days=days)
    mondays = cohorts.mondays(now)
    assert len(mondays) == cohorts.WEEKS
    assert all(monday.weekday() == 0 for monday in mondays)
    assert now - timedelta(weeks=cohorts.WEEKS, days=1) < mondays[0] < mondays[-1] < now
    assert sum(cohorts.sizes(now)) == cohorts.LEADS
    assert min(cohorts.sizes(now)) > 0


@pytest.mark.parametrize("days", [1, 4])
def test_nothing_happens_after_now(days: int) -> None:
    now = (NOW - timedelta(days=NOW.weekday() - days)).replace(hour=0, minute=4)
    pasts = telling.tell(seed=3, now=now)
    happened = [kept.applied_at for past in pasts for kept in (*past.decisions, *past.feedback)]
    happened += [datetime.fromisoformat(one["at"]) for past in pasts for one in (*past.replies, *past.stages)]
    assert max(happened) < now


def test_the_first_rep_pulls_none_of_it(crm: Crm) -> None:
    mine = crm.leads()
    assert sum(lead["status"] in {"assigned", "snoozed"} for lead in mine) == 40
    assert not [lead["lead_id"] for lead in mine if in_history(lead["lead_id"])]
    assert not [lead_id for lead_id in crm.get("/v1/leads?limit=500")["gone"] if in_history(lead_id)]


def test_the_history_stands_beside_the_same_leads_as_without(crm: Crm) -> None:
    query = "SELECT lead_id, owner_id, status, seq FROM leads WHERE lead_id < ? ORDER BY lead_id"
    bound = f"L-{FIRST_NUMBER:06d}"
    without = open_crm()
    theirs = [tuple(row) for row in without.database.rows(query, bound)]
    without.close()
    assert [tuple(row) for row in crm.database.rows(query, bound)] == theirs


def test_the_audit_is_of_what_came_over_the_api_alone(crm: Crm, decisions: list[dict[str, Any]]) -> None:
    assert crm.effects() == []
    assert {item["receipt"]["receipt_id"][:2] for item in decisions} == {"H-"}


def test_each_list_reads_page_by_page_as_the_contract_says(crm: Crm) -> None:
    for path in ("decisions", "feedback", "replies"):
        assert crm.get(f"/v1/{path}?limit=60", MARKETING)["more"], path


def test_every_decision_is_read_without_loss(decisions: list[dict[str, Any]]) -> None:
    read = read_decisions(decisions)
    assert len(read) == len(decisions) > 2_000
    for one, item in zip(read, decisions, strict=True):
        assert plain(one.snapshot) == item["snapshot"]
        assert plain(one.lead) == item["lead"]
        assert (one.params, one.note, one.batch_id) == (item["params"], item["note"], item["batch_id"])
        assert one.decided_at == datetime.fromisoformat(item["decided_at"])
        assert len(one.replies) == len(item["replies"])


def test_every_piece_of_feedback_is_read_without_loss_and_could_be_given(
    feedback: list[dict[str, Any]],
) -> None:
    read = read_feedback(feedback)
    assert len(read) == len(feedback) > 600
    assert {one.type for one in read} == set(FeedbackType)
    for one, item in zip(read, feedback, strict=True):
        assert one.payload == item["payload"] == read_payload(FeedbackType(one.type), item["payload"])
        assert one.routed_to == item["receipt"]["routed_to"] != ""
        assert one.lead["account_id"]


def test_marketing_has_answered_in_every_way_by_name(crm: Crm) -> None:
    rows = [json.loads(row["body"]) for row in crm.database.rows("SELECT body FROM replies")]
    replies = read_replies(rows)
    assert len(replies) == len(rows) > 500
    assert {reply.kind for reply in replies} == set(ReplyKind)
    assert {reply.by for reply in replies} == {MARKETER}
    assert {"definition v4", "scoring m3"} < {reply.link for reply in replies}
    assert all(reply.text for reply in replies if reply.kind is ReplyKind.NO_CHANGE)


@pytest.mark.parametrize("seed", [1, 7])
def test_something_that_was_asked_for_is_delivered_whatever_the_dice_say(seed: int) -> None:
    pasts = telling.tell(seed=seed, now=NOW)
    assert "delivered" in {reply["kind"] for past in pasts for reply in past.replies}


def test_a_rep_has_seen_all_but_the_replies_of_the_last_days(crm: Crm) -> None:
    replies = list(pages(crm, "replies", FIRST_REP))
    recent = (datetime.now(UTC) - timedelta(days=7)).isoformat()
    assert len(replies) > 50
    assert all(reply["seen_at"] for reply in replies if reply["at"] < recent)
    assert len([reply for reply in replies if not reply["seen_at"]]) < len(replies) / 3


def test_some_feedback_has_waited_too_long(feedback: list[dict[str, Any]]) -> None:
    due = (datetime.now(UTC) - timedelta(days=5)).isoformat()
    waiting = [one for one in feedback if one["state"] == "open" and one["created_at"] < due]
    assert 50 < len(waiting) < len(feedback) / 2
    assert not [one for one in waiting if one["replies"]]


def test_every_stage_change_is_read_without_loss(outcomes: list[dict[str, Any]]) -> None:
    changes, unread = read_stages(outcomes)
    assert not unread
    assert len(changes) == len(outcomes)
    won = [change for change in changes if change.stage == "won"]
    assert len(won) > 20
    assert all(change.touches and change.amount and change.opportunity for change in won)
    assert {change.currency for change in won} == {"EUR"}


def test_a_leads_stages_follow_each_other(outcomes: list[dict[str, Any]]) -> None:
    after = {"accepted": "assigned", "working": "accepted", "qualified": "working"}
    after |= {"opportunity": "qualified", "won": "opportunity", "lost": "opportunity"}
    came_to: dict[str, list[str]] = {}
    for change in outcomes:
        stages = came_to.setdefault(change["lead_id"], [])
        assert after.get(change["stage"], "") in ("", *stages)
        stages.append(change["stage"])
    counts = Counter(stage for stages in came_to.values() for stage in set(stages))
    assert counts["accepted"] > counts["working"] > counts["qualified"] > counts["opportunity"]
    assert counts["opportunity"] > counts["won"] + counts["lost"]


def test_every_snapshot_adds_up(decisions: list[dict[str, Any]]) -> None:
    for item in decisions:
        seen = item["snapshot"]
        applied = sum(part["points_applied"] for part in seen["contributions"])
        assert seen["score"] == BASE_POINTS + applied
        assert seen["criteria"]
        assert {name: item["seen"][name] for name in ("owner_id", "status")} == {
            name: seen[name] for name in ("owner_id", "status")
        }


def test_the_rules_of_the_trade_allow_every_decision(crm: Crm) -> None:
    for row in crm.database.rows("SELECT body, before FROM items WHERE kind = 'decision'"):
        item, before = json.loads(row["body"]), State(**json.loads(row["before"]))
        contacted = item["decided_at"] if item["snapshot"]["contacted"] else None
        assert rules.objection(item, before, contacted) is None


def test_decisions_come_in_time_late_and_late_from_a_train(decisions: list[dict[str, Any]]) -> None:
    first = [item for item in decisions if item["snapshot"]["status"] == "assigned"]
    in_time = [item for item in first if item["decided_at"] <= item["snapshot"]["sla_due_at"]]
    assert 0.75 < len(in_time) / len(first) < 0.95
    assert len([item for item in in_time if item["applied_at"] > item["snapshot"]["sla_due_at"]]) > 20
    assert [item for item in decisions if (item["skew_ms"] or 0) > 600_000]
    assert [item for item in decisions if item["act"] == "snooze"]
    assert [item for item in decisions if item["supersedes"]]
    blind = sum(item["snapshot"]["blind"] for item in decisions)
    assert 0.05 < blind / len(decisions) < 0.15


def test_some_leads_were_never_decided_and_some_never_touched(
    decisions: list[dict[str, Any]], outcomes: list[dict[str, Any]]
) -> None:
    delivered = {one["lead_id"] for one in outcomes if in_history(one["lead_id"])}
    decided = {item["lead_id"] for item in decisions if item["act"] != "snooze"}
    assert 40 < len(delivered - decided) < 200
    reached = {
        stage: {one["lead_id"] for one in outcomes if one["stage"] == stage}
        for stage in ("accepted", "working")
    }
    assert len(reached["accepted"] - reached["working"]) > 40


def test_what_is_returned_by_marketing_is_decided_again(decisions: list[dict[str, Any]]) -> None:
    returned = {
        item["lead_id"]
        for item in decisions
        if any(reply["kind"] in {"returned", "overturned"} for reply in item["replies"])
    }
    counts = Counter(item["lead_id"] for item in decisions)
    assert len([lead_id for lead_id in returned if counts[lead_id] > 1]) > 5


def test_marketing_can_still_return_a_rejection_of_the_history(decisions: list[dict[str, Any]]) -> None:
    crm = open_crm(history=True)
    last = next(
        item
        for item in reversed(decisions)
        if (item["act"], item["state"]) == ("reject", "applied") and item["rep"]["user_id"] == FIRST_REP
    )
    assert crm.reply(last["decision_id"], "returned", text="Please look again.").status_code == 200
    assert last["lead_id"] in [lead["lead_id"] for lead in crm.leads()]
    crm.close()


def test_names_and_addresses_are_invented(crm: Crm) -> None:
    rows = crm.database.rows("SELECT body FROM leads WHERE lead_id >= ?", f"L-{FIRST_NUMBER:06d}")
    for lead in (json.loads(row["body"]) for row in rows):
        assert lead["email"].endswith(".example")
        assert lead["website"].endswith(".example")
        assert lead["profile_url"].startswith("https://profiles.example/")


def test_a_server_has_a_history_only_where_it_is_asked_for_and_the_command_asks() -> None:
    option = next(option for option in serve_command.params if option.name == "history")
    assert (option.default, option.secondary_opts) == (True, ["--no-history"])
    for history in (True, False):
        with running_server(leads=3, history=history) as server:
            headers = {"Authorization": f"Bearer {server.rep_token}"}
            answer = httpx.get(f"{server.url}/v1/outcomes?limit=1", headers=headers)
            assert bool(answer.json()["items"]) is history
