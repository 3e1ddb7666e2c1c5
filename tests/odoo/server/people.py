"""The users of the database, their groups, and what those may do with the records of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.odoo.server.environment import Env
from tests.odoo.server.fields import Row

if TYPE_CHECKING:
    from tests.odoo.server.state import State

EMPLOYEE = "base.group_user"
SYSTEM = "base.group_system"
REP = "sales_team.group_sale_salesman"
ALL_LEADS = "sales_team.group_sale_salesman_all_leads"
MANAGER = "sales_team.group_sale_manager"
MAILER = "mass_mailing.group_mass_mailing_user"
USES_LEADS = "crm.group_use_lead"
READS_DOCS = "api_doc.group_allow_doc"

ME, COLLEAGUE, MARKETER, ADMIN = 7, 8, 9, 2
_PEOPLE = (
    (ADMIN, "Administrator", "admin", {EMPLOYEE, MAILER, REP, ALL_LEADS, MANAGER, SYSTEM, READS_DOCS}),
    (ME, "Rhea Rep", "rhea.rep@sales.example", {EMPLOYEE, REP, MAILER, READS_DOCS}),
    (COLLEAGUE, "Cole League", "cole.league@sales.example", {EMPLOYEE, REP, MAILER}),
    (MARKETER, "Mara Keter", "mara.keter@marketing.example", {EMPLOYEE, REP, ALL_LEADS, MAILER}),
)
_PARTNER_OF = 30
"""A user's contact has another id than the user: messages name contacts."""


def partner_of(user_id: int) -> int:
    return _PARTNER_OF + user_id


def seed(state: State) -> None:
    """Put the people in, each with the contact that signs their messages."""
    models = state.tables.models
    now = state.now
    models["res.company"].rows[1] = {
        "id": 1,
        "_model": "res.company",
        "name": "Example Sales",
        "create_date": now,
    }
    for user_id, name, login, groups in _PEOPLE:
        partner = partner_of(user_id)
        address = login if "@" in login else f"{login}@sales.example"
        dates = {"create_date": now, "create_uid": 1, "write_date": now, "write_uid": 1}
        shared = {"name": name, "email": address, "active": True, "company_id": 1, **dates}
        models["res.partner"].rows[partner] = {"id": partner, "_model": "res.partner", **shared}
        row: Row = {
            "id": user_id,
            "_model": "res.users",
            "login": login,
            "partner_id": partner,
            "share": False,
        }
        models["res.users"].rows[user_id] = {**row, **shared, "tz": "Europe/Berlin", "lang": "en_US"}
        state.groups[user_id] = set(groups)


def may_lead(env: Env, row: Row, mode: str) -> bool:
    """A rep has their own leads and those of nobody; who sees all has all."""
    return ALL_LEADS in env.groups or row.get("user_id") in (env.uid, None)


def may_on_lead(env: Env, row: Row, mode: str) -> bool:
    """What hangs on a lead is seen by who sees the lead; a message also by its author."""
    if mode == "read" and row.get("author_id") == env.user["partner_id"]:
        return True
    if mode in ("write", "unlink") and row["_model"] == "mail.message":
        return row.get("author_id") == env.user["partner_id"] or SYSTEM in env.groups
    lead = env["crm.lead"].rows.get(row.get("res_id") or 0)
    return (
        row.get("model", row.get("res_model")) == "crm.lead"
        and lead is not None
        and may_lead(env, lead, mode)
    )


def is_own(env: Env, row: Row, mode: str) -> bool:
    return bool(row.get("user_id") == env.uid)


def made_by_oneself(env: Env, row: Row, mode: str) -> bool:
    """A wizard is for who opened it."""
    return bool(row.get("create_uid") == env.uid)
