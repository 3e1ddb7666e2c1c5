"""The what-if on the score threshold."""

from __future__ import annotations

from hypothesis import given, settings
from msgspec.structs import replace

from tests.insights.told_worlds import decision_worlds, figure, is_count, is_share, line, triaged
from tests.insights.world import decided, evidence
from triage.insights import threshold
from triage.insights.evidence import Evidence


def _scored(lead_id: str, score: float | None, act: str = "accept", **seen: object) -> object:
    return decided(act, lead_id=lead_id, snapshot={"score": score, **seen})


def test_a_threshold_keeps_back_what_lies_below_it() -> None:
    world = evidence(
        _scored("L-1", 66, "reject"),
        _scored("L-2", 70),
        _scored("L-3", 68),
        _scored("L-4", 90),
        _scored("L-5", 69, "recycle"),
    )
    insight = threshold.of(world)
    row = line(insight, "70")
    assert set(figure(insight, row, "delivered").lead_ids) == {"L-2", "L-4"}
    assert is_share(figure(insight, row, "acceptance"), ["L-2", "L-4"], ["L-2", "L-4"])
    assert is_count(figure(insight, row, "accepts_lost"), ["L-3"])
    assert is_count(figure(insight, row, "rejects_saved"), ["L-1"])


def test_the_agreed_threshold_is_marked_even_if_it_is_no_round_one() -> None:
    world = evidence(_scored("L-1", 10), _scored("L-2", 90))
    odd = replace(world, definition=replace(world.definition, threshold=63.5))
    insight = threshold.of(odd)
    assert [row.label for row in insight.rows if figure(insight, row, "mark").text == "now"] == ["63.5"]
    none = threshold.of(replace(world, definition=replace(world.definition, threshold=None)))
    assert not [row for row in none.rows if figure(none, row, "mark").text]
    assert "The definition names no threshold." in none.notes


def test_what_no_score_decided_stands_apart() -> None:
    world = evidence(
        _scored("L-1", 70),
        _scored("L-2", None),
        _scored("L-3", 20, mql_by="hand_raise"),
        _scored("L-4", 30, "reject"),
    )
    insight = threshold.of(world)
    assert is_count(figure(insight, line(insight, "no score"), "delivered"), ["L-2"])
    assert is_count(figure(insight, line(insight, "raised a hand"), "delivered"), ["L-3"])
    assert figure(insight, insight.rows[0], "delivered").value == 2
    assert not any("does not say of a decided lead" in note for note in insight.notes)
    untold = threshold.of(evidence(_scored("L-1", 70)))
    assert any("does not say of a decided lead" in note for note in untold.notes)


def test_a_score_that_is_no_number_is_no_score() -> None:
    world = evidence(_scored("L-1", 70), _scored("L-2", float("inf")), _scored("L-3", float("nan")))
    insight = threshold.of(world)
    assert is_count(figure(insight, line(insight, "no score"), "delivered"), ["L-2", "L-3"])
    assert is_count(figure(insight, line(insight, "70"), "delivered"), ["L-1"])


def test_what_was_never_delivered_is_said_to_be_unknown() -> None:
    assert any("never delivered" in note for note in threshold.of(evidence(_scored("L-1", 70))).notes)


def test_a_cheap_rise_and_what_lay_below_are_findings() -> None:
    world = evidence(
        *(_scored(f"L-A{n}", 90) for n in range(20)),
        *(_scored(f"L-R{n}", 66, "reject") for n in range(8)),
        *(_scored(f"L-B{n}", 50, "accept" if n < 1 else "reject") for n in range(4)),
    )
    below = (
        "Decisions below the agreed threshold of 65: 4 of 32, by a raised hand, or under another one. "
        "25% of them are accepts, 71% of those above."
    )
    texts = [one.text for one in threshold.of(world).findings]
    assert texts == [
        "At 90 there would have been 11 rejects fewer, for 1 of 21 accepts (now: 65).",
        below,
    ]


@settings(max_examples=80, deadline=None)
@given(world=decision_worlds)
def test_every_candidate_equals_a_recount(world: Evidence) -> None:
    insight = threshold.of(world)
    events = [one for one in triaged(world) if one.snapshot.get("mql_by") != "hand_raise"]
    scored = [one for one in events if one.snapshot["score"] is not None]
    tried = [row for row in insight.rows if not row.is_total]
    assert len(tried) <= 25
    assert [row for row in tried if figure(insight, row, "mark").text == "now"] or not scored
    for row in tried:
        if float(row.label) != round(float(row.label), 4):
            continue
        bar = float(row.label)
        above = [one for one in scored if one.snapshot["score"] >= bar]
        below = [one for one in scored if one.snapshot["score"] < bar]
        assert figure(insight, row, "delivered").value == len(above)
        accepted = [one.lead_id for one in above if one.act == "accept"]
        assert is_share(figure(insight, row, "acceptance"), accepted, [one.lead_id for one in above])
        lost = {one.lead_id for one in below if one.act == "accept"}
        saved = {one.lead_id for one in below if one.act == "reject"}
        assert set(figure(insight, row, "accepts_lost").lead_ids) == lost
        assert set(figure(insight, row, "rejects_saved").lead_ids) == saved
        assert figure(insight, row, "accepts_lost").value == sum(one.act == "accept" for one in below)
        assert figure(insight, row, "rejects_saved").value == sum(one.act == "reject" for one in below)
    come = [figure(insight, row, "delivered").value or 0 for row in tried]
    assert come == sorted(come, reverse=True)
    apart = {row.label: figure(insight, row, "delivered").value for row in insight.rows if row.is_total}
    assert apart.get("no score", 0) == len(events) - len(scored)
    assert apart.get("raised a hand", 0) == len(triaged(world)) - len(events)
