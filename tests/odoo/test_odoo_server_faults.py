"""What a test can let go wrong in the stand-in for Odoo, and what then has and has not happened."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.odoo.conftest import Switchboard, Talk
from tests.odoo.server import Odoo


def change(odoo: Odoo, talk: Talk) -> httpx.Response:
    return talk("crm.lead", "write", ids=odoo.lead_ids[:1], vals={"function": "Changed"})


def is_changed(odoo: Odoo) -> bool:
    return bool(odoo.row(odoo.lead_ids[0])["function"] == "Changed")


@pytest.mark.parametrize(("fault", "written"), [("drop-before", False), ("drop-after", True)])
def test_a_write_has_no_answer_and_did_or_did_not_happen(
    odoo: Odoo, talk: Talk, fault: str, *, written: bool
) -> None:
    odoo.strike(fault)
    with pytest.raises(httpx.RemoteProtocolError):
        change(odoo, talk)
    assert is_changed(odoo) is written
    assert change(odoo, talk).status_code == 200


@pytest.mark.parametrize("fault", ["500", "502", "503", "504"])
@pytest.mark.parametrize("after", ["", "-after"])
def test_an_unwell_server_may_have_written(odoo: Odoo, talk: Talk, fault: str, after: str) -> None:
    odoo.strike(f"{fault}{after}")
    assert change(odoo, talk).status_code == int(fault)
    assert is_changed(odoo) is bool(after)


@pytest.mark.parametrize("fault", ["401", "409", "422", "429"])
def test_a_refusal_has_written_nothing(odoo: Odoo, talk: Talk, fault: str) -> None:
    odoo.strike(fault)
    assert change(odoo, talk).status_code == int(fault)
    assert not is_changed(odoo)
    assert odoo.broken_rules == []


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("401", "odoo.exceptions.AccessDenied"),
        ("409", "odoo.exceptions.LockError"),
        ("422", "odoo.exceptions.UserError"),
        ("500", "psycopg2.OperationalError"),
    ],
)
def test_the_classic_interface_says_it_within_200(odoo: Odoo, talk: Talk, fault: str, name: str) -> None:
    odoo.strike(fault)
    said = talk.classic("crm.lead", "write", odoo.lead_ids[:1], {"function": "Changed"})
    assert said["error"]["data"]["name"] == name
    assert not is_changed(odoo)


def test_a_proxy_says_how_long_to_wait_only_if_it_is_one_that_does(odoo: Odoo, talk: Talk) -> None:
    odoo.strike("429", "503")
    assert "Retry-After" not in change(odoo, talk).headers
    odoo.state.faults.retry_after = "7"
    answer = change(odoo, talk)
    assert answer.headers["Retry-After"] == "7"
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_page_may_stand_where_the_answer_should(odoo: Odoo, talk: Talk) -> None:
    odoo.strike("html")
    assert change(odoo, talk).text.startswith("<!DOCTYPE html>")
    assert is_changed(odoo)


def test_faults_come_in_order_and_reads_have_their_own(odoo: Odoo, talk: Talk) -> None:
    odoo.strike("", "500")
    odoo.strike_reads("503")
    assert talk("crm.lead", "search", domain=[]).status_code == 503
    assert [change(odoo, talk).status_code for _ in range(3)] == [200, 500, 200]


def test_there_is_no_fault_of_that_name(odoo: Odoo) -> None:
    with pytest.raises(ValueError, match="no such fault: 418"):
        odoo.strike("418")


def test_a_server_that_is_down_hangs_up(odoo: Odoo, talk: Talk) -> None:
    odoo.down = True
    with pytest.raises(httpx.RemoteProtocolError):
        change(odoo, talk)
    odoo.down = False
    assert change(odoo, talk).status_code == 200


def test_a_colleague_takes_a_lead_before_one_looks(odoo: Odoo, talk: Talk) -> None:
    one, other = odoo.lead_ids[:2]
    odoo.take_while_writing(one)
    talk.ok("crm.lead", "read", ids=[other], fields=["user_id"])
    assert odoo.standing(one).owner == odoo.me
    asked: dict[str, Any] = {"domain": [["id", "in", [one, other]]], "fields": ["user_id"]}
    rows = talk.ok("crm.lead", "search_read", **asked)
    assert [row["id"] for row in rows] == [other]
    assert odoo.standing(one).owner == odoo.colleague


def test_a_colleague_takes_a_lead_between_look_and_write(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    odoo.take_while_writing(one, judged=False)
    assert talk.lead(one, "user_id")["user_id"][0] == odoo.me
    assert change(odoo, talk).status_code == 403
    assert odoo.standing(one).owner == odoo.colleague


def test_calls_are_counted_by_model_and_method(odoo: Odoo, talk: Talk) -> None:
    change(odoo, talk)
    talk.classic("crm.lead", "search", [])
    assert odoo.requests == ["crm.lead.write", "crm.lead.search"]
    assert (odoo.count("crm.lead"), odoo.count("crm.lead.write")) == (2, 1)


def test_calls_that_come_too_soon_break_a_rule(odoo: Odoo, talk: Talk) -> None:
    change(odoo, talk)
    headers = {"Authorization": f"Bearer {odoo.key}"}
    for key in (odoo.marketing_key, odoo.key):
        signed = {**headers, "Authorization": f"bearer {key}"}
        talk.client.post("/json/2/res.users/context_get", json={}, headers=signed)
    assert odoo.broken_rules == ["0.000 s between two calls at /json/2/res.users/context_get"]


async def test_two_calls_at_once_break_a_rule(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo())
    headers = {"Authorization": f"bearer {odoo.key}"}
    async with httpx.AsyncClient(base_url=switchboard.url, timeout=60, headers=headers) as client:
        calls = [client.post("/json/2/res.users/context_get", json={}) for _ in range(8)]
        answers = await asyncio.gather(*calls)
    assert {one.status_code for one in answers} == {200}
    assert "two calls at once at /json/2/res.users/context_get" in odoo.broken_rules


def test_what_happens_behind_a_clients_back_is_undone_if_it_cannot_be(odoo: Odoo) -> None:
    one = odoo.lead_ids[0]
    odoo.win(one)
    before = dict(odoo.row(one))
    with pytest.raises(Exception, match="in a Won stage"):
        odoo.archive(one)
    assert odoo.row(one) == before


def test_a_lead_is_set_lost_won_and_brought_back_by_hand(odoo: Odoo) -> None:
    one = odoo.lead_ids[0]
    odoo.archive(one, "Not enough stock")
    assert (odoo.standing(one).active, odoo.standing(one).lost_reason) == (False, "Not enough stock")
    odoo.restore(one)
    odoo.win(one, 9_000)
    assert (odoo.standing(one).type, odoo.standing(one).stage) == ("opportunity", "Won")
    assert odoo.row(one)["expected_revenue"] == 9_000


def test_a_lead_that_is_gone_says_so(odoo: Odoo) -> None:
    odoo.delete(odoo.lead_ids[0])
    odoo.delete(odoo.lead_ids[0])
    assert not odoo.standing(odoo.lead_ids[0]).is_there


def test_one_more_lead_and_one_more_reason(odoo: Odoo, talk: Talk) -> None:
    made = odoo.add_lead(odoo.me, name="One more")
    reason = odoo.add_reason("Bad fit")
    assert talk.lead(made, "name")["name"] == "One more"
    assert [reason] == talk.ok("crm.lost.reason", "search", domain=[["name", "=", "Bad fit"]])


def test_items_that_took_effect_twice_are_named(odoo: Odoo) -> None:
    for _ in range(2):
        odoo.post(odoo.lead_ids[0], "<p>[triage:D-1 accept] e30</p>")
    odoo.post(odoo.lead_ids[1], "<p>[triage:D-2 reject] e30</p>")
    assert odoo.twice() == ["D-1"]
