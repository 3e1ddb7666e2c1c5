"""BottleCRM's requests: four shapes of words, 403 for who is not signed in, slashes, and a list that moves."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.bottlecrm.conftest import Switchboard
from tests.bottlecrm.reading import api_on
from tests.bottlecrm.shop import Shop, app
from tests.tempo import FastTempo
from triage.crm.answer import Failed, Heard, judge
from triage.crm.bottlecrm.account import Account
from triage.crm.bottlecrm.api import Api, BottleRefused, NotThere, lead_path
from triage.crm.bottlecrm.manners import BOTTLE
from triage.errors import (
    AnswerLost,
    BadAnswer,
    NotPermitted,
    NotSignedIn,
    RateLimited,
    Unreachable,
)

_PLACE = "The CRM at https://api.example.com"
_JSON = {"content-type": "application/json"}
_HTML = {"content-type": "text/html; charset=utf-8"}
_NOBODY = {"detail": "Organization context is required. Please login again."}
_UNSCOPED = "This token is not scoped for write access to leads. It needs the leads:write scope."


@pytest.fixture
async def api(switchboard: Switchboard, shop: Shop) -> AsyncIterator[Api]:
    made = api_on(switchboard.url, shop)
    yield made
    await made.aclose()
    assert shop.broken_rules == []


def refused(status: int, body: Any = None, **headers: str) -> Failed:
    """Return what an answer means to the HTTP room; without a body it is a page of HTML."""
    raw = b"<!doctype html><h1>Server Error (500)</h1>" if body is None else json.dumps(body).encode()
    heard = Heard(status, {**(_HTML if body is None else _JSON), **headers}, raw, _PLACE)
    with pytest.raises(Failed) as caught:
        judge(heard, manners=BOTTLE)
    return caught.value


# What a status means


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"error": True, "errors": {"probability": ["Too much."], "close_date": ["Wrong format."]}},
            ("probability: Too much.", "close_date: Wrong format."),
        ),
        (
            {"error": True, "errors": {"custom_fields": {"triage_reason": "must be one of ['a']"}}},
            ("triage_reason: must be one of ['a']",),
        ),
        ({"error": True, "errors": "Something is off."}, ("Something is off.",)),
        ({"assigned_to": ["'nope' is not a valid id."]}, ("assigned_to: 'nope' is not a valid id.",)),
        ({"detail": "JSON parse error - Expecting value."}, ("JSON parse error - Expecting value.",)),
    ],
)
def test_a_refusal_says_its_words_in_each_of_their_shapes(body: Any, words: tuple[str, ...]) -> None:
    failed = refused(400, body)
    assert isinstance(failed.error, BottleRefused)
    assert failed.error.words == words
    assert failed.error_of_write is failed.error, "certainly nothing was changed"


@pytest.mark.parametrize(
    "body", [None, [], {}, {"error": True}, {"errors": [7, None]}, {"a": {"b": {"c": {"d": {}}}}}]
)
def test_a_400_without_words_is_an_answer_of_another_kind(body: Any) -> None:
    failed = refused(400, body)
    assert isinstance(failed.error, BadAnswer)
    assert not isinstance(failed.error, BottleRefused)
    assert not failed.reached


def test_words_of_a_crm_are_cleaned_and_bounded() -> None:
    failed = refused(400, {"errors": {"\x1b[31mname": ["\x1b[31m[red]" + "x" * 9_000, *["more"] * 99]}})
    assert isinstance(failed.error, BottleRefused)
    assert len(failed.error.words) <= 10
    assert "\x1b" not in "".join(failed.error.words) + failed.error.message
    assert len(failed.error.message) < 500


def test_a_credential_that_has_ended_is_answered_with_403_and_is_not_signed_in() -> None:
    failed = refused(403, _NOBODY)
    assert isinstance(failed.error, NotSignedIn)
    assert not failed.reached
    assert "API tokens" in failed.error.hint, "where to make another one"


def test_a_scope_that_is_missing_is_named() -> None:
    failed = refused(403, {"detail": _UNSCOPED})
    assert isinstance(failed.error, NotPermitted)
    assert "leads:write" in failed.error.message
    assert "triage login" in failed.error.hint


@pytest.mark.parametrize("body", [{"error": True, "errors": "Permission Denied"}, {"detail": "No."}, None])
def test_any_other_403_is_not_permitted(body: Any) -> None:
    failed = refused(403, body)
    assert isinstance(failed.error, NotPermitted)
    assert not failed.reached


def test_no_such_record_is_told_from_a_page_that_is_not_there() -> None:
    gone, page = refused(404, {"detail": "No Lead matches the given query."}), refused(404)
    assert isinstance(gone.error, NotThere)
    assert not isinstance(page.error, NotThere)
    assert isinstance(page.error, BadAnswer)
    assert not gone.reached
    assert not page.reached


def test_a_page_of_html_with_a_500_may_come_after_the_effect_and_is_not_shown() -> None:
    failed = refused(500)
    assert isinstance(failed.error, Unreachable)
    assert isinstance(failed.error_of_write, AnswerLost)
    assert "Server Error" not in failed.error.message


def test_a_pause_is_as_long_as_it_is_asked_for() -> None:
    failed = refused(429, {"detail": "Request was throttled."}, **{"retry-after": "59"})
    assert isinstance(failed.error, RateLimited)
    assert failed.error.retry_after == 59
    assert not failed.reached


def test_a_way_to_another_address_is_not_followed() -> None:
    assert isinstance(refused(301, None, location="/api/leads/").error, BadAnswer)


# Requests


async def test_every_path_ends_with_a_slash_and_has_no_other_slash_of_an_id(api: Api, shop: Shop) -> None:
    await api.get("/api/profile")
    await api.patch(lead_path(shop.lead_ids[0])[:-1], {"job_title": "CTO"})
    assert shop.requests == ["GET /api/profile/", f"PATCH /api/leads/{shop.lead_ids[0]}/"]
    assert lead_path("../custom-fields") == "/api/leads/..%2Fcustom-fields/"


async def test_a_lead_that_another_has_is_not_there(api: Api, shop: Shop) -> None:
    with pytest.raises(NotThere):
        await api.detail(shop.other_lead_ids[0])


async def test_a_comment_comes_back_with_the_lead_and_all_others(api: Api, shop: Shop) -> None:
    body = await api.comment(shop.lead_ids[0], "Rejected.")
    assert [one["comment"] for one in body["comments"]] == ["Rejected."]
    assert body["lead_obj"]["id"] == shop.lead_ids[0]


async def test_a_write_is_sent_once_and_a_lost_answer_is_said(api: Api, shop: Shop) -> None:
    shop.strike("500-after")
    with pytest.raises(AnswerLost):
        await api.patch(lead_path(shop.lead_ids[0]), {"status": "recycled"})
    assert shop.count("PATCH") == 1
    assert shop.standing(shop.lead_ids[0]).status == "recycled"


async def test_no_more_requests_begin_than_a_small_machine_takes(
    switchboard: Switchboard, shop: Shop
) -> None:
    tempo = FastTempo()
    api = api_on(switchboard.url, shop, tempo=tempo)
    for _ in range(31):
        await api.get("/api/profile/")
    assert round(tempo.seconds - 1_000_000, 3) == 1.0, "the 31st in the next second"
    await api.aclose()


# The list


async def ids_of(api: Api, **params: str) -> list[str]:
    """Return the ids of a list in the order in which they come."""
    return [row["id"] async for page in api.leads(params) for row in (*page.open, *page.closed)]


@pytest.mark.parametrize("size", [2, 3, 6, 11, 12, 13, 100])
@pytest.mark.parametrize("closed", [0, 1, 5, 12])
async def test_pages_of_any_size_give_each_lead_once(
    switchboard: Switchboard, shop: Shop, size: int, closed: int
) -> None:
    for lead_id in shop.lead_ids[:closed]:
        shop.restatus(lead_id, "closed")
    api = api_on(switchboard.url, shop, page=size)
    assert sorted(await ids_of(api)) == sorted(shop.lead_ids)
    assert shop.broken_rules == []
    await api.aclose()


async def test_five_hundred_leads_are_two_requests(switchboard: Switchboard) -> None:
    shop = Shop(FastTempo(), leads=504)
    switchboard.app = app(shop)
    api = api_on(switchboard.url, shop)
    assert len(await ids_of(api, assigned_to=shop.me, open="true")) == 504
    assert shop.requests == ["GET /api/leads/"] * 2
    await api.aclose()


@pytest.mark.parametrize("size", [2, 3, 5, 11])
@pytest.mark.parametrize("deleted", [1, 2, 4, 9])
async def test_leads_that_go_while_a_list_is_read_make_none_be_skipped(
    switchboard: Switchboard, shop: Shop, size: int, deleted: int
) -> None:
    api = api_on(switchboard.url, shop, page=size)
    ids = sorted(shop.lead_ids, reverse=True)
    found: list[str] = []
    async for page in api.leads():
        found += [row["id"] for row in page.open]
        for lead_id in found[:deleted]:
            shop.delete(lead_id)
    assert found == ids, "each once, in order; those that went had been given"
    await api.aclose()


@pytest.mark.parametrize("size", [3, 5, 11])
async def test_leads_that_come_while_a_list_is_read_make_none_come_twice(
    switchboard: Switchboard, shop: Shop, size: int
) -> None:
    api = api_on(switchboard.url, shop, page=size)
    before, found = set(shop.lead_ids), []
    for _ in range(3):
        before.add(shop.add_lead())
    async for page in api.leads():
        found += [row["id"] for row in page.open]
        if len(shop.state.leads) < 40:
            shop.add_lead()
    assert len(found) == len(set(found))
    assert before <= set(found)
    await api.aclose()


async def test_a_closed_lead_that_goes_makes_no_other_closed_one_be_skipped(
    switchboard: Switchboard, shop: Shop
) -> None:
    for lead_id in shop.lead_ids[:7]:
        shop.restatus(lead_id, "closed")
    api = api_on(switchboard.url, shop, page=3)
    found: list[str] = []
    async for page in api.leads():
        found += [row["id"] for row in (*page.open, *page.closed)]
        for row in page.closed[:2]:
            shop.delete(row["id"])
    assert sorted(found) == sorted(shop.lead_ids)
    await api.aclose()


async def test_a_list_that_never_ends_is_an_error(switchboard: Switchboard, shop: Shop) -> None:
    class WithoutAnOffset(Api):
        async def get(self, path: str, params: Any = None, **more: Any) -> dict[str, Any]:
            known = {name: value for name, value in (params or {}).items() if name != "offset"}
            return await super().get(path, known, **more)

    api = WithoutAnOffset(switchboard.url, shop.token, page=5, tempo=FastTempo())
    with pytest.raises(BadAnswer, match="moves on"):
        await ids_of(api)
    assert shop.count("GET") < 20
    await api.aclose()


async def test_a_list_in_another_order_is_read_at_once(switchboard: Switchboard, shop: Shop) -> None:
    """`unanswered` gives the longest wait first."""
    api = api_on(switchboard.url, shop, page=5)
    assert sorted(await ids_of(api, unanswered="true")) == sorted(shop.lead_ids)
    assert shop.count("GET") == 2
    await api.aclose()


class _Odd(Api):
    body: Any = None

    async def get(self, *_args: object, **_more: object) -> dict[str, Any]:
        answer: dict[str, Any] = self.body
        return answer


@pytest.mark.parametrize(
    "body",
    [
        {"open_leads": {"open_leads": None}, "close_leads": {"close_leads": []}},
        {"open_leads": [], "close_leads": {"close_leads": []}},
        {"open_leads": {"open_leads": []}, "close_leads": "none"},
    ],
)
async def test_a_list_of_another_shape_is_an_error_and_not_an_empty_list(body: Any) -> None:
    api = _Odd("https://api.example.com", "bcrm_pat_x")
    api.body = body
    with pytest.raises(BadAnswer, match="shape"):
        await ids_of(api)


# The account


async def test_who_the_token_belongs_to_is_a_profile(api: Api, shop: Shop) -> None:
    me = await Account(api).me()
    assert (me.user_id, me.name, me.role) == (shop.me, "rep", "rep")
    assert me.account_id == shop.me
    assert me.account_name


async def test_a_token_without_the_scopes_that_help_does_with_less(
    switchboard: Switchboard, shop: Shop
) -> None:
    api = api_on(switchboard.url, shop, shop.scoped("leads:read", "profile:read"))
    account = Account(api)
    assert (await account.me()).account_name == ""
    assert await account.has("triage_log", "triage_decision"), "a lead shows them too"
    assert shop.me in [person.user_id for person in await account.people()]
    await api.aclose()


async def test_a_token_that_may_not_say_whose_it_is_names_the_scope(
    switchboard: Switchboard, shop: Shop
) -> None:
    api = api_on(switchboard.url, shop, shop.scoped("leads:read"))
    with pytest.raises(NotPermitted, match="profile:read"):
        await Account(api).me()
    await api.aclose()


async def test_a_revoked_token_is_not_signed_in(api: Api, shop: Shop) -> None:
    shop.revoke(shop.token)
    with pytest.raises(NotSignedIn):
        await Account(api).me()


async def test_what_an_account_is_is_asked_once_and_after_a_setup_again(api: Api, shop: Shop) -> None:
    account = Account(api)
    assert await account.has("triage_log")
    shop.drop_field("triage_log")
    assert await account.has("triage_log")
    account.forget_definitions()
    assert not await account.has("triage_log")
    assert (await account.definitions())["triage_decision"].options[0] == "accepted"


async def test_an_error_is_not_kept(api: Api, shop: Shop) -> None:
    account = Account(api)
    shop.down = True
    with pytest.raises(Unreachable):
        await account.people()
    shop.down = False
    assert await account.people()
