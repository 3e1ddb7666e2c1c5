"""A damaged file, as the command line meets it; and what a whole session leaves on the disk for others to see."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import ROOT, WITHIN, Shell, crm_on


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A home in which three leads are decided, with its CRM running."""
    folder = tmp_path_factory.mktemp("damaged")
    shell = Shell(folder / "home")
    with crm_on(0, folder / "crm", "--leads", "12") as facts:
        shell.token = facts["rep_token"]
        shell.ok("login", "work", "--url", facts["url"])
        shell.ok("pull")
        shell.ok("decide", "accept", *lead_ids(shell)[:1])
        shell.ok("decide", "accept", *lead_ids(shell)[:1])
        yield shell


@pytest.fixture
def shell(signed_in: Shell, tmp_path: Path) -> Shell:
    shutil.copytree(signed_in.home, tmp_path / "home")
    return Shell(tmp_path / "home", token=signed_in.token)


def lead_ids(shell: Shell) -> list[str]:
    return [lead["lead_id"] for lead in shell.ok("list", "--json").json if not lead["contacted_at"]]


def damage(path: Path, where: bytes) -> None:
    data = bytearray(path.read_bytes())
    data[data.index(where)] ^= 1
    path.write_bytes(bytes(data))


def test_with_a_damaged_outbox_all_that_only_reads_works_and_says_what_is_missing(shell: Shell) -> None:
    first, second = shell.ok("queue", "--json").json
    open_leads = lead_ids(shell)
    damage(shell.outbox, first["lead_id"].encode())
    before = shell.outbox.read_bytes()
    for command in (("queue", "list"), ("list",), ("show", first["lead_id"])):
        ran = shell.run(*command, "--json")
        assert ran.code == 1, "a script must not take it for all there is"
        assert "outbox.journal is damaged at byte" in ran.err
        assert "read-only, incomplete" in ran.err
        assert "triage doctor --salvage" in ran.err
        assert ran.json
    assert [item["lead_id"] for item in shell.run("queue", "--json").json] == [second["lead_id"]]
    assert {lead["lead_id"] for lead in shell.run("list", "--json").json} == {*open_leads, first["lead_id"]}
    doctor = shell.run("doctor")
    assert doctor.code == 1
    assert "outbox.journal is damaged at byte" in doctor.out
    assert shell.outbox.read_bytes() == before
    assert sorted(file.name for file in shell.outbox.parent.glob("outbox*")) == [
        "outbox.journal",
        "outbox.journal.lock",
    ]


def test_with_a_damaged_outbox_nothing_is_recorded_sent_or_fetched(shell: Shell) -> None:
    lead = lead_ids(shell)[0]
    item = shell.ok("queue", "--json").json[0]
    damage(shell.outbox, item["lead_id"].encode())
    before = shell.outbox.read_bytes()
    for command in (
        ("decide", "accept", lead),
        ("undo",),
        ("queue", "drop", item["decision_id"]),
        ("sync",),
        ("pull",),
    ):
        ran = shell.run(*command)
        assert (ran.code, ran.out) == (1, ""), command
        assert "damaged at byte" in ran.err
        assert "--salvage" in ran.err
    assert shell.outbox.read_bytes() == before


def test_a_damaged_cache_holds_nothing_up_and_the_next_pull_brings_all_back(shell: Shell) -> None:
    before = lead_ids(shell)
    (cache,) = shell.home.glob("cache/*/leads.journal")
    damage(cache, b'"company"')
    ran = shell.ok("list", "--json")
    assert ran.json == []
    assert "leads.journal was damaged at byte" in ran.err
    assert "fetches everything again" in ran.err
    assert len(shell.ok("queue", "--json").json) == 2
    shell.ok("pull")
    assert lead_ids(shell) == before
    assert len(list(cache.parent.glob("leads.journal.damaged-*"))) == 1


def test_a_whole_session_with_an_open_umask_leaves_nothing_for_others(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "home")
    with crm_on(0, tmp_path / "crm", "--leads", "12") as facts:
        shell.token = facts["rep_token"]
        script = f"""
umask 000
T="{sys.executable} -m triage"
$T login work --url {facts["url"]} && $T pull && LEAD=$($T list | awk 'NR == 2 {{ print $1 }}')
$T decide accept $LEAD && $T undo && $T feedback note $LEAD --text hello && $T sync
printf torn >> "$TRIAGE_HOME"/state/*/outbox.journal; $T queue list
truncate -s -3 "$TRIAGE_HOME"/cache/*/leads.journal; printf 'x\\ny\\n' >> "$TRIAGE_HOME"/cache/*/leads.journal; $T list
true
"""
        ran = subprocess.run(
            ["bash", "-c", script],
            cwd=ROOT,
            env=shell.environ,
            capture_output=True,
            text=True,
            timeout=WITHIN,
            check=True,
        )
    assert "Traceback" not in ran.stderr, ran.stderr
    found = [shell.home, *(path for path in shell.home.rglob("*"))]
    open_to_others = [str(path) for path in found if stat.S_IMODE(path.lstat().st_mode) & 0o077]
    assert open_to_others == []
    names = {path.name for path in found}
    assert {"config.toml", "outbox.journal", "outbox.journal.lock", "leads.journal", "sync.lock"} <= names
    assert any(".torn-" in name for name in names)
    assert any(name.startswith("leads.journal.damaged-") for name in names), ran.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_a_journal_of_another_user_is_refused_with_a_sentence(shell: Shell) -> None:
    os.chown(shell.outbox, 12345, 12345)
    for command in (("list",), ("queue",), ("decide", "accept", "L-1")):
        said = shell.said(1, *command)
        assert "outbox.journal belongs to another user" in said
        assert "TRIAGE_HOME" in said
