"""What must not come of a slip, of a covered field, or of a window that shows nothing."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from screens import room
from screens.app import TriageApp
from screens.desktop import Desktop
from screens.lead.screen import LeadScreen
from screens.queue.lines import Told, causes
from tests.screens.sample import NOW, lead
from tests.screens.stage import session_with
from tests.screens.test_screens_deciding import decided
from tests.screens.watching import running, until
from triage.desk.events import SyncFinished, SyncReport
from triage.domain.item import State
from triage.domain.lead import Owner
from triage.domain.outcome import Theirs
from triage.errors import UnknownLead


@pytest.mark.parametrize("key", ["a", "full_stop", "minus", "equals_sign", "plus"])
async def test_a_key_that_writes_at_once_does_nothing_while_a_choice_is_open(session, key):
    async with running(session) as watch:
        await watch.press("r", key)
        assert watch.app.day.asking.question is not None
        assert session.thread.call(session.desk.queue) == ()


async def test_a_key_that_only_asks_opens_its_own_choice_instead(session):
    async with running(session) as watch:
        await watch.press("r", "y")
        assert "Recycle" in watch.text()
        assert "Reject" not in watch.text()


@pytest.mark.parametrize("opened", ["r", "s"])
async def test_q_on_an_open_choice_goes_one_step_back_and_does_not_quit(session, opened):
    async with running(session) as watch:
        await watch.press(opened, "q")
        assert watch.app.day.asking.question is None
        assert watch.app.is_running
        assert "accept" in watch.foot()


async def test_q_on_an_open_choice_stays_on_the_lead(session):
    async with running(session) as watch:
        await watch.press("enter", "d", "q")
        assert watch.app.day.asking.question is None
        assert isinstance(watch.app.screen, LeadScreen)


async def test_nothing_is_decided_in_a_window_too_small_to_show_the_choice(session):
    async with running(session) as watch:
        await watch.press("r")
        await watch.pilot.resize_terminal(40, 10)
        await watch.sees("too small")
        await watch.press("8", "u", "a")
        assert decided(session) == []
        await watch.pilot.resize_terminal(80, 24)
        await watch.sees("Reject")
        await watch.press("8")
        assert len(decided(session)) == 1


async def test_no_key_is_offered_at_the_foot_that_an_open_field_would_take_as_text(session):
    async with running(session) as watch:
        assert "a accept" in watch.foot()
        await watch.press("n")
        assert watch.foot().strip() == ""
        await watch.press("escape")
        assert "a accept" in watch.foot()


async def test_nothing_covers_the_filter_while_it_is_typed(session):
    async with running(session) as watch:
        await watch.press("a", "slash")
        await watch.type("con")
        watch.app.screen.unsay()
        watch.app.screen.say("something else")
        watch.app.screen.show()
        assert "/ con" in watch.foot()


async def test_the_answer_to_s_is_not_kept_waiting_by_what_an_act_said(session):
    session.during = lambda: [SyncFinished(SyncReport(applied=1))]
    async with running(session) as watch:
        await until(watch.app.bridge.idle.is_set)
        await watch.press("a", "S")
        assert "Sync" in watch.foot()
        await watch.sees("Synced: 1 decision sent")


async def test_a_rep_who_goes_on_working_after_q_stays(session):
    going = asyncio.Event()

    async def slowly(**_choices):
        await going.wait()
        yield SyncFinished(SyncReport())

    async with running(session) as watch:
        await until(watch.app.bridge.idle.is_set)
        session.sync = slowly
        await watch.press("a", "q")
        assert "then quitting" in watch.foot()
        await watch.press("j")
        assert "quitting" not in watch.foot()
        going.set()
        await until(watch.app.bridge.idle.is_set)
        await watch.press("q")
        assert "1 unsent: sending now" in watch.foot()
        assert watch.app.is_running


async def test_a_message_is_whole_again_when_the_window_grows(session):
    async with running(session, size=(160, 24)) as watch:
        await watch.press("r", "1")
        whole = watch.foot().rstrip()
        await watch.pilot.resize_terminal(60, 24)
        await until(lambda: "…" in watch.foot())
        await watch.pilot.resize_terminal(160, 24)
        await until(lambda: watch.foot().rstrip() == whole)


async def test_a_key_about_a_lead_says_so_where_there_is_none(tmp_path, clock):
    with session_with(tmp_path, [], clock) as empty:
        async with running(empty) as watch:
            for key in ("a", "r", "y", "d", "A", "t", "z", "minus", "n", "f", "e", "D", "Y", "O"):
                watch.app.screen.unsay()
                await watch.press(key)
                assert "There is no lead here." in watch.foot(), key


async def test_a_lead_that_left_before_it_was_written_is_said_in_the_reps_words(session, monkeypatch):
    def gone(_desk, *_args, **_more):
        raise UnknownLead("There is no lead L-0003 in the local copy.")

    async with running(session) as watch:
        monkeypatch.setattr(type(session.desk), "decide", gone)
        await watch.press("a")
        await watch.sees("No longer on your list: nothing was done.")
        assert "triage pull" not in watch.text()


@pytest.mark.parametrize(
    ("way", "words"), [("H", "Nothing was decided today."), ("R", "answered nothing yet")]
)
async def test_enter_on_an_empty_screen_says_that_there_is_no_lead(tmp_path, clock, way, words):
    with session_with(tmp_path, [], clock) as empty:
        async with running(empty) as watch:
            await watch.press(way)
            await watch.sees(words)
            await watch.press("enter")
            assert "There is no lead here." in watch.foot()


async def test_a_key_that_had_nothing_to_act_on_is_said_for_a_moment_and_what_was_done_for_longer(
    tmp_path, clock, monkeypatch
):
    monkeypatch.setattr(room, "REFUSED_FOR", 0.05)
    monkeypatch.setattr(room, "SAID_FOR", 60.0)
    with session_with(tmp_path, [lead(1)], clock) as session:
        async with running(session) as watch:
            await watch.press("full_stop")
            assert "no decision to repeat" in watch.foot()
            await until(lambda: "accept" in watch.foot())
            await watch.press("a")
            await watch.press("a")
            assert "There is no lead here." in watch.foot()
            await until(lambda: "There is no lead" not in watch.foot())
            watch.app.day.room.refuse("Nothing.")
            watch.app.day.say("Something.", bad=True)
            await asyncio.sleep(0.2)
            assert "Something." in watch.foot()


async def test_an_empty_list_follows_what_was_fetched(tmp_path, clock):
    with session_with(tmp_path, [], clock) as empty:
        async with running(empty) as watch:
            fetched, watch.app.day.status = (
                watch.app.day.status,
                replace(watch.app.day.status, fetched_at=None),
            )
            watch.app.screen.show()
            assert "No leads have been fetched yet." in watch.text()
            watch.app.day.status = fetched
            watch.app.screen.show_status()
            assert "Nothing to triage." in watch.text()


async def test_a_warning_about_some_of_many_leads_does_not_speak_of_all(tmp_path, clock):
    one = lead(1)
    warned = replace(one, account=replace(one.account, do_not_contact=True))
    with session_with(tmp_path, [warned, lead(2), lead(3)], clock) as session:
        async with running(session) as watch:
            await watch.press("asterisk", "a")
            assert "3 accepted · on 1: marked do-not-contact" in watch.foot()


async def test_a_correction_that_corrects_nothing_is_not_told(session):
    async with running(session) as watch:
        await watch.press("e", "1", "enter")
        assert "That is what stands there now." in watch.text()
        assert session.thread.call(session.desk.queue) == ()


async def test_a_refusal_is_whole_at_80_columns(session):
    async with running(session) as watch:
        await watch.press("d", "1")
        assert watch.foot().rstrip().endswith("DO_NOT_CONTACT")


async def test_a_conflict_names_people_and_says_what_changed_once(session):
    async with running(session) as watch:
        await watch.press("a")
    (item,) = session.thread.call(session.desk.queue)
    theirs = Theirs(
        status="assigned", owner=Owner("rep-2", "Sam Elsewhere"), changed_by="Kim", changed_at=NOW
    )
    stuck = replace(item, state=State.CONFLICT, theirs=theirs, error="Kim gave the lead to Sam Elsewhere")
    assert causes(Told(stuck, "Ada Park"), NOW) == [
        "Kim gave the lead to Sam Elsewhere just now.",
    ]


def test_the_app_does_all_that_screens_may_ask_of_it():
    asked = [name for name in vars(Desktop) if not name.startswith("_")]
    assert len(asked) > 10
    assert [name for name in asked if not callable(getattr(TriageApp, name, None))] == []
