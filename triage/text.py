"""The one gate between text from a CRM and anything that shows, copies, exports or logs it.

Every character that a terminal could obey, hide or be confused by is replaced, not deleted, so that
tampering stays visible. The raw value stays in the store and goes back to the CRM unchanged.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NewType

SafeText = NewType("SafeText", str)
"""Text that went through `clean`: no control, no bidi override, no surrogate, bounded."""

LINE_LIMIT = 200
"""Characters kept of a one-line field."""
NOTE_LIMIT = 20_000
"""Characters kept of a text of several lines."""
_REPLACED = "\ufffd"
_NEWLINES = re.compile("\r\n|[\r\u2028\u2029\u0085\x0b\x0c]")
_PLAIN = re.compile(r"[\x20-\x7e\xa1-\xac\xae-\u02ff]*")
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters that show as nothing."""
_JOINERS = frozenset("\u200c\u200d")
_MARKS_PER_BASE = 3


def clean(value: object, *, limit: int = LINE_LIMIT, multiline: bool = False) -> SafeText:
    """Return text that is safe to show; longer than `limit` characters ends in "+N more".

    Newlines become ⏎ unless `multiline`; controls, surrogates, private and unassigned characters
    become U+FFFD; invisible format characters go; at most three marks stay on a base. Text within
    the limit that was cleaned once stays as it is.
    """
    text = value if isinstance(value, str) else str(value)
    dropped = len(text) - limit
    if dropped > 0:
        text = text[:limit]
    if not _PLAIN.fullmatch(text):
        text = _cleaned(text, multiline=multiline)
    return SafeText(f"{text} +{dropped:,} more" if dropped > 0 else text)


def clean_note(value: object) -> SafeText:
    """Clean a text of several lines."""
    return clean(value, limit=NOTE_LIMIT, multiline=True)


def is_altered(value: str) -> bool:
    """Whether cleaning changes more than blanks: there are hidden or hostile characters in it."""
    if _PLAIN.fullmatch(value):
        return False
    plain = _NEWLINES.sub("\n", unicodedata.normalize("NFC", value)).replace("\t", " ")
    seen = clean(plain, limit=max(len(plain), 1), multiline=True)
    return "".join(seen.split()) != "".join(plain.split())


def _cleaned(text: str, *, multiline: bool) -> str:
    text = _NEWLINES.sub("\n", unicodedata.normalize("NFC", text))
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category == "Cf":  # no base: marks behind it still pile up on the letter before
            if character in _JOINERS and _takes_joiner(kept):
                kept.append(character)
            continue
        marks = marks + 1 if category.startswith("M") else 0
        if marks <= _MARKS_PER_BASE:
            kept.append(_shown(character, category, multiline=multiline))
    return unicodedata.normalize("NFC", "".join(kept))  # what was dropped stood between letter and mark


def _takes_joiner(kept: list[str]) -> bool:
    return bool(kept) and unicodedata.category(kept[-1])[0] in "LSM"


def _shown(character: str, category: str, *, multiline: bool) -> str:
    if character == "\n":
        return "\n" if multiline else "⏎"
    if character == "\t" or category == "Zs":
        return " "
    if category in ("Cc", "Cs", "Co", "Cn") or character in _BLANKS:
        return _REPLACED
    return character
