"""Whose profile it is, whose token, whose queue: swapped, renamed, edited by hand, signed out and in again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from tests.cli.inside import Inside
from tests.cli.shell import Shell
from tests.embedded_server import RunningServer, running_server


@pytest.fixture(scope="module")
def crm() -> Iterator[RunningServer]:
    with running_server(leads=12) as server:
        yield server


@pytest.fixture(scope="module")
def decided(crm: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A home with one decision that was not sent."""
    shell = Inside(tmp_path_factory.mktemp("decided"), token=crm.rep_token)
    shell.ok("login", "work", "--url", crm.url)
    shell.ok("pull")
    shell.ok("decide", "accept", shell.ok("list", "--json").json[0]["lead_id"])
    return shell


@pytest.fixture
def shell(decided: Shell, tmp_path: Path) -> Shell:
    shutil.copytree(decided.home, tmp_path / "home")
    return replace(decided, home=tmp_path / "home", printed=[])


def edit(shell: Shell, old: str, new: str) -> None:
    settings = shell.home / "config" / "config.toml"
    text = settings.read_text()
    assert old in text
    settings.write_text(text.replace(old, new))


@pytest.mark.parametrize("account", ["A-2", ""], ids=["another", "none"])
def test_an_account_edited_by_hand_sends_nothing_and_the_doctor_names_the_queue(
    shell: Shell, account: str
) -> None:
    queue, before = shell.outbox, shell.outbox.read_bytes()
    edit(shell, 'account_id = "A-1"', f'account_id = "{account}"')
    assert "belongs to" in shell.said(4, "sync")
    assert "1 undelivered of Robin Vale" in shell.run("doctor").out
    assert queue.read_bytes() == before


def test_a_user_emptied_by_hand_opens_the_queue_to_no_other_token(shell: Shell, crm: RunningServer) -> None:
    edit(shell, 'user_id = "U-01"', 'user_id = ""')
    shell.token = crm.token_of("U-02")
    assert "what is queued here to Robin Vale" in shell.said(4, "sync")
    assert [item["state"] for item in shell.ok("queue", "--json").json] == ["queued"]


def test_a_profile_renamed_by_hand_leaves_its_queue_where_the_doctor_finds_it(shell: Shell) -> None:
    edit(shell, "work", "job")
    assert shell.ok("sync", "--json").json["applied"] == 0
    assert "1 undelivered of Robin Vale" in shell.run("doctor").out
    edit(shell, "job", "work")
    assert "every queue has its profile" in shell.run("doctor").out


def test_after_signing_out_nobody_else_takes_over_the_queue(shell: Shell, crm: RunningServer) -> None:
    shell.ok("logout", "work")
    shell.token = crm.token_of("U-02")
    said = shell.said(2, "login", "work", "--url", crm.url)
    assert "belongs to Robin Vale" in said
    assert "another name" in said
    shell.token = crm.rep_token
    shell.ok("login", "work", "--url", crm.url)
    assert [item["state"] for item in shell.ok("queue", "--json").json] == ["queued"]


def test_marketings_commands_reach_no_other_account(shell: Shell) -> None:
    edit(shell, 'account_id = "A-1"', 'account_id = "A-2"')
    for command in (["review"], ["reply", "some-id", "planned"]):
        assert "Robin Vale at A-2" in shell.said(4, *command)
    assert "U-01" in shell.ok("whoami").out


def test_what_is_queued_for_one_crm_is_not_taken_to_another_that_gives_the_same_ids(shell: Shell) -> None:
    with running_server(leads=12) as copy:
        said = shell.said(2, "login", "work", "--url", copy.url)
        assert "1 undelivered under the name work are for" in said
        assert "triage config edit" in said
        shell.ok("undo")
        shell.ok("login", "work", "--url", copy.url)


def test_a_ca_file_is_found_from_any_folder(
    crm: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "corp.pem"))
    monkeypatch.chdir(tmp_path)
    shell = Inside(tmp_path / "home", token=crm.rep_token)
    shell.ok("login", "work", "--url", crm.url, "--ca-file", "corp.pem")
    (profile,) = shell.ok("profiles", "--json").json
    assert profile["ca_file"] == str(tmp_path / "corp.pem")
