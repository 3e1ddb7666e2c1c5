"""`triage setup`: says what there is, asks once, makes what is missing; and what `doctor` says of an account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar
from unittest import mock

import pytest

from tests.cli.inside import Inside
from tests.cli.shell import Ran
from tests.cli.telling_keyring import TOKEN as SENTINEL
from tests.embedded_server import running_server
from tests.hubspot.portal import Portal, app
from tests.serving import served
from triage.crm import registry
from triage.crm.port import Capabilities
from triage.crm.setup import Check, Step
from triage.domain.people import Rep
from triage.errors import AnswerLost, NotPermitted, NotSignedIn, RateLimited, Unreachable

PLAN = (
    Step("sales_triage", "group", "there", "The group is there."),
    Step("triage_outcome", "property", "missing", "Will be made."),
    Step("triage_reason", "property", "missing", "Will be made."),
    Step("triage_by", "property", "missing", "Will be made."),
)
BY_HAND = Step("triage_decision_key", "property", "by hand", "Make it under Settings.\x1b[2J")


class Account:
    """An adapter whose account is here: what it has, what it refuses, what was asked of it."""

    plan: tuple[Step, ...] = PLAN
    checks: tuple[Check, ...] = ()
    refuses: ClassVar[dict[str, Exception]] = {}
    made: ClassVar[list[str]] = []
    fails_to_examine = False

    def __init__(self, url: str, token: str) -> None:
        """Connect to nothing."""

    async def whoami(self) -> Rep:
        return Rep("U-1", "Robin Vale", "rep", "A-1", "Northwind")

    async def capabilities(self) -> Capabilities:
        return Capabilities(name="Account")

    async def aclose(self) -> None:
        """Have nothing to close."""

    async def setup_plan(self) -> tuple[Step, ...]:
        there = set(self.made)
        return tuple(
            Step(one.name, one.kind, "there", "It is there.") if one.name in there else one
            for one in self.plan
        )

    async def set_up(self, step: Step) -> None:
        if step.name in self.refuses:
            raise self.refuses[step.name]
        self.made.append(step.name)

    async def examine(self) -> tuple[Check, ...]:
        if self.fails_to_examine:
            raise NotPermitted("Not for you.", hint="Ask an admin.")
        return self.checks


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> type[Account]:
    class Own(Account):
        refuses: ClassVar[dict[str, Exception]] = {}
        made: ClassVar[list[str]] = []

    monkeypatch.setitem(registry._SHIPPED, "own", "unused:unused")
    factory = registry._factory
    monkeypatch.setattr(registry, "_factory", lambda kind: Own if kind == "own" else factory(kind))
    return Own


@pytest.fixture
def shell(account: type[Account], tmp_path: Path) -> Iterator[Inside]:
    made = Inside(tmp_path / "home", token=SENTINEL)
    made.ok("login", "work", "--crm", "own", "--url", "https://crm.example.com")
    yield made
    assert SENTINEL not in "".join(made.printed)
    assert "\x1b" not in "".join(made.printed)


def states(ran: Ran) -> dict[str, str]:
    return {step["name"]: step["state"] for step in ran.json["steps"]}


def test_a_look_changes_nothing_and_says_all(account, shell):
    ran = shell.run("setup", "--dry-run")
    assert (ran.code, account.made) == (1, [])
    for step in PLAN:
        assert step.name in ran.out
    assert ran.out.splitlines()[0].split() == ["STATE", "KIND", "NAME", "WHAT"]


def test_what_is_missing_is_made_once_and_the_second_run_finds_it_all(account, shell):
    ran = shell.ok("setup", "--yes", "--json")
    assert states(ran) == {
        "sales_triage": "there",
        "triage_outcome": "made",
        "triage_reason": "made",
        "triage_by": "made",
    }
    again = shell.ok("setup", "--yes", "--json")
    assert set(states(again).values()) == {"there"}
    assert again.json["complete"] is True
    assert account.made == ["triage_outcome", "triage_reason", "triage_by"]
    assert "has all that triage needs" in shell.ok("setup").err


def test_one_that_fails_does_not_stop_the_others_and_is_said(account, shell):
    account.refuses = {
        "triage_outcome": NotPermitted("The key lacks a scope.", hint="Add crm.schemas.contacts.write."),
        "triage_reason": NotPermitted("The key lacks a scope.", hint="Add crm.schemas.contacts.write."),
    }
    ran = shell.run("setup", "--yes")
    assert (ran.code, account.made) == (1, ["triage_by"])
    said = "failed: triage_outcome, triage_reason: The key lacks a scope. Add crm.schemas.contacts.write."
    assert said in ran.err
    assert "made triage_by" in ran.out
    account.refuses = {}
    assert shell.run("setup", "--yes").code == 0


@pytest.mark.parametrize("away", [Unreachable("Away."), AnswerLost("Cut off."), RateLimited("Wait.")])
def test_who_is_not_reached_is_not_asked_for_every_step_and_the_next_run_goes_on(account, shell, away):
    account.refuses = {"triage_reason": away}
    ran = shell.run("setup", "--yes", "--json")
    assert (ran.code, account.made) == (1, ["triage_outcome"])
    assert states(ran) == {
        "sales_triage": "there",
        "triage_outcome": "made",
        "triage_reason": "failed",
        "triage_by": "missing",
    }
    (failed,) = [step for step in ran.json["steps"] if step["state"] == "failed"]
    assert failed["words"] == f"{away.message} Run `triage setup` again: it looks first what is there."
    account.refuses = {}
    assert shell.run("setup", "--yes").code == 0
    assert account.made == ["triage_outcome", "triage_reason", "triage_by"]


def test_a_sign_in_that_ends_stops_it(account, shell):
    account.refuses = {"triage_outcome": NotSignedIn("Over.")}
    assert shell.run("setup", "--yes").code == 4
    assert account.made == []


@pytest.mark.parametrize("state", ["by hand", "differs"])
def test_what_an_admin_has_to_do_is_said_and_never_made(account, shell, state):
    account.plan = (*PLAN, Step(BY_HAND.name, BY_HAND.kind, state, BY_HAND.words))
    ran = shell.run("setup", "--yes")
    assert ran.code == 1
    assert f"{state}: triage_decision_key: Make it under Settings." in ran.err
    assert BY_HAND.name not in account.made


def test_without_a_terminal_nothing_is_made_unasked(account, shell):
    ran = shell.run("setup")
    assert (ran.code, account.made) == (2, [])
    assert "--yes" in ran.err


@pytest.mark.parametrize(("answer", "code", "made"), [(True, 0, 3), (False, 1, 0)])
def test_at_a_terminal_it_is_asked_once(account, shell, answer, code, made):
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    with (
        mock.patch("click.confirm", return_value=answer) as confirm,
        mock.patch("triage.cli.setting_up.sys", terminal),
    ):
        assert shell.run("setup").code == code
    assert len(account.made) == made
    confirm.assert_called_once()
    assert "3" in confirm.call_args.args[0]


def test_a_crm_that_needs_no_setup_says_so(tmp_path):
    with running_server(leads=2) as crm:
        shell = Inside(tmp_path, token=crm.rep_token)
        shell.ok("login", "work", "--url", crm.url)
        assert "Nothing has to be set up for rest" in shell.ok("setup").out
        assert shell.ok("setup", "--json").json == {"complete": True, "steps": []}


def test_the_metadata_is_written_without_any_profile(tmp_path):
    pytest.importorskip("triage.crm.salesforce.setting_up.metadata_setup")
    shell = Inside(tmp_path / "home")
    folder = tmp_path / "metadata"
    shell.ok("setup", "--metadata", str(folder))
    assert list(folder.rglob("*.xml"))
    assert list(folder.rglob("sfdx-project.json"))


def test_a_portal_of_hubspots_is_set_up_and_the_doctor_agrees(tmp_path):
    portal = Portal(set_up=False)
    shell = Inside(tmp_path / "home", token=portal.token)
    with served(app(portal)) as url:
        shell.ok("login", "work", "--crm", "hubspot", "--url", url, "--option", f"email={portal.email}")
        assert "made" in states(shell.run("setup", "--yes", "--json")).values()
        again = states(shell.run("setup", "--yes", "--json"))
        assert not set(again.values()) & {"missing", "made", "failed"}
        assert line_of(shell.run("doctor"), "setup")[0].startswith("ok")
    assert portal.broken_rules == []


# The doctor


def line_of(ran: Ran, check: str) -> list[str]:
    return [line for line in ran.out.splitlines() if f"  {check}  " in line or line.endswith(f"  {check}")]


def test_the_doctor_shows_what_the_account_lacks_with_hints(account, shell):
    account.checks = (
        Check("properties", ok=True, found="all 11 there"),
        Check("requests", ok=False, found="9 of 250,000 left today", hint="Wait until midnight."),
    )
    ran = shell.run("doctor")
    assert ran.code == 1
    assert line_of(ran, "properties")[0].startswith("ok")
    assert line_of(ran, "requests")[0].startswith("NO")
    assert "requests: Wait until midnight." in ran.err
    found = {one["check"]: one for one in shell.run("doctor", "--json").json}
    assert found["requests"] == {
        "check": "requests",
        "ok": False,
        "detail": "9 of 250,000 left today",
        "hint": "Wait until midnight.",
    }
    checks = list(found)
    assert checks.index("crm") + 1 == checks.index("properties") < checks.index("terminal")


def test_an_account_that_is_well_is_well(account, shell):
    account.checks = (Check("properties", ok=True, found="all 11 there"),)
    assert shell.run("doctor").code == 0


def test_an_examination_that_fails_is_a_line_and_the_crm_still_answers(account, shell):
    account.fails_to_examine = True
    ran = shell.run("doctor")
    assert ran.code == 1
    assert line_of(ran, "crm")[0].startswith("ok")
    assert line_of(ran, "account")[0].startswith("NO")
    assert "account: Ask an admin." in ran.err
