"""Many leads at once: counts and exceptions beforehand, a result for each lead, one record, one undo."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from screens.actions import default_keys
from screens.asking.pick import Pick
from screens.asking.questions import Confirm
from screens.deciding.accounts import Accounts
from screens.lead.screen import LeadScreen
from tests.screens.sample import NOW, lead
from tests.screens.stage import session_with
from tests.screens.test_screens_deciding import decided, unsent
from tests.screens.test_screens_telling import told
from tests.screens.watching import running, until
from triage.domain.account import Account, Sibling
from triage.domain.entries import Entries
from triage.domain.inbox import Entry, View
from triage.domain.lead import LeadId

ACME = Account("A-7", "Acme Parts")


def contacted(number):
    """Return a lead that a reject is refused on."""
    return replace(lead(number), contacted_at=NOW - timedelta(days=2), contact_known=True)


@pytest.fixture
def mixed(tmp_path, clock):
    """Six leads, two of which were contacted already."""
    leads = [lead(1), lead(2), contacted(3), lead(4), contacted(5), lead(6)]
    with session_with(tmp_path, leads, clock) as session:
        yield session


@pytest.fixture
def crowd(tmp_path, clock):
    """Thirty-two leads, two of which were contacted already."""
    leads = [contacted(number) if number in (3, 5) else lead(number) for number in range(1, 33)]
    with session_with(tmp_path, leads, clock) as session:
        yield session


@pytest.fixture
def acme(tmp_path, clock):
    """Four leads of one account, and three of others."""
    leads = [replace(lead(number), account=ACME, company="Acme Parts") for number in range(1, 5)]
    with session_with(tmp_path, [*leads, *(lead(number) for number in range(5, 8))], clock) as session:
        yield session


def records(session):
    return session.thread.call(lambda: session.desk.outbox.db._store.journal.sequence)


async def test_the_preview_counts_what_is_done_and_what_is_skipped_with_its_cause(crowd):
    async with running(crowd) as watch:
        await watch.press("asterisk", "r", "8")
        assert "Reject 30 leads?" in watch.text()
        assert "30 rejected NOT_A_BUYER" in watch.text()
        assert "2 skipped: contacted 15 Nov" in watch.text()
        assert decided(crowd) == []
        before = records(crowd)
        await watch.confirm()
        assert records(crowd) == before + 1
        assert len(decided(crowd)) == 30
        await watch.press("u")
        assert "Undone: 30 rejected" in watch.foot()
        assert len(watch.tray.shown) == 32


async def test_while_a_preview_is_read_what_its_yes_records_is_written_ahead(crowd, monkeypatch):
    made = []
    write_ahead = crowd.desk.outbox.write_ahead
    monkeypatch.setattr(
        crowd.desk.outbox, "write_ahead", lambda one: made.extend(one := [*one]) or write_ahead(one)
    )
    async with running(crowd) as watch:
        await watch.press("asterisk", "r", "8")
        await until(lambda: len(made) == 30)
        assert decided(crowd) == []
        await watch.confirm()
        foreseen = [item.decision for item in made]
        assert [replace(one, decided_at=NOW) for one in decided(crowd)] == [
            replace(one, decided_at=NOW) for one in foreseen
        ]
        assert foreseen[0].snapshot.shown.position == 1


async def test_while_a_preview_is_read_its_leads_are_taken_off_the_list_that_a_yes_shows(crowd):
    async with running(crowd) as watch:
        await watch.press("asterisk", "r", "8")
        await until(lambda: watch.tray._lifted is not None)
        without = watch.tray._lifted.shown
        assert (len(watch.tray.shown), len(without)) == (32, 2)
        await watch.confirm()
        assert watch.tray.shown is without
        assert watch.tray._lifted is None


async def test_what_was_made_ready_for_a_yes_goes_with_the_question(crowd):
    desk = crowd.desk
    async with running(crowd) as watch:
        await watch.press("asterisk", "r", "8")
        await until(lambda: len(desk.outbox._ahead) == 30)
        await watch.press("escape")
        await until(lambda: desk._plan is None and not desk.outbox._ahead)
        assert watch.tray._lifted is None
        await watch.press("8")
        await watch.confirm()
        assert len(decided(crowd)) == 30


async def test_escape_from_the_preview_leads_back_to_the_reasons(crowd):
    async with running(crowd) as watch:
        await watch.press("asterisk", "r", "8")
        assert isinstance(watch.app.day.asking.question, Confirm)
        await watch.press("escape")
        assert "Reject 32 leads" in watch.text()
        await watch.press("escape")
        assert watch.app.day.asking.question is None
        assert len(watch.tray.inbox.marks) == 32


async def test_below_twenty_leads_the_toast_says_what_was_skipped_and_why(mixed):
    async with running(mixed) as watch:
        await watch.press("asterisk", "r", "8")
        assert "4 rejected NOT_A_BUYER · 2 skipped: contacted 15 Nov" in watch.foot()
        assert watch.foot().rstrip().endswith("W lists them · u undoes")


async def test_what_was_skipped_stays_marked_and_w_lists_each_with_its_cause(mixed):
    async with running(mixed) as watch:
        await watch.press("asterisk", "r", "8")
        assert watch.tray.inbox.marks == frozenset({"L-0003", "L-0005"})
        await watch.press("W")
        assert "2 skipped" in watch.text()
        for number in (3, 5):
            line = next(one for one in watch.lines() if lead(number).name in one and "contacted" in one)
            assert "contacted 15 Nov: recycle y, or disqualify d" in line
        second = watch.app.day.acts.skipped[1].lead_id
        await watch.press("2")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        assert watch.cursor == second


async def test_what_was_skipped_can_be_decided_at_once_in_another_way(mixed):
    async with running(mixed) as watch:
        await watch.press("asterisk", "r", "8", "d", "7")
        assert watch.tray.inbox.marks == frozenset()
        acts = {one.lead_id: one.act.value for one in decided(mixed)}
        assert acts["L-0003"] == acts["L-0005"] == "disqualify"


async def test_where_all_are_skipped_nothing_is_asked_or_written_and_the_marks_stay(tmp_path, clock):
    with session_with(tmp_path, [contacted(number) for number in range(1, 25)], clock) as session:
        async with running(session) as watch:
            await watch.press("asterisk", "r", "8")
            assert "Not done: contacted 15 Nov" in watch.foot()
            assert watch.foot().rstrip().endswith("W lists them")
            assert len(watch.tray.inbox.marks) == 24
            assert decided(session) == []


async def test_w_says_so_where_nothing_was_skipped(session):
    async with running(session) as watch:
        await watch.press("a", "W")
        assert "skipped no lead" in watch.foot()


async def test_an_act_on_the_lead_in_full_leaves_the_marks_of_the_list(session):
    async with running(session) as watch:
        await watch.press("space", "space", "enter")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        marked = watch.tray.inbox.marks
        await watch.press("a")
        assert len(decided(session)) == 1
        assert watch.tray.inbox.marks == marked
        assert len(marked) == 2


async def test_feedback_keeps_the_marks_for_the_decision_that_follows(session):
    async with running(session) as watch:
        await watch.press("space", "space", "minus", "r", "8")
        assert len(told(session)) == len(decided(session)) == 2


async def test_feedback_on_many_leads_says_which_it_skipped(tmp_path, clock):
    leads = [lead(1), replace(lead(2), score=None), replace(lead(3), score=None)]
    with session_with(tmp_path, leads, clock) as session:
        async with running(session) as watch:
            await watch.press("asterisk", "minus")
            assert "score too high" in watch.foot()
            assert "2 skipped: no score" in watch.foot()
            await watch.press("W")
            assert isinstance(watch.app.day.asking.question, Pick)


# The same again


async def test_a_full_stop_says_what_it_repeated(session):
    async with running(session) as watch:
        await watch.press("r", "8", "full_stop")
        assert watch.foot().strip().startswith("Again: ")
        assert "rejected: student, job seeker" in watch.foot()


async def test_a_full_stop_reaches_all_marked_leads_as_one_act(session):
    async with running(session) as watch:
        await watch.press("r", "8", "space", "space", "space", "full_stop")
        assert "Again: 3 rejected" in watch.foot()
        await watch.press("u")
        assert len(unsent(session)) == 1


async def test_a_full_stop_on_twenty_leads_and_more_asks_first(session):
    async with running(session) as watch:
        await watch.press("r", "8", "asterisk", "full_stop")
        assert "29 rejected NOT_A_BUYER" in watch.text()
        assert len(decided(session)) == 1
        await watch.confirm()
        assert len(decided(session)) == 30


async def test_what_was_said_of_one_lead_is_asked_for_again_on_the_next(session):
    async with running(session) as watch:
        await watch.go_to("L-0003")
        await watch.press("r", "5")
        await watch.type("petra")
        await watch.press("enter")
        await watch.go_to("L-0004")
        await watch.press("full_stop")
        assert isinstance(watch.app.day.asking.question, Pick)
        await watch.press("escape")
        assert [one.lead_id for one in decided(session)] == ["L-0003"]


# The same for the account


async def test_the_same_is_offered_for_the_other_open_leads_of_the_account(acme):
    async with running(acme) as watch:
        await until(lambda: len(watch.app.day.acts.accounts) == 7)
        await watch.go_to("L-0002")
        await watch.press("r", "8")
        assert "rejected NOT_A_BUYER · &: same for 3 more of Acme Par" in watch.foot()
        await watch.press("ampersand")
        question = watch.app.day.asking.question
        assert isinstance(question, Confirm)
        assert "Reject 3 more leads: NOT_A_BUYER?" in watch.text()
        for number in (1, 3, 4):
            assert any(lead(number).name in line for line in question.lead_in)
        assert len(decided(acme)) == 1
        await watch.confirm()
        made = decided(acme)
        assert sorted(one.lead_id for one in made) == [f"L-{number:04}" for number in range(1, 5)]
        assert len({one.batch_id for one in made if one.lead_id != "L-0002"}) == 1
        await watch.press("u")
        assert "Undone: 3 rejected" in watch.foot()
        assert len(unsent(acme)) == 1


async def test_the_offer_ends_with_the_next_act(acme):
    async with running(acme) as watch:
        await until(lambda: len(watch.app.day.acts.accounts) == 7)
        await watch.go_to("L-0002")
        await watch.press("a")
        await watch.go_to("L-0005")
        await watch.press("minus", "ampersand")
        assert "nothing to do the same for" in watch.foot()
        assert len(decided(acme)) == 1


async def test_an_undo_withdraws_the_offer(acme):
    async with running(acme) as watch:
        await until(lambda: len(watch.app.day.acts.accounts) == 7)
        await watch.go_to("L-0002")
        await watch.press("a", "u", "ampersand")
        assert "nothing to do the same for" in watch.foot()
        assert not unsent(acme)


async def test_after_an_undo_of_the_offer_the_first_act_stands_and_the_others_are_open_again(acme):
    async with running(acme) as watch:
        await until(lambda: len(watch.app.day.acts.accounts) == 7)
        await watch.go_to("L-0002")
        await watch.press("a", "ampersand")
        await watch.confirm()
        assert len(decided(acme)) == 4
        await watch.press("u")
        await watch.go_to("L-0001")
        await watch.press("a")
        assert "same for 2 more of Acme Par" in watch.foot()


async def test_what_was_told_is_offered_for_the_other_open_leads_of_the_account(acme):
    async with running(acme) as watch:
        await until(lambda: len(watch.app.day.acts.accounts) == 7)
        await watch.go_to("L-0002")
        await watch.press("minus")
        assert "score too high" in watch.foot()
        assert "&: same for 3 more of Acm" in watch.foot()
        await watch.press("ampersand")
        question = watch.app.day.asking.question
        assert isinstance(question, Confirm)
        for number in (1, 3, 4):
            assert any(lead(number).name in line for line in question.lead_in)
        assert len(unsent(acme)) == 1
        await watch.confirm()
        told = unsent(acme)
        assert sorted(one.lead_id for one in told) == [f"L-{number:04}" for number in range(1, 5)]
        assert all(one.feedback.payload["verdict"] == "too_high" for one in told)
        assert "same for" not in watch.foot()
        await watch.press("u")
        assert len(unsent(acme)) == 1


async def test_a_correction_of_one_lead_is_not_offered_for_others(acme):
    async with running(acme) as watch:
        await until(lambda: len(watch.app.day.acts.accounts) == 7)
        await watch.go_to("L-0002")
        await watch.press("e", "1", "X", "enter")
        assert len(unsent(acme)) == 1
        assert "same for" not in watch.foot()


async def test_a_lead_that_comes_while_another_leaves_is_of_the_account(acme):
    async with running(acme) as watch:
        day = watch.app.day
        await until(lambda: len(day.acts.accounts) == 7)
        come = replace(
            lead(40), lead_id=LeadId("L-0040"), company="Acme Parts", account=Account("A-1", "Acme Parts")
        )
        one = day.tray.inbox.entries[LeadId("L-0002")].outline
        come = replace(come, account=one.account, company=one.company)
        await acme.call(acme.desk.leads.merge, [come], [LeadId("L-0003")], (), "c2")
        await watch.app.news.leads_changed(None)
        day.acts.accounts.prepare(day.tray.inbox.entries)
        others = day.acts.accounts.others(one, day.tray.inbox.entries, NOW)
        assert sorted(others) == ["L-0001", "L-0004", "L-0040"]


async def test_leads_that_were_decided_meanwhile_are_left_out_of_the_offer(acme):
    async with running(acme) as watch:
        await until(lambda: len(watch.app.day.acts.accounts) == 7)
        await watch.go_to("L-0002")
        await watch.press("a")
        await acme.call(acme.desk.decide, [LeadId("L-0003")], "accept")
        await watch.app.news.leads_changed([LeadId("L-0003")])
        await watch.press("ampersand")
        assert "Accept 2 more leads?" in watch.text()


async def test_no_offer_is_made_after_a_bulk_act_or_where_the_account_has_no_other_lead(acme):
    async with running(acme) as watch:
        await until(lambda: len(watch.app.day.acts.accounts) == 7)
        await watch.go_to("L-0005")
        await watch.press("a", "ampersand")
        assert "nothing to do the same for" in watch.foot()
        await watch.press("asterisk", "a", "ampersand")
        assert "nothing to do the same for" in watch.foot()


def test_leads_are_of_one_account_only_if_id_and_name_agree():
    accounts = Accounts()
    one = replace(lead(1), account=Account("A-7", "Acme Parts", siblings=(Sibling("L-0004"),)))
    others = (
        replace(lead(2), account=Account("A-7", "ACME PARTS ")),
        replace(lead(3), account=Account("A-7", "Another name")),
        replace(lead(4), account=Account("A-8", "Acme Parts")),
        replace(lead(5), account=Account("A-7", "Acme Parts")),
    )
    entries = {entry.lead_id: entry for entry in map(Entry.of, (one, *others))}
    entries[LeadId("L-0005")] = replace(entries[LeadId("L-0005")], gone=True)
    accounts.prepare(Entries(entries.values()))
    assert accounts.others(entries[one.lead_id].outline, entries, NOW) == ("L-0002",)


def test_without_a_company_nothing_is_the_same_account():
    nameless = [replace(lead(number), company="", account=Account()) for number in (1, 2)]
    entries = {entry.lead_id: entry for entry in map(Entry.of, nameless)}
    accounts = Accounts()
    accounts.prepare(Entries(entries.values()))
    assert accounts.others(entries[LeadId("L-0001")].outline, entries, NOW) == ()


# Toasts


async def test_a_toast_names_the_undo_key_as_the_rep_has_it(session):
    keymap = {**default_keys(), "undo": "U", "skipped": "x"}
    async with running(session, keymap=keymap) as watch:
        await watch.press("a")
        assert watch.foot().rstrip().endswith("U undoes")
        await watch.press("minus")
        assert watch.foot().rstrip().endswith("U undoes")
        await watch.press("U")
        assert "U again: " in watch.foot()


async def test_a_warning_says_on_how_many_leads(tmp_path, clock):
    marked = Account(do_not_contact=True)
    leads = [replace(lead(number), account=marked) if number < 3 else lead(number) for number in range(1, 6)]
    with session_with(tmp_path, leads, clock) as session:
        async with running(session) as watch:
            await watch.press("asterisk", "a")
            assert "5 accepted · on 2: marked do-not-contact" in watch.foot()


async def test_accepted_leads_that_stay_in_sight_are_not_left_marked(session):
    async with running(session) as watch:
        await watch.press("a", "a")
        watch.app.look_at(View.DECIDED)
        await watch.press("asterisk", "y", "3")
        assert len(watch.tray.shown) == 2
        assert watch.tray.inbox.marks == frozenset()
