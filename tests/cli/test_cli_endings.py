"""How commands end: the exit code, the sentence, the next thing to do, and never a token."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import ROOT, Shell, crm_on, free_port, signed_in_home
from triage.cli.terminal import TELLING, need_terminal
from triage.errors import UsageError
from triage.store.record import encode, seal

SECRET = "tok_sentinel_5d41402abc4b2a76"


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A home that is signed in and has pulled twelve leads, with its CRM running."""
    with signed_in_home(tmp_path_factory.mktemp("signed-in")) as shell:
        yield shell


@pytest.fixture
def shell(signed_in: Shell, tmp_path: Path) -> Iterator[Shell]:
    """A copy of that home, for one test; nothing it prints holds the token."""
    shutil.copytree(signed_in.home, tmp_path / "home")
    copied = Shell(tmp_path / "home", token=signed_in.token)
    yield copied
    logged = "".join(path.read_text() for path in (copied.home / "logs").glob("*.*"))
    assert copied.token not in "".join(copied.printed) + logged


def lead_ids(shell: Shell) -> list[str]:
    return [lead["lead_id"] for lead in shell.ok("list", "--json").json if not lead["contacted_at"]]


# Signing in


def test_a_wrong_token_is_not_signed_in_and_is_not_repeated(signed_in: Shell, tmp_path: Path) -> None:
    url = signed_in.ok("profiles", "--json").json[0]["url"]
    stranger = Shell(tmp_path)
    said = stranger.said(4, "login", "work", "--url", url, "--token-stdin", stdin=SECRET + "\n")
    assert "does not take the token" in said
    assert SECRET not in "".join(stranger.printed)
    assert stranger.ok("profiles", "--json").json == []


def test_a_token_that_is_no_longer_taken_stops_the_sync_and_keeps_the_decision(shell: Shell) -> None:
    good = shell.token
    shell.ok("decide", "accept", lead_ids(shell)[0])
    shell.token = SECRET
    said = shell.said(4, "sync")
    assert "triage login" in said
    assert SECRET not in said
    shell.token = good
    (item,) = shell.ok("queue", "--json").json
    assert (item["state"], item["attempts"]) == ("queued", 0)


def test_no_token_at_all_says_how_to_give_one(shell: Shell) -> None:
    good, shell.token = shell.token, ""
    assert "TRIAGE_TOKEN" in shell.said(4, "sync")
    shell.token = good


def test_a_crm_that_is_down_is_unreachable_and_says_that_decisions_stay(shell: Shell, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert "connection refused" in Shell(tmp_path / "new", token=SECRET).said(3, "login", "w", "--url", url)
    settings = shell.home / "config" / "config.toml"
    known = shell.ok("profiles", "--json").json[0]["url"]
    settings.write_text(settings.read_text().replace(known, url))
    shell.ok("decide", "accept", lead_ids(shell)[0])
    assert "stay queued" in shell.said(3, "sync")
    assert len(shell.ok("list", "--json").json) == 11


def test_marketings_side_is_not_for_a_rep_and_a_rep_says_nothing_for_marketing(shell: Shell) -> None:
    shell.said(4, "reply", "d-1", "acknowledged")


# The words of a command


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("decide", "accept", "L-777777"), "no lead L-777777"),
        (("decide", "reject", "FIRST", "--reason", "NOT_A_BYER"), "NOT_A_BUYER"),
        (("decide", "reject", "FIRST"), "needs a reason"),
        (("decide", "snooze", "FIRST", "--param", "until"), "K=V"),
        (("decide", "snooze", "FIRST", "--param", "untill=2w"), "until"),
        (("feedback", "moan", "FIRST"), "score_accuracy"),
        (("feedback", "objection", "FIRST"), "price"),
        (("--profile", "elsewhere", "list"), "elsewhere"),
        (("list", "--filter", "bund:A"), "bund"),
        ((), "not a terminal"),
        (("demo",), "not a terminal"),
    ],
)
def test_words_that_are_off_end_with_2_and_name_what_is_off(
    shell: Shell, arguments: tuple[str, ...], says: str
) -> None:
    first = lead_ids(shell)[0]
    said = shell.said(2, *(first if word == "FIRST" else word for word in arguments))
    assert says in said
    assert shell.ok("queue", "--json").json == []


def test_an_act_that_is_not_allowed_is_skipped_and_the_rest_is_done(shell: Shell) -> None:
    one, two, *_ = lead_ids(shell)
    shell.ok("decide", "accept", one)
    shell.ok("sync")
    ran = shell.run("decide", "reject", one, two, "--reason", "NOT_A_BUYER", "--json")
    assert ran.code == 1
    done, skipped = ran.json
    assert (done["lead_id"], done["state"]) == (two, "queued")
    assert skipped["lead_id"] == one
    assert skipped["skipped"].startswith("already accepted")


