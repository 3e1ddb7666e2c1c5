"""What tells one state of the rules from another, in a few bytes: what a rep has read is remembered by it.

Small on purpose: it is compared at every start. Knows nothing of what the difference is.
"""

from __future__ import annotations

import zlib

from msgspec import Struct

from triage.domain.definition import Definition
from triage.domain.reasons import ReasonBook


class Marks(Struct, frozen=True):
    """The rules that someone has read, or those in force."""

    definition: str = ""
    reasons: str = ""
    models: tuple[str, ...] = ()
    """Versions of the score models."""
    review: str = ""
    """The review whose question was put away."""


def mark(rules: Definition | ReasonBook) -> str:
    """Return the version and a sum of all that it says: a CRM may change rules and keep their number."""
    # repr, because it takes half a character too, which no encoder does.
    return f"{rules.version} {zlib.crc32(repr(rules).encode('utf-8', 'backslashreplace')):08x}"


def version_of(marked: str) -> str:
    """Return the version in a mark."""
    return marked.rpartition(" ")[0]


def review_mark(definition: Definition) -> str:
    """Return what names the review that is due; empty where none was agreed on."""
    due = definition.review_due
    return f"{definition.version} {due.isoformat()}" if due is not None else ""
