"""What the keyring holds for a profile whose token is renewed: the token, and the refresh token behind it.

An entry each, because a keyring may have room for one token and not for two; the secret of the app that one
signed in through is a third. Never renews anything itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from config.credentials import CLIENT_SECRET, Keyring, forget_token, kept_token, store_token
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

    def replace(self, kept: Kept, client_secret: Secret | None = None, *, same_app: bool = True) -> None:
        """Keep what a new sign-in gave, and delete what an older one left: it may be of another app."""
        if client_secret is not None:
            store_token(_app_entry(self.name), self.profile, client_secret, keyring=self.keyring)
        elif not same_app:
            forget_token(_app_entry(self.name), self.profile, keyring=self.keyring)
        self.keep(kept)
        if kept.refresh is None:
            forget_token(_refresh_entry(self.name), self.profile, keyring=self.keyring)

    def forget(self) -> None:
        """Delete both; the app's secret stays, for the next sign-in."""
        for entry in (self.name, _refresh_entry(self.name)):
            forget_token(entry, self.profile, keyring=self.keyring)

    def forget_all(self) -> None:
        """Delete everything that is kept for the profile."""
        self.forget()
        forget_token(_app_entry(self.name), self.profile, keyring=self.keyring)

    def client_secret(self, environ: Mapping[str, str]) -> Secret | None:
        """Return the app's secret: of TRIAGE_CLIENT_SECRET, else what is kept, else None."""
        if environ.get(CLIENT_SECRET):
            return Secret.parse(environ[CLIENT_SECRET], CLIENT_SECRET)
        return self._entry(_app_entry(self.name))

    def _entry(self, entry: str) -> Secret | None:
        return kept_token(entry, self.profile, keyring=self.keyring)


def _refresh_entry(name: str) -> str:
    """Return a name that no profile can have."""
    return f"{name} refresh"


def _app_entry(name: str) -> str:
    """Return another."""
    return f"{name} app"
