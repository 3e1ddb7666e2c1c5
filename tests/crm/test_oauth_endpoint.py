"""The token endpoint: what it gives, what its errors mean, and what of them is shown."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.cli.shell import free_port
from tests.crm.browsing import TokenEndpoint
from tests.tempo import FastTempo
from triage.crm.bearer import Tokens
from triage.crm.oauth.device import LONGEST, Typed, by_device
from triage.crm.oauth.endpoint import Endpoint, Refused, tokens_of
from triage.errors import BadAnswer, CrmError, NotPermitted, NotSignedIn, TriageError, Unreachable
from triage.redaction import redacted

SECRET = "secret/5d41402a+bc4b2a76b9719d91"
FORM = {"grant_type": "refresh_token", "client_id": "app", "refresh_token": SECRET}


@contextlib.contextmanager
def answering(*answers: tuple[int, Any]) -> Iterator[TokenEndpoint]:
    endpoint = TokenEndpoint(*answers)
    try:
        yield endpoint
    finally:
        endpoint.close()


def exchanged(*answers: tuple[int, Any], form: dict[str, str] | None = None) -> Tokens:
    with answering(*answers) as server:
        return Endpoint(server.url, "/token").exchanged(form or FORM)


def test_tokens_come_with_what_is_known_of_them():
    body = {"access_token": "access-1", "refresh_token": "refresh-2", "expires_in": 1800}
    assert exchanged((200, body)) == Tokens("access-1", "refresh-2", 1800.0)
    assert exchanged((200, {"access_token": "access-1"})) == Tokens("access-1")


def test_what_went_in_and_what_came_out_stands_in_no_log():
    body = {"access_token": "00D-access-8f14e45f", "refresh_token": "5Aep-refresh-c9f0f895"}
    exchanged((200, body))
    assert redacted(f"x{SECRET}x 00D-access-8f14e45f 5Aep-refresh-c9f0f895") == "x***x *** ***"


@pytest.mark.parametrize("seconds", [True, -1, 0, "soon", None, [], "inf", "1e400", int("9" * 400)])
def test_an_end_that_is_none_is_not_believed(seconds):
    assert tokens_of({"access_token": "a", "expires_in": seconds}).expires_in is None


@pytest.mark.parametrize("body", [{}, {"access_token": ""}, {"access_token": 7}, []])
def test_an_answer_without_a_token_is_no_answer(body):
    with pytest.raises((BadAnswer, Unreachable)):
        exchanged((200, body))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": "invalid_grant"}, Refused),
        (400, {"error": "invalid_grant", "error_description": "expired access/refresh token"}, Refused),
        (401, {"error": "access_denied"}, Refused),
        (400, {"status": "BAD_REFRESH_TOKEN", "message": "missing or invalid refresh token"}, Refused),
        (400, {"error": "invalid_grant", "error_description": "IP restricted"}, NotPermitted),
        (400, {"error": "invalid_client"}, NotPermitted),
        (401, {"error": "invalid_client"}, NotPermitted),
        (400, {"status": "BAD_CLIENT_SECRET", "message": "no"}, NotPermitted),
        (403, {"error": "redirect_uri_mismatch"}, NotPermitted),
        (400, {"error": "something_new"}, NotPermitted),
        (400, {"error": {"message": "odd"}}, NotPermitted),
        (400, {"error": "temporarily_unavailable"}, Unreachable),
        (503, {"error": "server_error"}, Unreachable),
        (429, {"status": "error"}, Unreachable),
        (400, b"<html>", Unreachable),
    ],
)
def test_only_a_refused_grant_ends_a_sign_in(status, body, kind):
    """NotSignedIn makes the renewal forget the refresh token: an app that is misconfigured must not do that."""
    with pytest.raises(TriageError) as caught:
        exchanged((status, body))
    assert isinstance(caught.value, kind)
    assert isinstance(caught.value, NotSignedIn) == (kind is Refused)


def test_nobody_there_is_nobody_to_ask():
    with pytest.raises(Unreachable):
        Endpoint(f"http://127.0.0.1:{free_port()}", "/token").exchanged(FORM)


def test_a_form_is_sent_once_whatever_becomes_of_it():
    with answering((503, {})) as server:
        with pytest.raises(Unreachable) as caught:
            Endpoint(server.url, "/token").exchanged(FORM)
        assert len(server.forms) == 1
    assert "Sign in again" in caught.value.hint


@pytest.mark.parametrize("field", ["refresh_token", "code", "code_verifier", "client_secret", "assertion"])
@pytest.mark.parametrize(
    "spelt", [str, quote, lambda text: quote(text, safe=""), lambda text: text.replace("/", "\\/")]
)
def test_a_provider_that_quotes_a_secret_is_not_quoted(field, spelt):
    body = {"error": "invalid_grant", "error_description": f"the {field} {spelt(SECRET)} is bad"}
    with pytest.raises(Refused) as caught:
        exchanged((400, body), form={"grant_type": "x", field: SECRET})
    shown = "".join(traceback.format_exception(caught.value)) + caught.value.hint
    assert "5d41402a" not in shown
    assert f"the {field} *** is bad" in caught.value.message


def test_a_secret_in_the_place_of_an_errors_word_is_not_quoted():
    with pytest.raises(NotPermitted, match="no reason given") as caught:
        exchanged((400, {"error": SECRET}))
    assert "5d41402a" not in caught.value.message


@pytest.mark.parametrize("status", [404, 409, 429, 500, 503])
def test_an_error_of_another_kind_is_not_quoted_at_all(status):
    quoting = {"error": {"message": f"no {SECRET}"}, "message": SECRET, "error_description": SECRET}
    with pytest.raises(CrmError) as caught:
        exchanged((status, quoting))
    shown = "".join(traceback.format_exception(caught.value)) + caught.value.hint
    assert "5d41402a" not in shown


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
@pytest.mark.parametrize("wrong", ["two\r\nlines", "a blank", "\x00", "tök", "\x1b[2J", "\ud800"])
def test_a_token_that_no_header_can_carry_is_none_and_not_quoted(name, wrong):
    with pytest.raises(BadAnswer, match="a token that is none") as caught:
        tokens_of({"access_token": "access-1", "refresh_token": "refresh-1", name: f"5d41402a{wrong}x"})
    assert "5d41402a" not in str(caught.value) + caught.value.hint


def test_words_that_would_hurt_a_terminal_are_cleaned():
    with pytest.raises(Refused) as caught:
        exchanged((400, {"error": "invalid_grant", "error_description": "a\x1b[2Jb" + "c" * 5000}))
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 600


# A code that is typed elsewhere


BEGUN = {"device_code": SECRET, "user_code": "ABCD-EFGH", "verification_uri": "https://login.example/connect"}
PENDING = (400, {"error": "authorization_pending"})
GRANTED = (200, {"access_token": "access-1", "refresh_token": "refresh-1"})
TYPED = Typed({"response_type": "device_code"}, {"grant_type": "device"}, device_code="code")


class Watch(FastTempo):
    """Time that notes how long it was slept."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await super().sleep(seconds)


