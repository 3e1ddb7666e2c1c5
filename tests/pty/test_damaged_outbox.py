"""The app on a damaged outbox: it opens, says so, records nothing, and goes on once the file is mended."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.shell import Shell, crm_on
from tests.terminal import Terminal

pytestmark = pytest.mark.pty


def test_the_app_opens_read_only_says_so_and_goes_on_after_a_salvage(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "home")
    with crm_on(0, tmp_path / "crm", "--leads", "12") as facts:
        shell.token = facts["rep_token"]
        shell.ok("login", "work", "--url", facts["url"])
        shell.ok("pull")
        leads = [lead["lead_id"] for lead in shell.ok("list", "--json").json if not lead["contacted_at"]]
        shell.ok("decide", "accept", leads[0])
        shell.ok("decide", "accept", leads[1])
        data = bytearray(shell.outbox.read_bytes())
        data[data.index(leads[0].encode())] ^= 1
        shell.outbox.write_bytes(bytes(data))

        with Terminal([sys.executable, "-m", "triage"], columns=120, env=shell.environ) as screen:
            screen.wait_for(r"Inbox \d+")
            screen.wait_for("outbox.journal is damaged: read-only, incomplete")
            screen.press("a")
            screen.wait_for("NOT SAVED: .*outbox.journal is damaged")
            assert shell.outbox.read_bytes() == bytes(data)
            screen.press("Q")
            screen.wait_for("1 send now")
            screen.press("3")
            screen.wait_for("NOT SAVED")
            screen.press("q")
            screen.wait_for(r"Inbox \d+")
            shell.run("doctor", "--salvage")
            screen.wait_until_gone("read-only, incomplete")
            screen.press("a")
            screen.wait_for("accepted.*u undoes")
            screen.press("q")
            assert screen.wait_for_exit() == 0
        states = [item["state"] for item in shell.ok("queue", "--json").json]
        assert states == ["refused", "applied"], "what damage left waits for the rep, what came after is sent"
