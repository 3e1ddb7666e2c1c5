"""What a portal says of people, leads, stages and reasons, in our words; and nothing that it does not say."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crm.wires import handled_by
from tests.hubspot.conftest import Switchboard
from tests.hubspot.portal import Portal, app
from tests.hubspot.reading import adapter, at, fetched, leads_in
from tests.tempo import FastTempo
from triage.crm.dialect import Dialect
from triage.crm.hubspot import HubSpotCrm, names
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.reading.facts import country_of, facts_of, typed
from triage.crm.hubspot.reading.leads import Gathered, lead_of
from triage.crm.hubspot.reading.leads import Portal as Ground
from triage.crm.hubspot.reading.score_names import ScoreNames
from triage.crm.hubspot.reading.zones import time_zone_of
from triage.crm.hubspot.stages import Said, Stage, Stages, said_of, stages_of_options, stages_of_pipelines
from triage.crm.hubspot.values import Values, moment_of
from triage.domain.act import Act
from triage.domain.lead import Lead, LeadStatus
from triage.domain.people import Rep
from triage.errors import ConfigError, NotSignedIn, Unreachable

NOW = at("2026-11-22T12:00:00Z")
BOARD = stages_of_pipelines(
    [
        {
            "id": "lead-pipeline-id",
            "stages": [
                {"id": "unqualified-stage-id", "label": "Weg damit", "displayOrder": 4},
                {"id": "new-stage-id", "label": "Neu", "displayOrder": 0},
                {"id": "attempting-stage-id", "label": "Versuch", "displayOrder": 1},
                {"id": "connected-stage-id", "label": "Kontakt", "displayOrder": 2},
                {"id": "qualified-stage-id", "label": "Gut", "displayOrder": 3},
            ],
        },
        {
            "id": "9000",
            "stages": [
                {"id": "1", "label": "New", "displayOrder": 0},
                {"id": "2", "label": " Connected ", "displayOrder": 1},
                {"id": "3", "label": "Disqualified", "displayOrder": 2},
                {"id": "4", "label": "Somewhere", "displayOrder": 3},
                {"id": "5", "label": "Old", "displayOrder": 4, "archived": True},
            ],
        },
    ]
)
MAIN = "lead-pipeline-id"
GROUND = Ground(Rep("81", "Rita Rep"), names.LEADS, Stages(BOARD), ScoreNames(), Dialect(), NOW)


@pytest.fixture
async def crm(switchboard: Switchboard, portal: Portal) -> AsyncIterator[HubSpotCrm]:
    made = adapter(switchboard.url, portal)
    yield made
    await made.aclose()
    assert portal.broken_rules == []


def read(lead: dict[str, Any], contact: dict[str, Any], ground: Ground = GROUND) -> Lead:
    gathered = Gathered({"id": "1", "properties": lead}, {"id": "2", "properties": contact})
    return lead_of(gathered, ground, Counter())


# Who


async def test_the_rep_is_the_owner_who_has_the_address(crm: HubSpotCrm, portal: Portal) -> None:
    rep = await crm.whoami()
    assert (rep.user_id, rep.role, rep.account_id) == (portal.me, "rep", str(portal.portal_id))
    assert rep.time_zone == "Europe/Berlin"


@pytest.mark.parametrize("email", ["", "nobody@example.com"])
async def test_a_key_without_an_owners_address_is_not_signed_in(
    switchboard: Switchboard, portal: Portal, email: str
) -> None:
    crm = adapter(switchboard.url, portal, email=email)
    with pytest.raises(NotSignedIn) as caught:
        await crm.whoami()
    assert "e-mail" in caught.value.hint
    await crm.aclose()


async def test_an_owner_of_another_address_is_nobody() -> None:
    api = Api("https://api.example.com", "a-token", tempo=FastTempo())
    told = {"portalId": 1, "results": [{"id": "82", "email": "someone.else@example.com"}]}
    api._http._transport = handled_by(lambda _: httpx.Response(200, json=told))
    with pytest.raises(NotSignedIn):
        await Account(api, email="rep@example.com").me()
    await api.aclose()


async def test_an_address_is_compared_whatever_its_case(switchboard: Switchboard, portal: Portal) -> None:
    crm = adapter(switchboard.url, portal, email=portal.email.upper())
    assert (await crm.whoami()).user_id == portal.me
    await crm.aclose()


async def test_the_people_are_those_who_can_own_a_record(crm: HubSpotCrm, portal: Portal) -> None:
    ids = {person.user_id for person in await crm.people()}
    assert {portal.me, portal.colleague} <= ids
    assert all(person.name for person in await crm.people())


async def test_what_is_asked_once_is_kept_and_what_failed_is_asked_again(
    switchboard: Switchboard, portal: Portal
) -> None:
    crm = adapter(switchboard.url, portal)
    portal.down = True
    with pytest.raises(Unreachable):
        await crm.whoami()
    portal.down = False
    for _ in range(3):
        await crm.whoami()
    await crm.aclose()
    portal.requests.clear()
    crm = adapter(switchboard.url, portal)
    for _ in range(3):
        await crm.whoami()
    await crm.aclose()
    assert len(portal.requests) == 2


@pytest.mark.parametrize("option", [{"role": "boss"}, {"lead_object": "deals"}])
def test_an_option_that_cannot_be_is_refused_at_once(option: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=f"The option {next(iter(option))}"):
        HubSpotCrm("https://api.example.com", "a-token", **option)  # type: ignore[arg-type]  # on purpose


async def test_the_portal_holds_neither_definition_nor_statistics(crm: HubSpotCrm) -> None:
    assert (await crm.definition(), await crm.reasons()) == (None, None)
    assert await crm.statistics() == ()
    capabilities = await crm.capabilities()
    assert (capabilities.name, capabilities.batch) == ("HubSpot", 100)
    assert capabilities.people
    assert not capabilities.idempotency, "a request that is still at work may make its note later"


# A lead


async def test_a_lead_has_what_the_portal_knows_of_its_contact_and_company(
    crm: HubSpotCrm, portal: Portal
) -> None:
    lead = leads_in(await fetched(crm))[portal.lead_ids[0]]
    contact = portal.contact_of(lead.lead_id)
    assert (
        lead.name
        == f"{portal.value('contacts', contact, 'firstname')} {portal.value('contacts', contact, 'lastname')}"
    )
    assert lead.email == portal.value("contacts", contact, "email")
    assert (lead.country, lead.city, lead.time_zone) == ("DE", "Berlin", "Europe/Berlin")
    assert (lead.employees, lead.account.name) == (12, "Company 0")
    assert (lead.source, lead.campaign and lead.campaign.name) == ("paid search", "spring-launch")
    assert lead.version == portal.value("leads", lead.lead_id, "hs_lastmodifieddate")
    assert lead.nurture is not None
    assert lead.nurture.programme == "Follow up: white paper"
    assert lead.mql is not None
    assert not lead.mql.is_hand_raise, "a portal does not say what it became an MQL by"
    assert lead.event_at == moment_of(
        portal.value("contacts", contact, "hs_v2_date_entered_marketingqualifiedlead")
    )
    assert lead.moment == "Submitted Demo request."
    assert [touch.touch_id for touch in lead.touches] == [
        *("first", "first-conversion", "mail-open", "recent-conversion", "visits"),
    ]
    assert (lead.touch("first") and lead.touches[0].channel) == "paid search"
    assert lead.touches[-1].roles == ("last",)


@pytest.mark.parametrize(
    ("source", "drilled", "deeper", "campaign", "told"),
    [
        ("PAID_SEARCH", "spring", "crm", "spring", "campaign spring, keyword crm"),
        ("EMAIL_MARKETING", "news", "May", "news", "campaign news, mail May"),
        ("SOCIAL_MEDIA", "LinkedIn", "spring", "spring", "site LinkedIn, campaign spring"),
        ("PAID_SOCIAL", "LinkedIn", "spring", "spring", "site LinkedIn, campaign spring"),
        ("OTHER_CAMPAIGNS", "fair", "partner / banner", "fair", "campaign fair, medium partner / banner"),
        ("ORGANIC_SEARCH", "Unknown keywords (SSL)", "google", "", "search engine google"),
        ("ORGANIC_SEARCH", "triage", "", "", "search term triage"),
        ("REFERRALS", "example.org", "example.org/a", "", "from example.org, page example.org/a"),
        ("OFFLINE", "IMPORT", "12", "", "IMPORT, 12"),
    ],
)
def test_a_source_tells_a_campaign_only_where_it_has_one(
    source: str, drilled: str, deeper: str, campaign: str, told: str
) -> None:
    came = {
        "hs_analytics_source": source,
        "hs_analytics_source_data_1": drilled,
        "hs_analytics_source_data_2": deeper,
    }
    lead = read({}, came)
    assert (lead.campaign.name if lead.campaign else "") == campaign
    assert lead.touches[0].summary == told


def test_the_id_of_a_campaign_is_not_told_for_its_name() -> None:
    of_both = ("hs_analytics_last_touch_converting_campaign", "hs_analytics_first_touch_converting_campaign")
    lead = read({}, dict(zip(of_both, ("0f5d2b1c-9d0e-4f6a-8b3c-2a1d4e5f6071", "spring"), strict=True)))
    assert lead.campaign is not None
    assert lead.campaign.name == "spring"


def test_a_lead_of_which_nothing_is_said_has_nothing_made_up() -> None:
    lead = read({}, {})
    told = Lead(lead.lead_id, fetched_at=NOW)
    assert lead.contact_known is False
    assert (lead.score, lead.mql, lead.nurture, lead.campaign, lead.employees) == (None,) * 5
    assert (lead.facts, lead.touches, lead.recycles, lead.name) == (told.facts, (), (), "")
    assert lead.status is LeadStatus.UNKNOWN


_HOSTILE = st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.lists(st.text(), max_size=2)


@given(
    st.dictionaries(st.sampled_from(GROUND.lead_properties), _HOSTILE),
    st.dictionaries(st.sampled_from(GROUND.contact_properties), _HOSTILE),
)
def test_no_value_of_a_property_fails_a_lead(lead: dict[str, Any], contact: dict[str, Any]) -> None:
    found = read(lead, contact)
    assert found.lead_id == "1"
    moments = (found.created_at, found.event_at, found.assigned_at, found.contacted_at)
    assert all(moment.tzinfo is not None for moment in moments if moment is not None)


def test_what_cannot_be_read_is_counted_by_its_name() -> None:
    unread: Counter[str] = Counter()
    gathered = Gathered(
        {"id": "1", "properties": {"hubspot_owner_assigneddate": "soon"}},
        {"id": "2", "properties": {"hs_email_optout": "perhaps", "hs_analytics_num_page_views": "many"}},
    )
    lead_of(gathered, GROUND, unread)
    assert set(unread) == {"hubspot_owner_assigneddate", "hs_email_optout", "hs_analytics_num_page_views"}


@pytest.mark.parametrize(
    ("contact", "contacted", "known"),
    [
        ({"notes_last_contacted": "2026-11-20T10:00:00Z"}, True, True),
        ({"notes_last_contacted": "2026-11-18T10:00:00Z"}, False, True),
        ({"notes_last_contacted": None}, False, True),
        ({"notes_last_contacted": "yesterday"}, None, False),
        ({}, None, False),
    ],
)
def test_contact_is_what_sales_did_since_the_assignment(
    contact: dict[str, Any], contacted: bool | None, known: bool
) -> None:
    lead = read({"hubspot_owner_assigneddate": "2026-11-19T00:00:00Z"}, contact)
    assert (lead.contacted, lead.contact_known) == (contacted, known)


def test_without_the_moment_of_the_assignment_contact_is_unknown() -> None:
    assert read({}, {"notes_last_contacted": "2026-11-20T10:00:00Z"}).contacted is None


def test_a_lead_that_was_sent_to_nurture_before_says_so_and_what_is_new() -> None:
    contact = {
        names.OUTCOME: "recycled",
        names.REASON: "BAD_TIMING",
        names.DECIDED_AT: "2026-10-01T00:00:00Z",
        names.BY: "Rita Rep",
        names.KEY: "an-older-decision",
        "recent_conversion_event_name": "Demo request",
        "recent_conversion_date": "2026-11-20T00:00:00Z",
    }
    lead = read({names.STAGE: "new-stage-id", names.KEY: None}, contact)
    (recycle,) = lead.recycles
    assert (recycle.reason, recycle.by, recycle.new_since) == (
        "BAD_TIMING",
        "Rita Rep",
        ("submitted Demo request",),
    )
    assert lead.status is LeadStatus.ASSIGNED
    assert read({names.STAGE: "connected-stage-id"}, contact).recycles == ()


# Facts


def test_facts_are_what_the_portal_tells_and_no_more() -> None:
    contact = Values({"email": "ada@gmail.com", "hs_seniority": "Director", "hs_email_optout": "true"})
    assert facts_of(contact, Dialect(), {"employees": None, "country": "DE"}) == {
        "country": "DE",
        "title_level": "director",
        "business_email": False,
        "opted_out": True,
    }


@pytest.mark.parametrize("seniority", ["executive", "owner", "partner", "", None])
def test_a_level_that_may_mean_several_things_is_unknown(seniority: str | None) -> None:
    contact = Values({"email": "ada@company.example", "hs_seniority": seniority})
    assert facts_of(contact, Dialect(), {}) == {}


def test_the_profile_names_the_properties_of_facts_that_the_portal_keeps_by_itself() -> None:
    contact = {"intent": "4", "is_business": "true", "level": "c-level", "size": "80", "lead_score": "9"}
    dialect = Dialect(
        {
            "intent_actions_30d": "intent",
            "business_email": "is_business",
            "title_level": "level",
            "employees": "size",
            "score": "lead_score",
            "unset": "nothing_there",
        }
    )
    ground = Ground(GROUND.me, GROUND.kind, GROUND.stages, GROUND.scores, dialect, NOW)
    lead = read({}, contact, ground)
    assert lead.facts == {
        "intent_actions_30d": 4,
        "business_email": True,
        "title_level": "c-level",
        "employees": 80,
    }
    assert lead.employees == 80
    assert "intent" in ground.contact_properties


@pytest.mark.parametrize("size", ["25-50", "1000+", "many", "", "12.5"])
def test_a_range_of_employees_is_no_number(size: str) -> None:
    assert read({}, {"numemployees": size}).employees is None


@pytest.mark.parametrize(
    ("code", "name", "country"),
    [
        ("de", "", "DE"),
        ("", "Germany", "DE"),
        ("", "UNITED STATES", "US"),
        ("DEU", "Deutschland", ""),
        ("", "Narnia", ""),
        ("PT", "Germany", "PT"),
    ],
)
def test_a_country_is_two_letters_or_unknown(code: str, name: str, country: str) -> None:
    assert country_of(code, name) == country


@pytest.mark.parametrize(
    ("text", "fact"),
    [("12", 12), ("1.5", 1.5), ("-3", -3), ("007", "007"), ("true", True), ("1e5", "1e5"), ("x", "x")],
)
def test_a_text_that_is_a_number_is_one(text: str, fact: object) -> None:
    assert (typed(text), type(typed(text))) == (fact, type(fact))


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("europe/berlin", "Europe/Berlin"),
        ("america_slash_new_york", "America/New_York"),
        ("mars", ""),
        ("", ""),
    ],
)
def test_a_time_zone_is_an_iana_name_or_unknown(text: str, zone: str) -> None:
    assert time_zone_of(text) == zone


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-22T12:00:00Z", NOW),
        ("1795348800000", NOW),
        (1795348800000, NOW),
        ("2026", None),
        ("", None),
        (None, None),
        (True, None),
        ("99999999999999999999", None),
    ],
)
def test_a_moment_is_iso_or_milliseconds(value: object, moment: object) -> None:
    assert moment_of(value) == moment


# Stages


@pytest.mark.parametrize(
    ("stage", "status"),
    [
        ("new-stage-id", LeadStatus.ASSIGNED),
        ("attempting-stage-id", LeadStatus.WORKING),
        ("connected-stage-id", LeadStatus.WORKING),
        ("qualified-stage-id", LeadStatus.QUALIFIED),
        ("unqualified-stage-id", LeadStatus.DISQUALIFIED),
        ("1", LeadStatus.ASSIGNED),
        ("2", LeadStatus.WORKING),
        ("3", LeadStatus.DISQUALIFIED),
        ("4", LeadStatus.UNKNOWN),
        ("5", LeadStatus.UNKNOWN),
        ("", LeadStatus.UNKNOWN),
    ],
)
def test_a_stage_means_what_its_id_or_its_label_says(stage: str, status: LeadStatus) -> None:
    assert Stages(BOARD).status(stage, Said(), NOW) is status


@pytest.mark.parametrize("outcome", ["rejected", "recycled", "disqualified"])
def test_what_a_closed_stage_means_is_what_triage_said(outcome: str) -> None:
    stages = Stages(BOARD)
    assert stages.status("unqualified-stage-id", Said(outcome), NOW) is LeadStatus(outcome)
    assert stages.status("new-stage-id", Said(outcome), NOW) is LeadStatus.ASSIGNED, "it came back"


def test_an_accepted_lead_is_accepted_for_as_long_as_it_stands_where_accepting_took_it() -> None:
    stages = Stages(BOARD)
    assert stages.target(Act.ACCEPT, MAIN, "new-stage-id") == "attempting-stage-id"
    assert stages.status("attempting-stage-id", Said("accepted"), NOW) is LeadStatus.ACCEPTED
    assert stages.status("connected-stage-id", Said("accepted"), NOW) is LeadStatus.WORKING
    assert stages.status("new-stage-id", Said("accepted"), NOW) is LeadStatus.ASSIGNED


def test_a_snoozed_lead_wakes_by_itself() -> None:
    stages = Stages(BOARD)
    tomorrow, yesterday = (Said("snoozed", NOW + timedelta(days=one)) for one in (1, -1))
    assert stages.status("new-stage-id", tomorrow, NOW) is LeadStatus.SNOOZED
    assert stages.status("new-stage-id", yesterday, NOW) is LeadStatus.ASSIGNED
    assert stages.status("new-stage-id", Said("snoozed"), NOW) is LeadStatus.ASSIGNED
    assert stages.status("connected-stage-id", tomorrow, NOW) is LeadStatus.WORKING


@pytest.mark.parametrize("act", [Act.SNOOZE, Act.REROUTE, Act.RESTORE])
def test_acts_that_close_nothing_leave_the_stage(act: Act) -> None:
    assert Stages(BOARD).target(act, MAIN, "new-stage-id") is None


def test_a_lead_stays_in_its_own_pipeline() -> None:
    stages = Stages(BOARD)
    assert stages.target(Act.REJECT, MAIN) == "unqualified-stage-id"
    assert stages.target(Act.REJECT, "9000") == "3"
    assert stages.target(Act.ACCEPT, "9000") == "2", "there is no attempting stage"
    assert stages.target(Act.REJECT, "unknown") is None


def test_a_lead_that_sales_works_on_is_accepted_where_it_stands() -> None:
    assert Stages(BOARD).target(Act.ACCEPT, MAIN, "connected-stage-id") is None


def test_the_profiles_word_on_a_stage_goes_first() -> None:
    dialect = Dialect(statuses={"accepted": "4", "recycled": "3", "working": "1, qualified-stage-id"})
    stages = Stages(BOARD, dialect)
    assert stages.target(Act.ACCEPT, "9000", "") == "4"
    assert stages.status("4", Said("accepted"), NOW) is LeadStatus.ACCEPTED
    assert stages.status("4", Said(), NOW) is LeadStatus.WORKING
    assert stages.status("1", Said(), NOW) is LeadStatus.WORKING
    assert stages.status("qualified-stage-id", Said(), NOW) is LeadStatus.WORKING
    assert stages.target(Act.RECYCLE, "9000") == "3"
    assert stages.target(Act.RECYCLE, MAIN) == "unqualified-stage-id", (
        "the profile names none of this pipeline"
    )


def test_the_defaults_of_a_contacts_lead_status() -> None:
    values = dict.fromkeys(
        ("NEW", "OPEN", "IN_PROGRESS", "UNQUALIFIED", "ATTEMPTED_TO_CONTACT", "BAD_TIMING"), ""
    )
    stages = Stages(stages_of_options(values), of_contacts=True)
    assert stages.target(Act.ACCEPT, "", "NEW") == "IN_PROGRESS"
    assert stages.status("IN_PROGRESS", Said("accepted"), NOW) is LeadStatus.ACCEPTED
    assert stages.target(Act.RECYCLE) == "BAD_TIMING"
    assert stages.target(Act.REJECT) == "UNQUALIFIED"
    assert stages.status("BAD_TIMING", Said(), NOW) is LeadStatus.RECYCLED
    assert Stages((Stage("MINE"),), of_contacts=True).target(Act.REJECT) is None


def test_a_contact_that_speaks_of_another_lead_is_not_listened_to() -> None:
    contact = {names.KEY: "decision-2", names.OUTCOME: "snoozed", names.WAKE_AT: "2026-12-01T00:00:00Z"}
    assert said_of({names.KEY: "decision-2"}, contact).outcome == "snoozed"
    assert said_of({names.KEY: "decision-1"}, contact) == Said()
    assert said_of({names.KEY: None}, contact) == Said()
    assert said_of({}, contact).outcome == "snoozed", "the portal keeps no key on leads"


# Reasons and the profile's words


@pytest.mark.parametrize(
    ("act", "code", "value"),
    [
        ("recycle", "BAD_TIMING", "BAD_TIMING"),
        ("reject", "NOT_ICP_COMPANY", "NOT_A_GOOD_FIT"),
        ("disqualify", "NO_BUDGET", "BUDGET_CONSTRAINTS"),
        ("reject", "OTHER", None),
        ("accept", None, None),
    ],
)
async def test_a_reason_has_the_portals_value_by_its_default_label(
    crm: HubSpotCrm, act: str, code: str | None, value: str | None
) -> None:
    assert await crm._account.reason_value(act, code) == value


async def test_a_label_that_the_admin_changed_is_not_guessed_at(crm: HubSpotCrm, portal: Portal) -> None:
    portal.without("hs_lead_disqualification_reason")
    assert await crm._account.reason_value("recycle", "BAD_TIMING") is None


async def test_the_profiles_reason_goes_first_and_one_that_is_not_there_is_none(
    switchboard: Switchboard, portal: Portal
) -> None:
    dialect = Dialect(reasons={"reject.COMPETITOR": "COMPETITOR_PREFERENCE", "OTHER": "no_such"})
    crm = adapter(switchboard.url, portal, dialect=dialect)
    assert await crm._account.reason_value("reject", "COMPETITOR") == "COMPETITOR_PREFERENCE"
    assert await crm._account.reason_value("reject", "OTHER") is None
    await crm.aclose()


async def test_words_that_the_portal_does_not_have_are_told_with_the_nearest(
    switchboard: Switchboard, portal: Portal
) -> None:
    dialect = Dialect(
        fields={"score": "sales_score_totl", "utm_campaign": "utm_campaign"},
        reasons={"BAD_TIMING": "Bad Timeing", "BAD_DATA": "WRONG_DATA"},
        statuses={"accepted": "connected-stage", "rejected": "unqualified-stage-id"},
    )
    crm = adapter(switchboard.url, portal, dialect=dialect)
    found = {check.name: check for check in await crm._account.mapping_errors()}
    await crm.aclose()
    assert {name: check.hint for name, check in found.items()} == {
        "reason BAD_TIMING": "The nearest there is: BAD_TIMING.",
        "status accepted": "The nearest there is: connected-stage-id.",
        "field score": "The nearest there is: sales_score_total.",
    }
    assert not any(check.ok for check in found.values())


async def test_words_that_are_all_there_are_no_errors(crm: HubSpotCrm) -> None:
    assert await crm._account.mapping_errors() == ()


async def test_nothing_of_the_portal_is_asked_for_before_it_is_needed(portal: Portal) -> None:
    HubSpotCrm("http://127.0.0.1:9", portal.token, email=portal.email, tempo=FastTempo())
    assert portal.requests == []


async def test_the_clock_of_the_portal_is_known_after_an_answer(crm: HubSpotCrm) -> None:
    before = crm.skew
    await crm.whoami()
    after = crm.skew
    assert before is None
    assert after is not None
    assert abs(after) < timedelta(minutes=5)


async def test_a_portal_of_which_the_key_may_not_see_leads_says_what_to_do(
    switchboard: Switchboard,
) -> None:
    portal = Portal(FastTempo())
    switchboard.app = app(portal)
    portal.scopes -= {"crm.objects.leads.read", "crm.objects.leads.write"}
    crm = adapter(switchboard.url, portal, lead_object="leads")
    with pytest.raises(Exception, match="no lead pipelines") as caught:
        await fetched(crm)
    assert "crm.objects.leads.read" in getattr(caught.value, "hint", "")
    await crm.aclose()
