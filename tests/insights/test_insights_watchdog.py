"""The watchdog: habits against the team's, for the rep first."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings

from tests.insights.told_worlds import decision_worlds, figure, is_share, line, triaged
from tests.insights.world import REPS, decided, evidence
from triage.insights import watchdog
from triage.insights.evidence import Evidence


def _shown(ms: int | None) -> dict[str, object]:
    return {"shown": {"dwell_ms": ms}}


def test_each_habit_has_its_own_denominator() -> None:
    world = evidence(
        decided(lead_id="L-1", snapshot=_shown(1_999)),
        decided("reject", lead_id="L-2", reason="OTHER", snapshot=_shown(2_000)),
        decided("reject", lead_id="L-3", reason="NOT_A_BUYER", batch_id="B-1", snapshot=_shown(None)),
        decided("reject", lead_id="L-4", reason="NOT_A_BUYER", batch_id="B-1"),
        decided("reject", lead_id="L-5", batch_id="B-2"),
    )
    insight = watchdog.of(world)
    row = line(insight, "Rep 1")
    assert is_share(figure(insight, row, "quick"), ["L-1"], ["L-1", "L-2", "L-4", "L-5"])
    assert is_share(figure(insight, row, "other"), ["L-2"], ["L-2", "L-3", "L-4", "L-5"])
    assert figure(insight, row, "default_code").text == "NOT_A_BUYER"
    assert is_share(figure(insight, row, "default_share"), ["L-3", "L-4"], ["L-2", "L-3", "L-4"])
    assert is_share(figure(insight, row, "bulk"), ["L-3", "L-4"], ["L-1", "L-2", "L-3", "L-4", "L-5"])


def test_a_rep_with_few_leads_is_not_shown() -> None:
    world = evidence(
        *(decided(rep=REPS[0]) for _ in range(5)),
        *(decided(rep=REPS[1], lead_id=f"L-{n % 4}") for n in range(8)),
    )
    insight = watchdog.of(world)
    assert [row.label for row in insight.rows] == ["Rep 1", "the team"]
    assert figure(insight, insight.rows[1], "decided").value == 13
    assert "Reps with fewer than 5 leads are in the team's line only." in insight.notes


def test_a_habit_above_the_teams_is_a_question_about_the_habit() -> None:
    lazy = [decided("reject", rep=REPS[0], reason="OTHER", snapshot=_shown(500)) for _ in range(20)]
    team = [
        decided("reject", rep=rep, reason=reason)
        for rep in REPS[1:]
        for reason in ("NOT_A_BUYER", "LOW_INTENT") * 15
    ]
    insight = watchdog.of(evidence(*lazy, *team))
    assert [one.text for one in insight.findings] == [
        "One code is the reason in 100% of 20 refusals here; the team's first code has 41%: is a code missing?",
        "100% of 20 decisions took less than 2 s here, 18% in the team: is the reason seen in the list?",
        "OTHER is the reason in 100% of 20 refusals here, in 18% of the team's: which code is missing?",
    ]
    assert {one.row for one in insight.findings} == {"Rep 1"}
    assert all("Rep 1" not in one.text for one in insight.findings)


def test_too_few_decisions_raise_no_question() -> None:
    few = [decided("reject", rep=REPS[0], reason="OTHER", snapshot=_shown(500)) for _ in range(9)]
    team = [decided("reject", rep=REPS[1], reason="NOT_A_BUYER") for _ in range(100)]
    assert watchdog.of(evidence(*few, *team)).findings == ()


@settings(max_examples=80, deadline=None)
@given(world=decision_worlds)
def test_every_habit_equals_a_recount(world: Evidence) -> None:
    insight = watchdog.of(world)
    events = triaged(world)
    batches = Counter(one.batch_id for one in events if one.batch_id)
    groups = {"the team": events} if events else {}
    for rep in REPS:
        mine = [one for one in events if one.rep.user_id == rep.user_id]
        if len({one.lead_id for one in mine}) >= 5:
            groups[rep.name] = mine
    assert {row.label for row in insight.rows} == set(groups)
    for label, some in groups.items():
        row = line(insight, label)
        refused = [one for one in some if one.act != "accept"]
        coded = [one for one in refused if one.reason]
        timed = [one for one in some if one.snapshot["shown"].get("dwell_ms") is not None]
        quick = [one.lead_id for one in timed if one.snapshot["shown"]["dwell_ms"] < 2_000]
        assert figure(insight, row, "decided").value == len(some)
        assert is_share(figure(insight, row, "quick"), quick, [one.lead_id for one in timed])
        other = [one.lead_id for one in refused if (one.reason or "").upper() == "OTHER"]
        assert is_share(figure(insight, row, "other"), other, [one.lead_id for one in refused])
        bulk = [one.lead_id for one in some if batches[one.batch_id] > 1]
        assert is_share(figure(insight, row, "bulk"), bulk, [one.lead_id for one in some])
        uses = Counter(one.reason.upper() for one in coded)
        default = figure(insight, row, "default_share")
        assert (default.k, default.n) == (max(uses.values(), default=0), len(coded))
        assert not coded or uses[figure(insight, row, "default_code").text] == default.k
