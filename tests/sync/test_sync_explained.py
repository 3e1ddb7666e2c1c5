"""Reasons that the rep asked the CRM for outlast a fetch, as long as the score is the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.fakes import Clock, FakeCrm, Office, lead_id
from triage.crm.port import Capabilities
from triage.domain.score import Contribution, Direction, Reasons, Score

ONE = lead_id(1)
WHY = (Contribution("Country is Belgium", direction=Direction.UP),)


class Explaining(FakeCrm):
    """Tells a score with each fetch, and its reasons to whoever asks."""

    async def capabilities(self) -> Capabilities:
        return replace(await super().capabilities(), reasons="order", explains=True)


@pytest.fixture
def place(tmp_path: Path):
    clock = Clock()
    crm = Explaining.with_leads(clock, 3)
    for one in crm.leads:
        crm.change(one, score=Score(62, reasons=Reasons.ORDER))
    office = Office(tmp_path, crm, clock)
    office.sync()
    known = office.desk.entry(ONE).lead
    office.desk.leads.put(replace(known, score=replace(known.score, contributions=WHY)))
    yield office
    office.close()


def reasons_after_a_fetch(place: Office) -> tuple[Contribution, ...]:
    place.sync()
    return place.desk.entry(ONE).lead.score.contributions


def test_a_lead_that_changed_keeps_the_reasons_of_the_same_score(place):
    place.crm.change(ONE, title="CTO")
    assert reasons_after_a_fetch(place) == WHY
    assert place.desk.entry(ONE).lead.title == "CTO"


def test_a_fetch_of_everything_keeps_them_too(place):
    place.desk.leads.forget_cursors()
    assert reasons_after_a_fetch(place) == WHY


def test_points_that_add_up_still_do_after_a_fetch(place):
    known = place.desk.entry(ONE).lead
    whole = Score(62, base_points=10, contributions=(Contribution("A demo", points_applied=40),), other=12)
    place.desk.leads.put(replace(known, score=whole))
    place.crm.change(ONE, title="CTO", score=Score(62, reasons=Reasons.NONE))
    place.sync()
    score = place.desk.entry(ONE).lead.score
    assert (score, score.unreconciled) == (whole, False)


def test_another_score_has_no_reasons_until_they_are_asked_for(place):
    place.crm.change(ONE, score=Score(40, reasons=Reasons.ORDER))
    assert reasons_after_a_fetch(place) == ()


def test_reasons_that_a_fetch_brings_stand(place):
    newer = (Contribution("Source is a fair", direction=Direction.DOWN),)
    place.crm.change(ONE, score=Score(62, contributions=newer, reasons=Reasons.ORDER))
    assert reasons_after_a_fetch(place) == newer
