"""Every kind of feedback by the keyboard alone: three keys and a text, on one lead and on twenty at once.

The rep works through a real terminal while the CRM is away; afterwards marketing must have each word once, with
who answers it.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import Any

import httpx
import pytest

from screens.sight import TYPED_AHEAD
from tests.pty.test_story import Plug, Rep, crm, quit_app, rep  # noqa: F401 - fixtures
from tests.terminal import Terminal

pytestmark = pytest.mark.pty
MOST_KEYS = 3
MANY = 20
TEAMS = {
    "score_accuracy": "scoring",
    "objection": "product marketing",
    "question_heard": "product marketing",
    "content_request": "content",
    "data_correction": "marketing ops",
    "definition_dispute": "marketing ops",
}
"""Who answers; what is not here goes to the owner of the lead's campaign."""
WALK = (
    ("score_accuracy", ["-"], "", []),
    ("objection", ["o", "1"], "too dear for one line", ["enter"]),
    ("question_heard", ["o", "tab"], "does it run in our cellar", ["enter"]),
    ("content_request", ["c"], "weighbridge integration", ["enter"]),
    ("content_request", ["c", "+1"], "", []),
    ("data_correction", ["e", "7"], "Little Whinging", ["enter"]),
    ("definition_dispute", ["D", "1"], "from 100 people on", ["enter"]),
    ("message_mismatch", ["m"], "a price list", ["enter"]),
    ("kudos", ["K"], "what a match", ["enter"]),
    ("note", ["n"], "met at the fair", ["enter"]),
)
"""Each kind, the keys before its text, the text, and the keys after it."""


class Hands:
    """A rep's hands: presses keys and counts them, types a text, and waits until the screen says so."""

    def __init__(self, screen: Terminal) -> None:
        self.screen = screen
        self.keys = 0
        self.unsent = 0

    def press(self, *keys: str) -> None:
        self.keys += len(keys)
        self.screen.press(*keys)

    def says(self, before: list[str], text: str, after: list[str], leads: int) -> int:
        """Give one kind of feedback to what is marked; returns how many keys it took, the text apart."""
        self.keys = 0
        for key in before:
            self.press(self._plus_one() if key == "+1" else key)
        if text:
            self.screen.wait_for(r"›")
            self.screen.type(text)
            self.screen.wait_for(re.escape(text))
        for key in after:
            self._pause()
            self.press(key)
        if leads >= MANY and not self._is_previewed(text):
            self.screen.wait_for("Enter confirms")
            self._pause()
            self.press("enter")
        self.unsent += leads
        self.screen.wait_for(rf"\b{self.unsent} unsent")
        return self.keys

    def _is_previewed(self, text: str) -> bool:
        """Whether the preview stood beside what was typed: then Enter has confirmed it."""
        return bool(text) and text != "weighbridge integration"

    def _pause(self) -> None:
        """Look at it: what comes faster than any hand does not confirm."""
        time.sleep(3 * TYPED_AHEAD)

    def _plus_one(self) -> str:
        return self.screen.wait_for(r"^.?(\d) \+1 ")[1]


@pytest.mark.timeout(240)
def test_each_kind_of_feedback_takes_three_keys_and_a_text_and_reaches_marketing_once(
    crm: Plug,  # noqa: F811
    rep: Rep,  # noqa: F811
) -> None:
    crm.pull()
    with rep.app("80x24") as screen:
        hands = Hands(screen)
        screen.wait_for(r"j/k move")
        for kind, before, text, after in WALK:
            assert hands.says(before, text, after, leads=1) <= MOST_KEYS, kind
        screen.press("enter")
        screen.wait_for("SCORE")
        screen.press(*_down_to_the_score(screen))
        hands.keys = 0
        hands.press("enter", "-")
        hands.unsent += 1
        screen.wait_for(rf"\b{hands.unsent} unsent")
        assert hands.keys <= MOST_KEYS
        screen.press("q")
        screen.wait_for(r"j/k move|Inbox")
        screen.press("j", *["space"] * MANY)  # the first has its verdict: the same again would not count
        screen.wait_for(f"{MANY} marked")
        for kind, before, text, after in WALK:
            assert hands.says(before, text, after, leads=MANY) <= MOST_KEYS, kind
        quit_app(screen)
    crm.put_back()
    report = rep.json("sync")
    assert (report["refused"], report["unknown"], report["feedback"]) == (0, 0, hands.unsent)
    _check_what_marketing_sees(crm, rep)


def _down_to_the_score(screen: Terminal) -> list[str]:
    """Return the keys that lead from the top of a lead's page to the first contribution of its score."""
    lines = screen.text.split("\n")
    return ["j"] * (next(index for index, line in enumerate(lines) if re.match(r"\s+[+-]\d+ ━", line)) - 1)


def _check_what_marketing_sees(crm: Plug, rep: Rep) -> None:  # noqa: F811
    rep.run("login", "mkt", "--crm", "rest", "--url", crm.url, TRIAGE_TOKEN=crm.marketing_token)
    seen = rep.json("--profile", "mkt", "review", TRIAGE_TOKEN=crm.marketing_token)
    owners = {lead["lead_id"]: lead["campaign"]["owner"] for lead in _ask(crm, "leads?limit=500")["items"]}
    said = Counter(item["type"] for item in seen)
    expected = Counter({kind: times * (MANY + 1) for kind, times in Counter(row[0] for row in WALK).items()})
    assert said == expected + Counter(["score_accuracy"])
    assert len({item["feedback_id"] for item in seen}) == len(seen)
    assert {row["id"]: 1 for row in _all(crm, "effects")} == Counter(
        row["id"] for row in _all(crm, "effects")
    )
    for item in seen:
        assert item["routed_to"] == TEAMS.get(item["type"], owners[item["lead_id"]])
    batches = Counter(item["batch_id"] for item in seen if item["batch_id"])
    assert sorted(batches.values()) == [MANY] * len(WALK)
    _check_the_requests(crm)


def _check_the_requests(crm: Plug) -> None:  # noqa: F811
    requests = _ask(crm, "content-requests")["items"]
    asked = [row for row in requests if row["topic"] == "weighbridge integration"]
    assert [(row["votes"], row["mine"]) for row in asked] == [(1, True)] * 2
    (plus,) = [row for row in requests if row["mine"] and row not in asked]
    assert plus["request_id"].startswith("CR-")


def _ask(crm: Plug, path: str, token: str = "") -> Any:  # noqa: F811
    headers = {"Authorization": f"Bearer {token or crm.rep_token}"}
    return httpx.get(f"{crm.url}/v1/{path}", headers=headers, timeout=20).json()


def _all(crm: Plug, path: str) -> list[dict[str, Any]]:  # noqa: F811
    return list(_ask(crm, f"{path}?limit=500", crm.marketing_token)["items"])
