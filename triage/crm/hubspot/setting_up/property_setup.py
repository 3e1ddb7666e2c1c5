"""What a portal needs for triage: a group and properties on contacts, one on leads, options, stages, reasons.

Makes what is missing and adds options that are missing; what is there and differs is an admin's to decide.
Not confirmed against a live account: whether `crm.schemas.contacts.write` allows a property on leads. That
one is made by hand, and all works without it: an account needs it not, so that only the doctor tells of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from msgspec import Struct

from triage.crm.hubspot import names
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.paths import properties
from triage.crm.setup import Step
from triage.crm.shipped_reasons import SHIPPED
from triage.domain.reasons import ReasonBook
from triage.domain.review import ReplyKind
from triage.errors import CrmError, NotPermitted

GROUP = "sales_triage"
GROUP_LABEL = "Sales triage"
_ENUMERATION = "enumeration"
_ORDINARY = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT)
BY_HAND = (
    "Fewer requests with it: in Settings > Data management > Properties > Lead properties, create “Triage "
    "decision key”, internal name triage_decision_key, single-line text."
)


class Wanted(Struct, frozen=True):
    """One property as triage needs it."""

    name: str
    label: str
    type: str
    field_type: str
    options: tuple[tuple[str, str], ...] = ()
    """Value and label."""

    def body(self, group: str) -> dict[str, Any]:
        """Return what HubSpot takes to make it."""
        body: dict[str, Any] = {
            "groupName": group,
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
        }
        return body | ({"options": options_of(self.options)} if self.options else {})


def wanted_of(book: ReasonBook | None = None, codes: Iterable[str] = ()) -> tuple[Wanted, ...]:
    """Return the properties of a contact.

    `book` are the reasons that may stand in one of them, the shipped ones where there is none; `codes` are
    what the profile maps beside them.
    """
    outcomes = tuple((value, value.capitalize()) for value in names.OUTCOMES.values())
    kinds = tuple((kind.value, kind.value.replace("_", " ").capitalize()) for kind in ReplyKind)
    own = {reason.code: reason.label for reason in book.reasons} if book is not None else {}
    reasons = {code: code.replace("_", " ").lower() for code in codes} | (own or dict(SHIPPED))
    return (
        Wanted(names.OUTCOME, "Triage outcome", _ENUMERATION, "select", outcomes),
        Wanted(names.REASON, "Triage reason", _ENUMERATION, "select", tuple(reasons.items())),
        Wanted(names.FEEDBACK, "Triage feedback", "string", "textarea"),
        Wanted(names.DECIDED_AT, "Triage decided at", "datetime", "date"),
        Wanted(names.BY, "Triage decided by", "string", "text"),
        Wanted(names.KEY, "Triage decision key", "string", "text"),
        Wanted(names.SCORE_THEN, "Triage score at decision", "number", "number"),
        Wanted(names.DEFINITION, "Triage definition", "string", "text"),
        Wanted(names.WAKE_AT, "Triage wake at", "datetime", "date"),
        Wanted(names.ANSWER, "Triage answer", "string", "textarea"),
        Wanted(names.ANSWER_KIND, "Triage answer kind", _ENUMERATION, "select", kinds),
    )


KEY_OF_LEADS = Wanted(names.KEY, "Triage decision key", "string", "text")


def options_of(pairs: tuple[tuple[str, str], ...], start: int = 0) -> list[dict[str, Any]]:
    """Return options as HubSpot takes them."""
    return [
        {"label": label, "value": value, "displayOrder": number, "hidden": False}
        for number, (value, label) in enumerate(pairs, start)
    ]


class Setup:
    """Setup of one account."""

    def __init__(self, api: Api, account: Account, book: ReasonBook | None = None) -> None:
        self._api = api
        self._account = account
        self._wanted_of_all = wanted_of(book, (word.rpartition(".")[2] for word in account.dialect.reasons))

    async def plan(self) -> tuple[Step, ...]:
        """Return all that the portal needs, in the order in which it is made."""
        group = await self._group()
        there = await self._there(names.CONTACTS)
        made = [step for one in self._wanted_of_all for step in _steps(one, there.get(one.name))]
        return (group, *made, *await self._of_leads(), *await self._of_the_profile())

    async def make(self, step: Step) -> None:
        """Make what is missing; what is there by now is no error. CrmError says why not."""
        if step.state != "missing":
            raise CrmError(f"{step.name} is not triage's to make.", hint=step.words)
        if step.kind == "group":
            body = {"name": GROUP, "label": GROUP_LABEL, "displayOrder": -1}
            await self._send(properties(names.CONTACTS, "groups"), body)
        elif step.kind == "property":
            await self._send(properties(names.CONTACTS), self._wanted(step.name).body(GROUP))
        elif step.kind == "option":
            await self._add_options(self._wanted(step.name))
        else:
            raise CrmError(f"{step.name} is not triage's to make.", hint=step.words)
        self._account.forget()

    def _wanted(self, name: str) -> Wanted:
        found = next((one for one in self._wanted_of_all if one.name == name), None)
        if found is None:
            raise CrmError(f"{name} is no property of triage's.")
        return found

    async def _group(self) -> Step:
        answer = await self._api.optional(properties(names.CONTACTS, "groups", GROUP))
        if answer is not None:
            return Step(GROUP, "group", "there", "The group of triage's properties.")
        return Step(GROUP, "group", "missing", f"A group “{GROUP_LABEL}” of contact properties is made.")

    async def _there(self, kind: str) -> dict[str, dict[str, Any]]:
        answer = await self._api.optional(properties(kind), expect=("results",))
        rows = answer.body["results"] if answer is not None else []
        return {
            row["name"]: row
            for row in (rows if isinstance(rows, list) else [])
            if isinstance(row, dict) and isinstance(row.get("name"), str)
        }

    async def _of_leads(self) -> tuple[Step, ...]:
        if await self._account.kind() != names.LEADS:
            return ()
        known = (await self._there(names.LEADS)).get(names.KEY)
        name = f"leads.{names.KEY}"
        if known is None:
            return ()
        if known.get("type") != KEY_OF_LEADS.type:
            words = f"It is a {known.get('type')} and has to be a string: rename or remove it."
            return (Step(name, "property", "differs", words),)
        return (Step(name, "property", "there", "The key by which a write is known again."),)

    async def _of_the_profile(self) -> tuple[Step, ...]:
        """Return what of the profile's own words the portal does not have."""
        return tuple(
            Step(check.name, check.name.partition(" ")[0], "by hand", f"{check.found}. {check.hint}".strip())
            for check in await self._account.mapping_errors()
        )

    async def _add_options(self, wanted: Wanted) -> None:
        """Add options that are missing; those that are there stay as they are."""
        path = properties(names.CONTACTS, wanted.name)
        answer = await self._api.get(path, expect=("name",))
        known = [one for one in answer.body.get("options") or () if isinstance(one, dict)]
        values = {one.get("value") for one in known}
        new = tuple(pair for pair in wanted.options if pair[0] not in values)
        if new:
            await self._send(path, {"options": [*known, *options_of(new, len(known))]}, method="PATCH")

    async def _send(
        self, path: str, body: Mapping[str, Any], *, method: str = "POST", hint: str = ""
    ) -> None:
        try:
            answer = await self._api.send(path, dict(body), method, also=_ORDINARY)
        except NotPermitted as error:
            raise NotPermitted(error.message, hint=hint or error.hint) from None
        if answer.status == HTTPStatus.BAD_REQUEST:
            raise CrmError(answer.words or "HubSpot refused it without a word.", hint=hint)


def _steps(wanted: Wanted, known: Mapping[str, Any] | None) -> tuple[Step, ...]:
    """Return what is to be done about one property."""
    if known is None:
        shape = f"{wanted.type}, {len(wanted.options)} options" if wanted.options else wanted.type
        words = f"The contact property “{wanted.label}” ({shape}) is made."
        return (Step(wanted.name, "property", "missing", words),)
    if known.get("type") != wanted.type:
        words = f"It is a {known.get('type')} and has to be a {wanted.type}: rename or remove it."
        return (Step(wanted.name, "property", "differs", words),)
    there = Step(wanted.name, "property", "there", wanted.label)
    options = known.get("options") or ()
    values = {one.get("value") for one in options if isinstance(one, dict)}
    missing = [value for value, _ in wanted.options if value not in values]
    if not missing:
        return (there,)
    return (there, Step(wanted.name, "option", "missing", f"These options are added: {', '.join(missing)}."))
