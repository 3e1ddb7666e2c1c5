"""Fetching from a shop: all, what changed, what is gone; with one request for 300 leads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.bottlecrm.conftest import Switchboard
from tests.bottlecrm.reading import api_on, fetched, fetching_on, gone_in, leads_in
from tests.bottlecrm.shop import Shop
from triage.clock import utc_now
from triage.crm.bottlecrm.api import Api
from triage.crm.bottlecrm.reading.cursor import uuid_of
from triage.crm.bottlecrm.reading.fetching import Fetching
from triage.crm.dialect import Dialect
from triage.domain.lead import LeadStatus
from triage.errors import NotSignedIn, StaleCursor, Unreachable


@pytest.fixture
async def api(switchboard: Switchboard, shop: Shop) -> AsyncIterator[Api]:
    made = api_on(switchboard.url, shop)
    yield made
    await made.aclose()
    assert shop.broken_rules == []


@pytest.fixture
def fetching(api: Api) -> Fetching:
    return fetching_on(api)


async def cursor_after(fetching: Fetching, cursor: str | None = None) -> str:
    return (await fetched(fetching, cursor))[-1].cursor


# All


async def test_the_first_fetch_gives_all_of_the_reps_and_nobody_elses(fetching: Fetching, shop: Shop) -> None:
    pages = await fetched(fetching)
    assert sorted(leads_in(pages)) == sorted(shop.lead_ids)
    assert {lead.owner.user_id for lead in leads_in(pages).values()} == {shop.me}
    assert gone_in(pages) == []
    assert [page.more for page in pages] == [True, False]
    assert [page.unread for page in pages] == [{}, {}]


async def test_a_fetch_is_one_request_and_who_asks_is_asked_once(fetching: Fetching, shop: Shop) -> None:
    cursor = await cursor_after(fetching)
    assert sorted(shop.requests) == ["GET /api/leads/", "GET /api/org/settings/", "GET /api/profile/"]
    await fetched(fetching, cursor)
    assert len(shop.requests) == 4


@pytest.mark.parametrize("status", ["closed", "recycled", "converted"])
async def test_what_the_rep_is_done_with_is_not_on_the_list(
    fetching: Fetching, shop: Shop, status: str
) -> None:
    shop.restatus(shop.lead_ids[0], status)
    assert shop.lead_ids[0] not in leads_in(await fetched(fetching))


async def test_what_sales_works_on_and_a_status_nobody_explained_are_shown(
    fetching: Fetching, shop: Shop
) -> None:
    working, odd, bare = shop.lead_ids[:3]
    shop.restatus(working, "in process")
    shop.restatus(odd, "someday")
    shop.write(bare, status=None)
    leads = leads_in(await fetched(fetching))
    statuses = [leads[one].status for one in (working, odd, bare)]
    assert statuses == [LeadStatus.WORKING, LeadStatus.UNKNOWN, LeadStatus.ASSIGNED]


class _Unfiltered(Api):
    """A BottleCRM that no longer knows the filter: it ignores what it does not know, and gives all."""

    async def get(
        self, path: str, params: Mapping[str, str] | None = None, *, expect: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        known = {name: value for name, value in (params or {}).items() if name != "assigned_to"}
        return await super().get(path, known, expect=expect)


async def test_a_list_that_ignores_its_filter_gives_nobody_elses_leads(
    switchboard: Switchboard, shop: Shop
) -> None:
    api = _Unfiltered(switchboard.url, shop.marketing_token)
    shop.reassign(shop.lead_ids[0], shop.marketer)
    assert list(leads_in(await fetched(fetching_on(api)))) == [shop.lead_ids[0]], "marketing sees all it made"
    await api.aclose()


# What changed


async def test_a_second_fetch_gives_only_what_changed(fetching: Fetching, shop: Shop) -> None:
    cursor = await cursor_after(fetching)
    assert leads_in(await fetched(fetching, cursor)) == {}
    shop.retitle(shop.lead_ids[3])
    pages = await fetched(fetching, cursor)
    assert list(leads_in(pages)) == [shop.lead_ids[3]]
    assert leads_in(await fetched(fetching, pages[-1].cursor)) == {}


async def test_a_response_that_moves_no_version_is_news(fetching: Fetching, shop: Shop) -> None:
    cursor = await cursor_after(fetching)
    lead = shop.state.leads[shop.lead_ids[0]]
    lead.first_response = (shop.state.clock.now(), shop.people[2])
    pages = await fetched(fetching, cursor)
    assert list(leads_in(pages)) == [shop.lead_ids[0]]


async def test_what_no_rep_sees_is_no_news(fetching: Fetching, shop: Shop) -> None:
    cursor = await cursor_after(fetching)
    shop.comment(shop.lead_ids[0], "Internal.")
    await cursor_after(fetching)
    assert leads_in(await fetched(fetching, cursor)) == {}


async def test_a_snooze_that_ends_is_news_though_nobody_wrote(api: Api, shop: Shop) -> None:
    custom = {
        "triage_decision": "snoozed",
        "triage_wake_at": (utc_now() + timedelta(days=2)).date().isoformat(),
    }
    shop.write(shop.lead_ids[0], custom_fields=custom)
    pages = await fetched(fetching_on(api))
    assert leads_in(pages)[shop.lead_ids[0]].status is LeadStatus.SNOOZED
    later = fetching_on(api, lambda: utc_now() + timedelta(days=3))
    woken = leads_in(await fetched(later, pages[-1].cursor))
    assert [lead.status for lead in woken.values()] == [LeadStatus.ASSIGNED]


async def test_other_words_in_the_profile_bring_what_reads_otherwise(api: Api, shop: Shop) -> None:
    cursor = await cursor_after(fetching_on(api))
    shop.restatus(shop.lead_ids[0], "in process")
    cursor = await cursor_after(fetching_on(api), cursor)
    other = fetching_on(api, dialect=Dialect(statuses={"qualifying": "in process"}))
    assert [one.status for one in leads_in(await fetched(other, cursor)).values()] == [LeadStatus.QUALIFYING]


# What is gone


@pytest.mark.parametrize("happening", ["reassign", "delete", "convert", "restatus"])
async def test_a_lead_that_is_no_longer_the_reps_is_gone_once(
    fetching: Fetching, shop: Shop, happening: str
) -> None:
    cursor = await cursor_after(fetching)
    more: tuple[Any, ...] = ("closed",) if happening == "restatus" else ()
    getattr(shop, happening)(shop.lead_ids[0], *more)
    pages = await fetched(fetching, cursor)
    assert (gone_in(pages), leads_in(pages)) == ([shop.lead_ids[0]], {})
    assert gone_in(await fetched(fetching, pages[-1].cursor)) == []


async def test_a_lead_that_comes_back_is_news(fetching: Fetching, shop: Shop) -> None:
    cursor = await cursor_after(fetching)
    shop.reassign(shop.lead_ids[0])
    cursor = await cursor_after(fetching, cursor)
    shop.reassign(shop.lead_ids[0], shop.me)
    assert list(leads_in(await fetched(fetching, cursor))) == [shop.lead_ids[0]]


# Pages, breaking off, and other cursors


async def test_a_fetch_that_breaks_off_goes_on_where_it_was_and_calls_nothing_gone(
    switchboard: Switchboard, shop: Shop
) -> None:
    api = api_on(switchboard.url, shop, page=5)
    fetching = fetching_on(api)
    pages = fetching.pages(None)
    first = await anext(pages)
    await pages.aclose()
    rest = await fetched(fetching, first.cursor)
    assert gone_in(rest) == []
    assert sorted([*leads_in([first]), *leads_in(rest)]) == sorted(shop.lead_ids)
    await api.aclose()


async def test_a_lead_that_is_taken_while_the_list_is_read_is_gone_with_the_next_fetch(
    switchboard: Switchboard, shop: Shop
) -> None:
    api = api_on(switchboard.url, shop, page=5)
    fetching = fetching_on(api)
    pages, taken = [], ""
    async for page in fetching.pages(None):
        pages.append(page)
        if not taken:
            taken = page.leads[0].lead_id
            shop.reassign(taken)
    assert sorted(leads_in(pages)) == sorted(shop.lead_ids), "no other one was skipped"
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]
    assert gone_in(await fetched(fetching, pages[-1].cursor)) == [taken]
    await api.aclose()


async def test_a_read_that_fails_is_an_error_and_never_an_empty_inbox(fetching: Fetching, shop: Shop) -> None:
    cursor = await cursor_after(fetching)
    shop.down = True
    with pytest.raises(Unreachable):
        await fetched(fetching, cursor)
    shop.down = False
    shop.revoke(shop.token)
    with pytest.raises(NotSignedIn):
        await fetched(fetching, cursor)


@pytest.mark.parametrize(
    "cursor", ["", "b1.", "b0.AAAA", "b1.!", "b1.AAAAAAAAAAAAAAAA", '{"of": 1}', "b1.\ud800", "ä"]
)
async def test_a_place_that_is_not_known_brings_everything_again(fetching: Fetching, cursor: str) -> None:
    with pytest.raises(StaleCursor):
        await fetched(fetching, cursor)


async def test_another_reps_place_is_none(switchboard: Switchboard, fetching: Fetching, shop: Shop) -> None:
    cursor = await cursor_after(fetching)
    api = api_on(switchboard.url, shop, shop.colleague_token)
    with pytest.raises(StaleCursor):
        await fetched(fetching_on(api), cursor)
    await api.aclose()


@pytest.mark.parametrize("lead_id", ["7", "F6919B40-0000-4000-8000-000000000001", "{f6919b40}", "urn:uuid:x"])
def test_only_what_bottlecrm_writes_is_an_id(lead_id: str) -> None:
    assert uuid_of(lead_id) is None
