from __future__ import annotations

import pytest
from hypothesis import given

from tests.insights.plain import QUICK, any_world, closings, figures, line, main_currency, standing
from tests.insights.world import came_to, decided, evidence, told
from triage.insights import wins
from triage.insights.evidence import Evidence


def _small() -> Evidence:
    return evidence(
        decided("accept", lead_id="L-1", days=50, snapshot={"score": 81.0, "band": "A"}),
        decided("accept", lead_id="L-1", days=2, snapshot={"score": 5.0, "band": "D"}),
        came_to(
            "won",
            "L-1",
            days=5,
            amount=10.0,
            currency="EUR",
            company="Acme",
            account_id="A-1",
            touches=("webinar", "demo"),
        ),
        told(
            "objection",
            lead_id="L-1",
            days=30,
            payload={"category": "missing_feature", "verbatim": "no export"},
        ),
        told("objection", lead_id="L-2", days=20, payload={"category": "price"}, lead={"account_id": "A-1"}),
        told("objection", lead_id="L-3", days=20, payload={"category": "timing"}, lead={"company": "ACME"}),
        told(
            "objection",
            lead_id="L-4",
            days=20,
            payload={"category": "authority"},
            lead={"company": "Acme", "account_id": "A-2"},
        ),
        told("objection", lead_id="L-1", days=3, payload={"category": "trust_risk"}),
        told("objection", lead_id="L-1", days=30, payload={"category": "competitor"}, state="retracted"),
        told("win_reason", lead_id="L-1", days=4, payload={"reason": "works offline"}),
    )


def test_a_win_tells_its_way_its_score_at_acceptance_and_what_stood_against_it() -> None:
    insight = wins.of(_small())
    won = line(insight, "Acme")
    assert won["touch_path"].text == "webinar → demo"
    assert (won["score"].value, won["band"].text) == (81, "A")
    assert won["objections"].text == "missing feature: “no export”; price; timing"
    assert won["win_reason"].text == "works offline"
    assert (won["amount"].value, insight.currency) == (10, "EUR")
    assert won["won_on"].text == "2026-03-25"


def test_a_win_that_nobody_accepted_here_has_no_score_and_no_guess() -> None:
    won = line(wins.of(evidence(came_to("won", "L-1", days=5))), "L-1")
    assert (won["score"].value, won["band"].text, won["amount"].value) == (None, "", None)


@pytest.mark.parametrize(
    ("world", "note"),
    [
        (evidence(), "The CRM does not tell what became of leads."),
        (evidence(came_to("lost", "L-1")), "No lead was won in this period."),
    ],
)
def test_a_period_without_a_win_says_so(world: Evidence, note: str) -> None:
    assert (wins.of(world).rows, wins.of(world).notes) == ((), (note,))


@QUICK
@given(any_world)
def test_every_won_lead_has_a_line_with_what_was_known_before_it(world: Evidence) -> None:
    insight = wins.of(world)
    closed = closings(world, world.period.since, world.period.until)
    won = {lead: one for lead, one in closed.items() if one.stage == "won"}
    assert sorted(row.lead_ids[0] for row in insight.rows) == sorted(won)
    for row in insight.rows:
        (lead,), said = row.lead_ids, figures(insight, row)
        accepts = [
            d
            for d in standing(world)
            if d.lead_id == lead and d.act == "accept" and d.decided_at <= won[lead].at
        ]
        assert said["score"].value == (accepts[-1].snapshot.get("score") if accepts else None)
        heard = []
        for one in world.feedback:
            company = won[lead].company
            is_about = one.lead_id == lead or (company != "" and one.lead.get("company") == company)
            if (
                one.type == "objection"
                and one.state != "retracted"
                and is_about
                and one.created_at <= won[lead].at
            ):
                heard.append(one.payload.get("category", "objection"))
        texts = [part.split(":")[0] for part in said["objections"].text.split("; ") if part]
        assert set(texts) == set(heard)
        is_main = won[lead].amount is not None and (won[lead].currency or "") == main_currency(world)
        assert said["amount"].value == (won[lead].amount if is_main else None)


def test_of_many_objections_of_one_company_the_last_are_told() -> None:
    many = [
        told("objection", days=60 - n, payload={"category": f"c{n}"}, lead={"company": "Unknown"})
        for n in range(40)
    ]
    won = line(wins.of(evidence(came_to("won", "L-1", days=5, company="Unknown"), *many)), "Unknown")
    assert won["objections"].text.split("; ") == [f"c{n}" for n in range(20, 40)]
