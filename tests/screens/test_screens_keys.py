from __future__ import annotations

import string
import subprocess
import sys

import pytest
from textual.geometry import Region

from config.keymap import key_name, load_keymap
from screens import actions
from screens.actions import ACTIONS, CHOICE, INBOX, LEAD, QUEUE, TEXT, in_context, shown_keys
from screens.help.screen import help_lines
from screens.inbox.screen import InboxScreen
from screens.ink import Inks
from screens.lead.screen import LeadScreen
from screens.queue.screen import QueueScreen
from screens.themes import DARK
from tests.screens.watching import running, until
from triage.domain.inbox import View

SCREENS = {INBOX: InboxScreen, LEAD: LeadScreen, QUEUE: QueueScreen}


def test_the_registry_is_read_without_textual():
    code = "import sys, screens.actions; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_id_is_given_once():
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


@pytest.mark.parametrize("context", [INBOX, LEAD, QUEUE, CHOICE, TEXT])
def test_no_key_means_two_things_in_one_place(context):
    keys = [key for action in in_context(context) for key in action.keys]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(("context", "screen"), SCREENS.items())
def test_every_action_of_a_screen_is_handled_there(context, screen):
    for action in in_context(context):
        assert callable(getattr(screen, f"action_{action.id}", None)), action.id


def test_the_defaults_pass_the_check_of_the_keymap_file():
    assert load_keymap(None, actions.default_keys(), actions.contexts())["accept"] == "a"


def test_nothing_daily_needs_a_modifier():
    for action in ACTIONS:
        if action.group in ("Decide", "Mark", "Tell marketing"):
            assert all("+" not in key for key in action.keys)


def test_help_names_every_key_and_typing_filters_it():
    ink = Inks.of(DARK).plain
    said = "\n".join(line.text for line in help_lines(INBOX, {}, "", 80, ink))
    for action in in_context(INBOX):
        assert shown_keys(action)[0] in said
        assert action.label in said
    few = "\n".join(line.text for line in help_lines(INBOX, {}, "undo last", 80, ink))
    assert "Undo the last act" in few
    assert "Accept" not in few


async def test_moving_by_every_key(session):
    async with running(session) as watch:
        last = len(watch.tray.shown) - 1
        for keys, line in (
            (["j"], 1), (["down"], 2), (["k"], 1), (["up"], 0), (["G"], last), (["g", "g"], 0), (["end"], last),
            (["home"], 0), (["pagedown"], watch.app.screen.list.room - 1), (["pageup"], 0), (["k"], 0),
        ):  # fmt: skip
            await watch.press(*keys)
            assert watch.tray.index == line, keys


async def test_a_single_g_followed_by_another_key_does_nothing(session):
    async with running(session) as watch:
        await watch.press("j", "j", "g", "k", "g")
        assert watch.tray.index == 1


async def test_list_and_brief_follow_the_cursor_together(session):
    async with running(session) as watch:
        await watch.press("j")
        name = watch.tray.entry.lead.name
        assert name in watch.app.screen.brief.render_line(0).text
        assert "▌" in next(line for line in watch.lines() if name in line)


async def test_space_marks_and_moves_down_and_v_marks_a_range(session):
    async with running(session) as watch:
        await watch.press("space")
        assert (watch.tray.index, len(watch.tray.inbox.marks)) == (1, 1)
        await watch.press("j", "V", "j", "j", "V", "j")
        assert watch.tray.inbox.marks == frozenset((watch.tray.shown[0], *watch.tray.shown[2:5]))
        assert "4 marked" in watch.text()
        await watch.press("escape")
        assert watch.tray.inbox.marks == frozenset()


async def test_a_star_marks_what_the_filter_shows(session):
    async with running(session) as watch:
        await watch.press("slash")
        await watch.type("kestrel")
        await watch.press("enter", "asterisk")
        assert watch.tray.inbox.marks == frozenset(watch.tray.shown)
        assert 0 < len(watch.tray.shown) < 29


