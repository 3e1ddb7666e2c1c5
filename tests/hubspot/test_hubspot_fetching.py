"""Fetching from a portal: all, what changed, what is gone; with no more requests than that takes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.hubspot.conftest import Switchboard
from tests.hubspot.portal import Portal, app
from tests.hubspot.reading import adapter, at, fetched, gone_in, leads_in
from tests.tempo import FastTempo
from triage.clock import utc_now
from triage.crm.hubspot import HubSpotCrm
from triage.crm.hubspot.reading.fetching import AT_FIRST
from triage.crm.port import LeadPage
from triage.domain.lead import LeadStatus
from triage.errors import CrmError, StaleCursor, Unreachable

_SEARCHES = "POST /crm/objects/2026-09/leads/search"
_CONTACTS_READ = "POST /crm/objects/2026-09/contacts/batch/read"
_TIES = "POST /crm/associations/2026-09/leads/contacts/batch/read"
_OF_CONTACTS = "POST /crm/associations/2026-09/contacts"
_ON_LISTS = "POST /crm/lists/2026-09/records/memberships/batch/read"
_NAMES_OF_LISTS = "GET /crm/lists/2026-09/1"
_HISTORIES = "GET /marketing/lead-scoring/2026-09-beta/score-values/object-history"


@pytest.fixture
async def crm(switchboard: Switchboard, portal: Portal) -> AsyncIterator[HubSpotCrm]:
    made = adapter(switchboard.url, portal)
    yield made
    await made.aclose()
    assert portal.broken_rules == []


def plugged(switchboard: Switchboard, **more: object) -> Portal:
    portal = Portal(FastTempo(), **more)  # type: ignore[arg-type]  # a test's shorthand
    switchboard.app = app(portal)
    return portal


async def cursor_after(crm: HubSpotCrm, cursor: str | None = None) -> str:
    return (await fetched(crm, cursor))[-1].cursor


# All


async def test_the_first_fetch_gives_all_of_the_reps_and_nobody_elses(
    crm: HubSpotCrm, portal: Portal
) -> None:
    pages = await fetched(crm)
    assert list(leads_in(pages)) == portal.lead_ids
    assert gone_in(pages) == []
    assert [page.more for page in pages] == [True, False]


async def test_closed_leads_are_not_on_the_list(crm: HubSpotCrm, portal: Portal) -> None:
    portal.restage(portal.lead_ids[0], "unqualified-stage-id")
    portal.restage(portal.lead_ids[1], "qualified-stage-id")
    assert list(leads_in(await fetched(crm))) == portal.lead_ids[2:]


async def test_a_lead_of_a_stage_that_nobody_explained_is_shown_as_unknown(
    crm: HubSpotCrm, portal: Portal
) -> None:
    lead_id = portal.lead_ids[0]
    portal.state.records.of["leads"][lead_id].properties["hs_pipeline_stage"] = "9981"
    assert leads_in(await fetched(crm))[lead_id].status is LeadStatus.UNKNOWN


@pytest.mark.parametrize(("leads", "searches", "contact_reads"), [(100, 1, 1), (200, 1, 2), (230, 2, 3)])
async def test_a_fetch_costs_its_pages_and_one_read_for_a_hundred_contacts(
    switchboard: Switchboard, leads: int, searches: int, contact_reads: int
) -> None:
    portal = plugged(switchboard, leads=leads, scoring=False)
    crm = adapter(switchboard.url, portal)
    assert len(leads_in(await fetched(crm))) == leads
    await crm.aclose()
    assert portal.count(_SEARCHES) == searches
    assert portal.count(_CONTACTS_READ) == contact_reads
    assert portal.count(_TIES) == 0, "the leads name their contacts"
    assert portal.count(_HISTORIES) == 0, "there is no score"
    for kind in ("calls", "emails", "meetings"):
        assert portal.count(f"{_OF_CONTACTS}/{kind}/batch/read") == searches, "those of a page at once"
        assert portal.count(f"POST /crm/objects/2026-09/{kind}") == 0, "there are none"
    assert portal.count(_ON_LISTS) == contact_reads
    assert portal.count(_NAMES_OF_LISTS) == 2, "each once"
    assert portal.broken_rules == []


async def test_contacts_that_the_leads_do_not_name_cost_one_request(crm: HubSpotCrm, portal: Portal) -> None:
    for lead_id in portal.lead_ids:
        portal.state.records.of["leads"][lead_id].properties.pop("hs_primary_contact_id")
    found = leads_in(await fetched(crm))
    assert all(lead.email for lead in found.values())
    assert portal.count(_TIES) == 1


async def test_a_lead_whose_contact_is_gone_is_a_lead_with_its_own_name(
    crm: HubSpotCrm, portal: Portal
) -> None:
    astray, archived = portal.lead_ids[:2]
    name = portal.value("leads", astray, "hs_lead_name")
    portal.state.records.of["leads"][astray].properties["hs_primary_contact_id"] = "987654321"
    contact = portal.state.records.of["contacts"][portal.contact_of(archived)]
    portal.state.records.archive(contact)
    found = leads_in(await fetched(crm))
    assert (found[astray].name, found[astray].email) == (name, "")
    assert found[archived].email == ""


# What changed


async def test_nothing_comes_twice_while_nothing_changes(crm: HubSpotCrm) -> None:
    first = await cursor_after(crm)
    again = await fetched(crm, first)
    assert (leads_in(again), gone_in(again)) == ({}, [])
    once_more = await fetched(crm, again[-1].cursor)
    assert (leads_in(once_more), gone_in(once_more)) == ({}, [])


async def test_a_fetch_without_changes_is_three_searches(crm: HubSpotCrm, portal: Portal) -> None:
    cursor = await cursor_after(crm)
    before = len(portal.requests)
    await fetched(crm, cursor)
    assert portal.requests[before:] == [
        _SEARCHES,
        "POST /crm/objects/2026-09/contacts/search",
        _SEARCHES,
    ]


async def test_only_what_changed_comes_and_only_its_history_is_asked_for(
    crm: HubSpotCrm, portal: Portal
) -> None:
    cursor = await cursor_after(crm)
    asked = portal.count(_HISTORIES)
    portal.retitle(portal.lead_ids[5], "Chief of everything")
    found = leads_in(await fetched(crm, cursor))
    assert [(lead_id, lead.title) for lead_id, lead in found.items()] == [
        (portal.lead_ids[5], "Chief of everything")
    ]
    assert portal.count(_HISTORIES) == asked + 1


async def test_a_contact_that_came_with_its_lead_is_not_asked_about_again(
    crm: HubSpotCrm, portal: Portal
) -> None:
    cursor = await cursor_after(crm)
    before = len(portal.requests)
    portal.retitle(portal.lead_ids[5])
    await fetched(crm, cursor)
    assert not any("associations/2026-09/contacts/leads" in one for one in portal.requests[before:])


async def test_a_change_that_was_given_does_not_come_again(crm: HubSpotCrm, portal: Portal) -> None:
    cursor = await cursor_after(crm)
    portal.retitle(portal.lead_ids[5])
    cursor = await cursor_after(crm, cursor)
    assert leads_in(await fetched(crm, cursor)) == {}


async def test_a_score_that_moves_while_its_lead_stands_still_is_noticed(
    crm: HubSpotCrm, portal: Portal
) -> None:
    cursor = await cursor_after(crm)
    lead_id = portal.lead_ids[2]
    portal.write("contacts", portal.contact_of(lead_id), {"sales_score_total": "91"})
    pages = await fetched(crm, cursor)
    (lead,) = leads_in(pages).values()
    assert (lead.lead_id, lead.score and lead.score.score) == (lead_id, 91.0)
    assert leads_in(await fetched(crm, pages[-1].cursor)) == {}


async def test_a_write_that_search_sees_late_is_not_lost(crm: HubSpotCrm, portal: Portal) -> None:
    cursor = await cursor_after(crm)
    portal.search_lag = 30.0
    portal.restage(portal.lead_ids[0], "connected-stage-id")
    pages = await fetched(crm, cursor)
    assert leads_in(pages) == {}
    assert isinstance(portal.tempo, FastTempo)
    portal.tempo.seconds += 60
    late = leads_in(await fetched(crm, pages[-1].cursor))
    assert [lead.status for lead in late.values()] == [LeadStatus.WORKING]


async def test_the_next_fetch_goes_back_before_this_one_began(crm: HubSpotCrm) -> None:
    before = utc_now()
    since = at(json.loads(await cursor_after(crm))["since"])
    assert before - timedelta(minutes=5, seconds=2) <= since <= before - timedelta(minutes=4, seconds=58)


async def test_a_new_lead_comes_with_the_next_fetch(crm: HubSpotCrm, portal: Portal) -> None:
    cursor = await cursor_after(crm)
    lead_id = portal.other_lead_ids[0]
    portal.reassign(lead_id, portal.me)
    assert list(leads_in(await fetched(crm, cursor))) == [lead_id]


# What moved the scores: a request each


def unexplained(pages: list[LeadPage]) -> list[str]:
    """The leads whose score says nothing of what it is made of."""
    return [one for one, lead in leads_in(pages).items() if lead.score and not lead.score.contributions]


async def test_a_first_fetch_asks_for_a_few_reasons_and_the_next_ones_for_the_others(
    switchboard: Switchboard,
) -> None:
    portal = plugged(switchboard, leads=200)
    crm = adapter(switchboard.url, portal)
    pages = await fetched(crm)
    assert portal.count(_HISTORIES) == AT_FIRST
    left = set(unexplained(pages))
    assert len(left) == 200 - AT_FIRST
    for asked in (2 * AT_FIRST, 3 * AT_FIRST, 200, 200):
        pages = await fetched(crm, pages[-1].cursor)
        assert portal.count(_HISTORIES) == asked, "each history once"
        assert unexplained(pages) == []
        left -= set(leads_in(pages))
        assert len(left) == 200 - asked
    await crm.aclose()
    assert portal.broken_rules == []


async def test_the_name_of_a_sequence_costs_one_request_for_all_its_contacts(
    crm: HubSpotCrm, portal: Portal
) -> None:
    named = [lead.nurture.programme for lead in leads_in(await fetched(crm)).values() if lead.nurture]
    assert [one for one in named if not one.startswith("list")] == ["Follow up: white paper"] * 3
    assert portal.count("GET /automation/sequences") == 1


async def test_what_waits_for_a_decision_is_explained_before_what_is_in_work(
    switchboard: Switchboard,
) -> None:
    portal = plugged(switchboard, leads=AT_FIRST + 20)
    for lead_id in portal.lead_ids[:20]:
        portal.restage(lead_id, "connected-stage-id")
    crm = adapter(switchboard.url, portal)
    assert unexplained(await fetched(crm)) == portal.lead_ids[:20]
    await crm.aclose()


async def test_the_daily_fetch_asks_for_all_reasons_for_the_old_ones_are_shown_meanwhile(
    switchboard: Switchboard,
) -> None:
    portal, now = plugged(switchboard, leads=AT_FIRST + 20), [utc_now()]
    crm = adapter(switchboard.url, portal, clock=lambda: now[0])
    cursor = await cursor_after(crm)
    now[0] += timedelta(days=2)
    with pytest.raises(StaleCursor):
        await fetched(crm, cursor)
    assert unexplained(await fetched(crm)) == []
    await crm.aclose()
    assert portal.broken_rules == []


async def test_a_lead_that_went_while_its_reasons_were_owed_is_not_asked_for_again(
    switchboard: Switchboard,
) -> None:
    portal = plugged(switchboard, leads=AT_FIRST + 3)
    crm = adapter(switchboard.url, portal)
    pages = await fetched(crm)
    gone, taken, left = unexplained(pages)
    portal.delete(gone)
    portal.reassign(taken)
    pages = await fetched(crm, pages[-1].cursor)
    assert list(leads_in(pages)) == [left]
    assert "owed" not in json.loads(pages[-1].cursor)
    await crm.aclose()


def used_by_others(portal: Portal, requests: int) -> None:
    for _ in range(requests):
        assert portal.limits.general.admit()


@pytest.mark.parametrize(("used", "waits"), [(40, True), (85, True), (92, False)])
async def test_what_another_process_has_used_of_the_limit_is_left_to_it(
    switchboard: Switchboard, used: int, *, waits: bool
) -> None:
    portal = plugged(switchboard, leads=AT_FIRST)
    crm = adapter(switchboard.url, portal)
    await crm.whoami()
    used_by_others(portal, used)
    pages = await fetched(crm)
    assert list(leads_in(pages)) == portal.lead_ids
    assert (portal.count(_HISTORIES) < AT_FIRST) is waits, "but for a limit that is over by then"
    await crm.aclose()
    assert portal.broken_rules == []


# What is gone


async def test_a_lead_that_went_to_somebody_else_is_gone_once(crm: HubSpotCrm, portal: Portal) -> None:
    cursor = await cursor_after(crm)
    portal.reassign(portal.lead_ids[4])
    pages = await fetched(crm, cursor)
    assert (leads_in(pages), gone_in(pages)) == ({}, [portal.lead_ids[4]])
    assert gone_in(await fetched(crm, pages[-1].cursor)) == []


async def test_a_lead_that_never_was_the_reps_is_not_gone(crm: HubSpotCrm, portal: Portal) -> None:
    cursor = await cursor_after(crm)
    portal.reassign(portal.other_lead_ids[0], portal.marketer)
    assert gone_in(await fetched(crm, cursor)) == []


async def test_a_lead_that_was_closed_is_gone(crm: HubSpotCrm, portal: Portal) -> None:
    cursor = await cursor_after(crm)
    portal.restage(portal.lead_ids[1], "unqualified-stage-id")
    assert gone_in(await fetched(crm, cursor)) == [portal.lead_ids[1]]


async def test_what_no_search_finds_is_missed_by_the_daily_fetch(
    switchboard: Switchboard, portal: Portal
) -> None:
    now = [utc_now()]
    crm = adapter(switchboard.url, portal, clock=lambda: now[0])
    cursor = await cursor_after(crm)
    portal.archive(portal.lead_ids[0])
    portal.delete(portal.lead_ids[1])
    now[0] += timedelta(hours=23)
    cursor = await cursor_after(crm, cursor)
    now[0] += timedelta(hours=1, minutes=1)
    with pytest.raises(StaleCursor):
        await fetched(crm, cursor)
    assert list(leads_in(await fetched(crm))) == portal.lead_ids[2:]
    await crm.aclose()


# The place


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "17",
        "{}",
        "[1]",
        '{"of": "leads 82", "whole_at": "2026-11-22T00:00:00Z", "began": "2026-11-22T00:00:00Z"}',
        "x" * 30_000,
    ],
)
async def test_a_place_that_is_not_ours_is_stale(crm: HubSpotCrm, cursor: str) -> None:
    with pytest.raises(StaleCursor):
        await fetched(crm, cursor)


async def test_a_place_of_tomorrow_is_stale(switchboard: Switchboard, portal: Portal) -> None:
    now = [utc_now() + timedelta(days=2)]
    crm = adapter(switchboard.url, portal, clock=lambda: now[0])
    cursor = await cursor_after(crm)
    now[0] -= timedelta(days=2)
    with pytest.raises(StaleCursor):
        await fetched(crm, cursor)
    await crm.aclose()


@pytest.mark.parametrize("off", [timedelta(hours=-3), timedelta(hours=3)])
async def test_a_clock_here_that_is_wrong_loses_no_change(
    switchboard: Switchboard, portal: Portal, off: timedelta
) -> None:
    crm = adapter(switchboard.url, portal, clock=lambda: utc_now() + off)
    cursor = await cursor_after(crm)
    portal.restage(portal.lead_ids[0], "connected-stage-id")
    assert list(leads_in(await fetched(crm, cursor))) == [portal.lead_ids[0]]
    await crm.aclose()


async def test_a_fetch_that_breaks_off_goes_on_behind_its_last_page(switchboard: Switchboard) -> None:
    portal = plugged(switchboard, leads=450, scoring=False)
    crm = adapter(switchboard.url, portal)
    seen: list[str] = []
    cursor = ""
    async for page in crm.fetch(None):
        seen += [lead.lead_id for lead in page.leads]
        cursor = page.cursor
        portal.down = True
        break
    with pytest.raises(Unreachable):
        await fetched(crm, cursor)
    portal.down = False
    rest = leads_in(await fetched(crm, cursor))
    await crm.aclose()
    assert [*seen, *rest] == portal.lead_ids


async def test_a_place_is_small_and_has_no_secret(switchboard: Switchboard) -> None:
    portal = plugged(switchboard, leads=600, scoring=False)
    for lead_id in portal.lead_ids:
        portal.write("leads", lead_id, {"hs_lead_label": "HOT"})
    crm = adapter(switchboard.url, portal)
    cursor = await cursor_after(crm)
    await crm.aclose()
    assert len(json.loads(cursor)["seen"]) == 200
    assert len(cursor) < 12_000
    assert portal.token not in cursor


# Without leads, and without more


async def test_a_portal_without_lead_objects_gives_its_contacts(switchboard: Switchboard) -> None:
    portal = plugged(switchboard, lead_object="contacts")
    crm = adapter(switchboard.url, portal)
    found = leads_in(await fetched(crm))
    assert list(found) == portal.lead_ids
    assert {lead.status for lead in found.values()} == {LeadStatus.ASSIGNED}
    cursor = await cursor_after(crm)
    portal.restage(portal.lead_ids[0], "UNQUALIFIED")
    portal.restage(portal.lead_ids[1], "")
    portal.reassign(portal.lead_ids[2])
    portal.retitle(portal.lead_ids[3], "CEO")
    pages = await fetched(crm, cursor)
    await crm.aclose()
    assert [lead.title for lead in leads_in(pages).values()] == ["CEO"]
    assert sorted(gone_in(pages)) == portal.lead_ids[:3]
    assert portal.broken_rules == []


async def test_the_option_goes_before_what_the_portal_has(switchboard: Switchboard, portal: Portal) -> None:
    crm = adapter(switchboard.url, portal, lead_object="contacts")
    ids = list(leads_in(await fetched(crm)))
    await crm.aclose()
    assert ids == [portal.contact_of(lead_id) for lead_id in portal.lead_ids]


async def test_missing_scopes_of_what_is_beside_cost_only_that(crm: HubSpotCrm, portal: Portal) -> None:
    portal.scopes -= {"crm.objects.companies.read", "automation.sequences.read", "mh-lead-scoring-view"}
    portal.scopes -= {"crm.lists.read"}
    portal.scoring = 403
    found = leads_in(await fetched(crm))
    assert list(found) == portal.lead_ids
    assert portal.count("POST /crm/objects/2026-09/companies") == 0
    assert portal.count(_ON_LISTS) == 1
    assert portal.count("GET /automation") <= 3, "after the first refusals nobody is asked again"


async def test_an_answer_that_breaks_off_is_an_error_and_never_an_empty_page(
    crm: HubSpotCrm, portal: Portal
) -> None:
    cursor = await cursor_after(crm)
    portal.strike_reads("html")
    with pytest.raises(CrmError):
        await fetched(crm, cursor)
