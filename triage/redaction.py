"""What must not stand in a log or a report: secrets, known ones by value and others by how they are written.

Must never be the only protection: what is logged is ids, counts and our own words to begin with.
"""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "***"
_SHORTEST: Final = 6
"""Characters from which on a secret is looked for: shorter ones would blacken ordinary words."""
_secrets: list[str] = []
"""The longest first, so that one which begins like another is hidden whole."""
_NAMED: Final = re.compile(
    r"(?i)((?:\b[\w-]*(?:token|secret|passw(?:or)?d|api_?key|hapikey|authorization|cookie)[\w-]*[\"']?\s*[=:]\s*[\"']?)"
    r"(?:(?:bearer|basic)\s+)?|\b(?:bearer|basic)\s+)"
    r"[^\s\"'&,;]+"
)


def hide(secret: str) -> None:
    """Never let this text into a log or a report of this process."""
    if len(secret) >= _SHORTEST and secret not in _secrets:
        _secrets.append(secret)
        _secrets.sort(key=len, reverse=True)


def redacted(text: str) -> str:
    """Return a text without secrets."""
    for secret in _secrets:
        text = text.replace(secret, HIDDEN)
    return _NAMED.sub(rf"\1{HIDDEN}", text)
