"""What a terminal answers, pastes and reports is never a decision: in a real terminal, on every screen."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from screens.terminal.keyboard import LONGEST_PASTE, ReplyParser
from tests.embedded_server import running_server
from tests.pty.test_hostile_screens import ESCAPE, Rep, mutant
from tests.terminal import Terminal

pytestmark = [pytest.mark.pty, pytest.mark.timeout(150)]
PATIENCE = 60.0
ST = "\x1b\\"
REPLIES = (
    f"\x1b]lyyy{ST}",
    f"\x1b]Laaauuu{ST}",
    "\x1b[?62;4;6;22c",
    "\x1b[>0;276;0c",
    "\x1b[?1;2c",
    "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c",
    "\x1b[?" + "1;" * 60 + "28c",
    "\x1b]52;c;YWFyOHlhYQ==\x07",
    f"\x1b]52;c;YWFyOA=={ST}",
    f"\x1b]10;rgb:aaaa/aaaa/aaaa{ST}\x1b]11;rgb:dddd/dddd/dddd\x07",
    f"\x1b]4;1;rgb:aaaa/aaaa/aaaa{ST}",
    f"\x1bP1$r0m{ST}",
    f"\x1bP1$r2 q{ST}",
    f"\x1bP>|XTerm(370) aaa{ST}",
    f"\x1bP1+r544e=787465726d{ST}",
    f"\x1bP!|00000000{ST}",
    f"\x1b_Gi=31;OK aaa{ST}",
    "\x1b[8;24;80t\x1b[4;600;800t\x1b[3;0;0t",
    "\x1b[0n\x1b[?13n\x1b[?15;1;0n",
    "\x1b[24;80R",
    "\x1b[?2026;2$y\x1b[?2048;0$y\x1b[12;2$y",
    "\x1b[?0u",
    "\x1b[?1;0;256S",
    "\x1b[1;1;0;255;255x",
    "\x1b[I\x1b[O\x1b[I",
    "\x1b[9999999999999u",
    "\x1bOz",
)
DECIDING = "ar8y1d1u.-=+\r"


@contextmanager
def rep_with_leads(folder: Path, leads: int = 12) -> Iterator[Rep]:
    with running_server(leads=leads) as crm:
        rep = Rep(crm, folder / "home")  # type: ignore[arg-type]  # a token and an address are all it is asked for
        rep.run("login", "work", "--url", crm.url)
        yield rep


def parsed(*chunks: str) -> list[Message]:
    """Return what comes of input that is read in these pieces, and of a pause after it."""
    parser = ReplyParser()
    found = [message for chunk in chunks for message in parser.feed(chunk)]
    parser._heard_at -= 60
    parser._timeout_time = 0.0 if parser._timeout_time is not None else None
    return [*found, *parser.tick()]


def keys_of(*chunks: str) -> list[str]:
    return [message.key for message in parsed(*chunks) if isinstance(message, events.Key)]


@pytest.mark.parametrize("reply", REPLIES, ids=ascii)
def test_no_reply_is_a_key_wherever_it_is_cut(reply):
    assert keys_of(reply) == []
    for cut in range(1, len(reply)):
        assert keys_of(reply[:cut], reply[cut:]) == [], cut
    assert keys_of(f"{reply}j{reply}k") == ["j", "k"]


@pytest.mark.parametrize(
    "typed", ["\x1b[A", "\x1b[1;5A", "\x1b[?62;4;6;22c", "\x1b[97;1;97u", "\x1b[<0;5;5M"], ids=ascii
)
def test_a_line_that_is_slow_in_the_middle_of_a_sequence_changes_nothing(typed):
    for cut in range(len("\x1b[") + 1, len(typed)):
        parser = ReplyParser()
        found = list(parser.feed(typed[:cut]))
        parser._timeout_time = 0.0
        found += [*parser.tick(), *parser.feed(typed[cut:])]
        assert [repr(one) for one in found] == [repr(one) for one in parsed(typed)], cut


def test_a_sequence_that_is_broken_off_types_nothing_out_and_hides_no_escape():
    assert keys_of("\x1b[1;5\x1b[A\x1b[24;80R\x1b") == ["up", "escape"]
    assert keys_of("\x1b[?62;4") == []


@given(st.lists(st.sampled_from([*REPLIES, "j", "\x1b[A", "\x1b[97;1;97u", "é"]), max_size=6), st.data())
def test_keys_between_replies_are_all_there_and_in_order(typed, data):
    names = {"j": "j", "\x1b[A": "up", "\x1b[97;1;97u": "a", "é": "é"}
    text = "".join(typed)
    cut = data.draw(st.integers(0, len(text)))
    assert keys_of(*(part for part in (text[:cut], text[cut:]) if part)) == [
        names[one] for one in typed if one in names
    ]


@pytest.mark.parametrize(
    "text",
    [
        DECIDING * 3,
        "two\r\nlines\na",
        "\x1b[31m" + "a" * 80,
        "\x1b]0;aaa",
        "\x1b" * 40 + "aaa",
        "x\x1b[200~aaa",
        "",
        "\ud800",
    ],
    ids=ascii,
)
def test_a_paste_is_one_paste_and_no_key_whatever_is_in_it(text):
    pasted = f"\x1b[200~{text}\x1b[201~"
    for cut in range(1, len(pasted)):
        found = parsed(pasted[:cut], pasted[cut:], "j")
        assert [one.key for one in found if isinstance(one, events.Key)] == ["j"]
        pastes = [one.text for one in found if isinstance(one, events.Paste)]
        assert len(pastes) == bool(text)
        assert all(character.isprintable() or character == "\n" for one in pastes for character in one)


def test_a_huge_paste_is_bounded():
    (paste,) = parsed("\x1b[200~" + "a" * 300_000 + "\x1b[201~")
    assert isinstance(paste, events.Paste)
    assert len(paste.text) == LONGEST_PASTE


def test_neither_a_lone_alt_bracket_nor_a_paste_without_an_end_locks_the_keyboard():
    for begun in ("\x1b]", "\x1bP", "\x1b_", "\x1b[200~", "\x1b]52;c;", "\x1b[", "\x1b[?" + "1;" * 30):
        parser = ReplyParser()
        list(parser.feed(begun))
        parser._heard_at -= 60
        parser._timeout_time = 0.0 if parser._timeout_time is not None else None
        list(parser.tick())
        assert [one.key for one in parser.feed("j") if isinstance(one, events.Key)] == ["j"], begun


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("\x1b", ["escape"]),
        ("\x1bj", ["alt+j"]),
        ("\x1ba\x1ba\x1b[A", ["alt+a", "alt+a", "up"]),
        ("\x1b\x1b[A", ["escape", "up"]),
        ("\x1b[A\x1bOB", ["up", "down"]),
        ("\x1b[[A\x1b[3$\x1b[15~", ["f1", "shift+delete", "f5"]),
        ("\x1b[27u\x1b[13u", ["escape", "enter"]),
        ("\x1b[0;;20320:22909:19990:30028:20320:22909uj", [*"你好世界你好", "j"]),
    ],
    ids=ascii,
)
def test_keys_that_are_sequences_are_still_keys(typed, keys):
    assert keys_of(typed) == keys


def test_mouse_focus_and_mode_reports_come_through():
    kinds = [type(one).__name__ for one in parsed("\x1b[<0;5;5M\x1b[I\x1b[?2026;2$y")]
    assert kinds == ["MouseDown", "AppFocus", "TerminalSupportsSynchronizedOutput"]


SCREENS = {
    "inbox": ("", r"\[Inbox"),
    "lead": ("\r", "⏎ dispute"),
    "reasons": ("r", "━ Reject"),
    "confirm": ("*a", r"━ Accept \d+ leads"),
    "filter": ("/", "Enter keeps"),
    "queue": ("Q", "Nothing is waiting"),
    "help": ("?", "type to find"),
}
"""Screen or question → the keys that open it from the inbox, and how it is recognised."""


def open_screen(screen: Terminal, name: str) -> None:
    keys, sign = SCREENS[name]
    screen.type(keys)
    screen.wait_for(sign, patience=PATIENCE)


_number = itertools.count()


def barrier(screen: Terminal) -> None:
    """Wait until all that was sent has been taken: a filter typed after it is there, and goes again."""
    word = f"mark{next(_number)}"
    screen.press(ESCAPE, ESCAPE, ESCAPE, "/", *word)
    screen.wait_for(f"/ {word}", patience=PATIENCE)
    screen.press(ESCAPE)
    screen.wait_until_gone(word, patience=PATIENCE)


@pytest.fixture(scope="module")
def at_work(tmp_path_factory) -> Iterator[tuple[Rep, Terminal]]:
    """A rep's app that has leads and an empty queue, and stays so."""
    with rep_with_leads(tmp_path_factory.mktemp("rep"), leads=24) as rep, rep.app() as screen:
        yield rep, screen


