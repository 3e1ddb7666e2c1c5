"""`purge`, the archive and the age of leads, with the real program: what is gone is in no file of the home."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import ROOT, WITHIN, Shell, signed_in_home
from tests.settled import SECRET, decided, put
from triage.store.leads import Leads
from triage.store.outbox import Outbox

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A home in which two leads were decided and delivered, and one was told about, with its CRM running."""
    with signed_in_home(tmp_path_factory.mktemp("signed-in")) as shell:
        one, two = fresh(shell)[:2]
        shell.ok("decide", "accept", one["lead_id"], two["lead_id"], "--note", SECRET)
        shell.ok("feedback", "note", one["lead_id"], "--text", f"{one['name']} is {SECRET}")
        shell.ok("sync")
        yield shell


@pytest.fixture
def shell(signed_in: Shell, tmp_path: Path) -> Shell:
    """A copy of that home, for one test, without its token: nobody has to be signed in."""
    shutil.copytree(signed_in.home, tmp_path / "home")
    return Shell(tmp_path / "home")


def fresh(shell: Shell) -> list[dict[str, Any]]:
    return [lead for lead in shell.ok("list", "--json").json if not lead["contacted_at"]]


def delivered(shell: Shell) -> tuple[str, str]:
    first, second, _ = shell.ok("queue", "--json").json
    return first["lead_id"], second["lead_id"]


def files_with(home: Path, *words: str) -> list[str]:
    wanted = [form.encode() for word in words for form in (word, json.dumps(word)[1:-1])]
    files = [path for path in home.rglob("*") if path.is_file()]
    return [path.name for path in files if any(word in path.read_bytes() for word in wanted)]


def litter(shell: Shell, text: str) -> None:
    (cache,) = shell.home.glob("cache/*")
    logs = shell.home / "logs"
    logs.mkdir(exist_ok=True)
    for path in (
        shell.outbox.with_name("outbox.journal.torn-20261117T090000Z"),
        shell.outbox.with_name("outbox.journal.new"),
        cache / "leads.journal.damaged-20261117T090000Z",
        cache / "leads.journal.new",
        logs / "triage.log.1",
    ):
        path.write_text(text)


def test_after_a_purge_of_a_lead_it_is_in_no_file_of_the_home(shell: Shell) -> None:
    lead_id, other = delivered(shell)
    known = shell.ok("show", lead_id, "--json").json
    litter(shell, f"{lead_id} {known['email']} {known['name']}")
    counts = shell.ok("purge", "--lead", lead_id, "--json").json
    assert (counts["leads"], counts["items"], counts["removed"]) == (1, 2, True)
    assert files_with(shell.home, lead_id, known["email"], known["name"]) == []
    assert [item["lead_id"] for item in shell.ok("queue", "--json").json] == [other]
    shell.said(2, "show", lead_id)


def test_all_is_refused_while_something_is_not_delivered_and_done_by_force(shell: Shell) -> None:
    waiting = fresh(shell)[0]["lead_id"]
    shell.ok("decide", "accept", waiting)
    ran = shell.run("purge", "--all", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "1 item is not delivered yet: nothing was removed" in ran.err
    assert len(shell.ok("queue", "--json").json) == 4
    assert shell.ok("purge", "--all", "--preview").out.startswith("would be removed: ")
    ran = shell.ok("purge", "--all", "--force", "--json")
    assert (ran.json["items"], ran.json["undelivered"]) == (4, 1)
    assert "triage logout" in ran.err
    assert files_with(shell.home, waiting, SECRET) == []
    assert shell.ok("queue", "list", "--json").json == []
    assert [profile["profile"] for profile in shell.ok("profiles", "--json").json] == ["work"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "Say what to remove"),
        (("--all", "--lead", "L-1"), "Say what to remove"),
        (("--older-than", "a month"), "older-than"),
    ],
)
def test_words_that_are_off_end_with_2_and_remove_nothing(shell: Shell, words: tuple[str, ...], says) -> None:
    before = shell.outbox.read_bytes()
    assert says in shell.said(2, "purge", *words)
    assert shell.outbox.read_bytes() == before


