"""Taking a person out of what is said about others: ids and addresses of purged leads in other documents.

Owns what names a lead. Must never touch what another lead says of itself: a name or an address that two leads
share is left to the other one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from triage.domain.item import Item
from triage.domain.lead import Lead, LeadId
from triage.domain.review import Reply
from triage.store.rows import value_document, value_of

REMOVED = "[removed]"
_LONG, _SHORT = 8, 4
"""So many digits, or other characters, an id must have to be looked for in texts: a 12 may be anything."""


@dataclass(frozen=True, slots=True)
class Names:
    """What some leads are called by: ids, and each name, e-mail and phone that is only theirs."""

    lead_ids: frozenset[LeadId]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, lead_ids: Iterable[LeadId], cached: Iterable[Lead]) -> Names:
        """Collect the names of some leads, as far as the cache knows them."""
        ids = frozenset(lead_ids)
        ours: set[str] = set(filter(_tells_itself, ids))
        others: set[str] = set()
        for lead in cached:
            (ours if lead.lead_id in ids else others).update(_called(lead))
        return cls(ids, _any_of(ours - others))

    def are_in(self, reply: Reply) -> bool:
        """Tell whether marketing's answer is about one of the leads, or names one."""
        return reply.lead_id in self.lead_ids or self.pattern.search(reply.text) is not None

    def out_of_item(self, item: Item) -> Item:
        """Return an item that names none of them: the same one if it named none."""
        if item.decision is not None and _pointed_at(item) in self.lead_ids:
            params = {**item.decision.params, "lead_id": REMOVED}
            item = replace(item, decision=replace(item.decision, params=params))
        return value_of(self._without(value_document(item)), Item)

    def out_of_lead(self, lead: Lead) -> Lead:
        """Return a lead that names none, as its duplicate or sibling either: the same if it named none."""
        account = lead.account
        siblings = tuple(one for one in account.siblings if one.lead_id not in self.lead_ids)
        twin = account.duplicate_of
        kept = None if twin is not None and twin.lead_id in self.lead_ids else twin
        fewer = replace(lead, account=replace(account, siblings=siblings, duplicate_of=kept))
        return value_of(self._without(value_document(fewer)), Lead)

    def _without(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.pattern.sub(REMOVED, value)
        if isinstance(value, dict):
            return {key: self._without(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._without(part) for part in value]
        return value


def _called(lead: Lead) -> set[str]:
    return {name for name in (lead.name, lead.email, lead.phone) if name.strip()}


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
