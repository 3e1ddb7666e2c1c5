"""What a database needs for triage: tags, lost reasons, and five fields on leads that are optional.

Makes what is missing; what is there and differs is an admin's to decide. Tags and the chatter are enough to
work; with the fields marketing can filter and answer without opening the chatter. Not confirmed against a
live account: that an admin makes manual fields through `ir.model.fields` over the API.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from triage.crm.dialect import nearest
from triage.crm.odoo.account import Account
from triage.crm.odoo.api import Api, OdooRefused
from triage.crm.odoo.chatter import LEAD
from triage.crm.odoo.delivering.plans import LOSES
from triage.crm.odoo.delivering.standing import ANSWER, ANSWER_KIND, KEY, OUTCOME, REASON, TYPES
from triage.crm.odoo.delivering.writing import words_of
from triage.crm.odoo.lost_reasons import LABELS
from triage.crm.odoo.our_tags import make_tag
from triage.crm.odoo.statuses import TAGS
from triage.crm.setup import Step
from triage.domain.review import ReplyKind
from triage.errors import CrmError, NotPermitted

_AN_ADMIN = "An admin of Odoo has to do this: sign in with an admin's key for `triage setup`."
_REASONS = "crm.lost.reason"
TAG, LOST_REASON, FIELD, STAGE = "tag", "lost reason", "field", "stage"


class Wanted(Struct, frozen=True):
    """One field of a lead as triage needs it."""

    name: str
    label: str
    ttype: str
    options: tuple[str, ...] = ()

    def values(self, model_id: int) -> dict[str, Any]:
        """Return what Odoo takes to make it."""
        values = {
            "model_id": model_id,
            "name": self.name,
            "field_description": self.label,
            "ttype": self.ttype,
            "state": "manual",
        }
        if not self.options:
            return values
        told = [
            {"value": one, "name": one.replace("_", " ").capitalize(), "sequence": number}
            for number, one in enumerate(self.options)
        ]
        return {**values, "selection_ids": [[0, 0, one] for one in told]}


FIELDS = (
    Wanted(OUTCOME, "Triage outcome", "char"),
    Wanted(REASON, "Triage reason", "char"),
    Wanted(KEY, "Triage decision key", "char"),
    Wanted(ANSWER, "Triage answer", "text"),
    Wanted(ANSWER_KIND, "Triage answer kind", "selection", tuple(kind.value for kind in ReplyKind)),
)


class Setup:
    """Setup of one database."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api = api
        self._account = account

    async def plan(self) -> tuple[Step, ...]:
        """Return all that the database needs, in the order in which it is made."""
        return (*await self._tags(), *await self._reasons(), *await self._fields(), *await self.by_hand())

    async def make(self, step: Step) -> None:
        """Make what is missing; what is there by now is no error. CrmError says why not."""
        if step.state != "missing":
            raise CrmError(f"{step.name} is not triage's to make.", hint=step.words)
        self._account.forget()
        known = next(
            (one for one in await self.plan() if (one.kind, one.name) == (step.kind, step.name)), None
        )
        if known is None:
            raise CrmError(f"{step.name} is nothing that triage needs.")
        if known.state == "missing":
            await self._make(known)

    async def _make(self, step: Step) -> None:
        try:
            if step.kind == TAG:
                await make_tag(self._api, step.name)
            elif step.kind == LOST_REASON:
                await self._api.call(_REASONS, "create", write=True, vals_list=[{"name": step.name}])
            else:
                await self._make_field(next(one for one in FIELDS if one.name == step.name))
        except NotPermitted as error:
            raise NotPermitted(error.message, hint=_AN_ADMIN) from None
        except OdooRefused as error:
            raise CrmError(f"Odoo refuses {step.name}: {words_of(error)}", hint=_AN_ADMIN) from None
        finally:
            self._account.forget()

    async def by_hand(self) -> tuple[Step, ...]:
        """Return what of the profile's own words the database does not have."""
        reasons = (await self._account.lost_reasons()).values()
        stages = [one.name for one in (await self._account.statuses()).stages]
        dialect = self._account.dialect
        return (
            *_unknown(LOST_REASON, dialect.reasons, reasons, codes=LABELS),
            *_unknown(STAGE, dialect.statuses, stages),
        )

    async def _tags(self) -> list[Step]:
        there = (await self._account.statuses()).tags
        return [
            Step(name, TAG, "there", "A tag of triage's.")
            if status in there
            else Step(name, TAG, "missing", f"The tag “{name}” is made.")
            for status, name in TAGS.items()
        ]

    async def _reasons(self) -> list[Step]:
        """Return the lost reasons by our labels, of the codes that the profile does not name one for."""
        dialect = self._account.dialect
        steps = []
        for code, label in LABELS.items():
            if any(dialect.reason(act.value, code) for act in LOSES):
                continue
            found = await self._account.lost_reason(LOSES[0].value, code, label)
            words = code if found is not None else f"The lost reason “{label}” is made."
            steps.append(Step(label, LOST_REASON, "missing" if found is None else "there", words))
        return steps

    async def _fields(self) -> list[Step]:
        there = await self._api.fields(LEAD)
        return [_field_step(one, there.get(one.name)) for one in FIELDS]

    async def _make_field(self, wanted: Wanted) -> None:
        models = await self._api.search_read("ir.model", [["model", "=", LEAD]], ["model"])
        if not models:
            raise NotPermitted("Odoo does not show its models to this user.")
        values = wanted.values(models[0]["id"])
        await self._api.call("ir.model.fields", "create", write=True, vals_list=[values])


def _field_step(wanted: Wanted, known: Mapping[str, Any] | None) -> Step:
    if known is None:
        words = f"The optional field “{wanted.label}” ({wanted.ttype}) of leads is made."
        return Step(wanted.name, FIELD, "missing", words)
    if known.get("type") not in TYPES[wanted.name]:
        words = f"It is a {known.get('type')} and has to be a {wanted.ttype}: rename or remove it."
        return Step(wanted.name, FIELD, "differs", words)
    return Step(wanted.name, FIELD, "there", wanted.label)


def _unknown(
    kind: str, said: Mapping[str, str], known: Iterable[str], codes: Iterable[str] | None = None
) -> list[Step]:
    names = list(known)
    folded = {name.strip().casefold() for name in names}
    steps = []
    for ours, value in said.items():
        is_ours = codes is None or ours.rpartition(".")[2] in set(codes)
        if is_ours and value.strip().casefold() not in folded:
            near = nearest(value, names)
            hint = f" Did you mean “{near}”?" if near else ""
            steps.append(Step(f"{kind} {ours}", kind, "by hand", f"Odoo has no {kind} “{value}”.{hint}"))
    return steps
