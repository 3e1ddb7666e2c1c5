"""How a token that the CRM does not take is replaced: its source is asked again, or the identity provider.

A refresh token that rotates is good once, and a second use of it ends the sign-in for everybody. So one
process at a time renews, looks into the keyring first, and keeps the new refresh token before the new token
is used. It runs in worker threads: a caller that is cancelled does not lose what was just issued, and a
program that ends waits for it. Must never be run on an event loop.

Killed between the provider's answer and the keyring's, the new refresh token is lost and the kept one used
up: the next run says to sign in again. Nothing else is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from config.secret import Secret
from config.vault import Kept, Vault
from triage.crm.bearer import Exchange, Tokens
from triage.errors import CredentialsUnavailable, NotSignedIn, TriageError, Unreachable

LOCK_FILE = "token.lock"
PATIENCE = 60.0
"""Seconds to wait for another process that renews: longer than one exchange with its deadline."""
SKEW = 60.0
"""Seconds before its end from which a token counts as expired."""
_POLL = 0.02


class SecondLook:
    """Asks the source of a token once more: once for all who wait for it at the same time."""

    def __init__(self, look: Callable[[], Secret | None]) -> None:
        self._look = look
        self._turn = threading.Lock()
        self._looks = 0
        self._seen: Secret | None = None

    async def renew(self, refused: str) -> str | None:
        """Return another token than the one refused, or None; raises what the source raises."""
        seen = await asyncio.to_thread(self._again)
        return seen.reveal() if seen is not None and seen != Secret(refused) else None

    def _again(self) -> Secret | None:
        before = self._looks
        with self._turn:
            if self._looks == before:
                self._seen = self._look()
                self._looks += 1
            return self._seen


class _Unsaved(Struct, frozen=True):
    """What the provider gave and the keyring would not take."""

    instead_of: Secret
    """The refresh token that is in the keyring still, and used up."""
    kept: Kept


class Rotation:
    """Renews the token of one profile with refresh tokens that are good once.

    `lock` is a file beside the profile's state; `warn` is told, in one sentence, when the keyring does not
    take what was issued. `monotonic` is in seconds.
    """

    def __init__(
        self,
        vault: Vault,
        exchange: Exchange,
        lock: Path,
        *,
        warn: Callable[[str], None],
        monotonic: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
    ) -> None:
        self._vault = vault
        self._exchange = exchange
        self._lock = lock
        self._warn = warn
        self._monotonic = monotonic
        self._patience = patience
        self._unsaved: _Unsaved | None = None
        self._ends: tuple[Secret, float] | None = None
        """A token of this process, and when it counts as expired; of others' tokens the end is not known."""

    async def renew(self, refused: str) -> str | None:
        """Return a token that is not the refused one, or None without a refresh token.

        NotSignedIn where the sign-in has ended, Unreachable where the provider cannot be asked.
        """
        fresh = await asyncio.to_thread(self._renewed, Secret(refused))
        return fresh.reveal() if fresh is not None else None

    def token(self) -> Secret | None:
        """Return a token that has not expired as far as is known, renewing it first if need be. Blocks."""
        if self._unsaved is not None:
            with token_turn(self._lock, self._patience):
                self._save_again()
        kept = self._kept()
        if kept.token is not None and not self._has_ended(kept.token):
            return kept.token
        return self._renewed(kept.token)

    def _renewed(self, refused: Secret | None) -> Secret | None:
        with token_turn(self._lock, self._patience):
            self._save_again()
            return self._renewed_or_found(refused)

    def _renewed_or_found(self, refused: Secret | None, *, last: bool = False) -> Secret | None:
        """Use what another process has renewed meanwhile, else ask the provider."""
        kept = self._kept()
        if kept.token is not None and kept.token != refused:
            return kept.token
        if kept.refresh is None:
            return None
        asked_at = self._monotonic()
        try:
            issued = self._issued_for(kept.refresh)
        except NotSignedIn:
            if last or not self._was_replaced(kept.refresh):
                raise self._ended(kept.refresh) from None
            return self._renewed_or_found(refused, last=True)
        return self._take(kept.refresh, issued, asked_at)

    def _issued_for(self, refresh: Secret) -> Tokens:
        """Ask the provider. What goes wrong in an adapter's own code is taken for a provider that is away."""
        try:
            return self._exchange(refresh.reveal())
        except TriageError:
            raise
        except Exception as error:  # noqa: BLE001 - the boundary: foreign code, whose words may hold the token
            kind = type(error).__name__
        raise Unreachable(f"The identity provider of {self._vault.name} cannot be asked ({kind}).")

    def _take(self, used: Secret, issued: Tokens, asked_at: float) -> Secret:
        """Keep what was issued before anyone uses it; in memory where the keyring will not."""
        source = "What the identity provider gave"
        token = Secret.parse(issued.access, source)
        refresh = Secret.parse(issued.refresh, source) if issued.refresh else used
        still_kept = self._unsaved.instead_of if self._unsaved is not None else used
        self._save(_Unsaved(still_kept, Kept(token, refresh)))
        if issued.expires_in is not None:
            spare = min(SKEW, issued.expires_in / 2)
            self._ends = (token, asked_at + issued.expires_in - spare)
        return token

    def _save(self, unsaved: _Unsaved) -> None:
        """Keep tokens in the keyring; where that fails, remember them, and say so the first time."""
        known, self._unsaved = self._unsaved, unsaved
        try:
            self._vault.keep(unsaved.kept)
        except CredentialsUnavailable as error:
            if known != unsaved:
                self._warn(
                    f"The renewed sign-in of {self._vault.name} could not be kept ({error.message}) "
                    "It holds until this program ends; then sign in again with "
                    f"`triage login {self._vault.name}`."
                )
        else:
            self._unsaved = None

    def _save_again(self) -> None:
        """Try once more to keep what could not be kept, unless the keyring has something newer."""
        unsaved = self._unsaved
        with contextlib.suppress(CredentialsUnavailable):
            if unsaved is not None and self._vault.read().refresh == unsaved.instead_of:
                self._save(unsaved)

    def _kept(self) -> Kept:
        """Return what is kept; what could not be kept, as long as the keyring has nothing newer."""
        unsaved = self._unsaved
        try:
            kept = self._vault.read()
        except CredentialsUnavailable:
            if unsaved is None:
                raise
            return unsaved.kept
        if unsaved is not None and kept.refresh == unsaved.instead_of:
            return unsaved.kept
        self._unsaved = None
        return kept

    def _was_replaced(self, sent: Secret) -> bool:
        """Whether the keyring has another refresh token by now: someone signed in again."""
        return self._kept().refresh not in (None, sent)

    def _ended(self, sent: Secret) -> NotSignedIn:
        """Forget a refresh token that is not taken, if it is still the one that was sent."""
        name = self._vault.name
        if self._kept().refresh == sent:
            self._unsaved = None
            with contextlib.suppress(CredentialsUnavailable):  # that the sign-in has ended is what matters
                self._vault.forget()
        return NotSignedIn(
            f"The sign-in of {name} has ended: the identity provider does not renew it.",
            hint=f"Sign in again with `triage login {name}`. What is queued stays queued.",
        )

    def _has_ended(self, token: Secret) -> bool:
        return self._ends is not None and self._ends[0] == token and self._monotonic() >= self._ends[1]


@contextlib.contextmanager
def token_turn(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold a profile's token lock; the system frees it when the process ends, however it ends.

    Unreachable where another process keeps it for longer than `patience` seconds; CredentialsUnavailable
    where there can be no lock.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        problem = f"The token cannot be renewed: {path.name} cannot be opened ({error.strerror})."
        raise CredentialsUnavailable(problem) from error
    try:
        _wait_for(handle, time.monotonic() + patience)
        yield
    finally:
        os.close(handle)


def _wait_for(handle: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise Unreachable("Another triage has been renewing the token for too long.") from None
            time.sleep(_POLL)
        else:
            return
