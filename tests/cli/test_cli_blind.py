"""A blind lead at the shell: no command prints a word of its score before the decision, and no log ever."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from tests.cli.inside import Inside
from tests.embedded_server import running_server
from triage.domain.lead import Mql
from triage.domain.score import Contribution, Dimension, Score
from triage.store.leads import Leads

PART = Contribution("sent-inel part", Dimension.ENGAGEMENT, 7.0625, 7.0625, "sent-inel evidence")
SCORE = Score(
    97.0625,
    90.0,
    (PART,),
    fit=61.0625,
    engagement=62.0625,
    fit_grade="sent-inel F",
    engagement_grade="sent-inel E",
    band="sent-inel B",
    trend=63.0625,
    model_version="sent-inel M",
)
TOLD = ("sent-inel", ".0625", "97.06")
READS = (
    ("list",),
    ("list", "--json"),
    ("list", "--all", "--json"),
    *(("list", "--format", name) for name in ("csv", "md", "html")),
    ("queue", "list"),
    ("queue", "list", "--json"),
    ("definition", "show"),
)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    with running_server(leads=12) as server:
        shell = Inside(tmp_path_factory.mktemp("home"), token=server.rep_token)
        shell.ok("login", "work", "--url", server.url)
        shell.ok("pull")
        (settings,) = shell.home.rglob("config.toml")
        settings.write_text(settings.read_text() + "\n[blind]\nshare = 1.0\n")
        (path,) = shell.home.rglob("leads.journal")
        leads = Leads(path)
        for one in [cached.lead for cached in leads.all()]:
            facts = {**one.facts, "score": 97.0625, "band": "sent-inel B"}
            leads.put(replace(one, score=SCORE, mql=Mql("threshold", "score 97.0625 ≥ 65"), facts=facts))
        leads.close()
        yield shell


def told(shell: Inside, *lead_ids: str) -> list[tuple[str, ...]]:
    """Return the commands that print something of the score."""
    shows = [("show", one, *way) for one in lead_ids for way in ((), ("--json",))]
    said = {command: shell.ok(*command).out for command in (*READS, *shows)}
    return [command for command, out in said.items() if any(word in out for word in TOLD)]


def test_no_command_and_no_log_tells_a_hidden_score_and_a_decision_shows_it(shell: Inside) -> None:
    *_, first, second = (lead["lead_id"] for lead in shell.ok("list", "--json").json)
    assert told(shell, first, second) == []
    assert shell.ok("list", "--filter", "score>1", "--json").json == []
    shell.ok("decide", "snooze", first, "--param", "until=15m")
    assert told(shell, first) == []
    shell.ok("decide", "accept", second)
    assert {command[0] for command in told(shell, first, second)} == {"list", "show"}
    assert ("show", second) in told(shell, second)
    assert told(shell, first) != told(shell, first, second)
    logs = [path.read_text() for path in (shell.home / "logs").rglob("*") if path.is_file()]
    assert logs
    assert not any(word in log for word in TOLD for log in logs)
