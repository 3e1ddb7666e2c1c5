from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from textual.geometry import Size

from screens.asking.draft import Draft
from screens.asking.questions import Choose, Option
from screens.cells import Line, crop, fit, say, wrap
from screens.foot import Connection, keys_line, said_line, status_line
from screens.inbox.arrangement import SMALLEST, arrange
from screens.inbox.table import columns_for, heading, row
from screens.inbox.tray import Tray
from screens.ink import Inks
from screens.lead.brief import brief_lines
from screens.lead.page import lead_lines, lead_page
from screens.panels.agreement import definition_panel
from screens.panels.glance import Glance
from screens.panels.marketing import campaign_line
from screens.panels.score import bar, score_panel
from screens.themes import DARK
from screens.widgets.lead_list import LeadList
from screens.words import points, signed, sla_sign
from tests.screens.sample import HOSTILE, NOW, STATISTICS, hostile_lead, lead, rich_lead, score
from tests.screens.stage import RULES
from triage.desk.results import Status
from triage.domain.inbox import Entry
from triage.domain.item import State
from triage.domain.outline import Outline
from triage.domain.share import wilson
from triage.store.rows import lead_of_outline

INK = Inks.of(DARK).plain
WIDTHS = (60, 80, 94, 120, 160, 200)


def glance(one, width: int) -> Glance:
    sources = {found.source: found for found in STATISTICS}
    return Glance(Entry.of(one), RULES.definition, NOW, width, INK, sources)


def text_of(lines) -> str:
    return "\n".join(line.text for line in lines)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_row_is_never_wider_than_the_list(width):
    for number in range(20):
        drawn = row(Entry.of(lead(number)), NOW, width, INK, marked=True, under_cursor=True)
        assert cell_len(drawn.text) <= width
    assert cell_len(heading(width, INK).text) <= width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("payload", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_in_its_cells_and_sends_nothing_a_terminal_obeys(payload, width):
    awkward = hostile_lead(1, payload)
    look = glance(awkward, width)
    lines = [row(Entry.of(awkward), NOW, width, INK), *brief_lines(look, 14), *brief_lines(look, 45)]
    lines += [line for line, _label in lead_lines(look)]
    for line in lines:
        shown = line.strip(width, INK.text).text
        assert cell_len(shown) == width, shown
        assert all(character.isprintable() for character in shown), shown


def test_a_line_lets_nothing_through_that_a_terminal_obeys():
    line = Line("a\x1b[31m").add("\ud800\x9b")
    assert all(character.isprintable() for character in line.text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.integers(1, 40))
def test_text_is_fitted_to_exactly_the_cells_it_is_given(text, width):
    shown = say(text)
    assert cell_len(fit(shown, width)) == width
    assert cell_len(crop(shown, width)) <= width
    assert all(cell_len(line) <= width or len(line) == 1 for line in wrap(shown, width))


@pytest.mark.parametrize(("width", "height"), [(60, 8), (60, 14), (80, 8), (80, 14), (60, 45), (84, 45)])
def test_a_brief_fits_its_room_and_keeps_score_and_reasons(width, height):
    lines = brief_lines(glance(rich_lead(), width), height)
    assert len(lines) <= height
    assert all(cell_len(line.text) <= width for line in lines)
    assert "72" in text_of(lines)
    assert "demo request form" in text_of(lines)
    assert "10 base" in text_of(lines)


def test_the_brief_of_80_by_24_says_all_that_a_decision_needs():
    said = text_of(brief_lines(glance(rich_lead(), 80), 14))
    for words in (
        "assigned 2h ago", "! SLA in 41m", "not contacted", "MQL by demo request", "ada.park@northwind.example",
        "+49 30 5550 123", "Berlin, DE 11:00", "profiles.ex", "★ Compared two plans", "campaign", "Spring webinar",
        "tipped by", "Asked for a demo", "nurture", "Evaluate 3/5", "next Wed", "recycled", "Kim Weber", "asset",
        "ROI calculator", "ask", "What does a picking error cost", "SCORE 72", "+22", "MQL v4", "CUST SIB RE",
    ):  # fmt: skip
        assert words in said, words


def test_a_score_says_how_it_adds_up():
    (total, *parts) = score_panel(glance(rich_lead(), 78), 4)
    assert total.text == "SCORE 72 A ▲8 = 10 base +37 +25 in 4 more"
    assert parts[0].text == "fit 61 (A) · engagement 80 (1) · model m7 · 2h ago"
    assert [line.text.split()[0] for line in parts[1:]] == ["+22", "+15"]


def test_a_score_that_does_not_add_up_says_by_how_much():
    crooked = replace(rich_lead(), score=score(residual=-3))
    assert "−3 points are unexplained" in text_of(score_panel(glance(crooked, 78), 5))


def test_a_lead_without_a_score_has_an_unknown_one_never_zero():
    unscored = replace(rich_lead(), score=None)
    assert "unknown" in text_of(brief_lines(glance(unscored, 80), 14))
    assert "?" in row(Entry.of(unscored), NOW, 80, INK).text


def test_bars_differ_by_sign_without_colour():
    assert set(bar(5, 10, 8).strip()) == {"━"}
    assert set(bar(-5, 10, 8).strip()) == {"╍"}
    assert len(bar(10, 10, 8).strip()) == 8


def test_a_deadline_reads_without_colour():
    due = rich_lead()
    late = replace(due, sla_due_at=NOW.replace(hour=8))
    early = replace(due, sla_due_at=NOW.replace(hour=20))
    assert [sla_sign(Entry.of(one), NOW, INK)[0] for one in (late, due, early)] == ["‼  2h", "! 41m", "10h"]


@pytest.mark.parametrize("context", ["inbox", "lead", "queue"])
@pytest.mark.parametrize("width", [60, 80])
def test_the_footer_fits_with_all_its_keys(context, width):
    line, places = keys_line(context, {}, width, INK)
    assert line.width <= width
    assert len(places) <= 7
    assert places[-1][2].id in ("help", "quit")


def test_a_message_that_is_too_long_keeps_the_way_back():
    line = said_line("3 rejected because " + "of this and that " * 9, "u undoes", 60, INK)
    assert line.width <= 60
    assert line.text.endswith("… · u undoes")


def test_the_status_bar_says_what_is_unsent_and_what_needs_the_rep():
    status = Status({State.QUEUED: 3, State.CONFLICT: 1}, False, NOW, NOW, "", None)
    line = status_line(status, Connection(), profile="work", now=NOW, width=80, ink=INK)
    assert "● online" in line.text
    assert "‼ 1 needs you: Q" in line.text
    assert "3 unsent" in line.text
    assert line.text.endswith("just now · work ")


@pytest.mark.parametrize("width", [60, 80, 160])
def test_the_status_bar_fits_and_says_since_when_it_is_offline(width):
    status = Status({State.QUEUED: 300}, False, NOW, NOW, "x" * 200, None, ("notice " * 20,))
    connection = Connection(down_since=NOW, reason="the CRM did not answer " * 9)
    line = status_line(status, connection, profile="p" * 64, now=NOW, width=width, ink=INK)
    assert line.width <= width
    assert "offline since" in line.text


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (119, 30), (120, 16), (160, 48), (200, 60)])
def test_list_and_brief_fill_the_window(size):
    places = arrange(*size)
    assert places is not None
    if places.side_by_side:
        assert places.list_width + places.brief_width == size[0]
        assert places.list_height + 1 == places.brief_height == size[1] - 3
    else:
        assert places.list_height + 1 + places.brief_height == size[1] - 3
    assert places.list_height >= 4


