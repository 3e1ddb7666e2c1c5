"""The names in the org: the custom object for decisions with its fields, and the fields on a lead. Pure.

What is here, what `metadata/` deploys and what the code reads and writes are one list: a test holds them
together.
"""

from __future__ import annotations

from msgspec import Struct

from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.review import ReplyKind

OBJECT = "Lead_Triage_Decision__c"
KEY = "Decision_Key__c"
PERMISSION_SET = "Lead_Triage"
DECISION, FEEDBACK, ANSWER = "decision", "feedback", "answer"
KEY_LIMIT = 64
"""Characters of a key: our ids have 36."""
RECORD_LIMIT = 131_072
TEXT_LIMIT = 32_000
"""Characters of a long text that a person reads; the field holds 32,768."""


class FieldSpec(Struct, frozen=True):
    """One field as the org must have it."""

    name: str
    type: str
    """As describe calls it: string, textarea, picklist, double, datetime, reference."""
    length: int = 0
    values: tuple[str, ...] = ()
    """Values that a picklist must take."""
    refers_to: str = ""
    for_marketing: bool = False
    """Whether marketing writes it, and the rep only reads it."""


DECISION_OUTCOMES = tuple(act.done for act in Act)
OUTCOMES = (*DECISION_OUTCOMES, *FeedbackType)
ANSWER_KINDS = tuple(kind.value for kind in ReplyKind)

FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("Lead__c", "reference", refers_to="Lead"),
    FieldSpec("Kind__c", "picklist", values=(DECISION, FEEDBACK, ANSWER)),
    FieldSpec("Outcome__c", "picklist", values=tuple(str(one) for one in OUTCOMES)),
    FieldSpec("Reason__c", "string", 80),
    FieldSpec("Feedback__c", "textarea", 32_768),
    FieldSpec("Score_At_Decision__c", "double"),
    FieldSpec("Definition__c", "string", 80),
    FieldSpec("Wake_At__c", "datetime"),
    FieldSpec("Decided_At__c", "datetime"),
    FieldSpec("Decided_By__c", "reference", refers_to="User"),
    FieldSpec(KEY, "string", KEY_LIMIT),
    FieldSpec("Record__c", "textarea", RECORD_LIMIT),
    FieldSpec("Marketing_Answer__c", "textarea", 32_768, for_marketing=True),
    FieldSpec("Answer_Kind__c", "picklist", values=ANSWER_KINDS, for_marketing=True),
    FieldSpec("Answered_By__c", "string", 120, for_marketing=True),
    FieldSpec("Answered_At__c", "datetime", for_marketing=True),
    FieldSpec("Answer_Link__c", "string", 255, for_marketing=True),
    FieldSpec("Seen_At__c", "datetime"),
    FieldSpec("About__c", "string", KEY_LIMIT),
)
FIELD_NAMES = tuple(spec.name for spec in FIELDS)

LEAD_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("Triage_Outcome__c", "picklist", values=DECISION_OUTCOMES),
    FieldSpec("Triage_Reason__c", "string", 80),
    FieldSpec("Triage_Wake_At__c", "datetime"),
    FieldSpec("Triage_Answer__c", "string", 255, for_marketing=True),
    FieldSpec("Triage_Answer_Kind__c", "picklist", values=ANSWER_KINDS, for_marketing=True),
)
"""Optional: written and read where the org has them."""
