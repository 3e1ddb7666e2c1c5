from __future__ import annotations

import sys

import pytest

from tests.embedded_server import running_server
from tests.terminal import Terminal

pytestmark = pytest.mark.pty
TRIAGE = [sys.executable, "-m", "triage"]


def test_a_newcomer_is_offered_the_demo_and_d_opens_it(tmp_path):
    with Terminal(TRIAGE, env={"TRIAGE_HOME": str(tmp_path), "TRIAGE_TOKEN": ""}) as screen:
        screen.wait_for("Try the demo")
        screen.press("d")
        screen.wait_for("Inbox 120")
        screen.press("q")
        assert screen.wait_for_exit() == 0


def test_a_newcomer_signs_in_on_the_plain_terminal_and_triages(tmp_path):
    environ = {"TRIAGE_HOME": str(tmp_path), "TRIAGE_TOKEN": "", "PYTHON_KEYRING_BACKEND": ""}
    with running_server(leads=12) as crm, Terminal(TRIAGE, env=environ) as screen:
        screen.wait_for("Sign in")
        screen.press("s")
        screen.wait_for("Address of the CRM")
        screen.type(crm.url + "\r")
        screen.wait_for("Name for this profile")
        screen.type("\r")
        screen.wait_for("Token")
        screen.type(crm.rep_token + "\r")
        screen.wait_for("Inbox 12")
        assert crm.rep_token not in screen.raw.decode(errors="replace")
        screen.press("q")
        assert screen.wait_for_exit() == 0


def test_q_leaves_without_a_trace(tmp_path):
    with Terminal(TRIAGE, env={"TRIAGE_HOME": str(tmp_path / "home"), "TRIAGE_TOKEN": ""}) as screen:
        screen.wait_for("Try the demo")
        screen.press("q")
        assert screen.wait_for_exit() == 0
    assert not (tmp_path / "home").exists()
