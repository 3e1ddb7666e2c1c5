"""A token that does not show itself. Owns what a token may look like; never where it comes from."""

from __future__ import annotations

from typing import Never

from triage.errors import UsageError
from triage.redaction import hide

_HIDDEN = "***"


class Secret:
    """A token. Printing, formatting, comparing and pickling do not give it away; `reveal` does."""

    __slots__ = ("_token",)

    def __init__(self, token: str) -> None:
        self._token = token

    @classmethod
    def parse(cls, text: str, source: str) -> Secret:
        """Strip and check a token, and keep it out of logs; UsageError shows its source and nothing of it.

        Other characters would reach the header line of a request, and with it an error text.
        """
        token = text.strip()
        if not token:
            raise UsageError(f"{source} is empty.")
        if not all("!" <= character <= "~" for character in token):
            raise UsageError(
                f"{source} is not a token: it holds a space or a character that is not plain ASCII.",
                hint="Copy it again, without the words around it.",
            )
        hide(token)
        return cls(token)

    def reveal(self) -> str:
        """Return the token itself, for the one header it belongs in."""
        return self._token

    def __repr__(self) -> str:
        return f"Secret({_HIDDEN})"

    def __str__(self) -> str:
        return _HIDDEN

    def __format__(self, spec: str) -> str:
        return format(_HIDDEN, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        from hmac import compare_digest  # noqa: PLC0415 - no token is compared before the inbox is painted

        return compare_digest(self._token.encode(), other._token.encode())

    def __hash__(self) -> int:
        return hash(self._token)

    def __reduce__(self) -> Never:
        raise TypeError("A secret is not pickled or copied.")
