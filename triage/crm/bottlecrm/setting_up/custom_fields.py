"""What an organisation needs for triage: nine custom fields on its leads, with options of their dropdowns.

Makes what is missing and adds options that are missing; what is there and differs is an admin's to decide.
Only an admin may do any of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from triage.crm.bottlecrm import names
from triage.crm.bottlecrm.account import Account
from triage.crm.bottlecrm.api import Api, BottleRefused
from triage.crm.bottlecrm.reading.definitions import OF_LEADS, Definition
from triage.crm.dialect import nearest
from triage.crm.setup import Step
from triage.crm.shipped_reasons import SHIPPED
from triage.domain.review import ReplyKind
from triage.errors import CrmError, NotPermitted

PATH = "/api/custom-fields/"
_ADMINS = "Sign in with a token of an admin for this: `triage login admin --crm bottlecrm`."
_DROPDOWN = "dropdown"


class Wanted(Struct, frozen=True):
    """One custom field as triage needs it."""

    key: str
    label: str
    field_type: str
    options: tuple[tuple[str, str], ...] = ()
    """Value and label."""
    filterable: bool = False
    """Whether people make lists by it."""

    def body(self, order: int) -> dict[str, Any]:
        """Return what BottleCRM takes to make it."""
        body: dict[str, Any] = {
            "target_model": OF_LEADS,
            "key": self.key,
            "label": self.label,
            "field_type": self.field_type,
            "is_filterable": self.filterable,
            "display_order": order,
        }
        return body | ({"options": options_of(self.options)} if self.options else {})


def wanted_of(codes: Iterable[str] = ()) -> tuple[Wanted, ...]:
    """Return the fields; `codes` are reasons that the profile maps beside the shipped ones."""
    decisions = tuple((value, value.capitalize()) for value in names.DECISIONS.values())
    kinds = tuple((kind.value, kind.value.replace("_", " ").capitalize()) for kind in ReplyKind)
    reasons = {code: code.replace("_", " ").lower() for code in codes} | dict(SHIPPED)
    return (
        Wanted(names.DECISION, "Triage decision", _DROPDOWN, decisions, filterable=True),
        Wanted(names.REASON, "Triage reason", _DROPDOWN, tuple(reasons.items()), filterable=True),
        Wanted(names.FEEDBACK, "Triage feedback", "textarea"),
        Wanted(names.WAKE_AT, "Triage wake at", "date"),
        Wanted(names.ANSWER, "Triage answer (type here)", "textarea"),
        Wanted(names.ANSWER_KIND, "Triage answer kind", _DROPDOWN, kinds, filterable=True),
        Wanted(names.KEY, "Triage decision key (leave as it is)", "text"),
        Wanted(names.LOG, "Triage log (leave as it is)", "textarea"),
        Wanted(names.ANSWERS, "Triage answers (leave as it is)", "textarea"),
    )


def options_of(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Return options as BottleCRM takes them."""
    return [{"value": value, "label": label} for value, label in pairs]


class Setup:
    """Setup of one organisation."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api = api
        self._account = account
        self._wanted = wanted_of(word.rpartition(".")[2] for word in account.dialect.reasons)

    async def plan(self) -> tuple[Step, ...]:
        """Return all that the organisation needs, in the order in which it is made."""
        self._account.forget_definitions()
        there = await self._account.definitions()
        made = [step for one in self._wanted for step in _steps(one, there.get(one.key))]
        return (*made, *self._of_the_profile(there))

    async def make(self, step: Step) -> None:
        """Make what is missing; what is there by now is no error. CrmError says why not."""
        wanted = next((one for one in self._wanted if one.key == step.name), None)
        if step.state != "missing" or wanted is None:
            raise CrmError(f"{step.name} is not triage's to make.", hint=step.words)
        try:
            await (self._add_options(wanted) if step.kind == "option" else self._create(wanted))
        except NotPermitted as error:
            if error.hint:  # a scope is missing, and it is named
                raise
            raise NotPermitted("An admin of BottleCRM has to run this.", hint=_ADMINS) from None
        finally:
            self._account.forget_definitions()

    async def _create(self, wanted: Wanted) -> None:
        try:
            await self._api.post(PATH, wanted.body(self._wanted.index(wanted)), expect=("key",))
        except BottleRefused as error:
            self._account.forget_definitions()
            if wanted.key not in await self._account.definitions():
                words = " ".join(error.words)
                hint = "A field of this key may be there and switched off: switch it on in BottleCRM."
                raise CrmError(
                    f"BottleCRM does not take the field {wanted.key}: {words}", hint=hint
                ) from None

    async def _add_options(self, wanted: Wanted) -> None:
        """Add options that are missing; those that are there stay as they are, labels too."""
        path = ""
        known: list[dict[str, Any]] = []
        for row in (await self._api.get(PATH, {"target_model": OF_LEADS})).get("definitions") or ():
            if isinstance(row, dict) and row.get("key") == wanted.key:
                path = f"{PATH}{row.get('id')}/"
                known = [one for one in row.get("options") or () if isinstance(one, dict)]
        values = {one.get("value") for one in known}
        new = options_of(pair for pair in wanted.options if pair[0] not in values)
        if path and new:
            await self._api.redefine(path, {"options": [*known, *new]})

    def _of_the_profile(self, there: Mapping[str, Definition]) -> Iterator[Step]:
        """Yield what of the profile's own words the organisation does not have."""
        for ours, key in self._account.dialect.fields.items():
            if key and key not in there and key not in names.OWN_FIELDS:
                near = nearest(key, there)
                words = f"Leads have no field “{key}”." + (f" There is {near}." if near else "")
                yield Step(f"field {ours}", "field", "by hand", words)
        said = [
            (ours, one) for ours, all_ in self._account.dialect.statuses.items() for one in all_.split(",")
        ]
        for ours, status in said:
            if status.strip().casefold() not in names.STATUSES:
                words = f"Leads have no status “{status}”. They have {', '.join(names.STATUSES)}."
                yield Step(f"status {ours}", "status", "by hand", words)


def _steps(wanted: Wanted, there: Definition | None) -> Iterator[Step]:
    """Yield what a field needs."""
    if there is None:
        yield Step(wanted.key, "field", "missing", f"A field “{wanted.label}” of leads is made.")
        return
    if there.field_type != wanted.field_type:
        words = f"It is a {there.field_type} and has to be a {wanted.field_type}: rename or remove it."
        yield Step(wanted.key, "field", "differs", words)
        return
    yield Step(wanted.key, "field", "there", wanted.label)
    missing = [value for value, _label in wanted.options if value not in there.options]
    if missing:
        yield Step(wanted.key, "option", "missing", f"Options are added: {', '.join(missing)}.")
