"""What a rep reads beside marketing: the same sums, and nobody without a name among the reps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.insights.world import REPS, at, came_to, decided, evidence, told
from triage.domain.lead import LeadStatus, Owner
from triage.domain.review import ReviewedDecision, ReviewedFeedback
from triage.insights import catalogue, content, disputes, objections, service, untouched, watchdog, wins
from triage.insights.evidence import Evidence
from triage.insights.figure import Insight

NOBODY = Owner("", "")
MINE, THEIRS = REPS[0], NOBODY


@pytest.mark.parametrize("of", [service.of, untouched.of, watchdog.of])
def test_colleagues_without_a_name_are_in_the_sums_and_no_rep(of: Callable[[Evidence], Insight]) -> None:
    insight = of(evidence(*(decided(rep=rep) for rep in [MINE] * 20 + [THEIRS] * 40)))
    labels = [row.label for row in insight.rows]
    assert ("" in labels, labels.count(MINE.name)) == (False, 1)
    assert len(insight.rows[-1].lead_ids) == 60
    note = "Of 40 of 60 decisions the CRM does not say whose they are: they are in the sums only."
    assert note in insight.notes


def test_the_habit_of_all_colleagues_is_nobodys_habit() -> None:
    quick = [decided(rep=THEIRS, snapshot={"shown": {"dwell_ms": 100}}) for _ in range(40)]
    slow = [decided(rep=MINE, snapshot={"shown": {"dwell_ms": 9_000}}) for _ in range(400)]
    assert watchdog.of(evidence(*quick, *slow)).findings == ()


def _said(rep: Owner, company: str) -> list[ReviewedFeedback]:
    payload = {"verdict": "too_high", "contribution": "title", "category": "price", "topic": "ERP"}
    kinds = ("score_accuracy", "objection", "content_request")
    return [told(kind, rep=rep, payload=payload, lead={"company": company}) for kind in kinds]


@pytest.mark.parametrize("of", [disputes.of, objections.of, content.of])
def test_how_many_reps_is_unknown_where_not_all_are_named(of: Callable[[Evidence], Insight]) -> None:
    named = [one for n in range(3) for one in _said(REPS[n], f"Company {n}")]
    assert _reps(of(evidence(*named))) == 3
    assert _reps(of(evidence(*named, *_said(THEIRS, "Beta")))) is None


def _reps(insight: Insight) -> float | None:
    place = [column.name for column in insight.columns].index("reps")
    return insight.rows[0].figures[place].value


def test_a_dispute_of_unnamed_reps_does_not_say_by_how_many() -> None:
    world = evidence(*(one for n in range(3) for one in _said(THEIRS, f"Company {n}")))
    (finding,) = disputes.of(world).findings
    assert finding.text == "“title” is said to be too high 3 times, in 3 accounts."


def test_what_points_rest_on_is_counted_only_where_it_is_told() -> None:
    def carrying(act: str, rests_on: str, lead_id: str) -> ReviewedDecision:
        part = {"label": "title", "points_applied": 20, "evidence": rests_on}
        return decided(act, lead_id=lead_id, snapshot={"contributions": [part]})

    payload = {"verdict": "too_high", "contribution": "title"}
    world = evidence(
        *(carrying("reject", "vp: “Consultant”", f"L-{n}") for n in range(2)),
        *(carrying("accept", "vp: “VP Operations”", f"L-V{n}") for n in range(3)),
        *(carrying("reject", "", f"L-H{n}") for n in range(50)),
        *(told("score_accuracy", lead_id=f"L-{n}", payload=payload) for n in range(2)),
        *(told("score_accuracy", lead_id=f"L-H{n}", payload=payload, rep=THEIRS) for n in range(2)),
    )
    (finding,) = disputes.of(world).findings
    where = "Most often of the 2 that say what it rests on, where it rests on vp: “Consultant” (2)"
    assert where in finding.text
    assert "of such leads 0% (n=2) are accepted, of the others 100% (n=3)." in finding.text


def test_words_that_a_rep_is_not_told_are_said_to_be_missing() -> None:
    world = evidence(
        told("objection", rep=MINE, payload={"category": "price", "verbatim": "Too dear."}),
        told("objection", rep=THEIRS, payload={"category": "price"}),
    )
    (note,) = objections.of(world).notes
    assert note.startswith("Of 1 of 2 objections the CRM does not say by whom")


def test_a_colleagues_win_without_a_name_is_said_to_be_one() -> None:
    won = came_to(LeadStatus.WON, "L-1", days=2, owner=MINE, name="Lead 1")
    theirs = came_to(LeadStatus.WON, "L-2", days=3)
    notes = wins.of(evidence(won, theirs)).notes
    assert any(note.startswith("Of 1 of 2 won leads the CRM tells no names") for note in notes)


def test_large_numbers_in_sentences_are_written_as_in_tables() -> None:
    world = evidence(
        *(decided("accept", decided_at=at(60), source="a") for _ in range(1_200)),
        *(decided("reject", reason="LOW_INTENT", source="b", decided_at=at(20)) for _ in range(1_200)),
    )
    texts = [one.text for insight in catalogue.all_of(world) for one in insight.findings]
    assert any("n=1,200" in text for text in texts)
    assert [text for text in texts if "1200" in text] == []
