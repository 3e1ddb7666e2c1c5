"""Another definition, proposed: it is in force once a named owner of each side has said yes to it.

Until then it evaluates nothing. Inside the transaction of its caller.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from triage.embedded import agreement, forms, sla
from triage.embedded.database import Database, Json, pack
from triage.embedded.members import FIRST_REP, MARKETING, Member, person
from triage.embedded.moments import from_wire, to_wire
from triage.embedded.problems import Problem, not_found, unparsable

_OWNERS = {"sales": FIRST_REP, "marketing": MARKETING}
_REVIEWED_AFTER = timedelta(weeks=12)
_OPS = (">=", "<=", "==", "in", "not_in", "truthy")
_CHANGEABLE = ("threshold", "hand_raise", "criteria", "sql_criteria", "targets", "sla", "calendar")


def in_force(database: Database, started_at: datetime) -> Json:
    """Return the definition that both sides have agreed on last; the first one dates from the start."""
    row = database.row("SELECT body FROM definitions ORDER BY n DESC LIMIT 1")
    agreed: Json = json.loads(row["body"]) if row else agreement.definition(started_at) | sla.agreed()
    return agreed | {"owners": owners_of(database)}


def owners_of(database: Database) -> Json:
    """Return who says yes or no for each side."""
    return {side: person(database, who) for side, who in _OWNERS.items()}


def page(database: Database, started_at: datetime) -> Json:
    """Return all proposals, the newest first, and how often the definition in force was disputed."""
    rows = database.rows("SELECT body FROM proposals ORDER BY n DESC")
    since = from_wire(in_force(database, started_at)["agreed_at"])
    return {"items": [json.loads(row["body"]) for row in rows], "disputes": _disputes(database, since)}


def propose(database: Database, caller: Member, body: bytes, started_at: datetime, now: datetime) -> Json:
    """Keep a proposal; an owner's own stands for their side's yes. The same again is the same."""
    form = forms.proposal(body)
    known = database.row("SELECT content, body FROM proposals WHERE proposal_id = ?", form["proposal_id"])
    if known is not None:
        if known["content"] != pack(form):
            raise Problem(409, "other_proposal", f"Another proposal has the id {form['proposal_id']}.")
        kept: Json = json.loads(known["body"])
        return kept
    current = in_force(database, started_at)
    _check_base(form["based_on"], current)
    changed = {name: form["definition"][name] for name in _CHANGEABLE if name in form["definition"]}
    _check(changed)
    proposal = {
        "proposal_id": form["proposal_id"],
        "based_on": form["based_on"],
        "definition": current | changed | {"version": _next(database, current)},
        "why": form["why"],
        "by": caller.person,
        "at": to_wire(now),
        "state": "proposed",
        "words": [],
    }
    database.run(
        "INSERT INTO proposals VALUES (?, (SELECT coalesce(max(n), 0) + 1 FROM proposals), ?, ?)",
        form["proposal_id"],
        pack(form),
        pack(proposal),
    )
    side = _side_of(caller)
    return proposal if side is None else _word(database, proposal, caller, side, agrees=True, why="", now=now)


def answer(database: Database, caller: Member, named: str, body: bytes, now: datetime) -> Json:
    """Take an owner's yes or no; the second yes puts the proposal in force, any no ends it."""
    form = forms.word(body)
    row = database.row("SELECT body FROM proposals WHERE proposal_id = ?", named)
    if row is None:
        raise not_found(f"proposal {named}")
    proposal: Json = json.loads(row["body"])
    side = _side_of(caller)
    if side is None:
        owners = " and ".join(f"{who['name']} ({name})" for name, who in owners_of(database).items())
        raise Problem(403, "forbidden", f"Only {owners} can say yes or no; you can propose.")
    if proposal["state"] != "proposed":
        said = [one for one in proposal["words"] if one["side"] == side]
        if said and said[-1]["agrees"] == form["agrees"]:
            return proposal
        raise Problem(409, "closed", f"The proposal is {proposal['state']} already.")
    if not form["agrees"] and not form["why"].strip():
        raise unparsable("A no needs `why`: it is what the other side reads.")
    if form["agrees"]:
        _check_base(proposal["based_on"], in_force(database, now))
    return _word(database, proposal, caller, side, agrees=form["agrees"], why=form["why"], now=now)


