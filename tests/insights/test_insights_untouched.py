from __future__ import annotations

from datetime import timedelta

from hypothesis import given

from tests.insights.plain import QUICK, accepts, any_world, by, figures, is_count, is_share, line
from tests.insights.world import REPS, came_to, decided, evidence
from triage.insights import untouched
from triage.insights.evidence import Evidence

_BEYOND = ("working", "qualifying", "qualified", "opportunity", "won", "lost")


def _small() -> Evidence:
    return evidence(
        *(decided("accept", lead_id=f"L-{number}", days=10) for number in range(5)),
        came_to("working", "L-0", days=9.5),
        came_to("opportunity", "L-1", days=8),
        came_to("working", "L-2", days=11),
        decided("accept", lead_id="L-5", days=10, snapshot={"contacted": True}),
        decided("accept", lead_id="L-6", days=2),
        decided("accept", lead_id="L-7", days=10, rep=REPS[1]),
    )


def test_untouched_is_what_no_one_worked_on_in_time() -> None:
    first = line(untouched.of(_small()), "Rep 1")
    assert first["accepted"].value == 7
    assert (first["untouched_24h"].k, first["untouched_24h"].n) == (5, 7)
    assert first["untouched_24h"].lead_ids == ("L-1", "L-2", "L-3", "L-4", "L-6")
    assert (first["untouched_72h"].k, first["untouched_72h"].n) == (3, 6)


def test_figures_of_fewer_than_five_leads_of_a_rep_are_only_in_the_sums() -> None:
    insight = untouched.of(_small())
    assert [row.label for row in insight.rows] == ["Rep 1", "all"]
    assert line(insight, "all")["accepted"].value == 8
    assert insight.notes == ("1 rep with fewer than 5 accepted leads: only in the sums.",)


def test_of_a_rep_with_enough_leads_a_figure_of_few_is_hidden() -> None:
    world = evidence(
        *(decided("accept", days=10) for _ in range(4)),
        decided("accept", days=2),
        came_to("working", "L-other", days=1),
    )
    first = line(untouched.of(world), "Rep 1")
    assert (first["untouched_24h"].n, first["untouched_72h"].n, first["untouched_72h"].lead_ids) == (
        5,
        None,
        (),
    )


def test_a_crm_that_tells_of_no_touch_leaves_it_unknown() -> None:
    insight = untouched.of(evidence(decided("accept", days=10)))
    assert line(insight, "all")["untouched_24h"].value is None
    assert insight.notes[0] == "The CRM does not tell of any touch by sales."
    assert untouched.of(evidence()).notes == ("No lead was accepted in this period.",)


@QUICK
@given(any_world)
def test_every_share_of_every_rep_equals_a_recount(world: Evidence) -> None:
    insight = untouched.of(world)
    groups = by(accepts(world), lambda one: one.rep.name)
    shown = {name: own for name, own in groups.items() if len({one.lead_id for one in own}) >= 5}
    assert {row.label for row in insight.rows if not row.is_total} == {*shown}
    is_told = any(change.stage.value in _BEYOND for change in world.stages)
    for row in insight.rows:
        own = accepts(world) if row.is_total else shown[row.label]
        told = figures(insight, row)
        assert is_count(told["accepted"], [one.lead_id for one in own])
        for hours in (24, 72):
            wait = timedelta(hours=hours)
            old = [one for one in own if world.now - one.decided_at >= wait]
            idle = []
            for one in old:
                worked = any(
                    change.lead_id == one.lead_id
                    and change.stage.value in _BEYOND
                    and timedelta(0) <= change.at - one.decided_at <= wait
                    for change in world.stages
                )
                if not worked and one.snapshot.get("contacted") is not True:
                    idle.append(one.lead_id)
            figure = told[f"untouched_{hours}h"]
            if is_told and (row.is_total or len(old) >= 5):
                assert is_share(figure, idle, [one.lead_id for one in old])
            else:
                assert (figure.value, figure.lead_ids) == (None, ())
