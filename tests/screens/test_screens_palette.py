"""The palette: everything by its name, in our words, and as fast with fifty thousand leads."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from screens.lead.screen import LeadScreen
from screens.palette.commands import LEADS_SHOWN, Command, Directory, found
from screens.palette.screen import PaletteScreen, offer_line
from screens.queue.screen import QueueScreen
from tests.screens.sample import lead
from tests.screens.watching import running, until, widest
from triage.domain.inbox import Entry, View


def commands(*names):
    return [Command(name, f"About {name.lower()}.", lambda: None) for name in names]


def names(typed, *offered):
    named, others = found(commands(*offered), typed)
    return [one.name for one in (*named, *others)]


def test_a_name_that_begins_with_it_comes_before_one_that_holds_it():
    offered = ("Undo", "Work offline", "Theme: no-colour", "Go online")
    assert names("o", *offered)[0] == "Work offline"
    assert names("go", *offered)[0] == "Go online"
    assert names("off", *offered) == ["Work offline"]
    assert names("line go", *offered) == ["Go online"]
    assert names("wkof", *offered) == ["Work offline"]
    assert names("", *offered) == list(offered)
    assert names("xyzzy", *offered) == []


def entries(count):
    return [Entry.of(replace(lead(number), lead_id=f"L-{number}")) for number in range(count)]


def test_a_lead_is_found_by_name_company_and_address_and_by_words_of_each():
    entry = Entry.of(replace(lead(1), name="Zoë Quist", company="Åland Ferries", email="zq@ferries.example"))
    directory = Directory([*entries(40), entry])
    for typed in ("zoë", "ZOË quist", "åland", "zq@", "quist ferr", "ferries.example zoë", "zoe aland"):
        assert directory.find(typed) == [entry.lead_id], typed
    assert directory.find("quist kestrel") == []


def test_one_letter_looks_for_no_lead_and_many_hits_are_cut_off():
    directory = Directory(entries(400))
    assert directory.find("e") == []
    assert len(directory.find("example")) == LEADS_SHOWN


def test_a_word_never_matches_across_two_leads_or_two_fields():
    one = Entry.of(replace(lead(1), lead_id="L-1", name="Ann", company="Bee", email="c@d"))
    other = Entry.of(replace(lead(2), lead_id="L-2", name="Dora", company="Eff", email="g@h"))
    directory = Directory([one, other])
    assert directory.find("annbee") == []
    assert directory.find("c@ddora") == []


def test_leads_that_are_made_ready_in_slices_are_the_same():
    at_once, sliced = Directory(entries(25)), Directory(entries(25))
    while sliced.prepare(4):
        pass
    assert sliced.find("kestrel") == at_once.find("kestrel") != []


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (160, 48)])
async def test_it_speaks_our_words_and_names_each_key_as_the_rep_has_it(session, size):
    from screens.actions import default_keys

    async with running(session, size=size, keymap={**default_keys(), "accept": "f2"}) as watch:
        await watch.press("ctrl+p")
        assert isinstance(watch.app.screen, PaletteScreen)
        assert "a command, a view or a lead" in watch.foot()
        line = next(line for line in watch.lines() if "Accept " in line)
        assert "f2" in line.casefold()
        assert all(widest(widget) <= size[0] for widget in watch.widgets())
        assert "creenshot" not in watch.text()


@pytest.mark.parametrize("width", [60, 80, 160])
def test_a_line_keeps_to_its_width_whatever_a_lead_is_called(width):
    from screens.ink import Inks
    from screens.themes import DARK

    offer = Command("Lead: " + "山田太郎株式会社" * 9, "x" * 300, lambda: None, "ctrl+shift+pagedown")
    assert offer_line(offer, width, Inks.of(DARK).plain, here=True).width == width


async def test_an_action_is_done_on_the_screen_below_and_keys_typed_ahead_come_after_it(session):
    async with running(session) as watch:
        first = watch.cursor
        await watch.press("ctrl+p", *"accept", "enter", "j")
        await until(lambda: session.thread.call(session.desk.queue))
        (item,) = session.thread.call(session.desk.queue)
        assert item.lead_id == first
        assert "accepted" in watch.foot()


async def test_an_action_that_asks_asks_on_the_screen_below(session):
    async with running(session) as watch:
        lead_id = watch.cursor
        await watch.press("ctrl+p", *"reject", "enter")
        await watch.sees("student, job seeker")
        await watch.press("8")
        await until(lambda: session.thread.call(session.desk.queue))
        assert session.thread.call(session.desk.queue)[0].lead_id == lead_id


async def test_a_view_is_shown_from_any_screen(session):
    async with running(session) as watch:
        await watch.press("enter")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        await watch.press("ctrl+p", *"view: working", "enter")
        await until(lambda: watch.tray.inbox.view is View.WORKING)
        assert watch.app.screen is watch.app._inbox


async def test_a_lead_is_found_and_opened(session):
    async with running(session) as watch:
        await watch.press("ctrl+p", *"ada park", "enter")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        assert watch.cursor == "L-0001"


async def test_the_arrows_choose_and_nothing_found_is_said_and_takes_no_enter(session):
    async with running(session) as watch:
        await watch.press("ctrl+p", *"queue", "enter")
        await until(lambda: isinstance(watch.app.screen, QueueScreen))
        await watch.press("ctrl+p", *"view:", "down", "up", "down")
        assert next(line for line in watch.lines() if line.startswith("▌")).split()[2] == "Breaching"
        await watch.press("ctrl+u", *"xyzzyq", "enter")
        assert isinstance(watch.app.screen, PaletteScreen)
        assert "Nothing here is called “xyzzyq”." in watch.text()


@pytest.mark.parametrize("keys", [["escape"], ["x", "backspace", "backspace"]])
async def test_escape_and_backspace_on_an_empty_field_leave_and_do_nothing(session, keys):
    async with running(session) as watch:
        await watch.press("ctrl+p", *keys)
        await until(lambda: watch.app.screen is watch.app._inbox)
        await watch.press("j", "a")
        assert len(session.thread.call(session.desk.queue)) == 1


async def test_a_lead_that_goes_while_the_palette_is_open_is_said_to_be_gone(session):
    async with running(session) as watch:
        await watch.press("ctrl+p", *"ada park")
        left = [entry for one, entry in watch.tray.inbox.entries.items() if one != "L-0001"]
        watch.tray.load(left)
        await watch.press("enter")
        await watch.sees("no longer here")
