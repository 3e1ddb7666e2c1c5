"""A 401 in the middle: renewed once for all, that one request repeated once; and no spelling of a token shows."""

from __future__ import annotations

import asyncio
import base64
import html
import json
from collections.abc import Awaitable, Callable
from urllib.parse import quote

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crm.wires import raw_server, saying
from triage.crm.bearer import Bearer
from triage.crm.blotting import SECRET_AT_LEAST, Blotter
from triage.crm.http import Http
from triage.errors import ConfigError, CredentialsUnavailable, NotSignedIn, TriageError, Unreachable

OLD, NEW = "OLD-token-0123456789", "NEW-token-0123456789"
REFUSED = saying(b'{"error": {"message": "expired"}}', status="401 Unauthorized")
GOOD = saying(b'{"a": 1}')
CALLS: dict[str, Callable[[Http], Awaitable[object]]] = {
    "a read": lambda http: http.get("/x", expect=("a",)),
    "a write": lambda http: http.send("/x", {"b": 2}, headers={"Idempotency-Key": "k"}, expect=("a",)),
}


class Source:
    """Where tokens come from, and how often it was asked with which."""

    def __init__(self, *answers: str | TriageError | None) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    async def renew(self, refused: str) -> str | None:
        self.asked.append(refused)
        await asyncio.sleep(0)
        answer = self._answers.pop(0)
        if isinstance(answer, TriageError):
            raise answer
        return answer


def tokens_of(requests: list[bytes]) -> list[str]:
    lines = [line for heard in requests for line in heard.split(b"\r\n")]
    return [line.partition(b"Bearer ")[2].decode() for line in lines if line.startswith(b"Authorization")]


@pytest.mark.parametrize("call", CALLS)
async def test_after_a_401_that_one_request_is_made_once_more_with_another_token(call):
    source = Source(NEW)
    async with raw_server(REFUSED, GOOD) as wire:
        http = Http(wire.url, OLD, renew=source.renew)
        await CALLS[call](http)
        await CALLS[call](http)
        await http.aclose()
    assert tokens_of(wire.requests) == [OLD, NEW, NEW]
    assert source.asked == [OLD]
    first, again, _ = (heard.partition(b"\r\n\r\n")[2] for heard in wire.requests)
    assert first == again


async def test_a_repeated_write_keeps_its_key():
    async with raw_server(REFUSED, GOOD) as wire:
        http = Http(wire.url, OLD, renew=Source(NEW).renew)
        await CALLS["a write"](http)
        await http.aclose()
    assert [b"Idempotency-Key: k" in heard for heard in wire.requests] == [True, True]


@pytest.mark.parametrize("call", CALLS)
async def test_a_second_401_is_not_signed_in_and_nothing_is_made_a_third_time(call):
    source = Source(NEW)
    async with raw_server(REFUSED) as wire:
        http = Http(wire.url, OLD, renew=source.renew)
        with pytest.raises(NotSignedIn):
            await CALLS[call](http)
        await http.aclose()
    assert tokens_of(wire.requests) == [OLD, NEW]


@pytest.mark.parametrize("answer", [None, OLD], ids=["none", "the same"])
async def test_without_another_token_nothing_is_repeated_and_the_source_asked_once(answer):
    source = Source(answer)
    async with raw_server(REFUSED) as wire:
        http = Http(wire.url, OLD, renew=source.renew)
        for call in CALLS.values():
            with pytest.raises(NotSignedIn, match="expired"):
                await call(http)
        await http.aclose()
    assert tokens_of(wire.requests) == [OLD, OLD]
    assert source.asked == [OLD]


@pytest.mark.parametrize("status", ["403 Forbidden", "500 Internal Server Error", "404 Not Found"])
async def test_only_a_401_asks_for_another_token(status):
    source = Source()
    async with raw_server(saying(b"{}", status=status)) as wire:
        http = Http(wire.url, OLD, renew=source.renew)
        with pytest.raises(TriageError):
            await CALLS["a write"](http)
        await http.aclose()
    assert source.asked == []


