"""Two shells, a rep's and marketing's, come to another definition."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.shell import Shell, crm_on

STRICTER = ("definition", "propose", "--set", "threshold=70", "--drop", "company_email", "--why", "too early")


@pytest.fixture(scope="module")
def shells(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, Shell]]:
    folder = tmp_path_factory.mktemp("agreeing")
    rep, marketing = Shell(folder / "rep"), Shell(folder / "marketing")
    with crm_on(0, folder / "crm", "--leads", "3") as facts:
        for shell, token in ((rep, "rep_token"), (marketing, "marketing_token")):
            shell.token = facts[token]
            shell.ok("login", "work", "--url", facts["url"])
        rep.ok("pull")
        yield rep, marketing


def test_a_definition_is_proposed_declined_proposed_again_and_agreed(shells: tuple[Shell, Shell]) -> None:
    rep, marketing = shells
    dry = rep.ok(*STRICTER, "--dry-run").out
    assert "MQL by score: from 65 → from 70" in dry
    assert marketing.ok("definition", "proposals", "--json").json == []

    first = marketing.ok(*STRICTER, "--json").json
    assert (first["state"], first["version"], first["lacks"]) == ("proposed", "5", ["sales"])
    listed = rep.ok("definition", "proposals").out
    assert "proposed v5 from v4 by Noor Haddad: too early" in listed
    assert "waits for Robin Vale (sales)" in listed
    assert "--why" in rep.said(2, "definition", "decline", "v5")
    assert "declined" in rep.ok("definition", "decline", "v5", "--why", "the fair leads would go").out
    told = marketing.ok("definition", "proposals", "--all").out
    assert "Robin Vale (sales) says no: the fair leads would go" in told

    second = marketing.ok(*STRICTER, "--json").json
    assert rep.ok("list", "--json").json
    agreed = rep.ok("definition", "agree", second["proposal_id"], "--json").json
    assert (agreed["state"], agreed["lacks"]) == ("agreed", [])
    rep.ok("sync")
    assert "MQL definition v6 · in force" in rep.ok("definition", "show").out
    assert "MQL by score: from 65 → from 70" in rep.ok("definition", "diff").out


def test_the_same_command_again_after_a_lost_answer_proposes_once(shells: tuple[Shell, Shell]) -> None:
    rep, marketing = shells
    again = ("definition", "propose", "--set", "threshold=80", "--why", "said twice", "--json")
    first = marketing.ok(*again).json
    assert marketing.ok(*again).json["proposal_id"] == first["proposal_id"]
    others = rep.ok(*again).json
    assert others["proposal_id"] != first["proposal_id"]
    waiting = [one["proposal_id"] for one in rep.ok("definition", "proposals", "--json").json]
    assert sorted(waiting) == sorted([first["proposal_id"], others["proposal_id"]])
    for one in waiting:
        rep.ok("definition", "decline", one, "--why", "enough")


def test_what_cannot_be_proposed_is_said(shells: tuple[Shell, Shell]) -> None:
    rep, _ = shells
    assert "Nothing is to change" in rep.said(2, "definition", "propose", "--why", "x")
    assert "There is no line “sise”" in rep.said(2, "definition", "propose", "--drop", "sise", "--why", "x")
    assert "There is no proposal 'v9'" in rep.said(2, "definition", "agree", "v9")
