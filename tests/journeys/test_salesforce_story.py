"""A rep on Salesforce: the real program in a terminal, on a stand-in that speaks Salesforce's API over HTTP.

Why a lead is scored so, a decision made without a network, delivered once, and marketing's answer, typed into a
field of the org, on the rep's screen.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pty.test_story import Rep, quit_app
from tests.salesforce.org import Org, app
from tests.serving import served

pytestmark = pytest.mark.pty
PATIENT = 40.0
"""Seconds for a process to come up on a busy machine."""
ANSWER = "Right. We block their domain."


@pytest.fixture
def org() -> Org:
    return Org(leads=12)


@pytest.fixture
def rep(org, tmp_path) -> Iterator[Rep]:
    with served(app(org)) as url:
        someone = Rep(tmp_path / "home", org.access_token)
        signed_in = someone.run("login", "work", "--crm", "salesforce", "--url", url)
        assert signed_in.returncode == 0, signed_in.stderr
        assert "Robin Rep" in signed_in.stdout + signed_in.stderr
        someone.url = url
        yield someone


@pytest.mark.timeout(300)
def test_a_rep_decides_offline_and_reads_what_marketing_typed_into_salesforce(org, rep):
    pulled = rep.run("pull")
    assert pulled.returncode == 0, pulled.stderr
    chosen = org.lead_ids[0]
    with rep.app("160x48") as screen:
        screen.wait_for(r"Inbox 12", patience=PATIENT)
        screen.wait_for("Title is CEO")
        screen.wait_for("without weights")
        screen.wait_for(r"campaign +Webinar Autumn")
        screen.wait_for("Form: Price list form")
        org.down = True
        screen.press("r", "9")
        screen.wait_for(r"rejected.*u undoes")
        screen.wait_for("Inbox 11")
        assert org.effects() == []
        quit_app(screen)
    org.down = False
    synced = rep.json("sync")
    assert synced["applied"] == 1, synced
    ((key, outcome),) = org.effects()
    assert outcome == "rejected"
    assert org.standing(chosen) == ("Closed - Not Converted", org.standing(chosen)[1], False)
    org.type_answer(chosen, ANSWER, "planned")
    with rep.app("80x24") as screen:
        screen.wait_for("Inbox 11", patience=PATIENT)
        screen.press("S")
        screen.press("R")
        screen.wait_for("We block their domain", patience=PATIENT)
        screen.wait_for("planned")
        screen.press("q", "q")
        assert screen.wait_for_exit() == 0
    (decision,) = rep.json("show", chosen)["decisions"]
    (reply,) = decision["replies"]
    assert (decision["decision_id"], reply["kind"], reply["text"]) == (key, "planned", ANSWER)
    assert org.broken_rules == []
    assert len(org.effects()) == 1


@pytest.mark.timeout(300)
def test_marketing_reviews_at_its_own_shell_what_the_rep_decided_and_the_rep_reads_the_answer(
    org, rep, tmp_path
):
    assert rep.run("pull").returncode == 0
    chosen = org.lead_ids[0]
    assert rep.run("decide", "reject", chosen, "--reason", "COMPETITOR").returncode == 0
    assert rep.json("sync")["applied"] == 1
    marketing = Rep(tmp_path / "marketing", org.token_of(org.marketing))
    signed_in = marketing.run("login", "mkt", "--crm", "salesforce", "--url", rep.url, "--role", "marketing")
    assert signed_in.returncode == 0, signed_in.stderr
    (seen,) = marketing.json("review", "--state", "all")
    assert (seen["lead_id"], seen["act"], seen["reason"]) == (chosen, "reject", "COMPETITOR")
    assert (seen["rep"]["name"], seen["snapshot"]["score"]) == ("Robin Rep", 30)
    answered = marketing.run("reply", seen["decision_id"], "upheld", "--text", ANSWER)
    assert answered.returncode == 0, answered.stderr
    assert rep.json("sync")["replies"] == 1
    (decision,) = rep.json("show", chosen)["decisions"]
    assert [(reply["kind"], reply["text"]) for reply in decision["replies"]] == [("upheld", ANSWER)]
    assert org.broken_rules == []