def _word(
    database: Database, proposal: Json, caller: Member, side: str, *, agrees: bool, why: str, now: datetime
) -> Json:
    others = [one for one in proposal["words"] if one["side"] != side]
    word = {"side": side, "by": caller.person, "agrees": agrees, "why": why, "at": to_wire(now)}
    words = [*others, word]
    state = "proposed" if agrees else "declined"
    if {one["side"] for one in words if one["agrees"]} == set(_OWNERS):
        state = "agreed"
    after: Json = proposal | {"words": words, "state": state}
    if state == "agreed":
        after["definition"] = _enact(database, after, now)
    database.run("UPDATE proposals SET body = ? WHERE proposal_id = ?", pack(after), proposal["proposal_id"])
    return after


def _enact(database: Database, proposal: Json, now: datetime) -> Json:
    agreed_by = [f"{one['by']['name']} ({one['side']})" for one in proposal["words"]]
    agreed: Json = proposal["definition"] | {
        "agreed_at": to_wire(now),
        "agreed_by": sorted(agreed_by),
        "review_due": to_wire(now + _REVIEWED_AFTER),
    }
    database.run("INSERT INTO definitions (body) VALUES (?)", pack(agreed))
    return agreed


def _side_of(member: Member) -> str | None:
    return next((side for side, who in _OWNERS.items() if who == member.user_id), None)


def _check_base(based_on: str, current: Json) -> None:
    if based_on != current["version"]:
        words = f"It was made from v{based_on}, and v{current['version']} is in force now: propose it anew."
        raise Problem(409, "moved_on", words)


def _next(database: Database, current: Json) -> str:
    """Return the version after the one in force and all that were proposed."""
    rows = database.rows("SELECT body FROM proposals")
    taken = [json.loads(row["body"])["definition"]["version"] for row in rows]
    return str(max(int(version) for version in (current["version"], *taken)) + 1)


def _disputes(database: Database, since: datetime) -> int:
    """Count what reps said against the definition in force: disputes, and decisions that disagree with it."""
    rows = database.rows(
        "SELECT kind, state, body FROM items WHERE body LIKE '%definition_dispute%'"
        ' OR body LIKE \'%"disagrees_with":"%\''
    )
    return sum(_is_dispute(row, since) for row in rows)


def _is_dispute(row: sqlite3.Row, since: datetime) -> bool:
    if row["state"] in {"retracted", "superseded"}:
        return False
    item: Json = json.loads(row["body"])
    if row["kind"] == "decision":
        return bool(item.get("disagrees_with")) and from_wire(item["decided_at"]) >= since
    return item["type"] == "definition_dispute" and from_wire(item["created_at"]) >= since


def _check(changed: Json) -> None:
    """Refuse what cannot be evaluated; a 422 that names the field."""
    for name, value in changed.items():
        if not _FITS[name](value):
            raise unparsable(f"`definition.{name}` is not what the contract says.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_criterion(value: Any) -> bool:
    texts = ("criterion_id", "label", "fact")
    return (
        isinstance(value, dict)
        and all(isinstance(value.get(name), str) and value[name] for name in texts)
        and value.get("op") in _OPS
        and _is_number(value.get("weight", 0))
        and (value["op"] not in {"in", "not_in"} or isinstance(value.get("value"), list))
        and (value["op"] not in {">=", "<="} or _is_number(value.get("value")))
    )


def _are_criteria(value: object) -> bool:
    if not isinstance(value, list) or not all(map(_is_criterion, value)):
        return False
    ids = [line["criterion_id"] for line in value]
    return len(ids) == len(set(ids))


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _are_targets(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_number, value.values()))


def _are_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


_FITS: dict[str, Callable[[Any], bool]] = {
    "threshold": _is_number,
    "hand_raise": _are_texts,
    "criteria": _are_criteria,
    "sql_criteria": _are_criteria,
    "targets": _are_targets,
    "sla": _are_objects,
    "calendar": lambda value: isinstance(value, dict),
}
