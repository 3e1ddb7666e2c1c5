"""Portals, strangers, bombs and half-dead wires: each ends in time, in one sentence, and never in an answer."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys

import pytest

from tests.crm.wires import Behaviour, dripping, raw_server, saying, sending
from triage.crm.http import Http
from triage.crm.limits import READ_ATTEMPTS
from triage.errors import AnswerLost, BadAnswer, CrmError, Unreachable, UsageError

TOKEN = "TOKEN-abc123-sentinel"
SHORT = 0.3
"""Seconds; the deadline of a request that is meant to run into it."""
LIMIT = 50_000
CONNECTIONS = 4
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
PAGE = b"<html>Service unavailable</html>"


async def endless(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send chunks until the client has had enough."""
    writer.write(CHUNKED)
    while not writer.is_closing():
        writer.write(b"1000\r\n" + b" " * 4096 + b"\r\n")
        await writer.drain()


async def reset_midway(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send half of a body, and then a reset instead of the rest."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"a": 1')
    await writer.drain()
    handle = writer.get_extra_info("socket")
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def keys(count: int) -> bytes:
    return b"{" + b",".join(b'"%d":0' % number for number in range(count)) + b"}"


HOSTILE: dict[str, tuple[Behaviour, type[CrmError], str]] = {
    "511": (saying(PAGE, status="511 X", kind="text/html"), BadAnswer, "wants a sign-in first"),
    "502 page": (saying(PAGE, status="502 Bad Gateway", kind="text/html"), Unreachable, "is not well (502)"),
    "503 page": (saying(PAGE, status="503 Gone Fishing", kind="text/html"), Unreachable, "is not well (503)"),
    "login page": (
        saying(b"", status="303 See Other", headers="Location: /login\r\n"),
        BadAnswer,
        "sends us elsewhere",
    ),
    "empty object": (saying(b"{}"), BadAnswer, "another shape"),
    "another API": (saying(b'{"results": [], "paging": {}}'), BadAnswer, "another shape"),
    "another API's error": (saying(b'{"message": "no such route"}', status="404 X"), BadAnswer, "404"),
    "endless": (endless, BadAnswer, "50,000 bytes"),
    "chunks of garbage": (sending(CHUNKED + b"zz\r\nnot a chunk\r\n"), BadAnswer, "broke off"),
    "a chunk that never ends": (sending(CHUNKED + b"ffff\r\nshort"), BadAnswer, "broke off"),
    "a chunk of exabytes": (sending(CHUNKED + b"f" * 16 + b"\r\nx"), BadAnswer, "broke off"),
    "two lengths": (
        sending(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\nx"),
        Unreachable,
        "broke the connection off",
    ),
    "a head without end": (sending(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000), Unreachable, "broke"),
    "reset midway": (reset_midway, BadAnswer, "broke off"),
    "surrogate keys": (saying(b'{"\\ud800": 1}'), BadAnswer, "another shape"),
    "many keys": (saying(keys(5_000)), BadAnswer, "another shape"),
    "nested objects": (saying(b'{"a":' * 8_000 + b"1" + b"}" * 8_000), BadAnswer, "broken JSON"),
    "UTF-16": (saying('{"b": 1}'.encode("utf-16")), BadAnswer, "another shape"),
    "JSON, says the header": (saying(PAGE), BadAnswer, "broken JSON"),
}


async def ended(url: str, *, write: bool, **options: object) -> CrmError:
    http = Http(url, TOKEN, body_limit=LIMIT, **options)  # type: ignore[arg-type]
    request = http.send("/v1/me", {}, expect=("a",)) if write else http.get("/v1/me", expect=("a",))
    try:
        with pytest.raises(CrmError) as caught:
            await request
    finally:
        await http.aclose()
    return caught.value


@pytest.mark.parametrize("case", HOSTILE)
async def test_no_hostile_answer_is_taken_for_the_crms(case):
    behaviour, kind, words = HOSTILE[case]
    async with raw_server(behaviour) as wire:
        read = await ended(wire.url, write=False)
    assert type(read) is kind
    assert words in read.message
    assert read.message.endswith(".")
    assert read.hint or kind is BadAnswer


@pytest.mark.parametrize("case", [case for case in HOSTILE if case != "another API's error"])
async def test_a_write_that_meets_one_is_in_doubt_and_goes_out_once(case):
    behaviour, *_ = HOSTILE[case]
    async with raw_server(behaviour) as wire:
        wrote = await ended(wire.url, write=True)
    assert isinstance(wrote, AnswerLost)
    assert len(wire.requests) == 1


async def test_hundreds_of_thousands_of_keys_are_read_and_refused_without_harm():
    async with raw_server(saying(keys(200_000))) as wire:
        http = Http(wire.url, TOKEN)
        with pytest.raises(BadAnswer, match="another shape"):
            await http.get("/v1/me", expect=("a",))
        await http.aclose()


@pytest.mark.parametrize("write", [False, True], ids=["GET", "POST"])
@pytest.mark.parametrize(
    "head",
    [
        CHUNKED,
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-A: ",
        b"HTTP/1.1 20",
    ],
    ids=["chunks", "body", "head", "status"],
)
async def test_drips_end_at_the_deadline_of_the_whole_call(head, write):
    async with raw_server(dripping(head)) as wire:
        error = await ended(wire.url, write=write, deadline=SHORT)
    if write:
        assert isinstance(error, AnswerLost)


@pytest.mark.parametrize("write", [False, True], ids=["GET", "POST"])
async def test_a_server_that_never_takes_the_connection_up_is_left_at_the_deadline(write):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        error = await ended(url, write=write, deadline=SHORT)
    assert isinstance(error, AnswerLost if write else Unreachable)


async def test_a_server_that_does_not_read_what_we_write_is_left_at_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        http = Http(f"http://127.0.0.1:{listening.getsockname()[1]}", TOKEN, deadline=SHORT)
        with pytest.raises(AnswerLost):
            await http.send("/v1/decisions", {"note": "x" * 30_000_000})
        await http.aclose()


# How often a silent CRM is asked


async def test_a_crm_that_stays_silent_is_asked_once_a_read_until_it_answers():
    broken, fine = saying(PAGE, status="503 X", kind="text/html"), saying(b'{"a": 1}')
    async with raw_server(*[broken] * 6, fine, broken, fine) as wire:

        async def asked() -> int:
            """Return how many requests one read of a fresh client makes."""
            before = len(wire.requests)
            http = Http(wire.url, TOKEN)
            try:
                await http.get("/v1/me")
            except Unreachable:
                pass
            finally:
                await http.aclose()
            return len(wire.requests) - before

        assert [await asked() for _ in range(5)] == [READ_ATTEMPTS, 1, 1, 1, 2]


async def test_a_portal_is_no_silence_and_other_addresses_are_not_silent():
    broken = saying(PAGE, status="503 X", kind="text/html")
    async with raw_server(saying(PAGE, kind="text/html")) as portal, raw_server(broken) as away:
        for wire, expected in ((portal, 2), (away, READ_ATTEMPTS + 1)):
            await ended(wire.url, write=False)
            await ended(wire.url, write=False)
            assert len(wire.requests) == expected


# Cancelled reads


async def storm(count: int) -> None:
    """Cancel many reads at every point of their lives; then read."""
    async with raw_server(saying(b'{"a": 1}')) as wire:
        http = Http(wire.url, TOKEN, deadline=20)
        await http.get("/v1/me")
        for number in range(count):
            reading = asyncio.ensure_future(http.get("/v1/me"))
            for _ in range(number % 7):
                await asyncio.sleep(0)
            reading.cancel()
        answer = await http.get("/v1/me", expect=("a",))
        assert answer.body == {"a": 1}
        pool = http._client._transport._pool  # type: ignore[union-attr]
        assert len(pool.connections) <= CONNECTIONS
        await http.aclose()
        assert not http._running


async def test_reads_that_are_cancelled_in_hundreds_wear_nothing_out():
    await storm(300)


@pytest.mark.soak
async def test_reads_that_are_cancelled_in_ten_thousands_wear_nothing_out():
    await storm(10_000)


async def test_who_waits_for_a_connection_can_be_cancelled_and_never_breaks_a_request_that_is_under_way():
    gate, all_busy = asyncio.Event(), asyncio.Event()

    async def slow(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(wire.requests) == CONNECTIONS:
            all_busy.set()
        await gate.wait()
        await saying(b'{"a": 1}')(_reader, writer)

    async with raw_server(slow) as wire:
        http = Http(wire.url, TOKEN, deadline=20)
        writing = asyncio.ensure_future(http.send("/v1/decisions", {}))
        reads = [asyncio.ensure_future(http.get("/v1/me")) for _ in range(20)]
        await all_busy.wait()
        for read in reads[10:]:
            read.cancel()
        gate.set()
        ends = await asyncio.gather(writing, *reads, return_exceptions=True)
        await http.aclose()
    assert not isinstance(ends[0], BaseException)
    assert sum(isinstance(end, asyncio.CancelledError) for end in ends) == 10
    assert not [end for end in ends if isinstance(end, CrmError)]


async def test_who_waits_behind_requests_that_hang_is_told_so_and_sent_nothing():
    all_busy = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        if len(wire.requests) == CONNECTIONS:
            all_busy.set()
        await reader.read()

    async with raw_server(hang) as wire:
        http = Http(wire.url, TOKEN, deadline=60)
        hanging = [asyncio.ensure_future(http.send("/v1/decisions", {})) for _ in range(CONNECTIONS)]
        await all_busy.wait()
        http._deadline = SHORT / 10
        with pytest.raises(Unreachable, match="before this one") as caught:
            await http.send("/v1/decisions", {})
        assert not isinstance(caught.value, AnswerLost)
        await http.aclose()
        ends = await asyncio.gather(*hanging, return_exceptions=True)
        assert all(isinstance(end, AnswerLost) for end in ends)


def test_the_interpreters_own_limit_on_long_numbers_is_in_force():
    assert 0 < sys.get_int_max_str_digits() <= 10_000


@pytest.mark.parametrize("write", [False, True])
async def test_an_address_from_an_answer_takes_the_token_to_no_other_host(write):
    async with raw_server(saying(b'{"a": 1}')) as stranger, raw_server(saying(b'{"a": 1}')) as wire:
        http = Http(wire.url, TOKEN)
        for elsewhere in (f"{stranger.url}/next", f"HTTP://127.0.0.1:{stranger.port}/", "https://127.0.0.1/"):
            with pytest.raises(BadAnswer, match="sends us to another host"):
                await (http.send(elsewhere, {}) if write else http.get(elsewhere))
        assert (await http.get(f"{wire.url}/next", expect=("a",))).body == {"a": 1}
        await http.aclose()
    assert stranger.requests == []


@pytest.mark.parametrize("url", ["https://-x-.exämple", "https://١٢٧.0.0.1", "https://[v1.a]"])
async def test_a_host_that_no_name_can_be_is_no_address(url):
    with pytest.raises(UsageError, match="not the address"):
        await Http(url, TOKEN).get("/x")
