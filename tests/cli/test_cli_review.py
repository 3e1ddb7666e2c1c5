"""`review` and `reply` without a screen: filters, counts, groups, answers with a result each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.cli.inside import Inside
from tests.embedded_server import running_server

NOT_A_BUYER, LOW_INTENT = "NOT_A_BUYER", "LOW_INTENT"
CAN_BE_COUNTED = ["campaign", "source", "reason", "criterion", "rep", "group"]


class Team:
    """A rep and a marketer on one CRM, and what the rep said there."""

    def __init__(self, rep: Inside, marketing: Inside, leads: list[dict[str, Any]]) -> None:
        self.rep = rep
        self.marketing = marketing
        self.leads = leads

    def review(self, *options: str) -> Any:
        return self.marketing.ok("review", *options, "--json").json

    def ours(self, *options: str) -> list[dict[str, Any]]:
        """What this rep said, without what history says besides."""
        wanted = {lead["lead_id"] for lead in self.leads}
        return [one for one in self.review(*options) if one["lead_id"] in wanted]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("review")
    with running_server(leads=12) as crm:
        rep = Inside(folder / "rep", crm.rep_token)
        rep.ok("login", "work", "--url", crm.url)
        rep.ok("pull")
        leads = rep.ok("list", "--json").json
        ids = [lead["lead_id"] for lead in leads]
        rep.ok("decide", "reject", *ids[:3], "--reason", NOT_A_BUYER, "--note", "a student")
        rep.ok("decide", "accept", ids[3])
        rep.ok("feedback", "score-accuracy", ids[3], "--verdict", "too_high")
        rep.ok("feedback", "note", ids[4], "--text", "call the \x1b[31mfront desk")
        rep.ok("sync")
        marketing = Inside(folder / "marketing", crm.marketing_token)
        marketing.ok("login", "mkt", "--url", crm.url)
        yield Team(rep, marketing, leads)


def test_the_same_answer_again_after_a_lost_one_is_given_once(team: Team) -> None:
    (accepted,) = (one for one in team.ours() if one.get("act") == "accept")
    for text in ("thanks", "thanks", "thanks again"):
        team.marketing.ok("reply", accepted["decision_id"], "acknowledged", "--text", text)
    (accepted,) = (one for one in team.ours() if one.get("act") == "accept")
    assert [one["text"] for one in accepted["replies"]] == ["thanks", "thanks again"]


def test_each_item_says_how_it_stands_and_until_when(team: Team) -> None:
    items = team.ours()
    assert {(one.get("act") or one["type"], one["review_state"]) for one in items} >= {
        ("reject", "open"),
        ("accept", None),
        ("score_accuracy", "open"),
        ("note", "open"),
    }
    waiting = [one for one in items if one["review_state"] == "open"]
    for one in waiting:
        said = datetime.fromisoformat(one.get("decided_at") or one["created_at"])
        assert (datetime.fromisoformat(one["due_at"]) - said).days == 5
        assert one["overdue"] is False
        assert one["answered_by"]


def test_what_one_bulk_act_said_is_one_group(team: Team) -> None:
    rejected = [one for one in team.ours() if one.get("act") == "reject"]
    assert len(rejected) == 3
    assert len({one["batch_id"] for one in rejected}) == 1
    assert len({one["group"] for one in rejected}) == 1


def test_a_filter_leaves_what_marketing_answers(team: Team) -> None:
    assert {one["type"] for one in team.ours("--reason", "note")} == {"note"}
    assert {one["reason"] for one in team.ours("--reason", NOT_A_BUYER.lower())} == {NOT_A_BUYER}
    assert team.ours("--rep", "nobody at all") == []
    name = team.ours()[0]["rep"]["name"]
    assert len(team.ours("--rep", name.upper())) == 5
    assert team.ours("--since", "2026-01-01", "--state", "overdue") == []
    source = team.leads[0]["source"]
    assert {one["lead"]["source"] for one in team.ours("--source", source)} == {source}


@pytest.mark.parametrize("by", CAN_BE_COUNTED)
def test_counts_add_up_to_the_items_that_they_name(team: Team, by: str) -> None:
    items = {
        one.get("decision_id") if one["kind"] == "decision" else one["feedback_id"]: one
        for one in team.review("--state", "all")
    }
    counts = team.review("--by", by)
    assert sum(one["count"] for one in counts) == len(items)
    assert {name for one in counts for name in one["ids"]} == set(items)
    for one in counts:
        assert one["count"] == len(one["ids"]) == one["open"] + one["answered"]
        assert one["overdue"] == sum(items[name]["overdue"] for name in one["ids"])
    assert team.marketing.ok("review", "--by", by).out.startswith(by.upper())


def test_the_plain_list_and_the_exports_are_narrowed_too(team: Team) -> None:
    rows = team.marketing.ok("review", "--reason", NOT_A_BUYER, "--plain").out.splitlines()
    ours = {lead["lead_id"] for lead in team.leads}
    assert len([row for row in rows if row.split("\t")[4] in ours]) == 3
    text = team.marketing.ok("review", "--reason", NOT_A_BUYER, "--format", "csv").out
    assert {row["reason"] for row in csv.DictReader(io.StringIO(text))} == {NOT_A_BUYER}


def test_nothing_said_by_a_rep_is_obeyed(team: Team) -> None:
    for options in ((), ("--plain",), ("--by", "group"), ("--json",)):
        assert "\x1b" not in team.marketing.ok("review", *options).out


def test_a_beginning_that_is_none_is_said(team: Team) -> None:
    assert "not a day in the past" in team.marketing.said(2, "review", "--since", "tomorrow")


def test_since_the_last_visit_is_everything_before_the_first_one(team: Team) -> None:
    assert len(team.ours("--since-last-visit")) == 5


def test_mine_is_what_is_routed_to_whoever_asks(team: Team) -> None:
    mine, me = team.review("--mine"), team.marketing.ok("whoami", "--json").json
    names = {me["name"], me["user_id"]}
    for one in team.review("--state", "all"):
        owners = {one["lead"].get("campaign_owner"), one["answered_by"]}
        assert (one in mine) == bool(owners & names)


def test_answers_have_a_result_each_and_one_that_is_refused_ends_with_one(team: Team) -> None:
    note = next(one for one in team.ours() if one.get("type") == "note")
    ran = team.marketing.run("reply", note["feedback_id"], "no-such-id", "acknowledged", "--text", "we will")
    assert ran.code == 1
    assert ran.out.splitlines() == [f"{note['feedback_id']}  acknowledged"]
    assert "no-such-id: not answered" in ran.err
    (after,) = [one for one in team.ours() if one.get("feedback_id") == note["feedback_id"]]
    assert (after["review_state"], after["overdue"]) == ("answered", False)
    assert after["replies"][0]["text"] == "we will"


def test_no_change_needs_a_reason(team: Team) -> None:
    assert "needs a reason" in team.marketing.said(2, "reply", "some-id", "no_change")
    assert "needs a reason" in team.marketing.said(2, "reply", "--group", "g-1", "no_change", "--text", " ")


def test_ids_or_a_group_but_not_both_and_not_neither(team: Team) -> None:
    for arguments in (("reply", "planned"), ("reply", "an-id", "--group", "g-1", "planned")):
        team.marketing.said(2, *arguments)
    assert "no group g-none" in team.marketing.said(2, "reply", "--group", "g-none", "planned")


def test_a_group_is_answered_as_a_whole_and_the_rep_reads_it_once_each(team: Team) -> None:
    group = next(one["group"] for one in team.ours() if one.get("act") == "reject")
    before = {
        one["decision_id"] for one in team.ours() if one["group"] == group and one["kind"] == "decision"
    }
    waiting = {one["id"] for one in _results(team, group)}
    assert before <= waiting
    team.rep.ok("sync")
    lead = team.leads[0]["lead_id"]
    decisions = team.rep.ok("show", lead, "--json").json["decisions"]
    (reply,) = decisions[0]["replies"]
    assert (reply["kind"], reply["link"], reply["text"]) == ("changed", "definition v5", "students are out")
    assert team.review("--state", "open", "--by", "group") == [
        one for one in team.review("--state", "open", "--by", "group") if one["group"] != group
    ]


def _results(team: Team, group: str) -> list[dict[str, Any]]:
    ran = team.marketing.ok(
        "reply",
        "--group",
        group,
        "changed",
        "--text",
        "students are out",
        "--link",
        "definition v5",
        "--json",
    )
    results: list[dict[str, Any]] = ran.json
    assert all(one["kind"] == "changed" and one["refused"] is None for one in results)
    return results


def test_a_verdict_on_a_group_of_feedback_names_what_it_left_out(team: Team) -> None:
    group = next(one["group"] for one in team.ours() if one.get("type") == "score_accuracy")
    said = team.marketing.said(1, "reply", "--group", group, "upheld")
    assert "answers a decision, and this is feedback" in said


def test_a_rep_answers_nothing(team: Team) -> None:
    accepted = next(one for one in team.ours() if one.get("act") == "accept")
    ran = team.rep.run("reply", accepted["decision_id"], "planned")
    assert ran.code != 0
    assert ran.out == ""


def test_where_nobody_can_see_a_screen_the_list_is_printed(team: Team) -> None:
    assert team.marketing.ok("review").out.startswith("WHEN")
