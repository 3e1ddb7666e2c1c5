"""What every adapter promises, as tests. Subclass `CrmContract`, give it a `stage`, and run pytest.

Needs the extra `testing`. Nothing else in triage imports this package. Where a CRM cannot do something its
`Capabilities` say so, and the test is skipped by that word alone.
"""

from triage.crm.contract.promises import CrmContract
from triage.crm.contract.stage import (
    AWKWARD,
    WRONG_TOKEN,
    Stage,
    decision_on,
    feedback_on,
    fresh_leads,
    pages_of,
)

__all__ = [
    "AWKWARD",
    "WRONG_TOKEN",
    "CrmContract",
    "Stage",
    "decision_on",
    "feedback_on",
    "fresh_leads",
    "pages_of",
]
