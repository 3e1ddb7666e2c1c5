"""Who answers is the same here and at the embedded CRM, which shares no code with the product."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import to_builtins

from triage.domain.feedback import FeedbackType, route
from triage.domain.lead import Lead, LeadId
from triage.domain.touch import Campaign
from triage.embedded.feedback import routed_to

CAMPAIGNS = (None, Campaign("c-1", "Webinar"), Campaign("c-1", "Webinar", owner="Noor Haddad"))


@pytest.mark.parametrize("kind", [one for one in FeedbackType if one is not FeedbackType.RETRACTION])
@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_both_sides_route_the_same(kind: FeedbackType, campaign: Campaign | None) -> None:
    theirs: dict[str, Any] | None = to_builtins(campaign)
    here = route(kind, Lead(LeadId("L-1"), campaign=campaign))
    assert routed_to({"type": kind.value, "routed_to": None}, theirs) == here
    assert routed_to({"type": kind.value, "routed_to": here}, theirs) == here
