"""Every field, screen, message and error full of payloads, in a real terminal: nothing of it is obeyed."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.corpus import HOSTILE, MARKUP
from tests.pty.hostile_bytes import CLIPBOARD, Watched, kind_of, leaks, sequences
from tests.pty.hostile_crm import ALL, PLAIN, TEXTS, HostileCrm, hostile_crm
from tests.terminal import PATIENCE, ROOT, Terminal
from triage.domain.views import STANDARD_VIEWS
from triage.insights.catalogue import NAMES

pytestmark = [pytest.mark.pty, pytest.mark.timeout(180)]
TRIAGE = (sys.executable, "-m", "triage")
ESCAPE = "\x1b[27u"
"""The key as the kitty protocol sends it: nothing has to be waited for."""
MARKUP_IN_NAMES = (HOSTILE.index(MARKUP[0]) - zlib.crc32(b".items.*.name")) % len(HOSTILE)
"""The turn in which the leads are called by the markup of the corpus."""
MARKED_UP = "[red]red[/red]"


class Rep:
    """A rep whose CRM lies, at a shell and in the app."""

    def __init__(self, crm: HostileCrm, home: Path) -> None:
        self.crm = crm
        self.environ = {**os.environ, "TRIAGE_HOME": str(home), "TRIAGE_TOKEN": crm.rep_token}
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR"):
            self.environ.pop(name, None)

    def run(self, *arguments: str) -> bytes:
        done = subprocess.run(
            [*TRIAGE, *arguments], cwd=ROOT, env=self.environ, capture_output=True, timeout=60, check=False
        )
        assert b"Traceback" not in done.stderr, done.stderr
        return done.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    @contextmanager
    def app(self, command: Sequence[str] = TRIAGE) -> Iterator[Watched]:
        """Open the app, which fetches by itself."""
        with Watched(list(command), env=self.environ) as screen:
            screen.wait_for(r"\[Inbox [1-9]\d*\].*")
            screen.wait_for("● online")
            yield screen


@contextmanager
def signed_in(folder: Path, mode: str, *, leads: int = 16, turn: int = 0) -> Iterator[Rep]:
    """Sign in to a CRM that tells the truth, and let it lie from the first fetch on."""
    with hostile_crm(leads) as crm:
        rep = Rep(crm, folder / mode)
        rep.run("login", "work", "--url", crm.url)
        crm.liar.mode, crm.liar.turn = mode, turn
        yield rep


def walk(screen: Terminal, rep: Rep) -> None:
    """Go through every screen, question and message there is; decisions and feedback are made on the way."""
    _read_leads(screen)
    _decide(screen)
    _look_everywhere(screen, rep)


def _look_everywhere(screen: Terminal, rep: Rep) -> None:
    _ask_everything(screen)
    _copy(screen)
    _find(screen)
    _be_refused(screen, rep)
    _read_what_was_done(screen)
    _read_the_numbers(screen)
    _lose_the_crm(screen, rep)


def _read_leads(screen: Terminal) -> None:
    for _lead in range(4):
        screen.press("enter")
        screen.wait_for("⏎ dispute")
        screen.press("G")
        screen.press("w")
        screen.press("q")
        screen.wait_for(r"\[Inbox")
        screen.press("j")


def _decide(screen: Terminal) -> None:
    screen.press("a")
    screen.wait_for("accepted.*u undoes")
    screen.press("r", "8")
    screen.wait_for("rejected.*u undoes")
    screen.press("y", "2")
    screen.wait_for("Enter keeps")
    screen.type("3d\r")
    screen.wait_for("recycled.*u undoes")
    screen.press("d")
    screen.wait_for("━ Disqualify")
    screen.press("7")
    screen.wait_until_gone("━ Disqualify")
    screen.press("o", "1")
    screen.wait_for("own words")
    screen.type("too dear\r")
    screen.wait_for("objection.*u undoes")
    screen.press("-")
    screen.wait_for("too high.*u undoes")


def _decide_if_possible(screen: Terminal) -> None:
    """Decide whatever lead it is: which act its state allows depends on the payloads."""
    screen.press("a")
    screen.wait_for("u undoes|✗ ")
    screen.press("r")
    screen.wait_for("━ Reject")
    screen.press("8", ESCAPE, "-")
    screen.wait_for("(too high|…).*u undoes")


def _ask_everything(screen: Terminal) -> None:
    """Open each question and leave it."""
    for key in ("r", "y", "d", "A", "t", "z", "f", "o", "c", "e", "m", "n", "K", "D"):
        screen.press(key)
        screen.wait_for("^━ ")
        screen.press(ESCAPE)
        screen.wait_until_gone("^━ ")
    screen.press("r", "tab")
    screen.wait_for("digit: edit")
    screen.press("1")
    screen.wait_for("which line")
    screen.press(ESCAPE)
    screen.wait_for("digit: edit")  # one step back
    screen.press(ESCAPE)
    screen.wait_until_gone("^━ ")
    screen.press("?")
    screen.wait_for("type to find")
    screen.press(ESCAPE)
    screen.wait_until_gone("type to find")


def _copy(screen: Terminal) -> None:
    for digit in "123456":
        screen.press("Y")
        screen.wait_for("━ Copy")
        screen.press(digit, "backspace")
        screen.wait_until_gone("━ Copy")
    screen.press("O")
    screen.wait_for("No browser can be seen")


def _find(screen: Terminal) -> None:
    """Mark, filter, sort, change views; look into the palette."""
    screen.press("space", "space")
    screen.wait_for("2 marked")
    screen.press(ESCAPE)
    screen.wait_until_gone("2 marked")
    screen.press("/")
    screen.wait_for("Enter keeps")
    screen.type("[red")
    screen.wait_for("shown|at ")
    screen.press("\x15")
    screen.type("source:")
    for _candidate in range(8):
        screen.press("tab")
    screen.press(ESCAPE)
    screen.wait_until_gone("Enter keeps")
    for _view in STANDARD_VIEWS:
        screen.press("tab")
    for order in "3670":
        screen.press("s")
        screen.wait_for("━ Sort by")
        screen.press(order)
        screen.wait_for("Sorted: ")
    screen.press("ctrl+p")
    screen.wait_for("a command, a view or a lead")
    screen.type("e e")
    screen.press(ESCAPE)
    screen.wait_for(r"\[Inbox")


def _be_refused(screen: Terminal, rep: Rep) -> None:
    """See an item refused, send it again and see it disagree with the CRM.

    The next answer is set before the item goes back to the queue: a sync may take it at any time from then on.
    """
    for outcome, following in (("refused", "conflict"), ("conflict", "")):
        rep.crm.liar.outcome = outcome
        screen.press("S")
        screen.wait_for("needs? you: Q")
        screen.press("Q")
        screen.wait_for(r"Queue  \d+ needs? you")
        screen.wait_for(outcome)
        screen.press("j", "j", "G", "g", "g")
        if following:
            rep.crm.liar.outcome = following
            screen.press("1")
            screen.wait_for("tried again")
        screen.press("q")
        screen.wait_for(r"\[Inbox")
    rep.crm.liar.outcome = ""


def _read_what_was_done(screen: Terminal) -> None:
    """Read history, replies and an item of the queue in full, and take a report of that item."""
    for key, title in (("H", "^ History  "), ("R", "^ Replies  ")):
        screen.press(key)
        screen.wait_for(title)
        screen.press("j", "G", "q")
        screen.wait_for(r"\[Inbox")
    screen.press("Q")
    screen.wait_for("^ Queue  ")
    screen.press("enter")
    screen.wait_for("^ *state ")
    screen.press("\x1b[6~", "Y")
    screen.wait_for("Copied the report")
    screen.press("q", "q")
    screen.wait_for(r"\[Inbox")


def _read_the_numbers(screen: Terminal) -> None:
    """Turn to each insight, and open the leads behind a line; then look at the rules."""
    screen.press("I")
    screen.wait_for("^ Insights  .*gathered")
    screen.press("enter")
    for number, _name in enumerate(NAMES, 1):
        screen.wait_for(rf"^ {number}/{len(NAMES)}  ")
        screen.press("G", "g", "g", "tab")
    screen.press("q")
    screen.wait_for("^ Insights  .*gathered")
    screen.press("q")
    screen.wait_for(r"\[Inbox")
    screen.press("v")
    screen.wait_for("^ What changed")
    screen.press("G", "q")
    screen.wait_for(r"\[Inbox")


def _lose_the_crm(screen: Terminal, rep: Rep) -> None:
    liar = rep.crm.liar
    for status, words in ((503, "not well"), (401, "not take the token"), (409, "409")):
        liar.failure = status
        screen.press("S")
        screen.wait_for(words)
    liar.failure, liar.kind = 0, "text/\x9b31m\x9dhtml".encode("latin-1")
    screen.press("S")
    screen.wait_for("JSON")
    liar.kind = b"application/json"
    screen.press("S")
    screen.wait_for("● online")


def clipboard_of(raw: bytes) -> list[str]:
    """Return what was written to the clipboard."""
    return [
        base64.b64decode(sequence.split(b";")[2].rstrip(b"\x07\x1b\\")).decode()
        for sequence in sequences(raw)
        if kind_of(sequence) == CLIPBOARD
    ]


def mutant(code: str) -> list[str]:
    """Return the program with something of it replaced: in this command line only, never in the product."""
    return [sys.executable, "-c", f"{code}; from triage.__main__ import main; main()"]


IDENTITY = mutant(
    "import triage.text as t; t.clean = lambda value, *, limit=200, multiline=False: value"
    " if isinstance(value, str) else str(value)"
)
MARKUP_ON = mutant(
    "import re, screens.palette.screen as p; really = p.say;"
    " p.say = lambda value, limit=200: re.sub(r'\\[[^]]*\\]', '', really(value, limit))"
)
"""A palette that draws a name as markup would: its tags are hidden."""


@pytest.fixture(scope="module")
def plain_run(tmp_path_factory) -> bytes:
    """What the app sends when all data is plain."""
    with signed_in(tmp_path_factory.mktemp("plain"), PLAIN) as rep, rep.app() as screen:
        walk(screen, rep)
        return bytes(screen.raw)


def test_no_payload_is_obeyed_on_any_screen_and_nothing_is_decided_by_one(plain_run, tmp_path):
    with signed_in(tmp_path, TEXTS, turn=MARKUP_IN_NAMES) as rep:
        with rep.app() as screen:
            look_up(screen, MARKED_UP)
            order = [lead["lead_id"] for lead in rep.json("list")]
            walk(screen, rep)
            raw = bytes(screen.raw)
        items = rep.json("queue", "list", "--all")
        assert len(rep.crm.liar.said) > len(HOSTILE) * 0.9
    assert leaks(raw, plain_run) == []
    made = Counter(item["act"] or item["type"] for item in items)
    assert made == {"accept": 1, "reject": 1, "recycle": 1, "objection": 1, "score_accuracy": 1} | (
        {"disqualify": 1} if "disqualify" in made else {}
    )
    where = {item["act"]: item["lead_id"] for item in items}
    assert [where[act] for act in ("accept", "reject", "recycle")] == order[4:7]
    copied = clipboard_of(raw)
    assert len(copied) >= 4
    assert all(character.isprintable() or character == "\n" for text in copied for character in text)


def test_a_crm_in_which_nothing_is_true_is_shown_and_survived(plain_run, tmp_path):
    with signed_in(tmp_path, ALL, leads=40) as rep:
        with rep.app() as screen:
            _read_leads(screen)
            screen.press("a")
            screen.wait_for("accepted|Not done|only|NOT")
            for key in ("r", "t", "Y"):
                screen.press(key, ESCAPE)
            screen.wait_until_gone("^━ ")
            screen.press("O", "S", "Q")
            screen.wait_for("Queue  ")
            raw = bytes(screen.raw)
        items = rep.json("queue", "list", "--all")
    assert leaks(raw, plain_run) == []
    assert len(items) <= 1


def look_up(screen: Terminal, name: str, patience: float = PATIENCE) -> None:
    """Look for a lead in the palette; its name has to stand there letter by letter."""
    screen.press("ctrl+p")
    screen.wait_for("a command, a view or a lead")
    screen.type(max(re.findall("[a-z]+", name), key=len))
    screen.wait_for(re.escape(f"Lead: {name}"), patience=patience)
    screen.press(ESCAPE)
    screen.wait_until_gone(re.escape(f"Lead: {name}"))


def test_the_check_of_markup_sees_markup_that_is_on(tmp_path):
    with (
        signed_in(tmp_path, TEXTS, turn=MARKUP_IN_NAMES) as rep,
        rep.app(MARKUP_ON) as screen,
        pytest.raises(AssertionError, match="Lead: red"),
    ):
        look_up(screen, MARKED_UP, patience=2)


def test_the_check_sees_text_that_was_not_cleaned(plain_run, tmp_path):
    with signed_in(tmp_path, TEXTS) as rep, Watched(IDENTITY, env=rep.environ) as screen:
        screen.wait_for(r"Inbox|Traceback|Error")
        for _look in range(200):
            screen.press("j")
            screen._read(0.1)  # what comes of it, if something comes
            if told := leaks(bytes(screen.raw), plain_run):
                break
        assert told


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_every_payload_in_every_field_of_a_lead_is_shown_harmless(plain_run, tmp_path):
    with signed_in(tmp_path, TEXTS, leads=len(HOSTILE) + 3) as rep, rep.app() as screen:
        for _lead in range(len(HOSTILE) + 3):
            screen.press("enter")
            screen.wait_for("⏎ dispute")
            screen.press("G", "w", "q")
            screen.wait_for(r"\[Inbox")
            screen.press("Y")
            screen.wait_for("━ Copy")
            screen.press("1", ESCAPE, "j")
            screen.wait_until_gone("━ Copy")
        assert leaks(bytes(screen.raw), plain_run) == []
        assert rep.json("queue", "list", "--all") == []


@pytest.mark.soak
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("turn", range(0, len(HOSTILE), 12))
def test_every_payload_in_every_rule_error_and_refusal_is_shown_harmless(plain_run, tmp_path, turn):
    with signed_in(tmp_path, TEXTS, turn=turn) as rep, rep.app() as screen:
        _read_leads(screen)
        _decide_if_possible(screen)
        _look_everywhere(screen, rep)
        assert leaks(bytes(screen.raw), plain_run) == []
