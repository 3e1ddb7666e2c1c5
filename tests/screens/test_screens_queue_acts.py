"""The queue on the screen: what a digit does and how often, undo, try all, details, copying, news."""

from __future__ import annotations

import pytest

from screens.asking.questions import Confirm
from screens.queue.deliberate import DeliberateDigits
from screens.queue.screen import QueueScreen
from tests.screens.sample import ME, NOW
from tests.screens.watching import drawn, running, until
from triage.desk.rules import PROVIDED
from triage.domain.act import Act
from triage.domain.item import State
from triage.domain.lead import LeadId
from triage.domain.outcome import Theirs
from triage.domain.provided import Provided
from triage.store.outbox import Move

IDS = [LeadId(f"L-{number:04}") for number in range(3, 31)]
THEIRS = Theirs("9", "working", ME, "Kim", NOW)


def decided(session, leads, state=State.QUEUED, **changes):
    """Accept leads, and bring the decisions to a state as a sync would; returns their ids, the latest first."""

    def on_the_desk():
        ids = [session.desk.decide([lead], Act.ACCEPT).items[0].id for lead in leads]
        if state is not State.QUEUED:
            items = [session.desk.outbox.get(one) for one in ids]
            session.desk.outbox.claim(items)
            session.desk.outbox.move([Move.to(state, one, **changes) for one in ids])
        return ids[::-1]

    return session.thread.call(on_the_desk)


def states(session, ids):
    return session.thread.call(lambda: [session.desk.outbox.get(one).state for one in ids])


async def at_queue(watch):
    await watch.press("Q")
    await until(lambda: isinstance(watch.app.screen, QueueScreen))


def pane(watch) -> list[str]:
    return [strip.text.rstrip() for strip in drawn(watch.app.screen.pane)]


async def test_only_the_item_under_the_cursor_shows_its_ways_out(session):
    decided(session, IDS[:3], State.REFUSED, error="locked")
    async with running(session) as watch:
        await at_queue(watch)
        assert watch.text().count("1 retry   2 decide again   3 drop") == 1
        assert watch.text().count("locked") == 3


async def test_an_item_whose_lead_is_gone_is_named_by_the_leads_id(session):
    decided(session, IDS[:1])
    async with running(session) as watch:
        watch.tray.load(one for one in watch.tray.inbox.entries.values() if one.lead_id != IDS[0])
        await at_queue(watch)
        assert IDS[0] in watch.text()


async def test_what_is_held_counts_down_by_itself(session, clock):
    async with running(session) as watch:
        await watch.press("a")
        await at_queue(watch)
        await watch.sees("Held for 30 s more: undo is free.")
        clock.forward(seconds=7)
        await watch.sees("Held for 23 s more: undo is free.")


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 36), (200, 50)])
async def test_list_and_open_item_fit_every_window(session, size):
    decided(session, IDS[:4], State.CONFLICT, theirs=THEIRS)
    decided(session, IDS[4:8])
    async with running(session, size=size) as watch:
        await at_queue(watch)
        lines = pane(watch)
        assert lines[0].startswith("▌ ‼ conflict")
        assert sum("1 keep mine   2 decide again   3 drop" in line for line in lines) == 1
        beside = any("│" in line and "you saw" in line for line in lines)
        assert beside == (size[0] >= 120)


async def test_digits_typed_ahead_drop_one_item_and_no_more(session):
    ids = decided(session, IDS[:5], State.REFUSED, error="no")
    async with running(session) as watch:
        await at_queue(watch)
        await watch.press("3", "3", "3")
        await watch.sees("3 counts once")
        assert states(session, ids) == [State.WITHDRAWN, *[State.REFUSED] * 4]


async def test_that_test_notices_when_a_held_digit_counts_each_time(session, monkeypatch):
    monkeypatch.setattr(DeliberateDigits, "is_meant", lambda *_: True)
    ids = decided(session, IDS[:5], State.REFUSED, error="no")
    async with running(session) as watch:
        await at_queue(watch)
        await watch.press("3", "3", "3")
        assert states(session, ids).count(State.WITHDRAWN) > 1


async def test_another_key_makes_the_same_digit_count_again(session):
    ids = decided(session, IDS[:3], State.REFUSED, error="no")
    async with running(session) as watch:
        await at_queue(watch)
        await watch.press("3", "j", "3")
        assert states(session, ids).count(State.WITHDRAWN) == 2


async def test_a_digit_that_is_no_way_out_of_the_item_says_so(session):
    decided(session, IDS[:1])
    async with running(session) as watch:
        await at_queue(watch)
        for key in ("2", "9"):
            await watch.press(key)
            assert f"{key} chooses nothing here." in watch.foot()


async def test_undo_brings_a_dropped_item_back_under_the_cursor(session):
    ids = decided(session, IDS[:3], State.REFUSED, error="locked")
    async with running(session) as watch:
        await at_queue(watch)
        name = watch.app.screen.name_of(IDS[2])
        await watch.press("3")
        await watch.sees(f"{name}: dropped · u brings it back")
        assert watch.app.screen.length == 2
        await watch.press("u")
        await watch.sees("Undone: a drop")
        assert watch.app.screen.length == 3
        assert watch.app.screen.item.lead_id == IDS[2]
        assert (watch.app.screen.item.state, watch.app.screen.item.error) == (State.REFUSED, "locked")
    assert states(session, ids)[0] is State.WITHDRAWN


