"""How vendors' answers differ: lists, answers without a body, words of errors, statuses with another meaning.

And what is sent beside them: a question by POST, a form, and requests that nobody signs.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.crm.wires import dropping, handled_by, raw_server, saying
from triage.crm.answer import Answer, Failed, Heard, Manners, judge, limited
from triage.crm.http import Http
from triage.errors import AnswerLost, BadAnswer, NotPermitted, NotSignedIn, RateLimited, Unreachable

TOKEN = "TOKEN-abc123-sentinel"
PLACE = "The CRM at https://crm.example.com"


def heard(status: int, body: Any = None, kind: str = "application/json", **headers: str) -> Heard:
    raw = b"" if body is None else json.dumps(body).encode()
    return Heard(status, {"content-type": kind, **headers}, raw, PLACE)


def said(body: object) -> str:
    return str(body["reason"]) if isinstance(body, dict) and "reason" in body else ""


VENDOR = Manners(
    error_key="reason",
    lists=True,
    is_empty=frozenset({204}),
    words=said,
    failure=lambda one: limited(one, 7.0) if one.status == 403 else None,
)


def refused(one: Heard, manners: Manners = VENDOR, **more: Any) -> Failed:
    with pytest.raises(Failed) as caught:
        judge(one, manners=manners, **more)
    return caught.value


# Lists


def test_a_list_is_an_answer_where_the_manners_have_lists() -> None:
    answer = judge(heard(200, [{"id": 1}, {"id": 2}]), manners=VENDOR, expect=("id",))
    assert (answer.items, answer.body) == (({"id": 1}, {"id": 2}), {})


def test_a_list_is_no_answer_where_objects_are_expected() -> None:
    assert isinstance(refused(heard(200, []), Manners()).error, BadAnswer)


@pytest.mark.parametrize("entries", [[{"other": 1}], ["text"], [{"id": 1}, 7]])
def test_every_entry_of_a_list_has_the_keys_that_are_expected(entries: list[Any]) -> None:
    assert isinstance(refused(heard(200, entries), expect=("id",)).error, BadAnswer)


def test_an_object_is_still_an_answer_where_lists_may_come() -> None:
    assert judge(heard(200, {"id": 1}), manners=VENDOR, expect=("id",)).body == {"id": 1}


# Nothing in the body


def test_an_empty_body_is_an_answer_where_its_status_says_so() -> None:
    assert judge(heard(204), manners=VENDOR, expect=("id",)) == Answer(
        204, {}, headers={"content-type": "application/json"}
    )


def test_an_empty_body_is_no_answer_elsewhere() -> None:
    assert isinstance(refused(heard(204), Manners()).error, BadAnswer)
    assert isinstance(refused(heard(200)).error, BadAnswer)


# Words and meanings of errors


def test_an_error_is_told_in_the_vendors_own_words() -> None:
    assert "no such field" in refused(heard(400, {"reason": "no such field"})).error.message


def test_an_error_that_is_an_answer_has_the_vendors_words() -> None:
    assert (
        judge(heard(409, {"reason": "already there"}), manners=VENDOR, also=(409,)).words == "already there"
    )


def test_an_error_without_the_vendors_key_is_a_strangers() -> None:
    assert isinstance(refused(heard(409, {"detail": "portal"}), also=(409,)).error, BadAnswer)


def test_what_the_vendor_means_goes_before_what_the_status_says_and_before_also() -> None:
    failed = refused(heard(403, {"reason": "limit"}), also=(403,))
    assert isinstance(failed.error, RateLimited)
    assert failed.error.retry_after == 7.0
    assert not failed.reached
    assert isinstance(refused(heard(403, {"reason": "no"}), Manners()).error, NotPermitted)


@pytest.mark.parametrize(("seconds", "again"), [(None, True), (2.0, 2.0), (3600.0, False)])
def test_a_pause_is_waited_out_by_a_read_only_where_it_is_short(
    seconds: float | None, again: bool | float
) -> None:
    assert limited(heard(429), seconds).again == again


def test_the_body_of_an_error_is_none_where_it_is_no_json() -> None:
    assert Heard(500, {}, b"<html>", PLACE).body is None


def test_words_of_a_success_are_not_looked_for() -> None:
    assert judge(heard(200, {"reason": "not an error"}), manners=VENDOR).said == ""


# A question by POST


async def test_a_question_by_post_is_asked_again_where_that_helps() -> None:
    async with raw_server(dropping, saying(b'{"results": []}')) as wire:
        http = Http(wire.url, TOKEN)
        answer = await http.ask("/search", {"query": "leads"}, expect=("results",))
        await http.aclose()
    assert answer.body == {"results": []}
    assert [one.startswith(b"POST /search") for one in wire.requests] == [True, True]
    assert all(b'{"query":"leads"}' in one for one in wire.requests)


async def test_a_question_that_is_lost_is_no_lost_write() -> None:
    async with raw_server(dropping) as wire:
        http = Http(wire.url, TOKEN)
        with pytest.raises(Unreachable) as caught:
            await http.ask("/search", {})
        await http.aclose()
    assert not isinstance(caught.value, AnswerLost)


# A form, and nobody who signs


async def test_a_form_is_sent_once_and_never_again() -> None:
    async with raw_server(dropping, saying(b'{"access_token": "x"}')) as wire:
        http = Http(wire.url, None)
        with pytest.raises(AnswerLost):
            await http.submit("/token", {"grant_type": "refresh_token"})
        await http.aclose()
    assert len(wire.requests) == 1


async def test_a_form_is_written_as_an_identity_provider_reads_it() -> None:
    async with raw_server(saying(b'{"access_token": "x"}')) as wire:
        http = Http(wire.url, None)
        answer = await http.submit("/token", {"code": "a b&c=d/ü"}, expect=("access_token",))
        await http.aclose()
    request = wire.requests[0]
    assert answer.body == {"access_token": "x"}
    assert b"application/x-www-form-urlencoded" in request
    assert request.endswith(b"code=a+b%26c%3Dd%2F%C3%BC")


async def test_without_a_token_nothing_is_signed_and_a_401_is_asked_once() -> None:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(401, json={"error": {"message": "invalid_client"}})

    http = Http("https://id.example.com", None, transport=handled_by(handle))
    with pytest.raises(NotSignedIn):
        await http.get("/token")
    await http.aclose()
    assert len(asked) == 1
    assert "authorization" not in asked[0].headers


async def test_a_write_has_the_method_that_it_is_given() -> None:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(204, headers={"content-type": "application/json"})

    http = Http("https://crm.example.com", TOKEN, manners=VENDOR, transport=handled_by(handle))
    assert (await http.send("/leads/1", {"a": 1}, method="PATCH")).status == 204
    await http.aclose()
    assert asked[0].method == "PATCH"
