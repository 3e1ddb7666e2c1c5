"""What an org must have for triage: what is there, what is missing, and the source that an admin deploys.

Changes nothing in an org: fields and objects are deployed by an admin, with tools of their own. What
`metadata/` deploys and what is checked here is one list. Not confirmed against a live account: an org takes
the deployment as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

from msgspec.structs import replace

from triage.crm.salesforce.account import WITHOUT, Account
from triage.crm.salesforce.describe import Described, FieldInfo
from triage.crm.salesforce.keeping.decision_object import (
    FIELDS,
    KEY,
    LEAD_FIELDS,
    PERMISSION_SET,
    FieldSpec,
)
from triage.crm.setup import Check, Step
from triage.errors import CrmError, ExportFailed

DEPLOY = "`triage setup --metadata DIR`, and in that folder `sf project deploy start`"
ASSIGN = f"`sf org assign permset --name {PERMISSION_SET}`"
_DECISION_FIELD, _LEAD_FIELD = "decision field", "lead field"
_BY_HAND = f"An admin deploys it ({DEPLOY}), then gives it to you ({ASSIGN})."
OPTIONAL = "It may be left out: decisions are delivered without it."


async def setup_plan(account: Account) -> tuple[Step, ...]:
    """Return all that the org needs, with how it stands for this user; nothing of it is made by triage."""
    account.api.forget("Lead", account.object_name)
    wrong = [_wrong_word(check) for check in await account.mapping_errors()]
    return (*await schema_plan(account), *wrong)


async def schema_plan(account: Account) -> tuple[Step, ...]:
    """Return the object and the fields that the org needs, without the profile's own words."""
    lead = await account.lead()
    return (*await _object_steps(account), *_lead_steps(lead, for_marketing=account.role == "marketing"))


async def set_up(step: Step) -> None:
    """Refuse: an admin deploys what is missing. CrmError says how."""
    raise CrmError(f"triage does not change the setup of Salesforce: {step.name}.", hint=_BY_HAND)


def write_metadata(folder: Path) -> Path:
    """Copy the deployable source into a folder, made if need be; returns it. ExportFailed says why not."""
    try:
        with as_file(files("triage.crm.salesforce") / "metadata") as source:
            copytree(source, folder, dirs_exist_ok=True)
    except OSError as error:
        raise ExportFailed(f"{folder} cannot be written ({error.strerror or error}).") from None
    return folder


async def _object_steps(account: Account) -> list[Step]:
    """Return the steps of the object for decisions; one where it is not wanted."""
    name = account.object_name
    if name == WITHOUT:
        words = "The profile does without it: decisions are kept as completed tasks."
        return [Step("Lead_Triage_Decision__c", "object", "there", words)]
    described = await account.decision_object()
    if described is None:
        words = "Not there, or not for you: until then decisions are kept as completed tasks."
        return [Step(name, "object", "by hand", f"{words} {_BY_HAND}")]
    steps = [_object_step(described)]
    marketing = account.role == "marketing"
    steps += [_field_step(described, spec, writes=_writes(spec, marketing=marketing)) for spec in FIELDS]
    return steps


def _object_step(described: Described) -> Step:
    if described.createable:
        return Step(described.name, "object", "there", "It is there, and you may add to it.")
    words = f"You may not add to it. An admin gives you the permission set: {ASSIGN}."
    return Step(described.name, "permission", "by hand", words)


def _lead_steps(lead: Described, *, for_marketing: bool) -> Iterator[Step]:
    for spec in LEAD_FIELDS:
        step = _field_step(lead, spec, writes=_writes(spec, marketing=for_marketing))
        yield step if step.state == "there" else replace(step, words=f"{step.words} {OPTIONAL}")
    for name in ("Status", "OwnerId"):
        if not lead.can_update(name):
            words = "You may not write it: an admin lets you edit it, for every decision does."
            yield Step(name, "permission", "by hand", words)


def _writes(spec: FieldSpec, *, marketing: bool) -> bool:
    return marketing or not spec.for_marketing


def _field_step(described: Described, spec: FieldSpec, *, writes: bool) -> Step:
    name, kind = spec.name, _LEAD_FIELD if described.name == "Lead" else _DECISION_FIELD
    info = described.fields.get(spec.name)
    if info is None:
        return Step(name, kind, "by hand", f"Not there, or not for you. {_BY_HAND}")
    if differs := _difference(spec, info):
        return Step(name, kind, "differs", f"{differs} An admin decides; triage changes nothing.")
    if writes and not (info.createable and info.updateable):
        words = f"You may read it and not write it. An admin gives you the permission set: {ASSIGN}."
        return Step(name, "permission", "by hand", words)
    return Step(name, kind, "there", "It is there.")


def _difference(spec: FieldSpec, info: FieldInfo) -> str:
    """Say in what a field is not as it must be; an empty text where it is."""
    if info.type != spec.type and not (spec.type == "string" and info.type in ("picklist", "textarea")):
        return f"It is of the type {info.type}, not {spec.type}."
    if spec.name == KEY and not (info.unique and info.external_id):
        return "It is not unique, or no external id: a decision could take effect twice."
    if spec.type in ("string", "textarea") and 0 < info.length < spec.length and info.type == spec.type:
        return f"It holds {info.length:,} characters, not {spec.length:,}."
    lacking = _lacking(spec, info.values)
    return f"Its values lack {', '.join(lacking)}." if lacking else ""


def _lacking(spec: FieldSpec, values: Sequence[str]) -> list[str]:
    """Return the values that a picklist lacks; one without any says nothing of what it takes."""
    return [value for value in spec.values if values and value not in values]


def _wrong_word(check: Check) -> Step:
    """Return a word of the profile that the org does not know, as a step: the profile is corrected."""
    kind = check.name.partition(" ")[0]
    return Step(check.name, kind, "by hand", f"{check.found[:1].upper()}{check.found[1:]}. {check.hint}")
