"""The queue as a value and as lines: order, cursor, columns, what is drawn; when a digit counts; the report."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from textual.geometry import Size

from screens.cells import width_of
from screens.ink import Inks
from screens.queue.deliberate import AGAIN_AFTER, DeliberateDigits
from screens.queue.items import Group, QueueList
from screens.queue.lines import Told, details, settled_words
from screens.queue.page import Page
from screens.queue.report import report
from screens.queue.rows import SIGNS, item_row, rule, title
from screens.themes import DARK
from tests.domain.invented import a_lead, an_item
from tests.screens.sample import HOSTILE, ME, NOW
from triage.domain.act import Act
from triage.domain.item import Item, State
from triage.domain.lead import LeadId, Owner
from triage.domain.outcome import Receipt, Theirs
from triage.redaction import hide

INKS = Inks.of(DARK)
INK = INKS.plain
IDS = [LeadId(f"L-{number:04}") for number in range(3, 31)]
THEIRS = Theirs("9", "working", ME, "Kim", NOW)


def made(number: int, state: State = State.QUEUED, act: Act = Act.ACCEPT, **changes) -> Item:
    item = an_item(a_lead(f"L-{number}"), act, state, seq=number, **changes)
    decision = replace(item.decision, decision_id=f"D-{number}", decided_at=NOW - timedelta(minutes=number))
    return replace(item, decision=decision)


# The list


def test_what_needs_the_rep_comes_first_then_what_is_on_its_way_then_what_was_sent():
    order = (State.APPLIED, State.QUEUED, State.UNKNOWN, State.SENDING, State.REFUSED, State.CONFLICT)
    queue = QueueList.of([made(number, state) for number, state in enumerate(order)])
    assert [item.state for item in queue.items] == list(reversed([
        State.APPLIED, State.QUEUED, State.SENDING, State.UNKNOWN, State.REFUSED, State.CONFLICT,
    ]))  # fmt: skip
    named = [queue.on_line(line) for line in range(queue.lines)]
    assert named == [0, 1, 2, Group.WAITING, 3, 4, Group.SENT, 5]
    assert [queue.line_of(index) for index in range(6)] == [0, 1, 2, 4, 5, 7]


@given(st.lists(st.sampled_from(list(SIGNS)), max_size=30), st.integers(-40, 40))
def test_every_item_has_one_line_and_the_cursor_stays_among_them(chosen, by):
    queue = QueueList.of([made(number, state) for number, state in enumerate(chosen)]).moved(by)
    on_lines = [queue.on_line(line) for line in range(queue.lines)]
    assert [one for one in on_lines if isinstance(one, int)] == list(range(len(chosen)))
    assert [on_lines.index(index) for index in range(len(chosen))] == list(
        map(queue.line_of, range(len(chosen)))
    )
    assert (queue.item is None) == (not chosen)


def test_the_cursor_stays_on_its_item_when_others_come_and_on_its_place_when_it_goes():
    items = [made(number) for number in range(5)]
    queue = QueueList.of(items).moved(2)
    assert queue.renewed([*items, made(9)]).item.id == queue.item.id
    below = queue.items[3].id
    assert queue.renewed([item for item in items if item.id != queue.item.id]).item.id == below
    assert queue.renewed([]).item is None


@given(
    st.integers(60, 200), st.sampled_from(list(SIGNS)), st.sampled_from(["山田太郎", *HOSTILE]), st.booleans()
)
@settings(max_examples=60)
def test_a_line_fits_every_width_and_says_its_state_by_sign_and_word(width, state, text, here):
    item = made(3, state, error=text, attempts=3, theirs=replace(THEIRS, changed_by=text))
    line = item_row(Told(item, "Ada Park"), NOW, width, INK, under_cursor=here)
    assert line.width == width
    assert line.text.isprintable()
    sign, word = SIGNS[state]
    assert f"{sign} {word}" in line.text
    assert line.text.startswith("▌" if here else " ")


def test_a_line_names_act_and_reason_lead_age_attempts_and_the_crms_words():
    item = made(3, State.REFUSED, error="closed for stocktaking", attempts=2)
    text = item_row(Told(item, "Ada Park"), NOW, 100, INK, under_cursor=False).text
    for words in ("✗ refused", "Ada Park", "accepted", "3m", "×2", "closed for stocktaking"):
        assert words in text


def test_columns_of_wide_characters_stand_under_those_of_narrow_ones():
    rows = [
        item_row(Told(made(3), name), NOW, 80, INK, under_cursor=False) for name in ("Ada Park", "山田太郎")
    ]
    at = [width_of(row.text[: row.text.index("accepted")]) for row in rows]
    assert at[0] == at[1]


def test_both_versions_stay_in_their_columns_whatever_the_script():
    seen = [made(1, State.CONFLICT, theirs=Theirs("9", "assigned", Owner("x", name), "Kim", NOW)) for name in ("Sam Elsewhere", "山田太郎さん")]  # fmt: skip
    heads = []
    for item in seen:
        lines = details(Told(item, "Ada"), NOW, 80, INK)
        row = next(line.text for line in lines if line.text.strip().startswith("owner"))
        heads.append(width_of(row[: row.rindex("rep-1")]))
    assert heads[0] == heads[1]


def test_what_others_changed_stands_before_what_they_left():
    given_away = made(1, State.CONFLICT, theirs=Theirs("9", "assigned", Owner("rep-2", "Sam"), "Kim", NOW))
    text = [line.text.strip().split(" ")[0] for line in details(Told(given_away, "Ada"), NOW, 80, INK)]
    assert text.index("owner") < text.index("status")


def test_the_title_counts_each_state_and_names_the_zone_once():
    counts = {State.CONFLICT: 2, State.REFUSED: 1, State.UNKNOWN: 1, State.QUEUED: 12, State.APPLIED: 40}
    wide, narrow = (title(counts, NOW, width, INK) for width in (120, 60))
    for words in ("3 need you", "13 unsent", "‼ 2 conflict", "? 1 unknown", "✓ 40 sent", "times in "):
        assert words in wide.text
    assert "3 need you · 13 unsent" in narrow.text
    assert "‼2 ✗1 ?1 …12 ✓40" in narrow.text
    assert narrow.width <= 60


def test_a_group_is_named_with_its_count():
    assert "on its way · 1,200" in rule(Group.WAITING, 1200, 80, INK).text


@pytest.mark.parametrize("width", [80, 160])
def test_a_move_among_ten_thousand_items_draws_only_the_lines_in_sight(monkeypatch, width):
    queue = QueueList.of(made(number) for number in range(10_000))
    told = []

    def tell(item):
        told.append(item.id)
        return Told(item, "Ada Park")

    for moved in (queue.moved(1), queue.moved(5_000), queue.moved(9_999)):
        told.clear()
        page = Page(moved, tell, NOW, Size(width, 21), INKS)
        lines, top = page.lines()
        assert len(lines) == 21
        assert len(told) <= 22
        assert any(line.text.startswith("▌") for line in lines)
        assert top <= moved.line_of(moved.index) < top + 21


def test_the_open_item_is_whole_in_sight_wherever_the_cursor_is():
    queue = QueueList.of(made(number, State.CONFLICT, theirs=THEIRS) for number in range(60))
    top = 0
    for index in range(60):
        page = Page(queue.moved(index), lambda item: Told(item, "Ada"), NOW, Size(80, 13), INKS, top=top)
        lines, top = page.lines()
        assert sum("1 keep mine" in line.text for line in lines) == 1, index


# Digits and reports


def test_a_digit_counts_again_after_a_rest_and_not_while_it_is_held():
    digits = DeliberateDigits()
    assert digits.is_meant("3", 10.0)
    digits.acted("3", 10.0)
    moments = [10.5 + 0.03 * repeat for repeat in range(100)]
    assert not any(digits.is_meant("3", moment) for moment in moments)
    assert digits.is_meant("1", moments[-1]), "another digit is another choice"
    assert digits.is_meant("3", moments[-1] + AGAIN_AFTER)


def test_a_report_gives_times_in_utc_and_both_sides_and_no_secret():
    hide("sesame-open-now")
    item = made(
        3, State.CONFLICT, attempts=2, theirs=THEIRS, error="Bearer sesame-open-now is not for you\nreally",
        receipt=Receipt("R-7", NOW, "10", "accepted", ME),
    )  # fmt: skip
    text = report(item)
    for words in (
        "state: conflict", "act: accepted", "lead: L-3", "decision: D-3", "made: 2026-11-17 09:57:00 UTC",
        "attempts: 2", "seen by you: status assigned, owner rep-1, version 3",
        "at the CRM: status working, owner rep-1, version 9", "changed by: Kim", "receipt: R-7",
    ):  # fmt: skip
        assert words in text, words
    assert "sesame" not in text
    assert "Ada" not in text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_report_is_clean_text_whatever_the_crm_says(text):
    item = made(3, State.CONFLICT, error=text, theirs=Theirs(text, text, Owner(text, text), text, NOW))
    assert all(line.isprintable() for line in report(item).split("\n"))


def test_an_undo_that_was_delivered_says_what_it_did_and_an_act_what_takes_it_back():
    act = made(1, State.APPLIED)
    undo = made(2, State.APPLIED, Act.RESTORE)
    undo = replace(undo, decision=replace(undo.decision, of=act.id))
    assert settled_words(act, NOW).endswith("Undo takes it back.")
    assert settled_words(undo, NOW).endswith("It took back what was sent.")
