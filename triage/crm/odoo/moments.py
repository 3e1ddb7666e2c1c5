"""Odoo's moments: UTC without saying so, to the second, and false where there is none. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_FORM = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d)?(\.\d{1,6})?", re.ASCII)


def moment_of(value: object) -> datetime | None:
    """Return the moment of "2026-11-20 08:30:00", aware; of a date its midnight; None of anything else."""
    if not isinstance(value, str) or not _FORM.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        return None


def text_of(moment: datetime) -> str:
    """Return a moment as Odoo takes it in a domain."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
