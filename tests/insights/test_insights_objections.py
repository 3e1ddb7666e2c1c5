"""Objections and competitors: by distinct accounts, then by how often."""

from __future__ import annotations

from hypothesis import given, settings

from tests.insights.told_worlds import accounts, feedback_worlds, figure, is_count, line, plain, said
from tests.insights.world import came_to, evidence, told
from triage.insights import objections
from triage.insights.evidence import Evidence


def _objection(lead_id: str, category: str = "price", company: str = "", **more: object) -> object:
    days = more.pop("days", 5)
    lead = {"company": company or f"Company {lead_id}"}
    return told("objection", lead_id=lead_id, days=days, lead=lead, payload={"category": category, **more})


def test_accounts_go_before_how_often() -> None:
    world = evidence(
        *(_objection(f"L-{n}", "price", "One GmbH") for n in range(5)),
        _objection("L-7", "timing", "Two"),
        _objection("L-8", "timing", "Three"),
    )
    insight = objections.of(world)
    assert [row.label for row in insight.rows] == ["timing", "price"]
    assert figure(insight, line(insight, "price"), "accounts").value == 1
    assert figure(insight, line(insight, "price"), "times").value == 5


def test_a_competitor_is_one_however_it_is_spelled() -> None:
    world = evidence(
        _objection("L-1", "competitor", competitor="Acme"), _objection("L-2", competitor=" ACME ")
    )
    insight = objections.of(world)
    assert figure(insight, line(insight, "Acme", about="competitor"), "accounts").value == 2


def test_what_was_won_in_spite_of_it_came_after_it() -> None:
    world = evidence(
        _objection("L-1", days=20, verbatim="Too dear."),
        _objection("L-2", days=20),
        _objection("L-3", days=3, verbatim="Far too dear."),
        came_to("won", "L-1", days=10),
        came_to("lost", "L-2", days=10),
        came_to("won", "L-3", days=10),
    )
    insight = objections.of(world)
    row = line(insight, "price")
    assert is_count(figure(insight, row, "won"), ["L-1"])
    assert is_count(figure(insight, row, "lost"), ["L-2"])
    assert is_count(figure(insight, row, "verbatims"), ["L-1", "L-3"])
    assert figure(insight, row, "latest").text == "Far too dear."


def test_the_competitor_of_most_accounts_is_a_finding() -> None:
    world = evidence(*(_objection(f"L-{n}", "competitor", competitor="Acme") for n in range(3)))
    assert [one.text for one in objections.of(world).findings] == [
        "The objection in most accounts: “competitor”, in 3 accounts, told 3 times.",
        "Named most: “Acme”, in 3 accounts, told 3 times.",
    ]


def test_an_unknown_account_is_no_account() -> None:
    world = evidence(
        told("objection", payload={"category": "price"}, lead={"company": "", "account_id": None})
    )
    insight = objections.of(world)
    assert figure(insight, line(insight, "price"), "accounts").value == 0
    assert figure(insight, line(insight, "price"), "times").value == 1
    assert insight.notes == ("Without a known account, and in “times told” only: 1 of 1 objections.",)


@settings(max_examples=60, deadline=None)
@given(world=feedback_worlds)
def test_every_line_equals_a_recount(world: Evidence) -> None:
    insight = objections.of(world)
    events = said(world, "objection")
    for about, field in (("objection", "category"), ("competitor", "competitor")):
        rows = [row for row in insight.rows if figure(insight, row, "about").text == about]
        names = {plain(one.payload.get(field)) for one in events}
        assert len(rows) == len(names if field == "category" else names - {""})
        for row in rows:
            name = "" if row.label == "no category" else plain(row.label)
            mine = [one for one in events if plain(one.payload.get(field)) == name]
            first = {}
            for one in mine:
                first[one.lead_id] = min(first.get(one.lead_id, one.created_at), one.created_at)
            assert figure(insight, row, "accounts").value == accounts(mine)
            assert is_count(figure(insight, row, "times"), [one.lead_id for one in mine])
            assert figure(insight, row, "leads").value == len(first)
            assert figure(insight, row, "reps").value == len({one.rep.user_id for one in mine})
            quoted = [one.lead_id for one in mine if plain(one.payload.get("verbatim"))]
            assert is_count(figure(insight, row, "verbatims"), quoted)
            for stage in ("won", "lost"):
                ended = set()
                for change in world.stages:
                    if (
                        change.stage == stage
                        and change.lead_id in first
                        and change.at >= first[change.lead_id]
                    ):
                        ended.add(change.lead_id)
                assert figure(insight, row, stage).value == len(ended)
                assert set(figure(insight, row, stage).lead_ids) == ended
        ranks = [
            (figure(insight, row, "accounts").value, figure(insight, row, "times").value) for row in rows
        ]
        assert ranks == sorted(ranks, reverse=True)
