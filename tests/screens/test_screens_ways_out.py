"""A question says its ways out in the rep's own keys, wherever they stand, and what it says can be clicked."""

from __future__ import annotations

import pytest
from textual.geometry import Size

from screens.actions import default_keys
from screens.asking.pointing import key_at
from screens.asking.questions import Choose, Confirm, Option, Press, Type
from screens.ink import Inks
from screens.lead.screen import LeadScreen
from screens.telling.flows import content_field
from screens.themes import DARK
from tests.screens.watching import running, until

INK = Inks.of(DARK).raised
OWN = {
    **default_keys(),
    "confirm": "f9",
    "leave": "f10",
    "edit": "f2",
    "keep": "f5",
    "leave_text": "f6",
    "complete": "f7",
    "clear": "f8",
    "dispute": "f4",
}
SHIPPED = ("Enter", "Esc", "Tab")


def said(watch) -> list[str]:
    """What stands in the head of the open question, and in the bars."""
    return [line for line in watch.lines() if line.startswith("━ ")] + [watch.foot(), watch.status()]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (("r",), ("F2 edits", "F10 leaves")),
        (("o",), ("F2 a question heard", "F10 leaves")),
        (("n",), ("F5 keeps", "F6 leaves")),
        (("c",), ("take by digit", "F6 leaves")),
        (("c", *"a guide"), ("F5 asks", "F7 what kind, for whom", "F6 leaves")),
        (("t",), ("digit or F5 takes", "F6")),
        (("slash",), ("F5 keeps", "F6 clears")),
        (("slash", *"source:w"), ("F7 completes",)),
        (("slash", *"source:", "f7"), ("F7 next",)),
        (("asterisk", "a"), ("F9 confirms", "F10 leaves")),
        (("question_mark",), ("F6 leaves",)),
        (("ctrl+p",), ("F5", "F6 leaves")),
    ],
)
async def test_every_question_names_the_reps_own_keys_and_no_shipped_one(session, keys, words):
    async with running(session, size=(110, 30), keymap=OWN) as watch:
        await watch.press(*keys)
        text = "\n".join(said(watch))
        assert [one for one in words if one not in text] == [], text
        assert not [one for one in SHIPPED if one in text], text


async def test_the_keys_that_are_named_are_those_that_work(session):
    async with running(session, keymap=OWN) as watch:
        for opens, leaves in (("r", "f10"), ("n", "f6"), ("slash", "f6"), ("question_mark", "f6")):
            await watch.press(opens)
            assert watch.app.day.asking.question is not None
            await watch.press(leaves)
            assert watch.app.day.asking.question is None, opens
        await watch.press("c", *"a guide", "f7")
        assert "Content: what kind of asset" in watch.text()


async def test_a_line_of_the_score_is_disputed_by_the_key_that_the_lead_names(session):
    async with running(session, size=(100, 50), keymap=OWN) as watch:
        await watch.go_to("L-0001")
        await watch.press("enter")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        assert "F4 on a line disputes it" in watch.text()
        await watch.press("home", "f4")
        assert "F4 disputes it" in watch.foot()


@pytest.mark.parametrize("keymap", [default_keys(), OWN], ids=["shipped", "own"])
@pytest.mark.parametrize(
    ("question", "action"),
    [
        (Choose("Which?", [Option("1", "this", 1)]), "leave"),
        (Confirm("Really?", ["All of it."]), "confirm"),
        (Confirm("Really?", ["All of it."]), "leave"),
        (Type("What?"), "keep"),
        (Type("What?"), "leave_text"),
    ],
)
def test_a_click_on_what_is_said_of_a_key_is_that_key(question, action, keymap):
    question.keymap = keymap
    (head, *_body) = lines = question.lines(Size(80, 6), INK)
    verb = {"confirm": " confirms", "keep": " keeps"}.get(action, " leaves")
    column = head.text.index(verb)
    assert key_at(question, lines, 0, column, keymap) == keymap[action].split(",")[0]
    assert key_at(question, lines, 0, 3, keymap) == ""


@pytest.mark.parametrize("name", ["asset_type", "persona", "needed_by"])
@pytest.mark.parametrize(("asks", "verb"), [(False, "keeps"), (True, "confirms")])
def test_the_head_of_a_content_request_says_all_it_says_in_whole_words(name, asks, verb):
    head = content_field(name, Type("", asks=asks)).lines(Size(80, 5), INK)[0].text
    assert "…" not in head
    assert f"Enter {verb}" in head


def test_where_not_all_keys_fit_the_last_ones_are_left_out_whole():
    question = Type("A question", tab="also the next")
    assert question.lines(Size(55, 5), INK)[0].text.endswith(" Tab also the next · Enter keeps ")
    assert question.lines(Size(80, 5), INK)[0].text.endswith(" Enter keeps · Esc leaves ")


def test_tab_goes_on_by_its_action_and_not_by_its_key():
    question = Type("What?", tab="also when")
    assert question.press(Press("f7", None, "complete")) is not None
    assert question.press(Press("tab")) is None
