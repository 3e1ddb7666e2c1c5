"""What a session adds up to, and undo walking back through it: act by act, across a restart and other processes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.fakes import Office, lead, lead_id
from triage.desk.history import Deed, Fate, Stretch, Tally, clock_words
from triage.desk.undoing import put_away
from triage.domain.act import Act
from triage.domain.archived import Archived
from triage.domain.decision import Decision, Shown, Snapshot
from triage.domain.definition import Definition
from triage.domain.feedback import FeedbackType
from triage.domain.item import Item, State
from triage.errors import NotAllowed

ONE, TWO, THREE, FOUR, FIVE = (lead_id(number) for number in range(1, 6))
NOON = datetime(2026, 11, 17, 12, tzinfo=UTC)


def item(number: int, act: Act = Act.ACCEPT, *, at: float = 0, dwell: int | None = None, **said: Any) -> Item:
    """Return a decision on lead `number`, made `at` seconds after noon; `dwell` in milliseconds."""
    made_at = NOON + timedelta(seconds=at)
    since = made_at - timedelta(milliseconds=dwell) if dwell is not None else None
    snapshot = replace(Snapshot.of(lead(number), Definition(""), Shown()), shown=Shown(since, dwell))
    state = State(said.pop("state", State.QUEUED))
    decision = Decision(f"d{number}-{at}", lead_id(number), act, made_at, snapshot, **said)
    return Item(state, made_at, decision=decision, seq=int(at) + 1)


def tally_of(*items: Item) -> Tally:
    return Stretch.of(items, NOON).tally()


def test_a_session_counts_leads_by_their_last_act_and_its_time_from_the_first_look_to_the_last_act() -> None:
    tally = tally_of(
        item(1, at=10, dwell=4000),
        item(2, Act.REJECT, at=20, dwell=8000),
        item(3, at=70, dwell=6000),
    )
    assert (tally.leads, dict(tally.acts)) == (3, {Act.ACCEPT: 2, Act.REJECT: 1})
    assert (tally.took, tally.median_seconds) == (timedelta(seconds=64), 6.0)


def test_what_was_undone_counts_in_no_number() -> None:
    gone = item(1, at=1, dwell=1000, state=State.WITHDRAWN)
    tally = tally_of(gone, item(2, at=9))
    assert (tally.leads, tally.median_seconds) == (1, None)


def test_a_decision_that_is_being_taken_back_does_not_stand() -> None:
    sent = item(1, at=1, state=State.APPLIED)
    restore = item(1, Act.RESTORE, at=2, of=sent.id, supersedes=sent.id)
    stretch = Stretch.of([sent, restore], NOON)
    assert [deed.fate for deed in stretch.deeds] == [Fate.UNDONE]
    assert stretch.tally().leads == 0


def test_a_lead_that_was_decided_again_counts_once_and_says_so() -> None:
    first = item(1, at=1, state=State.SUPERSEDED)
    second = item(1, Act.REJECT, at=2, supersedes=first.id)
    stretch = Stretch.of([first, second], NOON)
    assert [deed.fate for deed in stretch.deeds] == [Fate.STANDS, Fate.REPLACED]
    assert dict(stretch.tally().acts) == {Act.REJECT: 1}


def test_a_bulk_act_is_one_deed_of_all_its_leads() -> None:
    batch = [item(number, at=5, batch_id="b") for number in (1, 2, 3)]
    (deed,) = Stretch.of(batch, NOON).deeds
    assert deed.lead_ids == (ONE, TWO, THREE)


def test_what_was_done_before_the_moment_is_left_out() -> None:
    early, late = item(1, at=-5), item(2, at=5)
    assert [deed.lead_ids for deed in Stretch.of([early, late], NOON).deeds] == [(TWO,)]
    both = Stretch.of([early, late], NOON - timedelta(minutes=1))
    assert both.after(NOON).deeds + both.before(NOON).deeds == both.deeds


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0:00"), (7, "0:07"), (580, "9:40"), (3725, "1:02:05"), (35999, "9:59:59")]
)
def test_a_span_is_said_as_a_stopwatch_shows_it(seconds: int, words: str) -> None:
    assert clock_words(timedelta(seconds=seconds)) == words


def test_the_closing_line_says_what_was_done_and_what_is_left() -> None:
    tally = Tally(100, {Act.ACCEPT: 61, Act.REJECT: 39}, took=timedelta(seconds=580))
    assert tally.closing_words(0) == "100 leads in 9:40, 61 accepted, 0 unsent."
    assert tally.closing_words(3).endswith("61 accepted, 3 unsent: `triage sync` sends them.")
    assert tally.closing_words(1).endswith("1 unsent: `triage sync` sends it.")
    assert tally.closing_words(0, 2).endswith("2 in conflict or refused: `triage queue` shows why.")
    assert replace(tally, told=4).closing_words(0) == (
        "100 leads in 9:40, 61 accepted, 4 told to marketing, 0 unsent."
    )
    one = Tally(1, {Act.ACCEPT: 1}, took=timedelta(seconds=7))
    assert one.closing_words(0) == "1 lead in 0:07, 1 accepted, 0 unsent."


def test_nothing_is_said_at_the_end_where_nothing_was_done() -> None:
    assert Tally().closing_words(5) == ""
    assert (
        Tally(told=2, took=timedelta(seconds=9)).closing_words(0) == "2 told to marketing in 0:09, 0 unsent."
    )


@given(
    st.lists(
        st.tuples(
            st.integers(1, 6),
            st.sampled_from([Act.ACCEPT, Act.REJECT, Act.RECYCLE]),
            st.sampled_from(list(State)),
            st.none() | st.integers(0, 90_000),
            st.sampled_from(["", "a", "b"]),
        ),
        max_size=12,
    )
)
def test_the_acts_of_a_tally_are_its_leads_and_no_item_is_lost(
    rows: list[tuple[int, Act, State, int | None, str]],
) -> None:
    items = [
        item(number, act, at=at, dwell=dwell, state=state, batch_id=batch or None)
        for at, (number, act, state, dwell, batch) in enumerate(rows)
    ]
    stretch = Stretch.of(items, NOON)
    tally = stretch.tally()
    assert sum(tally.acts.values()) == tally.leads
    assert sorted(one.seq for deed in stretch.deeds for one in deed.items) == [one.seq for one in items]
    assert tally.took >= timedelta()
    seconds = [deed.seconds for deed in stretch.deeds if deed.standing and deed.seconds is not None]
    assert tally.median_seconds == (median(seconds) if seconds else None)
    assert [deed.first.seq for deed in stretch.deeds] == sorted(
        (deed.first.seq for deed in stretch.deeds), reverse=True
    )


def test_a_deed_without_a_look_begins_when_it_was_made() -> None:
    deed = Deed((item(1, at=3),))
    assert (deed.begun_at, deed.seconds) == (deed.made_at, None)


# From the outbox


def test_the_desk_tells_the_acts_since_a_moment(place: Office) -> None:
    place.desk.decide([ONE], Act.ACCEPT)
    since = place.clock()
    place.desk.decide([TWO, THREE], Act.REJECT, reason="NOT_A_BUYER")
    place.desk.feedback([FOUR], FeedbackType.NOTE, {"text": "Asked for a price list."})
    deeds = place.desk.history(since).deeds
    assert [deed.lead_ids for deed in deeds] == [(FOUR,), (TWO, THREE)]
    place.synced()
    place.desk.undo()
    place.desk.undo()
    assert [deed.fate for deed in place.desk.history(since).deeds] == [Fate.UNDONE, Fate.UNDONE]


# Undo, any number of steps


def test_undo_goes_back_through_everything_that_was_decided_before_a_restart(place: Office) -> None:
    place.desk.decide([ONE], Act.ACCEPT)
    place.desk.decide([TWO, THREE], Act.REJECT, reason="NOT_A_BUYER")
    place.synced()
    place.desk.feedback([FOUR], FeedbackType.NOTE, {"text": "Asked for a price list."})
    place.desk.decide([FIVE], Act.RECYCLE, reason="EARLY_RESEARCH")
    place.reopen()
    steps = [place.desk.undo() for _ in range(4)]
    assert [step.what for step in steps] == ["1 recycled", "1 note", "2 rejected", "1 accepted"]
    assert [(step.withdrawn, step.compensated) for step in steps] == [(1, 0), (1, 0), (0, 2), (0, 1)]
    place.synced()
    assert {ONE, TWO, THREE, FOUR, FIVE} <= place.open_ids()
    assert place.crm.effects_on(TWO) == ["reject", "restore"]
    with pytest.raises(NotAllowed, match="nothing to undo"):
        place.desk.undo()


def test_each_undo_names_what_the_next_one_would_reach(place: Office) -> None:
    place.desk.decide([ONE], Act.ACCEPT)
    place.synced()
    place.desk.decide([TWO, THREE], Act.REJECT, reason="NOT_A_BUYER")
    place.desk.decide([FOUR], Act.ACCEPT)
    then = [[one.lead_id for one in place.desk.undo().then] for _ in range(3)]
    assert then == [[TWO, THREE], [ONE], []]


def test_what_an_undo_names_as_the_next_is_what_the_next_undo_reaches(place: Office) -> None:
    for number in range(1, 6):
        place.desk.decide([lead_id(number)], Act.ACCEPT)
        if number % 2:
            place.synced()
    step = place.desk.undo()
    while step.then:
        expected = {one.id for one in step.then}
        step = place.desk.undo()
        assert expected <= {one.id for one in step.items}


def test_undo_reaches_what_another_process_decided_and_in_the_order_of_the_acts(place: Office) -> None:
    other = place.another_desk()
    place.desk.decide([ONE], Act.ACCEPT)
    other.decide([TWO], Act.ACCEPT)
    place.desk.decide([THREE], Act.ACCEPT)
    other.decide([FOUR], Act.ACCEPT)
    reached = [place.desk.undo().items[0].lead_id for _ in range(2)]
    reached += [other.undo().items[0].lead_id for _ in range(2)]
    assert reached == [FOUR, THREE, TWO, ONE]
    other.outbox.close()
    other.leads.close()


def test_undo_never_undoes_an_undo(place: Office) -> None:
    place.desk.decide([ONE], Act.ACCEPT)
    place.synced()
    place.desk.undo()
    for _ in range(2):
        with pytest.raises(NotAllowed, match="nothing to undo"):
            place.desk.undo()
        place.synced()
    assert place.crm.effects_on(ONE) == ["accept", "restore"]


def test_a_lead_decided_again_after_its_undo_is_undone_again(place: Office) -> None:
    for _ in range(3):
        place.desk.decide([ONE], Act.ACCEPT)
        place.synced()
        assert place.desk.undo().compensated == 1
        place.synced()
    assert place.crm.effects_on(ONE) == ["accept", "restore"] * 3
    assert ONE in place.open_ids()


def test_what_was_archived_is_said_to_be_put_away(place: Office) -> None:
    acted = place.desk.decide([ONE, TWO], Act.ACCEPT)
    rows = [Archived.of_item(one) for one in acted.items]
    for name in (acted.items[0].id, acted.batch_id):
        assert name
        refusal = put_away(rows, name)
        assert refusal is not None
        assert "put away: it cannot be undone here" in refusal.message
        assert refusal.hint
    assert put_away(rows, "another") is None
