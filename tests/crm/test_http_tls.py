"""What a rep is told when the encryption fails: the cause and the next step, and nothing has left."""

from __future__ import annotations

import asyncio
import re
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.crm.certificates import Authority, by_nobody
from tests.crm.wires import dropping, raw_server, saying
from triage.crm.address import Address
from triage.crm.http import Http
from triage.crm.their_clock import ask_time
from triage.errors import AnswerLost, ConfigError, CrmError, Unreachable

TOKEN = "TOKEN-abc123-sentinel"
ANSWER = saying(b'{"a": 1}')
LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
OF_LATER = saying(b'{"a": 1}', headers=f"Date: {LATER:%a, %d %b %Y %H:%M:%S GMT}\r\n")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def failed(url: str, ca_file: str | None) -> CrmError:
    """Return the error that both a read and a write end with."""
    http = Http(url, TOKEN, ca_file=ca_file)
    try:
        with pytest.raises(CrmError) as read:
            await http.get("/v1/me")
        with pytest.raises(CrmError) as wrote:
            await http.send("/v1/decisions", {})
    finally:
        await http.aclose()
    assert not isinstance(wrote.value, AnswerLost), "nothing left, so nothing is in doubt"
    assert wrote.value.message == read.value.message
    return read.value


async def test_an_authority_that_the_profile_names_is_trusted(authority):
    async with raw_server(ANSWER, tls=authority.good()) as wire:
        http = Http(wire.url, TOKEN, ca_file=authority.file)
        assert (await http.get("/v1/me")).status == 200
        await http.aclose()


WRONG = {
    "expired": (
        Authority.expired,
        "its certificate is refused: it has expired",
        "Tell whoever runs the CRM.",
    ),
    "another host": (
        Authority.of_another_host,
        "its certificate is refused: it is for another host",
        "Check the address of the CRM.",
    ),
}


@pytest.mark.parametrize("case", WRONG)
async def test_a_certificate_that_is_wrong_is_refused_with_its_cause_and_the_next_step(authority, case):
    make, cause, step = WRONG[case]
    async with raw_server(ANSWER, tls=make(authority)) as wire:
        error = await failed(wire.url, authority.file)
    assert type(error) is Unreachable
    assert error.message == f"The CRM at {wire.url} does not answer ({cause})."
    assert error.hint.startswith(step)
    assert wire.requests == []


async def test_a_certificate_by_nobody_we_trust_is_refused_and_the_ca_file_named(tmp_path):
    async with raw_server(ANSWER, tls=by_nobody()) as wire:
        for ca_file in (None, Authority(tmp_path).file):
            error = await failed(wire.url, ca_file)
            assert "nobody this machine trusts has signed it" in error.message
            assert "ca_file" in error.hint
    assert wire.requests == []


async def test_a_certificate_of_the_future_says_what_time_it_is_at_either_end(authority):
    async with raw_server(OF_LATER, tls=authority.of_the_future()) as wire:
        error = await failed(wire.url, authority.file)
    assert "it is not valid yet" in error.message
    assert f"The server says it is {LATER:%Y-%m-%d %H:%M} UTC, this machine's clock says " in error.message
    assert error.hint == "Set this machine's clock, then try again."
    assert all(TOKEN.encode() not in heard for heard in wire.requests)
    assert all(heard.startswith(b"HEAD / ") for heard in wire.requests)


async def test_a_certificate_of_the_future_on_a_machine_whose_clock_is_right_is_the_crms_to_mend(authority):
    now = saying(b"", headers=f"Date: {datetime.now(UTC):%a, %d %b %Y %H:%M:%S GMT}\r\n")
    async with raw_server(now, tls=authority.of_the_future()) as wire:
        error = await failed(wire.url, authority.file)
    assert "The server says it is" in error.message
    assert "Tell whoever runs the CRM." in error.hint


@pytest.mark.parametrize("silence", [dropping, saying(b""), saying(b"", headers="Date: soon\r\n")])
async def test_a_server_that_does_not_say_what_time_it_is_is_not_quoted(authority, silence):
    async with raw_server(silence, tls=authority.of_the_future()) as wire:
        error = await failed(wire.url, authority.file)
    assert "The server says" not in error.message
    assert "This machine's clock says" in error.message


async def test_nobody_who_is_not_trusted_on_his_own_day_is_asked_for_the_time(authority):
    async with raw_server(OF_LATER, tls=by_nobody()) as stranger:
        assert await ask_time(Address(stranger.url), authority.file) is None
    async with raw_server(OF_LATER, tls=authority.of_another_host()) as elsewhere:
        assert await ask_time(Address(elsewhere.url), authority.file) is None
    async with raw_server(OF_LATER, tls=authority.of_the_future()) as early:
        assert await ask_time(Address(early.url), authority.file) == LATER
    assert stranger.requests == elsewhere.requests == []


async def greeting_then_reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(64)
    writer.transport.abort()


async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(64)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    writer.close()


@pytest.mark.parametrize(
    ("behaviour", "words", "step"),
    [
        (greeting_then_reset, r"the connection broke off|no secure connection could be made", "triage sync"),
        (plain, r"it speaks no TLS", "Check the address"),
    ],
)
async def test_a_handshake_that_fails_is_no_answer(behaviour, words, step):
    server = await asyncio.start_server(behaviour, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    error = await failed(url, None)
    server.close()
    await server.wait_closed()
    assert type(error) is Unreachable
    assert re.search(words, error.message)
    assert step in error.hint


async def test_http_to_a_port_that_speaks_tls_is_no_answer(authority):
    async with raw_server(ANSWER, tls=authority.good()) as wire:
        http = Http(wire.url.replace("https", "http"), TOKEN)
        with pytest.raises(CrmError):
            await http.get("/v1/me")
        await http.aclose()
    assert wire.requests == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [("SSL_CERT_FILE", "absent.pem"), ("SSL_CERT_FILE", "text.pem"), ("SSL_CERT_DIR", "absent")],
)
async def test_a_variable_that_names_no_certificates_is_named(tmp_path, monkeypatch, variable, value):
    (tmp_path / "text.pem").write_text("not a certificate")
    monkeypatch.setenv(variable, str(tmp_path / value))
    http = Http("https://crm.example", TOKEN)
    with pytest.raises(ConfigError) as caught:
        await http.get("/v1/me")
    assert variable in caught.value.message
    assert variable in caught.value.hint


async def test_a_variable_that_names_no_certificates_matters_to_https_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "absent.pem"))
    async with raw_server(ANSWER) as wire:
        http = Http(wire.url, TOKEN)
        assert (await http.get("/v1/me")).status == 200
        await http.aclose()


async def test_the_systems_own_variable_may_name_the_authority(authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", authority.file)
    async with raw_server(ANSWER, tls=authority.good()) as wire:
        http = Http(wire.url, TOKEN)
        assert (await http.get("/v1/me")).status == 200
        await http.aclose()


def test_the_context_that_asks_for_the_time_is_the_only_one_that_ignores_it():
    from triage.crm.trust import timeless_context, tls_context

    assert not tls_context(None).verify_flags & 0x200000
    asking = timeless_context(None)
    assert asking.verify_flags & 0x200000
    assert asking.verify_mode == ssl.CERT_REQUIRED
    assert asking.check_hostname
