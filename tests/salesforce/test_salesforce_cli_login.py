"""The Salesforce CLI's sign-in: borrowed for a run, never kept, and nothing of what the CLI prints is shown."""

from __future__ import annotations

import asyncio
import os
import traceback
from pathlib import Path

import pytest

from tests.salesforce.fake_cli import FakeCli
from triage.crm.salesforce import cli_login, sign_in
from triage.errors import CredentialsUnavailable, UsageError

TOKEN = "00D5d41402abc4b2a!AQ.76b9719d911017c592"


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeCli:
    made = FakeCli(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{made.folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TRIAGE_TOKEN_WORK", "not-for-others")
    made.signed_in("https://a.my.salesforce.com", "rep@example.com", TOKEN)
    return made


async def test_the_clis_sign_in_is_borrowed_and_not_kept(cli):
    granted = await sign_in.by_cli("", {"org": "sales"}, str)
    assert (granted.url, granted.tokens) == ("https://a.my.salesforce.com", None)
    assert dict(granted.options) == {"org": "sales"}
    lent = await asyncio.to_thread(sign_in.borrow, granted.url, way="sf", org="sales")
    assert (lent.access, lent.refresh) == (TOKEN, "")
    assert cli.asked == [
        "org display --target-org sales --json",
        "org auth show-access-token --target-org sales --json",
    ]
    assert "NO_COLOR=1" in cli.environ
    assert "not-for-others" not in cli.environ


async def test_the_default_org_is_pinned_by_its_username(cli):
    granted = await sign_in.by_cli("", {}, str)
    assert dict(granted.options) == {"org": "rep@example.com"}
    assert cli.asked == ["org display --json"]


@pytest.mark.parametrize(
    ("said", "code"), [("Warning: org auth show-access-token is not a sf command.", 127), ("", 0), ("?", 2)]
)
def test_an_older_cli_tells_the_token_with_the_description(cli, said, code):
    cli.says("token", said, code)
    cli.says("display", {"status": 0, "result": {"accessToken": TOKEN, "instanceUrl": "x", "username": "y"}})
    assert sign_in.borrow("", way="sf", org="sales").access == TOKEN


@pytest.mark.parametrize("shown", ["[REDACTED] Use 'sf org auth show-access-token'", "", None, 7])
def test_a_token_that_is_not_shown_is_none(cli, shown):
    cli.says("token", {"status": 0, "result": {"accessToken": shown}})
    with pytest.raises(CredentialsUnavailable, match="gives no token"):
        sign_in.borrow("", way="sf", org="sales")


def test_an_older_cli_that_hides_the_token_has_none(cli):
    cli.says("token", "not a command", 127)
    with pytest.raises(CredentialsUnavailable, match="gives no token"):
        sign_in.borrow("", way="sf", org="sales")


def test_a_cli_that_fails_is_named_by_its_error_and_by_nothing_it_printed(cli):
    said = {"name": "NamedOrgNotFoundError", "message": f"no sign-in for {TOKEN}", "stack": TOKEN}
    cli.says("token", said, 1)
    with pytest.raises(CredentialsUnavailable, match="NamedOrgNotFoundError") as caught:
        sign_in.borrow("", way="sf", org="sales")
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert "sf org login web --alias sales" in caught.value.hint
    cli.says("token", {"name": TOKEN}, 1)
    with pytest.raises(CredentialsUnavailable, match="no reason given"):
        sign_in.borrow("", way="sf", org="sales")


def test_a_cli_that_hangs_is_not_waited_for(cli):
    cli.hangs("token")
    with pytest.raises(CredentialsUnavailable, match=r"did not answer within 0\.2 s") as caught:
        cli_login.shown_token("sales", limit=0.2)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


def test_without_the_cli_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CredentialsUnavailable, match="not installed"):
        sign_in.borrow("", way="sf", org="sales")


def test_a_program_in_the_folder_of_work_is_not_taken_for_the_cli(cli, monkeypatch):
    monkeypatch.chdir(cli.folder)
    for path in (".", "", f"{os.pathsep}/nowhere", os.pathsep.join((".", "/nowhere"))):
        monkeypatch.setenv("PATH", path)
        with pytest.raises(CredentialsUnavailable, match="not installed"):
            sign_in.borrow("", way="sf", org="sales")
    assert cli.asked == []


def test_an_alias_is_never_taken_for_an_option_or_a_shells_word(cli, tmp_path):
    with pytest.raises(UsageError, match="dash"):
        sign_in.borrow("", way="sf", org="--help")
    assert cli.asked == []
    assert sign_in.borrow("", way="sf", org=f"a; touch {tmp_path}/hacked").access == TOKEN
    assert not (tmp_path / "hacked").exists()


def test_other_ways_borrow_nothing():
    assert sign_in.borrow("", way="browser", client_id="x") is None
    assert sign_in.borrow("") is None
