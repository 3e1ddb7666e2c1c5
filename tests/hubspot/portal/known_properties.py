"""The properties that an account has from the start, and those that triage's own set-up makes."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.hubspot.portal.kinds import KINDS
from tests.hubspot.portal.schema import Definition, Group, Option, Schema, choice, table, words

_REASON_CODES = Path(__file__).parents[3] / "config" / "reasons.toml"

_RECORD = """
hs_object_id number! Record ID
hubspot_owner_id string Owner
hubspot_owner_assigneddate datetime! Owner assigned date
"""
_CONTACT = """
createdate datetime! Create date
lastmodifieddate datetime! Last modified date
firstname string First name
lastname string Last name
email string Email
phone string Phone number
mobilephone string Mobile phone number
jobtitle string Job title
company string Company name
website string Website URL
industry string Industry
numemployees string Number of employees
city string City
country string Country/Region
hs_country_region_code string Country/Region code
hs_timezone string Time zone
hs_language string Preferred language
hs_analytics_source string! Original traffic source
hs_analytics_source_data_1 string! Original traffic source drill-down 1
hs_analytics_source_data_2 string! Original traffic source drill-down 2
hs_latest_source string! Latest traffic source
hs_latest_source_data_1 string! Latest traffic source drill-down 1
hs_latest_source_data_2 string! Latest traffic source drill-down 2
hs_latest_source_timestamp datetime! Latest traffic source date
hs_analytics_first_url string! First page seen
hs_analytics_first_referrer string! First referring site
hs_analytics_last_url string! Last page seen
hs_analytics_first_touch_converting_campaign string! First touch converting campaign
hs_analytics_last_touch_converting_campaign string! Last touch converting campaign
utm_campaign string UTM campaign
recent_conversion_event_name string! Recent conversion
recent_conversion_date datetime! Recent conversion date
first_conversion_event_name string! First conversion
first_conversion_date datetime! First conversion date
num_conversion_events number! Number of form submissions
num_unique_conversion_events number! Number of unique forms submitted
hs_analytics_num_page_views number! Number of page views
hs_analytics_num_visits number! Number of sessions
hs_analytics_last_visit_timestamp datetime! Time of last session
hs_email_open number! Marketing emails opened
hs_email_click number! Marketing emails clicked
hs_email_last_email_name string! Last marketing email name
hs_email_last_open_date datetime! Last marketing email open date
hs_email_last_click_date datetime! Last marketing email click date
hs_email_bounce number! Marketing emails bounced
hs_email_optout bool! Unsubscribed from all email
hs_sales_email_last_opened datetime! Recent sales email opened date
hs_sales_email_last_clicked datetime! Recent sales email clicked date
hs_sales_email_last_replied datetime! Recent sales email replied date
hs_sequences_is_enrolled bool! Currently in sequence
hs_latest_sequence_enrolled number! Last sequence enrolled
hs_latest_sequence_enrolled_date datetime! Last sequence enrolled date
hs_v2_date_entered_marketingqualifiedlead datetime! Date entered Marketing Qualified Lead
hs_latest_disqualified_lead_date datetime! Latest disqualified lead date
hs_latest_open_lead_date datetime! Latest open lead date
notes_last_contacted datetime! Last contacted
num_contacted_notes number! Number of times contacted
hs_predictivecontactscore_v2 number! Likelihood to close
hubspotscore number! HubSpot score
"""
_LEAD = """
hs_createdate datetime! Create date
hs_lastmodifieddate datetime! Last modified date
hs_lead_name string Lead name
hs_pipeline string Lead pipeline
hs_pipeline_stage string Lead pipeline stage
hs_lead_disqualification_note string Disqualification note
hs_primary_contact_id string! Primary contact ID
hs_lead_is_open bool! Lead is open
"""
_NOTE = """
hs_createdate datetime! Create date
hs_lastmodifieddate datetime! Last modified date
hs_timestamp datetime Activity date
hs_note_body string Note body
"""
_ACTIVITY = """
hs_createdate datetime! Create date
hs_lastmodifieddate datetime! Last modified date
hs_timestamp datetime Activity date
"""
_CALL = """
hs_call_title string Call title
hs_call_body string Call notes
hs_call_direction string Call direction
hs_call_disposition string Call outcome
"""
_EMAIL = """
hs_email_direction string Email direction
hs_email_subject string Email subject
hs_email_text string Email body
"""
_MEETING = """
hs_meeting_title string Meeting name
hs_meeting_body string Meeting description
hs_meeting_outcome string Meeting outcome
"""
_DEAL = """
createdate datetime! Create date
hs_lastmodifieddate datetime! Last modified date
dealname string Deal name
pipeline string Pipeline
dealstage string Deal stage
amount number Amount
deal_currency_code string Currency
closedate datetime Close date
hs_is_closed bool! Is closed
hs_is_closed_won bool! Is closed won
"""
_COMPANY = """
createdate datetime! Create date
hs_lastmodifieddate datetime! Last modified date
name string Company name
domain string Company domain name
industry string Industry
numberofemployees number Number of employees
annualrevenue number Annual revenue
city string City
country string Country/Region
lifecyclestage string Lifecycle stage
"""
_SCORES = """
sales_score_total number! Sales score
sales_score_fit number! Sales score: fit
sales_score_engagement number! Sales score: engagement
sales_score_threshold string! Sales score: threshold
"""

LEAD_STATUSES = words(
    "NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED", "ATTEMPTED_TO_CONTACT", "CONNECTED", "BAD_TIMING"
)  # fmt: skip
LIFECYCLE = words(
    "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "other"
)
DISQUALIFICATION = (
    Option("BAD_TIMING", "Bad Timing"),
    Option("BUDGET_CONSTRAINTS", "Budget Constraints"),
    Option("NO_DECISION_MAKING_POWER", "No Decision-making Power"),
    Option("COMPETITOR_PREFERENCE", "Competitor Preference"),
    Option("NOT_A_GOOD_FIT", "Not a Good Fit"),
    Option("NO_COMMERCIAL_INTEREST", "No Commercial Interest"),
    Option("PRIOR_NEGATIVE_EXPERIENCE", "Prior Negative Experience"),
    Option("TECHNICAL_LIMITATIONS", "Technical Limitations"),
    Option("WRONG_DATA", "Wrong Data"),
    Option("NO_RESPONSE", "No Response"),
)
ANSWER_KINDS = words(
    "acknowledged", "need_info", "planned", "changed", "delivered", "no_change", "returned", "overturned", "upheld"
)  # fmt: skip
OUTCOMES = words("accepted", "rejected", "recycled", "disqualified", "rerouted", "snoozed", "restored")
TRIAGE = Group("sales_triage", "Sales triage")


def _reason_codes() -> tuple[Option, ...]:
    told = tomllib.loads(_REASON_CODES.read_text(encoding="utf-8"))
    return words(*dict.fromkeys(reason["code"] for reason in told["reasons"]))


def _long(name: str, label: str) -> Definition:
    return Definition(name, label, "string", "textarea", ours=True)


def _triage_properties() -> list[Definition]:
    return [
        choice("triage_outcome", "Triage outcome", OUTCOMES, ours=True),
        choice("triage_reason", "Triage reason", _reason_codes(), ours=True),
        _long("triage_feedback", "Triage feedback"),
        Definition("triage_decided_at", "Triage decided at", "datetime", "date", ours=True),
        Definition("triage_by", "Triage decided by", ours=True),
        Definition("triage_decision_key", "Triage decision key", ours=True),
        Definition("triage_score_at_decision", "Triage score", "number", "number", ours=True),
        Definition("triage_definition", "Triage definition", ours=True),
        Definition("triage_wake_at", "Triage wake at", "datetime", "date", ours=True),
        _long("triage_answer", "Triage answer"),
        choice("triage_answer_kind", "Triage answer kind", ANSWER_KINDS, ours=True),
    ]


def schemas_of(*, scoring: bool, set_up: bool) -> dict[str, Schema]:
    """The schemas of a portal, with the score's properties and triage's own where they are wanted."""
    known = {kind.name: Schema() for kind in KINDS}
    contacts, leads = known["contacts"], known["leads"]
    contacts.add(table(_RECORD + _CONTACT), Group("contactinformation", "Contact information"))
    contacts.add(_contact_choices(), contacts.groups["contactinformation"])
    leads.add(table(_RECORD + _LEAD), Group("lead_information", "Lead information"))
    leads.add(_lead_choices(), leads.groups["lead_information"])
    known["notes"].add(table(_RECORD + _NOTE), Group("note", "Note"))
    known["deals"].add(table(_RECORD + _DEAL), Group("dealinformation", "Deal information"))
    known["companies"].add(table(_RECORD + _COMPANY), Group("companyinformation", "Company information"))
    for name, told in (("calls", _CALL), ("emails", _EMAIL), ("meetings", _MEETING)):
        known[name].add(table(_RECORD + _ACTIVITY + told), Group(f"{name}_information", "Activity"))
    if scoring:
        contacts.add(table(_SCORES), Group("lead_scoring", "Lead scoring"))
    if set_up:
        contacts.add(_triage_properties(), TRIAGE)
        key = Definition("triage_decision_key", "Triage decision key", ours=True)
        leads.add([key], leads.groups["lead_information"])
    return known


def _contact_choices() -> list[Definition]:
    tiers = words("tier_1", "tier_2", "tier_3", "tier_4")
    return [
        choice("hs_lead_status", "Lead status", LEAD_STATUSES),
        choice("lifecyclestage", "Lifecycle stage", LIFECYCLE),
        choice("hs_predictivescoringtier", "Contact priority", tiers, read_only=True),
    ]


def _lead_choices() -> list[Definition]:
    return [
        choice("hs_lead_label", "Lead label", words("HOT", "WARM", "COLD")),
        choice("hs_lead_type", "Lead type", words("NEW_BUSINESS", "UPSELL", "RE_ATTEMPTING")),
        choice("hs_lead_disqualification_reason", "Disqualification reason", DISQUALIFICATION),
    ]
