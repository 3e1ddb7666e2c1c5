"""All that the shop holds, and what the handlers of requests ask of it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from tests.bottlecrm.shop.faults import Faults
from tests.bottlecrm.shop.fields import Definition
from tests.bottlecrm.shop.leads import Comment, Lead
from tests.bottlecrm.shop.people import Doors, Person
from tests.bottlecrm.shop.refusals import bare, no_lead
from tests.bottlecrm.shop.stamps import RecordClock, iso


@dataclass(frozen=True)
class Tag:
    id: str
    name: str
    made: datetime
    color: str = "blue"

    def told(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "slug": re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-"),
            "color": self.color,
            "description": "",
            "is_active": True,
            "created_at": iso(self.made),
        }


@dataclass
class Account:
    """What a lead becomes when it is converted, found again by its name; and a contact, by the address."""

    id: str
    creator: Person
    name: str
    assigned: set[str] = field(default_factory=set)

    def is_open_to(self, person: Person) -> bool:
        return person.is_admin or self.creator.id == person.id or person.id in self.assigned


class State:
    """One organisation. All in it is touched under `lock`: requests come on another thread than the test's."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.name = "Acme Sales"
        self.clock = RecordClock()
        self.broken_rules: list[str] = []
        self.people: dict[str, Person] = {}
        self.doors = Doors()
        self.leads: dict[str, Lead] = {}
        self.comments: list[Comment] = []
        self.tags: dict[str, Tag] = {}
        self.fields: dict[str, Definition] = {}
        """Definitions by their id."""
        self.accounts: dict[str, Account] = {}
        """By their names in small letters."""
        self.contacts: dict[str, Account] = {}
        """By their addresses in small letters."""
        self.faults = Faults()
        self.effects: list[tuple[str, str, str]] = []
        """Lead id, item id and word of each entry that a write newly put into a lead's log."""

    def newest_first(self, ids: Iterable[str]) -> list[Person]:
        found = [self.people[one] for one in ids]
        return sorted(found, key=lambda one: one.joined, reverse=True)

    def tags_of(self, lead: Lead) -> list[Tag]:
        return sorted((self.tags[one] for one in lead.tags), key=lambda one: one.name)

    def lead_for(self, person: Person, text: str) -> Lead:
        lead = self.leads.get(str(UUID(text)))
        if lead is None or not lead.is_seen_by(person):
            raise no_lead()
        return lead

    def comments_of(self, home: str) -> list[Comment]:
        """In the order of their random ids, which is the server's."""
        return sorted(
            (one for one in self.comments if one.home == home), key=lambda one: one.id, reverse=True
        )

    def comment(self, home: str, text: str, by: Person) -> None:
        self.comments.append(Comment(str(uuid4()), text, self.clock.stamp(), by, home))

    def definition(self, key: str) -> Definition | None:
        return next((one for one in self.fields.values() if one.key == key), None)


def ids_in(value: Any, name: str) -> list[str]:
    """Ids as a body may give them: a list, one alone, or objects that have one."""
    if value in (None, ""):
        return []
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list):
        raise bare(name, f"{name} must be a list of ids.")
    found = [one.get("id") if isinstance(one, dict) else one for one in listed]
    return [checked_id(one, name) for one in found if one not in (None, "")]


def checked_id(value: Any, name: str) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise bare(name, f"'{value}' is not a valid id.") from None
