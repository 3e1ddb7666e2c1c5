"""A rep on BottleCRM: the real program in a terminal, on a stand-in that answers as the server does over HTTP.

A decision made without a network, delivered once with one comment, and marketing's answer, typed into two
fields in BottleCRM, on the rep's screen.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bottlecrm.shop import Shop, app
from tests.pty.test_story import Rep, quit_app
from tests.serving import served

pytestmark = pytest.mark.pty
PATIENT = 40.0
"""Seconds for a process to come up on a busy machine."""
ANSWER = "Right. We block their domain."


@pytest.fixture
def shop() -> Shop:
    return Shop(leads=12)


@pytest.fixture
def rep(shop, tmp_path) -> Iterator[Rep]:
    with served(app(shop)) as url:
        someone = Rep(tmp_path / "home", shop.token)
        signed_in = someone.run("login", "work", "--crm", "bottlecrm", "--url", url)
        assert signed_in.returncode == 0, signed_in.stderr
        someone.url = url
        yield someone


@pytest.mark.timeout(300)
def test_a_rep_decides_offline_and_reads_what_marketing_typed_into_bottlecrm(shop, rep):
    pulled = rep.run("pull")
    assert pulled.returncode == 0, pulled.stderr
    chosen = rep.json("list")[0]["lead_id"]
    with rep.app("160x48") as screen:
        screen.wait_for(r"Inbox 12", patience=PATIENT)
        shop.down = True
        screen.press("r", "9")
        screen.wait_for(r"rejected.*u undoes")
        screen.wait_for("Inbox 11")
        assert shop.effects() == []
        quit_app(screen)
    shop.down = False
    synced = rep.json("sync")
    assert synced["applied"] == 1, synced
    ((key, word),) = shop.effects()
    standing = shop.standing(chosen)
    assert (word, standing.status, standing.decision) == ("reject", "closed", "rejected")
    assert shop.comments_of(key) == 1
    shop.type_answer(chosen, ANSWER, "planned")
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
    assert shop.effects() == [(key, "reject")]
    assert shop.broken_rules == []


@pytest.mark.timeout(300)
def test_an_admin_sets_it_up_and_marketing_reviews_at_its_own_shell(shop, rep, tmp_path):
    shop.drop_field()
    assert rep.run("pull").returncode == 0
    chosen = shop.lead_ids[0]
    assert rep.run("decide", "reject", chosen, "--reason", "COMPETITOR").returncode == 0
    refused = rep.run("sync")
    assert refused.returncode == 4, refused.stderr
    assert "triage setup" in refused.stdout + refused.stderr
    admin = Rep(tmp_path / "admin", shop.admin_token)
    assert admin.run("login", "adm", "--crm", "bottlecrm", "--url", rep.url).returncode == 0
    made = admin.run("setup", "--yes")
    assert made.returncode == 0, made.stderr
    assert rep.json("sync")["applied"] == 1
    marketing = Rep(tmp_path / "marketing", shop.marketing_token)
    words = ("--crm", "bottlecrm", "--url", rep.url, "--role", "marketing")
    signed_in = marketing.run("login", "mkt", *words)
    assert signed_in.returncode == 0, signed_in.stderr
    (seen,) = marketing.json("review", "--state", "all")
    assert (seen["lead_id"], seen["act"], seen["reason"]) == (chosen, "reject", "COMPETITOR")
    answered = marketing.run("reply", seen["decision_id"], "upheld", "--text", ANSWER)
    assert answered.returncode == 0, answered.stderr
    assert rep.json("sync")["replies"] == 1
    (decision,) = rep.json("show", chosen)["decisions"]
    assert [(reply["kind"], reply["text"]) for reply in decision["replies"]] == [("upheld", ANSWER)]
    assert shop.broken_rules == []
