from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from screens.sight import TYPED_AHEAD
from tests.embedded_server import start_server
from tests.terminal import ROOT, Terminal

pytestmark = pytest.mark.pty
SIZES = {"80x24": (80, 24), "160x48": (160, 48)}
TRIAGE = [sys.executable, "-m", "triage"]


class Rep:
    """A rep at a shell: one home, one token, the commands and the app."""

    def __init__(self, home: Path, token: str) -> None:
        self.environ = {**os.environ, "TRIAGE_HOME": str(home), "TRIAGE_TOKEN": token}

    def run(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*TRIAGE, *arguments],
            cwd=ROOT,
            env={**self.environ, **changes},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def json(self, *arguments: str, **changes: str):
        done = self.run(*arguments, "--json", **changes)
        return json.loads(done.stdout)

    def app(self, size: str) -> Terminal:
        columns, lines = SIZES[size]
        return Terminal(TRIAGE, columns=columns, lines=lines, env=self.environ)


@pytest.fixture
def crm(tmp_path):
    """A server that a test may stop and start again with the same data, on the same port."""
    with contextlib.ExitStack() as stack:
        yield Plug(stack, tmp_path / "crm")


class Plug:
    """The CRM's plug, to be pulled and put back."""

    def __init__(self, stack: contextlib.ExitStack, state: Path) -> None:
        self._stack = stack
        self._state = state
        self.server = start_server(leads=120, seed=7, state=state)
        stack.callback(self.pull)
        self.url = self.server.url
        self.port = int(self.url.rsplit(":", 1)[1])
        self.rep_token, self.marketing_token = self.server.rep_token, self.server.marketing_token

    def pull(self) -> None:
        self.server.stop()
        for pipe in (self.server.process.stdin, self.server.process.stdout, self.server.process.stderr):
            pipe.close()

    def put_back(self) -> None:
        self.server = start_server(leads=120, seed=7, state=self._state, port=self.port)


@pytest.fixture
def rep(crm, tmp_path):
    someone = Rep(tmp_path / "home", crm.rep_token)
    signed_in = someone.run("login", "work", "--crm", "rest", "--url", crm.url)
    assert signed_in.returncode == 0, signed_in.stderr
    assert someone.run("pull").returncode == 0
    return someone


def open_lead_count(screen: Terminal) -> int:
    return int(screen.wait_for(r"Inbox (\d+)")[1])


def confirm(screen: Terminal) -> None:
    """Press Enter as a person does: once the question could be read, and again if it stays."""
    screen.wait_for("Enter confirms")
    for _ in range(4):
        time.sleep(2 * TYPED_AHEAD)
        screen.press("enter")
        with contextlib.suppress(AssertionError):
            screen.wait_until_gone("Enter confirms", patience=5)
            break


def quit_app(screen: Terminal) -> None:
    """Leave with items unsent: the first q says so and sends, the second one leaves them queued."""
    screen.press("q")
    with contextlib.suppress(AssertionError):
        screen.wait_for(r"unsent|not sent", patience=3)
    if screen_is_alive(screen):
        screen.press("q")
    assert screen.wait_for_exit() == 0


def screen_is_alive(screen: Terminal) -> bool:
    try:
        os.kill(screen.pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.timeout(180)
@pytest.mark.parametrize("size", SIZES)
def test_a_rep_triages_loses_the_network_quits_and_marketing_sees_each_word_once(crm, rep, size, tmp_path):
    with rep.app(size) as screen:
        screen.wait_for(r"j/k move")
        start = open_lead_count(screen)
        screen.press("a")
        screen.wait_for("accepted.*u undoes")
        screen.press("r", "8")
        screen.wait_for("rejected.*u undoes")
        assert open_lead_count(screen) == start - 2
        screen.press(*["space"] * 5)
        screen.wait_for("5 marked")
        screen.press("r", "8")
        screen.wait_for(r"\d rejected.*u undoes")
        screen.press("u")
        screen.wait_for("undone|Undone|withdrawn")
        assert open_lead_count(screen) == start - 2
        screen.press(*["space"] * 3)
        screen.wait_for("3 marked")
        screen.press("-")
        screen.wait_for("3 ")
        crm.pull()
        screen.press("backspace")
        screen.wait_until_gone("3 marked")
        for count in (3, 4, 5):
            screen.press("a")
            screen.wait_for(rf"Inbox {start - count}")
        quit_app(screen)
    crm.put_back()

    report = rep.json("sync")
    assert report["refused"] == report["conflict"] == report["unknown"] == 0

    rep.run("login", "mkt", "--crm", "rest", "--url", crm.url, TRIAGE_TOKEN=crm.marketing_token)
    seen = rep.json("--profile", "mkt", "review", TRIAGE_TOKEN=crm.marketing_token)
    said = Counter(item.get("act") or item["type"] for item in seen)
    assert said == {"accept": 4, "reject": 1, "score_accuracy": 3}
    assert (
        len({item.get("decision_id") if item["kind"] == "decision" else item["feedback_id"] for item in seen})
        == 8
    )
    assert all(item["snapshot"]["lead_version"] for item in seen if item["kind"] == "decision")


@pytest.mark.timeout(120)
def test_twenty_verdicts_go_out_and_an_objection_that_was_undone_does_not(crm, rep):
    with rep.app("80x24") as screen:
        screen.wait_for(r"j/k move")
        screen.press(*["space"] * 20)
        screen.wait_for("20 marked")
        screen.press("-")
        confirm(screen)
        screen.wait_for("20 unsent")
        screen.press("o", "1")
        screen.wait_for("own words")
        confirm(screen)
        screen.wait_for("40 unsent")
        screen.press("u")
        screen.wait_for("20 unsent")
        quit_app(screen)
    report = rep.json("sync")
    seen = rep.json("review")
    assert Counter(item["type"] for item in seen) == {"score_accuracy": 20}
    assert report["feedback"] == 20


def test_the_demo_shows_the_numbers_of_its_history(tmp_path):
    with Terminal([*TRIAGE, "demo", "--leads", "12"], env={"TRIAGE_HOME": str(tmp_path)}) as screen:
        screen.wait_for(r"Inbox 12")
        screen.press("I")
        screen.wait_for("^ Insights  the team's numbers .*gathered")
        screen.wait_for("Acceptance week by week +.*fell from")
        screen.press("q")
        screen.wait_for(r"Inbox 12")
        screen.press("q")
        assert screen.wait_for_exit() == 0


def test_the_demo_ends_its_crm_with_it(tmp_path):
    environ = {"TRIAGE_HOME": str(tmp_path)}
    with Terminal([*TRIAGE, "demo", "--leads", "12"], env=environ) as screen:
        screen.wait_for(r"Inbox 12")
        children = Path(f"/proc/{screen.pid}/task/{screen.pid}/children").read_text().split()
        assert len(children) == 1
        screen.press("q")
        assert screen.wait_for_exit() == 0
    assert not Path(f"/proc/{children[0]}").exists()