@pytest.mark.parametrize(
    ("raised", "becomes", "says"),
    [
        (CredentialsUnavailable("It ended with 3."), NotSignedIn, "It ended with 3."),
        (ConfigError("A quotation mark is open."), NotSignedIn, "quotation mark"),
        (Unreachable("The provider is down."), Unreachable, "The provider is down."),
    ],
)
@pytest.mark.parametrize("call", CALLS)
async def test_why_there_is_no_other_token_is_said(call, raised, becomes, says):
    async with raw_server(REFUSED) as wire:
        http = Http(wire.url, OLD, renew=Source(raised).renew)
        with pytest.raises(becomes, match=says) as caught:
            await CALLS[call](http)
        await http.aclose()
    assert type(caught.value) is becomes
    assert len(wire.requests) == 1


async def test_all_who_are_refused_at_once_wait_for_one_renewal():
    source = Source(NEW)
    bearer = Bearer(OLD, source.renew)
    refused = bearer.current
    assert await asyncio.gather(*(bearer.replaced(refused) for _ in range(5))) == [True] * 5
    assert source.asked == [OLD]
    assert bearer.current.secret == NEW


async def test_a_renewed_token_is_blotted_out_and_so_is_the_old_one():
    echo = saying(f'{{"error": {{"message": "{OLD} or {NEW}?"}}}}'.encode(), status="403 Forbidden")
    async with raw_server(REFUSED, echo) as wire:
        http = Http(wire.url, OLD, renew=Source(NEW).renew)
        with pytest.raises(TriageError) as caught:
            await CALLS["a read"](http)
        await http.aclose()
    assert "*** or ***?" in caught.value.message


async def test_a_header_that_quotes_the_token_is_not_shown():
    kind = saying(b"<p>", kind=f"text/{NEW}")
    async with raw_server(kind) as wire:
        http = Http(wire.url, NEW)
        with pytest.raises(TriageError) as caught:
            await CALLS["a read"](http)
        await http.aclose()
    assert NEW not in caught.value.message


# Spellings

secrets = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=SECRET_AT_LEAST, max_size=60)
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in JSON": json.dumps,
    "in JSON, slashes escaped": lambda text: json.dumps(text).replace("/", "\\/"),
    "in JSON, signs escaped": lambda text: "".join(c if c.isalnum() else f"\\u{ord(c):04X}" for c in text),
    "in an address": lambda text: quote(text, safe=""),
    "in a form": lambda text: quote(text, safe="").lower(),
    "on a page": html.escape,
    "on a page, in numbers": lambda text: "".join(c if c.isalnum() else f"&#{ord(c)};" for c in text),
    "in Base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in Base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "in Base64 after a word": lambda text: base64.b64encode(f"Bearer {text}!".encode()).decode(),
    "in Base64 after a user": lambda text: base64.b64encode(f"me:{text}".encode()).decode(),
    "in Base64, in an address": lambda text: quote(base64.b64encode(text.encode()).decode(), safe=""),
}
LEFT_OVER = 24
"""Characters that may stay: what stood around, and the ends that Base64 shares with it."""


@pytest.mark.parametrize("spelling", SPELLINGS)
@hypothesis.settings(deadline=None, max_examples=40)
@given(secret=secrets)
def test_a_secret_is_blotted_out_in_every_spelling(spelling: str, secret: str) -> None:
    if spelling == "in a form" and secret != secret.lower():
        secret = secret.lower()
    said = SPELLINGS[spelling](secret).encode()
    blotted = Blotter(secret)(b"said: " + said + b".")
    assert said not in blotted
    assert b"***" in blotted
    assert len(blotted) <= LEFT_OVER + len(b"said: .")


@given(st.binary())
def test_what_holds_no_secret_is_left_as_it_is(raw: bytes) -> None:
    assert Blotter("TOKEN-that-is-nowhere")(raw) == raw


def test_a_short_secret_is_not_looked_for() -> None:
    assert Blotter("a")(b"a banana") == b"a banana"
