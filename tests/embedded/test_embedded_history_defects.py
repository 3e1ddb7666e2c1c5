"""What is hidden in the history is really in the raw data: recounted here without the product's numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest

from triage.embedded.agreement import THRESHOLD
from triage.embedded.companies import CONSULTANT_TITLES
from triage.embedded.history import cohorts, planted, telling
from triage.embedded.history.past import Kept, Past

NOW = datetime(2026, 11, 19, 10, 30, tzinfo=UTC)
Told = list[tuple[Past, Kept]]


@pytest.fixture(scope="module", params=[7, 21])
def pasts(request: pytest.FixtureRequest) -> list[Past]:
    return telling.tell(seed=request.param, now=NOW)


@pytest.fixture
def first(pasts: list[Past]) -> Told:
    """Each lead with its first decision that stands."""
    return [
        (past, kept)
        for past in pasts
        for kept in [one for one in past.decisions if one.state != "superseded"][:1]
        if kept.item["act"] != "snooze"
    ]


def feedback(pasts: Iterable[Past], kind: str) -> Told:
    return [(past, kept) for past in pasts for kept in past.feedback if kept.item["type"] == kind]


def accepted(decided: Iterable[tuple[Past, Kept]]) -> float:
    acts = [kept.item["act"] for _, kept in decided]
    return acts.count("accept") / len(acts)


def by(decided: Told, key: Callable[[Past, Kept], Any]) -> dict[Any, Told]:
    groups: dict[Any, Told] = defaultdict(list)
    for past, kept in decided:
        groups[key(past, kept)].append((past, kept))
    return groups


def test_consultants_score_as_vice_presidents_and_are_rejected_and_disputed(
    pasts: list[Past], first: Told
) -> None:
    consultants = [one for one in first if one[0].lead["title"] in CONSULTANT_TITLES]
    assert len(consultants) > 100
    assert {past.lead["facts"]["title_level"] for past, _ in consultants} == {"vp"}
    reasons = Counter(kept.item["reason"] for _, kept in consultants)
    assert reasons["WRONG_PERSONA"] + reasons["NOT_ICP_COMPANY"] > 0.85 * len(consultants)
    disputed = [
        past
        for past, kept in feedback(pasts, "score_accuracy")
        if (kept.item["payload"]["verdict"], kept.item["payload"].get("contribution"))
        == ("too_high", planted.DISPUTED_PART)
    ]
    assert len(disputed) > 70
    assert all(past.lead["title"] in CONSULTANT_TITLES for past in disputed)
    for past in disputed:
        assert planted.DISPUTED_PART in {part["label"] for part in past.lead["score"]["contributions"]}


def test_from_the_sixth_week_on_the_threshold_is_lower_and_acceptance_with_it(
    pasts: list[Past], first: Told
) -> None:
    monday = cohorts.mondays(NOW)[planted.LOWERED_IN_WEEK - 1]
    for past in pasts:
        if past.lead["mql"]["by"] == "threshold":
            lowered = past.role.delivered_at >= monday
            threshold = planted.LOWERED_THRESHOLD if lowered else THRESHOLD
            assert past.lead["mql"]["detail"].endswith(f"≥ {threshold}")
            assert past.score >= threshold
    before = [one for one in first if one[0].role.delivered_at < monday]
    after = [one for one in first if one[0].role.delivered_at >= monday]
    assert accepted(before) - accepted(after) > 0.1
    weekly = [len(group) for _, group in sorted(by(first, lambda past, _: past.role.week).items())]
    assert min(weekly[5:-1]) > 1.3 * max(weekly[:5])
    reasons = {
        name: Counter(kept.item["reason"] for _, kept in group)["LOW_INTENT"] / len(group)
        for name, group in (("before", before), ("after", after))
    }
    assert reasons["after"] > 2 * reasons["before"]


def test_the_definition_knows_nothing_of_the_lower_threshold(first: Told) -> None:
    since = NOW - timedelta(weeks=10)
    versions = by(first, lambda _, kept: kept.item["snapshot"]["definition_version"])
    assert set(versions) == {"3", "4"}
    assert min(kept.item["decided_at"] for _, kept in versions["4"]) >= since.isoformat()[:16]


def test_the_new_webinar_series_is_below_the_other_webinars(first: Told) -> None:
    webinars = by(
        [one for one in first if one[0].source == "webinar"],
        lambda past, _: past.role.campaign is planted.NEW_SERIES,
    )
    recent = [one for one in webinars[False] if one[0].role.week >= planted.NEW_SERIES_FROM_WEEK]
    names = [{past.lead["campaign"]["name"] for past, _ in group} for group in webinars.values()]
    assert not set.intersection(*names)
    assert len({past.lead["campaign"]["name"] for past, _ in webinars[True]}) == 1
    assert len(webinars[True]) > 50
    assert min(past.role.week for past, _ in webinars[True]) == planted.NEW_SERIES_FROM_WEEK
    assert accepted(webinars[True]) < 0.6 * accepted(recent)


def test_the_leads_of_one_source_become_opportunities_twice_as_slowly(first: Told) -> None:
    spans: dict[bool, list[float]] = {True: [], False: []}
    for past, kept in first:
        at = next((one["at"] for one in past.stages if one["stage"] == "opportunity"), None)
        if at is not None and kept.item["act"] == "accept":
            span = datetime.fromisoformat(at) - datetime.fromisoformat(kept.item["decided_at"])
            spans[past.source == planted.SLOW_SOURCE].append(span / timedelta(days=1))
    assert len(spans[True]) >= 10
    assert 1.5 < median(spans[True]) / median(spans[False]) < 3


def test_one_rep_rejects_under_the_default_code_within_two_seconds(first: Told) -> None:
    def shares(decided: Told) -> tuple[float, float]:
        declined = [kept.item["reason"] for _, kept in decided if kept.item["act"] != "accept"]
        seen = [kept.item["snapshot"]["shown"]["dwell_ms"] for _, kept in decided]
        known = [one for one in seen if one is not None]
        return declined.count("OTHER") / len(declined), sum(one < 2_000 for one in known) / len(known)

    reps = by(first, lambda _, kept: kept.rep.user_id)
    other, hasty = shares(reps.pop(planted.LAZY_REP))
    assert other > 0.35
    assert hasty > 0.45
    assert all(max(shares(decided)) < 0.15 for decided in reps.values())


def test_objections_cluster_on_one_competitor_over_many_accounts(pasts: list[Past]) -> None:
    objections = feedback(pasts, "objection")
    named = by(objections, lambda _, kept: kept.item["payload"].get("competitor"))
    accounts = {past.lead["account"]["account_id"] for past, _ in named[planted.COMPETITOR]}
    assert len(accounts) > 40
    assert len(named[planted.COMPETITOR]) > 3 * sum(
        len(named[other]) for other in named if other not in {None, planted.COMPETITOR}
    )
    categories = Counter(kept.item["payload"]["category"] for _, kept in objections)
    assert categories.most_common(1)[0][0] == "competitor"


def test_one_topic_is_asked_for_again_and_again(pasts: list[Past]) -> None:
    requests = feedback(pasts, "content_request")
    asked = [kept for _, kept in requests if kept.item["payload"]["topic"] == planted.TOPIC]
    opened = [kept for kept in asked if "request_id" not in kept.item["payload"]]
    assert len(opened) == 1
    assert len(asked) > 8
    assert len({kept.rep.user_id for kept in asked}) > 4
    wanted = {kept.item["payload"].get("request_id", opened[0].item["feedback_id"]) for kept in asked}
    assert wanted == {opened[0].item["feedback_id"]}
    first_at = opened[0].item["created_at"]
    assert all(kept.item["created_at"] >= first_at for kept in asked)


def test_a_list_is_rejected_and_disputed_in_one_act_each(pasts: list[Past]) -> None:
    for told in ("decisions", "feedback"):
        batches = Counter(
            kept.item["batch_id"] for past in pasts for kept in getattr(past, told) if kept.item["batch_id"]
        )
        assert planted.BULK_SIZE in batches.values()


def test_bands_foretell_acceptance(first: Told) -> None:
    bands = by(first, lambda past, _: past.lead["score"]["band"])
    rates = [accepted(bands[band]) for band in "ABCD"]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] - rates[-1] > 0.4


def test_sources_differ(first: Told) -> None:
    rates = {source: accepted(group) for source, group in by(first, lambda past, _: past.source).items()}
    assert rates["demo-request"] > rates["webinar"] > rates["paid-social"]
    assert rates["webinar"] > rates["outbound-list"]


def test_many_won_leads_come_with_a_win_reason_and_objections(pasts: list[Past]) -> None:
    won = [past for past in pasts if past.status == "won"]
    kinds = [{kept.item["type"] for kept in past.feedback} for past in won]
    assert len(won) > 20
    assert sum("win_reason" in told for told in kinds) > len(won) / 2
    assert sum({"win_reason", "objection"} <= told for told in kinds) > 5
