"""A score with its reasons: what moved it adds up to it, or is said not to be told; never a failed fetch."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hubspot.conftest import Switchboard
from tests.hubspot.portal import Portal, app
from tests.hubspot.portal.scoring import Moved as TheirMoved
from tests.hubspot.reading import adapter, api_on, at, fetched, leads_in
from tests.tempo import FastTempo
from triage.crm.dialect import Dialect
from triage.crm.fields import Fields
from triage.crm.hubspot import HubSpotCrm
from triage.crm.hubspot.reading.score import Histories, Moved, moved_of, score_of
from triage.crm.hubspot.reading.score_names import ScoreNames, grades_of
from triage.crm.hubspot.values import Values
from triage.domain.lead import Lead
from triage.domain.score import Dimension, Reasons, Score

NOW = at("2026-11-22T12:00:00Z")
NAMES = ScoreNames(total="total", fit="fit", engagement="engagement", threshold="grade", has_history=True)


@pytest.fixture
async def crm(switchboard: Switchboard, portal: Portal) -> AsyncIterator[HubSpotCrm]:
    made = adapter(switchboard.url, portal)
    yield made
    await made.aclose()
    assert portal.broken_rules == []


def scored(value: Any = "54", history: list[Moved] | None = None, **more: str) -> Score:
    found = score_of(Values({"total": value, **more}), NAMES, history, NOW)
    assert found is not None
    return found


async def first(crm: HubSpotCrm) -> Lead:
    return next(iter(leads_in(await fetched(crm)).values()))


# What adds up


@given(
    st.floats(0, 1000),
    st.lists(
        st.builds(Moved, st.floats(-100, 100), st.sampled_from(["visit", "form", "mail", ""])), min_size=1
    ),
)
def test_a_score_with_a_history_always_adds_up(points: float, history: list[Moved]) -> None:
    score = scored(repr(points), history)
    assert not score.unreconciled
    labels = [part.label for part in score.contributions]
    assert len(labels) == len(set(labels)), "a label names one part"


def test_the_same_cause_is_one_part_with_its_count() -> None:
    moved = [Moved(2, "Viewed page", NOW - timedelta(days=one), Dimension.ENGAGEMENT) for one in (1, 5, 9)]
    (part,) = scored("10", [*moved, Moved(3, "Undone"), Moved(-3, "Undone")]).contributions
    assert (part.label, part.points_applied, part.evidence) == ("Viewed page", 6.0, "3 times")
    assert part.occurred_at == NOW - timedelta(days=1)


def test_what_was_there_before_the_history_is_said_to_be_other() -> None:
    assert scored("54", [Moved(10, "Submitted form")]).other == 44.0


def test_without_a_history_there_are_no_reasons_and_nothing_to_add_up() -> None:
    score = scored("54", None)
    assert (score.reasons, score.contributions, score.other) == (Reasons.NONE, (), 0.0)
    assert not score.unreconciled


def test_a_history_that_tells_nothing_yet_leaves_all_of_the_score_unsaid() -> None:
    score = scored("54", [])
    assert (score.reasons, score.contributions, score.other) == (Reasons.WEIGHTS, (), 54.0)
    assert not score.unreconciled


@pytest.mark.parametrize("value", [None, "", "high", "NaN", "inf", "1e999", "9" * 50, 7, [1]])
def test_without_a_number_there_is_no_score(value: Any) -> None:
    unread: Counter[str] = Counter()
    assert score_of(Values({"total": value}, unread), NAMES, None, NOW) is None
    assert bool(unread) == (value not in (None, ""))


def test_fit_engagement_and_grade_are_read_where_the_portal_has_them() -> None:
    score = scored("54", None, fit="20", engagement="34", grade="A2")
    assert (score.fit, score.engagement, score.grade) == (20.0, 34.0, "A2")


@pytest.mark.parametrize("text", ["", "High", "A", "11", "AB", "A10"])
def test_a_threshold_that_is_a_word_is_no_grade(text: str) -> None:
    assert grades_of(text) == ("", "")


def test_a_score_of_one_kind_has_parts_of_that_kind() -> None:
    names = ScoreNames(engagement="e", has_history=True)
    score = score_of(Values({"e": "5"}), names, [Moved(5, "x", None, Dimension.FIT)], NOW)
    assert score is not None
    assert score.contributions[0].dimension is Dimension.ENGAGEMENT


def test_the_trend_is_of_thirty_days_and_unknown_where_the_history_does_not_reach() -> None:
    recent = [Moved(1, "x", NOW - timedelta(days=1))]
    old = [Moved(7, "y", NOW - timedelta(days=31))]
    assert scored("9", recent * 3 + old).trend == 3.0
    assert scored("9", recent * 100).trend is None
    assert scored("9", None).trend is None


# What an entry of a history says


def entry(**fields: Any) -> Moved:
    return moved_of(Fields(fields, Counter()))


def test_an_event_is_told_by_its_heading_and_its_own_time() -> None:
    moved = entry(
        delta=10,
        timestamp="2026-11-20T00:00:00Z",
        renderedEvents=[{"heading": "Form", "timestamp": 1763000000000}],
    )
    assert (moved.label, moved.delta, moved.dimension) == ("Form", 10.0, Dimension.ENGAGEMENT)
    assert moved.at is not None
    assert moved.at.year == 2025


def test_a_property_is_told_by_its_value() -> None:
    moved = entry(delta=5, resolvedProperties={"jobtitle": {"pastValue": "", "presentValue": "CTO"}})
    assert (moved.label, moved.dimension) == ("jobtitle is CTO", Dimension.FIT)


def test_a_property_is_told_by_what_the_portal_calls_it() -> None:
    changed = Fields({"resolvedProperties": {"jobtitle": {"presentValue": "CTO"}}}, Counter())
    assert moved_of(changed, {"jobtitle": "Job title"}).label == "Job title is CTO"


@given(
    st.dictionaries(
        st.sampled_from(
            ["delta", "timestamp", "renderedEvents", "resolvedProperties", "resolvedListIds", "propertyValue"]
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["heading", "timestamp", "presentValue", "x"]), inner)
            ),
            max_leaves=6,
        ),
    )
)
def test_no_entry_of_any_shape_fails(fields: dict[str, Any]) -> None:
    moved = moved_of(Fields(fields, Counter()))
    assert isinstance(moved.label, str)


# From the portal


async def test_the_portals_history_is_the_reasons_and_adds_up(crm: HubSpotCrm, portal: Portal) -> None:
    called = portal.state.schemas["contacts"].properties["jobtitle"].label
    for lead_id, lead in leads_in(await fetched(crm)).items():
        assert lead.score is not None
        assert lead.score.reasons is Reasons.WEIGHTS
        assert not lead.score.unreconciled
        hidden = 10.0 if int(portal.contact_of(lead_id)) % 3 == 0 else 0.0
        assert lead.score.other == hidden
        assert any(part.label.startswith("Submitted form") for part in lead.score.contributions)
        assert any(part.label.startswith(f"{called} is ") for part in lead.score.contributions)
        assert lead.score.model_version == "Sales score"
    assert (await crm.capabilities()).reasons == "weights"


@pytest.mark.parametrize("status", [403, 404])
async def test_a_portal_that_does_not_give_lead_scoring_is_not_an_error(
    switchboard: Switchboard, portal: Portal, status: int
) -> None:
    portal.scoring = status
    crm = adapter(switchboard.url, portal, dialect=Dialect(fields={"score": "sales_score_total"}))
    lead = await first(crm)
    assert lead.score is not None
    assert lead.score.reasons is Reasons.NONE
    assert (await crm.capabilities()).reasons == "none"
    assert portal.count("GET /marketing/lead-scoring/2026-09-beta/score-values") == 0
    await crm.aclose()


async def test_a_history_that_is_refused_is_not_asked_for_again(crm: HubSpotCrm, portal: Portal) -> None:
    assert (await crm.capabilities()).reasons == "weights"
    portal.scopes -= {"oauth"}
    found = leads_in(await fetched(crm))
    assert len(found) == 12
    assert {lead.score.reasons for lead in found.values() if lead.score} == {Reasons.NONE}
    assert portal.count("GET /marketing/lead-scoring/2026-09-beta/score-values") <= 3


async def test_after_a_limit_no_more_histories_are_asked_for(
    switchboard: Switchboard, portal: Portal
) -> None:
    api, unread = api_on(switchboard.url, portal), Counter[str]()
    portal.limits.used_today = portal.limits.daily
    histories = Histories(api, NAMES)
    asked = [str(one) for one in range(20)]
    assert await histories.of(asked, unread) == dict.fromkeys(asked, ())
    await api.aclose()
    assert len(portal.requests) <= 3
    assert histories.waiting == set(asked), "they come with a later fetch"


async def test_a_history_that_cannot_be_read_is_counted_and_the_lead_comes(
    crm: HubSpotCrm, portal: Portal
) -> None:
    portal.state.scoring.moved[portal.contact_of(portal.lead_ids[0]), "sales_score_total"] = "broken"  # type: ignore[assignment]  # on purpose
    pages = await fetched(crm)
    assert list(leads_in(pages)) == portal.lead_ids
    assert pages[0].unread == {"score history": 1}


async def test_the_profiles_own_property_goes_before_what_is_found(
    switchboard: Switchboard, portal: Portal
) -> None:
    crm = adapter(switchboard.url, portal, dialect=Dialect(fields={"score": "sales_score_fit"}))
    lead = await first(crm)
    assert lead.score is not None
    assert lead.score.score == float(
        portal.value("contacts", portal.contact_of(lead.lead_id), "sales_score_fit")
    )
    await crm.aclose()


async def test_without_lead_scoring_the_predictive_score_is_taken_and_the_retired_one_never(
    switchboard: Switchboard,
) -> None:
    portal = Portal(FastTempo(), leads=2, scoring=False)
    switchboard.app = app(portal)
    one, other = (portal.contact_of(lead_id) for lead_id in portal.lead_ids)
    portal.write("contacts", one, {"hs_predictivecontactscore_v2": "12.5", "hubspotscore": "99"})
    portal.write("contacts", other, {"hubspotscore": "99"})
    crm = adapter(switchboard.url, portal)
    scores = [lead.score for lead in leads_in(await fetched(crm)).values()]
    await crm.aclose()
    assert [score and score.score for score in scores] == [12.5, None]


async def test_a_list_that_moved_a_score_is_told_as_a_list(crm: HubSpotCrm, portal: Portal) -> None:
    contact = portal.contact_of(portal.lead_ids[0])
    total = portal.value("contacts", contact, "sales_score_total")
    portal.state.scoring.moved[contact, "sales_score_total"] = [
        TheirMoved(portal.state.clock.now(), float(total), total, lists=(12,)),
        TheirMoved(portal.state.clock.now(), -2.0, total),
    ]
    lead = await first(crm)
    assert lead.score is not None
    parts = {part.label: part.points_applied for part in lead.score.contributions}
    assert parts == {"membership of a list": float(total), "change without a named cause": -2.0}
    assert lead.score.other == 2.0
