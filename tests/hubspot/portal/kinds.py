"""The kinds of records: what each is called in a path, which scopes open it, how two of them are associated.

Type ids that hubspot.md names are the vendor's; those from the other side (contact to lead …) are not confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tests.hubspot.portal.problems import Problem


@dataclass(frozen=True)
class Kind:
    name: str
    type_id: str
    one: str
    scope: str
    """Of `crm.objects.<scope>.read`: notes, calls, mails and meetings are covered by contacts."""
    modified: str = "hs_lastmodifieddate"
    created: str = "hs_createdate"
    first_id: int = 1

    @property
    def may_read(self) -> str:
        return f"crm.objects.{self.scope}.read"

    @property
    def may_write(self) -> str:
        return f"crm.objects.{self.scope}.write"


CONTACTS = Kind("contacts", "0-1", "contact", "contacts", "lastmodifieddate", "createdate", 60_001)
COMPANIES = Kind("companies", "0-2", "company", "companies", created="createdate", first_id=2_001)
DEALS = Kind("deals", "0-3", "deal", "deals", created="createdate", first_id=30_001)
NOTES = Kind("notes", "0-46", "note", "contacts", first_id=900_001)
LEADS = Kind("leads", "0-136", "lead", "leads", first_id=511)
MEETINGS = Kind("meetings", "0-47", "meeting", "contacts", first_id=910_001)
CALLS = Kind("calls", "0-48", "call", "contacts", first_id=920_001)
EMAILS = Kind("emails", "0-49", "email", "contacts", first_id=930_001)
ENGAGEMENTS = (CALLS, EMAILS, MEETINGS)
KINDS = (CONTACTS, COMPANIES, DEALS, NOTES, LEADS, *ENGAGEMENTS)
_NAMES = {name: kind for kind in KINDS for name in (kind.name, kind.type_id, kind.one)}


def kind_of(name: str) -> Kind:
    kind = _NAMES.get(name.lower())
    if kind is None:
        raise Problem(400, "VALIDATION_ERROR", f"Unable to infer object type from: {name}")
    return kind


@dataclass(frozen=True)
class Tie:
    """One type of association, in one direction."""

    type_id: int
    label: str | None
    back: int
    """The type that the other side then has."""
    single: bool = False


_TIES: dict[tuple[str, str], tuple[Tie, ...]] = {
    ("leads", "contacts"): (Tie(578, "Lead to primary contact", 579, single=True), Tie(608, None, 607)),
    ("leads", "companies"): (Tie(580, "Lead to primary company", 581, single=True), Tie(610, None, 609)),
    ("leads", "deals"): (Tie(1037, None, 1038), Tie(582, "Lead to primary deal", 583, single=True)),
    ("leads", "notes"): (Tie(854, None, 855),),
    ("contacts", "notes"): (Tie(201, None, 202),),
    ("contacts", "calls"): (Tie(193, None, 194),),
    ("contacts", "emails"): (Tie(197, None, 198),),
    ("contacts", "meetings"): (Tie(199, None, 200),),
    ("contacts", "companies"): (Tie(1, "Primary", 2, single=True), Tie(279, None, 280)),
    ("contacts", "deals"): (Tie(4, None, 3),),
    ("companies", "deals"): (Tie(342, None, 341),),
    ("companies", "notes"): (Tie(189, None, 190),),
    ("deals", "notes"): (Tie(213, None, 214),),
}


@cache
def ties_of(from_kind: str, to_kind: str) -> dict[int, Tie]:
    """The types that lead from one kind to another, by their id."""
    forth = _TIES.get((from_kind, to_kind), ())
    back = _TIES.get((to_kind, from_kind), ())
    return {tie.type_id: tie for tie in forth} | {
        tie.back: Tie(tie.back, tie.label, tie.type_id) for tie in back
    }