async def test_undo_on_the_queue_undoes_the_last_decision_too(session):
    (item_id,) = decided(session, IDS[:1])
    async with running(session) as watch:
        await at_queue(watch)
        await watch.press("u")
        await watch.sees("Undone: ")
        await watch.sees("Nothing is waiting")
    assert states(session, [item_id]) == [State.WITHDRAWN]


async def test_the_cursor_goes_on_to_the_next_item_when_one_is_settled(session):
    ids = decided(session, IDS[:3], State.REFUSED, error="no")
    async with running(session) as watch:
        await at_queue(watch)
        await watch.press("1")
        await watch.sees("tried again with the next sync")
        assert watch.app.screen.item.id == ids[1]


async def test_try_all_says_what_it_would_do_before_it_does_it(session):
    refused = decided(session, IDS[:3], State.REFUSED, error="no")
    decided(session, IDS[3:4], State.CONFLICT, theirs=THEIRS)
    decided(session, IDS[4:6])
    async with running(session) as watch:
        await at_queue(watch)
        await watch.press("T")
        assert isinstance(watch.app.day.asking.question, Confirm)
        await watch.sees("3 refused: sent again as they are")
        await watch.sees("1 in conflict: left alone")
        await watch.sees("2 queued and never tried: sent too")
        await watch.press("escape")
        assert states(session, refused) == [State.REFUSED] * 3


async def test_try_all_queues_what_was_refused_and_asks_for_a_sync(session):
    refused = decided(session, IDS[:3], State.REFUSED, error="no")
    conflict = decided(session, IDS[3:4], State.CONFLICT, theirs=THEIRS)
    async with running(session) as watch:
        await until(watch.app.bridge.idle.is_set)
        syncs = session.syncs.count(True)
        await at_queue(watch)
        await watch.press("T")
        await watch.confirm()
        await until(lambda: session.syncs.count(True) == syncs + 1)
    assert states(session, refused) == [State.QUEUED] * 3
    assert states(session, conflict) == [State.CONFLICT]


async def test_try_all_with_nothing_to_try_says_so(session):
    decided(session, IDS[:1])
    async with running(session) as watch:
        await at_queue(watch)
        await watch.press("T")
        await watch.sees("Nothing was refused")
        assert watch.app.day.asking.question is None


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
async def test_enter_shows_all_that_is_known_of_an_item_and_escape_less_again(session, size):
    (item_id,) = decided(session, IDS[:1], State.CONFLICT, theirs=THEIRS)
    async with running(session, size=size) as watch:
        await at_queue(watch)
        await watch.press("enter")
        text = "\n".join(pane(watch))
        for words in (item_id, "seen by you", "at the CRM", "changed by", "1 keep mine"):
            assert words in text, words
        await watch.press("escape")
        assert isinstance(watch.app.screen, QueueScreen)
        assert item_id not in "\n".join(pane(watch))
        await watch.press("escape")
        await until(lambda: not isinstance(watch.app.screen, QueueScreen))


async def test_long_details_can_be_turned_to_their_end_in_the_smallest_window(session):
    decided(session, IDS[:1], State.CONFLICT, theirs=THEIRS)
    async with running(session, size=(60, 16)) as watch:
        await at_queue(watch)
        await watch.press("enter", "pagedown", "pagedown", "pagedown")
        assert "tried by then" in "\n".join(pane(watch))
        await watch.press("pageup", "pageup", "pageup")
        assert "Kim" in "\n".join(pane(watch)[:3])


async def test_a_report_of_the_item_can_be_copied(session):
    decided(session, IDS[:1], State.REFUSED, error="closed for stocktaking")
    async with running(session) as watch:
        await at_queue(watch)
        name = watch.app.screen.name_of(IDS[0])
        await watch.press("Y")
        await until(lambda: "closed for stocktaking" in watch.app.clipboard)
        assert IDS[0] in watch.app.clipboard
        assert name not in watch.app.clipboard
        await watch.sees("Copied")


async def test_much_news_at_once_is_read_together_and_the_last_of_it_is_shown(session, monkeypatch):
    (item_id,) = decided(session, IDS[:1])
    async with running(session) as watch:
        await until(watch.app.bridge.idle.is_set)
        await at_queue(watch)
        readings, queue = [], session.desk.queue
        monkeypatch.setattr(type(session.desk), "queue", lambda _desk: readings.append(1) or queue())
        for _ in range(20):
            await watch.app.screen.take_news()
        assert len(readings) == 1
        item = session.thread.call(session.desk.outbox.get, item_id)
        session.thread.call(session.desk.outbox.claim, [item])
        await watch.app.screen.take_news()
        await watch.sees("→ sending")


async def test_keeping_mine_asks_first_where_the_crm_cannot_take_it_back(session):
    conflict = decided(session, IDS[:1], State.CONFLICT, theirs=THEIRS)
    gives = Provided("BottleCRM", final=(Act.ACCEPT.value,))
    session.wait(session.desk.leads.remember_rules, {PROVIDED: gives})
    async with running(session) as watch:
        await at_queue(watch)
        await watch.press("1")
        await watch.sees("BottleCRM cannot take back what is accepted once it is sent.")
        await watch.press("escape")
        assert states(session, conflict) == [State.CONFLICT]
        await watch.press("j", "1")
        await watch.sees("BottleCRM cannot take back")
        await watch.confirm()
        await watch.sees("yours is sent with the next sync")
    assert states(session, conflict) == [State.SUPERSEDED]
