"""Calls on both interfaces: which one, at what pace, and what an error means in plain words."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from tests.odoo.conftest import Switchboard
from tests.odoo.reading import Reader, reading
from tests.odoo.server import Odoo
from tests.tempo import FastTempo
from triage.clock import utc_now
from triage.crm.answer import Heard
from triage.crm.odoo.account import Account
from triage.crm.odoo.api import Api, NotThere, OdooRefused, rows_of
from triage.crm.odoo.manners import failure, failure_in, name_of, words_of
from triage.errors import (
    AnswerLost,
    BadAnswer,
    CrmError,
    NotPermitted,
    NotSignedIn,
    RateLimited,
    Unreachable,
)

VERSIONS = ("19.0", "17.0")
KEYS_END_SINCE = 18
TRACEBACK = 'Traceback (most recent call last):\n  File "/opt/odoo/http.py", line 1, in secret\n'


@pytest.fixture(params=VERSIONS)
def odoo(request: pytest.FixtureRequest, switchboard: Switchboard) -> Odoo:
    """A database of a version with JSON-2, and of one without."""
    return switchboard.plug(Odoo(FastTempo(), request.param))


@pytest.fixture
async def reader(switchboard: Switchboard, odoo: Odoo) -> AsyncIterator[Reader]:
    async with reading(switchboard.url, odoo) as found:
        yield found
    assert odoo.broken_rules == []


class _Held:
    """An Odoo that says 1 to every call, when it is let; it keeps what it was asked."""

    def __init__(self, version: str = "19.0") -> None:
        self.came, self.free = threading.Event(), threading.Event()
        self.bodies: list[dict[str, Any]] = []
        self.most_at_once = self._now = 0
        self._info = [int(version.partition(".")[0]), 0, 0, "final", 0, ""]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.url.path == "/web/version":
            status = 200 if self._info[0] >= 19 else 404
            await JSONResponse({"version_info": self._info}, status)(scope, receive, send)
            return
        body = {"path": request.url.path, **json.loads(await request.body())}
        if body.get("params", {}).get("method") != "version":
            await self._hold(body)
        told: Any = 1
        if body["path"] == "/jsonrpc":
            is_version = body["params"]["method"] == "version"
            told = {"jsonrpc": "2.0", "result": {"server_version_info": self._info} if is_version else 1}
        await JSONResponse(told)(scope, receive, send)

    async def _hold(self, body: dict[str, Any]) -> None:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        self.bodies.append(body)
        self.came.set()
        await asyncio.to_thread(self.free.wait, 20)
        self._now -= 1


def _lead(odoo: Odoo) -> int:
    return odoo.lead_ids[0]


async def test_the_interface_is_chosen_by_the_version(reader: Reader, odoo: Odoo) -> None:
    version = await reader.api.version()
    assert (version.text, version.transport) == (
        odoo.state.version,
        "JSON-2" if odoo.state.major >= 19 else "/jsonrpc",
    )


async def test_a_call_gives_the_bare_result_whatever_it_is(reader: Reader, odoo: Odoo) -> None:
    api = reader.api
    assert await api.uid() == odoo.me
    assert await api.call("crm.lead", "search_count", domain=[["user_id", "=", odoo.me]]) == len(
        odoo.lead_ids
    )
    assert await api.call("crm.lead", "write", [_lead(odoo)], write=True, vals={"city": "Oslo"}) is True
    (row,) = await api.call("crm.lead", "read", [_lead(odoo)], fields=["city"])
    assert row == {"id": _lead(odoo), "city": "Oslo"}


async def test_fields_that_are_not_there_are_not_asked_for(reader: Reader, odoo: Odoo) -> None:
    odoo.without("function")
    rows = await reader.api.search_read("crm.lead", [["id", "=", _lead(odoo)]], ["function", "city", "city"])
    assert set(rows[0]) == {"id", "city"}


async def test_a_model_that_is_not_installed_has_no_fields_and_no_rows(reader: Reader, odoo: Odoo) -> None:
    odoo.uninstall("mailing.trace")
    assert await reader.api.fields("mailing.trace") == {}
    assert await reader.api.search_read("mailing.trace", [], ["res_id"]) == []


async def test_a_model_that_is_not_for_this_user_has_none_either(reader: Reader, odoo: Odoo) -> None:
    odoo.forbid("mailing.trace", "fields_get")
    assert await reader.api.fields("mailing.trace") == {}


async def test_fields_are_asked_for_once_and_again_when_some_were_made(reader: Reader, odoo: Odoo) -> None:
    for _ in range(2):
        await reader.api.fields("crm.tag")
    assert odoo.count("crm.tag.fields_get") == 1
    reader.api.forget_fields("crm.tag")
    await reader.api.fields("crm.tag")
    assert odoo.count("crm.tag.fields_get") == 2


async def test_an_error_is_not_kept_for_an_answer(reader: Reader, odoo: Odoo) -> None:
    odoo.down = True
    with pytest.raises(Unreachable):
        await reader.api.version()
    odoo.down = False
    assert (await reader.api.version()).major == odoo.state.major


async def test_calls_that_come_together_go_one_by_one_and_apart(reader: Reader, odoo: Odoo) -> None:
    count = reader.api.call
    await asyncio.gather(*(count("crm.lead", "search_count", domain=[]) for _ in range(8)))
    assert odoo.broken_rules == []


async def test_a_call_that_nobody_waits_for_keeps_its_turn(switchboard: Switchboard) -> None:
    held = switchboard.app = _Held()  # type: ignore[assignment]  # an application like the stand-in's
    api = Api(switchboard.url, "a-key", tempo=FastTempo())
    first = asyncio.ensure_future(api.call("crm.lead", "search_count", domain=[]))
    await asyncio.to_thread(held.came.wait, 20)
    first.cancel()
    second = asyncio.ensure_future(api.call("crm.lead", "search_count", domain=[]))
    given_up = asyncio.ensure_future(api.call("crm.lead", "unlink", [1], write=True))
    await asyncio.wait([first, second], timeout=0.05)
    given_up.cancel()
    held.free.set()
    assert await second == 1
    assert await api.call("crm.lead", "search_count", domain=[]) == 1
    await api.aclose()
    assert held.most_at_once == 1
    assert "/json/2/crm.lead/unlink" not in [body["path"] for body in held.bodies]


async def test_a_wrong_key_is_not_signed_in_and_is_not_repeated(switchboard: Switchboard, odoo: Odoo) -> None:
    key = "a-key-that-no-odoo-has-given"
    async with reading(switchboard.url, odoo, key=key) as reader:
        with pytest.raises(NotSignedIn) as caught:
            await reader.account.me()
    assert key not in f"{caught.value} {caught.value.hint}"
    assert caught.value.hint


async def test_a_key_that_ended_is_not_signed_in(reader: Reader, odoo: Odoo) -> None:
    await reader.account.me()
    odoo.expire_key()
    with pytest.raises(NotSignedIn) as caught:
        await reader.api.call("crm.lead", "search_count", domain=[])
    assert "key" in caught.value.message


async def test_what_a_user_may_not_is_not_permitted_in_odoos_words(reader: Reader, odoo: Odoo) -> None:
    odoo.forbid("crm.lead", "search_count")
    with pytest.raises(NotPermitted):
        await reader.api.call("crm.lead", "search_count", domain=[])


async def test_a_record_that_rules_hide_is_not_permitted(reader: Reader, odoo: Odoo) -> None:
    with pytest.raises(NotPermitted):
        await reader.api.call("crm.lead", "read", [odoo.other_lead_ids[0]], fields=["name"])


async def test_a_record_that_is_gone_is_missing(reader: Reader, odoo: Odoo) -> None:
    odoo.delete(_lead(odoo))
    with pytest.raises(OdooRefused) as caught:
        await reader.api.call("crm.lead", "write", [_lead(odoo)], write=True, vals={"city": "Oslo"})
    assert caught.value.is_missing


async def test_a_refusal_has_odoos_name_and_words_and_no_traceback(reader: Reader, odoo: Odoo) -> None:
    odoo.win(_lead(odoo))
    with pytest.raises(OdooRefused) as caught:
        await reader.api.call("crm.lead", "action_set_lost", [_lead(odoo)], write=True)
    assert caught.value.name == "odoo.exceptions.ValidationError"
    assert "lost" in caught.value.words
    assert "Traceback" not in f"{caught.value} {caught.value.hint}"


async def test_a_method_that_is_not_there_is_said_to_be_not_there(reader: Reader) -> None:
    with pytest.raises(NotThere):
        await reader.api.call("crm.lead", "no_such_method", [1])


async def test_a_read_that_the_server_cannot_do_is_an_error_without_its_traceback(reader: Reader) -> None:
    with pytest.raises(BadAnswer) as caught:
        await reader.api.call("crm.lead", "search_count", domain=[["no_such_field", "=", 1]])
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("drop-before", AnswerLost),
        ("drop-after", AnswerLost),
        ("500", AnswerLost),
        ("503", AnswerLost),
        ("429", RateLimited),
        ("401", NotSignedIn),
        ("409", Unreachable),
    ],
)
async def test_a_write_that_fails_says_whether_it_may_have_taken_effect(
    reader: Reader, odoo: Odoo, fault: str, error: type[CrmError]
) -> None:
    await reader.api.uid()
    odoo.strike(fault)
    with pytest.raises(error) as caught:
        await reader.api.call("crm.lead", "write", [_lead(odoo)], write=True, vals={"city": "Oslo"})
    assert isinstance(caught.value, AnswerLost) is (error is AnswerLost)
    assert odoo.count("crm.lead.write") == 1


async def test_a_read_is_tried_again(reader: Reader, odoo: Odoo) -> None:
    await reader.api.uid()
    odoo.strike_reads("drop-before")
    assert await reader.api.call("crm.lead", "search_count", domain=[]) > 0
    odoo.broken_rules.clear()  # the second try comes by the room's own backoff, which takes no time in a test


async def test_who_one_is_has_the_end_of_the_key(reader: Reader, odoo: Odoo) -> None:
    rep = await reader.account.me()
    assert (rep.user_id, rep.name, rep.time_zone) == (str(odoo.me), "Rhea Rep", "Europe/Berlin")
    assert rep.account_id.endswith(f"/{odoo.database}")
    version = (await reader.api.version()).major
    assert (rep.access_ends is not None) is (version >= KEYS_END_SINCE)
    assert odoo.count("res.users.apikeys") == (version >= KEYS_END_SINCE)


async def test_a_queue_stays_its_owners_when_the_user_is_put_into_another_company(
    reader: Reader, odoo: Odoo
) -> None:
    async def account_id() -> str:
        return (await Account(reader.api, "https://odoo.example").me()).account_id

    before = await account_id()
    company = odoo.ask_of("res.company", name="Another Company")
    odoo.state.tables.models["res.users"].rows[odoo.me]["company_id"] = company
    assert await account_id() == before == "odoo.example"


async def test_the_end_of_a_key_that_was_replaced_is_forgotten(switchboard: Switchboard, odoo: Odoo) -> None:
    async with reading(switchboard.url, odoo, key_ends="2020-02-03") as reader:
        ends, version = (await reader.account.me()).access_ends, await reader.api.version()
    assert ends is None if version.major < KEYS_END_SINCE else ends > utc_now()


async def test_the_end_that_the_profile_remembers_goes_before(switchboard: Switchboard, odoo: Odoo) -> None:
    async with reading(switchboard.url, odoo, key_ends="2027-02-03") as reader:
        ends = (await reader.account.me()).access_ends
    assert ends is not None
    assert ends.date().isoformat() == "2027-02-03"
    assert odoo.count("res.users.apikeys") == 0


async def test_people_are_users_and_teams_and_no_customers_of_a_portal(reader: Reader, odoo: Odoo) -> None:
    odoo.ask_of("res.users", name="A Customer", login="c@customers.example", share=True, active=True)
    people = await reader.account.people()
    assert {person.kind for person in people} == {"user", "queue"}
    assert "A Customer" not in [person.name for person in people]
    assert len({person.user_id for person in people}) == len(people)


@pytest.mark.parametrize("uses", [True, False])
async def test_what_a_lead_is_follows_the_feature_of_the_database(
    switchboard: Switchboard, uses: bool
) -> None:
    odoo = switchboard.plug(Odoo(FastTempo(), use_leads=uses))
    async with reading(switchboard.url, odoo) as reader:
        assert await reader.account.kind() == ("lead" if uses else "opportunity")


async def test_where_nobody_says_whether_leads_are_used_they_are_counted(reader: Reader, odoo: Odoo) -> None:
    odoo.forbid("res.users", "has_group")
    assert await reader.account.kind() == "lead"


async def test_lost_reasons_are_found_by_the_profiles_word_or_the_label(reader: Reader, odoo: Odoo) -> None:
    odoo.add_reason("No budget")
    reasons = {name: one for one, name in (await reader.account.lost_reasons()).items()}
    assert await reader.account.lost_reason("reject", "NO_BUDGET", "no Budget ") == reasons["No budget"]
    assert await reader.account.lost_reason("reject", "OTHER", "Nothing like it") is None
    assert await reader.account.lost_reason("reject", "OTHER") is None


# Older versions


async def test_an_older_odoo_wants_the_database_and_the_login(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo(FastTempo(), "17.0"))
    api = Api(switchboard.url, odoo.key, tempo=odoo.tempo)
    with pytest.raises(NotSignedIn) as caught:
        await api.uid()
    assert "database" in caught.value.hint
    await api.aclose()


async def test_a_database_that_there_is_not_is_said_without_a_traceback(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo(FastTempo(), "17.0"))
    api = Api(switchboard.url, odoo.key, database="another", login=odoo.login, tempo=odoo.tempo)
    with pytest.raises(NotSignedIn) as caught:
        await api.uid()
    assert "another" in caught.value.message
    assert "Traceback" not in caught.value.message
    await api.aclose()


async def test_before_17_html_goes_without_a_word_about_it(switchboard: Switchboard) -> None:
    held = switchboard.app = _Held("16.0")  # type: ignore[assignment]  # an application like the stand-in's
    held.free.set()
    api = Api(switchboard.url, "a-key", database="db", login="rep", tempo=FastTempo())
    await api.call("crm.lead", "message_post", [7], write=True, body="<p>a</p>", body_is_html=True)
    await api.aclose()
    args = held.bodies[-1]["params"]["args"]
    assert args[3:] == ["crm.lead", "message_post", [[7]], {"body": "<p>a</p>"}]


async def test_a_host_with_several_databases_is_told_which(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo(FastTempo()))
    odoo.state.many_databases = True
    async with reading(switchboard.url, odoo) as reader:
        assert await reader.api.uid() == odoo.me


async def test_early_builds_of_19_answer_with_a_bare_text(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo(FastTempo()))
    odoo.state.early = True
    async with reading(switchboard.url, odoo, key="no-key-of-this-one") as reader:
        with pytest.raises(NotSignedIn):
            await reader.api.uid()
    async with reading(switchboard.url, odoo) as reader:
        with pytest.raises(CrmError):
            await reader.api.call("no.such.model", "read", [1])


# Errors as values


def _heard(status: int, raw: bytes) -> Heard:
    return Heard(status, {"content-type": "application/json"}, raw, "The CRM")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Invalid apikey", "Invalid apikey"),
        ({"name": "odoo.exceptions.UserError", "message": "No.", "debug": TRACEBACK}, "No."),
        ({"message": TRACEBACK + "secret"}, ""),
        ({"message": "Broken. " + TRACEBACK}, "Broken."),
        ({"message": "", "arguments": ["Said here."]}, "Said here."),
        ({"data": {"message": "Inside."}, "message": "Odoo Server Error"}, "Inside."),
        ({"message": 7, "arguments": [8]}, ""),
        ([1, 2], ""),
        (None, ""),
    ],
)
def test_words_are_what_an_error_says_and_never_a_traceback(body: Any, words: str) -> None:
    assert words_of(body) == words


def test_words_are_cleaned() -> None:
    assert "\x1b" not in words_of({"message": "\x1b[31mred\x1b[0m"})


@pytest.mark.parametrize(
    "judge", [lambda: failure(_heard(500, b"{}")), lambda: failure(_heard(404, b"<html>"))]
)
def test_what_is_no_error_of_odoos_is_what_its_status_says(judge: Callable[[], object]) -> None:
    assert judge() is None


def test_an_error_that_is_not_odoos_own_may_come_after_the_effect() -> None:
    odd = failure_in({"data": {"name": "psycopg2.OperationalError", "message": "gone"}}, "Odoo")
    assert isinstance(odd.error_of_write, AnswerLost)
    sure = failure_in({"data": {"name": "odoo.exceptions.UserError", "message": "no"}}, "Odoo")
    assert isinstance(sure.error_of_write, OdooRefused)


@pytest.mark.parametrize(
    "error", [{"code": 100, "message": "Session expired"}, {"data": {"name": "x.AccessDenied"}}]
)
def test_a_session_that_ended_is_not_signed_in(error: dict[str, Any]) -> None:
    assert isinstance(failure_in(error, "Odoo").error, NotSignedIn)


@pytest.mark.parametrize("error", [7, "text", [], {"data": 7}, {"data": {"name": 7}}, {"code": True}])
def test_an_error_of_any_shape_is_an_error(error: object) -> None:
    assert isinstance(failure_in(error, "Odoo").error, CrmError)
    assert name_of(error) == ""


@pytest.mark.parametrize("answer", [{}, None, 7, "text"])
def test_what_is_no_list_of_rows_is_a_bad_answer(answer: object) -> None:
    with pytest.raises(BadAnswer):
        rows_of(answer)


def test_rows_without_an_id_are_left_out() -> None:
    assert rows_of([{"id": 1}, {"id": True}, {"id": "2"}, {}, 3]) == [{"id": 1}]
