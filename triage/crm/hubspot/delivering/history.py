"""What a property was before: the versions that HubSpot keeps of it. Pure."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from triage.crm.hubspot.values import moment_of


class Version(Struct, frozen=True):
    """One value of a property, from a moment on."""

    at: datetime
    value: str
    by: str = ""
    """Who or what wrote it, where HubSpot has a word for that."""


def versions_of(history: object, name: str) -> list[Version]:
    """Return the versions of one property, the newest first, of a record's `propertiesWithHistory`."""
    values = history.get(name) if isinstance(history, dict) else None
    found = [_version(one) for one in values if isinstance(one, dict)] if isinstance(values, list) else []
    return sorted((one for one in found if one is not None), key=lambda one: one.at, reverse=True)


def value_at(versions: list[Version], moment: datetime) -> str:
    """Return what stood there at a moment, of versions with the newest first; empty before the first."""
    return next((one.value for one in versions if one.at <= moment), "")


def _version(entry: dict[str, object]) -> Version | None:
    at, value, by = moment_of(entry.get("timestamp")), entry.get("value"), entry.get("sourceLabel")
    if at is None:
        return None
    return Version(at, value if isinstance(value, str) else "", by if isinstance(by, str) else "")
