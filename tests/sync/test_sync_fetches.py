"""Fetching: it takes in what changed, and never destroys what it cannot replace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes import ME, Clock, Crash, FakeCrm, Office, lead, lead_id, office
from triage.crm.port import ReplyPage
from triage.domain.act import Act
from triage.domain.item import State
from triage.domain.lead import LeadStatus
from triage.domain.review import Reply, ReplyKind
from triage.errors import BadAnswer, StaleCursor
from triage.sync.events import AnotherSyncs, Asked, FetchAsks, SyncFinished, SyncStarted
from triage.sync.turn import turn

ONE, TWO, THREE = (lead_id(number) for number in range(1, 4))


def ids(place: Office) -> set[str]:
    return {cached.lead.lead_id for cached in place.desk.leads.all()}


def forget_the_cursor(place: Office) -> None:
    """Make the next fetch a whole one."""
    place.desk.leads.remember("cursor", "")


def test_the_first_fetch_takes_everything_and_the_next_what_changed(place: Office) -> None:
    assert len(ids(place)) == 5
    place.crm.change(ONE, title="CTO")
    place.crm.add(lead(6))
    report = place.synced()
    assert report.fetched == 2
    assert place.desk.entry(ONE).lead.title == "CTO"
    assert len(ids(place)) == 6
    assert place.synced().fetched == 0


def test_a_lead_that_is_no_longer_the_reps_goes(place: Office) -> None:
    place.crm.reassign(ONE)
    assert place.synced().gone == 1
    assert ONE not in ids(place)


def test_a_lead_with_something_undelivered_survives_that_it_went(place: Office) -> None:
    item = place.desk.decide([ONE], Act.ACCEPT).items[0]
    place.crm.refuses[ONE] = "no"
    place.crm.reassign(ONE)
    place.synced()
    entry = place.desk.entry(ONE)
    assert entry.gone
    assert entry.decision
    assert entry.decision.id == item.id


def test_a_lead_with_something_undelivered_survives_a_whole_fetch_without_it(place: Office) -> None:
    place.desk.decide([ONE], Act.ACCEPT)
    place.crm.reassign(ONE)
    place.crm.reassign(TWO)
    forget_the_cursor(place)
    place.synced(deliver=False)
    assert place.desk.entry(ONE).gone
    assert TWO not in ids(place)


def test_what_another_process_decides_during_a_fetch_survives_it(place: Office) -> None:
    other = place.another_desk()
    place.crm.reassign(ONE)
    forget_the_cursor(place)

    def decide_there(step: str) -> None:
        if step == "fetched":
            other.decide([ONE], Act.ACCEPT)

    place.synced(deliver=False, step=decide_there)
    assert place.desk.entry(ONE).gone
    other.outbox.close()
    other.leads.close()


@pytest.mark.parametrize("left", [0, 1])
def test_a_whole_fetch_that_leaves_hardly_any_lead_asks_before_it_replaces(tmp_path: Path, left: int) -> None:
    place = office(tmp_path, leads=10)
    for number in range(1, 11 - left):
        place.crm.reassign(lead_id(number))
    forget_the_cursor(place)
    events = place.sync()
    assert [(one.old, one.new) for one in events if isinstance(one, FetchAsks)] == [(10, left)]
    assert isinstance(events[-1], SyncFinished)
    assert len(ids(place)) == 10
    place.synced(confirmed=True)
    assert len(ids(place)) == left
    place.close()


def test_a_whole_fetch_that_leaves_enough_does_not_ask(tmp_path: Path) -> None:
    place = office(tmp_path, leads=10)
    for number in range(1, 9):
        place.crm.reassign(lead_id(number))
    forget_the_cursor(place)
    assert not any(isinstance(event, FetchAsks) for event in place.sync())
    assert len(ids(place)) == 2
    place.close()


def test_a_fetch_that_fails_midway_leaves_the_old_leads(place: Office) -> None:
    place.crm.down = True
    place.stopped()
    assert len(ids(place)) == 5
    assert len(place.open_ids()) == 5


def test_a_fetch_that_stops_between_pages_goes_on_where_it_was(tmp_path: Path) -> None:
    place = office(tmp_path, leads=6, page=2)
    for number in range(1, 7):
        place.crm.change(lead_id(number), title="CTO")

    def stop(step: str) -> None:
        if step == "merged":
            raise Crash

    with pytest.raises(Crash):
        place.sync(step=stop)
    place.reopen()
    place.synced()
    assert {cached.lead.title for cached in place.desk.leads.all()} == {"CTO"}
    place.close()


def test_the_agreed_rules_are_kept_for_when_there_is_no_network(place: Office) -> None:
    assert place.reopen().people()[0].user_id == "rep-2"
    assert place.desk.statistics()[0].source == "webinar"


@pytest.mark.parametrize("name", ["proposals", "bands", "assets"])
def test_a_list_that_cannot_be_read_keeps_no_lead_away(
    place: Office, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    async def broken() -> object:
        raise BadAnswer("The CRM's answer is no JSON.")

    monkeypatch.setattr(place.crm, name, broken, raising=False)
    place.desk.leads.remember("rules_at", None)
    place.crm.change(ONE, title="CTO")
    assert place.synced().unread == {name: 1}
    assert [one.lead.title for one in place.desk.leads.all() if one.lead.lead_id == ONE] == ["CTO"]


# Replies


def answer(place: Office, of: str, kind: ReplyKind) -> None:
    place.crm.answers.append(Reply(f"A-{len(place.crm.answers)}", of, kind, "Because."))


def rejected(place: Office) -> str:
    item_id = place.desk.decide([ONE], Act.REJECT, reason="NOT_A_BUYER").items[0].id
    place.synced()
    return item_id


def test_a_reply_is_taken_in_once_and_marks_the_decision_reviewed(place: Office) -> None:
    item_id = rejected(place)
    answer(place, item_id, ReplyKind.UPHELD)
    assert place.synced().replies == 1
    assert place.synced().replies == 0
    assert place.state(item_id) is State.REVIEWED
    assert [reply.text for reply in place.desk.replies()] == ["Because."]


def test_replies_after_a_cursor_the_crm_does_not_know_are_fetched_from_the_start(
    place: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    item_id = rejected(place)
    answer(place, item_id, ReplyKind.ACKNOWLEDGED)
    place.synced()
    known = place.crm.replies

    def forgetful(cursor: str | None) -> AsyncIterator[ReplyPage]:
        if cursor:
            raise StaleCursor("The place is not known.")
        return known(cursor)

    monkeypatch.setattr(place.crm, "replies", forgetful)
    answer(place, item_id, ReplyKind.CHANGED)
    assert place.synced().replies == 1
    assert [one.kind for one in place.desk.leads.replies()] == [ReplyKind.ACKNOWLEDGED, ReplyKind.CHANGED]


def test_an_answer_that_is_no_review_leaves_the_decision_applied(place: Office) -> None:
    item_id = rejected(place)
    answer(place, item_id, ReplyKind.ACKNOWLEDGED)
    place.synced()
    assert place.state(item_id) is State.APPLIED


def test_a_lead_that_marketing_returns_is_open_again(place: Office) -> None:
    item_id = rejected(place)
    place.crm.change(ONE, owner=ME, status=LeadStatus.ASSIGNED)
    answer(place, item_id, ReplyKind.RETURNED)
    place.synced()
    assert place.state(item_id) is State.REVIEWED
    assert ONE in place.open_ids()


def test_a_review_that_came_while_the_answer_was_lost_is_marked_later(place: Office) -> None:
    item_id = place.desk.decide([ONE], Act.REJECT, reason="NOT_A_BUYER").items[0].id
    place.crm.faults = ["drop-after"]
    place.crm.mute = {item_id}
    answer(place, item_id, ReplyKind.UPHELD)
    place.synced()
    place.crm.mute = set()
    place.synced()
    assert place.state(item_id) is State.REVIEWED


def test_a_stop_between_a_reply_and_its_mark_is_made_good(place: Office) -> None:
    item_id = rejected(place)
    answer(place, item_id, ReplyKind.UPHELD)

    def stop(step: str) -> None:
        if step == "replies":
            raise Crash

    with pytest.raises(Crash):
        place.sync(step=stop)
    place.reopen()
    place.synced()
    assert place.state(item_id) is State.REVIEWED


# One sender


def test_one_process_syncs_and_the_other_says_who(place: Office) -> None:
    import os

    place.desk.decide([ONE], Act.ACCEPT)
    with turn(place.folder / "sync.lock", place.clock()) as holder:
        assert holder is None
        (told,) = place.sync()
    assert isinstance(told, AnotherSyncs)
    assert told.pid == os.getpid()
    assert told.since
    assert place.crm.pushed == []
    assert place.synced().applied == 1


def test_a_lock_file_that_cannot_be_opened_stops_the_sync_and_says_so(place: Office) -> None:
    (place.folder / "sync.lock").unlink()
    (place.folder / "sync.lock").symlink_to(place.folder / "elsewhere")
    assert "sync.lock" in place.stopped().error.message


def test_it_begins_by_taking_in_what_another_process_wrote(place: Office) -> None:
    other = place.another_desk()
    item = other.decide([ONE], Act.ACCEPT).items[0]
    other.outbox.claim([item])
    other.outbox.close()
    other.leads.close()
    events = place.sync()
    assert isinstance(events[0], SyncStarted)
    assert place.crm.asked == [item.id]
    assert place.crm.effects_of(item.id) == 1


def test_a_rep_without_leads_has_an_empty_inbox_and_no_question(tmp_path: Path) -> None:
    clock = Clock()
    place = Office(tmp_path, FakeCrm(clock), clock)
    assert place.synced().fetched == 0
    assert place.open_ids() == set()
    place.close()


def test_a_cursor_the_crm_does_not_know_makes_the_fetch_start_over(place: Office) -> None:
    place.desk.leads.remember("cursor", "from another server")
    place.crm.change(ONE, title="CTO")
    assert place.synced().fetched == 5
    assert place.desk.entry(ONE).lead.title == "CTO"


def test_changes_that_take_nearly_all_untouched_leads_away_are_asked_about(place: Office) -> None:
    for number in range(1, 6):
        place.crm.reassign(lead_id(number))
    events = place.sync()
    assert any(isinstance(event, FetchAsks) for event in events)
    assert len(ids(place)) == 5
    assert place.synced().asked == Asked(5, 0)
    assert place.desk.status().last_error.startswith("The CRM would leave 0 of 5 leads")
    place.synced(confirmed=True)
    assert ids(place) == set()


def test_updates_of_leads_that_stay_do_not_make_up_for_those_that_go(place: Office) -> None:
    for number in range(6, 11):
        place.crm.add(lead(number))
    place.synced()
    for number in range(1, 10):
        place.crm.reassign(lead_id(number))
    for title in "abcdefghi":
        place.crm.change(lead_id(10), title=title)
    assert any(isinstance(event, FetchAsks) for event in place.sync())


def test_leads_that_go_by_the_reps_own_decisions_are_not_asked_about(place: Office) -> None:
    place.desk.decide([lead_id(number) for number in range(1, 6)], Act.REJECT, reason="NOT_A_BUYER")
    events = place.sync()
    assert not any(isinstance(event, FetchAsks) for event in events)
