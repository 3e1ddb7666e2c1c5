"""The only room that speaks HTTP: deadlines, size, TLS, proxies, and errors in our words.

It must never follow a redirect, retry a write, log a body, or let the token into an error or a log.
httpx is imported with the first request, because it costs more than the rest of the start.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from msgspec import Struct, field

from triage.clock import Clock, utc_now
from triage.crm.address import Address, no_address
from triage.crm.answer import Answer, Failed, Heard, Manners, Read, judge
from triage.crm.bearer import Bearer, Renew, Unsigned
from triage.crm.causes import cause_of
from triage.crm.limits import BODY_LIMIT, DEADLINE, READ_ATTEMPTS, READ_SECONDS, decode, encode
from triage.crm.proxy import Proxy, proxy_to, unusable
from triage.crm.their_clock import skew
from triage.crm.trust import check_variables, tls_context
from triage.crm.unreached import failure_of, with_clocks
from triage.errors import BadAnswer, CrmError, NotSignedIn, Unreachable

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS = 5.0
_SILENCE_SECONDS = 15.0
_CLOSING_SECONDS = 1.0
"""What a request in flight is given to end when the client closes."""
_CONNECTIONS = 4
_silent: set[str] = set()
"""Addresses whose last read had no answer: until they answer, a read is one request. Of the whole process."""


class _Request(Struct, frozen=True):
    """One call, and what counts as an answer to it."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    expect: tuple[str, ...] = ()
    also: tuple[int, ...] = ()
    read: Read = decode


