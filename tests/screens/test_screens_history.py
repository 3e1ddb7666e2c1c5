"""The history of a session and marketing's replies: what is listed, what it adds up to, and where it leads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from screens.cells import say
from screens.history.lines import Listing, deed_line, head_line, seconds_words, state_words
from screens.history.screen import HistoryScreen
from screens.inbox.screen import InboxScreen
from screens.ink import Inks
from screens.lead.screen import LeadScreen
from screens.replies.screen import RepliesScreen
from screens.themes import DARK
from tests.screens.sample import HOSTILE, NOW
from tests.screens.test_screens_undo import delivered
from tests.screens.watching import running, until, widest
from triage.cli.farewell import say_farewell
from triage.desk.history import Deed, Fate, Stretch, Tally
from triage.domain.act import Act
from triage.domain.item import State
from triage.domain.lead import LeadId
from triage.domain.review import Reply, ReplyKind

INK = Inks.of(DARK).plain


async def history(watch) -> None:
    await watch.press("H")
    await until(lambda: isinstance(watch.app.screen, HistoryScreen))
    await watch.pilot.pause()


def listed(watch, words: str) -> str:
    return next(line for line in watch.lines() if words in line)


async def test_the_history_lists_each_act_the_newest_first_with_how_long_it_took(session, clock):
    async with running(session, size=(100, 30)) as watch:
        names = [watch.tray.inbox.entries[one].outline.name for one in watch.tray.shown]
        clock.forward(seconds=4)
        await watch.press("a")
        clock.forward(seconds=7)
        await watch.press("r", "8")
        clock.forward(seconds=1)
        await watch.press("space", "space", "y", "3")
        await history(watch)
        await watch.sees("recycled EARLY_RESEARCH")
        lines = [line for line in watch.lines() if "queued" in line]
        assert "2 leads: " in lines[0]
        assert "7.0 s  rejected NOT_A_BUYER" in lines[1]
        assert names[1] in lines[1]
        assert "4.0 s  accepted" in lines[2]
        assert names[0] in lines[2]


async def test_a_verdict_on_a_score_is_listed_by_what_it_says(session):
    async with running(session, size=(100, 30)) as watch:
        await watch.go_to("L-0001")
        await watch.press("minus")
        await history(watch)
        await watch.sees("queued")
        assert "score too high" in listed(watch, "queued")


async def test_the_head_adds_up_the_session_and_says_only_what_was_measured(session, clock):
    async with running(session, size=(120, 30)) as watch:
        for seconds in (4, 10, 6):
            clock.forward(seconds=seconds)
            await watch.press("a")
        await watch.press("minus")
        await history(watch)
        await watch.sees("3 leads in 0:20 · 3 accepted · 1 told · 4 unsent · median 6.0 s")


async def test_what_was_undone_is_listed_as_undone_and_does_not_count(session):
    async with running(session) as watch:
        await watch.press("a", "a", "u")
        await history(watch)
        await watch.sees("1 lead in")
        assert "– undone" in watch.text()


async def test_u_on_the_history_undoes_the_newest_act_whatever_is_under_the_cursor(session):
    async with running(session) as watch:
        newest = watch.tray.inbox.entries[watch.tray.shown[1]].outline.name
        await watch.press("a", "a")
        await history(watch)
        await watch.sees(newest)
        await watch.press("j", "u")
        await watch.sees("– undone")
        assert "– undone" in listed(watch, newest)


async def test_enter_opens_the_lead_and_the_way_back_leads_to_where_the_rep_was(session):
    async with running(session) as watch:
        first = watch.cursor
        await watch.press("a", "j")
        here = watch.cursor
        await history(watch)
        await watch.sees("accepted")
        await watch.press("enter")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        assert watch.cursor == first
        await watch.press("escape")
        await until(lambda: isinstance(watch.app.screen, HistoryScreen))
        await watch.press("escape")
        await until(lambda: isinstance(watch.app.screen, InboxScreen))
        assert watch.cursor == here


async def test_enter_on_a_bulk_act_lists_its_leads_with_how_far_each_is(session):
    async with running(session) as watch:
        marked = watch.tray.shown[:3]
        await watch.press("space", "space", "space", "r", "8")
        await history(watch)
        await watch.sees("3 leads: ")
        await watch.press("enter")
        await watch.sees("3 rejected NOT_A_BUYER")
        assert watch.text().count("… queued") >= 3
        await watch.press("2")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        assert watch.cursor in marked


async def test_what_was_decided_before_this_session_stands_apart(session, clock):
    await session.call(session.desk.decide, [LeadId("L-0009")], Act.ACCEPT)
    clock.forward(minutes=5)
    async with running(session) as watch:
        await watch.press("H")
        await watch.sees("Earlier today")
        assert "nothing decided in this session yet" in watch.text()
        clock.forward(seconds=3)
        await watch.press("escape", "a")
        await history(watch)
        await watch.sees("1 lead in 0:03")


async def test_a_delivery_changes_the_history_while_it_is_open(session):
    async with running(session) as watch:
        await watch.press("a")
        await history(watch)
        await watch.sees("… queued")
        delivered(session)
        await watch.app.news.leads_changed([])
        await watch.sees("✓ sent")


async def test_an_empty_history_speaks(session):
    async with running(session) as watch:
        await watch.press("H")
        await watch.sees("Nothing was decided today.")
        await watch.press("j", "k", "G", "enter", "u")
        assert watch.app.is_running


async def test_a_long_history_scrolls_and_the_cursor_stays_in_sight(session):
    async with running(session) as watch:
        await watch.press(*["minus", "j"] * 30)
        await history(watch)
        await watch.press("G")
        assert watch.lines()[-4].startswith("▌") or any(line.startswith("▌") for line in watch.lines()[-5:])
        await watch.press("g", "g")
        assert watch.lines()[1].startswith("▌")


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_line_of_the_history_fits_whatever_names_say(session, width):
    def made():
        return session.desk.decide([LeadId("L-0003"), LeadId("L-0004")], Act.ACCEPT).items

    items = session.thread.call(made)
    for text in HOSTILE:
        for deed in (Deed(items, items), Deed(items[:1], items[:1]), Deed(items, (), Fate.UNDONE)):
            line = deed_line(deed, lambda _lead, text=text: say(text), width - 3, INK)
            assert line.width <= width - 3


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_act_lead_and_state_are_readable_at_every_width(session, width):
    async with running(session, size=(width, 20)) as watch:
        name = watch.tray.entry.outline.name
        await watch.press("y", "3")
        await history(watch)
        await watch.sees(name)
        assert "recycled EARLY_RESEAR" in listed(watch, name)
        assert "… queued" in listed(watch, name)


def test_the_gravest_state_of_a_bulk_act_is_shown_with_its_number(session):
    def made():
        return session.desk.decide([LeadId(f"L-{one:04}") for one in range(3, 7)], Act.ACCEPT).items

    items = [replace(item, state=State.APPLIED) for item in session.thread.call(made)]
    items[1] = replace(items[1], state=State.REFUSED)
    deed = Deed(tuple(items), tuple(items))
    assert state_words(deed, INK)[0] == "✗ 1 refused"
    assert state_words(Deed(tuple(items[2:]), tuple(items[2:])), INK)[0] == "✓ sent"


def test_seconds_are_said_as_a_person_reads_them():
    assert [seconds_words(value) for value in (0.0, 7.24, 59.94, 65)] == ["0.0 s", "7.2 s", "59.9 s", "1:05"]


def test_the_head_is_cut_where_the_window_is_narrow():
    tally = Tally(420, {Act.ACCEPT: 300, Act.REJECT: 120}, 9, timedelta(hours=2), 7.25)
    for width in (60, 80, 200):
        assert head_line(tally, 12, width, INK).width <= width
    assert "420 leads in 2:00:00 · 300 accepted" in head_line(tally, 12, 60, INK).text
    assert Listing(Stretch(), Stretch(), str).blocks(80, INK) == []


# Replies


def reply(number: int, **said) -> Reply:
    values = {"kind": ReplyKind.CHANGED, "text": "We changed it.", "lead_id": "L-0003", "by": "Kim Weber"}
    return Reply(f"r{number}", said.pop("of", "gone"), at=NOW - timedelta(hours=number), **{**values, **said})


async def test_the_replies_are_listed_the_newest_first_with_lead_kind_and_words(session):
    def made():
        item = session.desk.decide([LeadId("L-0004")], Act.REJECT, reason="NOT_A_BUYER").items[0]
        answers = [
            reply(5, kind=ReplyKind.NO_CHANGE, text="It is meant so: " + "because " * 40),
            reply(1, of=item.id, lead_id="L-0004", kind=ReplyKind.OVERTURNED),
        ]
        session.desk.leads.add_replies(answers, "c2")

    session.thread.call(made)
    async with running(session) as watch:
        await watch.press("R")
        await until(lambda: isinstance(watch.app.screen, RepliesScreen))
        await watch.sees("2 replies from marketing")
        first = listed(watch, "overturned")
        assert watch.tray.inbox.entries["L-0004"].outline.name in first
        assert "your reject NOT_A_BUYER · by Kim Weber" in first
        text = watch.text()
        assert text.index("overturned") < text.index("no change")
        assert "It is meant so" in text
        await watch.press("j", "enter")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        assert watch.cursor == "L-0003"


async def test_hostile_replies_are_shown_without_harm(session):
    answers = [reply(number, text=text, by=text, link=text) for number, text in enumerate(HOSTILE)]
    session.thread.call(lambda: session.desk.leads.add_replies(answers, "c2"))
    async with running(session) as watch:
        await watch.press("R")
        await watch.sees("replies from marketing")
        for _each in answers:
            await watch.press("j")
            assert all(character.isprintable() for character in watch.text().replace("\n", ""))
            assert all(widest(widget) <= 80 for widget in watch.widgets())


async def test_no_replies_speak(session):
    async with running(session) as watch:
        await watch.press("R")
        await watch.sees("Marketing has answered nothing yet.")
        await watch.press("enter", "j")
        assert watch.app.is_running


# The end


async def test_the_shell_hears_what_the_session_came_to(session, clock, capsys):
    async with running(session) as watch:
        began_at = watch.app.day.began_at
        clock.forward(seconds=65)
        await watch.press("a", "r", "8")
    say_farewell(session, began_at)
    assert capsys.readouterr().err == "2 leads in 1:05, 1 accepted, 2 unsent: `triage sync` sends them.\n"


async def test_the_shell_hears_nothing_where_nothing_was_decided(session, capsys):
    async with running(session) as watch:
        await watch.press("j")
        began_at = watch.app.day.began_at
    say_farewell(session, began_at)
    assert capsys.readouterr() == ("", "")
