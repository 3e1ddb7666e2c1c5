"""Undo by key: any number of steps, from every screen, after a restart, and each step said in words."""

from __future__ import annotations

import pytest

from screens.deciding.act_words import then_words, undone_words
from screens.history.screen import HistoryScreen
from screens.lead.screen import LeadScreen
from screens.queue.screen import QueueScreen
from screens.replies.screen import RepliesScreen
from tests.screens.sample import lead
from tests.screens.stage import StagedSession
from tests.screens.test_screens_deciding import unsent
from tests.screens.watching import running, until
from triage.desk.results import Undone
from triage.domain.act import Act
from triage.domain.inbox import Entry
from triage.domain.item import State
from triage.domain.lead import LeadId
from triage.store.outbox import Move


def delivered(session):
    """Take the only queued item to the CRM, as a sync would."""

    def move():
        (item,) = session.desk.outbox.in_states([State.QUEUED])
        session.desk.outbox.move([Move.to(State.SENDING, item.id)])
        session.desk.outbox.move([Move.to(State.APPLIED, item.id)])

    session.thread.call(move)


async def test_u_walks_back_act_by_act_and_says_which_would_be_next(session):
    async with running(session, size=(120, 24)) as watch:
        before = watch.tray.shown
        names = [watch.tray.inbox.entries[one].outline.name for one in before]
        await watch.press("a", "r", "8", "space", "space", "y", "3", "minus")
        await watch.press("u")
        assert watch.foot().rstrip().endswith("u again: 2 recycled")
        await watch.press("u")
        assert "Undone: 2 recycled · the CRM has none of it" in watch.foot()
        assert watch.foot().rstrip().endswith(f"u again: {names[1]} rejected")
        await watch.press("u")
        assert f"Undone: {names[1]} rejected" in watch.foot()
        await watch.press("u")
        assert watch.foot().rstrip().endswith("nothing more to undo")
        assert watch.tray.shown == before
        assert unsent(session) == []
        await watch.press("u")
        assert "There is nothing to undo." in watch.foot()


async def test_the_cursor_goes_to_the_lead_that_came_back(session):
    async with running(session) as watch:
        await watch.press("j", "j")
        here = watch.cursor
        await watch.press("a", "j", "j", "u")
        assert watch.cursor == here


async def test_what_was_decided_before_this_start_is_undone_too(session):
    async with running(session) as watch:
        first = watch.cursor
        await watch.press("a", "a")
    async with running(session) as watch:
        await watch.press("u", "u")
        assert first in watch.tray.shown
        assert watch.foot().rstrip().endswith("nothing more to undo")


async def test_what_a_command_decided_meanwhile_is_undone_in_its_turn(session):
    async with running(session) as watch:
        await watch.press("a")
        await session.call(session.desk.decide, [LeadId("L-0007")], Act.ACCEPT)
        await watch.press("u")
        assert f"Undone: {lead(7).name} accepted" in watch.foot()


async def test_after_the_sync_undo_says_that_it_is_taken_back(session):
    async with running(session, size=(120, 24)) as watch:
        first = watch.cursor
        await watch.press("a")
        delivered(session)
        await watch.press("u")
        assert "the next sync takes it back" in watch.foot()
        assert first in watch.tray.shown
        await watch.press("u")
        assert "There is nothing to undo." in watch.foot()


@pytest.mark.parametrize(
    ("key", "kind"), [("enter", LeadScreen), ("H", HistoryScreen), ("R", RepliesScreen), ("Q", QueueScreen)]
)
async def test_u_works_on_every_screen(session, key, kind):
    async with running(session) as watch:
        first = watch.cursor
        await watch.press("a", key)
        await until(lambda: isinstance(watch.app.screen, kind))
        await watch.pilot.pause()
        await watch.press("u")
        assert unsent(session) == []
        await watch.sees("Undone: ")
        assert first in watch.tray.shown


async def test_an_undo_of_what_was_dropped_elsewhere_takes_the_act_before(session: StagedSession):
    async with running(session) as watch:
        await watch.press("a", "a")
        newest = unsent(session)[-1]
        await session.call(session.desk.undo, newest.id)
        await watch.press("u")
        assert unsent(session) == []


def test_an_undo_of_one_lead_names_it():
    undone = Undone("1 accepted", withdrawn=1, entries=(Entry.of(lead(1)),))
    assert undone_words(undone) == "Undone: Bruno Weber accepted · the CRM has none of it"


def test_where_nothing_is_left_the_undo_says_so():
    assert then_words(Undone("1 accepted"), "u", "") == "nothing more to undo"


async def test_a_message_of_the_inbox_is_gone_when_something_was_undone_elsewhere_meanwhile(session):
    async with running(session, size=(120, 24)) as watch:
        await watch.press("a", "minus")
        assert "score too high" in watch.foot()
        await watch.press("enter", "u")
        assert "Undone" in watch.foot()
        await watch.press("q")
        assert "undoes" not in watch.foot()


async def test_a_message_that_is_still_true_waits_until_the_rep_is_back(session):
    async with running(session, size=(120, 24)) as watch:
        await watch.press("a")
        await watch.press("Q", "j", "q")
        assert watch.foot().rstrip().endswith("u undoes")
