"""Contact with a lead: what its own owner did since the assignment, as calls, mails and meetings tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hubspot.conftest import Switchboard
from tests.hubspot.portal import Portal, app
from tests.hubspot.reading import adapter, api_on, at, fetched, leads_in
from tests.tempo import FastTempo
from triage.clock import utc_now
from triage.crm.dialect import Dialect
from triage.crm.hubspot import HubSpotCrm
from triage.crm.hubspot.reading.engagements import (
    KINDS,
    NEWEST,
    Engaged,
    Engagement,
    Engagements,
    met_by,
    newest_of,
)
from triage.crm.hubspot.rows import Linked
from triage.domain.lead import Lead
from triage.errors import BadAnswer

NOW = at("2026-11-22T12:00:00Z")
ASSIGNED = NOW - timedelta(days=2)
_READS = tuple(f"POST /crm/objects/2026-09/{kind}/batch/read" for kind in KINDS)
_TIES = tuple(f"POST /crm/associations/2026-09/contacts/{kind}/batch/read" for kind in KINDS)


@pytest.fixture
async def crm(switchboard: Switchboard, portal: Portal) -> AsyncIterator[HubSpotCrm]:
    made = adapter(switchboard.url, portal)
    yield made
    await made.aclose()
    assert portal.broken_rules == []


def ago(**span: float) -> datetime:
    now = utc_now() - timedelta(**span)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


async def first(crm: HubSpotCrm, portal: Portal) -> Lead:
    return leads_in(await fetched(crm))[portal.lead_ids[0]]


# What counts


async def test_the_first_of_calls_mails_and_meetings_is_the_contact(crm: HubSpotCrm, portal: Portal) -> None:
    lead_id, mailed, met, called = portal.lead_ids[0], ago(hours=3), ago(hours=2), ago(hours=1)
    portal.engage(lead_id, "calls", called, hs_call_direction="OUTBOUND")
    portal.engage(lead_id, "emails", mailed, hs_email_direction="EMAIL")
    portal.engage(lead_id, "meetings", met, hs_meeting_outcome="COMPLETED")
    lead = await first(crm, portal)
    assert (lead.contacted_at, lead.attempts, lead.last_touch_at) == (mailed, 3, called)
    assert lead.contacted is True


async def test_a_lead_that_nobody_called_was_not_contacted(crm: HubSpotCrm, portal: Portal) -> None:
    lead = await first(crm, portal)
    assert (lead.contacted, lead.attempts) == (False, 0)


@pytest.mark.parametrize(
    ("kind", "hours", "said"),
    [
        ("emails", 1, {"hs_email_direction": "INCOMING_EMAIL"}),
        ("meetings", -5, {"hs_meeting_outcome": "SCHEDULED"}),
        ("calls", 200, {}),
    ],
)
async def test_neither_a_reply_nor_what_is_planned_nor_what_was_before_is_a_contact(
    crm: HubSpotCrm, portal: Portal, kind: str, hours: float, said: dict[str, str]
) -> None:
    portal.engage(portal.lead_ids[0], kind, ago(hours=hours), **said)
    lead = await first(crm, portal)
    assert (lead.contacted, lead.attempts) == (False, 0)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("calls", {"hs_call_direction": "INBOUND"}),
        ("meetings", {"hs_meeting_outcome": "CANCELED"}),
        ("meetings", {"hs_meeting_outcome": "NO_SHOW"}),
        ("meetings", {"hs_meeting_outcome": "no show"}),
    ],
)
async def test_what_the_lead_did_or_what_did_not_take_place_is_no_attempt(
    crm: HubSpotCrm, portal: Portal, kind: str, said: dict[str, str]
) -> None:
    portal.engage(portal.lead_ids[0], kind, ago(hours=1), **said)
    lead = await first(crm, portal)
    assert (lead.contacted_at, lead.attempts) == (None, 0)
    assert lead.contacted is None, "the portal says that somebody was in contact, and not who"


async def test_a_call_of_a_colleague_is_none_of_the_owners(crm: HubSpotCrm, portal: Portal) -> None:
    portal.engage(portal.lead_ids[0], "calls", ago(hours=1), owner=portal.colleague)
    lead = await first(crm, portal)
    assert (lead.contacted, lead.contacted_at, lead.attempts) == (None, None, 0)


async def test_the_profiles_own_properties_go_before(switchboard: Switchboard, portal: Portal) -> None:
    fields = {"contacted_at": "recent_conversion_date", "attempts": "num_conversion_events"}
    crm = adapter(switchboard.url, portal, dialect=Dialect(fields=fields))
    portal.engage(portal.lead_ids[0], "calls", ago(hours=1))
    lead = await first(crm, portal)
    await crm.aclose()
    assert (lead.contacted, lead.attempts) == (False, 2)


async def test_a_call_is_noticed_by_the_next_fetch(crm: HubSpotCrm, portal: Portal) -> None:
    cursor = (await fetched(crm))[-1].cursor
    called = ago(minutes=1)
    portal.engage(portal.lead_ids[3], "calls", called)
    found = leads_in(await fetched(crm, cursor))
    assert {lead_id: lead.contacted_at for lead_id, lead in found.items()} == {portal.lead_ids[3]: called}


# What it costs


async def test_only_the_newest_of_a_contact_are_read(crm: HubSpotCrm, portal: Portal) -> None:
    called = [ago(minutes=100 - number) for number in range(NEWEST + 5)]
    for one in called:
        portal.engage(portal.lead_ids[0], "calls", one)
    lead = await first(crm, portal)
    assert lead.contacted is True
    assert lead.contacted_at == called[5], "the first that is known"
    assert lead.attempts is None, "there were more"
    assert [portal.count(one) for one in _TIES] == [1, 1, 1]
    assert [portal.count(one) for one in _READS] == [1, 0, 0]


async def test_a_hundred_are_read_at_once(crm: HubSpotCrm, portal: Portal) -> None:
    for lead_id in portal.lead_ids:
        for number in range(10):
            portal.engage(lead_id, "emails", ago(hours=1, minutes=number), hs_email_direction="EMAIL")
    assert {lead.attempts for lead in leads_in(await fetched(crm)).values()} == {10}
    assert [portal.count(one) for one in _READS] == [0, 2, 0]


async def test_a_first_fetch_of_a_whole_page_goes_out_at_once(switchboard: Switchboard) -> None:
    portal = Portal(FastTempo(), leads=200)
    switchboard.app = app(portal)
    for lead_id in portal.lead_ids[:90]:
        for kind in KINDS:
            portal.engage(lead_id, kind, ago(hours=1))
    crm = adapter(switchboard.url, portal)
    await fetched(crm)
    await crm.aclose()
    searches = sum("/search" in one for one in portal.requests)
    assert len(portal.requests) - searches <= 95, "what HubSpot takes in ten seconds, less a margin"


def test_what_is_said_in_a_call_or_a_mail_is_never_asked_for() -> None:
    asked = {name for properties in KINDS.values() for name in properties}
    assert not [
        name for name in asked if name.endswith(("body", "text", "html", "subject", "title", "notes"))
    ]


# Where they cannot be read


async def test_where_they_may_not_be_read_the_last_contact_is_told(
    switchboard: Switchboard, portal: Portal
) -> None:
    called = ago(hours=1)
    portal.engage(portal.lead_ids[0], "calls", called, owner=portal.colleague)
    portal.state.own_scopes["emails"] = "sales-email-read"
    crm = adapter(switchboard.url, portal)
    lead = await first(crm, portal)
    again = await first(crm, portal)
    await crm.aclose()
    assert (lead.contacted_at, lead.attempts) == (called, None)
    assert again.contacted_at == called
    assert portal.count(_TIES[1]) == 1, "after the refusal nobody is asked again"
    assert portal.count(_TIES[2]) == 0


async def test_an_answer_that_is_not_the_portals_is_an_error(
    switchboard: Switchboard, portal: Portal
) -> None:
    api = api_on(switchboard.url, portal)
    portal.strike_reads("html")
    with pytest.raises(BadAnswer):
        await Engagements(api).of([portal.contact_of(portal.lead_ids[0])], Counter())
    await api.aclose()


async def test_one_without_a_moment_is_counted_and_left_out(crm: HubSpotCrm, portal: Portal) -> None:
    call = portal.engage(portal.lead_ids[0], "calls", ago(hours=1))
    portal.state.records.of["calls"][call].properties["hs_timestamp"] = "soon"
    pages = await fetched(crm)
    assert leads_in(pages)[portal.lead_ids[0]].attempts == 0
    assert pages[0].unread == {"hs_timestamp": 1}


# The law

_MOMENTS = st.datetimes(datetime(2026, 11, 1), datetime(2026, 12, 1)).map(  # noqa: DTZ001 - hypothesis wants them naive
    lambda one: one.replace(tzinfo=NOW.tzinfo)
)


@given(
    st.lists(st.builds(Engagement, _MOMENTS, st.sampled_from(["81", "82", ""])), max_size=8),
    st.none() | _MOMENTS,
)
def test_contact_lies_between_the_assignment_and_now_and_is_the_owners(
    done: list[Engagement], whole_since: datetime | None
) -> None:
    met = met_by("81", Engaged(tuple(done), whole_since), ASSIGNED, NOW)
    mine = [one.at for one in done if one.owner_id == "81" and ASSIGNED <= one.at <= NOW]
    assert (met.first_at, met.last_at) == (min(mine, default=None), max(mine, default=None))
    assert met.attempts in (None, len(mine))
    assert (met.attempts is None) == (whole_since is not None and whole_since > ASSIGNED)


@given(st.sets(st.integers(1, 10**12), max_size=40))
def test_the_newest_are_those_with_the_highest_numbers(ids: set[int]) -> None:
    links: list[Any] = [Linked(str(one)) for one in ids]
    assert [int(one) for one in newest_of(links)] == sorted(ids)[-NEWEST:]
