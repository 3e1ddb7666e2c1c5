"""OAuth in the stand-in for HubSpot: a code is worth one use, a token half an hour, a spent one the whole family."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.hubspot.conftest import Talk
from tests.hubspot.portal import Portal

TOKEN = "/oauth/2026-09/token"
BACK = "http://127.0.0.1:1/callback"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CLIENT = {"client_id": "00000000-aaaa-4bbb-8ccc-000000000001", "client_secret": "not-a-secret-of-anyone"}


def redeem(talk: Talk, given: str, **more: str) -> httpx.Response:
    form = {**CLIENT, "code": given, "redirect_uri": BACK, "code_verifier": VERIFIER, **more}
    return talk.form(TOKEN, grant_type="authorization_code", **form)


def refresh(talk: Talk, token: str) -> httpx.Response:
    return talk.form(TOKEN, grant_type="refresh_token", **CLIENT, refresh_token=token)


def works(talk: Talk, access: str) -> httpx.Response:
    return talk("GET", "/crm/owners/2026-09", headers={"Authorization": f"Bearer {access}"})


def test_the_browser_comes_back_with_a_code_that_is_worth_tokens(portal: Portal, talk: Talk) -> None:
    asked = {"client_id": CLIENT["client_id"], "redirect_uri": BACK, "scope": "crm.objects.owners.read oauth",
             "state": "s-1", "code_challenge": CHALLENGE, "code_challenge_method": "S256"}  # fmt: skip
    sent_back = talk.get("/oauth/authorize", **asked)
    assert sent_back.status_code == 302
    query = parse_qs(urlsplit(sent_back.headers["Location"]).query)
    assert query["state"] == ["s-1"]
    granted = redeem(talk, query["code"][0]).json()
    assert (granted["expires_in"], granted["token_type"]) == (1_800, "bearer")
    assert works(talk, granted["access_token"]).status_code == 200


def test_an_oauth_token_has_the_scopes_that_were_agreed_to_and_is_not_told_of_the_day(
    portal: Portal, talk: Talk
) -> None:
    access = redeem(talk, portal.consent(BACK, ("crm.objects.owners.read",), CHALLENGE)).json()[
        "access_token"
    ]
    answer = works(talk, access)
    assert "X-HubSpot-RateLimit-Max" in answer.headers
    assert "X-HubSpot-RateLimit-Daily" not in answer.headers
    signed = {"Authorization": f"Bearer {access}"}
    assert talk("GET", "/crm/objects/2026-09/leads", headers=signed).status_code == 403
    ties = "/crm/associations/2026-09/leads/contacts/batch/read"
    assert talk("POST", ties, {"inputs": []}, headers=signed).status_code == 403
    assert talk("POST", ties, {"inputs": []}).status_code == 200


@pytest.mark.parametrize(
    ("more", "status", "error"),
    [
        ({"client_id": "no"}, "BAD_CLIENT_ID", "invalid_client"),
        ({"client_secret": "no"}, "BAD_CLIENT_SECRET", "invalid_client"),
        ({"code": "no"}, "BAD_AUTH_CODE", "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:2/"}, "BAD_REDIRECT_URI", "invalid_grant"),
        ({"code_verifier": "w" * 64}, "BAD_CODE_VERIFIER", "invalid_grant"),
    ],
)
def test_a_code_that_does_not_fit_is_refused_in_both_ways_of_saying_it(
    portal: Portal, talk: Talk, more: dict[str, str], status: str, error: str
) -> None:
    answer = redeem(talk, portal.consent(BACK, challenge=CHALLENGE), **more)
    assert answer.status_code == 400
    assert (answer.json()["status"], answer.json()["error"]) == (status, error)


def test_a_code_is_worth_one_use(portal: Portal, talk: Talk) -> None:
    code = portal.consent(BACK, challenge=CHALLENGE)
    assert redeem(talk, code).status_code == 200
    assert redeem(talk, code).json()["status"] == "BAD_AUTH_CODE"


def test_a_verifier_can_be_demanded(portal: Portal, talk: Talk) -> None:
    portal.tokens.needs_verifier = True
    assert redeem(talk, portal.consent(BACK)).json()["error"] == "invalid_grant"


def test_a_token_ends_after_half_an_hour_and_is_renewed(portal: Portal, talk: Talk) -> None:
    granted = redeem(talk, portal.consent(BACK, challenge=CHALLENGE)).json()
    portal.advance(1_800)
    late = works(talk, granted["access_token"])
    assert (late.status_code, late.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    renewed = refresh(talk, granted["refresh_token"]).json()
    assert renewed["refresh_token"] == granted["refresh_token"]
    assert works(talk, renewed["access_token"]).status_code == 200


def test_with_rotation_a_spent_token_that_comes_again_ends_them_all(portal: Portal, talk: Talk) -> None:
    portal.tokens.rotates = True
    first = redeem(talk, portal.consent(BACK, challenge=CHALLENGE)).json()
    second = refresh(talk, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    again = refresh(talk, first["refresh_token"])
    assert (again.status_code, again.json()["status"], again.json()["error"]) == (
        400,
        "BAD_REFRESH_TOKEN",
        "invalid_grant",
    )
    assert portal.tokens.reused == [first["refresh_token"]]
    assert refresh(talk, second["refresh_token"]).status_code == 400
    assert works(talk, second["access_token"]).status_code == 401


def test_a_revoked_consent_is_an_invalid_grant(portal: Portal, talk: Talk) -> None:
    granted = redeem(talk, portal.consent(BACK, challenge=CHALLENGE)).json()
    portal.tokens.revoke_all()
    assert refresh(talk, granted["refresh_token"]).json()["error"] == "invalid_grant"
    assert works(talk, granted["access_token"]).status_code == 401


def test_a_token_is_looked_into_and_revoked(portal: Portal, talk: Talk) -> None:
    granted = redeem(talk, portal.consent(BACK, ("oauth",), CHALLENGE)).json()
    told = talk.form(f"{TOKEN}/introspect", **CLIENT, token=granted["access_token"]).json()
    assert (told["active"], told["hub_id"], told["scopes"], told["user"]) == (
        True,
        portal.portal_id,
        ["oauth"],
        portal.email,
    )
    refreshing = talk.form(f"{TOKEN}/introspect", **CLIENT, token=granted["refresh_token"]).json()
    assert refreshing["token_use"] == "refresh_token"
    assert talk.form(f"{TOKEN}/revoke", **CLIENT, token=granted["refresh_token"]).status_code == 204
    gone = talk.form(f"{TOKEN}/introspect", **CLIENT, token=granted["access_token"]).json()
    assert gone == {"active": False}


def test_tokens_are_asked_for_by_form_and_by_a_known_grant(talk: Talk) -> None:
    assert talk.post(TOKEN, CLIENT).status_code == 415
    assert talk.form(TOKEN, grant_type="password", **CLIENT).json()["error"] == "unsupported_grant_type"


def test_a_service_key_is_another_after_its_rotation(portal: Portal, talk: Talk) -> None:
    old = portal.token
    portal.token = "pat-eu1-another"
    assert works(talk, old).status_code == 401
    assert works(talk, portal.token).status_code == 200
