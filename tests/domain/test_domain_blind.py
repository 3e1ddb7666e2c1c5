"""The blind sample: who is in it, and that nothing of a hidden score shows before the rep's word."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.invented import DEFINITION, NOW, a_lead, a_score, leads, scores
from triage.domain.blind import Blind, blinded, is_blind
from triage.domain.entry import Entry
from triage.domain.filter_fields import FIELDS
from triage.domain.inbox import Inbox
from triage.domain.lead import LeadId, LeadStatus, Mql
from triage.domain.orders import BY_ID
from triage.domain.outline import PartOfLead
from triage.domain.query import parse

ids = st.text(min_size=1, max_size=30).map(LeadId)
seeds = st.text(max_size=80)
shares = st.floats(0, 1)
FILTERS = (
    "score>50",
    "-score>50",
    "band:A",
    "-band:A",
    "grade:A1",
    "fit>1",
    "engagement<=80",
    "trend<0",
    "score:72",
)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("seed", ["", "2026-Q4"])
def test_of_many_leads_about_the_share_is_blind(share, seed):
    count = 10_000
    drawn = sum(is_blind(LeadId(f"L-{number}"), share, seed) for number in range(count))
    assert abs(drawn / count - share) < 5 * (share * (1 - share) / count) ** 0.5


@given(ids, seeds)
def test_nobody_is_blind_at_no_share_and_all_are_at_the_whole(lead_id, seed):
    assert not is_blind(lead_id, 0, seed)
    assert is_blind(lead_id, 1, seed)


@given(ids, seeds, shares, shares)
def test_who_is_blind_at_a_share_is_blind_at_every_larger_one(lead_id, seed, one, other):
    small, large = sorted((one, other))
    assert is_blind(lead_id, large, seed) or not is_blind(lead_id, small, seed)


def test_the_same_seed_draws_the_same_leads_on_every_machine_and_another_seed_others():
    def drawn(seed: str) -> str:
        return "".join("01"[is_blind(LeadId(f"L-{number}"), 0.5, seed)] for number in range(24))

    assert drawn("a") == "011011011101100110100100"
    assert drawn("a") != drawn("b")


@pytest.mark.parametrize("status", list(LeadStatus))
def test_what_was_decided_elsewhere_is_no_part_of_the_sample(status):
    waits = {LeadStatus.INQUIRY, LeadStatus.MQL, LeadStatus.ASSIGNED, LeadStatus.SNOOZED, LeadStatus.UNKNOWN}
    assert Blind(1.0).hides(Entry.of(a_lead(status=status))) == (status in waits)


@given(leads)
def test_a_blind_lead_keeps_everything_but_what_tells_its_score(lead):
    shown = blinded(Entry.of(lead))
    assert shown.is_blind
    assert shown.truth == Entry.of(lead)
    assert shown.lead.score is None
    assert shown.outline.score is None
    hidden = {"score", "mql", "facts"}
    for name in set(type(lead).__struct_fields__) - hidden:
        assert getattr(shown.lead, name) == getattr(lead, name)


def test_the_threshold_it_crossed_and_the_facts_that_repeat_the_score_are_hidden_and_its_own_words_stay():
    facts = {"employees": 240, "score": 72, "grade": "A1"}
    crossed = blinded(Entry.of(a_lead(mql=Mql("threshold", "score 72 ≥ 65"), facts=facts)))
    assert crossed.lead.mql == crossed.outline.mql == Mql("threshold")
    assert crossed.lead.facts == {"employees": 240}
    assert blinded(Entry.of(a_lead())).lead.mql == Mql("hand_raise", "demo request")


def test_a_part_of_a_lead_stays_known_as_a_part():
    whole = a_lead()
    part = PartOfLead(**{name: getattr(whole, name) for name in type(whole).__struct_fields__})
    assert isinstance(blinded(replace(Entry.of(whole), read=lambda: part)).lead, PartOfLead)


def seen_of(entry: Entry, others: list[Entry]) -> list[object]:
    """Return all that a list says of a lead: where it stands in each order, and which filters leave it."""
    inbox = Inbox.of([entry, *others], NOW)
    orders = [
        inbox.sorted_by(order).listed for order in (*BY_ID.values(), *(one.turn() for one in BY_ID.values()))
    ]
    fields = [field.read(entry) for field in FIELDS if field.name != "sla"]
    left = [inbox.filtered(parse(words)).shown for words in FILTERS]
    return [orders, fields, left, entry.outline, entry.lead, DEFINITION.trace(entry.lead.facts)]


@given(
    st.none() | scores,
    st.none() | scores,
    st.lists(leads, max_size=4, unique_by=lambda lead: lead.lead_id),
    st.booleans(),
)
def test_two_leads_that_differ_only_in_their_score_are_the_same_while_they_are_blind(
    one, other, rest, threshold
):
    def shown(score):
        points = score.score if score else 0
        mql = Mql("threshold", f"score {points}") if threshold else Mql("hand_raise", "demo")
        facts = {"employees": 240, "score": points}
        return blinded(Entry.of(a_lead("L-X", score=score, mql=mql, facts=facts)))

    others = [Entry.of(lead) for lead in rest]
    assert seen_of(shown(one), others) == seen_of(shown(other), others)


def test_the_same_two_leads_differ_where_they_are_not_blind():
    rest = [Entry.of(a_lead("L-1", score=a_score(score=60, band="B")))]
    high, low = (
        Entry.of(a_lead("L-X", score=a_score(score=score, band=band)))
        for score, band in ((90, "A"), (1, "D"))
    )
    assert seen_of(high, rest) != seen_of(low, rest)


def test_a_blind_lead_stands_behind_those_with_a_band_and_within_its_own_risk():
    late = a_lead("L-late", sla_due_at=NOW - timedelta(hours=1))
    entries = [
        blinded(Entry.of(a_lead("L-blind"))),
        Entry.of(a_lead("L-D", score=a_score(band="D"))),
        blinded(Entry.of(late)),
    ]
    assert Inbox.of(entries, NOW).shown == ("L-late", "L-D", "L-blind")
