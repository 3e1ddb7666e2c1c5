"""Keys after keys: a reason on its digit, one step back everywhere, pairs, and names in the place of ids."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.geometry import Size

from screens.actions import ACTIONS, HISTORY, REPLIES, default_keys, in_context
from screens.asking.lead_pick import lead_question
from screens.asking.pick import Pick, narrowing
from screens.asking.questions import Choose, Given, Option, Press, Type
from screens.history.screen import HistoryScreen
from screens.inbox.screen import InboxScreen
from screens.ink import Inks
from screens.lead.screen import LeadScreen
from screens.replies.screen import RepliesScreen
from screens.themes import DARK
from tests.screens.sample import lead
from tests.screens.stage import session_with
from tests.screens.test_screens_deciding import decided
from tests.screens.test_screens_telling import told
from tests.screens.watching import running, until
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.inbox import Entry, View
from triage.domain.lead import LeadId
from triage.domain.people import Person

INK = Inks.of(DARK).plain


@pytest.mark.parametrize(("context", "screen"), [(HISTORY, HistoryScreen), (REPLIES, RepliesScreen)])
def test_every_action_of_a_list_that_is_read_is_handled_there(context, screen):
    for action in in_context(context):
        assert callable(getattr(screen, f"action_{action.id}", None)), action.id


def test_every_key_of_the_product_is_in_the_registry():
    keys = {key for action in ACTIONS for key in action.keys}
    named = {".": "full_stop", " ": "space", "*": "asterisk", "-": "minus", "=": "equals_sign", "+": "plus"}
    named |= {"/": "slash", "?": "question_mark"}
    product = [*"jkGaArydtzu. V*f-=+ocemnKD/OYQRS?swHXq", "up", "down", "g g", "pageup", "pagedown", "enter"]
    product += ["escape", "backspace", "tab", "ctrl+p", "ctrl+e", "ctrl+u"]
    assert [key for key in product if named.get(key, key) not in keys] == []


# The reason strip


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_each_reason_names_what_will_be_filled_in(session, width):
    async with running(session, size=(width, 24)) as watch:
        await watch.go_to("L-0013")
        await watch.press("r")
        strip = watch.text()
        assert "→ L-9999" in strip
        assert "→ Toni Overseas" in strip or "asks whom" in strip or "→ Sam" in strip
        assert "→ an industry" in strip


async def test_the_digit_of_a_reason_is_its_own_on_every_lead(session):
    async with running(session) as watch:
        seen = set()
        for _each in range(3):
            await watch.press("r")
            question = watch.app.day.asking.question
            seen.add(tuple((option.key, option.value.code) for option in question.options))
            await watch.press("escape", "j")
        assert len(seen) == 1
        assert [key for key, _code in next(iter(seen))] == list("1234567890")


@pytest.mark.parametrize("width", [60, 80])
def test_a_sign_behind_an_option_is_never_cut_away(width):
    options = [Option(str(key), "two or more intent actions in 30 days", key, "✗") for key in range(1, 9)]
    lines = Choose("Definition v4", options).lines(Size(width, 8), INK)
    assert sum(line.text.count("✗") for line in lines) == len(options)


def test_a_label_gives_way_to_what_is_filled_in():
    options = [Option("5", "same person already here", None, "→ Ada Park, Northwind Robotics")] * 10
    lines = Choose("Reject", options).lines(Size(80, 14), INK)
    assert all(line.width <= 80 for line in lines)
    assert "same person alrea… → Ada Park, Nort…" in lines[1].text


# One step back


async def test_escape_leads_from_a_parameter_back_to_the_reasons_and_then_out(session):
    async with running(session) as watch:
        for back in ("escape", "backspace"):
            await watch.press("r", "0")
            assert isinstance(watch.app.day.asking.question, Type)
            await watch.press(back)
            assert isinstance(watch.app.day.asking.question, Choose)
            await watch.press(back)
            assert watch.app.day.asking.question is None
        assert decided(session) == []


async def test_after_a_step_back_another_reason_can_be_chosen(session):
    async with running(session) as watch:
        await watch.press("r", "0", "escape", "8")
        assert [one.reason for one in decided(session)] == ["NOT_A_BUYER"]


async def test_a_text_that_is_left_by_one_step_stands_there_still(session):
    async with running(session) as watch:
        await watch.press("c", *"guide", "tab", "escape")
        assert "guide" in watch.text()
        await watch.press("enter")
        assert [one.payload for one in told(session)] == [{"topic": "guide"}]


@pytest.mark.parametrize(
    ("keys", "steps"),
    [
        (["r"], 1),
        (["r", "0"], 2),
        (["o", "3", "tab"], 3),
        (["e", "1"], 2),
        (["D", "1"], 2),
        (["f", "n"], 2),
        (["f", "o", "1"], 3),
        (["n"], 1),
        (["t"], 1),
        (["G", "z"], 1),
        (["Y"], 1),
        (["slash"], 1),
        (["r", "tab", "1"], 2),
    ],
)
async def test_escape_leaves_a_form_by_one_question_at_a_time(session, keys, steps):
    async with running(session) as watch:
        await watch.press(*keys)
        for left in range(steps, 0, -1):
            assert watch.app.day.asking.question is not None, left
            if keys == ["e", "1"] and left == steps:
                await watch.press("ctrl+u")
            await watch.press("escape" if left % 2 else "backspace")
        assert watch.app.day.asking.question is None
        assert session.thread.call(session.desk.queue) == ()


async def test_in_the_inbox_escape_takes_back_range_marks_filter_and_view_one_by_one(session):
    async with running(session) as watch:
        watch.app.look_at(View.BREACHING)
        await watch.press("slash", *"n", "enter", "space", "V", "j")
        tray = watch.tray
        assert (len(tray.inbox.marks), tray.anchor is not None) == (3, True)
        await watch.press("escape")
        assert (len(tray.inbox.marks), tray.anchor) == (1, None)
        await watch.press("backspace")
        assert tray.inbox.marks == frozenset()
        assert tray.inbox.query.text == "n"
        await watch.press("escape")
        assert (tray.inbox.query.text, tray.inbox.view) == ("", View.BREACHING)
        await watch.press("backspace")
        assert tray.inbox.view is View.INBOX
        await watch.press("escape")
        assert watch.app.is_running


@pytest.mark.parametrize("key", ["enter", "H", "R", "Q"])
@pytest.mark.parametrize("back", ["escape", "backspace", "q"])
async def test_escape_backspace_and_q_lead_back_from_every_screen(session, key, back):
    async with running(session) as watch:
        await watch.press(key)
        await until(lambda: not isinstance(watch.app.screen, InboxScreen))
        await watch.press(back)
        await until(lambda: isinstance(watch.app.screen, InboxScreen))
        assert watch.app.is_running


# Pairs of keys


async def test_a_pair_of_keys_does_what_it_was_given_and_its_first_key_does_nothing(session):
    keymap = {**default_keys(), "accept": "g a"}
    async with running(session, keymap=keymap) as watch:
        first = watch.cursor
        await watch.press("g", "j", "g", "k")
        assert decided(session) == []
        assert watch.cursor == first
        await watch.press("g", "a")
        assert [one.lead_id for one in decided(session)] == [first]


async def test_an_action_that_has_a_pair_only_leaves_its_old_key(session):
    keymap = {**default_keys(), "accept": "g a", "top": "g g"}
    async with running(session, keymap=keymap) as watch:
        await watch.press("j", "home", "a")
        assert (watch.tray.index, decided(session)) == (1, [])
        await watch.press("g", "g")
        assert watch.tray.index == 0


async def test_a_pair_is_forgotten_while_a_text_is_typed(session):
    keymap = {**default_keys(), "accept": "g a"}
    async with running(session, keymap=keymap) as watch:
        await watch.press("g")
        await watch.app.run_action("screen.note")
        await watch.press("x", "escape", "a")
        assert decided(session) == []


async def test_the_menu_of_feedback_follows_the_keymap(session):
    keymap = {**default_keys(), "note": "x", "kudos": "n"}
    async with running(session, keymap=keymap) as watch:
        await watch.press("f", "n", "enter", "f", "x", *"hm", "enter")
        assert [one.type for one in told(session)] == [FeedbackType.KUDOS, FeedbackType.NOTE]


# Names in the place of ids


async def test_a_duplicate_without_a_known_match_is_picked_by_name(session):
    async with running(session) as watch:
        await watch.go_to("L-0003")
        await watch.press("r", "5")
        assert isinstance(watch.app.day.asking.question, Pick)
        await watch.type("petra")
        assert "Petra Passing" in watch.text()
        await watch.press("1")
        (decision,) = decided(session)
        assert (decision.reason, decision.params) == ("DUPLICATE", {"lead_id": "P-0001"})


async def test_the_pick_lists_what_is_alike_before_anything_is_typed(tmp_path, clock):
    one = lead(1)
    twin = replace(lead(2), lead_id=LeadId("L-0777"), name=one.name, email=one.email.upper())
    with session_with(tmp_path, [one, twin, lead(3), lead(4)], clock) as session:
        async with running(session) as watch:
            await watch.go_to(one.lead_id)
            await watch.press("r", "5", "enter")
            assert decided(session)[0].params == {"lead_id": "L-0777"}


def question(*leads, about):
    return lead_question("Who?", [Entry.of(one) for one in leads], [Entry.of(about).outline], default_keys())


def typed(pick, text):
    for character in text:
        answer = pick.press(Press(character, character))
        if answer is not None:
            return answer
    return None


def test_a_digit_that_goes_on_with_a_name_is_typed_and_one_that_does_not_takes_its_line():
    about, street = lead(1), replace(lead(2), company="Studio 54")
    pick = question(about, street, lead(3), about=about)
    assert typed(pick, "studio 54") is None
    assert [option.value for option in pick.found] == [street.lead_id]
    assert typed(pick, "1") == Given(street.lead_id)


def test_the_lead_itself_is_not_offered_as_its_own_duplicate():
    about = lead(1)
    pick = question(about, lead(2), about=about)
    typed(pick, about.name.lower())
    assert pick.found == ()


def test_an_id_of_somebody_elses_lead_can_still_be_typed():
    pick = question(lead(1), about=lead(1))
    typed(pick, "00Q-9")
    assert pick.press(Press("enter", None, "keep")) == Given("00Q-9")
    pick = question(lead(1), about=lead(1))
    typed(pick, "no one")
    assert pick.press(Press("enter", None, "keep")) is None


def test_names_that_begin_so_come_before_names_that_hold_it():
    holds, begins = replace(lead(2), name="Joanna Berg"), replace(lead(3), name="Anna Zoe")
    pick = question(holds, begins, about=lead(1))
    typed(pick, "anna")
    assert [option.label for option in pick.found] == ["Anna Zoe", "Joanna Berg"]


async def test_of_many_people_the_one_whose_name_is_typed_gets_the_lead(session):
    people = tuple(Person(f"u-{number}", f"Person {number:02} Example") for number in range(30))
    async with running(session) as watch:
        watch.app.day.rulebook = replace(watch.app.day.rulebook, people=people)
        session.desk.people = lambda: people
        await watch.press("t")
        await watch.press(*"person", "space", *"17")
        await watch.press("enter")
        (decision,) = decided(session)
        assert (decision.act, decision.params["to"]) == (Act.REROUTE, "u-17")


def test_every_line_of_a_pick_fits_and_the_cursor_is_in_sight():
    options = [Option("", f"Name {number} " + "x" * 60, number, "detail " * 20) for number in range(200)]
    pick = Pick("Who?", narrowing(options), nothing="none")
    for _each in range(150):
        pick.press(Press("down"))
    for size in ((60, 8), (80, 14), (200, 40)):
        lines = pick.lines(Size(*size), INK)
        assert len(lines) <= size[1]
        assert all(line.width <= size[0] for line in lines)
        assert any(line.text.startswith("▌") and "Name 150 " in line.text for line in lines)


# The lead in full


async def test_x_copies_one_line_about_the_lead(session):
    async with running(session) as watch:
        await watch.go_to("L-0001")
        await watch.press("X")
        assert watch.app.clipboard.startswith(
            "Ada Park, Northwind Robotics (VP Operations) · score 72 A1 · from "
        )
        assert "Copied the line" in watch.foot()
        await watch.press("enter")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        watch.app.copy_to_clipboard("")
        await watch.press("X")
        assert watch.app.clipboard.startswith("Ada Park")


async def test_ctrl_e_takes_what_was_typed_to_the_editor_and_back(session):
    async with running(session) as watch:
        sent = []

        async def edited(text):
            sent.append(text)
            return "first line\nsecond \x1b[31mline"

        watch.app.day.asking.editor = edited
        await watch.press("n", *"abc", "ctrl+e")
        assert sent == ["abc"]
        assert "first line second" in watch.text()
        await watch.press("enter")
        (feedback,) = told(session)
        assert feedback.payload["text"].startswith("first line second")
        assert "\x1b" not in feedback.payload["text"]


async def test_an_editor_that_changes_nothing_leaves_the_text(session):
    async with running(session) as watch:

        async def unchanged(_text):
            return None

        watch.app.day.asking.editor = unchanged
        await watch.press("n", *"abc", "ctrl+e", "enter")
        assert [one.payload["text"] for one in told(session)] == ["abc"]


async def test_a_text_that_is_longer_than_can_be_kept_says_so(session):
    async with running(session) as watch:
        sent = []

        async def edited(text):
            sent.append(text)
            return "word " * 1000

        watch.app.day.asking.editor = edited
        await watch.press("n", "ctrl+e")
        assert "beyond 2,000 characters is left out" in watch.text()
        await watch.press("a")  # a key that has no place any more: the words stay
        assert "beyond 2,000 characters is left out" in watch.text()
        await watch.press("backspace", "backspace")
        assert "is left out" not in watch.text()
