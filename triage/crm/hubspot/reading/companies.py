"""The companies behind contacts: size, industry and country, which definitions ask for.

Needs a scope that triage can do without (crm.objects.companies.read): where it is missing, nobody is asked
again. Not confirmed against a live account: association type 1 as a contact's primary company.
"""

from __future__ import annotations

from collections.abc import Collection

from triage.crm.hubspot.api import Api
from triage.crm.hubspot.names import CONTACTS
from triage.crm.hubspot.rows import Linked, Row
from triage.errors import NotPermitted

_PRIMARY = 1
PROPERTIES = ("name", "domain", "industry", "numberofemployees", "country", "city", "lifecyclestage")


class Companies:
    """The primary company of each contact."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._allowed = True

    async def of(self, contacts: Collection[str]) -> dict[str, Row]:
        """Return the companies by the contact's id; empty where the key may not see companies."""
        if not contacts or not self._allowed:
            return {}
        try:
            linked = await self._api.associated(CONTACTS, "companies", contacts)
            chosen = {contact: primary(links, _PRIMARY) for contact, links in linked.items()}
            found = await self._api.read_batch("companies", filter(None, chosen.values()), PROPERTIES)
        except NotPermitted:
            self._allowed = False
            return {}
        return {contact: found.rows[one] for contact, one in chosen.items() if one in found.rows}


def primary(links: Collection[Linked], type_id: int) -> str:
    """Return the record that is associated by this type, or the first of all; empty where there is none."""
    first = next((one.id for one in links), "")
    return next((one.id for one in links if type_id in one.type_ids), first)
