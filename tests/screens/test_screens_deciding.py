from __future__ import annotations

from datetime import datetime

from tests.screens.watching import running, until
from triage.domain.act import Act
from triage.domain.inbox import View
from triage.domain.item import State
from triage.errors import WriteFailed


def decided(session):
    return session.thread.call(lambda: [item.decision for item in session.desk.queue() if item.decision])


def unsent(session):
    queued = session.thread.call(session.desk.queue)
    return [item for item in queued if item.state is State.QUEUED]


async def test_a_accepts_the_lead_under_the_cursor_and_the_next_one_comes(session):
    async with running(session) as watch:
        first, second = watch.tray.shown[:2]
        await watch.press("a")
        assert [(one.lead_id, one.act) for one in decided(session)] == [(first, Act.ACCEPT)]
        assert watch.cursor == second
        assert first not in watch.tray.shown
        assert watch.foot().rstrip().endswith("u undoes")


async def test_a_digit_is_the_reason(session):
    async with running(session) as watch:
        await watch.press("r", "8")
        (decision,) = decided(session)
        assert (decision.act, decision.reason) == (Act.REJECT, "NOT_A_BUYER")


async def test_what_the_app_knows_is_shown_and_costs_no_key(session):
    async with running(session) as watch:
        await watch.press("r")
        assert "→ an industry we serve" in watch.text().replace("…", "e") or "→ an" in watch.text()
        await watch.press("2")
        (decision,) = decided(session)
        assert decision.params == {"criterion": "industry"}


async def test_a_note_is_asked_for_where_the_code_needs_one(session):
    async with running(session) as watch:
        await watch.press("r", "0")
        assert decided(session) == []
        await watch.type("asked for a job")
        await watch.press("enter")
        (decision,) = decided(session)
        assert (decision.reason, decision.note) == ("OTHER", "asked for a job")


async def test_a_required_parameter_cannot_stay_empty(session):
    async with running(session) as watch:
        await watch.press("r", "0", "enter")
        assert "It cannot be empty." in watch.text()
        assert decided(session) == []


async def test_tab_edits_what_was_filled_in(session):
    async with running(session) as watch:
        await watch.press("r", "tab", "2", "1")
        (decision,) = decided(session)
        assert decision.params["criterion"] == watch.app.day.rulebook.definition.criteria[0].criterion_id


async def test_backspace_and_escape_leave_a_choice_without_an_effect(session):
    async with running(session) as watch:
        for leave in ("backspace", "escape"):
            await watch.press("r", leave)
            assert watch.app.day.asking.question is None
        assert decided(session) == []


async def test_another_key_closes_the_choice_and_does_what_it_does(session):
    async with running(session) as watch:
        second = watch.tray.shown[1]
        await watch.press("r", "j")
        assert watch.app.day.asking.question is None
        assert watch.cursor == second
        assert decided(session) == []


async def test_a_digit_without_a_reason_does_nothing(session):
    async with running(session) as watch:
        await watch.press("A", "9")
        assert watch.app.day.asking.question is not None
        assert decided(session) == []


async def test_a_bulk_act_reaches_every_marked_lead_as_one_batch(session):
    async with running(session) as watch:
        marked = watch.tray.shown[:3]
        await watch.press("space", "space", "space", "r", "8")
        made = decided(session)
        assert sorted(one.lead_id for one in made) == sorted(marked)
        assert len({one.batch_id for one in made}) == 1
        assert "3 rejected" in watch.foot()
        assert watch.tray.inbox.marks == frozenset()


async def test_undo_restores_every_lead_of_a_bulk_decision(session):
    async with running(session) as watch:
        before = watch.tray.shown
        await watch.press("space", "space", "space", "r", "8", "u")
        assert watch.tray.shown == before
        assert unsent(session) == []
        assert "Undone: 3 rejected" in watch.foot()


async def test_from_twenty_leads_on_a_preview_asks_and_only_enter_confirms(session):
    async with running(session) as watch:
        await watch.press("asterisk", "r", "8")
        assert "30 rejected NOT_A_BUYER" in watch.text()
        await watch.press("a", "y", "8")
        assert decided(session) == []
        await watch.confirm()
        assert len(decided(session)) == 30
        await watch.sees("Nothing to triage.")


async def test_a_refused_act_says_the_keys_that_do_apply(session):
    async with running(session) as watch:
        await watch.press("d", "1")
        assert decided(session) == []
        assert "not contacted yet: reject r, recycle y" in watch.foot()


async def test_a_failed_write_keeps_the_lead_and_says_not_saved(session):
    async with running(session) as watch:
        before = watch.tray.shown
        session.refuse = WriteFailed("The disk is full.")
        await watch.press("a")
        assert watch.tray.shown == before
        assert "NOT SAVED" in watch.foot()


async def test_a_failed_write_keeps_what_the_rep_typed(session):
    async with running(session) as watch:
        session.refuse = WriteFailed("The disk is full.")
        await watch.press("r", "0")
        await watch.type("a note")
        await watch.press("enter")
        assert "NOT SAVED" in watch.foot()
        assert "a note" in watch.text()
        await watch.press("enter")
        (decision,) = decided(session)
        assert decision.note == "a note"


