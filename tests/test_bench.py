"""The bench tells the truth: a known delay is seen, a missing effect is a miss, and a miss breaks the line."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import __main__ as table
from bench.effort import FULL, QUICK, Effort
from bench.fetching import title_of
from bench.leads import MARKED, MARKED_LEADS, WORD, believable
from bench.peers.programs import Peer, followed, highlighted
from bench.peers.race import _race
from bench.ratios import Ratio, percentile, print_table
from bench.screen import Screen, brief_of, briefed, text_of
from bench.starting import Program, start
from bench.stopwatch import Stopwatch

DELAY = 0.2
ANSWERS = """
import os, time, tty
tty.setcbreak(0)
print("ready", flush=True)
pressed = 0
while os.read(0, 1):
    pressed += 1
    {answer}
"""
AT_ONCE = 'print(f"pressed {pressed} .", flush=True)'
LATE = f"time.sleep({DELAY}); {AT_ONCE}"
NEVER = "pass"
SOMETHING_ELSE = 'print("busy", flush=True)'
IN_TWO_PARTS = f'print("LEAD 00001", flush=True); time.sleep({DELAY}); print("LEAD 00001", flush=True)'


def program(answer: str) -> list[str]:
    return [sys.executable, "-c", ANSWERS.format(answer=answer)]


def watched(answer: str, seen, *, presses: int = 1, limit: float = 20.0) -> Stopwatch:
    """Press a key of a small program so often; return the stopwatch."""
    with Screen(program(answer)) as screen:
        screen.wait_for("ready")
        watch = Stopwatch(screen, limit=limit)
        for number in range(1, presses + 1):
            watch.press("j", seen(number))
        return watch


def pressed(number: int):
    return text_of(f"pressed {number} ")


def test_a_known_delay_is_what_the_stopwatch_shows():
    watch = watched(LATE, pressed, presses=3)
    assert watch.misses == 0
    assert len(watch.samples) == 3
    assert all(DELAY <= seconds < DELAY + 5 for seconds in watch.samples)


def test_an_answer_at_once_takes_less_than_a_late_one():
    assert watched(AT_ONCE, pressed, presses=5).at(0) < DELAY <= watched(LATE, pressed).at(0)


@pytest.mark.parametrize("answer", [NEVER, SOMETHING_ELSE], ids=["nothing comes", "something else comes"])
def test_an_effect_that_never_comes_is_a_miss_and_no_sample(answer):
    watch = watched(answer, pressed, presses=2, limit=0.3)
    assert (watch.misses, watch.samples) == (2, [])
    assert watch.words == "never seen"


def test_a_program_that_has_ended_is_a_miss():
    with Screen([sys.executable, "-c", "print('ready')"]) as screen:
        screen.wait_for("ready")
        screen.wait_for_exit()
        watch = Stopwatch(screen, limit=0.3)
        watch.press("j", pressed(1))
    assert watch.misses == 1


def test_an_effect_counts_when_all_of_it_is_there_not_when_the_first_part_is():
    watch = watched(IN_TWO_PARTS, lambda _number: brief_of(1))
    assert watch.misses == 0
    assert watch.samples[0] >= DELAY


def test_a_start_is_usable_when_the_first_key_has_had_its_effect():
    late = Program(program(LATE), text_of("ready"), pressed(1), b"ready")
    begun = start(late, {})
    assert begun is not None
    assert begun.usable >= begun.ready + DELAY


def test_a_start_whose_key_is_never_answered_is_none():
    assert start(Program(program(NEVER), text_of("ready"), pressed(1), b"ready"), {}, limit=1.5) is None


def test_a_key_is_pressed_again_when_it_was_thrown_away():
    code = "import time, termios; print('ready', flush=True); time.sleep(.4); termios.tcflush(0, termios.TCIFLUSH)"
    command = [sys.executable, "-c", code + ANSWERS.format(answer=AT_ONCE)]
    assert start(Program(command, text_of("ready"), text_of("pressed "), b"ready"), {}) is not None


def test_a_lead_is_briefed_when_list_and_brief_name_it():
    assert briefed("LEAD 00001\nLEAD 00002  ─ LEAD 00002 ─\nLEAD 00003") == {2}
    assert briefed("LEAD 00001\nLEAD 00002") == set()


def test_the_row_drawn_in_another_way_is_the_one_under_the_cursor():
    code = r"print('LEAD 00000\r\n\x1b[7mLEAD 00001\x1b[0m\r\nLEAD 00002\r\nready', flush=True); input()"
    with Screen([sys.executable, "-c", code]) as screen:
        screen.wait_for("ready")
        text = screen.text
        assert highlighted(screen, 1)(text)
        assert not highlighted(screen, 0)(text)
        assert not highlighted(screen, 2)(text)


def test_the_place_where_the_brief_names_its_lead_is_found_though_it_names_another_too():
    on_first = "> Ada   | Ada, Acme\n  Bob   | sibling: Bob"
    on_second = "  Ada   | Bob, Acme\n> Bob   | sibling: Ada"
    shows_first, shows_second = title_of(on_first, on_second, "Ada", "Bob")
    assert shows_first(on_first)
    assert not shows_first(on_second)
    assert shows_second(on_second)
    assert not shows_second(on_first)


def test_no_row_is_under_the_cursor_when_none_is_drawn_in_another_way():
    with Screen(
        [sys.executable, "-c", r"print('LEAD 00000\r\nLEAD 00001\r\nready', flush=True); input()"]
    ) as screen:
        screen.wait_for("ready")
        assert not highlighted(screen, 0)(screen.text)


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        (Ratio("a", "b", 1.5, at_most=1.5), False),
        (Ratio("a", "b", 1.6, at_most=1.5), True),
        (Ratio("a", "b", 5.0, at_least=5), False),
        (Ratio("a", "b", 4.9, at_least=5), True),
        (Ratio("a", "b", 99.0), False),
        (Ratio("a", "b", 1.0, at_most=1.5, misses=1), True),
        (Ratio("a", "b", None, at_most=1.5), True),
        (Ratio("a", "b", None, at_most=1.5, not_measured="not installed"), False),
    ],
    ids=["held", "over", "reached", "under", "no demand", "one miss", "no figure", "not measured"],
)
def test_a_line_is_broken_by_its_figure_a_miss_or_no_figure(line, broken):
    assert line.broken is broken
    assert ("BROKEN" in line.words) is broken


def test_the_table_counts_what_is_broken_and_says_why_a_line_was_not_measured(capsys):
    lines = [
        Ratio("a", "b", 9, at_most=1),
        Ratio("c", "d", None, at_most=1, not_measured="not installed: so"),
    ]
    assert print_table(lines) == 1
    assert "not measured (not installed: so)" in capsys.readouterr().out


def test_a_peer_that_is_not_installed_is_said_and_breaks_nothing(tmp_path: Path):
    line = _race(Peer("visidata", None, followed, at_least=2.0), tmp_path, {}, 6)
    assert not line.broken
    assert "not measured (not installed: python -m bench.peers)" in line.words
    assert line.demand == "≥ 2×"


def test_a_section_that_fails_is_a_broken_line_and_the_others_still_run(monkeypatch, capsys):
    def failing(_effort):
        raise TimeoutError("nothing came")

    sections = {"keys": failing, "store": lambda _effort: iter([Ratio("a", "b", 1.0, at_most=2)])}
    monkeypatch.setattr(table, "_section", sections.__getitem__)
    monkeypatch.setattr(sys, "argv", ["bench", "keys", "store"])
    assert table.main() == 1
    said = capsys.readouterr()
    assert "failed: TimeoutError: nothing came" in said.out
    assert "≤ 2×" in said.out
    assert "Traceback" in said.err


def test_a_table_that_holds_ends_with_zero(monkeypatch, capsys):
    monkeypatch.setattr(
        table, "_section", lambda _name: lambda _effort: iter([Ratio("a", "b", 1.0, at_most=2)])
    )
    monkeypatch.setattr(sys, "argv", ["bench", "store"])
    assert table.main() == 0
    assert "no demand(s) broken" in capsys.readouterr().out


def test_a_section_that_does_not_exist_is_refused_with_those_that_do(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bench", "speed"])
    with pytest.raises(SystemExit) as ended:
        table.main()
    assert ended.value.code == 2
    assert "filtering" in capsys.readouterr().err


@pytest.mark.parametrize("name", table.SECTIONS)
def test_every_section_can_be_run(name):
    assert callable(table._section(name))


def searched(count: int) -> list[str]:
    """Return what a plain word of a filter is looked for in, lead by lead."""
    leads = believable(count, datetime.now(UTC))
    parts = (
        (one.name, one.company, one.title, one.email, one.source, one.lead_id, one.city) for one in leads
    )
    return [" ".join(part).casefold() for part in parts]


def test_each_letter_of_the_word_brings_another_lead_to_the_top():
    texts = searched(60)
    tops = [
        next(number for number, text in enumerate(texts) if WORD[:letters] in text)
        for letters in range(1, len(WORD) + 1)
    ]
    assert tops == list(range(1, len(WORD) + 1))


def test_the_marked_leads_are_as_many_as_is_said():
    assert sum(MARKED in text for text in searched(3_000)) == MARKED_LEADS


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0, 1))
def test_a_percentile_is_one_of_the_values_and_so_many_are_not_above_it(values, share):
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)


@given(st.integers(1, 1_000))
def test_a_quick_run_takes_fewer_samples_and_never_none(count):
    assert 1 <= QUICK.of(count, least=1) <= FULL.of(count) == count
    assert Effort(0.5).of(count, least=3) >= min(3, count)
