"""What waits for marketing: what counts, when an answer is due, what is identical, what may be answered how."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from config import load
from tests.insights import world
from tests.insights.world import NOW, REPS, decided
from triage.domain.act import Act
from triage.domain.definition import Definition
from triage.domain.review import Reply, ReplyKind, ReviewedFeedback
from triage.domain.review_groups import Facet, Sieve, Wanted, counted_by, groups_of
from triage.domain.review_words import words_of
from triage.domain.reviewing import Matter, Standing, answered_with, matters_of, objection_to

DEFINITION, REASONS = load.definition(None), load.reasons(None)


def told(kind: str = "note", number: int = 1, days: float = 1, **more) -> ReviewedFeedback:
    payload = more.pop("payload", {"text": f"note {number}"})
    lead = {"name": "N", "company": "C", "source": "event", "campaign": "c1"} | more.pop("lead", {})
    return ReviewedFeedback(
        f"F-{number}",
        f"L-{number}",
        more.pop("rep", REPS[0]),
        kind,
        payload,
        world.at(days),
        lead=lead,
        **more,
    )


def answered(item, kind: ReplyKind = ReplyKind.PLANNED, **more):
    of = item.decision_id if hasattr(item, "act") else item.feedback_id
    return answered_with(item, Reply(f"R-{of}-{kind}", of, kind, at=more.pop("at", NOW), **more))


def matters(*items, now=NOW, definition: Definition = DEFINITION) -> tuple[Matter, ...]:
    return matters_of(items, definition, REASONS, now)


def test_rejections_recycles_and_feedback_wait_and_nothing_else_does() -> None:
    waiting = [decided(act, days=3) for act in (Act.REJECT, Act.RECYCLE)]
    others = [decided(act) for act in Act if act not in (Act.REJECT, Act.RECYCLE)]
    undone = decided(Act.REJECT, state="superseded")
    taken_back = [told(number=2, state="retracted"), told("retraction", number=3, payload={})]
    found = matters(*waiting, *others, undone, told(), *taken_back)
    assert [one.what for one in found] == ["reject", "recycle", "note"]


def test_an_answer_of_any_kind_answers() -> None:
    for kind in ReplyKind:
        (one,) = matters(answered(decided(Act.REJECT, days=90), kind))
        assert one.standing is Standing.ANSWERED
    (one,) = matters(told(state="answered", days=90))
    assert one.is_answered


def test_an_answer_is_due_after_the_days_that_both_teams_agreed_on() -> None:
    late, early = matters(decided(Act.REJECT, days=5.01), decided(Act.REJECT, days=4.99))
    assert (late.standing, early.standing) == (Standing.OVERDUE, Standing.OPEN)
    assert early.at is not None
    assert early.due_at == early.at + timedelta(days=5)


def test_without_an_agreement_nothing_is_ever_overdue() -> None:
    no_days = replace(DEFINITION, targets={})
    (one,) = matters(decided(Act.REJECT, days=400), definition=no_days)
    assert (one.standing, one.due_at) == (Standing.OPEN, None)
    (one,) = matters(decided(Act.REJECT, decided_at=None))
    assert (one.standing, one.due_at) == (Standing.OPEN, None)


def test_it_says_who_answers() -> None:
    reject, note = matters(decided(Act.REJECT, reason="NOT_ICP_COMPANY"), told(routed_to="content"))
    assert (reject.routed_to, note.routed_to) == ("demand gen", "content")


def test_what_says_the_same_is_one_group_whoever_said_it() -> None:
    same = [
        decided(Act.REJECT, reason="WRONG_PERSONA", params={"criterion": "title-level"}, rep=rep)
        for rep in REPS
    ]
    other = decided(Act.REJECT, reason="WRONG_PERSONA", params={"criterion": "industry"})
    elsewhere = decided(Act.REJECT, reason="WRONG_PERSONA", params={"criterion": "title-level"}, campaign="x")
    groups = groups_of(matters(*same, other, elsewhere))
    assert [group.count for group in groups] == [4, 1, 1]
    assert len(groups[0].values(Facet.REP)) == 4


@pytest.mark.parametrize(
    ("kind", "one", "alike", "other"),
    [
        ("score_accuracy", {"verdict": "too_high", "contribution": "Title"}, {"verdict": "too_high", "contribution": " title "}, {"verdict": "too_low", "contribution": "Title"}),
        ("objection", {"category": "competitor", "competitor": "Acme"}, {"category": "competitor", "competitor": "ACME", "verbatim": "we use it"}, {"category": "price"}),
        ("content_request", {"topic": "ROI sheet"}, {"topic": "roi  sheet"}, {"request_id": "CR-1"}),
        ("data_correction", {"field": "phone", "proposed": "1"}, {"field": "phone", "proposed": "2"}, {"field": "email", "proposed": "2"}),
    ],
)  # fmt: skip
def test_feedback_is_identical_by_what_it_is_about(kind, one, alike, other) -> None:
    first, second, third = matters(
        *(told(kind, number, payload=payload) for number, payload in enumerate((one, alike, other)))
    )
    keys = {matter.id: matter.group for matter in (first, second, third)}
    assert keys["F-0"] == keys["F-1"] != keys["F-2"]


def test_two_notes_are_two_groups_even_if_they_say_the_same() -> None:
    assert len(groups_of(matters(*(told(number=n, payload={"text": "same"}) for n in (1, 2))))) == 2


def test_one_bulk_act_stays_together_whatever_it_filled_in() -> None:
    batch = [
        decided(Act.REJECT, reason="NOT_ICP_COMPANY", params={"criterion": line}, batch_id="B-1")
        for line in ("company-size", "industry", "industry")
    ]
    alone = decided(Act.REJECT, reason="NOT_ICP_COMPANY", params={"criterion": "industry"})
    assert sorted(group.count for group in groups_of(matters(*batch, alone))) == [1, 3]


def test_a_bulk_act_that_says_one_thing_joins_those_who_said_it_before() -> None:
    batch = [decided(Act.REJECT, reason="NOT_A_BUYER", batch_id="B-1") for _ in range(3)]
    (group,) = groups_of(matters(*batch, decided(Act.REJECT, reason="NOT_A_BUYER")))
    assert group.count == 4


@st.composite
def _decisions(draw):
    item = decided(
        draw(st.sampled_from((Act.REJECT, Act.RECYCLE, Act.ACCEPT))),
        days=draw(st.floats(0, 30)),
        reason=draw(st.sampled_from(("NOT_ICP_COMPANY", "WRONG_PERSONA"))),
        params={"criterion": draw(st.sampled_from(("industry", "title-level")))},
        batch_id=draw(st.sampled_from((None, "B-1", "B-2"))),
    )
    return answered(item) if draw(st.booleans()) else item


_items = st.lists(_decisions(), max_size=30)


@given(_items)
def test_groups_part_all_that_waits_and_no_batch_is_torn(items) -> None:
    found = matters(*items)
    groups = groups_of(found)
    assert sorted(one.id for group in groups for one in group.matters) == sorted(one.id for one in found)
    by_batch: dict[str, set[str]] = {}
    for one in found:
        if one.item.batch_id:
            by_batch.setdefault(one.item.batch_id, set()).add(one.group)
    assert all(len(keys) == 1 for keys in by_batch.values())
    order = [(-group.overdue, -group.count) for group in groups]
    assert order == sorted(order)


@given(_items, st.sampled_from(list(Wanted)), st.sampled_from(list(Facet)))
def test_counts_by_a_facet_add_up_to_what_the_sieve_leaves(items, wanted, facet) -> None:
    found = matters(*items)
    left = Sieve(wanted=wanted).sift(found)
    groups = counted_by(facet, left)
    assert sum(group.count for group in groups) == len(left)
    for group in groups:
        narrowed = Sieve(wanted=wanted, facets={facet: group.key}).sift(found)
        assert narrowed == group.matters
        assert group.count == group.answered + len(group.unanswered)
    states = [len(Sieve(wanted=one).sift(found)) for one in (Wanted.OPEN, Wanted.ANSWERED, Wanted.ALL)]
    assert states[0] + states[1] == states[2] == len(found)


def test_a_group_keeps_its_key_when_it_is_answered_or_read_again() -> None:
    item = decided(Act.REJECT, reason="NOT_A_BUYER")
    (before,), (after,) = matters(item), matters(answered(item), now=NOW + timedelta(days=9))
    assert before.group == after.group


def test_since_the_last_visit_means_new_or_changed() -> None:
    old, new = decided(Act.REJECT, days=9), decided(Act.REJECT, days=1)
    spoken_of = answered(decided(Act.REJECT, days=9), at=world.at(0.5))
    found = Sieve(changed_since=world.at(2)).sift(matters(old, new, spoken_of))
    assert {one.id for one in found} == {new.decision_id, spoken_of.decision_id}


def test_mine_is_of_my_campaigns_or_routed_to_me() -> None:
    items = [
        told(number=1, lead={"campaign_owner": "Kim Example"}),
        told(number=2, routed_to="U-99"),
        told(number=3, routed_to="content"),
    ]
    found = Sieve(mine=("U-99", "kim example")).sift(matters(*items))
    assert [one.id for one in found] == ["F-1", "F-2"]


@pytest.mark.parametrize("kind", sorted(ReplyKind))
def test_feedback_takes_every_answer_but_a_verdict(kind) -> None:
    (one,) = matters(told())
    assert bool(objection_to(one, kind)) == (kind in ("returned", "overturned", "upheld"))


def test_a_lead_is_returned_only_while_it_stands_by_that_decision() -> None:
    first = decided(Act.REJECT, days=5, lead_id="L-9")
    (stands,) = matters(first)
    assert objection_to(stands, ReplyKind.RETURNED) == ""
    later = decided(Act.ACCEPT, days=1, lead_id="L-9")
    (moved,) = matters(first, later)
    assert "moved on" in objection_to(moved, ReplyKind.RETURNED)
    assert objection_to(moved, ReplyKind.UPHELD) == ""
    (returned,) = matters(answered(first, ReplyKind.RETURNED))
    assert "moved on" in objection_to(returned, ReplyKind.OVERTURNED)
    (undone_since,) = matters(first, replace(later, state="superseded"))
    assert objection_to(undone_since, ReplyKind.RETURNED) == ""


def test_it_is_said_in_human_words() -> None:
    reject, verdict, wish, unheard_of = matters(
        decided(Act.REJECT, days=9, reason="NOT_ICP_COMPANY", params={"criterion": "company-size"}),
        told("score_accuracy", 1, 4, payload={"verdict": "too_high", "contribution": "VP title"}),
        told("content_request", 2, 3, payload={"topic": "ROI"}),
        told("telepathy", 3, 2, payload={}),
    )
    said = [words_of(one, REASONS, DEFINITION) for one in (reject, verdict, wish, unheard_of)]
    assert said == [
        "reject: company outside the ICP (size, industry) · 50 employees or more",
        "score too high: VP title",
        "content wanted: ROI",
        "telepathy",
    ]


def test_a_crm_that_says_something_else_than_texts_breaks_nothing() -> None:
    odd = told(
        "objection", payload={"category": 7, "competitor": ["x"]}, lead={"campaign": 3, "source": None}
    )
    bad = decided(Act.REJECT, reason="\ud800", params={"criterion": {"a": 1}})
    for one in matters(odd, bad):
        assert words_of(one, REASONS, DEFINITION)
        assert [facet.of(one) for facet in Facet]
        assert one.group.startswith("g-")
