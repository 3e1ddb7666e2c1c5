"""A lead as the server keeps it, who may see it, and its 51 keys on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.bottlecrm.shop.stamps import iso

if TYPE_CHECKING:
    from tests.bottlecrm.shop.people import Person
    from tests.bottlecrm.shop.state import State

EMPTY: dict[str, Any] = {
    "title": None, "salutation": None, "first_name": None, "last_name": None, "email": None, "phone": None,
    "job_title": None, "website": None, "linkedin_url": None, "status": None, "source": None,
    "source_detail": "", "source_ref": "", "industry": None, "rating": None, "opportunity_amount": None,
    "currency": None, "probability": 0, "close_date": None, "address_line": None, "city": None,
    "state": None, "postcode": None, "country": None, "last_contacted": None, "next_follow_up": None,
    "description": None, "company_name": None, "is_active": True,
}  # fmt: skip
"""What a lead is that was made of nothing."""
_WAITING = ("assigned", "in process", "recycled")


@dataclass(slots=True)
class Comment:
    id: str
    text: str
    at: datetime
    by: Person
    home: str
    """The id of the lead it stands at, or of the account that it moved to."""

    def told(self) -> dict[str, Any]:
        user = {"email": self.by.email, "profile_pic": None}
        return {
            "id": self.id,
            "comment": self.text,
            "commented_on": iso(self.at),
            "commented_by": {"id": self.by.id, "user_details": user},
        }


@dataclass(slots=True)
class Lead:
    id: str
    values: dict[str, Any]
    """Replaced with each write, never changed."""
    creator: Person
    created: datetime
    updated: datetime
    assigned: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    custom: dict[str, Any] = field(default_factory=dict)
    first_response: tuple[datetime, Person] | None = None
    last_outbound: datetime | None = None

    @property
    def status(self) -> str:
        return self.values["status"] or ""

    @property
    def waits(self) -> bool:
        return self.status in _WAITING and self.last_outbound is None

    def is_seen_by(self, person: Person) -> bool:
        return person.is_admin or self.creator.id == person.id or person.id in self.assigned

    def is_deleted_by(self, person: Person) -> bool:
        return person.is_admin or self.creator.id == person.id


def told(state: State, lead: Lead) -> dict[str, Any]:
    """The lead in a list and in its detail alike."""
    values = lead.values
    first, person = lead.first_response or (None, None)
    groups: dict[str, Any] = {"id": lead.id}
    groups |= {name: values[name] for name in list(EMPTY)[: list(EMPTY).index("country") + 1]}
    groups |= {"assigned_to": [one.told() for one in state.newest_first(lead.assigned)], "teams": []}
    groups |= {name: values[name] for name in ("last_contacted", "next_follow_up", "description")}
    groups |= {
        "contacts": [],
        "tags": [one.told() for one in state.tags_of(lead)],
        "created_by": lead.creator.as_user(),
        "created_at": iso(lead.created),
        "updated_at": iso(lead.updated),
        "is_active": values["is_active"],
        "is_sample": False,
        "company_name": values["company_name"],
        "stage": None,
        "kanban_order": "0.000000",
        "custom_fields": lead.custom,
        "phone_e164": "",
        "external_source": "",
        "external_id": "",
        "last_enquiry_at": None,
        "first_response_at": iso(first) if first else None,
        "first_response_by": person.id if person else None,
        "first_response_by_details": {"id": person.id, "name": person.name} if person else None,
        "last_outbound_at": iso(lead.last_outbound) if lead.last_outbound else None,
        "waiting_since": iso(lead.created) if lead.waits else None,
        "is_unanswered": lead.waits,
    }
    return groups
