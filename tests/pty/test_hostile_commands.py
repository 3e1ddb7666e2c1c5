"""Payloads in every field through the commands: text shows nothing that is obeyed, JSON keeps what the CRM said."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
from typing import Any
from unittest import mock

import pytest

from tests.corpus import HOSTILE
from tests.pty.hostile_bytes import obeyed
from tests.pty.hostile_crm import ALL, TEXTS, Liar, hostile_crm
from tests.pty.test_hostile_screens import IDENTITY, Rep
from tests.screens.sample import hostile_lead
from tests.screens.stage import session_with
from tests.terminal import ROOT
from triage.cli.main import run
from triage.crm.limits import decode, encode
from triage.crm.rest.bodies import item_body
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType

pytestmark = [pytest.mark.pty, pytest.mark.timeout(180)]


class Shell(Rep):
    """A shell in which every output is looked at. Commands run in this process: a start costs more than they do."""

    def run(self, *arguments: str) -> bytes:
        """Run a command; return what it printed and then what it narrated."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        with (
            mock.patch.dict(os.environ, self.environ),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            run(list(arguments))
        for stream in (out, err):
            stream.flush()
        self.narrated = err.buffer.getvalue()
        return out.buffer.getvalue()

    def said(self, *arguments: str) -> str:
        """Run a command and return what it printed and narrated; nothing in it may be obeyed."""
        return harmless(self.run(*arguments) + self.narrated, plain="--plain" in arguments)

    def document(self, *arguments: str) -> Any:
        """Run a command with --json: ASCII, one document, no raw control."""
        raw = self.run(*arguments, "--json")
        assert all(0x20 <= byte < 0x7F or byte == 0x0A for byte in raw)
        return json.loads(raw)


def harmless(raw: bytes, *, plain: bool = False) -> str:
    """Return an output as text: UTF-8, all of it, and nothing in it that is obeyed."""
    text = raw.decode()
    assert "Traceback" not in text
    assert "Something is wrong in triage itself" not in text
    allowed = "\n\t\u200d" if plain else "\n\u200d"  # a joiner in its place is kept
    assert [ascii(one) for one in sorted(set(text)) if one not in allowed and obeyed(one)] == []
    return text


@pytest.fixture
def shell(tmp_path):
    with hostile_crm(24) as crm:
        yield Shell(crm, tmp_path)


def sign_in(shell: Shell, mode: str = TEXTS, turn: int = 0) -> Liar:
    shell.said("login", "work", "--url", shell.crm.url)
    shell.crm.liar.mode, shell.crm.liar.turn = mode, turn
    shell.said("pull")
    return shell.crm.liar


def test_no_command_shows_what_a_terminal_obeys(shell):
    liar = sign_in(shell)
    leads = shell.document("list")
    for command in (["list"], ["list", "--all"], ["whoami"], ["doctor"], ["profiles"], ["keys", "--reasons"]):
        shell.said(*command)
    for lead in leads[:3]:
        shell.said("show", lead["lead_id"])
    first, second, third = (lead["lead_id"] for lead in leads[:3])
    shell.said("decide", "accept", first)
    shell.said("decide", "reject", second, "--reason", "NOT_A_BUYER", "--note", "note\x1b[31m")
    liar.outcome = "refused"
    shell.said("sync")
    liar.outcome = "conflict"
    shell.said("decide", "accept", third)
    shell.said("sync")
    assert "conflict" in shell.said("queue")
    liar.outcome = ""
    shell.said("feedback", "note", third, "--text", "words")
    shell.said("queue", "retry")
    shell.said("sync")
    shell.environ["TRIAGE_TOKEN"] = shell.crm.marketing_token
    shell.said("login", "mkt", "--url", shell.crm.url)
    shell.said("--profile", "mkt", "review")
    shell.said("--profile", "mkt", "review", "--plain")
    assert len(liar.said) > len(HOSTILE) * 0.8


def test_an_error_of_the_crm_is_narrated_harmless(shell):
    liar = sign_in(shell)
    for number, status in enumerate((401, 403, 409)):
        liar.failure, liar.turn = status, 9 * number
        shell.said("whoami")
    liar.failure, liar.kind = 0, "text/\x9b31m\x9dhtml".encode("latin-1")
    assert "JSON" in shell.said("whoami")


