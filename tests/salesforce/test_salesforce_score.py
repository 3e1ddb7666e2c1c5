"""Scores: whose number it is, which reasons are a lead's own, and what is never made up."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.salesforce.reading_room import room
from triage.crm.dialect import Dialect
from triage.crm.fields import Fields
from triage.crm.salesforce.describe import Described, FieldInfo
from triage.crm.salesforce.reading.score import Prediction, read_score, reasons_in
from triage.domain.score import Direction, Reasons

LEAD = Described("Lead", {"Industry": FieldInfo("Industry", label="Branch")})


def reason(name="Industry", value="Manufacturing", operator="Equals", **more):
    return {"FieldName": name, "FieldValue": value, "Operator": operator, **more}


def score(row=None, *told, **fields):
    return read_score(Fields(row or {}, Counter()), told, LEAD, Dialect(fields=fields))


def predicting(value, *reasons, about="Lead.Will_Convert__c"):
    return Prediction(value, about, reasons=tuple(reasons))


def test_without_a_number_there_is_no_score():
    assert score({}) is None
    assert score({"ScoreIntelligence": {"Score": None}, "pi__score__c": "many"}) is None
    assert score({"ScoreIntelligence": None}) is None


def test_einsteins_score_has_no_reasons_and_says_so():
    found = score({"ScoreIntelligence": {"Score": 87}})
    assert (found.score, found.reasons, found.contributions) == (87, Reasons.NONE, ())
    assert not found.unreconciled


def test_account_engagements_score_comes_with_its_grade():
    found = score({"pi__score__c": 120, "pi__grade__c": "B+"})
    assert (found.score, found.engagement, found.fit_grade) == (120, 120, "B+")
    assert found.reasons is Reasons.NONE


def test_account_engagements_score_is_not_explained_by_a_prediction_of_something_else():
    einstein = {"ScoreIntelligence": {"Score": 50}, "pi__score__c": 120}
    assert score(einstein).score == 50


def test_a_prediction_gives_reasons_the_strongest_first_and_no_points():
    told = predicting(
        72,
        reason("Industry", Contribution=0.1),
        reason("Title", "CEO", Contribution=-0.4),
        reason("Country", "DE", "NotEquals", Contribution=0.2),
    )
    found = score({}, told)
    assert found.score == 72
    assert found.reasons is Reasons.ORDER
    assert [part.label for part in found.contributions] == [
        "Title is CEO",
        "Country is not DE",
        "Branch is Manufacturing",
    ]
    assert [part.direction for part in found.contributions] == [Direction.DOWN, Direction.UP, Direction.UP]
    assert all(part.points_applied == 0 for part in found.contributions)
    assert found.residual == 0


def test_reasons_that_add_up_to_the_number_are_weights():
    told = predicting(30, reason(Contribution=50), reason("Title", "Buyer", Contribution=-20))
    found = score({}, told)
    assert found.reasons is Reasons.WEIGHTS
    assert [part.points_applied for part in found.contributions] == [50, -20]
    assert not found.unreconciled


def test_reasons_shown_with_another_models_number_say_whose_they_are_once():
    told = predicting(72, reason(Contribution=0.2), reason("Title", "CEO", Contribution=0.1))
    found = score({"ScoreIntelligence": {"Score": 40}}, told)
    assert found.score == 40
    assert found.reasons is Reasons.ORDER
    assert [part.evidence for part in found.contributions] == ["these predict Will_Convert__c", ""]


def test_a_chance_is_told_in_percent():
    assert score({}, predicting(0.73)).score == 73
    assert score({}, predicting(1)).score == 1
    assert score({}, predicting(0)).score == 0


def test_the_field_that_the_profile_names_goes_before_all():
    row = {"Our_Score__c": "61", "ScoreIntelligence": {"Score": 40}, "Our_Band__c": "B"}
    found = score(row, score="Our_Score__c", band="Our_Band__c")
    assert (found.score, found.band) == (61, "B")


def test_of_several_predictions_that_of_the_profiles_field_explains():
    told = (
        predicting(1, reason("Title", "CEO", Contribution=1), about="Lead.Other__c"),
        predicting(2, reason(Contribution=1), about="Lead.Our_Score__c"),
    )
    found = score({"Our_Score__c": 61}, *told, score="Our_Score__c")
    assert [part.label for part in found.contributions] == ["Branch is Manufacturing"]


def test_intensity_orders_where_contribution_is_missing_and_a_hint_where_both_are():
    by_intensity = predicting(5, reason("A", Intensity=0.1), reason("B", Intensity=-0.9))
    by_hint = predicting(5, reason("A", SortHint=2), reason("B", SortHint=1))
    assert [part.label[0] for part in score({}, by_intensity).contributions] == ["B", "A"]
    assert [part.label[0] for part in score({}, by_hint).contributions] == ["B", "A"]
    assert {part.direction for part in score({}, by_hint).contributions} == {None}


def test_a_reason_without_a_field_is_left_out_and_an_unknown_operator_is_not_translated():
    told = predicting(5, reason(""), reason(operator="Resembles", Contribution=1))
    assert [part.label for part in score({}, told).contributions] == ["Branch: Manufacturing"]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
REASON = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("FieldName", "FieldValue", "Operator", "Contribution", "Intensity", "FeatureValue", "SortHint"), JUNK
    ),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(["ScoreIntelligence", "pi__score__c", "pi__grade__c"]), JUNK),
    st.lists(REASON, max_size=3),
    st.none() | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9),
)
def test_whatever_comes_is_read_and_never_adds_up_to_a_lie(row, reasons, value):
    told = [] if value is None else [predicting(value, *reasons)]
    found = score(row, *told)
    if found is not None:
        assert not (found.reasons is Reasons.WEIGHTS and found.unreconciled)
        assert found.reasons is not Reasons.WEIGHTS or found.contributions


# Against an org


async def test_leads_come_with_einsteins_number_and_the_predictions_reasons():
    here = room()
    leads = {lead.lead_id: lead for lead in await here.leads()}
    first, second = (leads[one].score for one in here.org.lead_ids[:2])
    assert (first.score, first.reasons) == (30, Reasons.ORDER)
    assert [part.label for part in first.contributions] == [
        "Title is CEO",
        "LeadSource is Web",
        "Country is Germany",
    ]
    assert (second.score, second.reasons) == (31, Reasons.NONE)
    assert await reasons_in(here.api) == "order"
    assert here.org.broken_rules == []
    await here.close()


async def test_an_org_without_predictions_says_that_it_gives_no_reasons():
    here = room(prediction=False)
    assert await reasons_in(here.api) == "none"
    assert {lead.score.reasons for lead in await here.leads()} == {Reasons.NONE}
    await here.close()


async def test_without_einstein_the_prediction_tells_the_number_and_else_account_engagement():
    here = room(einstein=False)
    leads = await here.leads()
    models = {lead.score.model_version.partition(" of ")[0] for lead in leads}
    assert models == {"Prediction", "Account Engagement"}
    assert next(lead for lead in leads if lead.lead_id == here.org.lead_ids[0]).score.score == 50
    await here.close()


async def test_an_org_with_nothing_of_the_kind_has_leads_without_a_score():
    here = room(einstein=False, prediction=False, pardot=False)
    assert {lead.score for lead in await here.leads()} == {None}
    await here.close()


async def test_reasons_that_the_rep_may_not_read_are_none():
    here = room()
    here.org.hide("AIInsightReason")
    assert await reasons_in(here.api) == "none"
    assert {lead.score.reasons for lead in await here.leads()} == {Reasons.NONE}
    await here.close()
