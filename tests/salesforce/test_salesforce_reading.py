"""What is read of an org: statuses in both directions, leads and their context, people, and words that are off."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.salesforce.org import Org, app
from tests.salesforce.reading_room import NOW, room
from tests.serving import served
from triage.crm.dialect import Dialect
from triage.crm.salesforce import SalesforceCrm
from triage.crm.salesforce.describe import Described, FieldInfo
from triage.crm.salesforce.reading.around import Around
from triage.crm.salesforce.reading.leads import Reader
from triage.crm.salesforce.reading.people import people
from triage.crm.salesforce.statuses import Status, Statuses, decided_status, read_statuses
from triage.domain.lead import LeadStatus
from triage.errors import CrmError, NotSignedIn

CLASSIC = ("Open - Not Contacted", "Working - Contacted", "Closed - Not Converted", "Closed - Converted")
MODERN = ("New", "Contacted", "Nurturing", "Unqualified", "Qualified")


def statuses(names=CLASSIC, converts=(CLASSIC[-1], MODERN[-1]), **words):
    rows = [
        {
            "ApiName": name,
            "MasterLabel": name,
            "IsConverted": name in converts,
            "IsDefault": order == 0,
            "SortOrder": order,
        }
        for order, name in enumerate(names)
    ]
    return read_statuses(rows, words)


# Statuses


@pytest.mark.parametrize(
    ("ours", "classic", "modern"),
    [
        (LeadStatus.ASSIGNED, "Open - Not Contacted", "New"),
        (LeadStatus.ACCEPTED, "Working - Contacted", "Contacted"),
        (LeadStatus.REJECTED, "Closed - Not Converted", "Nurturing"),
        (LeadStatus.RECYCLED, "Closed - Not Converted", "Nurturing"),
        (LeadStatus.DISQUALIFIED, "Closed - Not Converted", "Unqualified"),
        (LeadStatus.SNOOZED, None, None),
        (LeadStatus.WON, None, None),
        (LeadStatus.QUALIFIED, None, None),
    ],
)
def test_ours_are_said_by_the_orgs_own_statuses(ours, classic, modern):
    assert statuses().theirs(ours) == classic
    assert statuses(MODERN).theirs(ours) == modern


@pytest.mark.parametrize(
    ("names", "means"),
    [
        (CLASSIC, ["assigned", "working", "disqualified", "qualified"]),
        (MODERN, ["assigned", "working", "recycled", "disqualified", "qualified"]),
        (
            ("MQL", "Sales Accepted", "Rejected by Sales", "Qualifying"),
            ["assigned", "accepted", "rejected", "qualifying"],
        ),
        (("Step 1", "Step 2"), ["assigned", "unknown"]),
    ],
)
def test_theirs_are_told_by_name_and_a_name_that_says_nothing_is_unknown(names, means):
    known = statuses(names)
    assert [
        known.of({"Status": name, "IsConverted": name in (CLASSIC[-1], MODERN[-1])}) for name in names
    ] == means


def test_the_profiles_words_go_before_names():
    known = statuses(("Step 1", "Step 2", "Step 3"), accepted="Step 2", disqualified="Step 3")
    assert known.theirs(LeadStatus.ACCEPTED) == "Step 2"
    assert known.ours("Step 2") is LeadStatus.ACCEPTED
    assert known.ours("Step 3") is LeadStatus.DISQUALIFIED
    assert known.out_of_view == ("Step 3",)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([*CLASSIC, *MODERN, "Step 1", "Converted!"]), unique=True, max_size=6),
    st.sets(st.sampled_from([*CLASSIC, *MODERN, "Step 1", "Converted!"])),
    st.dictionaries(
        st.sampled_from(list(LeadStatus)), st.sampled_from([*CLASSIC, *MODERN, "Nowhere"]), max_size=4
    ),
    st.sampled_from(list(LeadStatus)),
)
def test_no_status_that_converts_is_ever_written(names, converts, words, ours):
    known = statuses(tuple(names), converts, **words)
    assert known.theirs(ours) not in converts
    assert not converts.intersection(known.agreed.values())
    assert known.theirs(ours) in (None, *names)


def test_a_word_of_the_profile_for_a_status_that_converts_is_not_followed():
    assert statuses(accepted=CLASSIC[-1]).theirs(LeadStatus.ACCEPTED) == "Working - Contacted"


@settings(deadline=None)
@given(
    st.sampled_from([CLASSIC, MODERN]),
    st.sampled_from(["accepted", "rejected", "recycled", "disqualified", "snoozed"]),
)
def test_what_was_decided_is_read_back_as_decided(names, outcome):
    known, decided = statuses(names), decided_status([("k", outcome, "")])
    written = known.theirs(decided) or names[0]
    assert known.ours(written, decided) is decided


def test_a_status_that_was_changed_since_the_decision_counts_more_than_it():
    known = statuses()
    assert known.ours("Open - Not Contacted", LeadStatus.REJECTED) is LeadStatus.ASSIGNED
    assert known.ours("Working - Contacted", LeadStatus.SNOOZED) is LeadStatus.WORKING
    assert known.ours("Open - Not Contacted", LeadStatus.SNOOZED) is LeadStatus.SNOOZED


def test_a_decision_that_was_restored_counts_no_more():
    first, second = ("a", "accepted", ""), ("b", "disqualified", "")
    assert decided_status([first, second]) is LeadStatus.DISQUALIFIED
    assert decided_status([first, second, ("c", "restored", "b")]) is LeadStatus.ACCEPTED
    assert decided_status([first, ("c", "restored", "")]) is None
    assert decided_status([("c", "restored", "gone")]) is None
    assert decided_status([first, ("d", "rerouted", "")]) is None


def test_a_converted_lead_is_an_opportunity_where_it_has_one():
    known = Statuses()
    assert known.of({"IsConverted": True}) is LeadStatus.QUALIFIED
    assert known.of({"IsConverted": True, "ConvertedOpportunityId": "006x"}) is LeadStatus.OPPORTUNITY
    assert known.of({"Status": 7}) is LeadStatus.UNKNOWN


def test_an_order_of_the_org_is_kept_whatever_the_order_of_its_rows():
    known = read_statuses(
        [{"ApiName": "B", "SortOrder": 2}, {"ApiName": "A", "SortOrder": 1.0}, {"ApiName": None}], {}
    )
    assert known.known == (Status("A", order=1.0), Status("B", order=2.0))


# A lead and what is around it


@pytest.fixture
async def here():
    made = room()
    yield made
    await made.close()
    assert made.org.broken_rules == []


def change(here, **values):
    """Change a lead as if by hand; returns its id."""
    lead_id = here.org.lead_ids[1]
    here.org.put("Lead", here.org.lead(lead_id), **values)
    return lead_id


async def test_a_lead_says_what_the_org_says(here):
    lead_id = change(
        here, CountryCode="DE", NumberOfEmployees=120, DoNotCall=True, MobilePhone="+49 170 1", Phone=None
    )
    lead = await here.lead(lead_id)
    assert (lead.owner.user_id, lead.owner.name) == (here.org.me, "Robin Rep")
    assert (lead.country, lead.employees, lead.phone) == ("DE", 120, "+49 170 1")
    assert lead.facts["employees"] == 120
    assert lead.facts["country"] == "DE"
    assert lead.facts["do_not_call"] is True
    assert lead.facts["utm_source"] == "newsletter"
    assert lead.profile_url == f"https://org.example/lightning/r/Lead/{lead_id}/view"
    assert lead.version == here.org.lead(lead_id)["SystemModstamp"].strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    assert lead.created_at.tzinfo is UTC
    assert lead.fetched_at == here.clock()
    assert not lead.account.do_not_contact


async def test_a_country_in_words_is_no_code_and_is_not_guessed(here):
    lead = await here.lead(change(here, Country="Germany", CountryCode=None))
    assert lead.country == ""
    assert "country" not in lead.facts
    assert lead.facts["country_name"] == "Germany"


async def test_who_may_neither_be_called_nor_written_to_is_not_to_be_contacted(here):
    lead = await here.lead(change(here, DoNotCall=True, HasOptedOutOfEmail=True))
    assert lead.account.do_not_contact


async def test_facts_and_moments_of_the_profiles_own_fields_are_read(here):
    words = {
        "title_level": "Rating",
        "assigned_at": "pi__last_activity__c",
        "owner_mail": "Owner.Name",
        "mql_by": "LeadSource",
    }
    change(here, Rating="Hot")
    dressed = here.again(dialect=Dialect(fields=words))
    lead = await dressed.lead(here.org.lead_ids[1])
    assert lead.facts["title_level"] == "Hot"
    assert lead.facts["owner_mail"] == "Robin Rep"
    assert lead.assigned_at == here.org.lead(lead.lead_id)["pi__last_activity__c"]
    assert lead.mql.by == here.org.lead(lead.lead_id)["LeadSource"]


async def test_an_address_at_a_free_provider_is_no_business_one(here):
    assert (await here.lead(change(here, Email="kim@gmail.com"))).facts["business_email"] is False
    assert "business_email" not in (await here.lead(here.org.lead_ids[0])).facts


async def test_marketing_is_told_in_the_order_of_time_with_its_campaigns_words(here):
    campaign = here.org.tables.get("Campaign", next(iter(here.org.tables.all("Campaign")))["Id"])
    here.org.put("Campaign", campaign, Description="A price list within a day.")
    lead = await here.lead(here.org.lead_ids[0])
    assert lead.campaign.name == "Webinar Autumn"
    assert lead.campaign.promise == "A price list within a day."
    assert lead.campaign.owner == "Mara Marketing"
    times = [touch.at for touch in lead.touches]
    assert times == sorted(times)
    assert lead.touch("first").summary == "first visit"
    assert lead.touch("creating").asset == "Price list form"
    assert lead.touch("last") is lead.touches[-1]
    assert "Webinar Autumn: Responded" in [touch.summary for touch in lead.touches]
    assert lead.last_touch_at == times[-1]


async def test_the_campaign_is_the_newest_that_was_answered(here):
    lead_id = here.org.lead_ids[1]
    (other,) = (row for row in here.org.tables.all("Campaign") if row["Name"] == "Trade fair")
    member = {"CampaignId": other["Id"], "LeadId": lead_id, "Status": "Responded", "HasResponded": True}
    here.org.put("CampaignMember", {}, **member, FirstRespondedDate=NOW.date() - timedelta(days=30))
    assert (await here.lead(lead_id)).campaign.name == "Trade fair"


async def test_without_a_campaign_the_name_that_account_engagement_keeps_is_one(here):
    here.org.hide("CampaignMember")
    assert {lead.campaign.name for lead in await here.leads()} == {"Price list"}
    here.org.hide("Lead.pi__campaign__c")
    assert {lead.campaign.name for lead in await here.again().leads()} == {"autumn"}
    here.org.hide("Lead.pi__utm_campaign__c")
    assert {lead.campaign for lead in await here.again().leads()} == {None}


def act(here, sobject="Task", **values):
    at = here.clock() - timedelta(minutes=10)
    usual = {"WhoId": here.org.lead_ids[0], "OwnerId": here.org.me, "Subject": "Talked", "CreatedDate": at}
    task = {"Type": "Call", "IsClosed": True, "CompletedDateTime": at, "Status": "Completed"}
    row = usual | ({"StartDateTime": at} if sobject == "Event" else task) | values
    here.org.put(sobject, {}, **row)
    return at


async def test_a_call_of_the_owner_is_contact(here):
    at = act(here)
    lead = await here.lead(here.org.lead_ids[0])
    assert (lead.contacted_at, lead.attempts, lead.contacted) == (at, 1, True)
    other = await here.lead(here.org.lead_ids[1])
    assert (other.contacted, other.attempts) == (False, 0)


async def test_a_meeting_is_contact_once_it_has_begun(here):
    act(here, "Event", StartDateTime=here.clock() + timedelta(days=1))
    assert (await here.lead(here.org.lead_ids[0])).contacted is False
    at = act(here, "Event")
    assert (await here.lead(here.org.lead_ids[0])).contacted_at == at


@pytest.mark.parametrize(
    "values",
    [
        {"IsClosed": False, "Status": "Not Started"},
        {"OwnerId": "005000000000003AAA"},
        {"Type": "Other", "TaskSubtype": "Task"},
        {"TaskSubtype": "ListEmail", "Type": "Email"},
        {"Subject": "Pardot List Email: October", "Type": "Email"},
        {"Subject": "accepted [triage:018f]"},
        {"CompletedDateTime": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
    ids=["open", "somebody else's", "a to-do", "list mail", "Pardot", "our own", "before the lead was there"],
)
async def test_what_is_no_contact_of_the_owner_is_none(here, values):
    act(here, **values)
    assert (await here.lead(here.org.lead_ids[0])).contacted is False


async def test_contact_before_the_lead_was_given_to_the_owner_does_not_count(here):
    act(here)
    here.clock.pass_by(minutes=1)
    here.org.reassign(here.org.lead_ids[0], here.org.colleague)
    here.clock.pass_by(minutes=1)
    here.org.reassign(here.org.lead_ids[0], here.org.me)
    lead = await here.lead(here.org.lead_ids[0])
    assert lead.assigned_at == here.org.lead(lead.lead_id)["SystemModstamp"]
    assert lead.contacted is False
    here.clock.pass_by(minutes=20)
    at = act(here)
    assert (await here.lead(here.org.lead_ids[0])).contacted_at == at


async def test_where_tasks_or_events_cannot_be_read_contact_is_unknown_unless_there_was_some(here):
    act(here)
    here.org.hide("Event")
    assert (await here.lead(here.org.lead_ids[0])).contacted is True
    assert (await here.again().lead(here.org.lead_ids[1])).contacted is None


async def test_a_list_mail_is_a_touch_of_marketing(here):
    act(here, TaskSubtype="ListEmail", Subject="October news")
    assert "October news" in [touch.summary for touch in (await here.lead(here.org.lead_ids[0])).touches]


async def test_without_a_history_of_owners_nobody_guesses_when_it_was_assigned(here):
    assert {lead.assigned_at for lead in await here.leads()} == {None}


async def test_where_changes_of_owners_are_kept_a_lead_without_one_was_assigned_with_its_creation(here):
    first, second = here.org.lead_ids[:2]
    here.org.reassign(second, here.org.colleague)
    here.clock.pass_by(minutes=1)
    here.org.reassign(second, here.org.me)
    early = await here.lead(first)
    assert early.assigned_at is None  # made before the oldest change that is kept
    here.clock.pass_by(minutes=1)
    here.org.put("Lead", here.org.lead(first), CreatedDate=here.clock())
    pages = await here.pages()
    (lead,) = (one for page in pages for one in page.leads if one.lead_id == first)
    assert lead.assigned_at == lead.created_at
    here.clock.pass_by(hours=1)
    here.org.retitle(first)
    (changed,) = await here.again().leads(pages[-1].cursor)
    assert changed.assigned_at == changed.created_at  # the history of this lead alone shows no change


def decide(here, outcome, key="k1", **values):
    usual = {
        "Lead__c": here.org.lead_ids[0],
        "Kind__c": "decision",
        "Outcome__c": outcome,
        "Decision_Key__c": key,
    }
    here.clock.pass_by(seconds=2)
    here.org.put(
        "Lead_Triage_Decision__c",
        {},
        **usual,
        Decided_At__c=here.clock(),
        Decided_By__c=here.org.me,
        **values,
    )


async def test_what_triage_decided_last_tells_statuses_apart(here):
    wake = here.clock().replace(microsecond=0) + timedelta(days=3)
    decide(here, "snoozed", Wake_At__c=wake)
    lead = await here.lead(here.org.lead_ids[0])
    assert (lead.status, lead.snoozed_until, lead.last_decision_id) == (LeadStatus.SNOOZED, wake, "k1")
    decide(here, "accepted", "k2")
    here.org.restatus(here.org.lead_ids[0], "Working - Contacted")
    lead = await here.lead(here.org.lead_ids[0])
    assert (lead.status, lead.snoozed_until, lead.last_decision_id) == (LeadStatus.ACCEPTED, None, "k2")


async def test_a_lead_that_comes_back_says_that_it_was_recycled(here):
    decide(here, "recycled", Reason__c="TIMING")
    here.clock.pass_by(days=1)
    lead = await here.lead(here.org.lead_ids[0])
    assert lead.status is LeadStatus.ASSIGNED
    assert [(one.reason, one.by) for one in lead.recycles] == [("TIMING", "Robin Rep")]
    assert "RE" in lead.badges


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
READER = Reader(
    Described("Lead", {"Id": FieldInfo("Id")}), statuses(), Dialect(fields={"x": "A.b", "event_at": "Title"})
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.fixed_dictionaries({"Id": st.just("00Q1")}, optional=dict.fromkeys(READER.wanted(), JUNK)),
    st.dictionaries(
        st.sampled_from(
            [
                "Id",
                "Campaign",
                "Status",
                "HasResponded",
                "FirstRespondedDate",
                "CreatedDate",
                "OwnerId",
                "Subject",
                "Type",
            ]
        ),
        JUNK,
    ),
)
def test_whatever_comes_is_read_field_by_field_and_never_an_exception(row, other):
    around = Around({"00Q1": [other]}, {"00Q1": [other]}, {"00Q1": [other]}, {"00Q1": [other]})
    unread: Counter[str] = Counter()
    lead = READER.read(row, around, unread, NOW)
    assert lead is not None
    assert lead.lead_id == "00Q1"


def test_a_row_without_an_id_is_left_out_and_counted():
    unread: Counter[str] = Counter()
    assert READER.read({"Name": "Ada"}, Around(), unread, NOW) is None
    assert unread["lead"] == 1


# Who and whom


async def test_whoami_names_user_account_and_time_zone(here):
    rep = await here.account.whoami()
    assert (rep.user_id, rep.account_id) == (here.org.me, here.org.organization_id)
    assert (rep.name, rep.role, rep.time_zone) == ("Robin Rep", "rep", "Europe/Berlin")
    assert (await here.again(role="marketing").account.whoami()).role == "marketing"


async def test_people_are_active_users_and_queues_of_leads(here):
    found = {person.name: person.kind for person in await people(here.account)}
    assert found == {
        "Robin Rep": "user",
        "Kim Colleague": "user",
        "Mara Marketing": "user",
        "Marketing nurture": "queue",
        "Inbound leads": "queue",
    }


async def test_hidden_queues_leave_the_users(here):
    here.org.hide("QueueSobject")
    assert {person.kind for person in await people(here.account)} == {"user"}


async def test_an_org_whose_leads_may_not_be_read_says_what_to_do(here):
    here.org.hide("Lead")
    with pytest.raises(CrmError) as caught:
        await here.account.lead()
    assert caught.value.hint


async def test_words_of_the_profile_that_the_org_does_not_have_are_named_with_what_was_meant(here):
    words = Dialect(
        fields={"score": "pi__scor__c", "title": "Title"},
        statuses={
            "accepted": "Working - Contacte",
            "won": "Closed - Converted",
            "acepted": "Open - Not Contacted",
        },
    )
    checks = await here.again(dialect=words, queues="Marketing nurtur").account.mapping_errors()
    told = {check.name: f"{check.found} {check.hint}" for check in checks}
    assert not any(check.ok for check in checks)
    assert "pi__score__c" in told["field score"]
    assert "Working - Contacted" in told["status accepted"]
    assert "converted" in told["status won"]
    assert "accepted" in told["status acepted"]
    assert "Marketing nurture" in told["queue"]
    assert "field title" not in told


async def test_a_status_that_nobody_explained_is_named(here):
    rows = {
        "ApiName": "Parked",
        "MasterLabel": "Parked",
        "IsConverted": False,
        "IsDefault": False,
        "SortOrder": 9,
    }
    here.org.put("LeadStatus", {}, **rows)
    (check,) = await here.account.mapping_errors()
    assert check.name == "status Parked"
    assert "Parked" in check.hint


async def test_a_reason_is_the_profiles_value_or_our_code(here):
    account = here.again(dialect=Dialect(reasons={"reject.NO_FIT": "Bad fit"})).account
    assert account.reason_value("reject", "NO_FIT") == "Bad fit"
    assert account.reason_value("recycle", "TIMING") == "TIMING"
    assert account.reason_value("recycle", None) == ""


# The adapter over real HTTP


@pytest.fixture(scope="module")
def served_org():
    org = Org()
    with served(app(org)) as url:
        yield org, url


async def test_the_adapter_reads_an_org_over_http(served_org):
    org, url = served_org
    crm = SalesforceCrm(url, org.access_token, client_id="unused", way="browser")
    try:
        capabilities = await crm.capabilities()
        assert (capabilities.name, capabilities.batch, capabilities.reasons) == ("Salesforce", 75, "order")
        assert capabilities.timeline
        assert not capabilities.statistics
        assert await crm.definition() is None
        assert await crm.reasons() is None
        pages = [page async for page in crm.fetch(None)]
        assert {lead.lead_id for lead in pages[0].leads} == set(org.lead_ids)
        org.retitle(org.lead_ids[2])
        changed = [page async for page in crm.fetch(pages[-1].cursor)]
        assert [lead.lead_id for lead in changed[0].leads] == [org.lead_ids[2]]
        assert crm.skew is not None
        assert org.broken_rules == []
    finally:
        await crm.aclose()


@pytest.mark.parametrize("vague", [False, True], ids=["401", "403 Bad_OAuth_Token"])
async def test_a_wrong_token_is_not_signed_in(served_org, vague):
    org, url = served_org
    org.vague_userinfo = vague
    crm = SalesforceCrm(url, "wrong-token")
    try:
        with pytest.raises(NotSignedIn):
            await crm.whoami()
    finally:
        org.vague_userinfo = False
        await crm.aclose()
