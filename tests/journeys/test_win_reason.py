"""A lead that was won stays in Working, so that the rep can say by keys why it was bought."""

from __future__ import annotations

import httpx
import pytest

from tests.pty.test_story import Plug, Rep, confirm, crm, quit_app, rep  # noqa: F401 - fixtures

pytestmark = pytest.mark.pty
WHY = "the pilot paid for itself"


@pytest.mark.timeout(150)
def test_a_won_lead_waits_in_working_for_its_reason(crm: Plug, rep: Rep):  # noqa: F811
    lead = rep.json("list")[2]
    rep.run("decide", "accept", lead["lead_id"])
    assert rep.json("sync")["applied"] == 1
    headers = {"Authorization": f"Bearer {crm.marketing_token}"}
    url = f"{crm.url}/v1/leads/{lead['lead_id']}/edit"
    done = httpx.post(url, json={"status": "won"}, headers=headers, timeout=20)
    assert done.is_success, done.text
    rep.json("sync")
    assert rep.json("show", lead["lead_id"])["status"] == "won"
    assert lead["lead_id"] in [one["lead_id"] for one in rep.json("list", "--view", "working")]
    with rep.app("80x24") as screen:
        screen.wait_for(r"Inbox \d+")
        screen.press("tab", "tab", "tab")
        screen.wait_for(r"\[Work")
        screen.press("G")
        screen.wait_for(r"^ won ")
        screen.press("a")
        screen.wait_for("already won")
        screen.press("f")
        screen.wait_for("why they bought")
        screen.press("w")
        screen.wait_for("buy\\?")
        screen.type(WHY)
        screen.wait_for(WHY)
        screen.press("enter")
        screen.wait_for("1 unsent")
        quit_app(screen)
    rep.json("sync")
    said = [item for item in rep.json("review") if item["kind"] == "feedback"]
    assert [(item["type"], item["payload"]["reason"]) for item in said] == [("win_reason", WHY)]
