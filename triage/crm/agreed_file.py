"""The rules of a CRM that keeps none: one text at an address that the profile names, read without any token.

Where it cannot be read the rules that are here stay in force, and the reader says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from triage.crm.address import Address
from triage.crm.port import Crm
from triage.crm.proxy import proxy_to
from triage.crm.trust import check_variables, tls_context
from triage.domain.definition import Definition
from triage.domain.reasons import ReasonBook
from triage.errors import BadAnswer, TriageError, Unreachable, UsageError

if TYPE_CHECKING:
    import httpx

LARGEST: Final = 1_000_000
"""Bytes of a text that is read; the shipped ones have some ten thousand."""
_SECONDS = 10.0
_OK = 200
Reader = Callable[[], Awaitable[Any]]
"""Reads the rules of an address; raises TriageError where that cannot be done."""


async def read_text(url: str, ca_file: str | None = None, *, seconds: float = _SECONDS) -> str:
    """Return the text at an address. UsageError unless it is https; CrmError where it is unreadable."""
    address = Address(url)
    if not address.is_encrypted and not address.is_loopback:
        raise UsageError("The agreed rules are read over https only.", hint="Change the profile's address.")
    try:
        async with asyncio.timeout(seconds):
            return (await _read(address, ca_file)).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadAnswer(f"{_place(address)} is not UTF-8 text.") from None
    except TimeoutError:
        raise Unreachable(f"{_place(address)} did not come in {seconds:.0f} s.") from None


async def _read(address: Address, ca_file: str | None) -> bytes:
    import httpx  # noqa: PLC0415 - only a profile that names an address pays for it

    if address.is_encrypted:
        check_variables()
    proxy = proxy_to(address)
    try:
        async with (
            httpx.AsyncClient(
                verify=tls_context(ca_file),
                trust_env=False,
                follow_redirects=False,
                proxy=proxy.url if proxy is not None else None,
                headers={"Accept": "application/toml, text/plain", "Accept-Encoding": "identity"},
            ) as client,
            client.stream("GET", address.url) as response,
        ):
            raw, problem = await _body(response)
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        raw, problem = b"", "could not be read"
    if problem:  # outside of the handler: no context that holds a proxy's password
        raise Unreachable(f"{_place(address)} {problem}.")
    return raw


async def _body(response: httpx.Response) -> tuple[bytes, str]:
    """Return the body, or why it is of no use."""
    if response.status_code != _OK:
        return b"", f"could not be read (status {response.status_code})"
    raw = bytearray()
    async for chunk in response.aiter_raw():
        raw += chunk
        if len(raw) > LARGEST:
            return b"", f"has more than {LARGEST:,} bytes"
    return bytes(raw), ""


def _place(address: Address) -> str:
    return f"The file of agreed rules at {address.place.removeprefix('The CRM at ')}"


class AgreedElsewhere:
    """An adapter, and the definition or reason codes of an address where its CRM keeps none."""

    def __init__(
        self,
        crm: Crm,
        *,
        definition: Reader | None = None,
        reasons: Reader | None = None,
    ) -> None:
        """None: no address is named for it."""
        self._crm = crm
        self._definition = definition
        self._reasons = reasons
        self.troubles: list[str] = []
        """What could not be read, in words."""

    def __getattr__(self, name: str) -> Any:
        """Be the adapter in all else."""
        return getattr(self._crm, name)

    async def definition(self) -> Definition | None:
        """Return the CRM's definition, else the one at the address."""
        found = await self._crm.definition()
        return found if found is not None else await self._elsewhere(self._definition)

    async def reasons(self) -> ReasonBook | None:
        """Return the CRM's reason codes, else those at the address."""
        found = await self._crm.reasons()
        return found if found is not None else await self._elsewhere(self._reasons)

    async def _elsewhere(self, read: Reader | None) -> Any:
        if read is None:
            return None
        try:
            return await read()
        except TriageError as error:
            self.troubles.append(error.message)
            return None
