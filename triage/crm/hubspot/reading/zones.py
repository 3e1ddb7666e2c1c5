"""HubSpot's time zones to IANA names. Not confirmed against a live account: "europe_slash_berlin"."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


def time_zone_of(text: str) -> str:
    """Return the IANA name that is meant, or an empty text."""
    wanted = text.strip().casefold().replace("_slash_", "/").replace(" ", "_")
    return _names().get(wanted, "") if wanted else ""


@cache
def _names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}
