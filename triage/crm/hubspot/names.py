"""What things are called in a portal: ours, and HubSpot's that more than one file needs. Only names."""

from __future__ import annotations

from triage.domain.act import Act

LEADS = "leads"
CONTACTS = "contacts"

OUTCOME = "triage_outcome"
REASON = "triage_reason"
FEEDBACK = "triage_feedback"
DECIDED_AT = "triage_decided_at"
BY = "triage_by"
KEY = "triage_decision_key"
SCORE_THEN = "triage_score_at_decision"
DEFINITION = "triage_definition"
WAKE_AT = "triage_wake_at"
ANSWER = "triage_answer"
ANSWER_KIND = "triage_answer_kind"

OWNER = "hubspot_owner_id"
STAGE = "hs_pipeline_stage"
PIPELINE = "hs_pipeline"
LEAD_STATUS = "hs_lead_status"
REASON_OF_LEAD = "hs_lead_disqualification_reason"
NOTE_OF_LEAD = "hs_lead_disqualification_note"
PRIMARY_CONTACT = "hs_primary_contact_id"
MODIFIED = {LEADS: "hs_lastmodifieddate", CONTACTS: "lastmodifieddate"}
"""The property that any write moves on, by kind of record."""

OUTCOMES = {
    Act.ACCEPT: "accepted",
    Act.REJECT: "rejected",
    Act.RECYCLE: "recycled",
    Act.DISQUALIFY: "disqualified",
    Act.REROUTE: "rerouted",
    Act.SNOOZE: "snoozed",
    Act.RESTORE: "restored",
}
"""The values of `triage_outcome`."""
