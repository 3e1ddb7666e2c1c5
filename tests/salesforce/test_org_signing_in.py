"""The stand-in's identity service: what each way to sign in demands, and what makes a whole sign-in fall."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.salesforce.direct import Client, code_of
from tests.salesforce.org import Org
from tests.salesforce.org.authorizing import LIFE, challenge_of
from tests.tempo import FastTempo

HOME = "http://localhost:1717/OauthRedirect"
EXPIRED = {"error": "invalid_grant", "error_description": "expired access/refresh token"}
VERIFIER = secrets.token_urlsafe(48)


@pytest.fixture
def org() -> Org:
    return Org(FastTempo(), leads=1)


@pytest.fixture
def client(org: Org) -> Client:
    return Client(org, "")


def authorize(client: Client, **changed: str) -> httpx.Response:
    asked = {
        "response_type": "code",
        "client_id": client.org.client_id,
        "redirect_uri": HOME,
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        "scope": "api refresh_token",
        "state": "a state",
    }
    kept = {name: value for name, value in (asked | changed).items() if value}
    return client.http.get("/services/oauth2/authorize", params=kept)


def sent_back(answered: httpx.Response) -> dict[str, str]:
    assert answered.status_code == 302
    address = urlsplit(answered.headers["Location"])
    assert address._replace(query="").geturl() == HOME
    return {name: value[0] for name, value in parse_qs(address.query).items()}


def exchange(client: Client, code: str, /, **changed: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": client.org.client_id,
        "redirect_uri": HOME,
        "code_verifier": VERIFIER,
    }
    return client.token(**(form | changed))


def test_a_browser_comes_back_with_a_code_and_the_state_and_the_code_gives_tokens(
    org: Org, client: Client
) -> None:
    back = sent_back(authorize(client))
    assert back["state"] == "a state"
    granted = exchange(client, back["code"]).json()
    assert set(granted) == {
        "access_token",
        "refresh_token",
        "instance_url",
        "id",
        "issued_at",
        "signature",
        "token_type",
        "scope",
    }
    assert granted["instance_url"] == "http://org.example"
    assert granted["id"].endswith(f"/{org.organization_id}/{org.me}")
    assert Client(org, granted["access_token"]).get("/limits").status_code == 200
    assert org.broken_rules == []


def test_without_the_scope_there_is_no_refresh_token(client: Client) -> None:
    code = sent_back(authorize(client, scope="api"))["code"]
    assert "refresh_token" not in exchange(client, code).json()


@pytest.mark.parametrize("changed", [{"code_challenge": ""}, {"code_challenge_method": "plain"}])
def test_who_does_not_prove_by_pkce_gets_no_code(client: Client, changed: dict[str, str]) -> None:
    back = sent_back(authorize(client, **changed))
    assert back["error"] == "invalid_request"
    assert "code" not in back


def test_a_user_who_says_no_is_sent_back_with_that(org: Org, client: Client) -> None:
    org.denies = True
    assert sent_back(authorize(client))["error"] == "access_denied"


def test_a_stranger_or_a_wrong_way_back_is_told_at_once_and_not_sent_anywhere(
    org: Org, client: Client
) -> None:
    assert authorize(client, client_id="stranger").json()["error"] == "invalid_client_id"
    assert (
        authorize(client, redirect_uri="https://elsewhere.example/").json()["error"]
        == "redirect_uri_mismatch"
    )
    org.callbacks = {"http://localhost:9999/OauthRedirect"}
    assert authorize(client).json()["error"] == "redirect_uri_mismatch"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code": "made-up"}, "invalid_grant"),
        ({"code_verifier": secrets.token_urlsafe(48)}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_grant"),
        ({"redirect_uri": "http://localhost:1718/OauthRedirect"}, "redirect_uri_mismatch"),
        ({"client_id": "stranger"}, "invalid_client_id"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
    ],
)
def test_a_code_is_exchanged_only_by_who_asked_for_it(
    client: Client, changed: dict[str, str], error: str
) -> None:
    code = sent_back(authorize(client))["code"]
    refused = exchange(client, code, **changed)
    assert (refused.status_code, refused.json()["error"]) == (400, error)


def test_a_verifier_that_is_too_short_proves_nothing(client: Client) -> None:
    code = sent_back(authorize(client, code_challenge=challenge_of("short")))["code"]
    assert (
        exchange(client, code, code_verifier="short").json()["error_description"] == "invalid code verifier"
    )


def test_a_code_that_comes_twice_takes_its_tokens_away(org: Org, client: Client) -> None:
    code = sent_back(authorize(client))["code"]
    granted = exchange(client, code).json()
    assert exchange(client, code).json()["error"] == "invalid_grant"
    assert code_of(Client(org, granted["access_token"]).get("/limits")) == "401 INVALID_SESSION_ID"
    assert org.broken_rules == ["an authorization code was used twice"]


async def test_a_code_is_good_for_a_quarter_of_an_hour(org: Org, client: Client) -> None:
    code = sent_back(authorize(client))["code"]
    tempo: Any = org._tempo
    await tempo.sleep(LIFE + 1)
    assert exchange(client, code).json()["error_description"] == "expired authorization code"


def test_a_client_secret_is_a_broken_rule(org: Org, client: Client) -> None:
    exchange(client, "any", client_secret="x")
    assert org.broken_rules == ["a client secret was sent by a public client"]


def test_a_sign_in_without_a_state_is_a_broken_rule(org: Org, client: Client) -> None:
    assert "state" not in sent_back(authorize(client, state=""))
    assert org.broken_rules == ["a sign-in without a state, by which a forged answer would be known"]


def test_a_token_in_an_address_is_a_broken_rule(org: Org, client: Client) -> None:
    client.get("/limits", access_token="x")
    assert org.broken_rules == ["access_token in an address"]


def test_a_password_is_a_broken_rule(org: Org, client: Client) -> None:
    assert client.token(grant_type="password").json()["error"] == "unsupported_grant_type"
    assert org.broken_rules == ["the password flow was tried"]


def refresh(client: Client, token: str, **changed: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "client_id": client.org.client_id, "refresh_token": token}
    return client.token(**(form | changed))


def test_a_session_ends_and_a_refresh_begins_another(org: Org, client: Client) -> None:
    old = Client(org)
    org.end_session()
    assert code_of(old.get("/limits")) == "401 INVALID_SESSION_ID"
    renewed = refresh(client, org.refresh_token).json()
    assert renewed["access_token"] == org.access_token
    assert "refresh_token" not in renewed
    assert Client(org).get("/limits").status_code == 200
    assert refresh(client, org.refresh_token).status_code == 200


def test_rotation_gives_a_new_refresh_token_each_time(org: Org, client: Client) -> None:
    org.rotates = True
    first = org.refresh_token
    second = refresh(client, first).json()["refresh_token"]
    assert second == org.refresh_token != first
    assert refresh(client, second).json()["refresh_token"] not in {first, second}
    assert org.broken_rules == []


def test_a_retired_refresh_token_takes_the_whole_family_down(org: Org, client: Client) -> None:
    org.rotates = True
    first = org.refresh_token
    renewed = refresh(client, first).json()
    assert refresh(client, first).json() == EXPIRED
    assert refresh(client, renewed["refresh_token"]).json() == EXPIRED
    assert code_of(Client(org, renewed["access_token"]).get("/limits")) == "401 INVALID_SESSION_ID"
    assert org.broken_rules == ["a refresh token came back that rotation had retired"]


def test_a_refresh_token_is_good_for_its_own_app_alone_and_may_be_taken_back(
    org: Org, client: Client
) -> None:
    assert refresh(client, org.refresh_token, client_id="stranger").json() == EXPIRED
    assert refresh(client, "made-up").json() == EXPIRED
    org.refuses_refresh = True
    assert refresh(client, org.refresh_token).json() == EXPIRED


def test_a_401_that_renewing_does_not_mend_says_so_and_renewing_is_remembered(
    org: Org, client: Client
) -> None:
    org.session_trouble = "This session is not valid for use with the REST API"
    answered = Client(org).get("/limits")
    assert code_of(answered) == "401 INVALID_SESSION_ID"
    assert answered.json()[0]["message"] == org.session_trouble
    refresh(client, org.refresh_token)
    assert org.broken_rules == ["renewed after a 401 that says that renewing is no help"]


def test_revoking_ends_the_sign_in(org: Org, client: Client) -> None:
    token = org.access_token
    assert client.http.post("/services/oauth2/revoke", data={"token": org.refresh_token}).status_code == 200
    assert code_of(Client(org, token).get("/limits")) == "401 INVALID_SESSION_ID"
    assert client.http.post("/services/oauth2/revoke", data={"token": "made-up"}).status_code == 400


def test_the_token_address_wants_a_form(client: Client) -> None:
    answered = client.http.post("/services/oauth2/token", json={"grant_type": "refresh_token"})
    assert answered.json()["error"] == "invalid_request"


def test_userinfo_and_the_id_address_say_who_it_is(org: Org) -> None:
    client = Client(org)
    told = client.http.get("/services/oauth2/userinfo").json()
    assert (told["user_id"], told["organization_id"]) == (org.me, org.organization_id)
    assert (told["name"], told["zoneinfo"]) == ("Robin Rep", "Europe/Berlin")
    assert client.http.get(f"/id/{org.organization_id}/{org.me}").json() == told


def test_userinfo_refuses_a_dead_token_in_one_of_two_ways(org: Org, client: Client) -> None:
    assert client.http.get("/services/oauth2/userinfo").status_code == 401
    org.vague_userinfo = True
    vague = client.http.get("/services/oauth2/userinfo")
    assert (vague.status_code, vague.json()) == (403, "Bad_OAuth_Token")
