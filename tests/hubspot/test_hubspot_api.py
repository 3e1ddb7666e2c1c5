"""HubSpot's requests: paces, the three kinds of 429, statuses of its own, batches, and pages without an end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.crm.wires import handled_by
from tests.hubspot.conftest import Switchboard
from tests.hubspot.portal import Portal, app
from tests.hubspot.reading import api_on
from tests.tempo import FastTempo
from triage.crm.answer import Failed, Heard, judge
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.filters import is_equal, is_other
from triage.crm.hubspot.manners import HUBSPOT
from triage.crm.hubspot.paths import objects, owners, pipelines
from triage.crm.hubspot.rows import Quota
from triage.errors import (
    AnswerLost,
    BadAnswer,
    NotPermitted,
    NotSignedIn,
    RateLimited,
    Unreachable,
)

_PLACE = "The CRM at https://api.example.com"
_CORRELATION = "b1c7f0a2-0000-4000-8000-000000000000"


@pytest.fixture
async def api(switchboard: Switchboard, portal: Portal) -> AsyncIterator[Api]:
    made = api_on(switchboard.url, portal)
    yield made
    await made.aclose()


@pytest.fixture
def tempo(portal: Portal) -> FastTempo:
    assert isinstance(portal.tempo, FastTempo)
    return portal.tempo


def refused(status: int, body: Any = None, **headers: str) -> Failed:
    """Return what an answer means to the HTTP room."""
    raw = b"<html>" if body is None else json.dumps({"correlationId": _CORRELATION, **body}).encode()
    with pytest.raises(Failed) as caught:
        judge(
            Heard(status, {"content-type": "application/json", **headers}, raw, _PLACE),
            manners=HUBSPOT,
        )
    return caught.value


# What a status means


@pytest.mark.parametrize(
    ("policy", "seconds"), [("DAILY", 3600.0), ("TEN_SECONDLY_ROLLING", 10.0), ("SECONDLY", 1.0)]
)
def test_each_policy_of_a_429_has_its_pause(policy: str, seconds: float) -> None:
    failed = refused(429, {"message": "You have reached your limit.", "policyName": policy})
    assert isinstance(failed.error, RateLimited)
    assert failed.error.retry_after == seconds
    assert not failed.reached, "certainly not written"


def test_a_retry_after_goes_before_the_policys_pause() -> None:
    failed = refused(429, {"policyName": "TEN_SECONDLY_ROLLING"}, **{"retry-after": "3"})
    assert isinstance(failed.error, RateLimited)
    assert failed.error.retry_after == 3.0


@pytest.mark.parametrize("body", [None, {"policyName": "NEW_ONE"}, {"policyName": 7}])
def test_a_429_of_no_known_policy_does_not_say_for_how_long(body: dict[str, Any] | None) -> None:
    failed = refused(429, body)
    assert isinstance(failed.error, RateLimited)
    assert failed.error.retry_after is None


def test_a_locked_record_was_certainly_not_written_and_waits_two_seconds() -> None:
    failed = refused(423, {"message": "locked"})
    assert not isinstance(failed.error_of_write, AnswerLost | RateLimited)
    assert isinstance(failed.error, Unreachable)
    assert failed.error.retry_after == 2.0
    assert failed.again == 2.0


def test_an_account_that_is_being_moved_says_when_it_is_back() -> None:
    failed = refused(477, {"message": "migration in progress"}, **{"retry-after": "86"})
    assert isinstance(failed.error, RateLimited)
    assert failed.error.retry_after == 86.0
    assert not failed.reached


@pytest.mark.parametrize("status", [502, 503, 504, 521, 523, 524])
def test_after_a_failure_of_a_server_nobody_knows_whether_it_wrote(status: int) -> None:
    failed = refused(status, {"message": "upstream"})
    assert isinstance(failed.error_of_write, AnswerLost)
    assert failed.again is True


def test_a_missing_scope_is_named_and_the_hint_says_where_to_give_it() -> None:
    scopes = ["crm.objects.leads.read", "crm.objects.leads.read", "crm.objects.contacts.read"]
    body = {
        "message": "This app hasn't been granted all required scopes.",
        "category": "MISSING_SCOPES",
        "errors": [{"context": {"requiredGranularScopes": scopes}}],
    }
    error = refused(403, body).error
    assert isinstance(error, NotPermitted)
    assert error.message.startswith("Missing scope: crm.objects.leads.read, crm.objects.contacts.read.")
    assert "Service keys" in error.hint


@pytest.mark.parametrize(
    "errors", [None, 7, ["x"], [{"context": 1}], [{"context": {"requiredGranularScopes": "all"}}], [{}]]
)
def test_a_403_that_names_no_scope_is_a_403_all_the_same(errors: Any) -> None:
    error = refused(403, {"message": "no", "category": "MISSING_SCOPES", "errors": errors}).error
    assert isinstance(error, NotPermitted)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 423, 429, 477, 500, 503])
def test_no_error_shows_a_correlation_id(status: int) -> None:
    error = refused(status, {"message": "It went wrong."}).error
    assert _CORRELATION not in f"{error.message} {error.hint}"


def test_an_error_without_any_field_is_an_error() -> None:
    assert isinstance(refused(400, {}).error, BadAnswer)
    assert isinstance(refused(401, {"category": "INVALID_AUTHENTICATION"}).error, NotSignedIn)


# Paces


async def test_no_search_and_no_read_comes_too_soon(api: Api, portal: Portal) -> None:
    async def reads() -> None:
        for _ in range(70):
            await api.get(owners())

    for _ in range(17):
        assert len(await found(api, portal)) == 12
    await asyncio.gather(reads(), reads(), reads())
    assert portal.count("POST /crm/objects/2026-09/leads/search") == 17
    assert portal.count("GET /crm/owners") == 210
    assert portal.broken_rules == []


async def test_without_its_pace_the_portal_would_have_been_asked_too_soon(
    api: Api, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(_api: Api) -> None:
        return

    monkeypatch.setattr(Api, "_turn", at_once)
    for _ in range(100):
        await api.get(owners())
    with pytest.raises(RateLimited):
        await api.get(owners())
    assert any("rate exceeded" in one for one in portal.broken_rules)


async def test_a_larger_allowance_is_taken_as_soon_as_an_answer_tells_of_it(
    api: Api, portal: Portal, tempo: FastTempo
) -> None:
    portal.limits.general.most = 190
    before = tempo.now()
    for _ in range(180):
        await api.get(owners())
    assert tempo.now() == before, "all of them fit into ten seconds"
    assert portal.broken_rules == []


async def test_a_smaller_allowance_is_kept_to(api: Api, portal: Portal) -> None:
    portal.limits.general.most = 40
    for _ in range(90):
        await api.get(owners())
    assert portal.broken_rules == []


@pytest.mark.parametrize("most", ["0", "-5", "99999999999999", "many", "3"])
async def test_an_allowance_that_cannot_be_is_not_believed(most: str) -> None:
    api = Api("https://api.example.com", "a-token", tempo=FastTempo())
    headers = {
        "x-hubspot-ratelimit-max": most,
        "x-hubspot-ratelimit-interval-milliseconds": "10000",
        "content-type": "application/json",
    }
    api._http._transport = handled_by(lambda _: _answer(headers))
    for _ in range(3):
        await api.get(owners())
    assert api._all_else._most == 95
    await api.aclose()


def _answer(headers: dict[str, str]) -> httpx.Response:
    return httpx.Response(200, headers=headers, content=b'{"results": []}')


async def test_what_is_left_of_a_day_is_known(api: Api, portal: Portal) -> None:
    assert api.quota is None
    await api.get(owners())
    assert api.quota == Quota(250_000, 250_000 - portal.limits.used_today)


async def test_a_used_up_day_stops_all_for_as_long_as_is_believed(api: Api, portal: Portal) -> None:
    portal.limits.used_today = portal.limits.daily
    with pytest.raises(RateLimited) as caught:
        await api.get(owners())
    assert caught.value.retry_after == 3600.0
    assert len(portal.requests) == 1, "it is not asked again at once"


# Searches


async def found(api: Api, portal: Portal, **more: str) -> list[str]:
    filters = [is_equal("hubspot_owner_id", portal.me)]
    return [row["id"] async for rows in api.search("leads", filters, [], **more) for row in rows]


@pytest.fixture(scope="module")
def crowded() -> Portal:
    """More leads than one search may give; seeded once, for it takes a second."""
    return Portal(FastTempo(), leads=10_050, scoring=False, others=3)


async def test_a_search_goes_on_beyond_ten_thousand(switchboard: Switchboard, crowded: Portal) -> None:
    switchboard.app = app(crowded)
    api = api_on(switchboard.url, crowded)
    ids = await found(api, crowded)
    await api.aclose()
    assert ids == crowded.lead_ids
    assert crowded.count("POST /crm/objects/2026-09/leads/search") == 51
    assert crowded.broken_rules == []


async def test_a_search_may_go_on_above_an_id(api: Api, portal: Portal) -> None:
    assert await found(api, portal, above=portal.lead_ids[4]) == portal.lead_ids[5:]


async def test_a_full_page_with_nothing_behind_it_is_one_search(switchboard: Switchboard) -> None:
    portal = Portal(FastTempo(), leads=200, scoring=False)
    switchboard.app = app(portal)
    api = api_on(switchboard.url, portal)
    assert len(await found(api, portal)) == 200
    await api.aclose()
    assert portal.count("POST /crm/objects/2026-09/leads/search") == 1


async def test_a_lead_that_changes_between_two_pages_is_neither_lost_nor_twice(
    switchboard: Switchboard,
) -> None:
    portal = Portal(FastTempo(), leads=450, scoring=False)
    switchboard.app = app(portal)
    api = api_on(switchboard.url, portal)
    ids: list[str] = []
    async for rows in api.search("leads", [is_equal("hubspot_owner_id", portal.me)], []):
        ids += [row["id"] for row in rows]
        portal.reassign(portal.lead_ids[len(ids) - 1])  # with pages by offset, one would move up and be lost
    await api.aclose()
    assert ids == portal.lead_ids


async def test_pages_that_do_not_move_on_are_an_error() -> None:
    api = Api("https://api.example.com", "a-token", tempo=FastTempo())
    stuck = {"results": [{"id": "7", "properties": {}}], "paging": {"next": {"after": "1"}}}
    api._http._transport = handled_by(lambda _: _json(stuck))
    with pytest.raises(BadAnswer, match="do not move on"):
        async for _ in api.search("leads", [], []):
            pass
    await api.aclose()


def _json(body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


async def test_a_search_has_room_for_the_filter_of_its_pages(api: Api) -> None:
    three = [is_equal("a", "1"), is_equal("b", "2"), is_other("c", "3")]
    with pytest.raises(ValueError, match="two filters"):
        async for _ in api.search("leads", three, []):
            pass


# Batches


async def test_a_batch_read_asks_a_hundred_at_a_time_and_says_what_is_missing(
    switchboard: Switchboard,
) -> None:
    portal = Portal(FastTempo(), leads=230, scoring=False)
    switchboard.app = app(portal)
    api = api_on(switchboard.url, portal)
    portal.archive(portal.lead_ids[3])
    portal.delete(portal.lead_ids[4], into=portal.lead_ids[5])
    read = await api.read_batch("leads", [*portal.lead_ids, "999999999"], ["hs_lead_name"])
    await api.aclose()
    assert read.missing == {portal.lead_ids[3], portal.lead_ids[4], "999999999"}
    assert list(read.rows) == [one for one in portal.lead_ids if one not in read.missing]
    assert portal.count("POST /crm/objects/2026-09/leads/batch/read") == 3
    assert portal.broken_rules == []


async def test_nothing_is_asked_about_nothing(api: Api, portal: Portal) -> None:
    assert (await api.read_batch("leads", [], [])).rows == {}
    assert await api.associated("leads", "contacts", []) == {}
    assert portal.requests == []


async def test_associations_tell_their_types(api: Api, portal: Portal) -> None:
    lead = portal.lead_ids[0]
    (linked,) = (await api.associated("leads", "contacts", [lead, "424242"]))[lead]
    assert linked.id == portal.contact_of(lead)
    assert set(linked.type_ids) == {578, 608}


async def test_a_batch_write_that_is_refused_as_a_whole_has_words_and_is_no_exception(
    api: Api, portal: Portal
) -> None:
    inputs = [{"id": portal.lead_ids[0], "properties": {"hs_pipeline_stage": "no-such-stage"}}]
    portal.state.writes_in_parts = False
    written = await api.write_batch("leads", "update", inputs)
    assert written.results == ()
    assert written.refusal or written.errors


async def test_what_an_account_does_not_have_is_none_and_not_an_error(api: Api, portal: Portal) -> None:
    portal.scopes -= {"crm.objects.leads.read", "crm.objects.leads.write"}
    assert await api.optional(pipelines("leads")) is None
    assert await api.optional(objects("contacts", "0")) is None


async def test_pieces_of_a_path_cannot_lead_elsewhere() -> None:
    assert objects("leads", "../../oauth?x=1#y") == "/crm/objects/2026-09/leads/..%2F..%2Foauth%3Fx%3D1%23y"


@pytest.mark.parametrize(
    "results",
    [None, 7, [None], [{"properties": {}}], [{"id": ""}], [{"id": True}], [{"id": [1]}], [{"id": "x" * 129}]],
)
async def test_rows_without_an_id_are_left_out(results: Any) -> None:
    api = Api("https://api.example.com", "a-token", tempo=FastTempo())
    api._http._transport = handled_by(lambda _: _json({"results": results}))
    assert (await api.read_batch("leads", ["1"], [])).missing == {"1"}
    await api.aclose()
