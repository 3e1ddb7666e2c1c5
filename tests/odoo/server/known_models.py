"""The models of the database: fields, who may do what, and which modules bring them."""

from __future__ import annotations

from tests.odoo.server import people
from tests.odoo.server.environment import Env
from tests.odoo.server.fields import Field, Row, char, choice, flag, moment, number, to_many, to_one
from tests.odoo.server.people import EMPLOYEE, MAILER, MANAGER, REP, SYSTEM
from tests.odoo.server.tables import Model

_KEPT_BY_MANAGER = {EMPLOYEE: "r", MANAGER: "rwcu"}
_KEPT_BY_SYSTEM = {EMPLOYEE: "r", SYSTEM: "rwcu"}
_NAME = {"name": char("Name", required=True)}
_ACTIVE = {"active": flag("Active", start=True)}


def base() -> list[Model]:
    """People, companies, places, and what the system says of itself."""
    user = {
        **_NAME, **_ACTIVE, "login": char("Login"), "email": char("Email"), "tz": char("Timezone"),
        "lang": char("Language"), "share": flag("Share User"),
        "partner_id": to_one("Related Partner", "res.partner"),
        "company_id": to_one("Company", "res.company"),
        "sale_team_id": to_one("User Sales Team", "crm.team"),
    }  # fmt: skip
    partner = {
        **_NAME, **_ACTIVE, "email": char("Email"), "phone": char("Phone"),
        "company_id": to_one("Company", "res.company"),
    }  # fmt: skip
    parameter = {"key": char("Key", required=True), "value": Field("text", "Value")}
    manual = {
        "name": char("Field Name", required=True), "field_description": char("Field Label"),
        "model": char("Model Name"), "model_id": to_one("Model", "ir.model", required=True),
        "ttype": char("Field Type", required=True), "relation": char("Related Model"),
        "selection": Field("text", "Selection Options"), "state": char("Type", start="manual"),
        "required": flag("Required"), "help": Field("text", "Help"), "copied": flag("Copied"),
        "size": number("Size"), "store": flag("Stored", start=True),
        "selection_ids": Field("one2many", "Selection Options", "ir.model.fields.selection"),
    }  # fmt: skip
    option = {**_NAME, "value": char("Value"), "sequence": number("Sequence", start=1000)}
    key = {
        "name": char("Description"), "user_id": to_one("User", "res.users"), "scope": char("Scope"),
        "expiration_date": moment("Expiration Date"),
    }  # fmt: skip
    return [
        Model("res.users", "User", user, may=_KEPT_BY_SYSTEM, order="name, login"),
        Model("res.partner", "Contact", partner, may={EMPLOYEE: "r", REP: "rwc"}, first_id=500),
        Model("res.company", "Companies", dict(_NAME), may=_KEPT_BY_SYSTEM, first_id=2),
        Model("res.country", "Country", {**_NAME, "code": char("Country Code")}, may=_KEPT_BY_SYSTEM),
        Model("res.country.state", "Country state", dict(_NAME), may=_KEPT_BY_SYSTEM),
        Model("res.lang", "Languages", {**_NAME, **_ACTIVE, "code": char("Locale Code")}, may=_KEPT_BY_SYSTEM),
        Model("ir.config_parameter", "System Parameter", parameter, may={SYSTEM: "rwcu"}, called="key"),
        Model("ir.model", "Models", {**_NAME, "model": char("Model")}, may=_KEPT_BY_SYSTEM),
        Model("ir.model.fields", "Fields", manual, may=_KEPT_BY_SYSTEM, first_id=9_001),
        Model("ir.model.fields.selection", "Fields Selection", option, may=_KEPT_BY_SYSTEM, first_id=801),
        Model("res.users.apikeys", "Users API Keys", key, may={EMPLOYEE: "ru"}, rule=people.is_own, first_id=41),
    ]  # fmt: skip


