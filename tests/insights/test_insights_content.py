"""Content requests: by topic, with +1s, by distinct accounts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.insights.told_worlds import accounts, feedback_worlds, figure, is_count, line, plain, said
from tests.insights.world import answered, evidence, told
from triage.domain.review import ReplyKind
from triage.insights import content
from triage.insights.evidence import Evidence


def _asked(lead_id: str, topic: str = "", **more: object) -> object:
    payload = {"topic": topic} if topic else {}
    return told("content_request", lead_id=lead_id, payload=payload | more.pop("payload", {}), **more)


def test_a_plus_one_counts_for_the_request_it_names() -> None:
    world = evidence(
        _asked("L-1", "ERP link", feedback_id="F-A", days=100),
        _asked("L-2", "ERP link", days=20),
        _asked("L-3", payload={"request_id": "F-A"}),
        _asked("L-4", " erp  LINK", payload={"asset_type": "brief"}),
    )
    insight = content.of(world)
    row = line(insight, "ERP link")
    assert figure(insight, row, "accounts").value == 3
    assert is_count(figure(insight, row, "times"), ["L-2", "L-3", "L-4"])
    assert is_count(figure(insight, row, "plus_ones"), ["L-3"])
    assert figure(insight, row, "oldest").value == pytest.approx(20)
    assert figure(insight, row, "asset_type").text == "brief"


def test_a_plus_one_for_all_leads_of_an_act_names_the_act() -> None:
    world = evidence(
        _asked("L-1", "ERP link", batch_id="B-7"),
        _asked("L-2", "ERP link", batch_id="B-7"),
        _asked("L-3", payload={"request_id": "B-7"}),
    )
    insight = content.of(world)
    assert figure(insight, line(insight, "ERP link"), "times").value == 3


def test_a_request_of_the_crms_own_goes_by_its_id() -> None:
    insight = content.of(evidence(_asked("L-1", payload={"request_id": "CR-1"})))
    assert insight.rows[0].label == "CR-1"


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        ((), "open"),
        ((ReplyKind.ACKNOWLEDGED,), "answered"),
        ((ReplyKind.PLANNED,), "planned"),
        ((ReplyKind.PLANNED, ReplyKind.DELIVERED), "delivered"),
        ((ReplyKind.NO_CHANGE, ReplyKind.NEED_INFO), "declined"),
    ],
)
def test_the_newest_answer_that_decides_is_the_state(kinds: tuple[ReplyKind, ...], state: str) -> None:
    replies = tuple(answered("F-A", kind, days=9 - n) for n, kind in enumerate(kinds))
    insight = content.of(evidence(_asked("L-1", "ERP link", replies=replies)))
    assert figure(insight, insight.rows[0], "state").text == state


def test_what_most_accounts_ask_for_and_wait_for_are_findings() -> None:
    there = (answered("F", ReplyKind.DELIVERED),)
    world = evidence(
        *(_asked(f"L-{n}", "ROI", replies=there) for n in range(4)),
        *(_asked(f"L-W{n}", "ERP link") for n in range(3)),
    )
    assert [one.text for one in content.of(world).findings] == [
        "Most wanted: “ROI”, for 4 accounts, asked for 4 times, 0 of these +1; delivered.",
        "Most wanted of what nobody has planned: “ERP link”, for 3 accounts, asked for 3 times, 0 of these +1; open.",
    ]


@settings(max_examples=60, deadline=None)
@given(world=feedback_worlds)
def test_every_topic_equals_a_recount(world: Evidence) -> None:
    insight = content.of(world)
    topics: dict[str, str] = {}
    for one in world.feedback:
        if one.type == "content_request" and plain(one.payload.get("topic")):
            for request_id in (one.feedback_id, one.batch_id):
                if request_id and request_id not in topics:
                    topics[request_id] = plain(one.payload["topic"])
    groups: dict[str, list[object]] = {}
    for one in said(world, "content_request"):
        asked = one.payload.get("request_id") or ""
        topic = topics.get(asked) or plain(one.payload.get("topic")) or plain(asked) or "no topic"
        groups.setdefault(topic, []).append(one)
    assert {plain(row.label) for row in insight.rows} == set(groups)
    assert len(insight.rows) == len(groups)
    for row in insight.rows:
        mine = groups[plain(row.label)]
        assert figure(insight, row, "accounts").value == accounts(mine)
        assert is_count(figure(insight, row, "times"), [one.lead_id for one in mine])
        assert is_count(
            figure(insight, row, "plus_ones"), [one.lead_id for one in mine if one.payload.get("request_id")]
        )
        assert figure(insight, row, "reps").value == len({one.rep.user_id for one in mine})
        oldest = max((world.now - one.created_at).total_seconds() for one in mine) / 86_400
        assert figure(insight, row, "oldest").value == pytest.approx(oldest)
    ranks = [
        (figure(insight, row, "accounts").value, figure(insight, row, "times").value) for row in insight.rows
    ]
    assert ranks == sorted(ranks, reverse=True)
