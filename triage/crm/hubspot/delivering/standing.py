"""Leads as they stand at HubSpot just before a write: owner, stage, our key, the contact, what triage said.

HubSpot has no precondition of a write: what is read here is compared, and what somebody changes between the
two requests is not noticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from triage.clock import Clock
from triage.crm.hubspot import names
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.delivering.history import Version, versions_of
from triage.crm.hubspot.rows import Linked, Row
from triage.crm.hubspot.stages import Said, Stages, said_of
from triage.crm.hubspot.values import Values
from triage.domain.lead import LeadStatus

_PRIMARY = 578
"""The association of a lead to its primary contact."""
_NOTHING = Version(datetime.min.replace(tzinfo=UTC), "")
_SAID = (names.KEY, names.OUTCOME, names.WAKE_AT)


class Standing(Struct, frozen=True):
    """One lead as it is."""

    lead_id: str
    stage: str = ""
    pipeline: str = ""
    owner: str = ""
    key: str = ""
    """The decision that was last written on it; of a portal without that property, on its contact."""
    contact_id: str = ""
    said: Said = Said()
    status: str = LeadStatus.UNKNOWN.value
    version: str = ""


class Ground(Struct, frozen=True):
    """What of this account a write needs to know."""

    kind: str
    stages: Stages
    lead_properties: frozenset[str]
    contact_properties: frozenset[str]

    @property
    def stage_property(self) -> str:
        """The property that a stage stands in."""
        return names.LEAD_STATUS if self.kind == names.CONTACTS else names.STAGE

    @property
    def has_key(self) -> bool:
        """Whether the lead itself can carry our key."""
        return names.KEY in self.lead_properties

    @property
    def keeps_outcomes(self) -> bool:
        """Whether the portal can say what triage made of a lead, and of which."""
        wanted = {names.OUTCOME, names.KEY} if self.has_key else {names.OUTCOME}
        return wanted <= self.contact_properties

    def asked(self) -> list[str]:
        """Return the properties of a lead that are read."""
        wanted = [self.stage_property, names.OWNER, names.MODIFIED[self.kind]]
        if self.kind == names.LEADS:
            wanted += [names.PIPELINE, names.PRIMARY_CONTACT]
        mine = _SAID if self.kind == names.CONTACTS else (names.KEY,)
        return wanted + [name for name in mine if name in self.lead_properties]


async def ground(account: Account) -> Ground:
    """Return what is known of the account; asked once, then kept by it."""
    kind = await account.kind()
    return Ground(
        kind,
        await account.stages(),
        await account.property_names(kind),
        await account.property_names(names.CONTACTS),
    )


class Standings:
    """Reads leads as they stand."""

    def __init__(self, api: Api, account: Account, clock: Clock) -> None:
        self._api = api
        self._account = account
        self._clock = clock

    async def of(self, ids: Iterable[str], *, thoroughly: bool = False) -> dict[str, Standing]:
        """Return leads by id; those that are deleted, archived or merged are missing.

        Contacts are read only where a key says that triage has been there: no other lead's status depends on
        them. `thoroughly`: of all leads.
        """
        known = await ground(self._account)
        rows = (await self._api.read_batch(known.kind, ids, known.asked())).rows
        contacts = await self._contact_ids(known, rows)
        said = await self._said(known, rows, contacts, thoroughly=thoroughly)
        return {one: self.read(known, row, contacts.get(one, ""), said.get(one)) for one, row in rows.items()}

    def read(self, known: Ground, row: Row, contact_id: str, said: Mapping[str, Any] | None) -> Standing:
        """Return one lead of its row and of what its contact says."""
        values = Values(row["properties"])
        words = said_of(row["properties"], said) if said is not None else Said()
        stage = values.text(known.stage_property)
        key = values.text(names.KEY) if known.has_key else Values(said or {}).text(names.KEY)
        return Standing(
            row["id"],
            stage=stage,
            pipeline=values.text(names.PIPELINE),
            owner=values.text(names.OWNER),
            key=key,
            contact_id=contact_id,
            said=words,
            status=known.stages.status(stage, words, self._clock()).value,
            version=version_of(known.kind, row),
        )

    async def before(self, known: Ground, lead_id: str, decision_id: str) -> dict[str, str]:
        """Return stage and owner as they were before a decision that has reached the lead already."""
        wanted = [known.stage_property, names.OWNER, *([names.KEY] if known.has_key else [])]
        found = await self._api.read_batch(known.kind, [lead_id], wanted, history=wanted)
        row = found.rows.get(lead_id)
        history = row.get("propertiesWithHistory") if row is not None else None
        versions = {name: versions_of(history, name) for name in wanted}
        moment = next((one.at for one in versions.get(names.KEY, ()) if one.value == decision_id), None)
        stages = versions[known.stage_property]
        return {
            "stage": _earlier(stages, moment),
            "owner": _earlier(versions[names.OWNER], moment or (stages[0].at if stages else None)),
        }

    async def _contact_ids(self, known: Ground, rows: Mapping[str, Row]) -> dict[str, str]:
        if known.kind == names.CONTACTS:
            return {one: one for one in rows}
        found = {one: Values(row["properties"]).text(names.PRIMARY_CONTACT) for one, row in rows.items()}
        without = [one for one, contact_id in found.items() if not contact_id]
        if without:
            linked = await self._api.associated(names.LEADS, names.CONTACTS, without)
            found |= {one: _primary(of) for one, of in linked.items()}
        return found

    async def _said(
        self, known: Ground, rows: Mapping[str, Row], contacts: Mapping[str, str], *, thoroughly: bool
    ) -> dict[str, Mapping[str, Any]]:
        if known.kind == names.CONTACTS:
            return {one: row["properties"] for one, row in rows.items()}
        wanted = [name for name in _SAID if name in known.contact_properties]
        of = {
            one: contacts[one]
            for one, row in rows.items()
            if contacts.get(one)
            and (thoroughly or not known.has_key or Values(row["properties"]).has(names.KEY))
        }
        if not of or not wanted:
            return {}
        read = (await self._api.read_batch(names.CONTACTS, of.values(), wanted)).rows
        return {one: read[to]["properties"] for one, to in of.items() if to in read}


def version_of(kind: str, row: Row) -> str:
    """Return when a record last changed, as HubSpot writes it."""
    return Values(row["properties"]).text(names.MODIFIED[kind]) or str(row.get("updatedAt") or "")


def _primary(of: Sequence[Linked]) -> str:
    """Return the primary contact of a lead, or any."""
    primary = next((one.id for one in of if _PRIMARY in one.type_ids), None)
    return primary or (of[0].id if of else "")


def _earlier(versions: Sequence[Version], moment: datetime | None) -> str:
    """Return the value before a moment; without one, or a value before it, the oldest of the last two."""
    before = [one for one in versions if moment is not None and one.at < moment]
    return (before or versions[1:] or versions or [_NOTHING])[0].value
