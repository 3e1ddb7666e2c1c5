"""What commands print, and where: pipes that close, full disks, other encodings, tabs, JSON wherever it is asked for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import ROOT, Shell, crm_on


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("output")
    shell = Shell(folder / "home")
    with crm_on(0, folder / "crm", "--leads", "40") as facts:
        shell.token = facts["rep_token"]
        shell.ok("login", "work", "--url", facts["url"])
        shell.ok("pull")
        yield shell, facts


@pytest.fixture
def shell(signed_in: tuple[Shell, dict[str, str]], tmp_path: Path) -> Shell:
    shutil.copytree(signed_in[0].home, tmp_path / "home")
    return Shell(tmp_path / "home", token=signed_in[0].token)


def in_bash(shell: Shell, line: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a real shell, in which `$T` is the command."""
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=ROOT,
        env=shell.environ | {"T": f"{sys.executable} -m triage"} | environ,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )


def test_a_reader_that_has_had_enough_is_no_failure(shell: Shell) -> None:
    ran = in_bash(shell, "$T list --all | head -1")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_full_disk_behind_the_output_is_said_and_the_decision_is_kept(shell: Shell) -> None:
    lead = shell.ok("list", "--json").json[0]["lead_id"]
    ran = in_bash(shell, f"$T decide accept {lead} > /dev/full")
    assert ran.returncode == 1
    assert "saved" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert [item["lead_id"] for item in shell.ok("queue", "--json").json] == [lead]


def test_a_name_that_the_encoding_lacks_is_escaped(shell: Shell) -> None:
    ran = in_bash(shell, "$T list --all", PYTHONIOENCODING="latin-1")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_plain_review_has_a_tab_between_cells(shell: Shell, signed_in: tuple[Shell, dict[str, str]]) -> None:
    lead = shell.ok("list", "--json").json[0]["lead_id"]
    shell.ok("feedback", "note", lead, "--text", "one\ttwo")
    shell.ok("sync")
    (row,) = [line for line in shell.ok("review", "--plain").out.splitlines() if lead in line]
    assert len(row.split("\t")) == 8
    assert row.endswith("one two")


def test_the_queue_prints_json_wherever_it_is_asked_for(shell: Shell) -> None:
    lead = shell.ok("list", "--json").json[1]["lead_id"]
    item = shell.ok("decide", "accept", lead, "--json").json[0]["decision_id"]
    assert shell.ok("queue", "--json", "list").json == shell.ok("queue", "list", "--json").json
    assert shell.ok("queue", "drop", item, "--json").json == {"count": 1, "what": "withdrawn"}


def test_a_lead_shows_what_was_said_and_what_marketing_answered(
    shell: Shell, signed_in: tuple[Shell, dict[str, str]]
) -> None:
    facts = signed_in[1]
    lead = shell.ok("list", "--json").json[2]["lead_id"]
    item = shell.ok("feedback", "kudos", lead, "--comment", "good one", "--json").json["feedback_id"]
    shell.ok("sync")
    marketing = Shell(shell.home, token=facts["marketing_token"])
    marketing.ok("reply", item, "planned", "--text", "more of it")
    assert shell.ok("sync", "--json").json["replies"] == 1
    (told,) = shell.ok("show", lead, "--json").json["feedback"]
    assert [reply["text"] for reply in told["replies"]] == ["more of it"]
    assert "more of it" in shell.ok("show", lead).out


def test_a_lead_is_rerouted_by_name_and_never_to_nobody(shell: Shell) -> None:
    lead = shell.ok("list", "--json").json[3]["lead_id"]
    assert "nobody" in shell.said(2, "decide", "reroute", lead, "--param", "to=Nobody Such")
    assert (
        shell.ok("decide", "reroute", lead, "--param", "to=ines duarte", "--json").json[0]["state"]
        == "queued"
    )
    assert shell.ok("sync", "--json").json["applied"] == 1


def test_a_token_of_another_person_sends_nothing(
    shell: Shell, signed_in: tuple[Shell, dict[str, str]]
) -> None:
    lead = shell.ok("list", "--json").json[4]["lead_id"]
    shell.ok("decide", "accept", lead)
    other = Shell(shell.home, token=signed_in[1]["marketing_token"])
    assert "belongs to" in other.said(4, "sync")
    assert "another name" in other.said(2, "login", "work", "--url", signed_in[1]["url"])
    assert shell.ok("queue", "--json").json[-1]["state"] == "queued"


def test_a_token_does_not_travel_unencrypted_by_mistake(shell: Shell) -> None:
    assert "--allow-http" in shell.said(2, "login", "far", "--url", "http://crm.example")


def test_signing_out_names_what_was_not_delivered(shell: Shell) -> None:
    lead = shell.ok("list", "--json").json[5]["lead_id"]
    shell.ok("decide", "accept", lead)
    assert "1 unsent" in shell.ok("logout", "work").err


def test_a_salvaged_cache_is_fetched_anew(shell: Shell) -> None:
    shell.ok("pull")
    (path,) = shell.home.glob("cache/*/leads.journal")
    open_leads = {lead["lead_id"] for lead in shell.ok("list", "--json").json}
    lines = path.read_bytes().splitlines(keepends=True)
    told_once = {
        lead
        for lead in open_leads
        if sum(f'"lead_id":"{lead}","version"'.encode() in line for line in lines) == 1
    }
    lost = min(told_once)
    at = next(n for n, line in enumerate(lines) if f'"lead_id":"{lost}","version"'.encode() in line)
    lines[at] = lines[at].replace(b"version", b"Version", 1)
    path.write_bytes(b"".join(lines))
    shell.run("doctor", "--salvage")
    assert lost not in {lead["lead_id"] for lead in shell.ok("list", "--json").json}
    shell.ok("pull")
    assert {lead["lead_id"] for lead in shell.ok("list", "--json").json} == open_leads
