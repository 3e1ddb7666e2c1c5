"""Every field that the contract gives to review, insights and answers is read: none is lost on the way in."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.crm.contract_sample import full
from triage.crm.rest.agreement import read_bands
from triage.crm.rest.review import read_decisions, read_feedback, read_replies
from triage.crm.rest.stages import read_stages

UNSAID = (None, "", 0, False, (), {}, [])


def unsaid(value: msgspec.Struct) -> set[str]:
    """Return the fields that hold nothing."""
    return {name for name in value.__struct_fields__ if getattr(value, name) in UNSAID}


@pytest.mark.parametrize("name", ["Reply", "DecisionItem", "FeedbackItem", "Outcome"])
def test_every_field_of_the_contract_has_its_place(name: str) -> None:
    reply = full("Reply")
    readers: dict[str, Any] = {
        "Reply": lambda: read_replies([reply]),
        "DecisionItem": lambda: read_decisions(
            [full(name) | {"replies": [reply], "params": {"criterion": "level"}}]
        ),
        "FeedbackItem": lambda: read_feedback([full(name) | {"replies": [reply], "payload": {"text": "hm"}}]),
        "Outcome": lambda: read_stages([full(name)])[0],
    }
    (read,) = readers[name]()
    assert unsaid(read) == set()


def test_every_band_of_the_contract_is_read() -> None:
    (band,) = read_bands(full("BandStatistics"))
    assert unsaid(band) == set()


def test_a_lead_brief_passes_through_whole() -> None:
    item = full("DecisionItem")
    assert read_decisions([item])[0].lead == item["lead"]
    assert {"account_id", "campaign_owner", "title"} <= set(item["lead"])
