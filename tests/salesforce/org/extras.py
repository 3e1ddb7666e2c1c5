"""What an org may have or not: the decision object, Einstein's two kinds of score, Account Engagement's fields."""

from __future__ import annotations

from tests.salesforce.org.schema import Field, SObject, audit

DECISION = "Lead_Triage_Decision__c"
KEY = "Decision_Key__c"
KINDS = ("decision", "feedback", "answer")
ACTS = ("accepted", "rejected", "recycled", "disqualified", "rerouted", "snoozed", "restored")
FEEDBACK = (
    "score_accuracy",
    "objection",
    "question_heard",
    "content_request",
    "data_correction",
    "definition_dispute",
    "message_mismatch",
    "kudos",
    "note",
    "win_reason",
    "retraction",
)
ANSWERS = (
    "acknowledged",
    "need_info",
    "planned",
    "changed",
    "delivered",
    "no_change",
    "returned",
    "overturned",
    "upheld",
)

DECISIONS = SObject(
    DECISION,
    "a00",
    (
        *audit(owner=True),
        Field("Name", length=80, writable=False),
        Field("Lead__c", "reference", refers=("Lead",), relationship="Lead__r"),
        Field("Kind__c", "picklist", values=KINDS, restricted=True),
        Field("Outcome__c", "picklist", values=(*ACTS, *FEEDBACK)),
        Field("Reason__c", length=80),
        Field("Feedback__c", "textarea", length=32_768, long=True),
        Field("Score_At_Decision__c", "double", scale=2),
        Field("Definition__c", length=80),
        Field("Wake_At__c", "datetime"),
        Field("Decided_At__c", "datetime"),
        Field("Decided_By__c", "reference", refers=("User",), relationship="Decided_By__r"),
        Field(KEY, length=64, required=True, external_id=True, case_sensitive=True),
        Field("Record__c", "textarea", length=131_072, long=True),
        Field("Marketing_Answer__c", "textarea", length=32_768, long=True),
        Field("Answer_Kind__c", "picklist", values=ANSWERS, restricted=True),
        Field("Answered_By__c", length=120),
        Field("Answered_At__c", "datetime"),
        Field("Answer_Link__c"),
        Field("Seen_At__c", "datetime"),
        Field("About__c", length=64),
    ),
)

ON_LEAD = (
    Field("Triage_Outcome__c", "picklist", values=ACTS),
    Field("Triage_Reason__c", length=80),
    Field("Triage_Wake_At__c", "datetime"),
    Field("Triage_Answer__c"),
    Field("Triage_Answer_Kind__c", "picklist", values=ANSWERS),
)

SCORE_ON_LEAD = (
    Field(
        "ScoreIntelligenceId",
        "reference",
        refers=("ScoreIntelligence",),
        relationship="ScoreIntelligence",
        writable=False,
    ),
)
SCORE_INTELLIGENCE = SObject(
    "ScoreIntelligence",
    "9pQ",
    (*audit(), Field("BaseId", "reference", refers=("Lead",)), Field("Score", "double")),
    writable=False,
)
MODEL_FACTOR = SObject(
    "SalesAIScoreModelFactor",
    "4f1",
    (
        *audit(),
        Field("Factor"),
        Field("FactorSummaryOrgLanguage"),
        Field("PrimarySourceFieldName"),
        Field("OperatorType", "picklist"),
    ),
    writable=False,
)

RECORD_INSIGHT = SObject(
    "AIRecordInsight",
    "9qa",
    (
        *audit(),
        Field("Name", writable=False),
        Field("TargetId", "reference", refers=("Lead",), relationship="Target"),
        Field("TargetSobjectType", "picklist"),
        Field("TargetField", "picklist"),
        Field("PredictionField"),
        Field("Type", "picklist"),
        Field("Status", "picklist"),
        Field("Confidence", "double"),
        Field("RunGuid"),
        Field("RunStartTime", "datetime"),
        Field("ValidUntil", "datetime"),
    ),
    children={"AIInsightValues": ("AIInsightValue", "AiRecordInsightId")},
    writable=False,
)
INSIGHT_VALUE = SObject(
    "AIInsightValue",
    "9qc",
    (
        *audit(),
        Field("Name", writable=False),
        Field("AiRecordInsightId", "reference", refers=("AIRecordInsight",), relationship="AiRecordInsight"),
        Field("Value", "textarea", long=True),
        Field("Field", "picklist"),
        Field("Confidence", "double"),
    ),
    children={"AIInsightReasons": ("AIInsightReason", "AiInsightValueId")},
    writable=False,
)
INSIGHT_REASON = SObject(
    "AIInsightReason",
    "9qd",
    (
        *audit(),
        Field("Name", writable=False),
        Field("AiInsightValueId", "reference", refers=("AIInsightValue",), relationship="AiInsightValue"),
        Field("Contribution", "double"),
        Field("Intensity", "double"),
        Field("Variance", "double"),
        Field("FieldName"),
        Field("FieldValue"),
        Field("Operator", "picklist"),
        Field("FeatureType", "picklist"),
        Field("FeatureValue"),
        Field("SortHint", "double"),
    ),
    writable=False,
)

_PI_TEXTS = ("conversion_object_name", "conversion_object_type", "first_search_term", "grade")
_PI_UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
_PI_LONG = ("notes", "comments")
PARDOT_ON_LEAD = (
    Field("pi__score__c", "double", writable=False),
    *(Field(f"pi__{name}__c", writable=False) for name in (*_PI_TEXTS, *_PI_UTM)),
    *(
        Field(f"pi__{name}__c", "datetime", writable=False)
        for name in ("last_activity", "first_activity", "conversion_date")
    ),
    Field("pi__campaign__c", writable=False),
    Field("pi__url__c", "url", writable=False),
    Field("pi__first_touch_url__c", "url", writable=False),
    *(Field(f"pi__{name}__c", "textarea", writable=False, long=True) for name in _PI_LONG),
)
