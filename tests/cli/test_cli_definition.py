"""`definition`: the one in force, an earlier one, and what lies between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.cli.shell import Shell, signed_in_home
from triage.clock import utc_now
from triage.domain.definition import Definition
from triage.store import rule_history
from triage.store.leads import Leads


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with signed_in_home(tmp_path_factory.mktemp("definition")) as opened:
        yield opened


def agree_on_another(shell: Shell) -> None:
    (path,) = shell.home.glob("cache/*/leads.journal")
    leads = Leads(Path(path))
    now = leads.rule("definition", Definition)
    assert now is not None
    new = replace(now, version="5", threshold=70.0, criteria=now.criteria[1:])
    rule_history.remember(leads, {"definition": new}, utc_now())
    leads.close()


def test_the_definition_is_printed_compared_and_looked_up(shell):
    shown = shell.ok("definition", "show", "--json").json
    assert (shown["version"], shown["in_force"], shown["versions"]) == ("4", True, ["4"])
    assert shown["criteria"][0].keys() >= {"criterion_id", "label", "fact", "op", "value", "weight"}
    lead = shell.ok("list", "--json").json[0]["lead_id"]
    assert shell.ok("show", lead, "--json").json["definition"]["version"] == "4"
    assert "Only one version was seen here." in shell.said(2, "definition", "diff")

    agree_on_another(shell)
    plain = shell.ok("definition", "diff").out
    assert "MQL definition v4 → v5" in plain
    assert "MQL by score: from 65 → from 70" in plain
    diff = shell.ok("definition", "diff", "v4", "5", "--json").json
    assert (diff["before"], diff["after"]) == ("4", "5")
    assert {(one["part"], one["kind"]) for one in diff["changes"]} == {("mql", "gone"), ("terms", "changed")}
    assert shell.ok("definition", "diff", "5", "--json").json["changes"] == []
    back = shell.ok("definition", "diff", "5", "4").out
    assert "new line" in back

    earlier = shell.ok("definition", "show", "--version", "definition v4", "--json").json
    assert (earlier["version"], earlier["in_force"]) == ("4", False)
    assert "no longer in force" in shell.ok("definition", "show", "--version", "4").out
    assert "Seen here: 4, 5." in shell.said(2, "definition", "show", "--version", "9")
