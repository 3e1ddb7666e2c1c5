from __future__ import annotations

import pytest

from screens.lead.screen import LeadScreen
from tests.screens.sample import HOSTILE, hostile_lead
from tests.screens.stage import session_with
from tests.screens.watching import running, until, widest
from triage.domain.feedback import FeedbackType
from triage.errors import WriteFailed


def told(session):
    return session.thread.call(lambda: [item.feedback for item in session.desk.queue() if item.feedback])


@pytest.mark.parametrize(
    ("key", "verdict"), [("minus", "too_high"), ("equals_sign", "right"), ("plus", "too_low")]
)
async def test_one_key_judges_the_score(session, key, verdict):
    async with running(session) as watch:
        first = watch.cursor
        await watch.press(key)
        (feedback,) = told(session)
        assert (feedback.type, feedback.payload) == (FeedbackType.SCORE_ACCURACY, {"verdict": verdict})
        assert watch.cursor == first
        assert watch.foot().rstrip().endswith("u undoes")


async def test_one_text_reaches_every_marked_lead_and_one_undo_takes_it_back(session):
    async with running(session) as watch:
        await watch.press("space", "space", "n")
        await watch.type("met at the fair")
        await watch.press("enter")
        made = told(session)
        assert [one.payload for one in made] == [{"text": "met at the fair"}] * 2
        assert len({one.batch_id for one in made}) == 1
        await watch.press("u")
        assert "Undone: 2 note" in watch.foot()


@pytest.mark.parametrize(
    ("keys", "kind", "payload"),
    [
        (
            ["o", "1", *"too dear", "enter"],
            FeedbackType.OBJECTION,
            {"category": "price", "verbatim": "too dear"},
        ),
        (
            ["o", "3", *"Acme", "enter"],
            FeedbackType.OBJECTION,
            {"category": "competitor", "competitor": "Acme"},
        ),
        (
            ["o", "3", *"Acme", "tab", *"so dear", "enter"],
            FeedbackType.OBJECTION,
            {"category": "competitor", "competitor": "Acme", "verbatim": "so dear"},
        ),
        (["o", "tab", *"Why?", "enter"], FeedbackType.QUESTION_HEARD, {"question": "Why?"}),
        (["c", *"a guide", "enter"], FeedbackType.CONTENT_REQUEST, {"topic": "a guide"}),
        (
            ["c", *"a guide", "tab", *"pdf", "enter"],
            FeedbackType.CONTENT_REQUEST,
            {"topic": "a guide", "asset_type": "pdf"},
        ),
        (["K", "enter"], FeedbackType.KUDOS, {}),
        (["D", "0", *"drop it", "enter"], FeedbackType.DEFINITION_DISPUTE, {"proposal": "drop it"}),
        (["f", "n", *"hm", "enter"], FeedbackType.NOTE, {"text": "hm"}),
    ],
)
async def test_a_key_opens_the_form_and_enter_tells(session, keys, kind, payload):
    async with running(session) as watch:
        await watch.press(*(key if len(key) > 1 else _name(key) for key in keys))
        (feedback,) = told(session)
        assert (feedback.type, feedback.payload) == (kind, payload)


def _name(character: str) -> str:
    return {" ": "space", "?": "question_mark"}.get(character, character)


async def test_a_correction_starts_from_what_stands_there_now(session):
    async with running(session) as watch:
        await watch.go_to("L-0001")
        await watch.press("e", "4")
        assert "ada.park@northwind.example" in watch.text()
        await watch.press(*"ada", "enter")
        (feedback,) = told(session)
        assert feedback.payload == {"field": "email", "old": "ada.park@northwind.example", "proposed": "ada"}


async def test_what_stands_there_is_mended_from_where_a_key_moves(session):
    async with running(session) as watch:
        await watch.go_to("L-0001")
        await watch.press("e", "4", "end", "backspace", "g", "enter")
        (feedback,) = told(session)
        assert feedback.payload["proposed"] == "ada.park@northwind.examplg"


async def test_a_mismatch_shows_what_was_promised(session):
    async with running(session) as watch:
        await watch.go_to("L-0001")
        await watch.press("m")
        assert "promised: A plan in 30 minutes" in watch.text()


async def test_a_note_that_could_not_be_saved_stays_in_the_field(session):
    async with running(session) as watch:
        session.refuse = WriteFailed("The disk is full.")
        await watch.press("n", *"abc", "enter")
        assert told(session) == []
        assert "NOT SAVED" in watch.foot()
        await watch.press("enter")
        assert [one.payload["text"] for one in told(session)] == ["abc"]


async def test_a_contribution_is_disputed_on_the_lead_itself(session):
    async with running(session) as watch:
        await watch.go_to("L-0001")
        await watch.press("enter")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        line = next(i for i, row in enumerate(watch.app.screen._page) if row.label)
        await watch.press(*["j"] * line, "enter", "minus")
        (feedback,) = told(session)
        assert feedback.payload == {"verdict": "too_high", "contribution": "demo request form"}
        assert feedback.snapshot["contribution_points"] == 22


async def test_the_lead_in_full_says_what_the_brief_cannot(session):
    async with running(session, size=(100, 60)) as watch:
        await watch.go_to("L-0001")
        await watch.press("enter")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        for words in (
            "free mail address", "Downloaded the picking guide", "first · creating", "Attended 41 minutes",
            "Who signs off on warehouse tools?", "promise", "Hugo Berg", "agreed 1 Sep",
        ):  # fmt: skip
            assert words in watch.text(), words
        await watch.press("w")
        assert "2026Q4_WBN_EMEA_whs-auto_v3" in watch.text()
        await watch.press("a")
        assert watch.tray.entry.lead.name in watch.text()
        await watch.press("q")
        await until(lambda: not isinstance(watch.app.screen, LeadScreen))


async def test_hostile_leads_are_decided_and_shown_everywhere_without_harm(tmp_path, clock):
    leads = [hostile_lead(number, text) for number, text in enumerate(HOSTILE)]
    with session_with(tmp_path, leads, clock) as session:
        async with running(session) as watch:
            for _each in leads[:-1]:
                await watch.press("enter")
                _looks_whole(watch)
                await watch.press("q", "r")
                _looks_whole(watch)
                await watch.press("8")
                _looks_whole(watch)
            await watch.press("Q")
            _looks_whole(watch)
            assert watch.app.return_code is None
            await watch.press("q", "Y")
            _looks_whole(watch)


def _looks_whole(watch) -> None:
    for widget in watch.widgets():
        assert widest(widget) <= 80
    assert all(character.isprintable() for character in watch.text().replace("\n", ""))
