"""The lists that a contact is on, as its nurture where it is in no sequence; with few requests, and never an error."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from tests.crm.wires import handled_by
from tests.hubspot.conftest import Switchboard
from tests.hubspot.portal import Portal, app
from tests.hubspot.reading import adapter, api_on, fetched, leads_in
from tests.tempo import FastTempo
from triage.crm.hubspot import HubSpotCrm
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.reading.lists import NEW_NAMES, Lists, words_of
from triage.errors import NotSignedIn

_ON_LISTS = "POST /crm/lists/2026-09/records/memberships/batch/read"
_NAMES = "GET /crm/lists/2026-09/"


@pytest.fixture
async def crm(switchboard: Switchboard, portal: Portal) -> AsyncIterator[HubSpotCrm]:
    made = adapter(switchboard.url, portal)
    yield made
    await made.aclose()
    assert portal.broken_rules == []


async def programmes(crm: HubSpotCrm) -> dict[str, str]:
    found = leads_in(await fetched(crm))
    return {lead_id: lead.nurture.programme if lead.nurture else "" for lead_id, lead in found.items()}


async def test_a_lead_in_no_sequence_shows_its_lists_and_one_in_a_sequence_that(
    crm: HubSpotCrm, portal: Portal
) -> None:
    in_sequence, on_one, on_many, on_none = portal.lead_ids[:4]
    portal.put_on_lists(on_many, "Everybody", "Webinar guests", "Nurture: operations", "Trial")
    portal.put_on_lists(on_none)
    told = await programmes(crm)
    assert told[in_sequence] == "Follow up: white paper"
    assert told[on_one] == "list Nurture: operations"
    assert told[on_many] == "lists Trial, Nurture: operations, Webinar guests and 1 more"
    assert told[on_none] == ""


async def test_a_list_is_no_programme_with_steps(crm: HubSpotCrm, portal: Portal) -> None:
    nurture = leads_in(await fetched(crm))[portal.lead_ids[1]].nurture
    assert nurture is not None
    assert (nurture.step, nurture.steps, nurture.next_mail) == (None, None, "")


async def test_only_what_waits_for_a_decision_is_asked_about(crm: HubSpotCrm, portal: Portal) -> None:
    for lead_id in portal.lead_ids:
        portal.restage(lead_id, "connected-stage-id")
    told = await programmes(crm)
    assert set(told.values()) == {"", "Follow up: white paper"}
    assert portal.count("POST /crm/lists") == portal.count(_NAMES) == 0


async def test_the_lists_of_a_hundred_contacts_cost_one_request_and_each_name_one(
    switchboard: Switchboard,
) -> None:
    portal = Portal(FastTempo(), leads=150, scoring=False)
    switchboard.app = app(portal)
    crm = adapter(switchboard.url, portal)
    await fetched(crm)
    await fetched(crm)
    await crm.aclose()
    assert portal.count(_ON_LISTS) == 2 * 2
    assert portal.count(_NAMES) == 2, "a name is asked for once"
    assert portal.broken_rules == []


async def test_of_many_names_a_page_asks_for_those_that_most_are_on(switchboard: Switchboard) -> None:
    portal = Portal(FastTempo(), leads=NEW_NAMES + 9, scoring=False)
    switchboard.app = app(portal)
    for number, lead_id in enumerate(portal.lead_ids):
        portal.put_on_lists(lead_id, f"List {number}", "Everybody")
    crm = adapter(switchboard.url, portal)
    told = [one for one in (await programmes(crm)).values() if one.startswith("list")]
    assert portal.count(_NAMES) == NEW_NAMES
    assert all(one.startswith("lists Everybody") for one in told)
    later = [one for one in (await programmes(crm)).values() if one.startswith("list")]
    await crm.aclose()
    assert [one.endswith("and 1 more") for one in told].count(False) == NEW_NAMES - 1
    assert not any(one.endswith("and 1 more") for one in later), "the others are asked for by the next page"


async def test_a_list_that_is_not_there_any_more_is_left_out(crm: HubSpotCrm, portal: Portal) -> None:
    portal.put_on_lists(portal.lead_ids[1], "Gone", "Still there")
    gone = next(list_id for list_id, name in portal.state.marketing.lists.items() if name == "Gone")
    del portal.state.marketing.lists[gone]
    assert (await programmes(crm))[portal.lead_ids[1]] == "lists Still there and 1 more"
    assert (await programmes(crm))[portal.lead_ids[1]] == "lists Still there and 1 more"
    assert portal.count(f"{_NAMES}{gone}") == 1


async def test_without_the_scope_nothing_is_shown_and_nobody_asked_again(
    crm: HubSpotCrm, portal: Portal
) -> None:
    portal.scopes -= {"crm.lists.read"}
    await programmes(crm)
    told = await programmes(crm)
    assert list(told) == portal.lead_ids
    assert not any("list" in one for one in told.values())
    assert portal.count("POST /crm/lists") == 1
    assert portal.count(_NAMES) == 0


async def test_who_is_not_signed_in_is_told_so(switchboard: Switchboard, portal: Portal) -> None:
    api = api_on(switchboard.url, portal)
    portal.token = "another"
    with pytest.raises(NotSignedIn):
        await Lists(api).of(["60001"])
    await api.aclose()


def answering(results: Any) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"list": {"listId": "12", "name": "Nurture"}})
        return httpx.Response(200, json={"results": results})

    return answer


@pytest.mark.parametrize(
    ("results", "told"),
    [
        ([{"recordId": "1", "recordListMemberships": [{"listId": "12"}]}], {"1": "list Nurture"}),
        ([{"recordId": 1, "recordListMemberships": [{"listId": 12}]}], {"1": "list Nurture"}),
        ([{"recordId": "1", "recordListMemberships": None}, 7, {}], {}),
        ([{"recordId": "1", "recordListMemberships": [3, {"listId": None}, {"listId": ""}]}], {}),
        ([], {}),
    ],
)
async def test_an_answer_of_another_shape_tells_less_and_never_fails(
    results: Any, told: dict[str, str]
) -> None:
    api = Api("https://api.example.com", "a-token", tempo=FastTempo())
    api._http._transport = handled_by(answering(results))
    assert await Lists(api).of(["1"]) == told
    await api.aclose()


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ((), ""),
        (("1",), "list One"),
        (("9",), ""),
        (("1", "2"), "lists One, Two"),
        (("9", "1"), "lists One and 1 more"),
        (("1", "2", "3", "4", "5"), "lists One, Two, Three and 2 more"),
    ],
)
def test_the_words_count_what_they_do_not_name(listed: tuple[str, ...], words: str) -> None:
    names = {"1": "One", "2": "Two", "3": "Three", "4": "Four"}
    assert words_of(listed, names) == words
