"""The users and queues a lead may go to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triage.domain.lead import Lead


@dataclass(frozen=True, slots=True)
class Person:
    """One user, or a queue of several."""

    user_id: str
    name: str = ""
    kind: str = "user"
    """user or queue."""
    territory: str = ""
    """Country codes or a region's name, as the CRM writes it."""


@dataclass(frozen=True, slots=True)
class Rep:
    """Who is signed in."""

    user_id: str
    name: str = ""
    role: str = "rep"
    """rep or marketing."""
    account_id: str = ""
    account_name: str = ""
    time_zone: str = ""


def territory_owner(lead: Lead, people: Sequence[Person]) -> str | None:
    """Return the id of the one whose territory holds the lead's country, other than its owner; or None."""
    if not lead.country:
        return None
    for person in people:
        countries = {part.strip().upper() for part in person.territory.replace("/", ",").split(",")}
        if lead.country.upper() in countries and person.user_id != lead.owner.user_id:
            return person.user_id
    return None
