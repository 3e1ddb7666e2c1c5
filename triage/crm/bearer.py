"""The token of one client: signs its requests, is replaced after a 401, and is blotted out of answers.

Never asks for a token itself: whoever makes the adapter gives it `renew`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from triage.crm.address import Token
from triage.errors import CrmError, NotSignedIn, TriageError

if TYPE_CHECKING:
    import httpx

Renew = Callable[[str], Awaitable[str | None]]
"""Called with a token that the CRM does not take; returns another one, or None where there is none.

May raise any TriageError. A caller that is cancelled must not make it lose a token that was just issued.
"""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an identity provider gives for a refresh token."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    """The next refresh token; empty where the old one stays good."""
    expires_in: float | None = None
    """Seconds that the access token is good for, where the provider says so."""


Exchange = Callable[[str], Tokens]
"""Gives a refresh token to the identity provider. Blocks, with a deadline of its own.

NotSignedIn where the provider does not take it (invalid_grant); Unreachable where it cannot be asked.
"""


class Bearer:
    """The token in use and all before it. Belongs to the event loop of its first `replaced`."""

    def __init__(self, secret: str, renew: Renew | None = None) -> None:
        self.current = Token(secret)
        self._renew = renew
        self._known = [self.current]
        self._given_up: Token | None = None
        self._turn = asyncio.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """Sign a request with the token in use."""
        return self.current(request)

    def blotted(self, raw: bytes) -> bytes:
        """Return an answer without any token that this client has had."""
        for token in self._known:
            raw = token.blotted(raw)
        return raw

    async def replaced(self, refused: Token | None) -> bool:
        """Whether there is another token than the one refused; asks for one, once for all who wait.

        CrmError where it could not be had: for a lost network as such, for all else as NotSignedIn.
        """
        async with self._turn:
            if refused is None or self.current != refused:
                return True
            if self._renew is None or self._given_up == refused:
                return False
            fresh = await self._another(refused.secret)
            if fresh is None or fresh == refused.secret:
                self._given_up = refused
                return False
            self._take(Token(fresh))
            return True

    async def _another(self, refused: str) -> str | None:
        assert self._renew is not None
        try:
            return await self._renew(refused)
        except CrmError:
            raise
        except TriageError as error:
            message, hint = error.message, error.hint
        raise NotSignedIn(f"The CRM does not take the token. {message}", hint=hint)

    def _take(self, token: Token) -> None:
        self.current = token
        self._known.append(token)


class Unsigned:
    """In the place of a token where nobody is signed in yet: an identity provider's own addresses."""

    current: Token | None = None

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """Leave a request as it is."""
        return request

    def blotted(self, raw: bytes) -> bytes:
        """Return an answer as it came: there is no token that it could quote."""
        return raw

    async def replaced(self, _refused: Token | None) -> bool:
        """Say that there is no other token."""
        return False
