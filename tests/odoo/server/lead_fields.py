"""The fields of crm.lead, by version and by module."""

from __future__ import annotations

from tests.odoo.server.environment import Env
from tests.odoo.server.fields import Field, Row, char, choice, flag, moment, number, to_many, to_one

WON = 100.0


def won_status(env: Env, row: Row) -> str:
    """Won, lost or pending: worked out of stage, probability and the archive."""
    stage = env["crm.stage"].rows.get(row["stage_id"] or 0)
    if row["probability"] == WON and stage is not None and stage["is_won"]:
        return "won"
    return "lost" if not row["active"] and not row["probability"] else "pending"


def _is_automatic(env: Env, row: Row) -> bool:
    return bool(abs((row["probability"] or 0) - (row["automated_probability"] or 0)) < 0.01)


def of_version(major: int, *, website: bool) -> dict[str, Field]:
    """The fields that a lead has."""
    fields = _who() | _where_it_stands() | _how_it_came()
    if major >= 19:
        states = (("won", "Won"), ("lost", "Lost"), ("pending", "Pending"))
        fields["won_status"] = choice("Is Won", *states, computed=won_status)
        del fields["mobile"]
    if website:
        fields["visitor_ids"] = to_many("Web Visitors", "website.visitor")
        fields["visitor_page_count"] = number("# Page Views", computed=lambda _env, row: row.get("_pages", 0))
    return fields


def _who() -> dict[str, Field]:
    return {
        "name": char("Opportunity", required=True),
        "contact_name": char("Contact Name"),
        "partner_name": char("Company Name"),
        "partner_id": to_one("Customer", "res.partner"),
        "email_from": char("Email"),
        "email_normalized": char("Normalized Email", computed=lambda _e, r: (r["email_from"] or "").lower() or None),
        "email_state": choice("Email Quality", ("correct", "Correct"), ("incorrect", "Incorrect")),
        "phone": char("Phone"),
        "phone_state": choice("Phone Quality", ("correct", "Correct"), ("incorrect", "Incorrect")),
        "mobile": char("Mobile"),
        "function": char("Job Position"),
        "website": char("Website"),
        "street": char("Street"),
        "zip": char("Zip"),
        "city": char("City"),
        "state_id": to_one("State", "res.country.state"),
        "country_id": to_one("Country", "res.country"),
        "lang_id": to_one("Language", "res.lang"),
        "description": Field("html", "Notes"),
    }  # fmt: skip


def _where_it_stands() -> dict[str, Field]:
    priorities = (("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Very High"))
    return {
        "type": choice("Type", ("lead", "Lead"), ("opportunity", "Opportunity"), required=True, start="lead"),
        "active": flag("Active", start=True),
        "user_id": to_one("Salesperson", "res.users"),
        "team_id": to_one("Sales Team", "crm.team"),
        "company_id": to_one("Company", "res.company"),
        "stage_id": to_one("Stage", "crm.stage"),
        "tag_ids": to_many("Tags", "crm.tag"),
        "priority": choice("Priority", *priorities, start="0"),
        "probability": Field("float", "Probability", start=0.0),
        "automated_probability": Field("float", "Automated Probability", start=0.0, readonly=True),
        "is_automated_probability": flag("Is automated probability?", computed=_is_automatic),
        "lost_reason_id": to_one("Lost Reason", "crm.lost.reason"),
        "expected_revenue": Field("monetary", "Expected Revenue", start=0.0),
        "date_open": moment("Assignment Date", readonly=True),
        "date_closed": moment("Closed Date", readonly=True),
        "date_conversion": moment("Conversion Date", readonly=True),
        "date_last_stage_update": moment("Last Stage Update", readonly=True),
        "date_deadline": Field("date", "Expected Closing"),
        "message_ids": Field("one2many", "Messages", "mail.message", computed=_messages),
        "activity_ids": Field("one2many", "Activities", "mail.activity", computed=_activities),
    }


def _how_it_came() -> dict[str, Field]:
    return {
        "campaign_id": to_one("Campaign", "utm.campaign"),
        "medium_id": to_one("Medium", "utm.medium"),
        "source_id": to_one("Source", "utm.source"),
        "referred": char("Referred By"),
    }


def _messages(env: Env, row: Row) -> list[int]:
    rows = env["mail.message"].rows.values()
    return [one["id"] for one in rows if one["model"] == "crm.lead" and one["res_id"] == row["id"]]


def _activities(env: Env, row: Row) -> list[int]:
    return [one["id"] for one in env["mail.activity"].rows.values() if one["res_id"] == row["id"]]
