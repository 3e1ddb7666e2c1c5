"""Where a browser comes back to after a sign-in: one request on this machine, then nobody listens any more.

Takes no code without the state of this sign-in. The page that the browser gets holds nothing of the address.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Mapping
from contextlib import suppress
from hmac import compare_digest
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct

from triage.crm.oauth.endpoint import code_of
from triage.errors import NotSignedIn, Unreachable, UsageError
from triage.redaction import hide
from triage.text import clean

HOST = "127.0.0.1"
_HOST_6 = "::1"
"""What some browsers take `localhost` for: nobody else may listen there and be given the code."""
REDIRECT = "http://localhost:1717/OauthRedirect"
"""Where a browser comes back to, unless the profile's option `redirect_uri` says otherwise."""
_NAMES = ("localhost", HOST)
_LONGEST = 16_384
"""Bytes of a request's head."""
_PATIENCE = 10.0
"""Seconds one connection has to say what it wants."""
_MOST_FIELDS = 20
_WORDS = 300
_HEADERS = (
    "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
    "Content-Security-Policy: default-src 'none'\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n"
)


class _Reply(Struct, frozen=True):
    """What the browser is told."""

    status: str
    words: str

    @property
    def raw(self) -> bytes:
        page = f"<!doctype html><title>triage</title><p>{self.words}</p>\n".encode("ascii")
        head = f"HTTP/1.1 {self.status}\r\n{_HEADERS}Content-Length: {len(page)}\r\n\r\n"
        return head.encode("ascii") + page


_WELCOME = _Reply("200 OK", "You are signed in. Close this page and go back to the terminal.")
_DECLINED = _Reply("200 OK", "The sign-in was not granted. The terminal says why.")
_STRANGE = _Reply("400 Bad Request", "This is not the sign-in that triage waits for.")
_NOT_HERE = _Reply("404 Not Found", "There is nothing here.")


class Loopback:
    """Listens for one sign-in, within `async with`.

    `redirect_uri` is http on localhost or 127.0.0.1, as the app knows it; without a port a free one is taken.
    UsageError for any other address, and for a port that is in use.
    """

    def __init__(self, redirect_uri: str, state: str) -> None:
        self._host, self._port, self._path = _parts(redirect_uri)
        self._state = state.encode()
        self._came: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._servers: list[asyncio.Server] = []
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        try:
            await self._listen(HOST)
            self._port = self._servers[0].sockets[0].getsockname()[1]
            if self._host != HOST:
                await self._listen(_HOST_6)
        except OSError as error:
            await self._close()
            used = error.errno == errno.EADDRINUSE
            why = "is in use by another program" if used else f"cannot be listened on ({error.strerror})"
            raise UsageError(
                f"Port {self._port} of this machine {why}: the browser could not come back.",
                hint="Close it, or name another address that the app knows: --option redirect_uri=…",
            ) from None
        return self

    async def _listen(self, host: str) -> None:
        """Listen at an address of this machine; one that it does not have is no place to come back to."""
        try:
            self._servers.append(await asyncio.start_server(self._accept, host, self._port, limit=_LONGEST))
        except OSError as error:
            if host == HOST or error.errno == errno.EADDRINUSE:
                raise

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._close()
        if not self._came.done():
            self._came.cancel()
        elif not self._came.cancelled():
            self._came.exception()  # looked at, for a caller who gave up does not

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in set(self._serving):  # a browser keeps connections open that it has no use for yet
            task.cancel()
        for server in self._servers:
            await server.wait_closed()

    @property
    def redirect_uri(self) -> str:
        """The address as the provider is told it, with the port that is listened on."""
        return f"http://{self._host}:{self._port}{self._path}"

    async def code(self, within: float) -> str:
        """Return the code that the browser brings; NotSignedIn if it brings a refusal.

        Unreachable if nobody has come back within so many seconds.
        """
        try:
            async with asyncio.timeout(within):
                return await asyncio.shield(self._came)
        except TimeoutError:
            pass
        raise Unreachable(
            f"Nobody came back from the browser within {within:g} s.",
            hint="Run `triage login` again. Over ssh the browser cannot come back here: sign in another way.",
        )

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection; what it brought counts once the browser has its page."""
        try:
            async with asyncio.timeout(_PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
                reply, brought = self._judged(head)
                writer.write(reply.raw)
                await writer.drain()
        except (TimeoutError, EOFError, OSError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        if brought is not None and not self._came.done():
            self._take(brought)

    def _take(self, brought: Mapping[str, str]) -> None:
        if code := brought.get("code"):
            hide(code)
            self._came.set_result(code)
            return
        said = clean(brought.get("error_description", ""), limit=_WORDS).rstrip(".")
        words = f"{code_of(brought.get('error'))}{': ' if said else ''}{said}"
        self._came.set_exception(
            NotSignedIn(
                f"The sign-in was not granted: {words}.",
                hint="Allow it in the browser, or ask an admin whether the app is allowed to you.",
            )
        )

    def _judged(self, head: bytes) -> tuple[_Reply, dict[str, str] | None]:
        """Return what the browser is told, and what it brought if it was this sign-in."""
        method, _, rest = head.partition(b"\r\n")[0].partition(b" ")
        target = rest.partition(b" ")[0].decode("latin-1")
        path, _, query = target.partition("?")
        if method != b"GET" or path != self._path:
            return _NOT_HERE, None
        brought = _fields(query)
        if not compare_digest(brought.get("state", "").encode(), self._state):
            return _STRANGE, None
        if "error" in brought:
            return _DECLINED, {key: value for key, value in brought.items() if key != "code"}
        return (_WELCOME, brought) if brought.get("code") else (_STRANGE, None)


def _fields(query: str) -> dict[str, str]:
    """Return the fields of a query; nothing where one stands in it twice."""
    try:
        found = parse_qs(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {} if any(len(values) > 1 for values in found.values()) else {k: v[0] for k, v in found.items()}


def _parts(redirect_uri: str) -> tuple[str, int, str]:
    """Return host, port (0: a free one) and path."""
    try:
        parts = urlsplit(redirect_uri)
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        host, port = "", 0
    if host not in _NAMES or parts.scheme != "http" or parts.query or parts.fragment or parts.username:
        raise UsageError(
            "The browser comes back to this machine only: redirect_uri is http://localhost:PORT/PATH.",
            hint="It is the address that the app was given, to the letter.",
        )
    return host, port, parts.path or "/"
