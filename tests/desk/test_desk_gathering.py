from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from config import load
from tests.fakes import NOW, FakeCrm
from tests.insights.world import came_to, decided, told
from triage.crm.port import OutcomePage
from triage.desk.gathering import USUAL, gather, gather_for
from triage.domain.people import Rep
from triage.domain.review import ReviewedDecision
from triage.errors import Unreachable
from triage.insights.period import Period

PERIOD = Period.last(USUAL, NOW)
RULES = {"definition": load.definition(None), "reasons": load.reasons(None)}


class Paging(FakeCrm):
    """Gives outcomes on two pages that overlap."""

    async def outcomes(self, cursor: str | None) -> AsyncIterator[OutcomePage]:
        yield OutcomePage(self.stages[:2], "1", more=True)
        yield OutcomePage(self.stages[1:], "2", more=False)


class OwnOnly(FakeCrm):
    """An adapter that is older than the word `team`, and keeps no outcomes."""

    outcomes = None  # type: ignore[assignment]

    async def decisions(self) -> AsyncIterator[ReviewedDecision]:  # type: ignore[override]
        for one in self.reviewed_decisions:
            yield one


class Asked(FakeCrm):
    """Remembers whether it was asked for all reps."""

    async def decisions(self, *, team: bool = False) -> AsyncIterator[ReviewedDecision]:
        assert team
        for one in self.reviewed_decisions:
            yield one


class Place:
    """What gathering needs of a session."""

    demo = None

    def __init__(self, crm: FakeCrm, role: str = "rep") -> None:
        self.crm = crm
        self.rep = Rep("rep-1", "Robin Example", role)
        self.desk = self

    clock = staticmethod(lambda: NOW)

    def definition(self) -> Any:
        return RULES["definition"]

    def reasons(self) -> Any:
        return RULES["reasons"]

    async def call(self, fn: Any) -> Any:
        return fn()

    async def connect(self) -> FakeCrm:
        return self.crm


def now() -> datetime:
    return NOW


async def test_all_events_of_the_team_are_gathered_each_once():
    stages = tuple(came_to("assigned", f"L-{at}") for at in range(3))
    crm = Paging(now, reviewed_decisions=(decided(),), reviewed_feedback=(told("note"),), stages=stages)
    found = await gather(crm, PERIOD, NOW, **RULES)
    assert (len(found.evidence.decisions), len(found.evidence.feedback)) == (1, 1)
    assert found.evidence.stages == stages
    assert found.is_team
    assert found.at == NOW


async def test_a_rep_asks_for_the_numbers_of_the_team():
    found = await gather(Asked(now, reviewed_decisions=(decided(),)), PERIOD, NOW, **RULES)
    assert len(found.evidence.decisions) == 1


async def test_an_adapter_that_knows_no_team_gives_the_reps_own_and_it_is_said():
    crm = OwnOnly(now, reviewed_decisions=(decided(),))
    mine = await gather(crm, PERIOD, NOW, **RULES)
    assert not mine.is_team
    assert mine.evidence.stages == ()
    assert len(mine.evidence.decisions) == 1
    assert (await gather(crm, PERIOD, NOW, role="marketing", **RULES)).is_team


async def test_rules_that_the_crm_does_not_hold_are_those_given():
    found = await gather(FakeCrm(now), PERIOD, NOW, **RULES)
    assert found.evidence.definition == RULES["definition"]
    assert found.evidence.reasons == RULES["reasons"]


async def test_a_session_gathers_the_usual_stretch_and_lets_go_of_the_crm():
    crm = FakeCrm(now)
    found = await gather_for(Place(crm))  # type: ignore[arg-type]
    assert found.evidence.period == Period(NOW - timedelta(weeks=12), NOW)
    assert crm.closed == 1


async def test_a_crm_that_cannot_be_reached_is_let_go_of_too():
    crm = FakeCrm(now, down=True)
    with pytest.raises(Unreachable):
        await gather_for(Place(crm))  # type: ignore[arg-type]
    assert crm.closed == 1