@pytest.fixture
def terminal(at_work) -> Iterator[Terminal]:
    """The app's terminal; after the test nothing may have been decided, and the app still answers."""
    rep, screen = at_work
    yield screen
    barrier(screen)
    assert rep.json("queue", "list", "--all") == []


@pytest.mark.parametrize("name", SCREENS)
def test_no_reply_and_no_paste_decides_anything_on_any_screen(terminal, name):
    open_screen(terminal, name)
    for reply in REPLIES:
        terminal.type(reply)
    barrier(terminal)
    open_screen(terminal, name)
    terminal.type(f"\x1b[200~{DECIDING}\n8\r{DECIDING}\x1b[201~")
    terminal.type("\x1b[200~\x1b[31m" + "a" * 60 + "\x1b[201~")


def test_a_mouse_storm_over_list_and_brief_decides_nothing(terminal):
    for number in range(1500):
        column, line = 1 + number * 7 % 80, 1 + number * 3 % 22
        terminal.type(f"\x1b[<{(35, 0, 64, 65, 2)[number % 5]};{column};{line}M\x1b[<0;{column};{line}m")


def test_bytes_that_are_no_text_do_not_end_the_app(terminal):
    os.write(terminal.handle, b"\xff\xfe\x9b31m\x9dyyy\x9c\xc3(")


def test_ten_thousand_keys_are_taken_in_order_and_lose_nothing(terminal):
    terminal.type("/")
    terminal.wait_for("Enter keeps", patience=PATIENCE)
    for _burst in range(100):
        terminal.type("x\x7fy\x1b[D\x1b[3~" * 20)
        terminal.wait_for("/ ")
    terminal.type("end")
    terminal.wait_for("/ end", patience=PATIENCE)


def test_the_check_sees_what_the_toolkit_makes_of_a_reply(tmp_path):
    command = mutant("import screens.terminal.keyboard as k; k.driver_class = lambda: None")
    with rep_with_leads(tmp_path) as rep, rep.app(command) as screen:
        # Of three keys at once the last may be refused unseen, and its message covers what the first one did.
        until = time.monotonic() + PATIENCE
        while not rep.json("queue", "list", "--all"):
            assert time.monotonic() < until, screen.text
            screen.type("\x1b]laaa\x1b\\")
            screen.wait_for("u undoes|✗ ", patience=PATIENCE)
