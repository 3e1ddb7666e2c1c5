"""Where the browser comes back to: one sign-in's own code, from this machine, and nothing of it on the page."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crm.browsing import fetched
from triage.crm.oauth import browser
from triage.crm.oauth.loopback import Loopback
from triage.crm.oauth.pkce import Proof
from triage.errors import NotSignedIn, Unreachable, UsageError

STATE = "state-5d41402abc4b2a76"
CODE = "code-b9719d911017c592"
ANY = "http://127.0.0.1/back"


async def open_page(loopback: Loopback, query: str, path: str | None = None):
    base = loopback.redirect_uri if path is None else loopback.redirect_uri.replace("/back", path)
    return await asyncio.to_thread(fetched, f"{base}?{query}")


# What proves that it is ours


def test_the_challenge_is_that_of_the_rfc():
    proof = Proof("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "s")
    assert proof.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_no_two_sign_ins_are_alike_and_neither_shows_itself():
    one, other = Proof.fresh(), Proof.fresh()
    assert len({one.verifier, other.verifier, one.state, other.state}) == 4
    assert 43 <= len(one.verifier) <= 128
    assert one.verifier not in repr(one)
    assert one.state not in repr(one)


# Coming back


async def test_a_code_with_the_state_is_taken_and_the_page_holds_nothing_of_it():
    async with Loopback(ANY, STATE) as loopback:
        status, page, headers = await open_page(loopback, f"code={CODE}&state={STATE}")
        assert await loopback.code(5) == CODE
    assert status == 200
    assert "go back to the terminal" in page
    assert not any(secret in page + str(headers) for secret in (CODE, STATE))
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")


@pytest.mark.parametrize(
    "query",
    [
        f"code={CODE}",
        f"code={CODE}&state=",
        f"code={CODE}&state={STATE}x",
        f"code={CODE}&state={STATE[:-1]}",
        f"code={CODE}&state={STATE}&state=other",
        f"code={CODE}&code=other&state={STATE}",
        "error=access_denied&state=other",
        f"state={STATE}",
        f"code=&state={STATE}",
        "code=%F0%9F%92%A5&state=%FF%FE",
        "&".join(f"x{number}=1" for number in range(30)) + f"&code={CODE}&state={STATE}",
    ],
)
async def test_what_is_not_this_sign_in_is_turned_away_and_the_right_one_still_comes(query):
    async with Loopback(ANY, STATE) as loopback:
        status, page, _ = await open_page(loopback, query)
        assert (status, CODE in page) == (400, False)
        await open_page(loopback, f"code={CODE}&state={STATE}")
        assert await loopback.code(5) == CODE


async def test_other_addresses_and_other_methods_are_not_here():
    async with Loopback(ANY, STATE) as loopback:
        for path in ("/favicon.ico", "/back/", "//back"):
            assert (await open_page(loopback, f"code={CODE}&state={STATE}", path))[0] == 404
        assert "404" in await said(loopback, f"POST /back?code={CODE}&state={STATE} HTTP/1.1\r\n\r\n")
        await open_page(loopback, f"code={CODE}&state={STATE}")
        assert await loopback.code(5) == CODE


@pytest.mark.parametrize(
    "raw", ["", "\r\n\r\n", "GET", "\x00" * 40_000, "GET /back HTTP/1.1\r\n" + "x" * 40_000]
)
async def test_bytes_that_are_no_request_do_no_harm(raw):
    async with Loopback(ANY, STATE) as loopback:
        await said(loopback, raw)
        await open_page(loopback, f"code={CODE}&state={STATE}")
        assert await loopback.code(5) == CODE


async def said(loopback: Loopback, raw: str) -> str:
    port = int(loopback.redirect_uri.rsplit(":", 1)[1].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw.encode())
        writer.write_eof()
        return (await reader.read()).decode()
    except ConnectionResetError:
        return ""
    finally:
        writer.close()


async def test_a_connection_that_says_nothing_holds_nothing_up():
    async with Loopback(ANY, STATE) as loopback:
        port = int(loopback.redirect_uri.rsplit(":", 1)[1].partition("/")[0])
        reader, silent = await asyncio.open_connection("127.0.0.1", port)
        await open_page(loopback, f"code={CODE}&state={STATE}")
        assert await loopback.code(5) == CODE
    assert await asyncio.wait_for(reader.read(), 5) == b"", "it is left open"
    silent.close()
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_refusal_is_said_in_words_that_cannot_hurt_a_terminal():
    async with Loopback(ANY, STATE) as loopback:
        query = f"error=access_denied&error_description=not%1b%5b2Jtoday&state={STATE}&code={CODE}"
        _, page, _ = await open_page(loopback, query)
        with pytest.raises(NotSignedIn) as caught:
            await loopback.code(5)
    assert "access_denied: not" in caught.value.message
    assert "\x1b" not in caught.value.message
    assert "today" not in page


async def test_an_error_that_is_no_word_is_not_repeated():
    async with Loopback(ANY, STATE) as loopback:
        await open_page(loopback, f"error=%1b]0;pwned%07&state={STATE}")
        with pytest.raises(NotSignedIn, match="no reason given"):
            await loopback.code(5)


async def test_nobody_is_waited_for_longer_than_said():
    async with Loopback(ANY, STATE) as loopback:
        with pytest.raises(Unreachable, match="Nobody came back"):
            await loopback.code(0.01)


async def test_a_port_in_use_is_said_with_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port}.*in use") as caught:
            async with Loopback(f"http://localhost:{port}/back", STATE):
                pytest.fail("two listen")
    assert "redirect_uri" in caught.value.hint


@pytest.mark.parametrize(
    "uri",
    [
        "https://localhost:1717/back",
        "http://example.com:1717/back",
        "http://localhost.example.com:1717/back",
        "http://user@localhost:1717/back",
        "http://localhost:99999/back",
        "http://0.0.0.0:1717/back",
        "back",
        "http://localhost:1717/back?x=1",
    ],
)
async def test_a_browser_comes_back_to_this_machine_only(uri):
    with pytest.raises(UsageError, match="this machine only"):
        Loopback(uri, STATE)


async def test_it_listens_on_this_machine_only():
    async with Loopback("http://localhost/back", STATE) as loopback:
        assert loopback.redirect_uri.startswith("http://localhost:")
        places = {one.getsockname()[0] for server in loopback._servers for one in server.sockets}
        assert {"127.0.0.1"} <= places <= {"127.0.0.1", "::1"}
        ports = {one.getsockname()[1] for server in loopback._servers for one in server.sockets}
        assert len(ports) == 1
    async with Loopback(ANY, STATE) as loopback:
        assert len(loopback._servers) == 1


@pytest.fixture
def port_of_6() -> Iterator[int]:
    """A port of ::1 that another program has; skipped where this machine has no ::1."""
    with socket.socket(socket.AF_INET6) as taken:
        try:
            taken.bind(("::1", 0))
        except OSError:
            pytest.skip("no ::1 here")
        taken.listen()
        yield taken.getsockname()[1]


async def test_nobody_else_waits_where_localhost_leads_as_well(port_of_6):
    """Browsers try ::1 first: a stranger who listens there would be given the code."""
    loopback = Loopback(f"http://localhost:{port_of_6}/back", STATE)
    with pytest.raises(UsageError, match=f"Port {port_of_6}.*in use"):
        await loopback.__aenter__()
    assert not any(server.is_serving() for server in loopback._servers)


async def test_a_browser_that_takes_localhost_for_the_newer_address_comes_back(port_of_6):
    async with Loopback("http://localhost/back", STATE) as loopback:
        page = loopback.redirect_uri.replace("localhost", "[::1]")
        assert (await asyncio.to_thread(fetched, f"{page}?code={CODE}&state={STATE}"))[0] == 200
        assert await loopback.code(5) == CODE


async def test_a_machine_without_the_newer_address_does_without(monkeypatch):
    start = asyncio.start_server

    async def without(accept, host, port, **more):
        if host == "::1":
            raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
        return await start(accept, host, port, **more)

    monkeypatch.setattr(asyncio, "start_server", without)
    async with Loopback("http://localhost/back", STATE) as loopback:
        assert len(loopback._servers) == 1


# The browser itself


def test_a_browser_is_started_on_a_desktop_only(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(browser.sys, "platform", "linux")
    assert browser._opener() == ()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert browser._opener() == ("xdg-open",)
    monkeypatch.setattr(browser.sys, "platform", "darwin")
    assert browser._opener() == ("open",)


def test_a_browser_outlives_ctrl_c_at_the_terminal(tmp_path: Path, monkeypatch):
    opener = tmp_path / "xdg-open"
    opener.write_text(
        f"#!{sys.executable}\nimport os\nopen({str(tmp_path / 'session')!r}, 'w').write(str(os.getsid(0)))\n"
    )
    opener.chmod(0o700)
    monkeypatch.setattr(browser, "_opener", lambda: (str(opener),))
    browser.show("https://login.example/authorize", lambda _line: None)
    for thread in threading.enumerate():
        if thread.name == "browser":
            thread.join(20)
    assert int((tmp_path / "session").read_text()) != os.getsid(0)


def test_other_programs_are_given_none_of_our_variables(monkeypatch):
    monkeypatch.setenv("TRIAGE_TOKEN_WORK", "x")
    monkeypatch.setenv("TRIAGE_CLIENT_SECRET", "x")
    given = browser.environ_of_others(os.environ)
    assert "PATH" in given
    assert not [name for name in given if name.startswith("TRIAGE_")]
