"""Which record belongs to which, by numbered types in both directions; read in batches of up to 1,000."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.hubspot.portal.calls import Call, Reply
from tests.hubspot.portal.kinds import KINDS, Kind, Tie, kind_of, ties_of
from tests.hubspot.portal.problems import Problem, invalid, not_found
from tests.hubspot.portal.records import Record, Records
from tests.hubspot.portal.stamps import iso

if TYPE_CHECKING:
    from tests.hubspot.portal.state import State

MOST_READ = 1_000
MOST_CREATED = 2_000
_End = tuple[str, str]


@dataclass(frozen=True)
class Wanted:
    """A tie that was asked for and may be made."""

    to_kind: str
    to_id: str
    tie: Tie


class Associations:
    """All ties: for a record and a kind, the other ids with the types of each, in the order they were made."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._of: dict[tuple[_End, str], dict[str, set[int]]] = defaultdict(dict)

    def of(self, kind: str, record_id: str, to_kind: str) -> dict[str, set[int]]:
        """Those whose other end is there."""
        known = self._of.get(((kind, record_id), to_kind), {})
        rows = self._records.of[to_kind]
        return {one: types for one, types in known.items() if one in rows and not rows[one].archived_at}

    def join(self, from_end: _End, to_end: _End, *type_ids: int) -> None:
        ties = ties_of(from_end[0], to_end[0])
        for tie in (ties[type_id] for type_id in type_ids):
            if tie.single:
                self._leave_single(from_end, to_end[0], tie)
            self._of[from_end, to_end[0]].setdefault(to_end[1], set()).add(tie.type_id)
            self._of[to_end, from_end[0]].setdefault(from_end[1], set()).add(tie.back)

    def _leave_single(self, from_end: _End, to_kind: str, tie: Tie) -> None:
        for other, types in self._of[from_end, to_kind].items():
            types.discard(tie.type_id)
            self._of[(to_kind, other), from_end[0]].get(from_end[1], set()).discard(tie.back)

    def tie(self, record: Record, wanted: list[Wanted]) -> None:
        for one in wanted:
            self.join((record.kind.name, record.id), (one.to_kind, one.to_id), one.tie.type_id)

    def move(self, kind: str, record_id: str, into: str) -> None:
        """Give all that one record has to another, as a merge does."""
        for to_kind in [one.name for one in KINDS]:
            for other, types in list(self._of.pop(((kind, record_id), to_kind), {}).items()):
                self._of[(to_kind, other), kind].pop(record_id, None)
                self.join((kind, into), (to_kind, other), *types)

    def checked(self, kind: Kind, given: list[Any]) -> list[Wanted]:
        """The ties of a record that is being made; raises where one end or one type is not there."""
        if not isinstance(given, list):
            raise invalid("Invalid input JSON: associations must be an array")
        return [wanted for one in given for wanted in self._checked(kind, one)]

    def _checked(self, kind: Kind, one: Any) -> list[Wanted]:
        try:
            to_id = one["to"]["id"]
            specs = [(spec["associationCategory"], spec["associationTypeId"]) for spec in one["types"]]
        except (KeyError, TypeError):
            raise invalid("Invalid input JSON: an association needs to.id and types") from None
        if not isinstance(to_id, str) or not specs:
            raise invalid("Invalid input JSON: an association needs to.id and types")
        return [self._wanted(kind, to_id, *spec) for spec in specs]

    def _wanted(self, kind: Kind, to_id: str, category: Any, type_id: Any) -> Wanted:
        if category != "HUBSPOT_DEFINED":
            raise invalid(f"Association type {category}/{type_id} does not exist")
        for other in KINDS:
            tie = ties_of(kind.name, other.name).get(type_id)
            if tie is None:
                continue
            if self._records.get(other, to_id) is None:
                raise Problem(
                    400,
                    "VALIDATION_ERROR",
                    f"No {other.one} with ID {to_id} exists",
                    context={"ids": [to_id]},
                )
            return Wanted(other.name, to_id, tie)
        raise invalid(f"Association type {type_id} does not exist for {kind.name}")


