"""Themes: readable on every ground, remembered, and never the only one to say something."""

from __future__ import annotations

from typing import get_args

import pytest
from msgspec.structs import replace

from config import load, write
from config.settings import Theme
from screens.cells import Line
from screens.foot import Connection, said_line, status_line
from screens.habits import Habits
from screens.inbox.table import row
from screens.ink import Inks
from screens.themes import CONTRAST, CONTRAST_LIGHT, DARK, IN_WORDS, LIGHT, LOOKS, NO_COLOUR, chosen
from screens.words import sla_in_words, sla_sign
from tests.screens.sample import NOW, rich_lead
from tests.screens.watching import drawn, running, until
from triage.desk.results import Status
from triage.domain.inbox import Entry
from triage.domain.item import State
from triage.errors import ConfigError

COLOURED = [look for look in LOOKS.values() if not look.is_colourless]
TEXTS = ("text", "dim", "accent", "good", "warn", "bad")


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.1."""

    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_reckoned_as_the_guideline_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("look", COLOURED, ids=lambda look: look.name)
@pytest.mark.parametrize("ground", ["ground", "raised", "cursor"])
def test_every_text_can_be_read_on_every_ground_and_every_rule_be_seen(look, ground):
    least = 7.0 if look in (CONTRAST, CONTRAST_LIGHT) else 4.5
    behind = getattr(look, ground)
    read = {name: contrast(getattr(look, name), behind) for name in TEXTS}
    assert min(read.values()) >= least, read
    assert contrast(look.faint, behind) >= 3.0


def test_there_is_a_dark_and_a_light_one_of_each_strength_and_each_is_told_in_words():
    assert [look.dark for look in (DARK, CONTRAST)] == [True, True]
    assert [look.dark for look in (LIGHT, CONTRAST_LIGHT)] == [False, False]
    assert set(IN_WORDS) == set(LOOKS)


def test_no_color_wins_over_what_was_chosen_and_an_empty_one_does_not():
    assert chosen("light", {"NO_COLOR": "1"}) == NO_COLOUR.name
    assert chosen("light", {"NO_COLOR": ""}) == LIGHT.name
    assert chosen("", {}) == DARK.name
    assert chosen("neon", {"COLORFGBG": "0;15"}) == DARK.name


def test_the_settings_know_the_themes_there_are_and_no_other():
    assert {*get_args(Theme)} == {"", *LOOKS} == {"", *IN_WORDS}


def test_the_theme_without_colour_has_no_colour_in_any_ink():
    inks = Inks.of(NO_COLOUR)
    for ink in (inks.plain, inks.cursor, inks.raised):
        styles = [getattr(ink, name) for name in (*TEXTS, "faint", "strong")]
        assert all(style.color is None and style.bgcolor is None for style in styles)


def lines_of_meaning() -> dict[str, tuple[Line, Line]]:
    """Pairs of lines that differ in what they mean, drawn without colour."""
    ink = Inks.of(NO_COLOUR).plain
    cursor = Inks.of(NO_COLOUR).cursor
    lead = rich_lead()
    late, asleep = replace(lead, sla_due_at=NOW.replace(hour=8)), replace(lead, sla_due_at=None)
    entry, others = Entry.of(lead), Entry.of(replace(lead, account=replace(lead.account, customer=False)))
    gone = Entry.of(lead, gone=True)
    well = Status({State.QUEUED: 1}, False, NOW, NOW, "", None)

    def list_row(entry: Entry, **how: bool) -> Line:
        return row(entry, NOW, 80, cursor if how.get("under_cursor") else ink, **how)

    def status(status: Status, connection: Connection) -> Line:
        return status_line(status, connection, profile="work", now=NOW, width=80, ink=ink)

    return {
        "deadline missed": (Line(*sla_sign(entry, NOW, ink)), Line(*sla_sign(Entry.of(late), NOW, ink))),
        "no deadline": (Line(*sla_sign(entry, NOW, ink)), Line(*sla_sign(Entry.of(asleep), NOW, ink))),
        "deadline in words": (
            Line(*sla_in_words(entry, NOW, ink)),
            Line(*sla_in_words(Entry.of(late), NOW, ink)),
        ),
        "cursor": (list_row(entry), list_row(entry, under_cursor=True)),
        "marked": (list_row(entry), list_row(entry, marked=True)),
        "gone": (list_row(entry), list_row(gone)),
        "badge": (list_row(entry), list_row(others)),
        "refused": (said_line("done", "", 80, ink), said_line("done", "", 80, ink, bad=True)),
        "offline": (status(well, Connection()), status(well, Connection(down_since=NOW))),
        "by choice": (status(well, Connection()), status(replace(well, offline=True), Connection())),
        "syncing": (status(well, Connection()), status(well, Connection(syncing="syncing"))),
        "needs you": (
            status(well, Connection()),
            status(replace(well, counts={State.CONFLICT: 1}), Connection()),
        ),
    }


@pytest.mark.parametrize("meaning", lines_of_meaning())
def test_what_a_colour_says_elsewhere_a_sign_or_a_word_says_without_it(meaning):
    one, other = lines_of_meaning()[meaning]
    assert one.text != other.text


async def test_without_colour_every_line_on_the_screen_is_in_the_terminals_own(session, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(session) as watch:
        for widget in watch.widgets():
            for strip in drawn(widget):
                assert all(not style.color and not style.bgcolor for _text, style, _ in strip if style)
        assert watch.app.current_theme.background == "ansi_default"


async def test_a_theme_is_chosen_in_the_palette_and_written_to_the_settings_with_comments_kept(
    session, tmp_path
):
    path = tmp_path / "config" / "config.toml"
    path.parent.mkdir(mode=0o700)
    path.write_text('# mine\n[ui]\n# for the sunny desk\ntheme = "dark"\n')
    habits = Habits(keep=lambda key, value: write.set_value(path, key, value))
    async with running(session, habits=habits, theme="dark") as watch:
        await watch.press("ctrl+p")
        await watch.type("theme: light")
        await watch.press("enter")
        await until(lambda: "light" in path.read_text())
        await watch.sees("Theme: light. It is remembered.")
        assert drawn(watch.app.screen.foot)[0]._segments[0].style.bgcolor.name == LIGHT.raised
    assert path.read_text() == '# mine\n[ui]\n# for the sunny desk\ntheme = "light"\n'
    assert load.settings(path, {}).ui.theme == "light"


async def test_a_theme_that_cannot_be_kept_is_shown_and_said(session):
    def full(_key: str, _value: object) -> None:
        raise ConfigError("config.toml was not saved: No space left on device.")

    async with running(session, habits=Habits(keep=full)) as watch:
        await watch.app.choose_theme("contrast")
        assert watch.app.day.inks == Inks.of(CONTRAST)
        assert "for now only" in watch.foot()
        assert "No space left" in watch.foot()


async def test_under_no_color_a_choice_is_remembered_and_not_drawn(session, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    kept = {}
    async with running(session, size=(120, 24), habits=Habits(keep=kept.__setitem__)) as watch:
        await watch.app.choose_theme("light")
        assert kept == {"ui.theme": "light"}
        assert watch.app.day.inks == Inks.of(NO_COLOUR)
        assert "NO_COLOR is set" in watch.foot()


async def test_the_hint_of_the_first_run_goes_with_the_first_decision_and_stays_away(session, monkeypatch):
    monkeypatch.setattr("screens.app.LOOK_EVERY", 0.05)
    kept = {}
    async with running(session, habits=Habits(keep=kept.__setitem__)) as watch:
        assert "all keys" in watch.text()
        await watch.press("j")
        assert kept == {}
        await watch.press("a")
        await until(lambda: kept == {"ui.hint_seen": True})


async def test_a_rep_who_has_decided_before_sees_no_hint_in_an_empty_queue(session):
    async with running(session, habits=Habits(hint_seen=True)) as watch:
        assert "all keys" not in watch.text()
        assert "SLA" in watch.text()
