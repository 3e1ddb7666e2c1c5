"""A rep on a real BottleCRM: the real program in a terminal.

Leads pulled, a decision made while the server is off, delivered once with its comment, and marketing's answer,
typed into two fields of the lead in BottleCRM, on the rep's screen.
"""

from __future__ import annotations

import pytest

from tests.live import services
from tests.live.company import marked
from tests.live.shell import signed_in
from tests.pty.test_story import quit_app

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]
PATIENT = 60.0
ANSWER = "Right. We block their domain."


@pytest.fixture
def rep(live, company, tmp_path):
    someone = signed_in(live, tmp_path / "home", company.people["story"])
    pulled = someone.run("pull")
    assert pulled.returncode == 0, pulled.stderr
    return someone


def test_a_rep_decides_while_the_server_is_off_and_reads_what_marketing_typed_into_bottlecrm(
    live, company, rep
):
    server = services.server(live)
    start = len(rep.json("list"))
    with rep.app("160x48") as screen:
        screen.wait_for(rf"Inbox {start}", patience=PATIENT)
        server.stop()
        screen.press("r", "9")
        screen.wait_for(r"rejected.*u undoes", patience=PATIENT)
        screen.wait_for(f"Inbox {start - 1}")
        quit_app(screen)
    server.start()
    (queued,) = rep.json("queue")
    chosen = queued["lead_id"]
    assert company.records(chosen) == []
    synced = rep.json("sync")
    assert synced["applied"] == 1, synced
    (record,) = company.records(chosen)
    assert record["word"] == "reject"
    lead = company.detail(chosen)["lead_obj"]
    assert (lead["status"], lead["custom_fields"]["triage_decision"]) == ("closed", "rejected")
    (comment,) = [one for one in company.comments(chosen) if marked(one, record["id"])]
    assert "ejected" in comment
    typed = {"triage_answer": ANSWER, "triage_answer_kind": "planned"}
    company.change(chosen, who="marketer", custom_fields=typed)
    with rep.app("80x24") as screen:
        screen.wait_for(f"Inbox {start - 1}", patience=PATIENT)
        screen.press("S")
        screen.press("R")
        screen.wait_for("We block their domain", patience=PATIENT)
        screen.wait_for("planned")
        screen.press("q", "q")
        assert screen.wait_for_exit() == 0
    (decision,) = rep.json("show", chosen)["decisions"]
    (reply,) = decision["replies"]
    assert (decision["decision_id"], reply["kind"], reply["text"]) == (record["id"], "planned", ANSWER)
    assert company.effects(record["id"], [chosen]) == 1


def test_marketing_reviews_at_its_own_shell_and_the_rep_reads_the_answer(live, company, rep, tmp_path):
    chosen = rep.json("list")[0]["lead_id"]
    assert rep.run("decide", "reject", chosen, "--reason", "COMPETITOR").returncode == 0
    assert rep.json("sync")["applied"] == 1
    marketing = signed_in(live, tmp_path / "marketing", company.people["marketer"], role="marketing")
    seen = next(one for one in marketing.json("review", "--state", "all") if one["lead_id"] == chosen)
    assert (seen["act"], seen["reason"]) == ("reject", "COMPETITOR")
    answered = marketing.run("reply", seen["decision_id"], "upheld", "--text", ANSWER)
    assert answered.returncode == 0, answered.stderr
    assert rep.json("sync")["replies"] == 1
    (decision,) = rep.json("show", chosen)["decisions"]
    assert [(reply["kind"], reply["text"]) for reply in decision["replies"]] == [("upheld", ANSWER)]
