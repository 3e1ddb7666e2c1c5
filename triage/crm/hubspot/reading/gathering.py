"""From rows of leads to leads: contacts, companies and histories of a page at once, never one by one.

Costs a page of N leads: one request for contacts that the leads do not name, ceil(N/100) for the contacts,
the same twice for companies where the key may see them, three for calls, mails and meetings and one for each
hundred of them (20 of a kind and contact at most), one for each lead whose score has a history (as many as
`Histories` asks for), one for each sequence that contacts are in, and for the lists of those in none
ceil(N/100) and one for each new name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from triage.clock import Clock
from triage.crm.hubspot import names
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.reading.companies import Companies, primary
from triage.crm.hubspot.reading.engagements import Engagements
from triage.crm.hubspot.reading.leads import ASSIGNED_AT, Gathered, Portal, lead_of, status_of
from triage.crm.hubspot.reading.lists import Lists
from triage.crm.hubspot.reading.marketing import SEQUENCE, is_enrolled
from triage.crm.hubspot.reading.score import Histories
from triage.crm.hubspot.reading.score_names import ScoreNames, find
from triage.crm.hubspot.reading.sequences import Sequences
from triage.crm.hubspot.rows import Row
from triage.crm.hubspot.values import Values
from triage.domain.lead import IN_VIEW, UNDECIDED, Lead, LeadId, LeadStatus

ON_LIST = UNDECIDED | IN_VIEW | {LeadStatus.UNKNOWN}
"""What a rep is shown. One of an unknown stage too: a lead that is not shown is lost."""
_URGENT = {LeadStatus.ASSIGNED: 0, LeadStatus.SNOOZED: 2}
"""Whose reasons are asked for first: what waits for a word, then what is in work, then what sleeps."""
_PRIMARY = 578
_NOBODY: Row = {"id": "", "properties": {}}


async def portal_of(account: Account, scores: ScoreNames, clock: Clock) -> Portal:
    """Return what is the same for all leads of a fetch."""
    return Portal(
        await account.me(),
        await account.kind(),
        await account.stages(),
        scores,
        account.dialect,
        clock(),
        await account.labels(names.CONTACTS) if scores.has_history else {},
    )


class Page(Struct, frozen=True):
    """What came of some rows."""

    leads: tuple[Lead, ...]
    off_list: tuple[LeadId, ...]
    """Those that are not on the rep's list, or no longer."""
    contacts: dict[str, str]
    """The contacts that were read, with the moment of their last change."""
    owed: tuple[LeadId, ...] = ()
    """Those whose reasons were not asked for yet."""


class Gathering:
    """Makes leads of rows for one account."""

    def __init__(self, api: Api, account: Account, clock: Clock) -> None:
        self._api = api
        self._account = account
        self._clock = clock
        self._companies = Companies(api)
        self._engagements = Engagements(api)
        self._sequences = Sequences(api)
        self._lists = Lists(api)
        self._scores: ScoreNames | None = None

    async def scores(self) -> ScoreNames:
        """Return which properties hold the score; asked once."""
        if self._scores is None:
            self._scores = await find(self._api, self._account.dialect)
        return self._scores

    async def portal(self) -> Portal:
        """Return what is the same for all leads of a fetch."""
        return await portal_of(self._account, await self.scores(), self._clock)

    async def of(
        self, rows: Sequence[Row], portal: Portal, histories: Histories, unread: Counter[str]
    ) -> Page:
        """Return the leads of rows."""
        contacts = await self._contacts(rows, portal)
        gathered = [Gathered(row, contacts.get(row["id"], _NOBODY)) for row in rows]
        listed = [one for one in gathered if _is_on_list(one, portal)]
        whole = await self._whole(listed, portal, histories, unread) if listed else []
        leads = tuple(lead_of(one, portal, unread) for one in whole)
        here = {lead.lead_id for lead in leads}
        off_list = tuple(LeadId(row["id"]) for row in rows if row["id"] not in here)
        versions = {row["id"]: _version(row) for row in contacts.values()}
        owed = tuple(LeadId(one.row["id"]) for one in whole if one.contact_id in histories.waiting)
        return Page(leads, off_list, versions, owed)

    async def _whole(
        self, listed: Sequence[Gathered], portal: Portal, histories: Histories, unread: Counter[str]
    ) -> list[Gathered]:
        """Return the rows with their companies, what was done about them, and what moved their scores."""
        contacts = [one.contact_id for one in listed if one.contact_id]
        companies = await self._companies.of(contacts)
        engaged = await self._engagements.of(contacts, unread)
        urgent = sorted(listed, key=lambda one: (_URGENT.get(status_of(one, portal), 1), _since(one)))
        scored = [one.contact_id for one in urgent if one.contact["properties"].get(portal.scores.main)]
        moved = await histories.of(scored, unread)
        said = {one.contact_id: Values(one.contact["properties"]) for one in listed}
        enrolled = {one: values.text(SEQUENCE) for one, values in said.items() if is_enrolled(values)}
        sequences = await self._sequences.of(enrolled)
        waiting = (one.contact_id for one in urgent if status_of(one, portal) in UNDECIDED)
        lists = await self._lists.of(one for one in waiting if one and one not in enrolled)
        return [
            replace(
                one,
                company=companies.get(one.contact_id, _NOBODY),
                history=moved.get(one.contact_id),
                engaged=engaged.get(one.contact_id),
                sequence=sequences.get(one.contact_id, ""),
                lists=lists.get(one.contact_id, ""),
            )
            for one in listed
        ]

    async def _contacts(self, rows: Sequence[Row], portal: Portal) -> Mapping[str, Row]:
        """Return the contact of each lead that has one; a contact that is a lead is its own."""
        if portal.kind == names.CONTACTS:
            return {row["id"]: row for row in rows}
        ids = {row["id"]: row["properties"].get(names.PRIMARY_CONTACT) or "" for row in rows}
        without = [lead_id for lead_id, contact_id in ids.items() if not contact_id]
        if without:
            linked = await self._api.associated(names.LEADS, names.CONTACTS, without)
            ids |= {lead_id: primary(links, _PRIMARY) for lead_id, links in linked.items()}
        wanted = [str(one) for one in ids.values() if one]
        if not wanted:
            return {}
        found = (await self._api.read_batch(names.CONTACTS, wanted, portal.contact_properties)).rows
        return {lead_id: found[one] for lead_id, one in ids.items() if one in found}


def _is_on_list(gathered: Gathered, portal: Portal) -> bool:
    properties = gathered.row["properties"]
    if properties.get(names.OWNER) != portal.me.user_id:
        return False
    if portal.kind == names.CONTACTS and not properties.get(names.LEAD_STATUS):
        return False
    return status_of(gathered, portal) in ON_LIST


def _since(gathered: Gathered) -> str:
    """Return when the lead came to the rep, or was made, as a text that sorts."""
    properties = gathered.row["properties"]
    return str(properties.get(ASSIGNED_AT) or properties.get("hs_createdate") or "")


def _version(contact: Row) -> str:
    return str(contact["properties"].get(names.MODIFIED[names.CONTACTS]) or "")