def crm() -> list[Model]:
    """Stages, reasons, tags, teams, and the numbers that leads are scored by."""
    stage = {
        **_NAME, "sequence": number("Sequence", start=1), "is_won": flag("Is Won Stage?"),
        "fold": flag("Folded in Pipeline"), "team_id": to_one("Sales Team", "crm.team"),
    }  # fmt: skip
    team = {
        **_NAME, **_ACTIVE, "sequence": number("Sequence", start=10), "use_leads": flag("Leads"),
        "use_opportunities": flag("Pipeline", start=True), "user_id": to_one("Team Leader", "res.users"),
        "member_ids": to_many("Salespersons", "res.users"), "company_id": to_one("Company", "res.company"),
    }  # fmt: skip
    frequency = {
        "variable": char("Variable"), "value": char("Value"), "won_count": Field("float", "Won Count"),
        "lost_count": Field("float", "Lost Count"), "team_id": to_one("Sales Team", "crm.team"),
    }  # fmt: skip
    scored = {"name": char("Field Label"), "field_id": to_one("Field", "ir.model.fields")}
    colored = {**_NAME, "color": number("Color", start=1)}
    return [
        Model("crm.stage", "CRM Stages", stage, may=_KEPT_BY_MANAGER, order="sequence, name, id", first_id=5),
        Model("crm.lost.reason", "Opp. Lost Reason", {**_NAME, **_ACTIVE}, may=_KEPT_BY_MANAGER),
        Model("crm.tag", "CRM Tag", colored, may={REP: "rwc", MANAGER: "rwcu"}, first_id=20),
        Model("crm.team", "Sales Team", team, may=_KEPT_BY_MANAGER, order="sequence, create_date desc, id desc"),
        Model("crm.lead.scoring.frequency", "Lead Scoring Frequency", frequency, called="variable",
              may={REP: "r", SYSTEM: "rwcu"}),
        Model("crm.lead.scoring.frequency.field", "Fields used for scoring", scored, may=_KEPT_BY_SYSTEM),
        Model("crm.lead2opportunity.partner", "Convert Lead to Opportunity (not in mass)", _wizard(),
              may={REP: "rwc"}, rule=people.made_by_oneself, first_id=5),
    ]  # fmt: skip


def _wizard() -> dict[str, Field]:
    return {
        "lead_id": to_one("Associated Lead", "crm.lead", required=True),
        "name": choice(
            "Conversion Action",
            ("convert", "Convert to opportunity"),
            ("merge", "Merge with existing opportunities"),
        ),
        "action": choice(
            "Related Customer",
            ("create", "Create a new customer"),
            ("exist", "Link to an existing customer"),
            ("nothing", "Do not link to a customer"),
        ),
        "partner_id": to_one("Customer", "res.partner"),
        "user_id": to_one("Salesperson", "res.users"),
        "team_id": to_one("Sales Team", "crm.team"),
        "force_assignment": flag("Force assignment"),
        "duplicated_lead_ids": to_many("Opportunities", "crm.lead"),
    }


def mail() -> list[Model]:
    """The chatter: messages and activities."""
    message = {
        "date": moment("Date"), "author_id": to_one("Author", "res.partner"), "email_from": char("From"),
        "subject": char("Subject"), "body": Field("html", "Contents"), "model": char("Related Document Model"),
        "res_id": Field("many2one_reference", "Related Document ID"),
        "message_type": choice(
            "Type", ("email", "Incoming Email"), ("comment", "Comment"), ("email_outgoing", "Outgoing Email"),
            ("notification", "System notification"), ("auto_comment", "Automated Targeted Notification"),
            ("user_notification", "User Specific Notification"), required=True, start="comment",
        ),
        "subtype_id": to_one("Subtype", "mail.message.subtype"), "is_internal": flag("Employee Only"),
        "parent_id": to_one("Parent Message", "mail.message"),
        "partner_ids": to_many("Recipients", "res.partner"),
        "tracking_value_ids": Field("one2many", "Tracking values", "mail.tracking.value"),
    }  # fmt: skip
    activity = {
        "res_model_id": to_one("Document Model", "ir.model", required=True),
        "res_model": char("Related Document Model", computed=_model_of_activity),
        "res_id": Field("many2one_reference", "Related Document ID"), "summary": char("Summary"),
        "note": Field("html", "Note"), "date_deadline": Field("date", "Due Date", required=True),
        "activity_type_id": to_one("Activity Type", "mail.activity.type"),
        "user_id": to_one("Assigned to", "res.users"),
    }  # fmt: skip
    tracked = {
        "field_id": to_one("Field", "ir.model.fields"), "old_value_char": char("Old Value Char"),
        "new_value_char": char("New Value Char"), "mail_message_id": to_one("Message ID", "mail.message"),
    }  # fmt: skip
    note = {**_NAME, "internal": flag("Internal Only")}
    return [
        Model("mail.message", "Message", message, order="id desc", called="subject", first_id=70_001,
              may={EMPLOYEE: "rwc", SYSTEM: "u"}, rule=people.may_on_lead),
        Model("mail.message.subtype", "Message subtypes", note, may={EMPLOYEE: "r"}),
        Model("mail.tracking.value", "Mail Tracking Value", tracked, may={SYSTEM: "rwcu"}, called="id"),
        Model("mail.activity", "Activity", activity, order="date_deadline asc, id asc", called="summary",
              may={EMPLOYEE: "rwcu"}, rule=_may_activity),
        Model("mail.activity.type", "Activity Type", {**_NAME, **_ACTIVE}, may=_KEPT_BY_SYSTEM),
    ]  # fmt: skip