async def by_code(*answers: tuple[int, Any], begun: dict[str, Any] | None = None):
    tempo, told = Watch(), []
    with answering((200, begun or BEGUN), *answers) as server:
        body = await by_device(Endpoint(server.url, "/token"), TYPED, told.append, tempo)
        return body, tempo.slept, told, server.forms


async def test_the_code_is_shown_and_asked_after_until_it_was_typed():
    body, slept, told, forms = await by_code(PENDING, PENDING, GRANTED, begun={**BEGUN, "interval": 7})
    assert body["access_token"] == "access-1"
    assert slept == [7, 7, 7]
    assert told == [
        "Open https://login.example/connect in a browser on any device, and type the code ABCD-EFGH"
    ]
    assert forms[1] == {"grant_type": "device", "code": SECRET}


async def test_slow_down_is_obeyed_for_good():
    _, slept, _, _ = await by_code(PENDING, (400, {"error": "slow_down"}), PENDING, GRANTED)
    assert slept == [5, 5, 10, 10]


async def test_a_provider_that_is_away_for_a_moment_is_asked_again_later():
    body, slept, _, _ = await by_code((503, {}), GRANTED)
    assert (body["refresh_token"], slept) == ("refresh-1", [5, 10])


@pytest.mark.parametrize(
    ("answer", "words", "kind"),
    [
        ((400, {"error": "access_denied"}), "declined", NotSignedIn),
        ((400, {"error": "expired_token"}), "not typed in time", NotSignedIn),
        ((400, {"error": "invalid_grant"}), "invalid_grant", NotSignedIn),
        ((400, {"error": "unauthorized_client"}), "with this app", NotPermitted),
    ],
)
async def test_a_code_that_is_declined_or_over_is_said(answer, words, kind):
    with pytest.raises(kind, match=words):
        await by_code(PENDING, answer)


@pytest.mark.parametrize("life", [60, "60", None, 10**400, "9" * 5000], ids=lambda life: str(life)[:9])
async def test_a_code_is_not_waited_for_for_ever(life):
    tempo = Watch()
    begun = (200, {**BEGUN, "expires_in": life, "interval": 60})
    with answering(begun, PENDING) as server, pytest.raises(NotSignedIn, match="not typed in time"):
        await by_device(Endpoint(server.url, "/token"), TYPED, str, tempo)
    assert sum(tempo.slept) <= LONGEST


@pytest.mark.parametrize(
    "interval", [0, -5, 10**400, True, "x", None, "9" * 5000, "٣"], ids=lambda wait: str(wait)[:9]
)
async def test_no_interval_makes_it_ask_at_once_or_never(interval):
    _, slept, _, _ = await by_code(GRANTED, begun={**BEGUN, "interval": interval})
    assert 1 <= slept[0] <= 60


@pytest.mark.parametrize(
    "wrong",
    [
        {"device_code": ""},
        {"user_code": 7},
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": "-x"},
    ],
)
async def test_a_code_that_cannot_be_typed_is_no_answer(wrong):
    with pytest.raises(BadAnswer):
        await by_code(GRANTED, begun={**BEGUN, **wrong})


async def test_a_hostile_code_does_not_reach_the_terminal():
    _, _, told, _ = await by_code(GRANTED, begun={**BEGUN, "user_code": "AB\x1b]0;x\x07CD" + "E" * 500})
    assert "\x1b" not in told[0]
    assert len(told[0]) < 200
