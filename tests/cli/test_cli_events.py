"""`sync --events`: one JSON object a line, each with the same names, each thing once, and never a word too many."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.inside import Inside
from tests.embedded_server import running_server
from triage.cli import event_lines
from triage.clock import utc_now
from triage.desk.events import SyncReport

ALWAYS = {"event", "event_id", "at", "id", "lead_id", "text"}


@pytest.fixture(scope="module")
def shell(tmp_path_factory) -> Iterator[Inside]:
    with running_server(leads=12) as server:
        inside = Inside(tmp_path_factory.mktemp("events"), server.rep_token)
        inside.ok("login", "work", "--url", server.url)
        inside.ok("pull")
        yield inside


def lines(shell: Inside) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shell.ok("sync", "--events").out.splitlines()]


def test_each_line_is_an_object_with_the_promised_names_and_each_thing_comes_once(shell):
    assert [one["event"] for one in lines(shell)] == ["sync_finished"]
    leads = json.loads(shell.ok("list", "--json").out)
    shell.ok("decide", "accept", leads[0]["lead_id"])
    shell.ok("feedback", "score_accuracy", leads[1]["lead_id"], "--verdict", "too_high")
    told = lines(shell)
    assert [one["event"] for one in told[:-1]] == sorted(("decision_applied", "dispute"))
    assert all(one.keys() >= ALWAYS for one in told)
    assert len({one["event_id"] for one in told}) == len(told)
    assert told[-1]["counts"]["applied"] == 1
    printed = json.dumps(told)
    assert not [lead for lead in leads[:2] if lead["email"] in printed]
    assert [one["event"] for one in lines(shell)] == ["sync_finished"]


def test_what_the_app_sent_meanwhile_is_told_by_the_next_run(shell):
    lines(shell)
    lead = json.loads(shell.ok("list", "--json").out)[0]["lead_id"]
    shell.ok("decide", "accept", lead)
    shell.ok("sync")
    assert [(one["event"], one["lead_id"]) for one in lines(shell)][:-1] == [("decision_applied", lead)]


def test_one_of_a_thing_is_not_said_as_many():
    told = event_lines._ended("sync_finished", utc_now(), SyncReport(applied=2, replies=1))
    assert told["text"] == "2 applied, 1 reply"
    assert told["counts"]["replies"] == 1
    assert event_lines._ended("sync_finished", utc_now(), SyncReport(replies=3))["text"] == "3 replies"


def test_one_document_or_lines_not_both(shell):
    ran = shell.run("sync", "--events", "--json")
    assert ran.code == 2
    assert ran.out == ""


def test_a_crm_that_is_away_is_a_line_too_and_what_was_decided_before_is_told_later(tmp_path):
    with running_server(leads=12, state=tmp_path / "crm") as server:
        inside = Inside(tmp_path / "home", server.rep_token)
        inside.ok("login", "work", "--url", server.url)
        inside.ok("pull")
        server.stop()
        ended = inside.run("sync", "--events")
    last = json.loads(ended.out.splitlines()[-1])
    assert ended.code == 3
    assert last.keys() >= ALWAYS
    assert (last["event"], last["error"]) == ("sync_stopped", "Unreachable")
