"""Somebody else's client for Salesforce, which knows nothing of triage, finds in the stand-in what it expects.

It signs its assertions for five minutes where the vendor's page says three; here the page decides, and the org of
most tests is set to take five.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosalesforce import Salesforce
from aiosalesforce.auth import JwtBearerFlow
from aiosalesforce.auth.base import Auth
from aiosalesforce.events import Event, ResponseEvent
from aiosalesforce.exceptions import (
    AuthenticationError,
    MoreThanOneRecordError,
    NotFoundError,
    RequestLimitExceededError,
    SalesforceError,
    ServerError,
)
from aiosalesforce.utils import format_soql

from tests.salesforce.org import Org, app
from tests.salesforce.org.extras import DECISION, KEY
from tests.serving import served

INSTANCE = "https://stand-in.my.salesforce.com"


class _Rerouted(httpx.AsyncBaseTransport):
    """The client takes no address but the vendor's; each request goes to the stand-in over real HTTP."""

    def __init__(self, url: str) -> None:
        self._url = httpx.URL(url)
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host=self._url.host, port=self._url.port)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Refreshing(Auth):
    """Its way of renewing, with our kind of grant."""

    def __init__(self, org: Org) -> None:
        super().__init__()
        self._org = org
        self.refreshed = 0

    async def _acquire_new_access_token(self, client: Salesforce) -> str:
        return self._org.access_token

    async def _refresh_access_token(self, client: Salesforce) -> str:
        self.refreshed += 1
        form = {
            "grant_type": "refresh_token",
            "client_id": self._org.client_id,
            "refresh_token": self._org.refresh_token,
        }
        answered = await client.httpx_client.post(f"{INSTANCE}/services/oauth2/token", data=form)
        return str(answered.json()["access_token"])


@pytest.fixture(scope="module")
def room() -> Iterator[tuple[list[Org], str]]:
    """One server for all tests here; the org behind it is each test's own."""
    behind: list[Org] = []

    async def whichever(scope: object, receive: object, send: object) -> None:
        await app(behind[-1])(scope, receive, send)

    with served(whichever) as url:
        yield behind, url


@pytest.fixture
def org(room: tuple[list[Org], str]) -> Org:
    org = Org(leads=5)
    room[0].append(org)
    return org


@pytest.fixture
async def http(room: tuple[list[Org], str]) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=_Rerouted(room[1]), timeout=30) as client:
        yield client


@pytest.fixture
def theirs(org: Org, http: httpx.AsyncClient) -> Salesforce:
    return Salesforce(http, INSTANCE, _Refreshing(org), version="68.0", retry_policy=None)


def by_assertion(org: Org, folder: Path) -> JwtBearerFlow:
    key = folder / "key.pem"
    key.write_text(org.private_key)
    return JwtBearerFlow(org.client_id, org.username, key)


async def test_it_signs_in_by_a_signed_assertion(org: Org, http: httpx.AsyncClient, tmp_path: Path) -> None:
    org.assertion_life = 300
    theirs = Salesforce(http, INSTANCE, by_assertion(org, tmp_path), retry_policy=None)
    assert (await theirs.get_limits())["DailyApiRequests"]["Max"] == org.daily_limit
    org.end_session()
    assert (await theirs.get_limits())["DailyApiRequests"]["Remaining"] == org.daily_limit - 2
    assert org.count("POST /services/oauth2/token") == 2


