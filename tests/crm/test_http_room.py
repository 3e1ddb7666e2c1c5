"""What becomes of every answer a server, a portal or a wire can give, and of the token meanwhile."""

from __future__ import annotations

import asyncio
import gzip
import logging
import shutil
import ssl
import subprocess
import sys
import traceback

import httpx
import pytest

from tests.crm.wires import (
    Behaviour,
    dripping,
    dropping,
    raw_server,
    saying,
    sending,
    silent,
)
from triage.crm.address import Address
from triage.crm.http import Http
from triage.errors import (
    AnswerLost,
    BadAnswer,
    ConfigError,
    CrmError,
    NotPermitted,
    NotSignedIn,
    RateLimited,
    TriageError,
    Unreachable,
    UsageError,
)

TOKEN = "TOKEN-abc123-sentinel"
SHORT = 0.4
"""Seconds; the deadline of a request that is meant to run into it."""
PORTAL = saying(b"<html>Welcome to the hotel</html>", kind="text/html")
MOVED = saying(b"", status="302 Found", headers="Location: https://portal.example/\r\n")
BROKEN = saying(b"{}", status="500 Internal Server Error")
TRUNCATED = sending(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{"a":')
CUT_JSON = saying(b'{"a": [1, 2')
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
PACKED = saying(gzip.compress(b'{"a": 1}'), headers="Content-Encoding: gzip\r\n")

NO_ANSWERS: dict[str, tuple[Behaviour, type[CrmError]]] = {
    "portal page": (PORTAL, BadAnswer),
    "redirect": (MOVED, BadAnswer),
    "server error": (BROKEN, Unreachable),
    "truncated body": (TRUNCATED, BadAnswer),
    "cut JSON": (CUT_JSON, BadAnswer),
    "dropped": (dropping, Unreachable),
    "garbage": (sending(b"\x00\x01 this is not HTTP\r\n\r\n"), Unreachable),
    "packed": (PACKED, BadAnswer),
    "empty": (saying(b""), BadAnswer),
    "a list": (saying(b"[1]"), BadAnswer),
    "another object": (saying(b'{"b": 1}'), BadAnswer),
    "depth bomb": (saying(b"[" * 100_000), BadAnswer),
    "5,000 digits": (saying(b'{"a": ' + b"9" * 5000 + b"}"), BadAnswer),
    "NaN": (saying(b'{"a": NaN}'), BadAnswer),
    "Infinity": (saying(b'{"a": -Infinity}'), BadAnswer),
    "not UTF-8": (saying(b'{"a": "\xff\xfe\xfa"}'), BadAnswer),
    "no content": (sending(b"HTTP/1.1 204 No Content\r\n\r\n"), BadAnswer),
}
REFUSALS: dict[str, tuple[str, type[CrmError]]] = {
    "401 Unauthorized": ("401 Unauthorized", NotSignedIn),
    "403 Forbidden": ("403 Forbidden", NotPermitted),
    "404 Not Found": ("404 Not Found", BadAnswer),
    "408 Request Timeout": ("408 Request Timeout", Unreachable),
    "418 Teapot": ("418 Teapot", BadAnswer),
    "429 Too Many Requests": ("429 Too Many Requests", RateLimited),
}


async def got(url: str, **options) -> CrmError:
    """Return the error that a read ends with."""
    http = Http(url, TOKEN, **options)
    try:
        with pytest.raises(CrmError) as caught:
            await http.get("/v1/me", expect=("a",))
    finally:
        await http.aclose()
    return caught.value


async def sent(url: str, **options) -> CrmError:
    """Return the error that a write ends with."""
    http = Http(url, TOKEN, **options)
    try:
        with pytest.raises(CrmError) as caught:
            await http.send("/v1/decisions", {"items": []}, expect=("a",))
    finally:
        await http.aclose()
    return caught.value


@pytest.mark.parametrize("case", NO_ANSWERS)
async def test_a_read_without_a_usable_answer_says_so_in_one_sentence(case):
    behaviour, kind = NO_ANSWERS[case]
    async with raw_server(behaviour) as wire:
        error = await got(wire.url)
    assert type(error) is kind
    assert error.message.startswith(f"The CRM at {wire.url} ")
    assert error.message.endswith(".")


@pytest.mark.parametrize("case", NO_ANSWERS)
async def test_a_write_without_a_usable_answer_may_have_taken_effect_and_is_sent_once(case):
    behaviour, _ = NO_ANSWERS[case]
    async with raw_server(behaviour) as wire:
        error = await sent(wire.url)
    assert isinstance(error, AnswerLost)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_refused_write_certainly_did_nothing(case):
    status, kind = REFUSALS[case]
    async with raw_server(saying(b"{}", status=status)) as wire:
        error = await sent(wire.url)
    assert type(error) is kind
    assert len(wire.requests) == 1


@pytest.mark.parametrize("headers", ["Content-Encoding: gzip\r\n", ""])
async def test_a_refusal_counts_even_if_its_body_cannot_be_used(headers):
    big = saying(b"x" * 5000, status="401 Unauthorized", headers=headers)
    async with raw_server(big) as wire:
        error = await sent(wire.url, body_limit=1000)
    assert type(error) is NotSignedIn


async def test_a_refused_connection_fails_fast_and_did_nothing():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stamina.retry_context", _counting(tries := []))
        read, write = await got("http://127.0.0.1:1"), await sent("http://127.0.0.1:1")
    assert len(tries) == 1
    assert type(read) is type(write) is Unreachable
    assert read.message == "The CRM at http://127.0.0.1:1 does not answer (connection refused)."
    assert "triage sync" in read.hint


def _counting(tries):
    import stamina

    context = stamina.retry_context

    def counted(*, on, **settings):
        def noted(error):
            tries.append(error)
            return on(error)

        return context(on=noted, **settings)

    return counted


async def test_a_name_that_does_not_resolve_is_said_and_nothing_was_sent():
    error = await sent("http://no-such-host.invalid")
    assert type(error) is Unreachable
    assert "cannot be resolved" in error.message


async def test_tls_with_a_server_that_speaks_none_was_not_sent():
    def greet(_reader, writer):
        writer.write(b"220 hello\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    error = await sent(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    server.close()
    await server.wait_closed()
    assert type(error) is Unreachable
    assert "secure connection" in error.message


@pytest.mark.parametrize("behaviour", [silent, dripping(HEAD), dripping(b"HTTP/1.1 200 OK\r\nX-A: ")])
async def test_a_deadline_ends_silence_and_drips(behaviour):
    async with raw_server(behaviour) as wire:
        read, write = await got(wire.url, deadline=SHORT), await sent(wire.url, deadline=SHORT)
    assert type(read) is Unreachable
    assert isinstance(write, AnswerLost)
    assert len(wire.requests) == 2, "a read that ran out of time is not tried again"


async def test_a_body_beyond_the_limit_is_left_unread():
    async with raw_server(saying(b'{"a": "' + b"x" * 5000 + b'"}')) as wire:
        error = await got(wire.url, body_limit=1000)
    assert type(error) is BadAnswer
    assert "1,000 bytes" in error.message


async def test_a_read_is_tried_again_after_a_drop():
    async with raw_server(dropping, BROKEN, CUT_JSON, saying(b'{"a": 1}')) as wire:
        http = Http(wire.url, TOKEN)
        answer = await http.get("/v1/me", expect=("a",))
        await http.aclose()
    assert answer.body == {"a": 1}
    assert len(wire.requests) == 4


async def test_a_read_is_tried_four_times_at_most():
    async with raw_server(dropping) as wire:
        await got(wire.url)
    assert len(wire.requests) == 4


async def test_a_portal_page_is_not_asked_again():
    async with raw_server(PORTAL) as wire:
        await got(wire.url)
    assert len(wire.requests) == 1


async def test_a_long_pause_is_handed_on_and_a_short_one_waited_out():
    long = saying(b"{}", status="429 Too Many", headers="Retry-After: 120\r\n")
    short = saying(b"{}", status="429 Too Many", headers="Retry-After: 0\r\n")
    async with raw_server(short, saying(b'{"a": 1}')) as wire:
        http = Http(wire.url, TOKEN)
        assert (await http.get("/v1/me")).status == 200
        await http.aclose()
    async with raw_server(long) as wire:
        error = await got(wire.url)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 120
    assert len(wire.requests) == 1


async def test_a_date_in_retry_after_counts_from_the_answers_own_date():
    headers = "Date: Sat, 21 Nov 2026 10:00:00 GMT\r\nRetry-After: Sat, 21 Nov 2026 10:01:30 GMT\r\n"  # far from this clock
    async with raw_server(saying(b"{}", status="429 Too Many", headers=headers)) as wire:
        error = await sent(wire.url)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 90


async def test_a_redirect_is_never_followed():
    async with raw_server(saying(b'{"a": 1}')) as elsewhere:
        moved = saying(b"", status="307 Temporary Redirect", headers=f"Location: {elsewhere.url}/\r\n")
        async with raw_server(moved) as wire:
            await sent(wire.url)
            await got(wire.url)
    assert elsewhere.requests == []


async def test_a_status_that_was_asked_for_is_an_answer_only_in_json():
    page = saying(b"<html>not here</html>", status="404 Not Found", kind="text/html")
    told = saying(b'{"error": {"code": "x", "message": "There is none.\\u001b[31m"}}', status="404 Not Found")
    async with raw_server(told, page) as wire:
        http = Http(wire.url, TOKEN)
        answer = await http.get("/v1/decisions/x", also=(404,))
        with pytest.raises(BadAnswer):
            await http.get("/v1/decisions/x", also=(404,))
        await http.aclose()
    assert answer.status == 404
    assert answer.words == "There is none.\ufffd[31m"


async def test_a_strangers_json_is_no_word_of_the_crm():
    async with raw_server(saying(b'{"detail": "Not Found"}', status="404 Not Found")) as wire:
        http = Http(wire.url, TOKEN)
        with pytest.raises(BadAnswer):
            await http.get("/v1/decisions/x", also=(404,))
        await http.aclose()


async def test_an_answer_that_says_it_is_packed_is_not_read():
    lying = saying(b'{"a": 1}', headers="Content-Encoding: br\r\n")
    async with raw_server(lying) as wire:
        error = await got(wire.url)
    assert "packed" in error.message


async def test_an_adapter_may_add_headers_and_name_its_own_error_key():
    told = saying(b'{"message": "none", "category": "X"}', status="404 Not Found")
    async with raw_server(told) as wire:
        http = Http(wire.url, TOKEN, headers={"X-Org": "7", "Accept-Encoding": "gzip"}, error_key="category")
        assert (await http.get("/x", also=(404,))).status == 404
        await http.aclose()
    assert b"x-org: 7" in wire.requests[0].lower()
    assert b"accept-encoding: identity" in wire.requests[0].lower()


async def test_a_write_whose_caller_is_cancelled_still_goes_out_and_is_read_to_its_end():
    async with raw_server(saying(b'{"a": 1}')) as wire:
        http = Http(wire.url, TOKEN)
        writing = asyncio.ensure_future(http.send("/v1/decisions", {"items": ["x" * 100]}))
        await asyncio.sleep(0)  # one turn of the loop: the request is begun, and nothing is sent yet
        request = next(iter(http._running))
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        await http.aclose()
    assert wire.requests[0].endswith(b'"]}')
    assert request.result().body == {"a": 1}


async def test_a_client_that_closes_does_not_wait_for_a_server_that_is_silent():
    arrived = asyncio.Event()

    async def hold(reader, writer):
        arrived.set()
        await silent(reader, writer)

    async with raw_server(hold) as wire:
        http = Http(wire.url, TOKEN)
        writing = asyncio.ensure_future(http.send("/v1/decisions", {"items": []}))
        await arrived.wait()
        await http.aclose()
        with pytest.raises(AnswerLost, match="was closed"):
            await writing
    assert not http._running


async def test_a_pool_that_gives_no_connection_is_replaced():
    clients = []

    class Exhausted(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            clients.append(request)
            raise httpx.PoolTimeout("")

    http = Http("https://crm.example", TOKEN, transport=Exhausted())
    with pytest.raises(Unreachable) as caught:
        await http.send("/x", {})
    assert type(caught.value) is Unreachable
    assert http._client is None
    await http.aclose()


ESCAPES = [
    httpx.InvalidURL("x"),
    RuntimeError("bound to a different event loop"),
    UnicodeError("x"),
    ValueError("x"),
]


@pytest.mark.parametrize("raised", ESCAPES, ids=lambda error: type(error).__name__)
async def test_what_httpx_lets_through_is_still_one_of_our_errors(raised):
    def handle(_request):
        raise raised

    error = await got("https://crm.example", transport=httpx.MockTransport(handle))
    assert type(error) is BadAnswer
    assert type(raised).__name__ in error.message


# The token


def _everything_said(error: BaseException) -> str:
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join([*shown.format(), repr(error), str(error), getattr(error, "hint", "")])


ECHOES = {
    "401": saying(f'{{"error": {{"message": "bad token {TOKEN}"}}}}'.encode(), status="401 Unauthorized"),
    "403": saying(f'{{"error": {{"message": "{TOKEN} may not"}}}}'.encode(), status="403 Forbidden"),
    "500": saying(f'{{"error": {{"message": "{TOKEN}"}}}}'.encode(), status="500 Internal Server Error"),
    "dropped": dropping,
    "truncated": TRUNCATED,
    "portal": saying(TOKEN.encode(), kind="text/html"),
}


@pytest.mark.parametrize("case", ECHOES)
async def test_the_token_is_in_no_error_log_or_frame(case, caplog):
    caplog.set_level(logging.DEBUG)
    async with raw_server(ECHOES[case]) as wire:
        errors = [await got(wire.url), await sent(wire.url)]
        assert all(f"Authorization: Bearer {TOKEN}".encode() in heard for heard in wire.requests)
    for error in errors:
        assert TOKEN not in _everything_said(error)
        assert error.__cause__ is None
        assert error.__context__ is None
    assert TOKEN not in caplog.text
    assert not [
        record for record in caplog.records if record.name.startswith(("httpx", "httpcore", "stamina"))
    ]


def test_the_token_is_in_no_repr():
    http = Http("https://crm.example", TOKEN)
    assert TOKEN not in repr(http)
    assert TOKEN not in repr(http._token)


@pytest.mark.parametrize("token", ["", "with blank", "line\nend", "tok’en", "tab\t"])
def test_a_token_no_header_can_carry_is_refused_without_being_shown(token):
    with pytest.raises(NotSignedIn) as caught:
        Http("https://crm.example", token)
    assert not token or token not in str(caught.value)


# The address, the proxy, the certificates


@pytest.mark.parametrize(
    "url",
    [
        "",
        "crm.example",
        "ftp://crm.example",
        "https://",
        "https://a:b@crm.example",
        "https://crm.example:x",
        "https://crm.example/?key=1",
        "https://crm.example/#a",
        "https://crm .example",
        "https://[::1",
    ],
)
def test_a_bad_address_is_refused(url):
    with pytest.raises(UsageError) as caught:
        Http(url, TOKEN)
    assert "crm.example" in caught.value.hint


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:80", True),
        ("http://localhost", True),
        ("http://[::1]:8000", True),
        ("http://crm.localhost", True),
        ("http://localhost.example", False),
        ("http://10.0.0.1", False),
        ("https://crm.example", False),
    ],
)
def test_this_machine_is_known_by_every_name_of_it(url, loopback):
    assert Address(url).is_loopback is loopback


async def test_the_path_of_an_address_is_kept():
    async with raw_server(saying(b"{}")) as wire:
        http = Http(f"{wire.url}/crm/", TOKEN)
        await http.get("/v1/me")
        await http.aclose()
    assert wire.requests[0].startswith(b"GET /crm/v1/me ")


async def test_no_proxy_stands_before_this_machine(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with raw_server(saying(b'{"a": 1}')) as wire:
        http = Http(wire.url, TOKEN)
        assert (await http.get("/v1/me")).status == 200
        await http.aclose()


@pytest.fixture(params=["socks5://user:s3cret@proxy.example:1080", "nonsense://user:s3cret@proxy.example"])
def unusable_proxy(request, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", request.param)


@pytest.mark.usefixtures("unusable_proxy")
async def test_a_proxy_that_cannot_be_used_is_named_by_its_variable_but_not_shown():
    http = Http("https://crm.example", TOKEN)
    with pytest.raises(ConfigError) as caught:
        await http.get("/v1/me")
    assert "ALL_PROXY" in caught.value.message
    said = _everything_said(caught.value)
    assert "s3cret" not in said


async def test_a_proxy_that_refuses_is_no_answer_of_the_crm(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    error = await sent("https://crm.example")
    assert type(error) is Unreachable


@pytest.mark.parametrize("content", [None, "not a certificate"])
async def test_a_ca_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_text(content)
    http = Http("https://crm.example", TOKEN, ca_file=str(path))
    with pytest.raises(ConfigError) as caught:
        await http.get("/v1/me")
    assert "authority.pem" in caught.value.message
    assert "ca_file" in caught.value.hint


@pytest.fixture
def authority(tmp_path):
    """A certificate for this machine that signed itself, and its key."""
    certificate, key = tmp_path / "authority.pem", tmp_path / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made, *names, *files], check=True, capture_output=True)
    return certificate, key


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
async def test_the_ca_file_is_trusted_and_without_it_the_certificate_is_refused(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority)
    async with raw_server(saying(b'{"a": 1}'), tls=context) as wire:
        error = await sent(wire.url)
        http = Http(wire.url, TOKEN, ca_file=str(authority[0]))
        answer = await http.get("/v1/me")
        await http.aclose()
    assert answer.status == 200
    assert type(error) is Unreachable
    assert "certificate is refused: it has signed itself" in error.message
    assert "ca_file" in error.hint


def test_making_an_adapter_loads_no_httpx():
    program = (
        "import sys; from triage.crm.registry import make; make('rest', 'https://crm.example', 't' * 20);"
        "sys.exit('httpx' in sys.modules or 'stamina' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_every_error_of_the_room_is_one_of_the_tree():
    assert issubclass(AnswerLost, Unreachable)
    assert issubclass(AnswerLost, TriageError)
