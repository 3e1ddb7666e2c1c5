"""The bell: silent unless wished, and then only for what a rep should look up for."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from screens.habits import Habits
from tests.screens.sample import NOW, rich_lead
from tests.screens.watching import running, until
from triage.desk.events import Fetched, SyncFinished, SyncReport, SyncStopped
from triage.errors import Unreachable, WriteFailed


@pytest.fixture
def rung(monkeypatch):
    rings = []
    monkeypatch.setattr("screens.app.TriageApp.bell", lambda _app: rings.append(1))
    return rings


async def refuse(watch, session):
    """Press a key that is refused: the lead was contacted, and may not be rejected."""
    session.refuse = WriteFailed("The disk is full.")
    await watch.press("a")
    await watch.sees("The disk is full")


async def test_nothing_rings_as_shipped(session, rung):
    async with running(session) as watch:
        await refuse(watch, session)
        assert rung == []


async def test_a_decision_that_could_not_be_saved_rings_if_wished(session, rung):
    async with running(session, habits=Habits(bell=True)) as watch:
        await until(watch.app.bridge.idle.is_set)
        await watch.press("j", "a")
        assert rung == []
        await refuse(watch, session)
        assert rung == [1]


async def test_new_leads_ring_once_and_leads_that_only_changed_do_not(session, rung):
    async with running(session, habits=Habits(bell=True)) as watch:
        await until(watch.app.bridge.idle.is_set)
        session.during = lambda: [Fetched(1, 0), SyncFinished(SyncReport(fetched=1))]
        await session.call(session.desk.leads.put, replace(rich_lead(), version="4"))
        await watch.press("S")
        await watch.sees("1 lead fetched")
        assert rung == []
        fresh = replace(rich_lead("L-7777"), name="Nadia New", assigned_at=NOW)
        await session.call(session.desk.leads.put, fresh)
        await watch.press("S")
        await until(lambda: rung == [1])


async def test_a_sync_that_stops_does_not_ring(session, rung):
    session.during = lambda: [SyncStopped(Unreachable("The CRM did not answer."), SyncReport())]
    async with running(session, habits=Habits(bell=True)) as watch:
        await watch.press("S")
        await watch.sees("The CRM did not answer.")
        assert rung == []
