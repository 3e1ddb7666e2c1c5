"""The loop closes: a rep rejects, marketing reviews and answers, the rep reads it. Two profiles, two terminals.

All of it by keys, on one embedded CRM; and once with nothing but the CRM on marketing's side.
"""

from __future__ import annotations

import re
import sys
import time

import httpx
import pytest

from screens.sight import TYPED_AHEAD
from tests.pty.test_story import Plug, Rep, crm, rep  # noqa: F401 - fixtures
from tests.terminal import Terminal

pytestmark = pytest.mark.pty
SIZES = {"80x24": (80, 24), "160x48": (160, 48)}
REVIEW = [sys.executable, "-m", "triage", "--profile", "mkt", "review"]
PATIENT = 40.0
"""Seconds for a process to come up on a busy machine."""


@pytest.fixture
def marketing(crm, tmp_path):  # noqa: F811 - pytest's way
    """A marketer at another shell: a home and a token of their own."""
    someone = Rep(tmp_path / "marketing", crm.marketing_token)
    signed_in = someone.run("login", "mkt", "--crm", "rest", "--url", crm.url)
    assert signed_in.returncode == 0, signed_in.stderr
    return someone


def review(marketing: Rep, size: str) -> Terminal:
    columns, lines = SIZES[size]
    return Terminal(REVIEW, columns=columns, lines=lines, env=marketing.environ)


def keep(screen: Terminal, text: str = "") -> None:
    """Type a text, and press Enter once a person could have read what it would do."""
    if text:
        screen.type(text)
        screen.wait_for(re.escape(text[-20:]))
    time.sleep(2 * TYPED_AHEAD)
    screen.press("enter")


def rejected_by_key(screen: Terminal) -> None:
    screen.wait_for(r"j/k move", patience=PATIENT)
    screen.press("r", "9")
    screen.wait_for(r"rejected.*u undoes")
    screen.press("S")
    screen.wait_for(r"1 (applied|sent|delivered)|synced|Synced", patience=PATIENT)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("size", SIZES)
def test_a_rejection_is_answered_with_a_rule_and_read_within_one_sync(rep, marketing, size):  # noqa: F811
    with review(marketing, size) as first_visit:
        first_visit.wait_for(r"Review +open", patience=PATIENT)
        first_visit.press("q")
        assert first_visit.wait_for_exit() == 0
    with rep.app(size) as screen:
        rejected_by_key(screen)
        with review(marketing, size) as board:
            board.wait_for(r"Review +open", patience=PATIENT)
            board.press("n")
            board.wait_for("1 in 1 group")
            board.wait_for("reject: competitor")
            board.press("enter")
            board.wait_for("The rep saw: score")
            board.press("4")
            board.wait_for("what the rep will read")
            keep(board, "Competitors are left out from now on.")
            board.wait_for("what it points at")
            board.press("1")
            board.wait_for("answered: changed", patience=PATIENT)
            board.wait_for("↩ changed")
            board.press("q")
            board.wait_for(r"Review +open")
            board.press("q")
            assert board.wait_for_exit() == 0
        screen.press("S")
        screen.wait_for(r"\d+ repl|Replies \d|changed", patience=PATIENT)
        screen.press("R")
        screen.wait_for("Competitors are left out", patience=PATIENT)
        screen.wait_for(r"definition v\d")
    item = decided(rep)
    (reply,) = item["replies"]
    assert (reply["kind"], reply["text"]) == ("changed", "Competitors are left out from now on.")
    assert reply["link"].startswith("definition v")


def decided(rep: Rep) -> dict:  # noqa: F811 - pytest's way
    """Return the rep's rejection as `triage show` tells it."""
    (sent,) = [one for one in rep.json("queue", "list", "--all") if one["act"] == "reject"]
    shown = rep.json("show", sent["lead_id"])
    (decision,) = [one for one in shown["decisions"] if one["decision_id"] == sent["decision_id"]]
    return decision


@pytest.mark.timeout(300)
def test_a_marketer_with_nothing_installed_answers_in_the_crm_and_the_rep_sees_it(crm, rep):  # noqa: F811
    with rep.app("80x24") as screen:
        rejected_by_key(screen)
        (sent,) = [one for one in rep.json("queue", "list", "--all") if one["act"] == "reject"]
        with httpx.Client(
            base_url=crm.url, headers={"Authorization": f"Bearer {crm.marketing_token}"}, trust_env=False
        ) as fields:
            lead = fields.get(f"/v1/leads/{sent['lead_id']}").json()
            assert (lead["triage_outcome"], lead["triage_reason"]) == ("reject", "COMPETITOR")
            typed = {"triage_answer": "Right. We block their domain.", "triage_answer_kind": "planned"}
            assert fields.post(f"/v1/leads/{sent['lead_id']}/edit", json=typed).status_code == 200
        screen.press("S")
        screen.press("R")
        screen.wait_for("We block their domain", patience=PATIENT)
        screen.wait_for("planned")
    (reply,) = decided(rep)["replies"]
    assert (reply["kind"], reply["text"]) == ("planned", "Right. We block their domain.")


@pytest.mark.timeout(300)
def test_a_rep_who_opens_the_review_reads_their_own_and_answers_nothing(rep):  # noqa: F811 - pytest's way
    with rep.app("80x24") as screen:
        rejected_by_key(screen)
    command = [sys.executable, "-m", "triage", "review", "--state", "all"]
    with Terminal(command, env=rep.environ) as board:
        board.wait_for("your own items, read only", patience=PATIENT)
        board.wait_for("reject: competitor", patience=PATIENT)
        board.press("1")
        board.wait_for("it is marketing that answers")
        board.press("q")
        assert board.wait_for_exit() == 0
