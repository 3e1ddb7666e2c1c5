"""A row of BottleCRM's list to a lead: nothing is lost that a rep needs, and nothing is guessed."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bottlecrm.reading import ANOTHER, LEAD, ME, NOW, profile, read, reader, row
from triage.crm.dialect import Dialect
from triage.domain.lead import LeadStatus, Mql, Owner
from triage.domain.score import Reasons

_CREATED = datetime(2026, 11, 21, 20, 28, 21, 924000, tzinfo=UTC)


def decided(*entries: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Return a row on which triage has written these records."""
    return row(custom_fields={"triage_log": json.dumps(entries)}, **values)


def entry(word: str, item_id: str = "D-1", at: str = "2026-11-22T09:00:00.000+00:00", **item: Any) -> Any:
    return {"id": item_id, "word": word, "at": at, "record": {"rep": {"name": "Ana"}, "item": item}}


def test_what_the_contract_page_shows_comes_whole() -> None:
    lead = read(row(linkedin_url="https://social.example/in/linus", industry="SOFTWARE"))
    assert (lead.lead_id, lead.version) == (LEAD, "2026-11-21T20:28:21.924468Z")
    assert (lead.status, lead.owner) == (LeadStatus.ASSIGNED, Owner(ME, "rep"))
    assert (lead.name, lead.title, lead.company) == ("Linus Backus", "VP Sales", "Northwind Inc")
    assert (lead.email, lead.phone) == ("linus.backus.3@northwind.example", "+1 555-555-0103")
    assert (lead.city, lead.country, lead.industry) == ("Berlin", "DE", "SOFTWARE")
    assert (lead.website, lead.profile_url) == (
        "https://northwind.example",
        "https://social.example/in/linus",
    )
    assert (lead.source, lead.campaign) == ("call", None)
    assert (lead.created_at, lead.fetched_at) == (_CREATED, NOW)
    assert lead.moment == "Downloaded the ROI guide, lead score 53."


def test_what_no_field_of_ours_has_room_for_is_told_in_words() -> None:
    lead = read(row(next_follow_up="2026-11-30", source_detail="Autumn fair"))
    (created,) = lead.touches
    assert (created.at, created.channel, created.campaign) == (_CREATED, "call", "Autumn fair")
    assert created.asset == "Northwind webinar #00003"
    assert created.summary == (
        "Downloaded the ROI guide, lead score 53.\nAsked twice.\n"
        "tagged webinar · worth 18455.00 USD · 23 % likely · to close by 2026-12-24 · "
        "follow-up on 2026-11-30 · by marketer@acme.test"
    )
    assert lead.campaign is not None
    assert lead.campaign.name == "Autumn fair"


def test_facts_are_bottlecrms_fields_and_the_organisations_own() -> None:
    lead = read(row(custom_fields={"employees": 250.0, "need": True, "tier": "gold", "triage_log": "[]"}))
    assert lead.facts == {
        "country": "DE",
        "rating": "COLD",
        "currency": "USD",
        "probability": 23,
        "close_date": "2026-12-24",
        "opportunity_amount": 18455,
        "subject": "Northwind webinar #00003",
        "tags": "webinar",
        "employees": 250,
        "need": True,
        "tier": "gold",
    }
    assert lead.employees == 250


def test_an_address_at_a_free_provider_is_no_business_one() -> None:
    assert read(row(email="kim@gmail.com")).facts["business_email"] is False
    assert "business_email" not in read(row()).facts


def test_a_lead_of_a_title_alone_is_shown_by_it() -> None:
    lead = read({"id": LEAD, "title": "Somebody at the fair", "assigned_to": [profile()]})
    assert (lead.name, lead.moment) == ("Somebody at the fair", "Somebody at the fair")
    assert (lead.status, lead.score, lead.created_at) == (LeadStatus.ASSIGNED, None, None)


def test_a_lead_that_several_have_is_the_reps() -> None:
    shared = row(assigned_to=[profile(ANOTHER, "rep2"), profile()])
    assert read(shared).owner == Owner(ME, "rep")
    assert read(row(assigned_to=[profile(ANOTHER, "rep2")])).owner == Owner(ANOTHER, "rep2")
    assert read(row(assigned_to=[])).owner == Owner("")