async def test_a_filter_follows_each_letter(session):
    async with running(session) as watch:
        everything = len(watch.tray.shown)
        await watch.press("slash", "k", "e")
        some = len(watch.tray.shown)
        await watch.press("s", "t")
        assert len(watch.tray.shown) < some < everything
        await watch.press("ctrl+u")
        assert len(watch.tray.shown) == everything
        await watch.press("backspace")
        assert watch.app.day.asking.question is None


async def test_a_filter_keeps_the_cursor_on_its_lead(session):
    async with running(session) as watch:
        await watch.go_to("L-0001")
        await watch.press("slash")
        await watch.type("northwind")
        assert watch.cursor == "L-0001"


async def test_a_bad_filter_says_where_and_what_was_meant(session):
    async with running(session) as watch:
        await watch.press("slash")
        await watch.type("sorce:web")
        assert "column 1: There is no field “sorce”. Did you mean source?" in watch.status()
        await watch.press("enter")
        assert watch.app.day.asking.question is not None
        await watch.press("escape")
        assert watch.tray.inbox.query.text == ""


async def test_an_empty_view_speaks(session):
    async with running(session) as watch:
        watch.app.look_at(View.SNOOZED)
        assert "Snoozed: nothing here." in watch.text()
        await watch.press("slash")
        await watch.type("zzz")
        assert "matches “zzz”" in watch.text()


async def test_tab_shows_the_next_view_and_shift_tab_the_one_before(session):
    async with running(session) as watch:
        await watch.press("tab")
        assert watch.tray.inbox.view is View.BREACHING
        await watch.press("shift+tab", "shift+tab")
        assert watch.tray.inbox.view is View.SNOOZED


async def test_sorting_keeps_the_cursor_on_its_lead_and_says_the_order(session):
    async with running(session) as watch:
        await watch.press("j", "j")
        here = watch.cursor
        await watch.press("s", "3")
        assert watch.cursor == here
        assert "highest score first" in watch.foot()
        totals = [watch.tray.inbox.entries[one].lead.score.score for one in watch.tray.shown]
        assert totals == sorted(totals, reverse=True)


async def test_the_hint_stands_over_the_list_until_the_first_decision(session):
    async with running(session) as watch:
        assert "j/k move · a accept · r reject · ? all keys" in watch.text()
        await watch.press("a")
        assert "j/k move" not in watch.text()


async def test_question_mark_shows_the_keys_and_escape_goes_back(session):
    async with running(session) as watch:
        await watch.press("question_mark")
        await watch.sees("Move down.")
        await watch.type("thank")
        assert "Thank marketing" in watch.text()
        assert "Move down." not in watch.text()
        await watch.press("escape")
        await until(lambda: isinstance(watch.app.screen, InboxScreen))
        await watch.press("j")
        assert watch.tray.index == 1


async def test_keys_can_be_remapped(session):
    keymap = {**actions.default_keys(), "accept": "x"}
    async with running(session, keymap=keymap) as watch:
        first = watch.cursor
        await watch.press("a")
        assert watch.cursor == first
        await watch.press("x")
        assert watch.cursor != first
        assert "x accept" in " ".join(watch.lines()) or "u undoes" in watch.foot()


@pytest.mark.parametrize("size", [(60, 16), (60, 24), (80, 24), (120, 30), (160, 48), (200, 50)])
async def test_every_line_is_as_wide_as_the_window_and_no_wider(session, size):
    async with running(session, size=size) as watch:
        for widget in watch.widgets():
            assert widget.region.right <= size[0]
            assert widget.region.bottom <= size[1]
        rows = {y for widget in watch.widgets() for y in range(widget.region.y, widget.region.bottom)}
        assert rows == set(range(size[1]))


