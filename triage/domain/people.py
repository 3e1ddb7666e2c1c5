"""The users and queues a lead may go to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from triage.domain.lead import Lead
from triage.errors import UsageError


class Person(Struct, frozen=True):
    """One user, or a queue of several."""

    user_id: str
    name: str = ""
    kind: str = "user"
    """user or queue."""
    territory: str = ""
    """Country codes or a region's name, as the CRM writes it."""


class Rep(Struct, frozen=True):
    """Who is signed in."""

    user_id: str
    name: str = ""
    role: str = "rep"
    """rep or marketing."""
    account_id: str = ""
    account_name: str = ""
    time_zone: str = ""
    access_ends: datetime | None = None
    """When the CRM stops taking the token, where it says so."""


ENDS_SOON = timedelta(days=14)


def access_ends_words(ends: datetime, now: datetime) -> str:
    """Say until when the CRM takes the token, from two weeks before; empty until then."""
    left = ends - now
    if left > ENDS_SOON:
        return ""
    when = f"ends on {ends.astimezone():%d %b}" if left > timedelta() else "has ended"
    return f"The sign-in {when}; `triage login` renews it."


def find_person(text: str, people: Sequence[Person]) -> str:
    """Return the id of whom an id or a name means; UsageError if none is meant, or several are.

    Where nobody is known yet the text is taken as an id: the CRM will say.
    """
    wanted = text.strip().casefold()
    if not people or any(person.user_id == text.strip() for person in people):
        return text.strip()
    named = [
        person.user_id for person in people if wanted in (person.user_id.casefold(), person.name.casefold())
    ]
    if len(named) == 1:
        return named[0]
    near = [person for person in people if wanted and wanted in person.name.casefold()] or people
    known = ", ".join(f"{person.user_id} {person.name}" for person in near[:10])
    problem = "is nobody a lead can go to" if not named else "is more than one"
    raise UsageError(f"“{text}” {problem}.", hint=f"Give an id: {known}.")


def territory_owner(lead: Lead, people: Sequence[Person]) -> str | None:
    """Return the id of the one whose territory holds the lead's country, other than its owner; or None."""
    if not lead.country:
        return None
    for person in people:
        countries = {part.strip().upper() for part in person.territory.replace("/", ",").split(",")}
        if lead.country.upper() in countries and person.user_id != lead.owner.user_id:
            return person.user_id
    return None
