"""A hundred leads before lunch: a rep who reads the brief, presses a key or two, and never touches the mouse."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest

from tests.pty.test_story import Rep, crm, rep  # noqa: F401 - fixtures
from tests.terminal import PATIENCE, Terminal

pytestmark = pytest.mark.pty
LEADS, KEYS_AT_MOST = 100, 250
MEANING = {
    "a": ("accept", None),
    "r2": ("reject", "WRONG_PERSONA"),
    "r5": ("reject", "DUPLICATE"),
    "r6": ("reject", "EXISTING_CUSTOMER"),
    "y3": ("recycle", "EARLY_RESEARCH"),
    "y4": ("recycle", "NO_BUDGET_NOW"),
    "d6": ("disqualify", "DO_NOT_CONTACT"),
}
"""What keys mean at the CRM."""
_EMAIL = re.compile(r"^ (\S+@\S+)(?: ·|\s*$)", re.MULTILINE)


def wanted(lead: dict[str, Any], number: int) -> tuple[list[str], dict[str, str | None]]:
    """Return what this rep does with a lead: the keys, and what the CRM must say afterwards."""
    badges = set(lead["badges"])
    words = {
        "d6": "DNC" in badges,
        "y3": bool(lead["contacted_at"]),
        "r6": bool(badges & {"CUST", "OPP"}),
        "r5": "DUP" in badges,
        "a": lead["band"] in ("A", "B"),
        "r2": number % 3 > 0,
        "y4": True,
    }
    keys = next(keys for keys, holds in words.items() if holds)
    act, reason = MEANING[keys]
    return [*keys], {"act": act, "reason": reason}


def is_filled_in(item: dict[str, Any], lead: dict[str, Any], lines: set[str]) -> bool:
    """Whether the CRM has with a decision what its reason needs, for which no key was pressed."""
    params = item["params"]
    needs = {
        "WRONG_PERSONA": lambda: params["criterion"] in lines,
        "DUPLICATE": lambda: params["lead_id"] not in ("", lead["lead_id"]),
        "EXISTING_CUSTOMER": lambda: params["account"] == lead["company"],
        "EARLY_RESEARCH": lambda: is_in_days(params["wake"], 90),
        "NO_BUDGET_NOW": lambda: is_in_days(params["wake"], 90),
    }
    needed = needs.get(item["reason"])
    return (len(params) == 1 and needed()) if needed else params == {}


def is_in_days(day: str, days: int) -> bool:
    """Whether a date is so many days after today; midnight may have been in between."""
    return 0 <= days - (date.fromisoformat(day) - datetime.now().astimezone().date()).days <= 1


@dataclass
class Eyes:
    """Reads the lead in front from the screen, as a person does."""

    screen: Terminal
    leads: dict[str, dict[str, Any]]
    keys: list[str] = field(default_factory=list)

    def lead(self, *, not_this: str = "") -> dict[str, Any]:
        """Return the lead whose brief is shown, once it is another one."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = _EMAIL.search(self.screen.text)
            shown = found[1].rstrip("…") if found else ""
            known = [lead for email, lead in self.leads.items() if shown and email.startswith(shown)]
            if len(known) == 1 and known[0]["lead_id"] != not_this:
                return known[0]
        raise AssertionError(f"no lead is to be seen but {not_this}:\n{self.screen.text}")

    def press(self, *keys: str) -> None:
        self.keys.extend(keys)
        self.screen.press(*keys)


@pytest.mark.timeout(240)
def test_a_hundred_leads_take_at_most_250_keys_and_each_decision_is_right_at_the_crm(crm, rep: Rep):  # noqa: F811
    by_email = {lead["email"]: lead for lead in rep.json("list")}
    assert len(by_email) >= LEADS
    meant: dict[str, dict[str, str | None]] = {}
    with rep.app("80x24") as screen:
        screen.wait_for(r"Inbox \d+")
        eyes, before = Eyes(screen, by_email), ""
        for number in range(LEADS):
            lead = eyes.lead(not_this=before)
            before = lead["lead_id"]
            assert before not in meant, "a decided lead came back"
            keys, meant[before] = wanted(lead, number)
            eyes.press(*keys)
        eyes.lead(not_this=before)
        eyes.press("S")
        screen.wait_until_gone(r"\d+ unsent")
        eyes.press("q")
        assert screen.wait_for_exit() == 0
        assert re.search(rf"{LEADS} leads in \d+:\d\d, \d+ accepted, 0 unsent", screen.raw.decode()), (
            screen.text
        )
    assert len(eyes.keys) <= KEYS_AT_MOST

    rep.run("login", "mkt", "--crm", "rest", "--url", crm.url, TRIAGE_TOKEN=crm.marketing_token)
    seen = rep.json("--profile", "mkt", "review", TRIAGE_TOKEN=crm.marketing_token)
    said = {item["lead_id"]: {"act": item["act"], "reason": item["reason"]} for item in seen}
    assert said == meant
    lines = {one["criterion_id"] for one in rep.json("definition", "show")["criteria"]}
    by_id = {lead["lead_id"]: lead for lead in by_email.values()}
    assert [item for item in seen if not is_filled_in(item, by_id[item["lead_id"]], lines)] == []
    assert len(seen) == LEADS
    assert all(item["snapshot"]["shown"]["position"] for item in seen)
