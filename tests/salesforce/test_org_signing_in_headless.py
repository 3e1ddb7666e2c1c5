"""The ways to sign in without a browser beside the program: a device's code, and a signed assertion."""

from __future__ import annotations

import time
from typing import Any

import httpx
import jwt
import pytest

from tests.salesforce.direct import Client
from tests.salesforce.org import Org
from tests.salesforce.org.identity import JWT_BEARER
from tests.tempo import FastTempo


@pytest.fixture
def org() -> Org:
    return Org(FastTempo(), leads=1)


@pytest.fixture
def client(org: Org) -> Client:
    return Client(org, "")


def begin(client: Client, client_id: str = "") -> httpx.Response:
    return client.token(
        response_type="device_code", client_id=client_id or client.org.client_id, scope="api refresh_token"
    )


def poll(client: Client, code: str) -> dict[str, Any]:
    answered: dict[str, Any] = client.token(
        grant_type="device", client_id=client.org.client_id, code=code
    ).json()
    return answered


async def wait(org: Org, seconds: float) -> None:
    tempo: Any = org._tempo
    await tempo.sleep(seconds)


async def test_a_device_waits_for_its_user_and_then_has_tokens_once(org: Org, client: Client) -> None:
    begun = begin(client).json()
    assert set(begun) == {"device_code", "user_code", "verification_uri", "interval"}
    assert poll(client, begun["device_code"])["error"] == "authorization_pending"
    org.enter_code(begun["user_code"])
    await wait(org, begun["interval"])
    granted = poll(client, begun["device_code"])
    assert Client(org, granted["access_token"]).get("/limits").status_code == 200
    await wait(org, begun["interval"])
    assert poll(client, begun["device_code"])["error"] == "invalid_grant"
    assert org.broken_rules == []


async def test_a_device_that_asks_too_often_is_slowed_down_and_remembered(org: Org, client: Client) -> None:
    begun = begin(client).json()
    poll(client, begun["device_code"])
    await wait(org, 1)
    assert poll(client, begun["device_code"])["error"] == "slow_down"
    await wait(org, begun["interval"])
    assert poll(client, begun["device_code"])["error"] == "slow_down"
    await wait(org, begun["interval"] + 10)
    assert poll(client, begun["device_code"])["error"] == "authorization_pending"
    assert len(org.broken_rules) == 2


async def test_a_device_is_denied_or_expires(org: Org, client: Client) -> None:
    denied, late = begin(client).json(), begin(client).json()
    org.enter_code(denied["user_code"], agreed=False)
    assert poll(client, denied["device_code"])["error"] == "access_denied"
    await wait(org, 601)
    assert poll(client, late["device_code"]) == {
        "error": "invalid_grant",
        "error_description": "expired device code",
    }


def test_the_default_cli_app_may_not_use_the_device_flow_nor_may_one_that_is_not_allowed_to(
    org: Org, client: Client
) -> None:
    assert begin(client, "PlatformCLI").json()["error"] == "invalid_client"
    assert begin(client, "stranger").json()["error"] == "invalid_client_id"
    org.device_flow = False
    assert begin(client).json()["error"] == "invalid_request"
    assert poll(client, "made-up")["error"] == "invalid_grant"


def assertion(org: Org, key: str = "", **changed: Any) -> str:
    claims = {
        "iss": org.client_id,
        "sub": org.username,
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 170,
    }
    claims = {name: value for name, value in (claims | changed).items() if value is not None}
    return jwt.encode(claims, key or org.private_key, algorithm="RS256")


def sign(client: Client, made: str) -> dict[str, Any]:
    answered: dict[str, Any] = client.token(grant_type=JWT_BEARER, assertion=made).json()
    return answered


def test_a_signed_assertion_gives_an_access_token_and_no_refresh_token(org: Org, client: Client) -> None:
    granted = sign(client, assertion(org))
    assert "refresh_token" not in granted
    assert Client(org, granted["access_token"]).get("/limits").status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://elsewhere.example"},
        {"iss": "stranger"},
        {"sub": "nobody@example.com"},
        {"sub": "kim.colleague@example.com"},
    ],
)
def test_an_assertion_that_says_something_else_is_refused(
    org: Org, client: Client, changed: dict[str, Any]
) -> None:
    assert "error" in sign(client, assertion(org, **changed))


@pytest.mark.parametrize("left", [600, -60, None])
def test_an_assertion_that_ends_too_late_too_early_or_never_is_refused(
    org: Org, client: Client, left: int | None
) -> None:
    ends = None if left is None else int(time.time()) + left
    assert "error" in sign(client, assertion(org, exp=ends))


def test_an_assertion_signed_by_another_key_or_by_none_is_refused(org: Org, client: Client) -> None:
    org.public_key = OTHER_KEY
    assert sign(client, assertion(org))["error"] == "invalid_client"
    symmetric = jwt.encode({"iss": org.client_id}, "a" * 32, algorithm="HS256")
    assert sign(client, symmetric)["error"] == "invalid_grant"
    assert sign(client, "nonsense")["error"] == "invalid_grant"


def _another_key() -> str:
    from tests.salesforce.org.assertions import key_pair

    return key_pair.__wrapped__()[1]


OTHER_KEY = _another_key()
