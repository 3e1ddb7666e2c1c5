"""What one account calls things: fields, reasons and stages in its own names. Pure; the profile says it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from msgspec import Struct, field


class Dialect(Struct, frozen=True):
    """Our words to theirs. What is not in here has the adapter's default, or no equivalent."""

    fields: dict[str, str] = field(default_factory=dict)
    """Our name of a fact (score, utm_source, …) to the CRM's field."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Our reason code, or ACT.CODE where acts share one, to the value of the CRM's own options."""
    statuses: dict[str, str] = field(default_factory=dict)
    """A lead's status in our words (accepted, rejected, …) to the CRM's stage or status."""

    def reason(self, act: str, code: str | None) -> str | None:
        """Return the CRM's value for a reason of an act, or None where none was agreed."""
        return self.reasons.get(f"{act}.{code}") or self.reasons.get(code or "")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return which of the known words was most likely meant, or an empty text."""
    by_folded = {name.casefold().replace(" ", "_"): name for name in known}
    near = difflib.get_close_matches(word.casefold().replace(" ", "_"), by_folded, n=1)
    return by_folded[near[0]] if near else ""
