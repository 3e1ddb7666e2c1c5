from __future__ import annotations

import pytest

from tests.domain.invented import a_lead
from triage.domain.content import ContentAsset, ContentRequest, Library
from triage.domain.touch import Asset, Campaign

CALCULATOR = ContentAsset("A-1", "Downtime calculator", "calculator", ("downtime",), ("operations",))
SECURITY = ContentAsset("A-2", "Security answered", "questionnaire", ("data protection",), ("IT staff",))
GUIDE = ContentAsset("A-3", "Buyer's guide", "guide", ("vendor comparison",))
ERP = ContentRequest("R-1", "Integration with ERP systems", "brief", "IT staff", votes=2)
STORY = ContentRequest("R-2", "Customer story", votes=5)
DONE = ContentRequest("R-3", "Security answers", state="delivered", votes=9)
LIBRARY = Library((GUIDE, SECURITY, CALCULATOR), (ERP, STORY, DONE))


def test_the_asset_that_won_the_lead_comes_first_then_what_fits_its_role():
    lead = a_lead(asset=Asset("Buyer's guide"), title="VP Operations")
    assert LIBRARY.assets_for([lead]) == (GUIDE, CALCULATOR, SECURITY)


def test_an_asset_on_the_campaigns_subject_comes_before_another():
    lead = a_lead(campaign=Campaign("c", "Webinar: data at rest"), title="Clerk", asset=None)
    assert LIBRARY.assets_for([lead])[0] is SECURITY


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("downtime", [CALCULATOR]),
        ("down", [CALCULATOR]),
        ("calculators for the downtime", [CALCULATOR]),
        ("SÉCURITY", [SECURITY]),
        ("nothing of the kind", []),
    ],
)
def test_what_is_typed_leaves_what_it_speaks_of(typed, found):
    assert list(LIBRARY.assets_for([a_lead()], typed)) == found


def test_open_requests_come_with_the_most_voices_first_and_answered_ones_not_at_all():
    lead = a_lead(title="Clerk", campaign=None, industry="")
    assert LIBRARY.requests_for([lead]) == (STORY, ERP)
    assert LIBRARY.requests_for([lead], "integrations erp") == (ERP,)


def test_without_a_list_there_is_nothing_to_offer():
    assert Library().assets_for([a_lead()]) == Library().requests_for([a_lead()], "anything") == ()
