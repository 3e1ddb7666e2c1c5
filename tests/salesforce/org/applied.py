"""Which writes applied a decision or a feedback: the tests count them, for each may take effect once."""

from __future__ import annotations

import re
from typing import Any

from tests.salesforce.org.extras import DECISION, KEY
from tests.salesforce.org.schema import SObject
from tests.salesforce.org.tables import Row

_TAGGED = re.compile(r"^(?P<words>.*?)\s*\[triage:(?P<key>[^\]]+)\]\s*$")


def applied_by(sobject: SObject, row: Row, values: dict[str, Any], *, made: bool) -> list[tuple[str, str]]:
    """Return (key, outcome) where this write says a decision's or a feedback's outcome."""
    if sobject.name == DECISION and row.get("Kind__c") != "answer" and "Outcome__c" in values:
        return [(str(row.get(KEY)), str(row.get("Outcome__c")))]
    tagged = _TAGGED.match(row.get("Subject") or "") if sobject.name == "Task" and made else None
    return [(tagged["key"], tagged["words"])] if tagged else []
