"""The score on the screen: it adds up or says by how much not, without colour too; and what is not given or hidden."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from config import load
from screens.inbox.columns import COLUMNS
from screens.ink import Inks
from screens.lead.brief import brief_lines
from screens.lead.copying import chat_line
from screens.lead.page import lead_page
from screens.panels.glance import Glance
from screens.panels.score import bar
from screens.themes import DARK
from tests.screens.sample import NOW, STATISTICS, lead, rich_lead, score
from tests.screens.watching import running
from triage.domain.blind import Blind, blinded
from triage.domain.entry import Entry
from triage.domain.feedback import FeedbackType
from triage.domain.provided import Provided
from triage.domain.score import Contribution, Dimension, Direction, Reasons, Score

INK = Inks.of(DARK).plain
DEFINITION = load.definition(None)
NOTHING = Provided("HubSpot", Reasons.NONE, timeline=False, replies=False, people=False, statistics=False)
ORDERED = Score(
    72,
    contributions=(
        Contribution("asked for a demo", Dimension.ENGAGEMENT, direction=Direction.UP),
        Contribution("free mail address", Dimension.FIT, direction=Direction.DOWN),
    ),
    fit=34, engagement=48, fit_grade="A", engagement_grade="1", band="A", reasons=Reasons.ORDER,
)  # fmt: skip


def glance(shown: Entry, width: int = 78, **more) -> Glance:
    return Glance(shown, DEFINITION, NOW, width, INK, {one.source: one for one in STATISTICS}, **more)


def brief(shown: Entry, width: int = 80, height: int = 14, **more) -> str:
    return "\n".join(line.text for line in brief_lines(glance(shown, width, **more), height))


def page(shown: Entry, width: int = 78, **more) -> str:
    return "\n".join(row.line.text for row in lead_page(glance(shown, width, **more))[0])


def of(told: Score | None, **changes) -> Entry:
    return Entry.of(replace(rich_lead(), score=told, **changes))


def test_the_brief_at_80x24_tells_sum_fit_and_engagement_apart_trend_and_model():
    text = brief(of(score()))
    assert "SCORE 72 A ▲8 = 10 base" in text
    assert "fit 61 (A) · engagement 80 (1) · model m7" in text
    assert "does not add up" not in text


def test_a_score_that_does_not_add_up_says_so_in_red_and_by_how_much():
    lines = brief_lines(glance(of(score(residual=7)), 80), 14)
    (red,) = [line for line in lines if "✗ does not add up: +7 points are unexplained" in line.text]
    assert INK.bad in [segment.style for segment in red.segments]
    assert sum("━" in line.text for line in lines) >= 2  # and the reasons still show


def test_the_page_tells_evidence_age_decay_and_cap_of_each_and_a_capped_group_once():
    parts = (
        Contribution("page one", None, 8, 8, "Read 3 pages", NOW - timedelta(days=2), "web visits", 8),
        Contribution("page two", None, 12, 2, "Read 5 pages", NOW - timedelta(days=40), "web visits", 6),
        Contribution("guide", None, 12, 6, "Read “Stops”", NOW - timedelta(days=61), None, 6),
    )
    text = page(of(Score(16, contributions=parts)))
    assert text.count("web visits 10 (earned 14)") == 1
    assert "page one · Read 3 pages" in text
    assert "+12 → +6 by age, capped: 2" in text
    assert "guide · +12 → +6 by age · Read “Stops”" in text
    for age in ("2d", "5w", "8w"):
        assert age in text


def test_evidence_that_does_not_fit_goes_on_below_and_the_line_is_disputed_all_the_same():
    long = Contribution("guide", None, 12, 6, "Read " + "a very long guide " * 8, NOW, None, 6)
    rows = [row for row in lead_page(glance(of(Score(6, contributions=(long,)))))[0] if row.label == "guide"]
    assert len(rows) > 2
    assert "".join(row.line.text for row in rows).count("very") == 8


@pytest.mark.parametrize("told", [brief, page])
def test_where_there_are_no_weights_there_are_directions_in_the_crms_order_and_nothing_is_added_up(told):
    text = told(of(ORDERED))
    assert text.index("▲ asked for a demo") < text.index("▼ free mail address")
    assert "without weights" in text
    for invented in ("━", "╍", "base", "does not add up", "+0"):
        assert invented not in text


@pytest.mark.parametrize("told", [brief, page])
def test_a_crm_that_gives_no_reasons_is_named_and_what_it_sent_all_the_same_is_no_reason(told):
    text = told(of(score(residual=5)), provided=NOTHING)
    assert "SCORE 72 A" in text
    assert "reasons not provided by HubSpot" in text
    assert "━" not in text
    assert "does not add up" not in text


def test_what_the_crm_cannot_give_and_what_there_is_none_of_are_said_apart():
    bare = of(None, touches=(), nurture=None, source="fair")
    cannot = page(bare, provided=NOTHING)
    assert cannot.count("not provided by HubSpot") == 3
    could = page(bare, provided=Provided("HubSpot"))
    assert "touches   none" in could
    assert "nurture   none" in could
    assert "source    fair · none decided yet" in could
    assert "not provided" not in could


@given(st.floats(-40, 40), st.floats(1, 40), st.integers(5, 14))
def test_a_bar_tells_sign_and_size_without_colour(value, scale, width):
    drawn = bar(value, scale, width)
    assert len(drawn) == width
    assert ("╍" in drawn) == (value < 0)
    assert ("━" in drawn or "╸" in drawn) == (value > 0)


@pytest.mark.parametrize("width", [60, 80, 118, 160])
def test_nothing_of_a_hidden_score_is_drawn_anywhere(width):
    def drawn(told: Score) -> tuple:
        entry = blinded(of(told, mql=None))
        cells = [column.say(entry, NOW, INK) for column in COLUMNS]
        return brief(entry, width), page(entry, width), cells, chat_line(glance(entry))

    high, low = drawn(score(91)), drawn(replace(score(3), fit_grade="C", band="D", trend=-9))
    assert high == low
    assert "SCORE  hidden until you decide" in high[0]
    assert ("**", INK.dim) in high[2]


@pytest.fixture
def blind(session):
    session.desk._blind = Blind(1.0)
    return session


def told(session):
    return session.wait(lambda: [item.feedback for item in session.desk.queue() if item.feedback])


async def test_a_decision_reveals_the_score_and_a_key_judges_that_one(blind, monkeypatch):
    monkeypatch.setattr("screens.deciding.acts.STANDS", 0)
    async with running(blind) as watch:
        assert "hidden until you decide" in watch.text()
        first = watch.cursor
        await watch.press("a")
        assert "score was" in watch.foot()
        assert watch.foot().rstrip().endswith("u undoes")
        await watch.press("minus")
        (feedback,) = told(blind)
        assert (feedback.lead_id, feedback.payload["verdict"]) == (first, "too_high")
        assert feedback.type is FeedbackType.SCORE_ACCURACY
        assert feedback.decision_id is not None


async def test_a_key_typed_ahead_of_what_was_revealed_is_not_about_it(blind, monkeypatch):
    monkeypatch.setattr("screens.deciding.acts.STANDS", 60)
    async with running(blind) as watch:
        await watch.press("a", "minus")
        assert told(blind) == []
        assert "hidden until decided" in watch.foot()


async def test_who_moves_on_judges_the_lead_in_front(blind, monkeypatch):
    monkeypatch.setattr("screens.deciding.acts.STANDS", 0)
    async with running(blind) as watch:
        await watch.press("a", "j", "minus")
        assert told(blind) == []


async def test_sorting_and_filtering_by_score_tell_nothing_of_blind_leads(blind):
    async with running(blind) as watch:
        ids = sorted(watch.tray.shown)
        for words in ("score>0", "band:A", "grade:A1"):
            watch.tray.filter(words)
            assert watch.tray.shown == ()
        watch.tray.filter("")
        assert sorted(watch.tray.shown) == ids


def test_the_sample_of_many_leads_is_drawn_by_the_share():
    entries = [Entry.of(lead(number)) for number in range(1_000)]
    assert 60 < sum(Blind(0.1, "a").hides(entry) for entry in entries) < 140