def test_an_unknown_key_in_the_settings_names_file_line_and_the_nearest_key(shell: Shell) -> None:
    settings = shell.home / "config" / "config.toml"
    settings.write_text("[sync]\nhodl = 5\n\n" + settings.read_text())
    said = shell.said(2, "list")
    assert f"{settings}" in said
    assert "line 2" in said or ":2" in said
    assert "hold" in said


def test_a_port_that_is_taken_ends_with_2(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        assert f"Port {port} is taken" in Shell(tmp_path).said(2, "crm", "serve", "--port", port)


def test_a_conflict_makes_sync_end_with_1_and_the_queue_says_why(shell: Shell, tmp_path: Path) -> None:
    with crm_on(0, tmp_path / "crm", "--leads", "12", "--faults", "reassign:1") as facts:
        rep = Shell(tmp_path / "rep", token=facts["rep_token"])
        rep.ok("login", "work", "--url", facts["url"])
        rep.ok("pull")
        rep.ok("decide", "accept", lead_ids(rep)[0])
        assert "triage queue" in rep.said(1, "sync")
        (item,) = rep.ok("queue", "--json").json
        assert item["state"] == "conflict"
        assert item["theirs"]["owner"]["name"]
        assert item["error"] == f"{item['theirs']['changed_by']} took the lead"
        rep.ok("queue", "drop", item["id"])
        assert rep.ok("sync", "--json").json["conflict"] == 0


def test_undo_by_command_withdraws_the_last_act(shell: Shell) -> None:
    one, two, *_ = lead_ids(shell)
    shell.ok("decide", "accept", one, two)
    undone = shell.ok("undo", "--json").json
    assert (undone["what"], undone["withdrawn"]) == ("2 accepted", 2)
    assert "nothing to undo" in shell.said(1, "undo")


# The disk


def test_on_a_full_disk_nothing_is_recorded_and_it_says_so(shell: Shell) -> None:
    one, two, *_ = lead_ids(shell)
    shell.ok("decide", "accept", one)
    before = shell.outbox.read_bytes()
    ran = shell.run("decide", "accept", two, "--json", largest_file=len(before) + 100)
    assert (ran.code, ran.out) == (1, "")
    assert "othing was recorded" in ran.err
    assert shell.outbox.read_bytes() == before
    assert shell.ok("decide", "accept", two, "--json").json[0]["state"] == "queued"


def test_a_sync_on_a_full_disk_sends_nothing_and_says_so(shell: Shell) -> None:
    shell.ok("decide", "accept", lead_ids(shell)[0])
    ran = shell.run("sync", largest_file=shell.outbox.stat().st_size + 100)
    assert ran.code == 1
    assert "othing was recorded" in ran.err
    (item,) = shell.ok("queue", "--json").json
    assert (item["state"], item["attempts"]) == ("queued", 0)


def test_a_journal_of_a_newer_version_is_left_alone(shell: Shell) -> None:
    shell.ok("decide", "accept", lead_ids(shell)[0])
    journal = shell.outbox
    _, *rest = journal.read_bytes().splitlines(keepends=True)
    newer = seal(encode({"s": 0, "v": 99, "base": 0}))
    journal.write_bytes(b"".join([newer, *rest]))
    before = journal.read_bytes()
    assert "Update triage" in shell.said(1, "queue")
    shell.said(1, "list")
    assert journal.read_bytes() == before


def test_a_damaged_journal_is_refused_with_its_place_and_can_be_salvaged(shell: Shell) -> None:
    ids = lead_ids(shell)[:4]
    for lead_id in ids:
        shell.ok("decide", "accept", lead_id)
    journal = shell.outbox
    lines = journal.read_bytes().splitlines(keepends=True)
    second = [number for number, line in enumerate(lines) if b"accept" in line][1]
    lines[second] = lines[second].replace(b"accept", b"accent", 1)
    journal.write_bytes(b"".join(lines))
    for command in ("list", "queue", "sync"):
        ran = shell.run(command, "--json")
        assert ran.code == 1
        assert (ran.out == "") == (command == "sync"), "what reads is shown, and nothing is sent"
        assert "outbox.journal" in ran.err
        assert "triage doctor --salvage" in ran.err
    mended = shell.run("doctor", "--salvage")
    assert "3 lost" not in mended.err
    assert "1 lost" in mended.err
    items = shell.ok("queue", "--json").json
    assert [item["state"] for item in items] == ["refused"] * 3, (
        "nothing that damage brought back leaves by itself"
    )
    assert shell.ok("sync", "--json").json["applied"] == 0
    shell.ok("queue", "retry")
    report = shell.run("sync", "--json").json  # the CRM is shared: another test may have had the lead
    assert report["applied"] + report["conflict"] == 3
    assert list(journal.parent.glob("outbox.journal.damaged*"))


def test_a_torn_end_is_set_aside_and_said(shell: Shell) -> None:
    one, two, *_ = lead_ids(shell)
    shell.ok("decide", "accept", one)
    shell.ok("decide", "accept", two)
    shell.outbox.write_bytes(shell.outbox.read_bytes()[:-20])
    ran = shell.ok("queue", "--json")
    assert [item["lead_id"] for item in ran.json] == [one]
    assert "never finished" in ran.err


# The terminal app, where it cannot be shown


class _Stream:
    """A stream that is a terminal, or is not."""

    closed = False

    def __init__(self, *, is_terminal: bool) -> None:
        self.isatty = lambda: is_terminal


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put terminals in the places of all streams. To be called in a test: its own capture comes first."""
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, _Stream(is_terminal=True))
    monkeypatch.setenv("TERM", "xterm")
    for name in ("TEXTUAL", *TELLING):
        monkeypatch.delenv(name, raising=False)


def test_the_app_is_shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    on_a_terminal(monkeypatch)
    need_terminal()


@pytest.mark.parametrize("stream", [None, _Stream(is_terminal=False)], ids=["closed", "redirected"])
@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_the_app_needs_to_be_seen_and_typed_at(
    monkeypatch: pytest.MonkeyPatch, name: str, stream: _Stream | None
) -> None:
    on_a_terminal(monkeypatch)
    monkeypatch.setattr(sys, name, stream)
    with pytest.raises(UsageError, match="not a terminal") as refused:
        need_terminal()
    assert "triage list" in refused.value.hint


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("TERM", "dumb", "TERM=dumb"),
        *((name, "/tmp/somewhere", name) for name in TELLING),
        ("TEXTUAL", "debug, devtools", "TEXTUAL"),
    ],
)
def test_the_app_refuses_what_shows_leads_to_others_or_cannot_show_them(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    on_a_terminal(monkeypatch)
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=says) as refused:
        need_terminal()
    assert refused.value.exit_code == 2
    if name != "TERM":
        monkeypatch.setenv("TRIAGE_DEV", "1")
        need_terminal()


# Bugs, and the log


BUG = """
import sys, triage.cli.leads as leads
def boom(*_):
    raise KeyError("Ada Secret, Northwind")
leads.sla_state = boom
from triage.__main__ import main
sys.argv[1:] = ["list"]
main()
"""


def _with_a_bug(shell: Shell, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BUG],
        cwd=ROOT,
        env=shell.environ | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_bug_ends_a_command_with_1_a_sentence_and_a_report_without_leads(shell: Shell) -> None:
    ran = _with_a_bug(shell)
    assert (ran.returncode, ran.stdout) == (1, "")
    (report,) = (shell.home / "logs").glob("crash-*.txt")
    assert ran.stderr.splitlines()[0].startswith("triage: Something is wrong in triage itself (KeyError).")
    assert str(report) in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "triage.cli.leads" in report.read_text()
    assert "Ada" not in ran.stderr + report.read_text() + (shell.home / "logs" / "triage.log").read_text()


def test_a_bug_is_said_where_no_report_can_be_written(shell: Shell) -> None:
    shutil.rmtree(shell.home / "logs")
    (shell.home / "logs").write_text("in the way")
    ran = _with_a_bug(shell)
    assert ran.returncode == 1
    assert "No report could be written" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_developer_sees_the_error_itself(shell: Shell) -> None:
    assert "KeyError: 'Ada Secret, Northwind'" in _with_a_bug(shell, TRIAGE_DEV="1").stderr


def test_the_log_tells_commands_and_syncs_by_ids_and_counts_and_holds_no_lead(shell: Shell) -> None:
    shell.ok("pull")
    leads = shell.ok("list", "--json").json
    shell.ok("decide", "accept", lead_ids(shell)[-1], "--note", "a note about them")
    shell.ok("sync")
    good, shell.token = shell.token, SECRET
    shell.said(4, "sync")
    shell.token = good
    log = (shell.home / "logs" / "triage.log").read_text()
    assert re.search(r"INFO sync begun version=\S+ profile=-$", log, re.MULTILINE)
    assert re.search(r"INFO sync finished applied=1", log)
    assert re.search(r"WARNING sync stopped NotSignedIn", log)
    assert re.search(r"INFO sync ended code=4$", log, re.MULTILINE)
    assert SECRET not in log
    told = {lead[name] for lead in leads for name in ("name", "email", "company", "title") if lead[name]}
    assert [text for text in (*told, "a note about them") if text in log] == []


def test_a_look_around_leaves_no_trace(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "home")
    shell.ok("paths")
    shell.ok("keys")
    assert not shell.home.exists()


def test_a_folder_of_logs_that_cannot_be_used_is_in_nobodys_way(shell: Shell) -> None:
    shutil.rmtree(shell.home / "logs", ignore_errors=True)
    (shell.home / "logs").write_text("in the way")
    assert shell.ok("list").err == ""
