"""A rep on HubSpot: the real program in a terminal, on a stand-in that speaks HubSpot's API over HTTP.

Why a lead is scored so, what marketing did with it, a decision made without a network, delivered once, and
marketing's answer, typed into two properties in HubSpot, on the rep's screen.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hubspot.portal import Portal, app
from tests.pty.test_story import Rep, quit_app
from tests.serving import served

pytestmark = pytest.mark.pty
PATIENT = 40.0
"""Seconds for a process to come up on a busy machine."""
ANSWER = "Right. We block their domain."


@pytest.fixture
def portal() -> Portal:
    return Portal(leads=12)


@pytest.fixture
def rep(portal, tmp_path) -> Iterator[Rep]:
    with served(app(portal)) as url:
        someone = Rep(tmp_path / "home", portal.token)
        signed_in = someone.run(
            "login", "work", "--crm", "hubspot", "--url", url, "--option", f"email={portal.email}"
        )
        assert signed_in.returncode == 0, signed_in.stderr
        assert "Rita Rep" in signed_in.stdout + signed_in.stderr
        someone.url = url
        yield someone


@pytest.mark.timeout(300)
def test_a_rep_decides_offline_and_reads_what_marketing_typed_into_hubspot(portal, rep):
    pulled = rep.run("pull")
    assert pulled.returncode == 0, pulled.stderr
    chosen = rep.json("list")[0]["lead_id"]
    with rep.app("160x48") as screen:
        screen.wait_for(r"Inbox 12", patience=PATIENT)
        screen.wait_for("Submitted form: ")
        screen.wait_for("Job title is ")
        screen.wait_for("[Nn]ewsletter|spring-launch")
        portal.down = True
        screen.press("r", "9")
        screen.wait_for(r"rejected.*u undoes")
        screen.wait_for("Inbox 11")
        assert portal.effects() == []
        quit_app(screen)
    portal.down = False
    synced = rep.json("sync")
    assert synced["applied"] == 1, synced
    ((key, word),) = portal.effects()
    standing = portal.standing(chosen)
    assert (word, standing.stage, standing.outcome) == ("reject", "unqualified-stage-id", "rejected")
    assert standing.reason == "NOT_A_GOOD_FIT"
    portal.type_answer(chosen, ANSWER, "planned")
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
    assert portal.effects() == [(key, "reject")]
    assert portal.broken_rules == []


@pytest.mark.timeout(300)
def test_marketing_reviews_at_its_own_shell_what_the_rep_decided_and_the_rep_reads_the_answer(
    portal, rep, tmp_path
):
    assert rep.run("pull").returncode == 0
    chosen = portal.lead_ids[0]
    assert rep.run("decide", "reject", chosen, "--reason", "COMPETITOR").returncode == 0
    assert rep.json("sync")["applied"] == 1
    marketing = Rep(tmp_path / "marketing", portal.token)
    words = ("--option", f"email={portal.marketing_email}", "--role", "marketing")
    signed_in = marketing.run("login", "mkt", "--crm", "hubspot", "--url", rep.url, *words)
    assert signed_in.returncode == 0, signed_in.stderr
    (seen,) = marketing.json("review", "--state", "all")
    assert (seen["lead_id"], seen["act"], seen["reason"]) == (chosen, "reject", "COMPETITOR")
    assert seen["rep"]["name"] == "Rita Rep"
    assert seen["snapshot"]["contributions"]
    answered = marketing.run("reply", seen["decision_id"], "upheld", "--text", ANSWER)
    assert answered.returncode == 0, answered.stderr
    assert rep.json("sync")["replies"] == 1
    (decision,) = rep.json("show", chosen)["decisions"]
    assert [(reply["kind"], reply["text"]) for reply in decision["replies"]] == [("upheld", ANSWER)]
    # Two people at one account cannot wait for each other: whom HubSpot turns away comes again a second later.
    assert [rule for rule in portal.broken_rules if "SECONDLY" not in rule] == []
