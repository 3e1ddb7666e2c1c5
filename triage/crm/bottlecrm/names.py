"""What BottleCRM calls things, and triage's own custom fields on its leads. Pure."""

from __future__ import annotations

from triage.domain.act import Act

ASSIGNED, IN_PROCESS, CONVERTED, RECYCLED, CLOSED = (
    "assigned",
    "in process",
    "converted",
    "recycled",
    "closed",
)
STATUSES = (ASSIGNED, IN_PROCESS, CONVERTED, RECYCLED, CLOSED)

DECISION = "triage_decision"
REASON = "triage_reason"
KEY = "triage_decision_key"
WAKE_AT = "triage_wake_at"
FEEDBACK = "triage_feedback"
LOG = "triage_log"
ANSWERS = "triage_answers"
ANSWER = "triage_answer"
ANSWER_KIND = "triage_answer_kind"
NEEDED = (DECISION, KEY, LOG)
"""Without these no decision can be written: a field that is not there is dropped without a word."""

DECISIONS = {act: act.done for act in Act}
"""The values of the decision's field."""

OWN_FIELDS = frozenset({
    "title", "salutation", "first_name", "last_name", "email", "phone", "phone_e164", "job_title", "website",
    "linkedin_url", "status", "source", "source_detail", "source_ref", "industry", "rating",
    "opportunity_amount", "currency", "probability", "close_date", "address_line", "city", "state",
    "postcode", "country", "last_contacted", "next_follow_up", "description", "company_name",
    "external_source", "external_id", "last_enquiry_at", "first_response_at", "last_outbound_at",
    "waiting_since", "is_unanswered", "created_at", "updated_at",
})  # fmt: skip
"""Fields that every lead has: what the profile may name beside custom ones."""
