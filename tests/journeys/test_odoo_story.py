"""A rep on Odoo: the real program in a terminal, on a stand-in that speaks Odoo's API over HTTP.

Why a lead is scored so, asked for that one alone; a decision made without a network, delivered once; and
marketing's answer, typed into the chatter or into two fields, on the rep's screen.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.odoo.server import Odoo, app
from tests.pty.test_story import Rep, quit_app
from tests.serving import served

pytestmark = pytest.mark.pty
PATIENT = 40.0
"""Seconds for a process to come up on a busy machine."""
ANSWER, LATER = "Right. We block their domain.", "Their domain is blocked."


@pytest.fixture
def odoo() -> Odoo:
    made = Odoo(leads=12)
    made.add_reason("Competitor")
    return made


@pytest.fixture
def rep(odoo, tmp_path) -> Iterator[Rep]:
    with served(app(odoo)) as url:
        someone = Rep(tmp_path / "home", odoo.key)
        signed_in = someone.run("login", "work", "--crm", "odoo", "--url", url)
        assert signed_in.returncode == 0, signed_in.stderr
        assert "Rhea Rep" in signed_in.stdout + signed_in.stderr
        someone.url = url
        yield someone


@pytest.mark.timeout(300)
def test_a_rep_decides_offline_and_reads_what_marketing_typed_into_odoo(odoo, rep):
    pulled = rep.run("pull")
    assert pulled.returncode == 0, pulled.stderr
    assert odoo.count("crm.lead.prepare_pls_tooltip_data") == 0
    chosen = rep.json("list")[0]["lead_id"]
    explained = rep.run("explain", chosen)
    assert explained.returncode == 0, explained.stderr
    assert odoo.count("crm.lead.prepare_pls_tooltip_data") == 1
    with rep.app("160x48") as screen:
        screen.wait_for(r"Inbox 12", patience=PATIENT)
        screen.wait_for("without weights")
        odoo.down = True
        screen.press("r", "9")
        screen.wait_for(r"rejected.*u undoes")
        screen.wait_for("Inbox 11")
        assert odoo.effects() == []
        quit_app(screen)
    odoo.down = False
    synced = rep.json("sync")
    assert synced["applied"] == 1, synced
    ((key, word),) = odoo.effects()
    standing = odoo.standing(chosen)
    assert (word, standing.active, standing.lost_reason) == ("reject", False, "Competitor")
    assert "triage: rejected" in standing.tags
    odoo.type_answer(chosen, ANSWER, "planned")
    with rep.app("80x24") as screen:
        screen.wait_for("Inbox 11", patience=PATIENT)
        screen.press("S")
        screen.press("R")
        screen.wait_for("We block their domain", patience=PATIENT)
        screen.wait_for("planned")
        screen.press("q", "q")
        assert screen.wait_for_exit() == 0
    odoo.fill_answer(chosen, LATER, "changed")
    assert rep.json("sync")["replies"] == 1
    (decision,) = rep.json("show", chosen)["decisions"]
    told = sorted((reply["kind"], reply["text"]) for reply in decision["replies"])
    assert (decision["decision_id"], told) == (key, [("changed", LATER), ("planned", ANSWER)])
    assert odoo.effects() == [(key, "reject")]


@pytest.mark.timeout(300)
def test_marketing_reviews_at_its_own_shell_what_the_rep_decided_and_the_rep_reads_the_answer(
    odoo, rep, tmp_path
):
    assert rep.run("pull").returncode == 0
    chosen = str(odoo.lead_ids[0])
    assert rep.run("decide", "reject", chosen, "--reason", "COMPETITOR").returncode == 0
    assert rep.json("sync")["applied"] == 1
    marketing = Rep(tmp_path / "marketing", odoo.marketing_key)
    signed_in = marketing.run("login", "mkt", "--crm", "odoo", "--url", rep.url, "--role", "marketing")
    assert signed_in.returncode == 0, signed_in.stderr
    (seen,) = marketing.json("review", "--state", "all")
    assert (seen["lead_id"], seen["act"], seen["reason"]) == (chosen, "reject", "COMPETITOR")
    assert seen["rep"]["name"] == "Rhea Rep"
    answered = marketing.run("reply", seen["decision_id"], "upheld", "--text", ANSWER)
    assert answered.returncode == 0, answered.stderr
    assert rep.json("sync")["replies"] == 1
    (decision,) = rep.json("show", chosen)["decisions"]
    assert [(reply["kind"], reply["text"]) for reply in decision["replies"]] == [("upheld", ANSWER)]
