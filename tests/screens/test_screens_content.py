"""What exists comes first: an asset is taken at once, an open request gets one more voice, a text asks anew."""

from __future__ import annotations

import pytest
from textual.geometry import Size

from screens import sight
from screens.cells import width_of
from screens.ink import Inks
from screens.telling.content import ContentChoice, to_copy
from screens.themes import DARK
from tests.screens.sample import HOSTILE, rich_lead
from tests.screens.watching import running, until
from triage.desk.rules import ASSETS, CONTENT_REQUESTS
from triage.domain.content import ContentAsset, ContentRequest, Library

CALCULATOR = ContentAsset(
    "A-1", "ROI calculator", "tool", ("picking",), ("operations",), "https://assets.example/roi",
    "In two minutes", "Hello {first_name} of {company}",
)  # fmt: skip
SECURITY = ContentAsset("A-2", "Security answered", "sheet", ("hosting",), url="https://assets.example/sec")
ERP = ContentRequest("CR-1", "Integration with ERP systems", "brief", "IT", votes=4)
OLD = ContentRequest("CR-2", "Answered long ago", state="delivered", votes=9)


@pytest.fixture
def stocked(session):
    """The same desk, with two assets and one open request."""
    rules = {ASSETS: (SECURITY, CALCULATOR), CONTENT_REQUESTS: (ERP, OLD)}
    session.thread.call(session.desk.leads.remember_rules, rules)
    return session


def told(session):
    return session.thread.call(lambda: [item.feedback for item in session.desk.queue() if item.feedback])


async def test_what_fits_the_lead_comes_first_then_what_others_asked_for(stocked):
    async with running(stocked) as watch:
        await watch.go_to("L-0001")
        await watch.press("c")
        shown = [line.strip() for line in watch.lines() if line.strip()[:2] in ("1 ", "2 ", "3 ", "4 ")]
        assert [line[:14] for line in shown] == ["1 copy ROI cal", "2 copy Securit", "3 +1 Integrati"]
        assert "4 asked" in shown[2]


async def test_an_asset_is_copied_at_once_with_the_leads_name_and_nobody_is_asked(stocked):
    async with running(stocked) as watch:
        await watch.go_to("L-0001")
        await watch.press("c", "1")
        await until(lambda: watch.app.clipboard)
        assert watch.app.clipboard == "Hello Ada of Northwind Robotics"
        assert "Copied the mail about “ROI calculator”" in watch.foot()
        assert told(stocked) == []


async def test_an_asset_for_several_leads_is_copied_as_its_link(stocked):
    async with running(stocked) as watch:
        await watch.press("space", "space", "f", "c", *"security", "down", "enter")
        await until(lambda: watch.app.clipboard)
        assert watch.app.clipboard == "https://assets.example/sec"
        assert told(stocked) == []


async def test_one_more_voice_is_given_by_one_digit_on_all_marked_leads(stocked):
    async with running(stocked) as watch:
        await watch.press("space", "space", "c", "3")
        made = told(stocked)
        assert [one.payload for one in made] == [{"request_id": "CR-1", "topic": ERP.topic}] * 2
        assert len({one.batch_id for one in made}) == 1
        await watch.press("u")
        assert "Undone: 2 content request" in watch.foot()


async def test_a_typed_digit_belongs_to_the_text_and_enter_asks_for_it(stocked):
    async with running(stocked) as watch:
        await watch.press("c", *"security 1", "enter")
        (feedback,) = told(stocked)
        assert feedback.payload == {"topic": "security 1"}
        assert feedback.routed_to == "content"


async def test_enter_on_nothing_asks_for_nothing(stocked):
    async with running(stocked) as watch:
        await watch.press("c", "enter")
        assert "It cannot be empty." in watch.text()
        assert told(stocked) == []
        await watch.press("backspace")
        assert watch.app.day.asking.question is None


async def test_a_day_that_is_none_is_refused_and_a_short_one_is_kept_whole(stocked):
    async with running(stocked) as watch:
        await watch.press("c", *"a guide", "tab", "tab", "tab", *"someday", "enter")
        assert "is not a date" in watch.text()
        await watch.press("ctrl+u", *"2w", "enter")
        (feedback,) = told(stocked)
        assert feedback.payload == {"topic": "a guide", "needed_by": "2026-12-01"}


async def test_who_answers_is_said_before_anything_is_sent(stocked):
    async with running(stocked) as watch:
        await watch.go_to("L-0001")
        for key, words in (
            ("o", "Objection → product marketing"),
            ("c", "Content → content"),
            ("n", "→ campaign owner of 2026Q4_WBN_EMEA"),
            ("e", "Correct → marketing ops"),
            ("f", "score too high → scoring"),
        ):
            await watch.press(key)
            assert words in watch.text(), words
            await watch.press("escape")


async def test_the_preview_of_many_stands_beside_the_text_and_enter_confirms_it(stocked):
    async with running(stocked) as watch:
        await watch.press(*["space"] * 20, "n")
        assert "20 × note → " in watch.text()
        await watch.type("met at the fair")
        await watch.confirm()
        assert len(told(stocked)) == 20


async def test_an_enter_typed_ahead_does_not_confirm_what_nobody_has_read(stocked, monkeypatch):
    monkeypatch.setattr(sight, "TYPED_AHEAD", 60.0)
    async with running(stocked) as watch:
        await watch.press(*["space"] * 20, "n", *"met", "enter")
        assert told(stocked) == []
        assert "20 × note" in watch.text()


async def test_a_win_reason_is_not_offered_for_a_lead_that_is_not_won(stocked):
    async with running(stocked) as watch:
        await watch.press("f")
        assert "why they bought" not in watch.text()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_what_a_crm_calls_its_assets_harms_no_line(text, width):
    asset = ContentAsset("A", text, text, (text,), (text,), text, text)
    request = ContentRequest("R", text, text, text, needed_by=text)
    question = ContentChoice("Content", Library((asset,), (request,)), [rich_lead()], lambda _text: "")
    for line in question.lines(Size(width, 9), Inks.of(DARK).plain):
        assert width_of(line.text) <= width
        assert line.text.isprintable()
    assert to_copy(asset, [rich_lead()], "Robin")[1].isprintable()