async def test_it_understands_why_it_was_not_signed_in(
    org: Org, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    theirs = Salesforce(http, INSTANCE, by_assertion(org, tmp_path), retry_policy=None)
    with pytest.raises(AuthenticationError) as caught:
        await theirs.get_limits()
    assert caught.value.error_code == "invalid_grant"


async def test_it_renews_after_a_401_and_no_more_than_once(org: Org, theirs: Salesforce) -> None:
    await theirs.get_limits()
    org.end_session()
    await theirs.get_limits()
    org.session_trouble = "This session is not valid for use with the REST API"
    with pytest.raises(SalesforceError) as caught:
        await theirs.get_limits()
    assert caught.value.error_code == "INVALID_SESSION_ID"


async def test_it_follows_the_pages_of_a_query(org: Org, theirs: Salesforce) -> None:
    org.page_size = 2
    soql = format_soql("SELECT Id, Owner.Name FROM Lead WHERE OwnerId = {} ORDER BY Id", org.me)
    rows = [row async for row in theirs.query(soql)]
    assert [row["Id"] for row in rows] == sorted(org.lead_ids)
    assert rows[0]["Owner"]["Name"] == "Robin Rep"
    assert org.count("GET /services/data/v68.0/query") == 3


async def test_its_way_to_quote_is_understood(org: Org, theirs: Salesforce) -> None:
    odd = org.add_lead(LastName='O\'Neil \\ "50%"\n\tx')
    asked = format_soql("SELECT Id FROM Lead WHERE LastName = {}", 'O\'Neil \\ "50%"\n\tx')
    assert [row["Id"] async for row in theirs.query(asked)] == [odd]
    like = format_soql("SELECT Id FROM Lead WHERE LastName LIKE '%{:like}%'", '"50%')
    assert [row["Id"] async for row in theirs.query(like)] == [odd]
    among = format_soql("SELECT Id FROM Lead WHERE Id IN {}", [odd])
    assert [row["Id"] async for row in theirs.query(among)] == [odd]
    assert org.broken_rules == []


async def test_it_sees_deleted_rows_only_when_it_asks_for_all(org: Org, theirs: Salesforce) -> None:
    org.delete(org.lead_ids[0], into=org.lead_ids[1])
    soql = "SELECT Id FROM Lead WHERE MasterRecordId != null"
    assert [row async for row in theirs.query(soql)] == []
    assert [row["Id"] async for row in theirs.query(soql, include_all_records=True)] == [org.lead_ids[0]]


async def test_it_makes_reads_changes_and_deletes_a_record(theirs: Salesforce) -> None:
    made = await theirs.sobject.create("Lead", {"LastName": "New", "Company": "Example"})
    await theirs.sobject.update("Lead", made, {"Title": "Buyer"})
    told = await theirs.sobject.get("Lead", made, fields=["Title", "Name"])
    assert (told["Title"], told["Name"]) == ("Buyer", "New")
    await theirs.sobject.delete("Lead", made)
    with pytest.raises(NotFoundError) as caught:
        await theirs.sobject.get("Lead", made)
    assert caught.value.error_code == "ENTITY_IS_DELETED"


async def test_it_upserts_by_an_external_id(org: Org, theirs: Salesforce) -> None:
    body = {"Lead__c": org.lead_ids[0], "Kind__c": "decision", "Outcome__c": "rejected", KEY: "K-1"}
    first = await theirs.sobject.upsert(DECISION, "K-1", KEY, body)
    again = await theirs.sobject.upsert(DECISION, "K-1", KEY, body)
    assert (first.created, again.created, first.id) == (True, False, again.id)
    assert (await theirs.sobject.get(DECISION, "K-1", KEY))["Outcome__c"] == "rejected"
    with pytest.raises(SalesforceError):  # the key in the body, which it takes out unless told not to
        await theirs.sobject.upsert(DECISION, "K-1", KEY, body, validate=False)


async def test_it_tells_several_records_of_one_key_apart_from_one(org: Org, theirs: Salesforce) -> None:
    for _ in range(2):
        org.put(DECISION, {KEY: "twice"})
    with pytest.raises(MoreThanOneRecordError):
        await theirs.sobject.get(DECISION, "twice", KEY)
    with pytest.raises(MoreThanOneRecordError):
        await theirs.sobject.upsert(DECISION, "twice", KEY, {"Kind__c": "decision"})


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Nothing__c FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing__c", "INVALID_TYPE"),
        ("SELECT FROM", "MALFORMED_QUERY"),
    ],
)
async def test_it_reads_the_code_of_what_was_refused(theirs: Salesforce, soql: str, code: str) -> None:
    with pytest.raises(SalesforceError) as caught:
        [row async for row in theirs.query(soql)]
    assert caught.value.error_code == code


