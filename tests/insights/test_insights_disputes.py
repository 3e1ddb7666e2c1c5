"""Disputes: which points and lines sales does not believe, with what became of the leads."""

from __future__ import annotations

from hypothesis import given, settings

from tests.insights.told_worlds import (
    account,
    accounts,
    figure,
    is_count,
    is_share,
    line,
    plain,
    said,
    told_worlds,
    triaged,
)
from tests.insights.world import REPS, decided, evidence, told
from triage.insights import disputes
from triage.insights.evidence import Evidence

LEVEL = "role and level"


def _judged(verdict: str, lead_id: str, contribution: str = LEVEL, **more: object) -> object:
    payload = {"verdict": verdict, "contribution": contribution, **more.pop("payload", {})}
    return told("score_accuracy", lead_id=lead_id, payload=payload, **more)


def _carrying(lead_id: str, act: str, title: str, label: str = LEVEL) -> object:
    part = {"label": label, "points_applied": 15, "evidence": title}
    return decided(act, lead_id=lead_id, snapshot={"contributions": [part]})


def test_a_part_is_set_against_the_leads_that_carried_it() -> None:
    world = evidence(
        _carrying("L-1", "reject", "x"),
        _carrying("L-2", "accept", "x"),
        _carrying("L-3", "accept", "y", label="company size"),
        decided("reject", lead_id="L-4"),
        _judged("too_high", "L-1"),
        _judged("too_high", "L-9", "Role  and LEVEL", rep=REPS[1], lead={"company": "company l-1"}),
        _judged("right", "L-2"),
    )
    insight = disputes.of(world)
    row = line(insight, LEVEL)
    assert is_count(figure(insight, row, "disputes"), ["L-1", "L-9"])
    assert is_count(figure(insight, row, "right"), ["L-2"])
    assert figure(insight, row, "accounts").value == 1
    assert figure(insight, row, "reps").value == 2
    assert is_share(figure(insight, row, "disputed"), ["L-1"], ["L-1", "L-2"])
    assert is_share(figure(insight, row, "accepted_with"), ["L-2"], ["L-1", "L-2"])
    assert is_share(figure(insight, row, "accepted_without"), ["L-3"], ["L-3"])


def test_the_finding_says_what_the_disputed_points_rest_on() -> None:
    events = []
    for n in range(6):
        events += [
            _carrying(f"L-C{n}", "reject", "vp: “Consultant”"),
            _carrying(f"L-V{n}", "accept", "vp: “VP”"),
        ]
        events.append(
            _judged("too_high", f"L-C{n}", payload={"comment": "Advises, decides nothing."}, rep=REPS[n % 3])
        )
    insight = disputes.of(evidence(*events))
    assert len(insight.findings) == 1
    assert insight.findings[0].text == (
        "“role and level” is said to be too high 6 times, by 3 reps, in 6 accounts. Most often where it rests on "
        "vp: “Consultant” (6): of such leads 0% (n=6) are accepted, of the others 100% (n=6). "
        "In their words: “Advises, decides nothing.”"
    )
    assert insight.findings[0].row == LEVEL
    assert insight.findings[0].lead_ids == tuple(f"L-C{n}" for n in range(6))


def test_what_one_account_disputes_is_one_opinion() -> None:
    events = [_judged("too_high", f"L-{n}", lead={"company": "One GmbH"}) for n in range(9)]
    assert disputes.of(evidence(*events)).findings == ()


def test_what_is_said_to_be_right_as_often_is_no_finding() -> None:
    events = [_judged("too_high" if n % 2 else "right", f"L-{n}") for n in range(12)]
    assert disputes.of(evidence(*events)).findings == ()


def test_lines_of_the_definition_have_their_words() -> None:
    world = evidence(
        told("definition_dispute", payload={"criterion": "title-level"}),
        told("definition_dispute", payload={"criterion": "Title-Level "}),
        told("definition_dispute", payload={"proposal": "less of everything"}),
        decided("reject", lead_id="L-1", disagrees_with="definition v4"),
    )
    insight = disputes.of(world)
    assert figure(insight, line(insight, "manager or above"), "disputes").value == 2
    assert figure(insight, line(insight, "the definition as a whole"), "disputes").value == 1
    assert is_count(figure(insight, line(insight, "definition v4: met, and rejected"), "disputes"), ["L-1"])


@settings(max_examples=60, deadline=None)
@given(world=told_worlds)
def test_every_part_equals_a_recount(world: Evidence) -> None:
    insight = disputes.of(world)
    judged = [
        one
        for one in said(world, "score_accuracy")
        if one.payload.get("verdict") in ("too_high", "too_low", "right")
    ]
    names = {plain(one.payload.get("contribution")) for one in judged}
    rows = {
        plain(row.label): row
        for row in insight.rows
        if "part of the score" in figure(insight, row, "about").text
    }
    assert set(rows) == names - {""}
    known = [one for one in triaged(world) if one.snapshot["contributions"]]
    for name, row in rows.items():
        mine = [one for one in judged if plain(one.payload.get("contribution")) == name]
        against = [one for one in mine if one.payload["verdict"] != "right"]
        for verdict in ("too_high", "too_low", "right"):
            counted = [one.lead_id for one in mine if one.payload["verdict"] == verdict]
            assert is_count(figure(insight, row, verdict), counted)
        assert is_count(figure(insight, row, "disputes"), [one.lead_id for one in against])
        assert figure(insight, row, "accounts").value == accounts(against)
        assert figure(insight, row, "reps").value == len({one.rep.user_id for one in against})
        having, lacking = [], []
        for one in known:
            labels = [plain(part["label"]) for part in one.snapshot["contributions"]]
            (having if name in labels else lacking).append(one)
        assert figure(insight, row, "carried").value == len(having)
        for column, some in (("accepted_with", having), ("accepted_without", lacking)):
            accepted = [one.lead_id for one in some if one.act == "accept"]
            assert is_share(figure(insight, row, column), accepted, [one.lead_id for one in some])
        leads = {one.lead_id for one in having}
        disputed = [lead for lead in leads if lead in {one.lead_id for one in against}]
        assert is_share(figure(insight, row, "disputed"), disputed, list(leads))


@settings(max_examples=50, deadline=None)
@given(world=told_worlds)
def test_disputes_of_the_definition_equal_a_recount(world: Evidence) -> None:
    insight = disputes.of(world)
    lines = said(world, "definition_dispute")
    names = {"title-level": "manager or above", "": "the definition as a whole"}
    for name in {plain(one.payload.get("criterion")) for one in lines}:
        mine = [one for one in lines if plain(one.payload.get("criterion")) == name]
        row = line(insight, names.get(name, name), about="line of the definition")
        assert is_count(figure(insight, row, "disputes"), [one.lead_id for one in mine])
        assert figure(insight, row, "accounts").value == accounts(mine)
    against = [one for one in triaged(world) if one.act == "reject" and one.disagrees_with]
    if against:
        row = line(insight, "definition v4: met, and rejected")
        assert figure(insight, row, "disputes").value == len(against)
        assert figure(insight, row, "accounts").value == len({account(one.lead) for one in against} - {""})
