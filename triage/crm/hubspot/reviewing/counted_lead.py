"""The few facts about a lead that marketing counts by, of its contact. Pure."""

from __future__ import annotations

from typing import Any

from triage.crm.dialect import Dialect
from triage.crm.hubspot.reading import marketing
from triage.crm.hubspot.rows import Row
from triage.crm.hubspot.values import Values


def lead_of(contact: Row, dialect: Dialect) -> dict[str, Any]:
    """Return the few facts that marketing counts by, of the lead's contact as it is now."""
    values = Values(contact["properties"])
    campaign = marketing.campaign_of(values, dialect)
    source = dialect.fields.get("source", "")
    return {
        "name": " ".join(part for part in (values.text("firstname"), values.text("lastname")) if part),
        "title": values.text("jobtitle"),
        "company": values.text("company"),
        "source": (values.text(source) if source else "") or marketing.source_of(values),
        "campaign": campaign.name if campaign is not None else "",
    }
