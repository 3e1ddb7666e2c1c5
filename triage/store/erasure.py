"""Taking a person out of what is said about others: ids and addresses of purged leads in other documents.

Owns what names a lead. Must never touch what another lead says of itself: a name or an address that two leads
share is left to the other one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from msgspec import Struct
from msgspec.structs import fields, replace

from triage.domain.item import Item
from triage.domain.lead import Lead, LeadId
from triage.domain.review import Reply

REMOVED = "[removed]"
_LONG, _SHORT = 8, 4
"""So many digits, or other characters, an id must have to be looked for in texts: a 12 may be anything."""
_CODES = frozenset(
    {"of", "supersedes", "reason", "status", "version", "disagrees_with", "band", "grade", "fit_grade"}
    | {"engagement_grade", "group", "by", "kind", "channel", "stage", "roles", "source", "campaign"}
)
"""Fields in which a program's words stand: anyone may be called Webinar."""
_ITS_OWN = frozenset(
    {"name", "title", "company", "email", "phone", "country", "city", "time_zone", "language"}
    | {"profile_url", "website", "industry"}
)
"""Fields in which a lead, or its account, says who it is."""


class Names(Struct, frozen=True):
    """What some leads are called by: ids, and each name, e-mail and phone that is only theirs."""

    lead_ids: frozenset[LeadId]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, lead_ids: Iterable[LeadId], cached: Iterable[Lead]) -> Names:
        """Collect the names of some leads, as far as the cache knows them."""
        ids = frozenset(lead_ids)
        ours: dict[str, str] = {}
        others: dict[str, str] = {}
        for lead in cached:
            (ours if lead.lead_id in ids else others).update(_called(lead))
        only_ours = (name for form, name in ours.items() if form not in others)
        return cls(ids, _any_of({*filter(_tells_itself, ids), *only_ours}))

    def are_in(self, reply: Reply) -> bool:
        """Tell whether marketing's answer is about one of the leads, or names one."""
        return reply.lead_id in self.lead_ids or self.pattern.search(reply.text) is not None

    def out_of_item(self, item: Item) -> Item:
        """Return an item that names none of them: the same one if it named none."""
        if item.decision is not None and _pointed_at(item) in self.lead_ids:
            params = {**item.decision.params, "lead_id": REMOVED}
            item = replace(item, decision=replace(item.decision, params=params))
        fewer: Item = self._without(item)
        return fewer

    def out_of_lead(self, lead: Lead) -> Lead:
        """Return a lead that names none, as its duplicate or sibling either: the same if it named none."""
        account = lead.account
        siblings = tuple(one for one in account.siblings if one.lead_id not in self.lead_ids)
        twin = account.duplicate_of
        kept = None if twin is not None and twin.lead_id in self.lead_ids else twin
        fewer = replace(lead, account=replace(account, siblings=siblings, duplicate_of=kept))
        redacted: Lead = self._without(fewer)
        return redacted

    def _without(self, value: Any) -> Any:
        # Not isinstance: a state or an act is a string too, and a lead may be called Accept.
        if type(value) is str:
            return self.pattern.sub(REMOVED, value)
        if isinstance(value, Struct):
            said = {name: getattr(value, name) for name in _texts(type(value))}
            fewer = {name: self._without(part) for name, part in said.items()}
            return replace(value, **fewer) if fewer != said else value
        if isinstance(value, dict):
            return {key: self._without(part) for key, part in value.items()}
        if isinstance(value, tuple):
            return tuple(self._without(part) for part in value)
        return value


@cache
def _texts(kind: Any) -> tuple[str, ...]:
    """Return the fields of a domain type in which someone else may be named; a new one is among them."""
    names = (field.name for field in fields(kind))
    return tuple(
        name for name in names if name not in _CODES | _ITS_OWN and not name.endswith(("_id", "_version"))
    )


def _called(lead: Lead) -> dict[str, str]:
    """Return what a lead is called, by how it compares: nobody writes a name in the same case each time."""
    names = [name.strip() for name in (lead.name, lead.email) if len(name.strip()) > 1]
    phone = lead.phone.strip()
    return {name.casefold(): name for name in [*names, *([phone] if _tells_itself(phone) else [])]}


def _pointed_at(item: Item) -> LeadId | None:
    """Return the other lead that a decision is about: the one it is a duplicate of."""
    other = item.decision.params.get("lead_id") if item.decision is not None else None
    return LeadId(other) if other else None


def _tells_itself(lead_id: str) -> bool:
    """Whether an id can be told from any other number in a text."""
    return len(lead_id) >= (_LONG if lead_id.isdigit() else _SHORT)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return what finds any of the words, but not inside a longer one: L-001 is not in L-0012."""
    longest_first = sorted(words, key=len, reverse=True)
    if not longest_first:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])", re.IGNORECASE)
