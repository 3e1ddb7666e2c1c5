"""Single records: read, listed, made, changed, put in the recycle bin, merged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.hubspot.portal.calls import Call, Reply
from tests.hubspot.portal.kinds import CONTACTS, Kind, kind_of
from tests.hubspot.portal.problems import Problem, invalid, not_found
from tests.hubspot.portal.records import SYSTEM, Record, Version
from tests.hubspot.portal.stamps import iso
from tests.hubspot.portal.writing import create as create_record
from tests.hubspot.portal.writing import properties_in
from tests.hubspot.portal.writing import update as update_record

if TYPE_CHECKING:
    from tests.hubspot.portal.state import State

_MOST_LISTED = 100
MOST_WITH_HISTORY = 50
_PRIMARY_CONTACT_OF = 579
_ALWAYS: dict[str, tuple[str, ...]] = {
    "contacts": ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    "leads": ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
    **dict.fromkeys(("notes", "calls", "emails", "meetings"), ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")),
    "deals": ("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id", "pipeline"),
    "companies": ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
}  # fmt: skip


def told(
    state: State,
    record: Record,
    names: Sequence[str] = (),
    history: Sequence[str] = (),
    values: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A record as an answer has it; what it lacks of the wanted properties is null, unknown ones are left out."""
    known = state.schemas[record.kind.name].properties
    values = record.properties if values is None else values
    wanted = dict.fromkeys((*names, *history, *record_names(record.kind, names)))
    row: dict[str, Any] = {
        "id": record.id,
        "properties": {name: values.get(name) for name in wanted if name in known},
        "createdAt": iso(record.created),
        "updatedAt": iso(record.updated),
        "archived": record.archived_at is not None,
    }
    if record.archived_at:
        row["archivedAt"] = iso(record.archived_at)
    if history:
        row["propertiesWithHistory"] = {
            name: [_version(one) for one in record.versions(name)] for name in history if name in known
        }
    return row


def record_names(kind: Kind, names: Sequence[str]) -> tuple[str, ...]:
    """What comes along unasked: the key and the times; the usual ones where nothing was asked for."""
    return (kind.created, kind.modified, "hs_object_id") if names else _ALWAYS[kind.name]


def _version(version: Version) -> dict[str, Any]:
    author = version.author
    row: dict[str, Any] = {
        "value": version.value,
        "timestamp": iso(version.at),
        "sourceType": author.source_type,
    }
    if author.source_id:
        row["sourceId"] = author.source_id
    if author.label:
        row["sourceLabel"] = author.label
    if author.user_id is not None:
        row["updatedByUserId"] = author.user_id
    return row


def shown(state: State, call: Call) -> Reply:
    record = _found(state, call, archived=call.flag("archived"))
    row = told(state, record, call.names("properties"), call.names("propertiesWithHistory"))
    _add_associations(state, call, record, row)
    return Reply(200, row)


def _found(state: State, call: Call, *, archived: bool = False) -> Record:
    kind = kind_of(call.args["kind"])
    record_id = state.records.merged.get((kind.name, call.args["id"]), call.args["id"])
    if call.params.get("idProperty") == "email" and kind is CONTACTS:
        wanted = call.args["id"].lower()
        found = (one for one in state.records.live(kind) if one.properties.get("email", "").lower() == wanted)
        record = next(found, None)
    else:
        record = state.records.get(kind, record_id, archived=archived)
    if record is None:
        raise not_found(f"Object not found. objectId are usually numeric: {call.args['id']}")
    return record


def _add_associations(state: State, call: Call, record: Record, row: dict[str, Any]) -> None:
    for name in call.names("associations"):
        other = kind_of(name)
        state.scopes_needed(other.may_read)
        found = state.associations.of(record.kind.name, record.id, other.name)
        if found:
            kind_word = f"{record.kind.one}_to_{other.one}"
            results = [{"id": one, "type": kind_word} for one in found]
            row.setdefault("associations", {})[other.name] = {"results": results}


def listed(state: State, call: Call) -> Reply:
    kind = kind_of(call.args["kind"])
    history = call.names("propertiesWithHistory")
    limit = call.number("limit", 10, MOST_WITH_HISTORY if history else _MOST_LISTED)
    after = int(call.params.get("after") or 0)
    rows = [
        one
        for one in state.records.of[kind.name].values()
        if (one.archived_at is not None) is call.flag("archived") and int(one.id) > after
    ]
    results = [told(state, one, call.names("properties"), history) for one in rows[:limit]]
    for record, row in zip(rows, results, strict=False):
        _add_associations(state, call, record, row)
    body: dict[str, Any] = {"results": results}
    if len(rows) > limit:
        last = rows[limit - 1].id
        body["paging"] = {"next": {"after": last, "link": f"https://api.hubapi.com{call.path}?after={last}"}}
    return Reply(200, body)


def created(state: State, call: Call) -> Reply:
    kind = kind_of(call.args["kind"])
    given = call.body
    record = create_record(state, kind, properties_in(given), given.get("associations") or [])()
    return Reply(201, told(state, record, list(properties_in(given))))


def updated(state: State, call: Call) -> Reply:
    record = _found(state, call)
    given = properties_in(call.body)
    update_record(state, record, given)()
    return Reply(200, told(state, record, list(given)))


def archived(state: State, call: Call) -> Reply:
    """Into the recycle bin; what is not there is as good as archived."""
    kind = kind_of(call.args["kind"])
    record = state.records.get(kind, call.args["id"])
    if record is not None:
        state.records.archive(record)
    return Reply(204, None)


def merged(state: State, call: Call) -> Reply:
    given = call.body
    kind = kind_of(call.args["kind"])
    if kind.name == "leads":
        raise Problem(405, "", "Method Not Allowed")
    winner, loser = given.get("primaryObjectId"), given.get("objectIdToMerge")
    if not isinstance(winner, str) or not isinstance(loser, str) or winner == loser:
        raise invalid("primaryObjectId and objectIdToMerge are needed")
    return Reply(200, told(state, merge(state, kind, loser, winner)))


def merge(state: State, kind: Kind, loser_id: str, winner_id: str) -> Record:
    """One record goes up in another: its associations move, its id is from then on silently missing in batches."""
    loser, winner = state.records.get(kind, loser_id), state.records.get(kind, winner_id)
    if loser is None or winner is None:
        raise not_found()
    state.associations.move(kind.name, loser_id, winner_id)
    state.records.remove(loser)
    state.records.merged[kind.name, loser_id] = winner_id
    state.records.write(winner, {}, author=winner.author)
    for lead_id, types in state.associations.of(kind.name, winner_id, "leads").items():
        if _PRIMARY_CONTACT_OF in types:
            lead = state.records.of["leads"][lead_id]
            state.records.write(lead, {"hs_primary_contact_id": winner_id}, author=SYSTEM)
    return winner
