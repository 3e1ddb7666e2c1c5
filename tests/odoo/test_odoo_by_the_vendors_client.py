"""The vendor's own client speaks with the stand-in for Odoo, on both of its interfaces.

It puts positional arguments in their places by what /doc-bearer says of a model, so that this is checked too.
Of JSON-RPC it knows `common.login` and `object.execute_kw`.
"""

from __future__ import annotations

import functools
import ssl
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import odoolib  # type: ignore[import-untyped] # the vendor ships no types
import pytest
from odoolib.tools import AuthenticationError, JsonRPCException  # type: ignore[import-untyped] # the same

from tests.odoo.conftest import Switchboard
from tests.odoo.server import Odoo
from tests.tempo import FastTempo

MINE = [("user_id", "=", 7)]
NOTE = {"body_is_html": True, "message_type": "comment", "subtype_xmlid": "mail.mt_note"}
Connect = Callable[..., Any]


@pytest.fixture(autouse=True)
def certificates_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client loads all certificates for every call, and over plain HTTP looks at none."""
    monkeypatch.setattr(ssl, "create_default_context", functools.cache(ssl.create_default_context))


@pytest.fixture
def connect(switchboard: Switchboard, odoo: Odoo) -> Connect:
    """Make a connection: of a protocol, with a key."""

    def connected(protocol: str, key: str = "") -> Any:
        address = urlsplit(switchboard.url)
        return odoolib.get_connection(
            hostname=address.hostname,
            port=address.port,
            protocol=protocol,
            database=odoo.database,
            login=odoo.login,
            password=key or odoo.key,
        )

    return connected


@pytest.fixture(params=["json2", "jsonrpc"])
def crm(request: pytest.FixtureRequest, connect: Connect) -> Any:
    """The model of leads, over each interface."""
    return connect(request.param).get_model("crm.lead")


@pytest.fixture
def odoo(switchboard: Switchboard) -> Iterator[Odoo]:
    """A database whose pace is not counted: the vendor's client keeps none."""
    made = switchboard.plug(Odoo())
    yield made
    assert made.broken_rules == []


def test_it_knows_who_it_is(connect: Connect, odoo: Odoo) -> None:
    for protocol in ("json2", "jsonrpc"):
        said = connect(protocol).get_user_context()
        assert said == {"lang": "en_US", "tz": "Europe/Berlin", "uid": odoo.me}


def test_it_is_told_that_a_key_is_not_good(connect: Connect) -> None:
    assert connect("json2", "not-a-key").check_login() is False
    with pytest.raises(AuthenticationError):
        connect("jsonrpc", "not-a-key").check_login()


def test_it_searches_and_reads(crm: Any, odoo: Odoo) -> None:
    rows = crm.search_read(domain=MINE, fields=["name", "stage_id"], order="id asc", limit=2)
    assert [row["id"] for row in rows] == odoo.lead_ids[:2]
    assert rows[0]["stage_id"] == [5, "New"]
    assert crm.search_count(domain=MINE) == 12
    assert {row["id"] for row in crm.read(odoo.lead_ids[:2], ["name"])} == set(odoo.lead_ids[:2])


def test_it_puts_its_arguments_in_their_places(crm: Any, odoo: Odoo) -> None:
    assert crm.search(MINE, 0, 2, "id asc") == odoo.lead_ids[:2]
    assert crm.write(odoo.lead_ids[:1], {"function": "COO"}) is True
    assert crm.search([("function", "=", "COO")]) == odoo.lead_ids[:1]
    assert set(crm.fields_get(["type"])) == {"type"}


def test_it_sees_what_is_archived_by_the_context(crm: Any, odoo: Odoo) -> None:
    odoo.archive(odoo.lead_ids[0])
    assert crm.search_count(MINE, context={"active_test": False}) == 12
    assert crm.search_count(MINE) == 11


def test_it_makes_changes_and_takes_away(connect: Connect, odoo: Odoo) -> None:
    for protocol in ("json2", "jsonrpc"):
        tags = connect(protocol, odoo.admin_key if protocol == "json2" else "").get_model("crm.tag")
        made = tags.create([{"name": f"{protocol} one"}, {"name": f"{protocol} two"}])
        assert len(made) == 2
        assert tags.write(made[:1], {"color": 4}) is True
    assert connect("json2", odoo.admin_key).get_model("crm.tag").unlink(made) is True


def test_it_sets_a_lead_lost_and_leaves_a_note(crm: Any, odoo: Odoo) -> None:
    one = odoo.lead_ids[0]
    assert crm.action_set_lost([one], lost_reason_id=1) is True
    crm.message_post([one], body="<p>No.</p><p>[triage:D-1 reject] e30</p>", **NOTE)
    assert odoo.effects() == [("D-1", "reject")]
    assert odoo.standing(one).lost_reason == "Too expensive"


def test_it_converts_a_lead_with_the_wizard(connect: Connect, odoo: Odoo) -> None:
    for protocol, one in zip(("json2", "jsonrpc"), odoo.lead_ids, strict=False):
        wizard = connect(protocol).get_model("crm.lead2opportunity.partner")
        context = {"active_model": "crm.lead", "active_id": one, "active_ids": [one]}
        made = wizard.create([{"lead_id": one, "name": "convert", "action": "nothing"}], context=context)
        assert wizard.action_apply(made, context=context)["res_id"] == one
        assert odoo.standing(one).type == "opportunity"


def test_it_makes_a_key_with_a_key(connect: Connect, odoo: Odoo) -> None:
    keys = connect("json2").get_model("res.users.apikeys")
    until = f"{odoo.state.clock.now():%Y-%m-%d} 23:59:59"
    made = keys.generate(odoo.key, "rpc", "triage", until)
    assert connect("json2", made).check_login() is True
    assert keys.revoke(made) is True
    assert connect("json2", made).check_login() is False


@pytest.mark.parametrize(
    ("method", "body", "words"),
    [
        ("search", {"domain": [], "ids": [4101]}, "Invalid request"),
        ("write", {"ids": [4101]}, "Invalid request"),
        ("read", {"ids": [1], "fields": ["name"]}, "Unexpected status code 404"),
        ("nothing", {}, "Unexpected status code 404"),
        ("search", {"domain": [["nothing", "=", 1]]}, "Unexpected status code 500"),
    ],
)
def test_it_is_refused_over_json2(connect: Connect, method: str, body: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        getattr(connect("json2").get_model("crm.lead"), method)(**body)


def test_it_is_refused_over_the_classic_interface(connect: Connect) -> None:
    with pytest.raises(JsonRPCException) as refused:
        connect("jsonrpc").get_model("crm.lead").read([1], ["name"])
    assert refused.value.error["data"]["name"] == "odoo.exceptions.MissingError"


def test_it_speaks_with_an_older_version(switchboard: Switchboard, connect: Connect, odoo: Odoo) -> None:
    older = switchboard.plug(Odoo(FastTempo(), version="17.0"))
    service = connect("jsonrpc").get_service("common")
    assert service.version()["server_version"] == "17.0"
    assert service.authenticate(older.database, older.login, older.key, {}) == older.me
