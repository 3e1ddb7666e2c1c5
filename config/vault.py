"""What the keyring holds for a profile whose token is renewed: the token, and the refresh token behind it.

Two entries, because a keyring may have room for one token and not for two. Never renews anything itself.
"""

from __future__ import annotations

from msgspec import Struct

from config.credentials import Keyring, forget_token, kept_token, store_token
from config.secret import Secret
from config.settings import Profile


class Kept(Struct, frozen=True):
    """A token and what renews it; None for what is not there."""

    token: Secret | None
    refresh: Secret | None


class Vault(Struct, frozen=True):
    """One profile's entries. Every call may raise CredentialsUnavailable."""

    name: str
    profile: Profile
    keyring: Keyring

    def read(self) -> Kept:
        """Return what is kept."""
        return Kept(self._entry(self.name), self._entry(_refresh_entry(self.name)))

    def keep(self, kept: Kept) -> None:
        """Keep both and read them back; the refresh token first, for without it nothing can be mended."""
        for entry, secret in ((_refresh_entry(self.name), kept.refresh), (self.name, kept.token)):
            if secret is not None:
                store_token(entry, self.profile, secret, keyring=self.keyring)

    def forget(self) -> None:
        """Delete both."""
        for entry in (self.name, _refresh_entry(self.name)):
            forget_token(entry, self.profile, keyring=self.keyring)

    def _entry(self, entry: str) -> Secret | None:
        return kept_token(entry, self.profile, keyring=self.keyring)


def _refresh_entry(name: str) -> str:
    """Return a name that no profile can have."""
    return f"{name} refresh"