def _linked(from_kind: Kind, to_kind: Kind, found: dict[str, set[int]]) -> list[dict[str, Any]]:
    ties = ties_of(from_kind.name, to_kind.name)
    return [
        {
            "toObjectId": other,
            "associationTypes": [
                {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": ties[type_id].label}
                for type_id in sorted(types)
            ],
        }
        for other, types in found.items()
    ]


def read(state: State, call: Call) -> Reply:
    """Batch read: who has none is named in `errors`, and the status is then 207."""
    from_kind, to_kind = kind_of(call.args["from"]), kind_of(call.args["to"])
    for kind in (from_kind, to_kind):
        state.scopes_needed(state.own_scopes.get(kind.name, kind.may_read))
    began = iso(state.clock.now())
    results, without = [], []
    for one in state.inputs_of(call, MOST_READ):
        found = state.associations.of(from_kind.name, str(one.get("id")), to_kind.name)
        if found:
            linked = _linked(from_kind, to_kind, found)
            results.append({"from": {"id": str(one["id"])}, "to": linked})
        else:
            without.append(str(one.get("id")))
    errors = [_without(from_kind, to_kind, one) for one in without] if state.names_who_has_none else []
    body = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": began,
        "completedAt": iso(state.clock.now()),
    }
    if not errors:
        return Reply(200, body)
    return Reply(207, {**body, "numErrors": len(errors), "errors": errors})


def _without(from_kind: Kind, to_kind: Kind, record_id: str) -> dict[str, Any]:
    context = {"fromObjectId": [record_id], "fromObjectType": [from_kind.one], "toObjectType": [to_kind.one]}
    said = f"No {to_kind.one} is associated with {from_kind.one} {record_id}."
    problem = not_found(said, context=context)
    return {**problem.item(), "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}


def create(state: State, call: Call) -> Reply:
    from_kind, to_kind = kind_of(call.args["from"]), kind_of(call.args["to"])
    state.scopes_needed(from_kind.may_write)
    inputs = state.inputs_of(call, MOST_CREATED)
    wanted = [_pair(state, from_kind, to_kind, one) for one in inputs]
    for from_id, to_id, types in wanted:
        state.associations.join((from_kind.name, from_id), (to_kind.name, to_id), *types)
    results = [
        {"fromObjectTypeId": from_kind.type_id, "fromObjectId": from_id, "toObjectTypeId": to_kind.type_id,
         "toObjectId": to_id, "labels": []}
        for from_id, to_id, _ in wanted
    ]  # fmt: skip
    now = iso(state.clock.now())
    return Reply(201, {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now})


def _pair(state: State, from_kind: Kind, to_kind: Kind, one: dict[str, Any]) -> tuple[str, str, list[int]]:
    try:
        from_id, to_id = one["from"]["id"], one["to"]["id"]
        types = [spec["associationTypeId"] for spec in one["types"]]
    except (KeyError, TypeError):
        raise invalid("Invalid input JSON: an association needs from.id, to.id and types") from None
    known = ties_of(from_kind.name, to_kind.name)
    for kind, record_id in ((from_kind, from_id), (to_kind, to_id)):
        if state.records.get(kind, record_id) is None:
            raise not_found(f"No {kind.one} with ID {record_id} exists", context={"ids": [record_id]})
    if not types or not set(types) <= known.keys():
        raise invalid(
            f"One or more association types don't exist between {from_kind.name} and {to_kind.name}"
        )
    return from_id, to_id, types


def listed(state: State, call: Call) -> Reply:
    """What one record is associated with, of one kind."""
    from_kind, to_kind = kind_of(call.args["kind"]), kind_of(call.args["to"])
    for kind in (from_kind, to_kind):
        state.scopes_needed(kind.may_read)
    if state.records.get(from_kind, call.args["id"]) is None:
        raise not_found()
    found = state.associations.of(from_kind.name, call.args["id"], to_kind.name)
    return Reply(200, {"results": _linked(from_kind, to_kind, found)})