# Score


@pytest.mark.parametrize(
    ("rating", "band"), [("HOT", "A"), ("WARM", "B"), ("COLD", "C"), (None, ""), ("X", "")]
)
def test_the_rating_is_the_band_of_the_probability(rating: str | None, band: str) -> None:
    score = read(row(rating=rating)).score
    assert score is not None
    assert (score.score, score.band, score.reasons) == (23.0, band, Reasons.NONE)
    assert (score.contributions, score.residual) == ((), 0.0)


@pytest.mark.parametrize("probability", [0, None, "", "NaN", "1e999", "9" * 400, True, [], {}])
def test_without_a_number_there_is_no_score_and_the_rating_is_told(probability: Any) -> None:
    lead = read(row(probability=probability, rating="HOT"))
    assert lead.score is None
    assert lead.mql == Mql("rating", "rated hot")


def test_the_profile_names_the_field_of_the_score() -> None:
    dialect = Dialect(fields={"score": "lead_score", "band": "grade"})
    score = read(row(custom_fields={"lead_score": "87.5", "grade": "B"}), dialect).score
    assert score is not None
    assert (score.score, score.band, score.model_version) == (87.5, "B", "lead_score")
    zero = read(row(custom_fields={"lead_score": 0.0}), dialect).score
    assert zero is not None, "somebody said so"
    assert read(row(custom_fields={}), dialect).score is None, "the probability is not asked"


# Clocks and contact


def test_the_clock_starts_when_a_lead_arrives_as_bottlecrms_own_does() -> None:
    assert (read(row()).assigned_at, read(row()).event_at) == (_CREATED, None)
    again = read(row(last_enquiry_at="2026-11-22T08:00:00Z", external_source="webform:1"))
    assert again.assigned_at == again.event_at == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert again.mql == Mql("hand_raise", "web form")
    assert [touch.kind for touch in again.touches] == ["created", "enquiry"]


@pytest.mark.parametrize("source", ["", "intake:1", "email", "csv:1"])
def test_only_who_came_by_a_form_or_a_mail_has_raised_a_hand(source: str) -> None:
    enquired = None if source == "email" else "2026-11-22T08:00:00Z"
    mql = read(row(external_source=source, last_enquiry_at=enquired)).mql
    assert mql is None


def test_what_triage_gave_to_the_rep_counts_from_then() -> None:
    lead = read(decided(entry("reroute", at="2026-11-22T09:00:00.000+00:00")))
    assert lead.assigned_at == datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_a_lead_that_is_back_has_no_moment_of_assignment_unless_it_came_anew() -> None:
    back = decided(entry("recycle"))
    assert read(back).assigned_at is None
    anew = read({**back, "last_enquiry_at": "2026-11-22T10:00:00Z"})
    assert anew.assigned_at == datetime(2026, 11, 22, 10, tzinfo=UTC)
    undone = decided(entry("recycle"), entry("restore", "D-2", of="D-1"))
    assert read(undone).assigned_at == _CREATED


def test_a_lead_that_triage_sent_to_nurture_before_says_so_while_it_waits() -> None:
    lead = read(decided(entry("recycle", reason="BAD_TIMING")))
    (before,) = lead.recycles
    assert (before.reason, before.by) == ("BAD_TIMING", "Ana")
    assert lead.badges == ("RE",)
    assert read(decided(entry("recycle"), status="in process")).recycles == ()
    assert read(decided(entry("recycle"), entry("restore", "D-2", of="D-1"))).recycles == ()


def test_contact_is_the_first_answer_that_bottlecrm_knows_of() -> None:
    assert (read(row()).contacted, read(row()).contact_known) == (False, True)
    lead = read(row(first_response_at="2026-11-22T07:00:00Z", last_outbound_at="2026-11-22T11:00:00Z"))
    assert lead.contacted_at == datetime(2026, 11, 22, 7, tzinfo=UTC)
    assert lead.last_touch_at == datetime(2026, 11, 22, 11, tzinfo=UTC)


