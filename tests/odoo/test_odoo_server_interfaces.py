"""The two interfaces of the stand-in for Odoo, and how each says that something is wrong."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.odoo.conftest import Switchboard, Talk
from tests.odoo.server import Odoo
from tests.tempo import FastTempo

DENIED = "odoo.exceptions.AccessDenied"


def test_the_version_is_told_to_everybody(switchboard: Switchboard, odoo: Odoo) -> None:
    said = httpx.get(f"{switchboard.url}/web/version").json()
    assert said == {"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"}
    assert odoo.requests == ["GET /web/version"]


def test_online_the_version_is_partly_a_text(switchboard: Switchboard) -> None:
    switchboard.plug(Odoo(version="saas~19.4+e"))
    said = httpx.get(f"{switchboard.url}/json/version").json()
    assert said == {"version_info": ["saas~19", 4, 0, "final", 0, "e"], "version": "saas~19.4+e"}


@pytest.mark.parametrize(("version", "args"), [("17.0", []), ("18.0", [[7]])])
def test_who_is_asked_for_the_groups_of_a_user_depends_on_the_version(
    switchboard: Switchboard, talk: Talk, version: str, args: list[Any]
) -> None:
    talk.odoo = switchboard.plug(Odoo(FastTempo(), version=version))
    assert talk.classic("res.users", "has_group", *args, "crm.group_use_lead")["result"] is True
    other = [[7]] if not args else []
    assert "error" in talk.classic("res.users", "has_group", *other, "crm.group_use_lead")


@pytest.mark.parametrize("path", ["/web/version", "/doc-bearer/crm.lead.json"])
def test_before_19_there_is_no_such_page(switchboard: Switchboard, path: str) -> None:
    switchboard.plug(Odoo(version="17.0"))
    answer = httpx.get(f"{switchboard.url}{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_before_19_there_is_no_json2(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo(version="18.0"))
    signed = {"Authorization": f"bearer {odoo.key}"}
    answer = httpx.post(f"{switchboard.url}/json/2/res.users/context_get", json={}, headers=signed)
    assert answer.status_code == 404


@pytest.mark.parametrize(("version", "is_there"), [("17.0", True), ("21.0", True), ("22.0", False)])
def test_odoo_22_removes_the_classic_interface(
    switchboard: Switchboard, version: str, *, is_there: bool
) -> None:
    switchboard.plug(Odoo(version=version))
    params: dict[str, Any] = {"service": "common", "method": "version", "args": []}
    asked = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 3}
    answer = httpx.post(f"{switchboard.url}/jsonrpc", json=asked)
    assert answer.status_code == (200 if is_there else 404)
    if is_there:
        assert answer.json()["result"]["server_version"] == version


def test_a_key_says_who_one_is(talk: Talk) -> None:
    assert talk.ok("res.users", "context_get") == {"lang": "en_US", "tz": "Europe/Berlin", "uid": 7}


def test_an_error_has_its_name_and_words_and_a_traceback_for_nobody(talk: Talk) -> None:
    said = talk("crm.lead", "no_such_method").json()
    assert set(said) == {"name", "message", "arguments", "context", "debug"}
    assert said["debug"].startswith("Traceback")
    assert said["message"] == "The method 'crm.lead.no_such_method' does not exist"
    assert said["arguments"] == [said["message"], 404]


@pytest.mark.parametrize(
    ("called", "body", "status", "words"),
    [
        ("crm.nothing/read", {}, 404, "the model 'crm.nothing' does not exist"),
        ("crm.lead/nothing", {}, 404, "The method 'crm.lead.nothing' does not exist"),
        ("crm.lead/_write", {}, 403, "Private methods (such as 'crm.lead._write') cannot be called remotely."),
        ("crm.lead/write", {"ids": [4101]}, 422, "missing a required argument: 'vals'"),
        ("crm.lead/search", {"domain": [], "fields": []}, 422, "got an unexpected keyword argument 'fields'"),
        ("crm.lead/search", {"args": [[]]}, 422, "missing a required argument: 'domain'"),
        ("crm.lead/search", {"domain": [], "ids": [4101]}, 422, "cannot call crm.lead.search with ids"),
        ("crm.lead/read", {"ids": ["4101"]}, 422, "ids must be a list of integers"),
    ],
)  # fmt: skip
def test_json2_names_what_does_not_fit(
    talk: Talk, called: str, body: dict[str, Any], status: int, words: str
) -> None:
    assert talk.refused(*called.split("/"), **body)[::2] == (status, words)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": {"domain": "[]"}}, 415),
        ({"content": "domain=[]"}, 415),
        ({"content": "{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"json": [[]]}, 400),
    ],
)
def test_json2_takes_an_object_of_json_only(talk: Talk, sent: dict[str, Any], status: int) -> None:
    assert talk.raw("POST", "/json/2/crm.lead/search", **sent).status_code == status


@pytest.mark.parametrize("path", ["/json/2", "/json/2/crm.lead", "/json/2/crm.lead/4101/read"])
def test_json2_has_one_form_of_address(talk: Talk, path: str) -> None:
    answer = talk.raw("POST", path, json={})
    assert (answer.status_code, answer.json()["message"]) == (
        404,
        "Did you mean POST /json/2/<model>/<method>?",
    )
    assert talk.raw("GET", "/json/2/crm.lead/read").status_code == 404


@pytest.mark.parametrize("authorization", ["", "Basic x", "bearer", "bearer not-a-key"])
def test_without_a_good_key_json2_says_401(talk: Talk, authorization: str) -> None:
    answer = talk.raw("POST", "/json/2/crm.lead/search", json={}, headers={"Authorization": authorization})
    assert (answer.status_code, answer.json()["name"]) == (401, "werkzeug.exceptions.Unauthorized")


def test_the_first_builds_of_19_say_it_in_a_bare_text(odoo: Odoo, talk: Talk) -> None:
    odoo.state.early = True
    talk.key = "not-a-key"
    assert talk("crm.lead", "search", domain=[]).json() == "Invalid apikey"
    talk.key = odoo.key
    assert talk("crm.lead", "search").json() == "missing a required argument: 'domain'"
    assert talk.refused("crm.lead", "read", ids=[1])[1] == "MissingError"


def test_another_database_is_not_there(talk: Talk) -> None:
    named = {"X-Odoo-Database": "another"}
    assert talk.raw("POST", "/json/2/res.users/context_get", json={}, headers=named).status_code == 404


def test_where_a_host_has_more_databases_a_call_names_its_own(odoo: Odoo, talk: Talk) -> None:
    odoo.state.many_databases = True
    assert talk("res.users", "context_get").status_code == 404
    named = {"X-Odoo-Database": odoo.database}
    assert talk.raw("POST", "/json/2/res.users/context_get", json={}, headers=named).status_code == 200
    named = {"X-Odoo-Database": "another"}
    assert talk.raw("POST", "/json/2/res.users/context_get", json={}, headers=named).status_code == 404


@pytest.mark.parametrize(("version", "code"), [("17.0", 200), ("19.0", 0)])
def test_the_classic_interface_hides_every_error_behind_200(
    switchboard: Switchboard, talk: Talk, version: str, code: int
) -> None:
    talk.odoo = switchboard.plug(Odoo(FastTempo(), version=version))
    error = talk.classic("crm.lead", "read", [1], ["name"])["error"]
    assert (error["code"], error["message"]) == (code, "Odoo Server Error")
    assert error["data"]["name"] == "odoo.exceptions.MissingError"
    assert error["data"]["debug"].startswith("Traceback")


@pytest.mark.parametrize(
    ("called", "args", "name", "words"),
    [
        ("crm.nothing/read", [[1]], "odoo.exceptions.UserError", "Object crm.nothing doesn't exist"),
        ("crm.lead/nothing", [[1]], "builtins.AttributeError", "The method 'crm.lead.nothing' does not exist"),
        ("crm.lead/_read", [[1]], "odoo.exceptions.AccessError",
         "Private methods (such as 'crm.lead._read') cannot be called remotely."),
        ("crm.lead/write", [[4101]], "builtins.TypeError",
         "crm.lead.write() missing a required argument: 'vals'"),
        ("crm.lead/write", [], "builtins.IndexError", "list index out of range"),
        ("crm.lead/search", [[["zip", "~", 1]]], "builtins.ValueError",
         "Invalid operator '~' in domain term"),
    ],
)  # fmt: skip
def test_the_classic_interface_names_what_does_not_fit(
    talk: Talk, called: str, args: list[Any], name: str, words: str
) -> None:
    said = talk.classic(*called.split("/"), *args)["error"]["data"]
    assert (said["name"], said["message"]) == (name, words)


def test_the_classic_interface_signs_every_call(odoo: Odoo, talk: Talk) -> None:
    good = [odoo.database, odoo.login, odoo.key, {}]
    assert talk.rpc("common", "authenticate", *good)["result"] == 7
    assert talk.rpc("common", "login", *good[:3])["result"] == 7
    assert talk.rpc("common", "authenticate", odoo.database, odoo.login, "wrong", {})["result"] is False
    assert (
        talk.rpc("common", "authenticate", odoo.database, "who@sales.example", odoo.key, {})["result"]
        is False
    )
    wrong = talk.rpc("object", "execute_kw", odoo.database, 7, "wrong", "crm.lead", "search", [[]])
    assert wrong["error"]["data"]["name"] == DENIED
    other = talk.rpc("object", "execute_kw", odoo.database, 8, odoo.key, "crm.lead", "search", [[]])
    assert other["error"]["data"]["name"] == DENIED
    nowhere = talk.rpc("common", "authenticate", "nowhere", odoo.login, odoo.key, {})
    assert 'database "nowhere" does not exist' in nowhere["error"]["data"]["message"]


def test_the_classic_interface_takes_ids_first_and_the_context_by_name(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    odoo.archive(one)
    assert talk.classic("crm.lead", "read", one, ["active"])["result"] == [{"id": one, "active": False}]
    mine = [["user_id", "=", 7]]
    assert talk.classic("crm.lead", "search_count", mine)["result"] == 11
    assert talk.classic("crm.lead", "search_count", mine, context={"active_test": False})["result"] == 12
    signed = (odoo.database, odoo.me, odoo.key)
    assert talk.rpc("object", "execute", *signed, "crm.lead", "search_count", mine)["result"] == 11


def test_the_classic_interface_makes_one_or_many(odoo: Odoo, talk: Talk) -> None:
    one = talk.classic("crm.tag", "create", {"name": "one"})["result"]
    assert isinstance(one, int)
    assert talk.classic("crm.tag", "create", [{"name": "two"}])["result"] == [one + 1]
    assert talk.ok("crm.tag", "create", vals_list=[{"name": "three"}]) == [one + 2]


def test_a_body_that_is_none_is_an_error_of_the_classic_interface_too(talk: Talk) -> None:
    answer = talk.raw("POST", "/jsonrpc", content="{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, "error" in answer.json()) == (200, True)
    answer = talk.raw("POST", "/jsonrpc", json={"params": {"service": "db", "method": "list", "args": []}})
    assert answer.json()["error"]["data"]["name"] == "builtins.KeyError"
    assert talk.raw("POST", "/jsonrpc", json=[]).json()["error"]["data"]["name"] == "builtins.TypeError"


def test_the_contract_of_a_model_is_told_to_who_may_read_it(odoo: Odoo, talk: Talk) -> None:
    told = talk.raw("GET", "/doc-bearer/crm.lead.json").json()
    assert told["methods"]["search"]["api"] == ["model"]
    assert list(told["methods"]["write"]["parameters"]) == ["vals"]
    assert told["fields"]["stage_id"]["relation"] == "crm.stage"
    assert talk.raw("GET", "/doc-bearer/crm.nothing.json").status_code == 404
    talk.key = odoo.colleague_key
    assert talk.raw("GET", "/doc-bearer/crm.lead.json").status_code == 403
    talk.key = "wrong"
    assert talk.raw("GET", "/doc-bearer/crm.lead.json").status_code == 401
    assert talk.raw("GET", "/nothing").status_code == 404
    assert talk.raw("POST", "/web/version").status_code == 405
