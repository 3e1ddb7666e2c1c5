"""One portal as triage needs it: who I am in it, its stages, its reasons, its properties. Asked once each.

Belongs to one event loop. Not confirmed against a live account: the labels of the default reasons, and that
`/crm/pipelines/…/leads` answers 403 or 404 where the portal has no lead objects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from triage.crm.asked import Asked
from triage.crm.dialect import Dialect, nearest
from triage.crm.fields import Fields
from triage.crm.hubspot import names, paths
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.reading.people import name_of, read_people
from triage.crm.hubspot.rows import Row, rows_of
from triage.crm.hubspot.stages import Stages, stages_of_options, stages_of_pipelines
from triage.crm.setup import Check
from triage.domain.people import Person, Rep
from triage.errors import NotPermitted, NotSignedIn

_WHO = "Say which e-mail address you have in HubSpot: `triage login` asks for it, and `email` keeps it."
_NO_LEADS = "Give the key crm.objects.leads.read, or set lead_object to contacts in this profile."
_DEFAULT_REASONS = {
    "BAD_TIMING": "Bad Timing",
    "EARLY_RESEARCH": "Bad Timing",
    "NO_BUDGET_NOW": "Budget Constraints",
    "NO_BUDGET": "Budget Constraints",
    "NO_AUTHORITY": "No Decision-making Power",
    "WRONG_PERSONA": "No Decision-making Power",
    "USING_COMPETITOR": "Competitor Preference",
    "NOT_ICP_COMPANY": "Not a Good Fit",
    "NOT_A_BUYER": "Not a Good Fit",
    "COMPETITOR": "Not a Good Fit",
    "WRONG_TERRITORY": "Not a Good Fit",
    "LOW_INTENT": "No Commercial Interest",
    "NO_NEED": "No Commercial Interest",
    "PRODUCT_GAP": "Technical Limitations",
    "BAD_DATA": "Wrong Data",
    "DUPLICATE": "Wrong Data",
    "NO_RESPONSE": "No Response",
    "UNREACHABLE": "No Response",
}
"""Our codes to the labels that a new portal has; used only where the portal still has that label."""


class Account:
    """What one portal is, as far as a token and an e-mail address tell."""

    def __init__(
        self,
        api: Api,
        *,
        email: str = "",
        role: str = "rep",
        lead_object: str = "",
        dialect: Dialect | None = None,
    ) -> None:
        """`lead_object`: leads or contacts; empty: leads where the portal has them."""
        self.dialect = dialect or Dialect()
        self.role = role
        self.email = email
        self._api = api
        self._lead_object = lead_object
        self._asked = Asked()

    async def me(self) -> Rep:
        """Return who signs in; NotSignedIn where no owner of the portal has the e-mail address."""
        return await self._asked.once("me", self._me)

    async def details(self) -> dict[str, Any]:
        """Return what HubSpot says of the account: portalId, accountType, uiDomain, timeZone."""
        return await self._asked.once("details", self._details)

    async def owners(self) -> tuple[Person, ...]:
        """Return everyone who can own a record."""
        return await self._asked.once("owners", lambda: read_people(self._api))

    async def kind(self) -> str:
        """Return what a lead is in this portal: leads or contacts."""
        return await self._asked.once("kind", self._kind)

    async def stages(self) -> Stages:
        """Return the stages of the lead boards; of contacts, the lead statuses."""
        return await self._asked.once("stages", self._stages)

    async def options(self, kind: str, name: str) -> dict[str, str]:
        """Return the options of a property, value to label; empty where the portal has no such property."""
        return await self._asked.once(f"options {kind} {name}", lambda: self._options(kind, name))

    async def reason_options(self) -> dict[str, str]:
        """Return the portal's own reasons to disqualify, value to label; contacts have none."""
        if await self.kind() != names.LEADS:
            return {}
        return await self.options(names.LEADS, names.REASON_OF_LEAD)

    async def property_names(self, kind: str) -> frozenset[str]:
        """Return the names of all properties of a kind of record; empty where the key may not see them."""
        rows = await self._asked.once(f"properties {kind}", lambda: self._properties(kind))
        return frozenset(row["name"] for row in rows if isinstance(row.get("name"), str))

    async def has(self, kind: str, name: str) -> bool:
        """Whether records of a kind have a property."""
        return name in await self.property_names(kind)

    async def labels(self, kind: str) -> dict[str, str]:
        """Return what people of the portal call the properties of a kind of record, by their names."""
        rows = await self._asked.once(f"properties {kind}", lambda: self._properties(kind))
        read = [Fields(row, Counter()) for row in rows]
        return {one.text("name"): one.text("label") for one in read if one.text("label")}

    async def reason_value(self, act: str, code: str | None) -> str | None:
        """Return the portal's own value for a reason: as the profile says it, else by the default labels."""
        options = await self.reason_options()
        said = self.dialect.reason(act, code)
        if said is not None:
            return said if said in options else None
        label = _DEFAULT_REASONS.get(code or "", "").casefold()
        return next((value for value, shown in options.items() if label and shown.casefold() == label), None)

    async def mapping_errors(self) -> tuple[Check, ...]:
        """Return what of the profile's words the portal does not have, each with the nearest that it has."""
        reasons = await self.reason_options()
        stages = (await self.stages()).ids
        fields = await self.property_names(names.CONTACTS) | await self.property_names(await self.kind())
        statuses = {
            f"{ours} {one.strip()}": one.strip()
            for ours, theirs in self.dialect.statuses.items()
            for one in theirs.split(",")
        }
        return (
            *_wrong("reason", self.dialect.reasons, reasons),
            *_wrong("status", statuses, dict.fromkeys(stages, "")),
            *_wrong("field", self.dialect.fields, dict.fromkeys(fields, "")),
        )

    def forget(self) -> None:
        """Ask again for all that is kept: after a setup there are other properties."""
        self._asked.forget()

    async def _me(self) -> Rep:
        details = Fields(await self.details(), Counter())
        if not self.email:
            raise NotSignedIn("HubSpot's key does not say who you are.", hint=_WHO)
        answer = await self._api.get(
            paths.owners(), {"email": self.email, "limit": "1", "archived": "false"}, expect=("results",)
        )
        wanted = self.email.strip().casefold()
        owners = [Fields(row, Counter()) for row in rows_of(answer.body)]
        mine = [one for one in owners if one.text("email").casefold() == wanted]
        if not mine:
            raise NotSignedIn(f"Nobody in this HubSpot account has the address {self.email}.", hint=_WHO)
        portal = str(details.raw("portalId") or "")
        return Rep(
            user_id=mine[0].text("id"),
            name=name_of(mine[0]),
            role=self.role,
            account_id=portal,
            account_name=f"{details.text('uiDomain')} {portal}".strip(),
            time_zone=details.text("timeZone"),
        )

    async def _details(self) -> dict[str, Any]:
        path = f"/account-info/{paths.VERSION}/details"
        return (await self._api.get(path, expect=("portalId",))).body

    async def _kind(self) -> str:
        if self._lead_object in (names.LEADS, names.CONTACTS):
            return self._lead_object
        return names.LEADS if await self._asked.once("boards", self._boards) is not None else names.CONTACTS

    async def _boards(self) -> list[Row] | None:
        answer = await self._api.optional(paths.pipelines(names.LEADS), expect=("results",))
        return None if answer is None else _results(answer.body)

    async def _stages(self) -> Stages:
        if await self.kind() == names.CONTACTS:
            options = await self.options(names.CONTACTS, names.LEAD_STATUS)
            return Stages(stages_of_options(options), self.dialect, of_contacts=True)
        boards = await self._asked.once("boards", self._boards)
        if boards is None:
            raise NotPermitted("HubSpot shows no lead pipelines to this key.", hint=_NO_LEADS)
        return Stages(stages_of_pipelines(boards), self.dialect)

    async def _options(self, kind: str, name: str) -> dict[str, str]:
        answer = await self._api.optional(paths.properties(kind, name), expect=("name",))
        fields = Fields(answer.body if answer is not None else {}, Counter())
        return {
            one.text("value"): one.text("label") for one in fields.children("options") if one.text("value")
        }

    async def _properties(self, kind: str) -> list[Row]:
        answer = await self._api.optional(paths.properties(kind), expect=("results",))
        return _results(answer.body) if answer is not None else []


def _results(body: Mapping[str, Any]) -> list[Row]:
    results = body.get("results")
    return [row for row in results if isinstance(row, dict)] if isinstance(results, list) else []


def _wrong(kind: str, mapping: Mapping[str, str], known: Mapping[str, str]) -> tuple[Check, ...]:
    """Return the entries of a mapping whose value the portal does not have."""
    return tuple(
        Check(f"{kind} {ours.split()[0]}", ok=False, found=f"no “{theirs}” there", hint=_guess(theirs, known))
        for ours, theirs in mapping.items()
        if theirs not in known
    )


def _guess(theirs: str, known: Mapping[str, str]) -> str:
    by_word = {word: value for value, label in known.items() for word in (value, label) if word}
    near = nearest(theirs, by_word)
    return f"The nearest there is: {by_word[near]}." if near else "Nothing there is like it."
