"""The perception gap: band by decision, and where score and sales disagree."""

from __future__ import annotations

from hypothesis import given, settings

from tests.insights.told_worlds import decision_worlds, figure, is_count, is_share, line, triaged
from tests.insights.world import decided, evidence
from triage.insights import perception
from triage.insights.evidence import Evidence

ACTS = {"accepted": "accept", "rejected": "reject", "recycled": "recycle", "disqualified": "disqualify"}


def test_bands_are_set_against_decisions() -> None:
    world = evidence(
        decided("accept", lead_id="L-1", snapshot={"band": "C"}),
        decided("reject", lead_id="L-2", snapshot={"band": "A"}),
        decided("recycle", lead_id="L-3", snapshot={"band": "A"}),
        decided("reject", lead_id="L-4", snapshot={"band": ""}),
    )
    insight = perception.of(world)
    assert [row.label for row in insight.rows] == ["A", "C", "no band", "webinar", "all decided"]
    assert is_share(figure(insight, line(insight, "A"), "rejected"), ["L-2"], ["L-2", "L-3"])
    total = line(insight, "all decided")
    assert is_share(figure(insight, total, "high_rejected"), ["L-2"], ["L-2", "L-3"])
    assert is_share(figure(insight, total, "low_accepted"), ["L-1"], ["L-1"])
    assert insight.notes == ("Without a band from A to D, and not in the gap: 1 of 4 decisions.",)


def test_a_source_whose_best_leads_are_rejected_more_is_a_finding() -> None:
    def some(source: str, rejected: int) -> list[object]:
        return [decided("reject" if n < rejected else "accept", source=source) for n in range(40)]

    insight = perception.of(evidence(*some("event", 30), *some("webinar", 5), *some("referral", 5)))
    assert [one.text for one in insight.findings] == [
        "event: A and B leads are rejected in 75% of 40, from other sources in 12% of 80."
    ]
    assert len(insight.findings[0].lead_ids) == 30


@settings(max_examples=60, deadline=None)
@given(world=decision_worlds)
def test_every_share_equals_a_recount(world: Evidence) -> None:
    insight = perception.of(world)
    events = triaged(world)
    groups = {("band", one.snapshot["band"] or "no band") for one in events}
    groups |= {("source", one.lead["source"] or "no source") for one in events}
    assert len(insight.rows) == len(groups) + bool(events)
    for about, label in groups:
        row = line(insight, label, about=about)
        some = [
            one
            for one in events
            if label
            == ((one.snapshot["band"] or "no band") if about == "band" else one.lead["source"] or "no source")
        ]
        ids = [one.lead_id for one in some]
        assert figure(insight, row, "decided").value == len(ids)
        for column, act in ACTS.items():
            assert is_share(
                figure(insight, row, column), [one.lead_id for one in some if one.act == act], ids
            )
        if about == "source":
            high = [one for one in some if one.snapshot["band"] in ("A", "B")]
            low = [one for one in some if one.snapshot["band"] in ("C", "D")]
            rejected = [one.lead_id for one in high if one.act == "reject"]
            accepted = [one.lead_id for one in low if one.act == "accept"]
            assert is_share(figure(insight, row, "high_rejected"), rejected, [one.lead_id for one in high])
            assert is_share(figure(insight, row, "low_accepted"), accepted, [one.lead_id for one in low])


@settings(max_examples=60, deadline=None)
@given(world=decision_worlds)
def test_the_acts_of_a_line_make_it_up(world: Evidence) -> None:
    insight = perception.of(world)
    for row in insight.rows:
        parts = [figure(insight, row, column).k or 0 for column in ACTS]
        assert sum(parts) == figure(insight, row, "decided").value
    if insight.rows:
        in_order = sorted(triaged(world), key=lambda one: one.decided_at or world.now)
        decisions = figure(insight, insight.rows[-1], "decided")
        assert is_count(decisions, [one.lead_id for one in in_order])