def test_a_window_that_is_too_small_is_not_drawn_in():
    assert arrange(SMALLEST[0] - 1, 50) is None
    assert arrange(200, SMALLEST[1] - 1) is None


def test_points_are_written_without_a_needless_fraction():
    assert [points(22.0), points(12.5), points(-8), signed(3), signed(0)] == ["22", "12.5", "−8", "+3", "0"]


def test_the_interval_of_a_share_is_wilsons():
    low, high = wilson(20, 58)
    assert (round(low * 100), round(high * 100)) == (24, 47)


def test_a_draft_takes_keys_like_any_text_field():
    draft = Draft()
    for key in "hello":
        draft = draft.press(key, key)
    draft = draft.press("space", " ").press("x", "x").press("left", None).press("backspace", "\x7f")
    assert (draft.text, draft.caret) == ("hellox", 5)
    assert draft.press("end", None).press("ctrl+w", None).text == ""
    assert draft.press("f5", None) is None


def test_pasted_text_becomes_one_clean_line():
    assert Draft.of("a").insert("b\nc\x1b[31m").text == "ab c\ufffd[31m"


def test_only_rows_on_the_screen_are_drawn():
    tray = Tray(lambda: NOW)
    tray.load(Entry.of(lead(number)) for number in range(5000))
    shown = LeadList(tray, Inks.of(DARK))
    shown.fit(80, 10)
    shown.show(NOW)
    for y in range(10):
        shown.render_line(y)
    assert len(shown._strips) == 10


def test_columns_take_exactly_the_width_there_is():
    for width in range(60, 201):
        placed = columns_for(width)
        assert sum(one.width + 2 for one in placed) - 2 + 3 <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_said_of_what_could_not_be_read_of_a_lead(width):
    part = lead_of_outline(Outline.of(rich_lead()))
    look = Glance(Entry(Outline.of(part), lambda: part), RULES.definition, NOW, width, INK)
    for lines in (brief_lines(look, 14), brief_lines(look, 45), [told.line for told in lead_page(look)[0]]):
        told = text_of(lines)
        assert "Only a part of this lead can be read here" in told
        assert not any(words in told for words in ("no phone", "lines pass", "unexplained", "does not say"))
        assert all(cell_len(line.text) <= width for line in lines)


def test_a_label_gives_way_to_what_would_be_filled_in_by_half_at_most():
    long = "→ two or more intent actions in 30 days"
    options = [Option(key, "company outside the ICP (size, industry)", key, long) for key in "1234567890"]
    for width in (60, 80):
        lines = Choose("Reject Ada Park", options).lines(Size(width, 8), INK)
        assert all(line.width <= width for line in lines)
    told = lines[1].text
    assert told.startswith(" 1 company outside t… → two or more")


def test_a_share_is_said_with_what_it_is_a_share_of():
    told = [campaign_line(glance(rich_lead(), width)) for width in (110, 84, 74, 66)]
    assert [line.text.rpartition(" · ")[2] for line in told if line] == [
        "webinar, 90 d: 34% accepted, n=58, 24–47%",
        "webinar 34% of 58 accepted",
        "webinar 34% of 58",
        "webinar",
    ]


def test_lines_of_the_definition_are_more_only_where_some_are_shown():
    counts, some = (definition_panel(glance(lead(3), 60), rows=rows)[-1].text for rows in (2, 3))
    assert "more" not in counts
    assert " more" in some