class Http:
    """JSON over HTTP with one CRM. Belongs to the event loop of its first request; close it there.

    `url` is the base of all paths, `token` goes into the Authorization header and nowhere else (without one
    nothing is signed), `ca_file` is trusted on top of the system's store. `headers` go with every request and
    hold no secret but the token. `error_key` is the key by which an error of this CRM is known from a
    stranger's; `manners` says that and more. `deadline` is in seconds, `body_limit` in bytes. `renew` gives
    another token after a 401; that one request is then made once more, for a 401 certainly changed nothing.
    UsageError for a bad address, NotSignedIn for a token that no header can carry.
    """

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        ca_file: str | None = None,
        deadline: float = DEADLINE,
        body_limit: int = BODY_LIMIT,
        headers: Mapping[str, str] | None = None,
        error_key: str = "error",
        manners: Manners | None = None,
        renew: Renew | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._address = Address(url)
        self._token = Unsigned() if token is None else Bearer(token, renew)
        self._place = self._address.place
        self._ca_file = ca_file
        self._deadline = deadline
        self._body_limit = body_limit
        self._headers = dict(headers or {})
        self._manners = manners or Manners(error_key=error_key)
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._running: set[asyncio.Task[Answer]] = set()
        self._free = asyncio.Semaphore(_CONNECTIONS)
        self._clock = clock
        self._proxy: Proxy | None = None
        self.skew: timedelta | None = None
        """How far the CRM's clock was ahead of ours at its last answer; None where it does not say."""

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        expect: tuple[str, ...] = (),
        also: tuple[int, ...] = (),
        read: Read = decode,
    ) -> Answer:
        """Read; up to 4 tries within 10 s where that helps, and one while the CRM is silent.

        `expect` are keys the answer must have; statuses in `also` (404 …) are answers too; `read` is for the
        body of a success. Raises CrmError, or ConfigError for proxy, CA file and the variables of OpenSSL.
        """
        return await self._question(_Request("GET", path, params or {}, expect=expect, also=also, read=read))

    async def _question(self, request: _Request) -> Answer:
        try:
            answer = await self._read(request)
        except Failed as failed:
            error = failed.error
        else:
            _silent.discard(self._address.url)
            return answer
        if isinstance(error, Unreachable):
            _silent.add(self._address.url)
        raise error  # outside of the handler: no context that holds a request with its headers

    async def send(
        self,
        path: str,
        body: object,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        expect: tuple[str, ...] = (),
        also: tuple[int, ...] = (),
        read: Read = decode,
    ) -> Answer:
        """Write once, never again. AnswerLost: it may have taken effect; any other CrmError: it did not.

        Once begun, the request runs to its end even if the caller is cancelled.
        """
        extra = {"Content-Type": "application/json", **(headers or {})}
        return await self._write(
            _Request(method, path, headers=extra, content=encode(body), expect=expect, also=also, read=read)
        )

    async def ask(
        self,
        path: str,
        body: object,
        *,
        expect: tuple[str, ...] = (),
        also: tuple[int, ...] = (),
        read: Read = decode,
    ) -> Answer:
        """Read by POST, where a question is too long for an address; for the rest as `get`."""
        extra = {"Content-Type": "application/json"}
        return await self._question(
            _Request("POST", path, headers=extra, content=encode(body), expect=expect, also=also, read=read)
        )

    async def submit(
        self, path: str, form: Mapping[str, str], *, expect: tuple[str, ...] = (), also: tuple[int, ...] = ()
    ) -> Answer:
        """Send a form once, as an identity provider wants it; for the rest as `send`."""
        extra = {"Content-Type": "application/x-www-form-urlencoded"}
        content = urlencode(form).encode("ascii")
        return await self._write(
            _Request("POST", path, headers=extra, content=content, expect=expect, also=also)
        )

    async def _write(self, request: _Request) -> Answer:
        try:
            return await self._to_its_end(request)
        except Failed as failed:
            error = failed.error_of_write
        raise error

    async def aclose(self) -> None:
        """Give what is in flight a second to end, then close the connections."""
        if self._running:
            await asyncio.wait(set(self._running), timeout=_CLOSING_SECONDS)
        for task in set(self._running):
            task.cancel()
        await self._drop_client()

    async def _read(self, request: _Request) -> Answer:
        await self._opened()
        import stamina  # noqa: PLC0415 - loaded when the client was made

        async for attempt in stamina.retry_context(
            on=_worth_another_try,
            attempts=1 if self._address.url in _silent else READ_ATTEMPTS,
            timeout=READ_SECONDS,
            wait_initial=0.2,
            wait_max=2.0,
            wait_jitter=0.2,
        ):
            with attempt:
                return await self._to_its_end(request)
        raise AssertionError("the last attempt returns or raises")

    async def _to_its_end(self, request: _Request) -> Answer:
        """Run a request that a cancelled caller does not cut: cancelled requests wear out httpx's pool."""
        await self._turn()
        task = asyncio.ensure_future(self._signed(request))
        self._running.add(task)
        task.add_done_callback(self._ended)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.cancelled():
                raise
        raise Failed(
            Unreachable(f"{self._place} had not answered when the connection was closed."), reached=True
        )

    async def _turn(self) -> None:
        """Wait for one of the connections: who waits can be cancelled, and no pool runs out of patience."""
        try:
            async with asyncio.timeout(self._deadline):
                await self._free.acquire()
                return
        except TimeoutError:
            busy = Unreachable(f"{self._place} has not answered the requests before this one.")
        raise Failed(busy, reached=False)

    def _ended(self, task: asyncio.Task[Answer]) -> None:
        self._running.discard(task)
        self._free.release()
        if not task.cancelled():
            task.exception()  # looked at, for a caller who was cancelled does not

    async def _signed(self, request: _Request) -> Answer:
        """Make a request; where the CRM does not take the token and there is another, make it once more."""
        used = self._token.current
        try:
            return await self._exchange(request)
        except Failed as failed:
            if not isinstance(failed.error, NotSignedIn):
                raise
            refusal = failed
        try:
            another = await self._token.replaced(used)
        except CrmError as error:
            raise Failed(error, reached=False) from None
        if not another:
            raise refusal
        return await self._exchange(request)

    async def _exchange(self, request: _Request) -> Answer:
        client = await self._opened()
        status = 0
        try:
            _refuse_another_host(request.path, client.base_url, self._place)
            async with (
                asyncio.timeout(self._deadline),
                client.stream(
                    request.method,
                    request.path,
                    params=dict(request.params),
                    headers=dict(request.headers),
                    content=request.content,
                ) as response,
            ):
                status = response.status_code
                raw = await self._body(response)
                headers = {k.lower(): self._blotted(v) for k, v in response.headers.items()}
                heard = Heard(status, headers, raw, self._place)
                self.skew = skew(headers.get("date"), self._clock())
        except Failed:
            raise
        except Exception as error:  # noqa: BLE001 - the boundary: httpx also lets ssl, Unicode and runtime errors through
            failure = failure_of(
                error, self._place, self._proxy, heard=bool(status), patience=_CONNECT_SECONDS
            )
            rebuild = type(error).__name__ == "PoolTimeout"
            early = cause_of(error).of_the_clock and self._proxy is None
        else:
            return judge(
                heard,
                expect=request.expect,
                also=request.also,
                manners=self._manners,
                read=request.read,
            )
        if early:
            failure = await with_clocks(failure, self._address, self._ca_file, self._clock())
        if rebuild:
            await self._drop_client()  # a pool that lost count of its connections never recovers
        raise failure

    async def _body(self, response: httpx.Response) -> bytes:
        """Read the body as it comes, unpacked by nobody, up to the limit; a refusal may do without."""
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            return self._unusable(response, "packed its answer, though asked not to")
        raw = bytearray()
        async for chunk in response.aiter_raw():
            raw += chunk
            if len(raw) > self._body_limit:
                return self._unusable(response, f"sent an answer of more than {self._body_limit:,} bytes")
        return self._token.blotted(bytes(raw))

    def _blotted(self, header: str) -> str:
        return self._token.blotted(header.encode()).decode()

    def _unusable(self, response: httpx.Response, what: str) -> bytes:
        if response.is_success:
            raise Failed(BadAnswer(f"{self._place} {what}."), reached=True)
        return b""

    async def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            await asyncio.to_thread(_load)
        if self._client is None:  # still, for another request may have made it meanwhile
            self._client = self._make_client()
        return self._client

    def _make_client(self) -> httpx.AsyncClient:
        import httpx  # noqa: PLC0415 - 122 ms, paid with the first request only

        _quieten()
        try:
            base = httpx.URL(self._address.url)
        except (ValueError, httpx.InvalidURL):  # letters that no host's name can have
            raise no_address() from None
        self._proxy = proxy_to(self._address)
        seconds = httpx.Timeout(_SILENCE_SECONDS, connect=_CONNECT_SECONDS, pool=_CONNECT_SECONDS)
        if self._address.is_encrypted:
            check_variables()
        try:
            return httpx.AsyncClient(
                base_url=base,
                auth=self._token,
                verify=tls_context(self._ca_file),
                headers={**self._headers, "Accept": "application/json", "Accept-Encoding": "identity"},
                timeout=seconds,
                limits=httpx.Limits(max_connections=_CONNECTIONS),
                follow_redirects=False,
                trust_env=False,
                proxy=self._proxy.url if self._proxy is not None else None,
                transport=self._transport,
            )
        except (ImportError, ValueError, httpx.InvalidURL):
            if self._proxy is None:
                raise
        raise unusable(self._proxy)  # outside of the handler: no context that holds the proxy's password

    async def _drop_client(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


def _worth_another_try(error: Exception) -> bool | float:
    return error.again if isinstance(error, Failed) else False


def _refuse_another_host(path: str, base: httpx.URL, place: str) -> None:
    """Keep the token from where a whole address leads: an adapter may follow a link that an answer gave."""
    import httpx  # noqa: PLC0415 - loaded when the client was made

    url = httpx.URL(path)
    named, ours = (url.scheme, url.raw_host, url.port), (base.scheme, base.raw_host, base.port)
    if url.is_absolute_url and named != ours:
        raise Failed(BadAnswer(f"{place} sends us to another host."), reached=False)


def _load() -> None:
    """Import what takes a tenth of a second; called off the event loop, so that no screen stands still."""
    import httpx  # noqa: F401, PLC0415 - loaded here, used where the client is made
    import stamina  # noqa: F401, PLC0415
    import truststore  # noqa: F401, PLC0415


def _quieten() -> None:
    """Keep addresses and headers out of logs: httpx logs whole URLs, httpcore headers, stamina errors."""
    import stamina.instrumentation  # noqa: PLC0415 - needed with the first request only

    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    stamina.instrumentation.set_on_retry_hooks([])