def test_with_a_damaged_journal_it_says_what_to_do_and_afterwards_removes_the_damage_too(
    shell: Shell,
) -> None:
    shell.outbox.write_bytes(shell.outbox.read_bytes().replace(b"accept", b"accent", 1))
    said = shell.said(1, "purge", "--all")
    assert "outbox.journal is damaged" in said
    assert "triage doctor --salvage" in said
    assert "Then purge" in said
    shell.run("doctor", "--salvage")
    shell.ok("purge", "--all", "--force")
    assert files_with(shell.home, SECRET) == []


def in_a_terminal(shell: Shell, answer: bytes, *arguments: str) -> int:
    """Run a command in front of someone who answers; returns its exit code."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "triage", *arguments],
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        cwd=ROOT,
        env=shell.environ,
    )
    os.close(theirs)
    os.write(ours, answer)
    code = process.wait(timeout=WITHIN)
    os.close(ours)
    return code


def test_someone_at_a_terminal_is_asked_first(shell: Shell) -> None:
    assert in_a_terminal(shell, b"n\n", "purge", "--all") == 1
    assert files_with(shell.home, SECRET)
    assert in_a_terminal(shell, b"y\n", "purge", "--all") == 0
    assert files_with(shell.home, SECRET) == []


# How long things are kept


def age(shell: Shell, days: int) -> None:
    """Let the leads have been fetched days ago."""
    (path,) = shell.home.glob("cache/*/leads.journal")
    leads = Leads(path)
    leads.remember("fetched_at", (NOW - timedelta(days=days)).isoformat())
    leads.close()


def test_a_sync_archives_what_is_old_and_the_queue_lists_it_apart(signed_in: Shell, tmp_path: Path) -> None:
    shutil.copytree(signed_in.home, tmp_path / "home")
    shell = Shell(tmp_path / "home", token=signed_in.token)
    outbox = Outbox(shell.outbox, lambda: NOW)
    put(outbox, decided(1, "d-old", at=NOW - timedelta(days=31)), decided(2, "d-new", at=NOW))
    outbox.remember("kept_at", None)
    outbox.close()
    shell.ok("sync")
    (row,) = shell.ok("queue", "list", "--archived", "--json").json
    assert (row["id"], row["lead_id"], row["act"], row["state"]) == ("d-old", "L-001", "accept", "applied")
    assert "d-old" in shell.ok("queue", "list", "--archived").out
    assert "d-old" not in [item["id"] for item in shell.ok("queue", "list", "--all", "--json").json]
    assert b"d-old" not in shell.outbox.read_bytes()


def test_what_a_sync_cannot_put_away_is_said_where_cron_reads_it(signed_in: Shell, tmp_path: Path) -> None:
    shutil.copytree(signed_in.home, tmp_path / "home")
    shell = Shell(tmp_path / "home", token=signed_in.token)
    old = datetime.now(UTC) - timedelta(days=40)
    outbox = Outbox(shell.outbox, lambda: old)
    put(outbox, decided(900, "long-ago", at=old))
    outbox.remember("kept_at", None)
    outbox.close()
    month = shell.outbox.parent / "archive" / f"{old:%Y-%m}.journal"
    month.parent.mkdir(exist_ok=True)
    month.write_bytes(b"damage\nand more\n")
    ran = shell.ok("sync")
    assert ran.err.count("could not be put away") == 1
    assert month.name in ran.err


def test_leads_that_are_too_old_are_gone_and_the_list_says_why(signed_in: Shell, tmp_path: Path) -> None:
    shutil.copytree(signed_in.home, tmp_path / "home")
    shell = Shell(tmp_path / "home", token=signed_in.token)
    age(shell, 29)
    assert shell.ok("list", "--json").json
    age(shell, 41)
    for _time in range(2):
        ran = shell.ok("list", "--json")
        assert ran.json == []
        assert "Leads fetched 41 days ago were removed; `triage sync` fetches them again." in ran.err
    shell.ok("sync")
    ran = shell.ok("list", "--json")
    assert ran.json
    assert ran.err == ""


def test_a_retention_that_is_off_names_its_key(shell: Shell) -> None:
    settings = shell.home / "config" / "config.toml"
    settings.write_text(settings.read_text() + "\n[retention]\ndecisions = 0\n")
    assert "retention.decisions" in shell.said(2, "list")
