"""Takes a secret out of what a server says, in any spelling that a server is known to give it.

Pure. It cannot recognise a secret that was cut short or encrypted: what is cut short at our side is blotted
before.
"""

from __future__ import annotations

import base64
import html
import re

BLOT = b"***"
_PLAIN = re.compile(r"[0-9A-Za-z]+")
SECRET_AT_LEAST = 8
"""Characters; taking anything shorter out would blot out ordinary text."""
_STEM_STARTS = (0, 2, 3)
"""Characters of Base64 that other text shares with a secret, by how many bytes it is off a group of three."""


class Blotter:
    """One secret, looked for as it is, and escaped for JSON, an address or a page, and in Base64."""

    def __init__(self, secret: str) -> None:
        spellings = [secret, *_stems(secret)] if len(secret) >= SECRET_AT_LEAST else []
        self._patterns = [
            (_part_of_every_spelling(text), re.compile("".join(map(_character, text)).encode()))
            for text in spellings
        ]

    def __call__(self, raw: bytes) -> bytes:
        """Return the text without the secret."""
        for part, pattern in self._patterns:  # one by one: joined they are four times as slow
            if part in raw:  # twice as fast to look for
                raw = pattern.sub(BLOT, raw)
        return raw


def _part_of_every_spelling(text: str) -> bytes:
    """Return the longest stretch that is written in one way only; empty where there is none."""
    return max(_PLAIN.findall(text), key=len, default="").encode()


def _character(character: str) -> str:
    """Return a pattern for every way to write one character."""
    plain = re.escape(character)
    if character.isalnum():
        return plain
    code = ord(character)
    ways = {
        plain,
        rf"\\{plain}",
        rf"(?i:\\u{code:04x})",
        f"(?i:%{code:02x})",
        f"&#0*{code};",
        f"(?i:&#x0*{code:x};)",
        re.escape(html.escape(character)),
    }
    return f"(?:{'|'.join(sorted(ways))})"


def _stems(secret: str) -> set[str]:
    """Return what stands of a secret in Base64, wherever in a text it stood, in both alphabets."""
    stems = set()
    for offset, start in enumerate(_STEM_STARTS):
        whole = base64.b64encode(b"\0" * offset + secret.encode("ascii")).decode()
        stem = whole[start : (offset + len(secret)) * 8 // 6]
        stems |= {stem, stem.replace("+", "-").replace("/", "_")}
    return stems
