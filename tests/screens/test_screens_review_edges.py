"""Marketing's review where it is easily got wrong: an answer twice, one that comes back, what came late."""

from __future__ import annotations

import asyncio

import pytest

from screens.review import app as review_app
from tests.screens.reviewing import answer_to, believable, rejected, review_session, reviewing, told
from tests.screens.watching import until
from triage.domain.review_groups import Sieve, Wanted
from triage.errors import AnswerLost, Unreachable


async def test_an_answer_whose_fate_is_unknown_is_the_same_one_when_it_is_given_again_later(tmp_path, clock):
    with review_session(tmp_path, clock, [rejected(1), rejected(2)]) as (session, crm):
        taken = crm.reply_all

        async def lost(replies):
            crm.reply_all = taken
            await taken(replies)
            raise AnswerLost("The answer got lost.")

        crm.reply_all = lost
        async with reviewing(session) as watch:
            await watch.press("1")
            await watch.type("thanks")
            await watch.press("enter")
            await watch.sees("NOT CONFIRMED (2): The answer got lost.")
            await watch.press("escape", "1")
            await watch.type("thanks")
            await watch.press("enter")
            await watch.sees("2 answered")
    assert len(crm.answers) == 2


async def test_what_was_answered_while_everything_was_read_stays_answered(tmp_path, clock):
    gate = asyncio.Event()
    first, second = rejected(1), rejected(2, reason="NOT_A_BUYER")
    with review_session(tmp_path, clock, [first, second]) as (session, crm):
        async with reviewing(session) as watch:
            definition = crm.definition

            async def slow():
                await gate.wait()
                return await definition()

            crm.definition = slow
            await watch.press("S")
            await watch.sees("reading: 2 so far")
            await watch.press("1", "enter")
            await watch.sees("1 in 1 group")
            gate.set()
            await until(lambda: watch.app.review.reading is None)
            await watch.sees("1 in 1 group")


async def test_of_a_group_that_is_partly_answered_the_rest_is_answered(tmp_path, clock):
    first = rejected(1)
    items = [rejected(1, replies=(answer_to(first),)), rejected(2), rejected(3)]
    with review_session(tmp_path, clock, items) as (session, crm):
        async with reviewing(session, sieve=Sieve(wanted=Wanted.ALL)) as watch:
            await watch.press("1")
            await watch.sees("2 get this answer")
            await watch.press("enter")
            await watch.sees("2 answered: acknowledged")
            await watch.press("3")
            await watch.sees("3 get this answer")
    assert sorted(one.of for one in crm.answers) == ["D-0002", "D-0003"]


async def test_an_answer_that_was_not_sent_is_not_said_to_be_queued(tmp_path, clock):
    with review_session(tmp_path, clock, [rejected(1)]) as (session, crm):
        crm.broken = Unreachable("The CRM cannot be reached.")
        async with reviewing(session, (160, 48)) as watch:
            await watch.press("1", "enter")
            await watch.sees("NOT SENT")
            assert "queued" not in watch.text()
            await watch.press("escape")
            crm.down = True
            await watch.press("S")
            await watch.sees("Not read")
            assert "queued" not in watch.text()


async def test_escape_takes_back_what_it_was_narrowed_to_and_never_leaves_the_review(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session) as watch:
            await watch.press("slash", "5")
            await watch.type("sam")
            await watch.press("enter")
            await watch.sees("rep Sam Example")
            await watch.press("escape")
            await watch.sees("44 in 6 groups")
            await watch.press("escape")
            await watch.sees("q leaves the review")
            assert watch.app.is_running


async def test_a_group_names_its_campaign_in_full(tmp_path, clock):
    name = "2026Q3-DACH-SOC-careers-adjacent"
    with review_session(tmp_path, clock, [rejected(1, campaign=name)]) as (session, _crm):
        async with reviewing(session) as watch:
            await watch.sees(name)


async def test_what_a_rep_decided_offline_is_new_when_it_came(tmp_path, clock):
    with review_session(tmp_path, clock, [rejected(1, days=4)]) as (session, crm):
        async with reviewing(session):
            pass
        clock.forward(days=2)
        late = rejected(2, reason="NOT_A_BUYER", days=1, applied_at=clock())
        told_late = told(3, "note", payload={"text": "from the train"}, days=1, applied_at=clock())
        crm.reviewed_decisions, crm.reviewed_feedback = (*crm.reviewed_decisions, late), (told_late,)
        async with reviewing(session) as watch:
            await watch.press("n")
            await watch.sees("2 in 2 groups")


async def test_the_insights_of_a_marketer_say_nothing_about_leads_to_be_fetched(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session) as watch:
            await watch.press("I")
            await watch.sees("Insights")
            assert "never fetched" not in watch.text()
            assert "online" not in watch.text()
            await until(lambda: bool(watch.app.screen.numbers.insights))
            await watch.press("3", "enter", "G", "k", "enter")
            await watch.pilot.pause()
            assert "marketing: Kim Example" in watch.text()


async def test_who_quits_while_answers_are_sent_is_told_how_many_were_left(
    tmp_path, clock, monkeypatch, capsys
):
    with review_session(tmp_path, clock, [rejected(1), rejected(2)]) as (session, crm):
        crm.before_answers = asyncio.Event().wait
        async with reviewing(session) as watch:
            await watch.press("1", "enter")
            await watch.sees("Sending to the CRM")
            board = watch.app.review.board
            await watch.press("ctrl+q")
            await until(lambda: not watch.app.is_running)

        def ended(app):
            app.review.board = board
            return 0

        monkeypatch.setattr(review_app, "run_to_end", ended)
        session.close = lambda: None
        assert review_app.run(session, Sieve()) == 0
    assert "2 answers not confirmed by the CRM" in capsys.readouterr().err


async def test_marketings_palette_offers_no_view_of_the_inbox_and_no_lead(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session, (80, 60)) as watch:
            await watch.press("ctrl+p")
            await watch.sees("Narrow")
            text = watch.text()
            assert "a command" in watch.foot()
            for words in ("View:", "offline", "online", "a view or a lead", "never fetched"):
                assert words not in text, words
            assert "Theme: dark" in text
            assert "marketing: Kim Example" in watch.status()


@pytest.mark.parametrize(("key", "words"), [("question_mark", "page down"), ("v", "In force")])
async def test_marketing_is_never_told_that_no_leads_were_fetched(tmp_path, clock, key, words):
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session) as watch:
            await watch.press(key)
            await watch.sees(words)
            assert "marketing: Kim Example" in watch.status()


async def test_a_digit_that_is_no_answer_says_so(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session) as watch:
            await watch.press("0")
            assert "0 chooses nothing here." in watch.foot()


async def test_widening_keeps_whether_answered_ones_are_looked_at(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session, sieve=Sieve(wanted=Wanted.ALL)) as watch:
            for key in ("x", "escape"):
                await watch.press("slash", "5")
                await watch.type("sam")
                await watch.press("enter")
                await watch.sees("rep Sam Example")
                await watch.press(key)
                await watch.sees("all  45 in")
