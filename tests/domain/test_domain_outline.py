from __future__ import annotations

import msgspec
from hypothesis import given
from msgspec.structs import fields

from tests.domain.invented import NOW, leads
from triage.domain.clocks import age, sla_state
from triage.domain.filter_fields import haystack
from triage.domain.inbox import triage_order
from triage.domain.lead import Lead
from triage.domain.outline import Outline


def test_an_outline_has_no_name_that_a_lead_lacks():
    assert {one.name for one in fields(Outline)} <= {one.name for one in fields(Lead)}


@given(leads)
def test_an_outline_is_judged_as_its_lead_is(lead):
    outline = Outline.of(lead)
    assert sla_state(outline, NOW) is sla_state(lead, NOW)
    assert age(outline, NOW) == age(lead, NOW)
    assert triage_order(outline, NOW) == triage_order(lead, NOW)
    assert haystack(outline) == haystack(lead)
    assert outline.badges == lead.badges


@given(leads)
def test_an_outline_reads_from_what_is_written_of_the_lead(lead):
    assert msgspec.json.decode(msgspec.json.encode(lead), type=Outline) == Outline.of(lead)