def test_json_keeps_what_the_crm_said_letter_by_letter(shell):
    liar = sign_in(shell)
    kept = {lead["name"] for lead in shell.document("list", "--all")}
    assert kept <= liar.said
    assert len(kept) > 12
    lead = shell.document("list")[0]["lead_id"]
    told = shell.document("show", lead)
    assert told["moment"] in liar.said
    assert {part["label"] for part in told["score_detail"]["contributions"]} <= liar.said


def test_a_crm_in_which_nothing_is_true_harms_no_command(shell):
    sign_in(shell, ALL)
    for command in (["list", "--all"], ["sync"], ["doctor"], ["keys", "--reasons"], ["whoami"], ["queue"]):
        shell.said(*command)


def test_whoever_the_token_belongs_to_may_have_any_name(shell):
    shell.crm.liar.mode = TEXTS
    for turn in (10, 79, 100):  # nothing, a lone ESC, half a pair
        shell.crm.liar.turn = turn
        shell.said("login", f"p{turn}", "--url", shell.crm.url)
    shell.said("profiles")


@pytest.mark.soak
@pytest.mark.timeout(3000)
def test_every_payload_is_a_name_that_can_sign_in(shell):
    shell.crm.liar.mode = TEXTS
    for turn in range(len(HOSTILE)):
        shell.crm.liar.turn = turn
        shell.said("login", f"p{turn}", "--url", shell.crm.url)
        shell.said("whoami")
    assert len(shell.document("profiles")) == len(HOSTILE)


def test_the_check_of_commands_sees_text_that_was_not_cleaned(shell):
    sign_in(shell)
    done = subprocess.run(
        [*IDENTITY, "list", "--all"],
        cwd=ROOT,
        env=shell.environ,
        capture_output=True,
        timeout=60,
        check=False,
    )
    with pytest.raises((AssertionError, UnicodeError)):
        harmless(done.stdout + done.stderr)


def test_the_snapshot_that_goes_back_to_the_crm_holds_what_the_crm_said_unchanged(shell):
    liar = sign_in(shell)
    leads = shell.document("list")[:12]
    full = {lead["lead_id"]: shell.document("show", lead["lead_id"]) for lead in leads[:3]}
    shell.said("decide", "accept", *(lead["lead_id"] for lead in leads))
    shell.said("sync")
    sent = [
        item for path, body in liar.asked if path == "/v1/decisions" for item in json.loads(body)["items"]
    ]
    assert {item["lead_id"] for item in sent} <= {lead["lead_id"] for lead in leads}
    assert sent
    for item in sent:
        parts = item["snapshot"]["contributions"]
        assert {part["label"] for part in parts} <= liar.said
        if item["lead_id"] in full:
            shown = full[item["lead_id"]]["score_detail"]["contributions"]
            assert [(part["label"], part["evidence"]) for part in parts] == [
                (part["label"], part["evidence"]) for part in shown
            ]


def test_every_payload_survives_the_store_and_the_wire_unchanged(tmp_path):
    leads = [hostile_lead(number, payload) for number, payload in enumerate(HOSTILE)]
    ids = [lead.lead_id for lead in leads]
    with session_with(tmp_path, leads) as session:
        acted = session.thread.call(session.desk.decide, ids, Act.ACCEPT)
        told = session.thread.call(
            lambda: [
                session.desk.feedback([lead_id], FeedbackType.NOTE, {"text": f"a{payload}z"})
                for lead_id, payload in zip(ids, HOSTILE, strict=True)
            ]
        )
        kept = [session.thread.call(session.desk.outbox.get, item.id) for item in acted.items]
        assert [session.thread.call(session.desk.leads.find, one).lead for one in ids] == leads
    assert [item.lead_id for item in kept] == ids
    for payload, item in zip(HOSTILE, kept, strict=True):
        (part,) = decode(encode(item_body(item)))["snapshot"]["contributions"]
        assert (part["label"], part["evidence"]) == (payload, payload)
    for payload, one in zip(HOSTILE, told, strict=True):
        assert decode(encode(item_body(one.items[0])))["payload"]["text"] == f"a{payload}z"