def test_the_day_of_an_answer_does_not_go_before_its_moment() -> None:
    answered = row(first_response_at="2026-11-22T11:00:00Z", last_contacted="2026-11-22")
    assert read(answered).contacted_at == datetime(2026, 11, 22, 11, tzinfo=UTC)
    assert read(answered).last_touch_at == datetime(2026, 11, 22, 11, tzinfo=UTC)


def test_a_day_of_contact_is_never_before_the_lead_and_never_to_come() -> None:
    assert read(row(last_contacted="2026-11-21")).contacted_at == _CREATED
    assert read(row(last_contacted="2026-11-22")).contacted_at == datetime(2026, 11, 22, tzinfo=UTC)
    assert read(row(last_contacted="2027-11-22")).contacted_at is None
    unread: Counter[str] = Counter()
    assert read(row(last_contacted="last week"), unread=unread).contacted_at is None
    assert unread == {"last_contacted": 1}


def test_a_snoozed_lead_has_its_end_and_a_decided_one_its_key() -> None:
    custom = {
        "triage_decision": "snoozed",
        "triage_wake_at": "2026-12-01",
        "triage_decision_key": "D-1",
    }
    lead = read(row(custom_fields=custom))
    assert (lead.status, lead.last_decision_id) == (LeadStatus.SNOOZED, "D-1")
    assert lead.snoozed_until == datetime(2026, 12, 1, tzinfo=UTC)
    assert read(row(custom_fields={**custom, "triage_decision": ""})).snoozed_until is None


# The profile's own words, and hostile text


def test_the_profile_may_name_another_field_for_anything() -> None:
    named = {
        "title": "role",
        "company": "firm",
        "employees": "staff",
        "utm_campaign": "utm",
        "arr": "arr_now",
    }
    custom = {"role": "CTO", "firm": "Contoso", "staff": "40", "utm": "autumn", "arr_now": 12.5}
    lead = read(row(custom_fields=custom), Dialect(fields=named))
    assert (lead.title, lead.company, lead.account.name) == ("CTO", "Contoso", "Contoso")
    assert (lead.employees, lead.facts["arr"]) == (40, 12.5)
    assert lead.campaign is not None
    assert lead.campaign.name == "autumn"


def test_hostile_text_comes_byte_for_byte() -> None:
    awkward = "Ünï \x1b[31m[red]x[/red]\u202e \ud800 <b>👩‍💻"
    lead = read(row(first_name=awkward, last_name="", company_name=awkward, description=awkward))
    assert (lead.name, lead.company) == (awkward, awkward)


@pytest.mark.parametrize("country", ["Germany", "DEU", "", None, 7, "ДЕ"])
def test_a_country_that_is_no_code_stays_unknown(country: Any) -> None:
    assert read(row(country=country)).country == ""


def test_a_number_that_no_program_keeps_is_no_fact() -> None:
    custom = {
        "huge": 10**30,
        "wide": 10**400,
        "far": 1e300,
        "odd": float("inf"),
        "nested": {"a": 1},
        "one": 1.0,
    }
    facts = read(row(custom_fields=custom)).facts
    assert {name: facts.get(name) for name in custom} == {**dict.fromkeys(custom), "far": 1e300, "one": 1}
    msgspec.json.encode(facts)


_ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(row())), _ANYTHING, max_size=8))
def test_one_bad_field_costs_one_field(changed: dict[str, Any]) -> None:
    unread: Counter[str] = Counter()
    found = reader().read({**row(), **changed, "id": LEAD}, unread)
    assert found is not None
    assert found.lead_id == LEAD
    if "first_name" not in changed and "last_name" not in changed:
        assert found.name == "Linus Backus"


@pytest.mark.parametrize("lead_id", [None, "", 7, "x" * 200])
def test_a_row_without_an_id_is_counted(lead_id: Any) -> None:
    unread: Counter[str] = Counter()
    assert reader().read(row(id=lead_id), unread) is None
    assert unread["id"] >= 1
