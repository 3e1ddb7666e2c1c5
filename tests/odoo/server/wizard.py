"""The wizard that makes an opportunity of a lead: it reads the leads from the context, and may merge instead."""

from __future__ import annotations

from typing import Any

from tests.odoo.server import writing
from tests.odoo.server.environment import Env, Records
from tests.odoo.server.fields import Row
from tests.odoo.server.leads import converted
from tests.odoo.server.problems import crash, value_error
from tests.odoo.server.writing import made_of


def prepared(env: Env, row: Row) -> None:
    """What the wizard works out for itself where nothing is said: also that it merges."""
    lead = env["crm.lead"].rows[row["lead_id"]]
    same = duplicates_of(env, lead)
    values: Row = {"duplicated_lead_ids": row["duplicated_lead_ids"] or same}
    values["name"] = row["name"] or ("merge" if len(same) > 1 else "convert")
    values["partner_id"] = row["partner_id"] or lead["partner_id"]
    values["action"] = row["action"] or ("exist" if values["partner_id"] else "create")
    values["user_id"] = row["user_id"] or lead["user_id"] or env.uid
    values["team_id"] = row["team_id"] or lead["team_id"]
    env.state.tables.change(row, values)


def duplicates_of(env: Env, lead: Row) -> list[int]:
    """The lead and those with its address, lost ones too."""
    address = (lead["email_from"] or "").lower()
    rows = env["crm.lead"].rows.values()
    same = {one["id"] for one in rows if address and (one["email_from"] or "").lower() == address}
    return sorted({lead["id"], *same})


def create(env: Env, records: Records, vals_list: Any) -> Records:
    given = [vals_list] if isinstance(vals_list, dict) else list(vals_list)
    active = env.context.get("active_id")
    return writing.create(env, records, [{**({"lead_id": active} if active else {}), **v} for v in given])


def action_apply(env: Env, records: Records) -> dict[str, Any]:
    """Convert the leads of the context, or merge; then say which form to open."""
    if len(records.ids) != 1:
        raise value_error(f"Expected singleton: {records.model.name}{records.ids}")
    (row,) = env.rows_of(records, "read")
    lead = _merged(env, row) if row["name"] == "merge" else _converted(env, row)
    return {
        "type": "ir.actions.act_window",
        "name": "Opportunity",
        "res_model": "crm.lead",
        "res_id": lead,
        "view_mode": "form",
        "view_id": False,
        "domain": [["type", "=", "opportunity"]],
        "context": {"default_type": "opportunity"},
    }


def _converted(env: Env, wizard: Row) -> int:
    ids = list(env.context.get("active_ids") or [])
    for lead in env.rows_of(Records(env["crm.lead"], tuple(ids)), "write"):
        partner = _partner(env, wizard, lead)
        converted(env, lead, partner=partner)
        if wizard["force_assignment"] or not lead["user_id"]:
            values = {"user_id": wizard["user_id"], "team_id": wizard["team_id"] or False}
            writing.changed(env, env["crm.lead"], lead, values)
    if not ids:
        raise crash("builtins.IndexError", "tuple index out of range")
    return int(ids[0])


def _partner(env: Env, wizard: Row, lead: Row) -> int | None:
    """The customer that the opportunity gets: the one that is there stays."""
    if lead["partner_id"] or wizard["action"] == "nothing":
        return int(lead["partner_id"]) if lead["partner_id"] else None
    if wizard["action"] == "exist" and wizard["partner_id"]:
        return int(wizard["partner_id"])
    if wizard["action"] != "create":
        return None
    values = {"name": lead["contact_name"] or lead["name"], "email": lead["email_from"] or False}
    return int(made_of(env, env["res.partner"], values)["id"])


def _merged(env: Env, wizard: Row) -> int:
    """One lead of all that are alike: the others are gone for good."""
    env.state.broken_rules.append(f"leads merged by the wizard: {wizard['duplicated_lead_ids']}")
    model = env["crm.lead"]
    rows = [model.rows[one] for one in wizard["duplicated_lead_ids"] if one in model.rows]
    rows.sort(key=lambda row: (row["type"] != "opportunity", not row["active"], row["id"]))
    head, *tail = rows
    for row in tail:
        merge_into(env, row, head)
    converted(env, head, partner=head["partner_id"])
    return int(head["id"])


def merge_into(env: Env, loser: Row, head: Row) -> None:
    """Give the messages of one lead to another, and take the one away."""
    for message in env["mail.message"].rows.values():
        if message["model"] == "crm.lead" and message["res_id"] == loser["id"]:
            env.state.tables.change(message, {"res_id": head["id"]})
    writing.removed(env, env["crm.lead"], loser)
