"""One record's write: what is refused, and what follows from it. Nothing is written unless all of it may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tests.hubspot.portal.kinds import CONTACTS, DEALS, ENGAGEMENTS, LEADS, NOTES, Kind
from tests.hubspot.portal.problems import Problem, invalid, invalid_values
from tests.hubspot.portal.records import KEY, Author, Record
from tests.hubspot.portal.stamps import iso
from tests.hubspot.portal.values import Unfit, stored

if TYPE_CHECKING:
    from tests.hubspot.portal.state import State

Write = Callable[[], Record]
_STAGES = {"leads": ("hs_pipeline", "hs_pipeline_stage"), "deals": ("pipeline", "dealstage")}


def properties_in(given: Mapping[str, Any]) -> dict[str, Any]:
    found = given.get("properties", {})
    if not isinstance(found, dict):
        raise invalid("Invalid input JSON: properties must be an object")
    return found


def checked(state: State, kind: Kind, given: Mapping[str, Any], before: Mapping[str, str]) -> dict[str, str]:
    """The values to write; raises the Problem that names all that are unfit."""
    values: dict[str, str] = {}
    unfit: list[dict[str, str]] = []
    for name, value in given.items():
        try:
            values[name] = _fit(state, kind, name, value)
        except Unfit as error:
            unfit.append({"name": name, "error": error.code, "message": error.message})
    if unfit:
        raise invalid_values(unfit)
    _check_stage(state, kind, values, before)
    if kind is LEADS:
        state.rules.check(values, before)
    return values


def _fit(state: State, kind: Kind, name: str, value: Any) -> str:
    definition = state.schemas[kind.name].properties.get(name)
    if definition is None:
        state.broken_rules.append(f"unknown property written: {kind.name}.{name}")
        raise Unfit("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    text = stored(definition, value)
    if name == "hubspot_owner_id" and text and text not in state.owners:
        raise Unfit("INVALID_OWNER_ID", f"Owner {text} does not exist")
    return text


def _check_stage(state: State, kind: Kind, values: Mapping[str, str], before: Mapping[str, str]) -> None:
    pipeline_name, stage_name = _STAGES.get(kind.name, ("", ""))
    if not {pipeline_name, stage_name} & values.keys():
        return
    together = {**before, **values}
    pipeline = state.pipelines[kind.name].get(together.get(pipeline_name, ""))
    if pipeline is None or together.get(stage_name) not in pipeline.stage_ids:
        said = (
            f"{together.get(stage_name)} is not a valid pipeline stage ID in {together.get(pipeline_name)}."
        )
        raise invalid_values([{"name": stage_name, "error": "INVALID_PIPELINE_STAGE_ID", "message": said}])


def follows(state: State, kind: Kind, values: dict[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """The values with those that HubSpot sets by itself."""
    together = {**before, **values}
    owner = values.get("hubspot_owner_id", "")
    if owner and owner != before.get("hubspot_owner_id"):
        values = {**values, "hubspot_owner_assigneddate": iso(state.clock.now())}
    if kind is LEADS and "hs_pipeline_stage" in values:
        pipeline = state.pipelines["leads"][together["hs_pipeline"]]
        values = {**values, "hs_lead_is_open": str(pipeline.is_open(values["hs_pipeline_stage"])).lower()}
    if kind is DEALS and "dealstage" in values:
        metadata = state.pipelines["deals"][together["pipeline"]].metadata_of(values["dealstage"])
        closed, won = metadata.get("isClosed", "false"), metadata.get("probability") == "1.0"
        values = {**values, "hs_is_closed": closed, "hs_is_closed_won": str(won).lower()}
    return values


def update(state: State, record: Record, given: Mapping[str, Any], author: Author = KEY) -> Write:
    """Check a change; what is returned makes it."""
    values = checked(state, record.kind, given, record.properties)

    def write() -> Record:
        state.records.write(record, follows(state, record.kind, values, record.properties), author=author)
        return record

    return write


def create(
    state: State, kind: Kind, given: Mapping[str, Any], ties: list[Any], author: Author = KEY
) -> Write:
    """Check a record with its associations; what is returned makes both."""
    defaults = _DEFAULTS.get(kind.name, {})
    values = checked(state, kind, given, defaults)
    if kind in (NOTES, *ENGAGEMENTS) and not values.get("hs_timestamp"):
        said = "hs_timestamp is required for engagement creation"
        raise invalid_values([{"name": "hs_timestamp", "error": "REQUIRED_FIELD", "message": said}])
    wanted = state.associations.checked(kind, ties)
    if kind is LEADS and not any(one.to_kind == "contacts" for one in wanted):
        raise invalid("A lead must be created with an association to a contact.")
    _refuse_twin(state, kind, values)
    values = follows(state, kind, {**defaults, **values}, {})

    def write() -> Record:
        filled = {name: value for name, value in values.items() if value}
        record = state.records.add(kind, filled, author=author)
        state.associations.tie(record, wanted)
        return record

    return write


def _refuse_twin(state: State, kind: Kind, values: Mapping[str, str]) -> None:
    email = values.get("email", "").lower()
    if kind is not CONTACTS or not email:
        return
    for one in state.records.live(kind):
        if one.properties.get("email", "").lower() == email:
            raise Problem(409, "CONFLICT", f"Contact already exists. Existing ID: {one.id}")


_DEFAULTS = {
    "leads": {"hs_pipeline": "lead-pipeline-id", "hs_pipeline_stage": "new-stage-id"},
    "deals": {"pipeline": "default", "dealstage": "appointmentscheduled"},
}
