"""A token that another program keeps, or that is made anew for each run: asked for once, and after a refusal.

Never keeps it anywhere but in this process. It runs in worker threads, never on an event loop.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from config.secret import Secret
from triage.crm.bearer import Tokens
from triage.errors import CredentialsUnavailable, TriageError

_SOURCE = "What was borrowed"


class Borrowing:
    """One profile's borrowed token. `borrow` blocks, and gives None where the token is the keyring's."""

    def __init__(self, borrow: Callable[[], Tokens | None]) -> None:
        self._borrow = borrow
        self._turn = threading.Lock()
        self._held: Secret | None = None

    def token(self) -> Secret | None:
        """Return the token, asking for it the first time; None where there is none to borrow."""
        with self._turn:
            if self._held is None:
                self._held = self._asked()
            return self._held

    async def renew(self, refused: str) -> str | None:
        """Return another token than the one refused, asking once for all who wait; None if it is the same."""
        fresh = await asyncio.to_thread(self._another_than, Secret(refused))
        return fresh.reveal() if fresh is not None else None

    def _another_than(self, refused: Secret) -> Secret | None:
        with self._turn:
            if self._held is None or self._held == refused:
                self._held = self._asked()
            return self._held if self._held != refused else None

    def _asked(self) -> Secret | None:
        """Ask. What goes wrong in an adapter's own code is taken for a token that is not to be had."""
        try:
            lent = self._borrow()
        except TriageError:
            raise
        except Exception as error:  # noqa: BLE001 - the boundary: foreign code, whose words may hold the token
            kind = type(error).__name__
        else:
            return None if lent is None else Secret.parse(lent.access, _SOURCE)
        raise CredentialsUnavailable(f"The token cannot be borrowed ({kind}).")