async def test_a_window_that_is_too_small_says_so_and_takes_no_decision(session):
    async with running(session, size=(50, 12)) as watch:
        assert "too small" in watch.text()
        await watch.press("a")
        assert session.thread.call(session.desk.queue) == ()
        await watch.pilot.resize_terminal(80, 24)
        await watch.sees("SLA")
        await watch.press("a")
        assert len(session.thread.call(session.desk.queue)) == 1


async def test_the_lead_in_full_takes_no_decision_in_a_window_that_is_too_small(session):
    async with running(session) as watch:
        await watch.press("enter")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        await watch.pilot.resize_terminal(40, 10)
        await watch.sees("too small")
        await watch.press("a")
        assert session.thread.call(session.desk.queue) == ()


@pytest.mark.parametrize("keys", [["j"], ["a"], ["pagedown"], ["space"], ["r"]])
async def test_a_key_changes_the_screen_in_one_frame(session, keys, monkeypatch):
    async with running(session, size=(160, 48)) as watch:
        await until(watch.app.bridge.idle.is_set)
        await watch.pilot.pause()
        frames = []
        really_display = watch.app._display
        monkeypatch.setattr(
            watch.app, "_display", lambda screen, drawn: frames.append(drawn) or really_display(screen, drawn)
        )
        monkeypatch.setattr(watch.app, "_follow", _nothing)
        await watch.press(*keys)
        await watch.pilot.pause()
        assert len([drawn for drawn in frames if drawn is not None]) == 1


async def test_what_is_unsent_is_counted_in_the_frame_of_the_decision(session, monkeypatch):
    async with running(session) as watch:
        monkeypatch.setattr(watch.app, "_follow", _nothing)
        await watch.press("a")
        assert "1 unsent" in watch.status()
        await watch.press("u")
        assert "unsent" not in watch.status()


async def _nothing():
    """Leave out what follows a decision a moment later."""


async def test_the_views_count_a_decision_at_once(session):
    async with running(session) as watch:
        assert "[Inbox 30]" in watch.text()
        await watch.press("a")
        assert "[Inbox 29]" in watch.text()
        assert "Working 1" in watch.text()
        await watch.press("u")
        assert "[Inbox 30]" in watch.text()
        assert "Working 1" not in watch.text()


async def test_a_click_moves_the_cursor_and_a_second_one_opens(session):
    async with running(session) as watch:
        await watch.pilot.click("#list", offset=(20, 2))
        await until(lambda: watch.tray.index == 2)
        await watch.pilot.click("#list", offset=(20, 2), times=2)
        await until(lambda: isinstance(watch.app.screen, LeadScreen))


async def test_a_click_on_the_footer_does_what_it_says(session):
    async with running(session) as watch:
        first = watch.cursor
        await watch.pilot.click("#foot", offset=(2, 0))
        await until(lambda: watch.cursor != first)


async def test_without_colour_nothing_but_greys_is_drawn(session, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(session) as watch:
        for widget in watch.widgets():
            for strip in widget.render_lines(Region(0, 0, *widget.size)):
                for _text, style, _control in strip:
                    red, green, blue = style.color.get_truecolor() if style.color else (0, 0, 0)
                    assert red == green == blue
        assert "▌" in watch.text()
        assert "‼" in watch.text()


def test_every_key_that_can_be_given_is_shown_as_what_stands_on_it():
    typed = [*string.punctuation.replace(",", ""), *"aZé9"]
    for character in typed:
        assert actions.shown_key(key_name(character)) == character, character
    named = ["comma", "f2", "ctrl+z", "alt+x", "shift+tab", "ctrl+slash", "pagedown", "delete", "ctrl+f12"]
    shown = [",", "F2", "Ctrl+Z", "Alt+X", "Shift+Tab", "Ctrl+/", "PgDn", "Delete", "Ctrl+F12"]
    assert [actions.shown_key(name) for name in named] == shown
    assert actions.shown_key("g less_than_sign") == "g<"
