"""The people of a portal: whoever can own a record. Pages of HubSpot's owners, archived ones left out."""

from __future__ import annotations

from collections import Counter
from typing import Any

from triage.crm.fields import Fields
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.paths import owners
from triage.domain.people import Person

_PAGE = "100"
_MOST_PAGES = 50


def name_of(owner: Fields) -> str:
    """Return what a person of the portal is called; the e-mail address where there is no name."""
    said = " ".join(part for part in (owner.text("firstName"), owner.text("lastName")) if part)
    return said or owner.text("email")


async def read_people(api: Api) -> tuple[Person, ...]:
    """Return everyone, with their team where the portal has teams; a queue's owner is no person."""
    found = []
    async for page in api.pages(owners(), {"limit": _PAGE, "archived": "false"}, most=_MOST_PAGES):
        found += [_person(Fields(row, Counter())) for row in page]
    return tuple(found)


def _person(owner: Fields) -> Person:
    kind = "queue" if owner.text("type") == "QUEUE" else "user"
    return Person(owner.text("id"), name_of(owner), kind, territory=_team(owner))


def _team(owner: Fields) -> str:
    teams: list[Any] = list(owner.children("teams"))
    first = next((team for team in teams if team.flag("primary")), teams[0] if teams else None)
    return first.text("name") if first is not None else ""