async def test_it_knows_a_used_up_day_a_busy_server_and_what_is_not_there(
    org: Org, theirs: Salesforce
) -> None:
    with pytest.raises(NotFoundError):
        await theirs.sobject.get("Nothing__c", org.lead_ids[0])
    org.strike("503")
    with pytest.raises(ServerError):
        await theirs.sobject.update("Lead", org.lead_ids[0], {"Title": "a"})
    org.used = org.daily_limit
    with pytest.raises(RequestLimitExceededError):
        await theirs.get_limits()


async def test_it_reads_the_use_of_the_day_from_every_answer(org: Org, http: httpx.AsyncClient) -> None:
    seen: list[tuple[int | None, int | None]] = []

    def note(event: Event) -> None:
        if isinstance(event, ResponseEvent):
            seen.append((event.consumed, event.remaining))

    theirs = Salesforce(http, INSTANCE, _Refreshing(org), event_hooks=[note], retry_policy=None)
    await theirs.get_limits()
    assert seen == [(1, org.daily_limit)]  # it takes the limit for what remains


async def test_its_composite_of_all_or_none_is_kept_whole(org: Org, theirs: Salesforce) -> None:
    async with theirs.composite(all_or_none=True) as parts:
        made = parts.sobject.create("Lead", {"LastName": "New", "Company": "Example"})
        row = parts.sobject.upsert(
            DECISION, "K", KEY, {"Lead__c": str(made.reference.id), "Kind__c": "feedback"}
        )
        asked = parts.query("SELECT Id FROM Lead WHERE LastName = 'New'")
        told = parts.sobject.get("Lead", org.lead_ids[0], fields=["Title"])
        changed = parts.sobject.update("Lead", org.lead_ids[0], {"Title": "CTO"})
        gone = parts.sobject.delete("Lead", org.lead_ids[1])
    assert (row.created, row.is_success, changed.status_code, gone.status_code) == (True, True, 204, 204)
    assert [one["Id"] for one in asked.records] == [made.id]
    assert told.record["Title"] == "Head of IT"
    assert (await theirs.sobject.get(DECISION, "K", KEY))["Lead__c"] == made.id


async def test_its_composite_of_all_or_none_is_taken_back_whole(org: Org, theirs: Salesforce) -> None:
    org.validation["Rating"] = "Don't <rate> leads"
    async with theirs.composite(all_or_none=True) as parts:
        good = parts.sobject.update("Lead", org.lead_ids[0], {"Title": "CTO"})
        bad = parts.sobject.update("Lead", org.lead_ids[1], {"Rating": "Hot"})
    with pytest.raises(SalesforceError) as first:
        good.raise_for_status()
    with pytest.raises(SalesforceError) as second:
        bad.raise_for_status()
    assert first.value.error_code == "PROCESSING_HALTED"
    assert (
        second.value.error_message == "Don't <rate> leads"
    )  # it reads the answer as HTML, and the org wrote it so
    assert org.lead(org.lead_ids[0])["Title"] != "CTO"


async def test_its_composite_without_that_keeps_what_succeeded(org: Org, theirs: Salesforce) -> None:
    async with theirs.composite() as parts:
        good = parts.sobject.update("Lead", org.lead_ids[0], {"Title": "CTO"})
        bad = parts.sobject.update("Lead", org.lead_ids[1], {"Status": "Somehow"})
    assert (good.is_success, bad.is_success) == (True, False)
    assert org.lead(org.lead_ids[0])["Title"] == "CTO"


async def test_collections_answer_its_plain_requests(org: Org, theirs: Salesforce) -> None:
    records: Any = [{"attributes": {"type": "Lead"}, "id": one, "Title": "CTO"} for one in org.lead_ids[:2]]
    where = f"{INSTANCE}/services/data/v68.0/composite/sobjects"
    answered = await theirs.request("PATCH", where, json={"allOrNone": False, "records": records})
    assert [one["success"] for one in answered.json()] == [True, True]
