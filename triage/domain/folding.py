"""How texts are compared when something is looked for: as they are shown, whatever case, accent or width."""

from __future__ import annotations

import re
import unicodedata

from triage.text import LINE_LIMIT, clean

_ACCENTS = re.compile("[\u0300-\u036f]+")
_NO_DECOMPOSITION = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ħ": "h"}
)
"""Letters that Unicode does not take apart, and whose plain form is what a keyboard has."""


def fold(text: str) -> str:
    """Return the form in which texts are compared: “Müller” and “MULLER” are one. Folded twice is once."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).casefold()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", apart)).translate(_NO_DECOMPOSITION)
    return unicodedata.normalize("NFC", plain)


def shown_folded(*parts: str) -> str:
    """Return texts from outside in the form in which they are compared, of what a screen shows of each.

    A character that hides in a name, or one that only looks like nothing, must not keep it from being found.
    """
    text = " ".join(parts)
    if len(text) <= LINE_LIMIT and text.isascii() and text.isprintable():
        return text.lower()
    return fold(" ".join([clean(part) for part in parts]))
