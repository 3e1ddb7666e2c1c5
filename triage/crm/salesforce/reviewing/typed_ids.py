"""Ids of answers that a person typed into Salesforce: made of where they stand and what they say. Pure.

The same answer has the same id at every fetch; one that is changed is another answer.
"""

from __future__ import annotations

import hashlib
import re

_TYPED = re.compile(r"typed-(.{1,64})-[0-9a-f]{16}")


def typed_id(key: str, kind: str, text: str) -> str:
    """Return the id of an answer on the row of a key, or on another record."""
    said = f"{kind}\n{same(text)}".encode("utf-8", "replace")
    return f"typed-{key}-{hashlib.sha256(said).hexdigest()[:16]}"


def key_in(reply_id: str) -> str:
    """Return the key of the row that holds an answer: its own, or that of the item it was typed at."""
    told = _TYPED.fullmatch(reply_id)
    return told[1] if told else reply_id


def is_typed(reply_id: str) -> bool:
    """Whether an answer was typed into Salesforce."""
    return _TYPED.fullmatch(reply_id) is not None


def same(text: str) -> str:
    """Return a text as two copies of it are compared: Salesforce trims, and rewrites the ends of lines."""
    return " ".join(text.split())
