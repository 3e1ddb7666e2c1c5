"""A keyring that fails, with what it was asked to keep in its words."""

from __future__ import annotations

from keyring.backend import KeyringBackend

TOKEN = "TOKEN-abc123/5d41402abc4b+2a76b9719d911017c592"


class Telling(KeyringBackend):
    """Says the token whatever it is asked."""

    priority = (
        -1
    )  # taken where it is named; a class that is loaded is otherwise a choice for every later test

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError(TOKEN)

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(password)
