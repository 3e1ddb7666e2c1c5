"""The way through a company's proxy: which one is taken, and what is said when it is the one that fails."""

from __future__ import annotations

import base64
import traceback

import pytest

from tests.crm.certificates import Authority
from tests.crm.wires import proxy_to, raw_server, saying
from triage.crm import proxy
from triage.crm.address import Address
from triage.crm.http import Http
from triage.errors import AnswerLost, ConfigError, CrmError, TriageError, Unreachable

TOKEN = "TOKEN-abc123-sentinel"
CRM = "crm.example"
ANSWER = saying(b'{"a": 1}')
PASSWORD = "s3cret-of-the-proxy"
PACKED = base64.b64encode(f"rep:{PASSWORD}".encode()).decode()
"""As it travels."""
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def shows_password(error: BaseException) -> bool:
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    said = "".join([*shown.format(), repr(error), str(error), getattr(error, "hint", "")])
    return PASSWORD in said or PACKED in said


async def status(url: str, **options) -> int:
    http = Http(url, TOKEN, **options)
    try:
        return (await http.get("/v1/me")).status
    finally:
        await http.aclose()


async def failed(url: str) -> TriageError:
    """Return the error that a read ends with; a write ends with the same, for nothing left."""
    http = Http(url, TOKEN)
    try:
        with pytest.raises(TriageError) as read:
            await http.get("/v1/me")
        with pytest.raises(TriageError) as wrote:
            await http.send("/v1/decisions", {})
    finally:
        await http.aclose()
    assert not isinstance(wrote.value, AnswerLost)
    for error in (read.value, wrote.value):
        assert not shows_password(error)
        assert error.__cause__ is None
        assert error.__context__ is None
    return read.value


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
async def test_https_goes_through_the_proxy_in_a_tunnel_that_it_cannot_read(authority, monkeypatch, name):
    async with raw_server(ANSWER, tls=authority.good(CRM)) as wire, proxy_to(wire.port) as between:
        monkeypatch.setenv(name, between.url)
        assert await status(f"https://{CRM}", ca_file=authority.file) == 200
    assert between.requests[0].startswith(b"CONNECT crm.example:443 ")
    assert TOKEN.encode() not in between.requests[0]
    assert TOKEN.encode() in wire.requests[0]


async def test_a_proxy_may_be_named_without_its_scheme(authority, monkeypatch):
    async with raw_server(ANSWER, tls=authority.good(CRM)) as wire, proxy_to(wire.port) as between:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{between.port}")
        assert await status(f"https://{CRM}", ca_file=authority.file) == 200
    assert len(between.requests) == 1


async def test_plain_http_goes_through_the_proxy_named_for_it(monkeypatch):
    async with raw_server(ANSWER) as wire, proxy_to(wire.port) as between:
        monkeypatch.setenv("HTTP_PROXY", between.url)
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        assert await status(f"http://{CRM}") == 200
    assert between.requests[0].startswith(b"GET http://crm.example/v1/me ")


async def test_a_proxy_that_knows_us_is_given_name_and_password(authority, monkeypatch):
    async with (
        raw_server(ANSWER, tls=authority.good(CRM)) as wire,
        proxy_to(wire.port, demands=PACKED) as between,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"http://rep:{PASSWORD}@127.0.0.1:{between.port}")
        assert await status(f"https://{CRM}", ca_file=authority.file) == 200
    assert PACKED.encode() not in wire.requests[0]


@pytest.mark.parametrize("excepted", ["crm.example", ".example", "other.example,crm.example", "*"])
async def test_no_proxy_is_honoured(monkeypatch, excepted):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", excepted)
    assert proxy.proxy_to(Address(f"https://{CRM}")) is None


async def test_no_proxy_that_names_another_host_excepts_nobody(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "example.org")
    assert proxy.proxy_to(Address(f"https://{CRM}")) is not None


@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY", "http_proxy"])
async def test_no_proxy_leads_to_this_machine(monkeypatch, name):
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with raw_server(ANSWER) as wire:
        assert await status(wire.url) == 200


async def test_a_proxy_that_is_down_is_named_with_its_variable_and_without_its_password(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://rep:{PASSWORD}@127.0.0.1:1")
    error = await failed(f"https://{CRM}")
    assert type(error) is Unreachable
    assert error.message == (
        "The CRM at https://crm.example is not reached: the proxy http://127.0.0.1:1 (HTTPS_PROXY) does not "
        "answer (connection refused)."
    )
    assert "NO_PROXY" in error.hint


async def test_a_proxy_that_asks_who_we_are_says_how_to_tell_it(monkeypatch):
    async with proxy_to(1, demands="somebody else") as between:
        monkeypatch.setenv("HTTPS_PROXY", f"http://rep:{PASSWORD}@127.0.0.1:{between.port}")
        error = await failed(f"https://{CRM}")
        monkeypatch.setenv("HTTP_PROXY", f"http://rep:{PASSWORD}@127.0.0.1:{between.port}")
        plain = await failed(f"http://{CRM}")
    for one in (error, plain):
        assert type(one) is Unreachable
        assert "asks who we are (407)" in one.message
        assert "http://name:password@" in one.hint


async def test_a_proxy_that_will_not_connect_is_quoted(monkeypatch):
    async with proxy_to(1, refuses="403 Forbidden by \x1b[31mpolicy") as between:
        monkeypatch.setenv("HTTPS_PROXY", between.url)
        error = await failed(f"https://{CRM}")
    assert f"the proxy {between.url} (HTTPS_PROXY) refuses (403 Forbidden" in error.message
    assert "\x1b" not in error.message


async def test_a_certificate_behind_a_proxy_is_put_down_to_the_crm(authority, monkeypatch):
    async with raw_server(ANSWER, tls=authority.expired()) as wire, proxy_to(wire.port) as between:
        monkeypatch.setenv("HTTPS_PROXY", between.url)
        http = Http("https://127.0.0.2.example", TOKEN, ca_file=authority.file)
        with pytest.raises(CrmError) as caught:
            await http.get("/v1/me")
        await http.aclose()
    assert "its certificate is refused" in caught.value.message
    assert "proxy" not in caught.value.message


UNUSABLE = [
    f"socks5://rep:{PASSWORD}@proxy.example:1080",
    f"nonsense://rep:{PASSWORD}@proxy.example",
    f"http://rep:{PASSWORD}@proxy.example:port",
    f"http://rep:{PASSWORD}@[::1",
    f"http://rep:{PASSWORD}@",
    f"http://rep:{PASSWORD}@proxy .example",
    f"http://rep:{PASSWORD}\x7f@proxy.example",
]


@pytest.mark.parametrize("value", UNUSABLE)
async def test_a_proxy_that_is_none_is_named_by_its_variable_and_never_shown(monkeypatch, value):
    monkeypatch.setenv("ALL_PROXY", value)
    error = await failed(f"https://{CRM}")
    assert type(error) is ConfigError
    assert "ALL_PROXY" in error.message
    assert "NO_PROXY" in error.hint


def test_a_proxy_shows_its_password_nowhere(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://rep:{PASSWORD}@proxy.example:3128")
    found = proxy.proxy_to(Address(f"https://{CRM}"))
    assert found is not None
    assert PASSWORD not in repr(found) + found.place
    assert found.place == "the proxy http://proxy.example:3128 (HTTPS_PROXY)"
