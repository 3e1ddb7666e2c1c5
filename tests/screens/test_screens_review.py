"""Marketing's review: groups, what the rep saw, answers by digits, filters, and what could not be sent."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from rich.cells import cell_len

from screens.actions import REVIEW, footer
from screens.themes import LOOKS
from tests.screens.reviewing import (
    MARKETER,
    answer_to,
    believable,
    rejected,
    review_session,
    reviewing,
    told,
)
from tests.screens.sample import HOSTILE, NOW
from tests.screens.watching import drawn, until, widest
from triage.desk.reviewing import last_visit
from triage.domain.people import Rep
from triage.domain.review_groups import Facet, Sieve, Wanted
from triage.errors import Unreachable

ROBIN = Rep("rep-1", "Robin Example", "rep", "A-1")


async def test_the_overdue_and_then_the_largest_group_is_on_top(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session) as watch:
            text = watch.text()
            assert "44 in 6 groups · ‼ 13 overdue" in text
            order = [
                text.index(words)
                for words in ("wrong role", "objection: price", "score too high", "company out")
            ]
            assert order == sorted(order)
            assert "12 leads · 12 accounts · 3 reps" in text
            assert "routed to scoring" in text


async def test_a_group_opens_on_its_leads_as_the_rep_saw_them_and_back(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session) as watch:
            await watch.press("enter")
            await watch.sees("12 × reject: wrong role or level")
            text = watch.text()
            for words in (
                "score 72 B",
                "VP or C-level title",
                "+25",
                "−8",
                "✗ manager or above",
                "definition 4",
            ):
                assert words in text
            await watch.press("enter")
            await watch.sees("on the screen for 6.4 s")
            assert "not contacted" in watch.text()
            for key in ("escape", "backspace"):
                await watch.press(key)
            await watch.sees("44 in 6 groups")
            await watch.press("enter", "q")
            await watch.sees("44 in 6 groups")


async def test_a_group_is_answered_as_a_whole_with_words_and_a_link(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, crm):
        async with reviewing(session) as watch:
            await watch.press("4")
            await watch.sees("12 get this answer, of 3 reps")
            await watch.type("Consultants are no VPs any more.")
            await watch.press("enter")
            await watch.sees("what it points at")
            await watch.type("definition v5")
            await watch.press("enter")
            await watch.sees("12 answered: changed")
            await watch.sees("32 in 5 groups")
    assert len({one.reply_id for one in crm.answers}) == 12
    assert {(one.kind, one.link, one.text) for one in crm.answers} == {
        ("changed", "definition v5", "Consultants are no VPs any more.")
    }
    assert {one.of for one in crm.answers} == {f"D-{number:04}" for number in range(1, 13)}


async def test_from_twenty_on_the_answer_is_confirmed_and_never_by_a_key_typed_ahead(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, crm):
        async with reviewing(session) as watch:
            await watch.press("j", "j")
            watch.ahead("3", "enter")
            await watch.sees("22 get this answer, of 3 reps")
            assert crm.answers == []
            await watch.confirm()
            await watch.sees("22 answered: planned")
    assert len(crm.answers) == 22


async def test_no_change_needs_a_reason(tmp_path, clock):
    with review_session(tmp_path, clock, [rejected(1)]) as (session, crm):
        async with reviewing(session) as watch:
            await watch.press("6", "enter")
            await watch.sees("cannot be empty")
            assert crm.answers == []
            await watch.type("the ICP stays")
            await watch.press("enter")
            await watch.sees("1 answered: no change")
    assert crm.answers[0].text == "the ICP stays"


async def test_inside_a_group_a_digit_answers_one_and_it_stays_in_sight(tmp_path, clock):
    with review_session(tmp_path, clock, [rejected(n) for n in (1, 2, 3)]) as (session, crm):
        async with reviewing(session) as watch:
            await watch.press("enter", "j", "8")
            await watch.type("call again")
            await watch.press("enter")
            await watch.sees("1 answered: returned")
            await watch.sees("↩ returned")
            await watch.sees("✓ Lead L-0002")
            await watch.press("9")
            await watch.sees("has moved on since")
    assert [(one.of, one.kind) for one in crm.answers] == [("D-0002", "returned")]


async def test_a_verdict_on_feedback_is_refused_before_anything_is_asked(tmp_path, clock):
    with review_session(tmp_path, clock, [], [told(1)]) as (session, crm):
        async with reviewing(session) as watch:
            await watch.press("7")
            await watch.sees("upheld answers a decision, and this is feedback")
            assert watch.app.day.asking.question is None
    assert crm.answers == []


async def test_a_failed_send_keeps_the_words_and_says_not_sent(tmp_path, clock):
    with review_session(tmp_path, clock, [rejected(n) for n in (1, 2)]) as (session, crm):
        crm.broken = Unreachable("The CRM cannot be reached.")
        async with reviewing(session) as watch:
            await watch.press("1")
            await watch.type("thank you")
            await watch.press("enter")
            await watch.sees("NOT SENT (2): The CRM cannot be reached.")
            await watch.sees("› thank you")
            assert crm.answers == []
            await watch.press("enter")
            await watch.sees("2 answered: acknowledged")
    assert [one.text for one in crm.answers] == ["thank you", "thank you"]


async def test_an_answer_that_is_sent_again_is_the_same_one(tmp_path, clock):
    with review_session(tmp_path, clock, [rejected(1)]) as (session, crm):
        sent = []
        crm.broken = Unreachable("lost")

        async def note():
            sent.append(len(crm.answers))

        crm.before_answers = note
        kept = crm.reply_all

        async def remembering(replies):
            sent.extend(one.reply_id for one in replies)
            return await kept(replies)

        crm.reply_all = remembering
        async with reviewing(session) as watch:
            await watch.press("1", "enter")
            await watch.sees("NOT SENT")
            await watch.press("enter")
            await watch.sees("1 answered")
    ids = [one for one in sent if isinstance(one, str)]
    assert len(ids) == 2
    assert len(set(ids)) == 1


async def test_what_the_crm_refuses_stays_with_why(tmp_path, clock):
    with review_session(tmp_path, clock, [rejected(n) for n in (1, 2)]) as (session, crm):
        crm.refused_replies["D-0002"] = "The lead has moved on \x1b[31mhere."
        async with reviewing(session) as watch:
            await watch.press("8", "enter")
            await watch.sees("1 answered: returned · 1 not taken: The lead has moved on")
            await watch.sees("1 in 1 group")
            await watch.sees("✗ not answered: The lead has moved on")
            assert "\x1b" not in watch.text()


async def test_keys_wait_while_answers_are_sent_and_are_not_lost(tmp_path, clock):
    gate = asyncio.Event()
    with review_session(tmp_path, clock, [rejected(1), rejected(2, reason="NOT_A_BUYER")]) as (session, crm):
        crm.before_answers = gate.wait
        async with reviewing(session) as watch:
            await watch.press("1", "enter")
            await watch.sees("Sending to the CRM")
            assert crm.answers == []
            gate.set()
            await watch.sees("1 answered")
            await watch.sees("1 in 1 group")


async def test_moves_while_answers_are_sent_come_after_them_and_other_keys_are_said_to_be_lost(
    tmp_path, clock
):
    gate = asyncio.Event()
    three = [rejected(1), rejected(2, reason="NOT_A_BUYER"), rejected(3, reason="COMPETITOR")]
    with review_session(tmp_path, clock, three) as (session, crm):
        crm.before_answers = gate.wait
        async with reviewing(session) as watch:
            await watch.press("1", "enter")
            await watch.sees("moves wait, other keys do nothing")
            await watch.press("j", "7", "enter", "k")
            gate.set()
            await watch.sees("1 answered: acknowledged · 3 keys pressed meanwhile not taken")
            await until(lambda: watch.app.review._index == 1)
            assert watch.app.day.asking.question is None
    assert len(crm.answers) == 1


async def test_a_move_is_not_typed_into_the_words_that_come_back(tmp_path, clock):
    gate = asyncio.Event()
    with review_session(tmp_path, clock, [rejected(1)]) as (session, crm):

        async def away(_replies):
            await gate.wait()
            raise Unreachable("The CRM is away.")

        crm.reply_all = away
        async with reviewing(session) as watch:
            await watch.press("1")
            await watch.type("thanks")
            await watch.press("enter")
            await watch.sees("Sending to the CRM")
            await watch.press("j")
            gate.set()
            await watch.sees("NOT SENT")
            assert watch.app.day.asking.question.draft.text == "thanks"


async def test_tab_goes_from_open_to_overdue_to_answered_to_all(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session) as watch:
            for words in ("overdue  13 in", "answered  1 in", "all  45 in", "open  44 in"):
                await watch.press("tab")
                await watch.sees(words)


async def test_it_is_narrowed_by_a_facet_with_its_counts_and_widened_again(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session) as watch:
            await watch.press("slash", "1")
            await watch.sees("2026Q4-fair")
            await watch.type("fair")
            await watch.press("enter")
            await watch.sees("7 in 1 group")
            await watch.sees("campaign 2026Q4-fair")
            await watch.press("slash", "5")
            await watch.type("sam")
            await watch.press("enter")
            await watch.sees("rep Sam Example")
            await watch.press("x")
            await watch.sees("44 in 6 groups")


async def test_mine_is_what_is_routed_to_me_or_of_my_campaigns(tmp_path, clock):
    items = [told(1, lead={"campaign_owner": MARKETER.name}), told(2, "note", payload={"text": "x"})]
    with review_session(tmp_path, clock, [], items) as (session, _crm):
        async with reviewing(session) as watch:
            await watch.press("m")
            await watch.sees("1 in 1 group")
            await watch.press("m")
            await watch.sees("2 in 2 groups")


async def test_new_is_what_came_since_the_review_was_last_left(tmp_path, clock):
    old = [rejected(1, days=4)]
    with review_session(tmp_path, clock, old) as (session, crm):
        async with reviewing(session) as watch:
            await watch.press("n")
            await watch.sees("first visit")
        assert session.wait(last_visit, session) == NOW
        clock.forward(days=2)
        new = rejected(2, reason="NOT_A_BUYER", days=-1)
        crm.reviewed_decisions = (*old, new)
        async with reviewing(session) as watch:
            await watch.sees("2 in 2 groups")
            await watch.press("n")
            await watch.sees("1 in 1 group")
            await watch.sees("new since your last visit")


async def test_a_visit_in_which_nothing_could_be_read_is_none(tmp_path, clock):
    with review_session(tmp_path, clock) as (session, crm):
        crm.down = True
        async with reviewing(session, reads=False) as watch:
            await watch.sees("Nothing could be read from the CRM.")
            await watch.sees("S tries again")
            crm.down = False
            session_before = session.wait(last_visit, session)
            await watch.press("S")
            await watch.sees("Nothing waits for an answer.")
        assert session_before is None
        assert session.wait(last_visit, session) == NOW


async def test_a_rep_sees_their_own_and_answers_nothing(tmp_path, clock):
    with review_session(tmp_path, clock, [rejected(3)], who=ROBIN) as (session, crm):
        async with reviewing(session) as watch:
            await watch.sees("Robin Example: your own items, read only")
            assert "1 acknowledged" not in watch.text()
            await watch.press("1")
            await watch.sees("it is marketing that answers")
            await watch.press("enter")
            await watch.sees("score 72 B")
    assert crm.answers == []


async def test_another_persons_token_shows_nothing(tmp_path, clock):
    with review_session(tmp_path, clock, [rejected(1)]) as (session, crm):
        crm.who = ROBIN
        async with reviewing(session, reads=False) as watch:
            await watch.sees("The token belongs to Robin Example")
            assert "wrong role" not in watch.text()


async def test_it_begins_on_what_the_command_line_asked_for(tmp_path, clock):
    sieve = Sieve(wanted=Wanted.ALL, facets={Facet.REP: "robin example"})
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session, sieve=sieve) as watch:
            await watch.sees("rep robin example")
            reps = {one.rep for one in watch.app.review.board.shown}
    assert reps == {"Robin Example"}


async def test_feedback_is_shown_with_what_the_rep_saw_when_deciding_that_lead(tmp_path, clock):
    accepted = rejected(1, state="applied")
    with review_session(tmp_path, clock, [accepted], [told(1)]) as (session, _crm):
        async with reviewing(session) as watch:
            await watch.press("slash", "3")
            await watch.type("score")
            await watch.press("enter", "enter")
            await watch.sees("Their reject")
            await watch.sees("◂ disputed")
            assert next(line for line in watch.lines() if "disputed" in line).startswith("  VP or C-level")
            await watch.sees("webinar attended")


async def test_the_insights_are_one_key_away_and_the_review_is_there_again(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session) as watch:
            await watch.press("I")
            await watch.sees("Insights")
            await watch.press("q")
            await watch.sees("44 in 6 groups")


async def test_answers_so_far_are_shown_with_whether_the_rep_saw_them(tmp_path, clock):
    first = rejected(1)
    reply = answer_to(first, text="We raise it.", by="Kim Example", seen_at=NOW - timedelta(hours=1))
    with review_session(tmp_path, clock, [rejected(1, replies=(reply,))]) as (session, _crm):
        async with reviewing(session) as watch:
            await watch.press("tab", "tab", "enter", "enter")
            await watch.sees("↩ planned")
            await watch.sees("seen by the rep")
            assert "We raise it." in watch.text()


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (160, 48)])
@pytest.mark.parametrize("look", ["dark", "no-colour"])
async def test_every_line_fits_and_the_digits_are_in_sight(tmp_path, clock, size, look):
    assert look in LOOKS
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session, size, theme=look) as watch:
            for keys in ((), ("enter",), ("enter",), ("3",)):
                await watch.press(*keys)
                await watch.pilot.pause()
                for widget in watch.widgets():
                    assert widest(widget) <= size[0]
                if keys != ("3",):
                    assert "9 overturn" in watch.text()


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_words_are_drawn_and_never_obeyed(tmp_path, clock, text):
    seen = {
        "contributions": [{"label": text, "points_applied": 5}],
        "criteria": [{"criterion_id": text, "result": text}],
        "band": text,
        "model_version": text,
    }
    decision = rejected(
        1,
        reason=text,
        params={text: text, "criterion": text},
        note=text,
        campaign=text,
        company=text,
        source=text,
        snapshot=seen,
    )
    note = told(
        2, "note", payload={"text": text, text: text}, routed_to=text, lead={"campaign": text, "name": text}
    )
    with review_session(tmp_path, clock, [decision], [note]) as (session, crm):
        crm.refused_replies["F-0002"] = text
        async with reviewing(session) as watch:
            for key in (
                "enter",
                "enter",
                "escape",
                "escape",
                "slash",
                "1",
                "escape",
                "j",
                "enter",
                "1",
                "enter",
            ):
                await watch.press(key)
                await watch.pilot.pause()
                for widget in watch.widgets():
                    for strip in drawn(widget):
                        assert cell_len(strip.text) == widget.size.width
                        assert all(one.isprintable() for one in strip.text), ascii(strip.text)
            assert watch.app.is_running


async def test_five_thousand_items_stall_no_key(tmp_path, clock):
    """What is made at a key is what is in sight, and not more with thousands of items."""
    many = [told(n, "note", days=n % 30, payload={"text": f"note {n}"}) for n in range(3000)]
    same = [rejected(n, days=n % 9) for n in range(3000, 5000)]
    with review_session(tmp_path, clock, same, many) as (session, _crm):
        async with reviewing(session) as watch:
            await watch.sees("5,000 in 3,001 groups")
            made = []
            row = type(watch.app.review).row
            type(watch.app.review).row = lambda self, index, width, ink: (
                made.append(index) or row(self, index, width, ink)
            )
            try:
                await watch.press("G")
                await watch.press("k")
            finally:
                type(watch.app.review).row = row
            assert 0 < len(made) < 60
            await watch.press("g", "g", "enter")
            await watch.sees("2,000 × reject")
            await watch.press("G")
            await watch.sees("Lead L-")


async def test_help_names_the_keys_of_the_review(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session) as watch:
            await watch.press("question_mark")
            await watch.sees("Narrow by campaign, source, reason, criterion or")
            await watch.press("escape")
            await watch.sees("44 in 6 groups")
    assert len(footer(REVIEW)) <= 7


async def test_a_click_on_an_answer_is_its_digit_and_a_second_click_opens(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session) as watch:
            pane = watch.app.review.pane
            lines = [strip.text for strip in drawn(pane)]
            row = next(y for y, line in enumerate(lines) if "3 planned" in line)
            await watch.pilot.click(pane, offset=(lines[row].index("3 planned") + 2, row))
            await watch.sees("planned: 12 ×")
            await watch.press("escape")
            await watch.pilot.click(pane, offset=(10, 2), times=2)
            await watch.sees("22 × score too high")


async def test_quitting_a_review_leaves_the_app(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session) as watch:
            await watch.press("q")
            await until(lambda: not watch.app.is_running)
