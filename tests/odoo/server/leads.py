"""What crm.lead does beyond being a record: lost and won, back again, and what follows from a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.odoo.server import chatter, scoring, writing
from tests.odoo.server.environment import Env, Records
from tests.odoo.server.fields import Row
from tests.odoo.server.lead_fields import WON
from tests.odoo.server.problems import crash, validation_error

_BY_A_CLIENT = ("probability", "automated_probability")


def write(env: Env, records: Records, vals: Any) -> bool:
    """Change leads. A probability by hand switches the scoring off: a rule of ours against it."""
    _keep_scoring(env, records.ids, vals)
    return writing.write(env, records, vals)


def create(env: Env, records: Records, vals_list: Any) -> Records:
    """Make leads; who says nothing makes one of one's own."""
    given = [vals_list] if isinstance(vals_list, Mapping) else list(vals_list)
    return writing.create(env, records, [{"user_id": env.uid, **values} for values in given])


def _keep_scoring(env: Env, ids: tuple[int, ...], vals: Any) -> None:
    if isinstance(vals, Mapping) and any(name in vals for name in _BY_A_CLIENT):
        env.state.broken_rules.append(f"probability written on {list(ids)}")


def action_set_lost(env: Env, records: Records, **additional_values: Any) -> bool:
    """Archive with probability 0, and let it teach the scoring; further values are written with it."""
    _keep_scoring(env, records.ids, additional_values)
    for row in env.rows_of(records, "write"):
        stage = env["crm.stage"].rows.get(row["stage_id"] or 0)
        if stage is not None and stage["is_won"]:
            raise validation_error("A lead in a Won stage cannot be lost. Move it to another stage first.")
        was_active = row["active"]
        values = {"active": False, "probability": 0.0, "automated_probability": 0.0}
        writing.changed(env, records.model, row, {**values, **additional_values})
        if was_active:
            scoring.train(env, row, "lost")
        _never_recycled(env, row)
    return True


def _never_recycled(env: Env, row: Row) -> None:
    if any("recycled" in env.name_of("crm.tag", tag) for tag in row["tag_ids"]):
        env.state.broken_rules.append(f"a recycled lead set lost: {row['id']} teaches the scoring")


def action_set_won(env: Env, records: Records) -> bool:
    won = min(row["id"] for row in env["crm.stage"].rows.values() if row["is_won"])
    for row in env.rows_of(records, "write"):
        writing.changed(env, records.model, row, {"stage_id": won, "active": True})
    return True


def action_archive(env: Env, records: Records) -> bool:
    for row in env.rows_of(records, "write"):
        if row["active"]:
            zero = {"probability": 0.0, "automated_probability": 0.0}
            writing.changed(env, records.model, row, {"active": False, **zero})
    return True


def action_unarchive(env: Env, records: Records) -> bool:
    """Back from the archive: without the reason, and scored anew."""
    for row in env.rows_of(records, "write"):
        if not row["active"]:
            writing.changed(env, records.model, row, {"active": True, "lost_reason_id": False})
            score = scoring.probability(env, row)
            env.state.tables.change(row, {"probability": score, "automated_probability": score})
    return True


def convert_opportunity(
    env: Env, records: Records, partner: Any, user_ids: Any = False, team_id: Any = False
) -> bool:
    """Not for callers from outside: an id is no recordset, and nothing clears the customer."""
    env.state.broken_rules.append(f"convert_opportunity called on {list(records.ids)}")
    if partner:
        raise crash("builtins.AttributeError", f"'{type(partner).__name__}' object has no attribute 'id'")
    for row in env.rows_of(records, "write"):
        converted(env, row, partner=None)
    return True


def converted(env: Env, row: Row, *, partner: int | None) -> None:
    """Make an opportunity of a lead; one that is lost or won is passed over without a word."""
    if not row["active"] or row["probability"] == WON:
        return
    first = min(env["crm.stage"].rows.values(), key=lambda stage: (stage["sequence"], stage["id"]))
    values = {"type": "opportunity", "partner_id": partner or False, "date_open": env.state.now}
    values |= {"date_conversion": env.state.now, "stage_id": row["stage_id"] or first["id"]}
    writing.changed(env, env["crm.lead"], row, values)


def followed(env: Env, row: Row, before: Row, kept: Row) -> None:
    """What a change of a lead brings with it."""
    more: Row = {}
    if before["stage_id"] != row["stage_id"]:
        more["date_last_stage_update"] = env.state.now
        more |= _won(env, row) or _not_won(before, row)
    if before["user_id"] != row["user_id"]:
        more["date_open"] = env.state.now if row["user_id"] else None
    if before["active"] and not row["active"]:
        more["date_closed"] = env.state.now
    elif row["active"] and not before["active"]:
        more["date_closed"] = None
    env.state.tables.change(row, more)
    if row["active"] and row["probability"] != WON and any(before[n] != row[n] for n in scoring.VARIABLES):
        env.state.tables.change(row, scoring.recompute(env, row))
    chatter.note_changes(env, row, before)


def _won(env: Env, row: Row) -> Row:
    stage = env["crm.stage"].rows.get(row["stage_id"] or 0)
    if stage is None or not stage["is_won"]:
        return {}
    scoring.train(env, row, "won")
    return {"probability": WON, "automated_probability": WON, "date_closed": env.state.now}


def _not_won(before: Row, row: Row) -> Row:
    """Out of a won stage: scored anew."""
    back = {"probability": 0.0, "automated_probability": 0.0, "date_closed": None}
    return back if before["probability"] == WON else {}


def began(env: Env, row: Row) -> None:
    """What a lead is made with."""
    teams = env["crm.team"].rows
    team = row["team_id"] or (min(teams) if teams else None)
    first = min(env["crm.stage"].rows.values(), key=lambda stage: (stage["sequence"], stage["id"]))
    values = {"team_id": team, "stage_id": row["stage_id"] or first["id"], "company_id": 1}
    values["date_open"] = env.state.now if row["user_id"] else None
    env.state.tables.change(row, values)
    score = scoring.probability(env, row)
    env.state.tables.change(row, {"probability": score, "automated_probability": score})