async def test_keys_typed_ahead_each_meet_a_lead_that_was_shown(session):
    async with running(session) as watch:
        expected = watch.tray.shown[:5]
        seen = []
        really_painted = watch.app.day.painted

        async def painted():
            answer = await really_painted()
            seen.append(watch.app.screen.list._seen)
            return answer

        watch.app.day.painted = painted
        watch.ahead(*"aaaaa")
        await until(lambda: len(decided(session)) == 5)
        assert [one.lead_id for one in decided(session)] == list(expected)
        assert seen == list(expected)


async def test_text_typed_ahead_goes_into_the_field_and_enter_ends_it(session):
    async with running(session) as watch:
        watch.ahead("r", "0", *"spam", "enter", "a")
        await until(lambda: len(decided(session)) == 2)
        assert [(one.act, one.note) for one in decided(session)] == [(Act.REJECT, "spam"), (Act.ACCEPT, "")]


async def test_a_full_stop_repeats_the_last_decision_on_the_next_lead(session):
    async with running(session) as watch:
        await watch.press("r", "8", "full_stop")
        assert [one.reason for one in decided(session)] == ["NOT_A_BUYER", "NOT_A_BUYER"]


async def test_reroute_offers_the_owner_of_the_territory_first(session):
    async with running(session) as watch:
        await watch.go_to("L-0003")
        await watch.press("t", "enter")
        (decision,) = decided(session)
        assert (decision.act, decision.params["to"]) == (Act.REROUTE, "rep-3")


async def test_an_empty_date_snoozes_until_tomorrow(session):
    async with running(session) as watch:
        await watch.go_to("L-0014")
        await watch.press("z", "enter")
        (decision,) = decided(session)
        assert (decision.act, decision.params["until"]) == (Act.SNOOZE, "2026-11-18")


async def test_where_the_sla_ends_today_an_empty_end_leaves_time_to_act(session):
    async with running(session) as watch:
        await watch.go_to("L-0001")
        await watch.press("z", "enter")
        (decision,) = decided(session)
        wakes_at = datetime.fromisoformat(decision.params["until"])
        assert decision.decided_at < wakes_at < decision.snapshot.sla_due_at


async def test_a_snooze_past_the_sla_is_refused_with_how_long_it_can_last(session):
    async with running(session) as watch:
        await watch.go_to("L-0001")
        await watch.press("z", *"mon", "enter")
        await watch.sees("snooze z until then at most")
        assert decided(session) == []


async def test_where_the_sla_has_ended_no_date_is_asked_for(session, clock):
    clock.forward(hours=1)
    async with running(session) as watch:
        await watch.go_to("L-0001")
        await watch.press("z")
        await watch.sees("SLA ended")
        assert "Snooze Ada" not in watch.text()
        assert decided(session) == []


async def test_a_date_that_cannot_be_read_is_said_in_place(session):
    async with running(session) as watch:
        await watch.go_to("L-0001")
        await watch.press("z")
        await watch.type("soonish")
        await watch.press("enter")
        assert "is not a date" in watch.text()
        assert decided(session) == []


async def test_a_decision_keeps_how_the_lead_was_shown(session, clock):
    async with running(session) as watch:
        await watch.press("j")
        clock.forward(seconds=4)
        await watch.press("a")
        (decision,) = decided(session)
        assert decision.snapshot.shown.dwell_ms == 4000
        assert decision.snapshot.shown.position == 2


async def test_a_lead_that_vanishes_under_the_cursor_stays_as_a_note_until_the_rep_moves(session):
    async with running(session) as watch:
        await watch.press("j")
        gone, following = watch.tray.shown[1:3]
        kept = [entry for entry in watch.tray.inbox.entries.values() if entry.lead_id != gone]
        watch.tray.load(kept)
        watch.app.screen.show()
        assert watch.cursor == gone
        assert "no longer on your list" in watch.text()
        await watch.press("j")
        assert watch.cursor == following
        assert gone not in watch.tray.shown


async def test_a_definitional_reject_of_a_lead_that_passes_offers_a_dispute_of_the_definition(session):
    async with running(session) as watch:
        await watch.go_to("P-0001")
        await watch.press("r", "1")
        (decision,) = decided(session)
        assert decision.disagrees_with == "definition v4"
        assert "D disputes the definition" in watch.foot()
        await watch.press("D", "1")
        await watch.type("100 employees or more")
        await watch.press("enter")
        (told,) = [item.feedback for item in unsent(session) if item.feedback]
        assert (told.lead_id, told.decision_id) == ("P-0001", decision.decision_id)


async def test_accepted_leads_are_in_the_working_view(session):
    async with running(session) as watch:
        first = watch.cursor
        await watch.press("a")
        watch.app.look_at(View.WORKING)
        assert watch.tray.shown == (first,)
