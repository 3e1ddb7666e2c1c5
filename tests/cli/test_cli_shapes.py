"""What `list` and `show` print: the names that others rely on, and the same facts for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.inside import Inside
from tests.embedded_server import running_server

LISTED = {
    *("lead_id", "name", "title", "company", "email", "source", "score", "band", "grade", "status", "owner"),
    *("contacted_at", "sla", "badges"),
}
SCORED = {"score", "base_points", "contributions", "other", "residual", "unreconciled"}
PART = {
    *("label", "dimension", "points_earned", "points_applied", "evidence", "occurred_at"),
}
SHOWN = {"score_detail", "definition", "touches", "account", "feedback", "decisions"}


@pytest.fixture(scope="module")
def shell(tmp_path_factory) -> Iterator[Inside]:
    with running_server(leads=40) as server:
        inside = Inside(tmp_path_factory.mktemp("shapes"), server.rep_token)
        inside.ok("login", "work", "--url", server.url)
        inside.ok("pull")
        yield inside


def document(shell: Inside, *words: str) -> Any:
    return json.loads(shell.ok(*words, "--json").out)


def test_a_list_is_an_array_of_leads_under_the_names_that_were_promised(shell):
    leads = document(shell, "list")
    assert len(leads) == 40
    for lead in leads:
        assert lead.keys() >= LISTED
        assert set(lead["sla"]) >= {"state", "due_at"}
        assert set(lead["owner"]) >= {"user_id", "name"}


def test_show_is_the_lead_of_the_list_with_more(shell):
    for listed in document(shell, "list"):
        shown = document(shell, "show", listed["lead_id"])
        assert shown.keys() >= LISTED | SHOWN
        same = LISTED - {"sla"}
        assert {name: shown[name] for name in same} == {name: listed[name] for name in same}
        assert shown["sla"]["due_at"] == listed["sla"]["due_at"]
        criteria = shown["definition"]["criteria"]
        assert {one["result"] for one in criteria} <= {"pass", "fail", "unknown"}
        assert all(one["criterion_id"] and one["label"] for one in criteria)
        adds_up(shown["score_detail"])


def adds_up(score: dict[str, Any] | None) -> None:
    if score is None:
        return
    assert score.keys() >= SCORED
    assert all(part.keys() >= PART for part in score["contributions"])
    applied = sum(part["points_applied"] for part in score["contributions"])
    residual = score["score"] - score["base_points"] - applied - score["other"]
    assert score["residual"] == pytest.approx(residual, abs=1e-6)
    assert score["unreconciled"] == (abs(score["residual"]) > 0.005)


def test_show_tells_people_the_same_in_sections(shell):
    lead = next(one for one in document(shell, "list") if one["score"] is not None)
    shown = document(shell, "show", lead["lead_id"])
    said = shell.ok("show", lead["lead_id"]).out
    first, *_rest = sections = [section.split("\n") for section in said.strip().split("\n\n")]
    assert first[0].startswith(f"{lead['name']} · {lead['title']} · {lead['company']}")
    starts = [section[0].split(" ")[0] for section in sections]
    assert starts[1] == "score"
    assert [word for word in ("MQL", "campaign", "asset", "touches,", "on") if word not in starts] == []
    for part in shown["score_detail"]["contributions"]:
        assert part["label"] in said
        assert part["evidence"] in said
    for one in shown["touches"]:
        assert one["summary"] in said
        assert f"{one['stage']} stage" in said
        assert all(role in said for role in one["roles"])
    figures = shown["source_statistics"]
    assert figures is None or f"n={figures['decided']}" in said
