"""Conflicts on the queue's screen: both versions at once, at most two keys to a way out, and back again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from screens.ink import Inks
from screens.lead.screen import LeadScreen
from screens.queue.conflict import advice, versions
from screens.queue.lines import DROP, FOLLOW, KEEP, REDECIDE, TAKE_BACK, Told, causes, details, ways
from screens.queue.rows import item_row
from screens.queue.screen import QueueScreen
from screens.themes import DARK
from tests.domain.invented import a_lead, an_item
from tests.screens.sample import HOSTILE, ME, NOW
from tests.screens.watching import drawn, running, until
from triage.domain.act import Act
from triage.domain.feedback import Feedback, FeedbackType
from triage.domain.item import Item, State
from triage.domain.lead import LeadId, Owner
from triage.domain.outcome import Theirs
from triage.store.outbox import Move

INK = Inks.of(DARK).plain
SAM = Owner("rep-2", "Sam Elsewhere")
FIRST, SECOND = LeadId("L-0003"), LeadId("L-0004")
WORKING = Theirs("9", "working", ME, "Kim", NOW)
GIVEN = Theirs("9", "assigned", SAM, "Kim", NOW)
ARCHIVED = Theirs("9", "assigned", ME, "Kim", NOW, archived=True)
DELETED = Theirs(changed_by="Kim", changed_at=NOW, deleted=True)
MERGED = replace(DELETED, merged_into=SECOND)


def moved_to(desk, item_id, state, **changes):
    """Bring an item to a state, as a sync would."""
    item = desk.outbox.get(item_id)
    desk.outbox.claim([item])
    if state is not State.SENDING:
        desk.outbox.move([Move.to(state, item.id, **changes)])
    return desk.outbox.get(item.id)


def stuck(session, theirs, lead=FIRST, state=State.CONFLICT):
    """Accept a lead and let the sync meet what others made of it."""

    def made():
        item = session.desk.decide([lead], Act.ACCEPT).items[0]
        return moved_to(session.desk, item.id, state, theirs=theirs)

    return session.thread.call(made)


def state_of(session, item):
    return session.thread.call(session.desk.outbox.get, item.id).state


def standing(session, lead):
    return session.thread.call(session.desk.entry, lead).decision


async def at_queue(watch):
    await watch.press("Q")
    await until(lambda: isinstance(watch.app.screen, QueueScreen))


@pytest.mark.parametrize(
    ("theirs", "said", "choices"),
    [
        (WORKING, ("Kim made it working just now.", "≠ working"), "1 keep mine   2 decide again   3 drop"),
        (GIVEN, ("≠ Sam Elsewhere", "It now belongs to Sam Elsewhere: the CRM may refuse yours."), "1 keep mine   2 decide again   3 drop"),
        (ARCHIVED, ("≠ archived", "Yours takes it out of the archive."), "1 keep mine   2 decide again   3 drop"),
        (DELETED, ("≠ deleted", "The lead was deleted at the CRM. Drop it."), "3 drop"),
        (MERGED, ("Kim merged the lead into L-0004 just now.", "≠ merged"), "3 drop"),
    ],
    ids=["another status", "given away", "archived", "deleted", "merged"],
)  # fmt: skip
@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
async def test_both_versions_stand_side_by_side_with_the_ways_out(session, theirs, said, choices, size):
    stuck(session, theirs)
    async with running(session, size=size) as watch:
        await at_queue(watch)
        lines = [strip.text.rstrip() for strip in drawn(watch.app.screen.pane)]
        text = "\n".join(lines)
        for words in ("you saw", "at the CRM", "yours", "accepted", *said):
            assert words in text, words
        assert "…" not in text.replace("… queued", "")
        assert any(line.strip().endswith(choices) for line in lines), text


async def test_the_versions_of_the_item_under_the_cursor_are_shown_and_of_the_others_one_line(session):
    stuck(session, WORKING)
    stuck(session, GIVEN, SECOND)
    async with running(session) as watch:
        await at_queue(watch)
        assert watch.text().count("at the CRM   ") == 1
        assert watch.text().count("Kim ") == 2
        before = watch.app.screen.item.id
        await watch.press("j")
        assert watch.app.screen.item.id != before
        assert watch.text().count("at the CRM   ") == 1


async def test_keeping_mine_and_dropping_take_one_key_each(session):
    kept, dropped = stuck(session, WORKING), stuck(session, GIVEN, SECOND)
    async with running(session) as watch:
        await at_queue(watch)
        assert watch.app.screen.item.id == dropped.id
        await watch.press("3")
        await watch.sees("dropped")
        await watch.press("1")
        await watch.sees("yours is sent with the next sync")
    assert state_of(session, dropped) is State.WITHDRAWN
    assert state_of(session, kept) is State.SUPERSEDED
    assert standing(session, FIRST).base.status == "working"


async def test_deciding_again_goes_to_the_lead_and_comes_back_to_the_queue(session):
    item = stuck(session, WORKING)
    async with running(session) as watch:
        elsewhere = watch.tray.shown[0]
        watch.tray.go_to(elsewhere)
        await at_queue(watch)
        await watch.press("2")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        assert watch.cursor == FIRST
        await watch.press("r", "8")
        await until(lambda: isinstance(watch.app.screen, QueueScreen))
        await watch.sees("decided anew")
        assert watch.cursor == elsewhere
    assert state_of(session, item) is State.SUPERSEDED
    assert standing(session, FIRST).decision.act is Act.REJECT


async def test_who_goes_to_the_lead_and_decides_nothing_comes_back_to_the_same_conflict(session):
    item = stuck(session, WORKING)
    async with running(session) as watch:
        await at_queue(watch)
        await watch.press("2")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        await watch.press("backspace")
        await until(lambda: isinstance(watch.app.screen, QueueScreen))
        await watch.press("j", "k")
        assert watch.app.screen.item.id == item.id
        assert "decided anew" not in watch.foot()
    assert state_of(session, item) is State.CONFLICT


async def test_of_a_merged_lead_the_one_that_took_its_place_is_decided_and_the_conflict_goes(session):
    item = stuck(session, MERGED)
    async with running(session) as watch:
        name = watch.tray.inbox.entries[SECOND].lead.name
        elsewhere = watch.tray.shown[0]
        watch.tray.go_to(elsewhere)
        await at_queue(watch)
        await watch.sees(f"2 decide {name}")
        await watch.press("2")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        assert watch.cursor == SECOND
        await watch.press("a")
        await until(lambda: isinstance(watch.app.screen, QueueScreen))
        await watch.sees("decided anew")
        assert watch.cursor == elsewhere
    assert state_of(session, item) is State.WITHDRAWN
    assert standing(session, SECOND).decision.act is Act.ACCEPT


async def test_of_a_merged_lead_whose_other_is_not_mine_only_dropping_is_offered(session):
    stuck(session, replace(MERGED, merged_into="L-8888"))
    async with running(session) as watch:
        await at_queue(watch)
        await watch.sees("L-8888 took its place; it is not on your list.")
        await watch.press("1", "2")
        assert isinstance(watch.app.screen, QueueScreen)
        assert "2 decide" not in watch.text()


async def test_what_is_being_sent_can_be_taken_back_and_it_is_said(session):
    item = stuck(session, None, state=State.SENDING)
    async with running(session) as watch:
        await at_queue(watch)
        await watch.sees("3 take it back")
        await watch.press("3")
        await watch.sees("1 being sent: will be taken back")
        await watch.sees("undo of what was sent")
    assert state_of(session, item) is State.SENDING


async def test_a_queued_undo_can_be_dropped(session):
    stuck(session, None, state=State.SENDING)
    async with running(session) as watch:
        await watch.press("u")
        await at_queue(watch)
        await until(lambda: watch.app.screen.length == 2)
        while watch.app.screen.item.takes_back is None:
            await watch.press("j")
        await watch.press("3")
        await watch.sees("dropped")
        assert watch.app.screen.length == 1


async def test_what_waits_behind_an_earlier_decision_says_so(session):
    stuck(session, None, state=State.SENDING)
    session.thread.call(
        lambda: session.desk.decide([FIRST], Act.RECYCLE, reason="EARLY_RESEARCH", params={"wake": "none"})
    )
    async with running(session) as watch:
        await at_queue(watch)
        await watch.press("j")
        await watch.sees("Waits behind your earlier decision on this lead.")


async def test_offline_a_queued_item_does_not_pretend_to_go_by_itself(session):
    session.thread.call(session.desk.set_offline, True)
    session.thread.call(session.desk.decide, [FIRST], Act.ACCEPT)
    async with running(session) as watch:
        await at_queue(watch)
        await watch.sees("You work offline: 1 sends all that waits.")


def queued(**changes):
    return replace(an_item(a_lead()), due_at=NOW, **changes)


def conflicting(theirs, **changes):
    return queued(state=State.CONFLICT, theirs=theirs, **changes)


def test_a_queued_item_says_how_often_it_was_tried_and_when_the_next_try_is():
    tried = queued(attempts=2, error="The lead is locked.", not_before=NOW + timedelta(seconds=40))
    assert causes(Told(tried, ""), NOW) == [
        "The lead is locked.",
        "2 attempts so far. The next try is in 40 s.",
    ]
    pause = NOW + timedelta(minutes=7)
    assert causes(Told(tried, "", earliest=pause), NOW)[-1].endswith("The next try is in 7m.")
    held = replace(tried, attempts=0, error="", not_before=None, due_at=NOW + timedelta(seconds=9))
    assert causes(Told(held, ""), NOW) == ["Held for 9 s more: undo is free."]
    assert causes(Told(replace(held, due_at=NOW), ""), NOW) == ["Goes with the next sync."]


def test_the_ways_out_are_those_that_the_desk_would_take():
    def offered(item, survivor=""):
        return list(ways(Told(item, "", survivor=survivor)).values())

    assert offered(conflicting(WORKING)) == [KEEP, REDECIDE, DROP]
    assert offered(conflicting(DELETED)) == [DROP]
    assert offered(conflicting(MERGED), "Ada Park") == [FOLLOW, DROP]
    assert offered(conflicting(MERGED)) == [DROP]
    restore = conflicting(WORKING)
    restore = replace(restore, decision=replace(restore.decision, act=Act.RESTORE, of="d-1"))
    assert offered(restore) == [REDECIDE, DROP]
    assert TAKE_BACK not in offered(replace(restore, state=State.SENDING))
    told = Feedback("F-1", FIRST, FeedbackType.NOTE, {}, NOW)
    assert offered(Item(State.CONFLICT, NOW, feedback=told, theirs=DELETED)) == [DROP]
    assert REDECIDE not in offered(Item(State.REFUSED, NOW, feedback=told))


def test_that_a_lead_is_someone_elses_is_only_said_where_that_changed():
    same = an_item(a_lead(owner=SAM), state=State.CONFLICT)
    working = Theirs("9", "working", SAM, "Kim", NOW)
    assert advice(replace(same, theirs=working), str, "") == ""
    taken = an_item(a_lead(owner=ME), state=State.CONFLICT)
    assert "may refuse" in advice(replace(taken, theirs=working), str, "")


def test_in_the_smallest_window_the_versions_are_not_cut_off():
    given = Theirs("9", "assigned", Owner("rep-2", "Ines Duarte"), "Kim", NOW)
    lines = versions(
        conflicting(given), lambda user_id: {"rep-2": "Ines Duarte"}.get(user_id, "you"), 60, INK
    )
    text = "\n".join(line.strip(60, INK.text).text for line in lines)
    assert all(words in text for words in ("at the CRM", "assigned", "Ines Duarte"))
    assert "…" not in text


@pytest.mark.parametrize("text", HOSTILE)
def test_what_others_wrote_is_shown_as_text_within_the_width(text):
    owner = Owner(text, text)
    for theirs in (
        Theirs(text, text, owner, text, NOW, merged_into=text, deleted=True),
        Theirs(text, text, owner, text, NOW),
    ):
        item = conflicting(theirs, error=text)
        told = Told(replace(item, decision=replace(item.decision, reason=text)), "Ada Park")
        assert advice(told.item, told.who, "").isprintable()
        for width in (60, 80, 160):
            lines = [item_row(told, NOW, width, INK, under_cursor=False), *details(told, NOW, width, INK)]
            assert all(line.text.isprintable() for line in lines)
            assert all(line.width <= width for line in lines)
            assert all(line.width <= width for line in versions(told.item, told.who, width, INK))