def _model_of_activity(env: Env, row: Row) -> str:
    return str(env["ir.model"].rows[row["res_model_id"]]["model"])


def _may_activity(env: Env, row: Row, mode: str) -> bool:
    return people.is_own(env, row, mode) or people.may_on_lead(
        env, {**row, "model": _model_of_activity(env, row)}, mode
    )


def marketing() -> list[Model]:
    """Campaigns, sources and media: always there."""
    return [
        Model(
            "utm.campaign", "UTM Campaign", {**_NAME, **_ACTIVE, "title": char("Campaign Name")}, may=_OPEN
        ),
        Model("utm.source", "UTM Source", dict(_NAME), may=_OPEN),
        Model("utm.medium", "UTM Medium", {**_NAME, **_ACTIVE}, may=_OPEN),
    ]


_OPEN = {EMPLOYEE: "r", REP: "rwc", SYSTEM: "rwcu"}


def mailings() -> list[Model]:
    """The module of mass mailings."""
    states = ("outgoing", "sent", "open", "reply", "bounce", "error", "cancel")
    trace = {
        "model": char("Document model", required=True),
        "res_id": Field("many2one_reference", "Document ID"), "email": char("Email"),
        "mass_mailing_id": to_one("Mailing", "mailing.mailing"),
        "campaign_id": to_one("Campaign", "utm.campaign"),
        "trace_status": choice("Status", *((one, one.title()) for one in states), start="outgoing"),
        "sent_datetime": moment("Sent On"), "open_datetime": moment("Opened On"),
        "links_click_datetime": moment("Clicked On"), "reply_datetime": moment("Replied On"),
    }  # fmt: skip
    mailing = {"subject": char("Subject", required=True), **_ACTIVE}
    return [
        Model("mailing.mailing", "Mass Mailing", mailing, may={MAILER: "rwcu"}, called="subject"),
        Model(
            "mailing.trace", "Mailing Statistics", trace, may={MAILER: "rwcu"}, called="email", first_id=301
        ),
    ]


def automation() -> list[Model]:
    """Marketing automation: an Enterprise module."""
    participant = {
        "campaign_id": to_one("Campaign", "marketing.campaign"), "model_name": char("Record model"),
        "res_id": Field("many2one_reference", "Record ID"),
        "state": choice("State", ("running", "Running"), ("completed", "Completed"), ("unlinked", "Removed")),
    }  # fmt: skip
    trace = {
        "participant_id": to_one("Participant", "marketing.participant"), "activity_id": char("Activity"),
        "state": choice("State", *((s, s.title()) for s in ("scheduled", "processed", "rejected", "canceled"))),
        "schedule_date": moment("Schedule Date"),
    }  # fmt: skip
    return [
        Model("marketing.campaign", "Marketing Campaign", {**_NAME, **_ACTIVE}, may={EMPLOYEE: "r"}),
        Model(
            "marketing.participant", "Marketing Participant", participant, may={EMPLOYEE: "r"}, called="id"
        ),
        Model("marketing.trace", "Marketing Trace", trace, may={EMPLOYEE: "r"}, called="id"),
    ]
