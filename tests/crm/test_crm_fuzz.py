"""What a CRM sends in headers, errors and cursors, at random: read within its bounds, and never an exception."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.crm.test_rest_delivery import crm_with
from triage.crm.answer import Answer, Failed, Heard, judge, words_of
from triage.crm.limits import LONGEST_PAUSE, encode, http_date, pause
from triage.errors import BadAnswer, CrmError
from triage.text import is_altered

QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LONG = settings(QUICK, max_examples=10_000)
LONG_SLOW = settings(QUICK, max_examples=500)

numbers = st.from_regex(r"[+-]?[0-9]{0,9}[.,]?[0-9]{0,9}([eE][+-]?[0-9]{1,3})?", fullmatch=True)
dates = st.datetimes().map(lambda moment: f"{moment:%a, %d %b} {moment.year:04} {moment:%H:%M:%S} GMT")
headers = st.none() | numbers | dates | st.text(max_size=60) | st.just("\ud800") | st.just("9" * 5_000)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=400) | st.just("\x1b]52;c;\x07\u202e\ud800"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "message", "code", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
statuses = st.integers(100, 999)


def a_pause_is_bounded(retry_after: str | None, date: str | None) -> None:
    seconds = pause(retry_after, date)
    assert seconds is None or 0 <= seconds <= LONGEST_PAUSE
    moment = http_date(date or "")
    assert moment is None or moment.tzinfo is not None


@QUICK
@given(headers, headers)
@example("Fri, 31 Dec 9999 23:59:59 -2359", "Sat, 01 Jan 0001 00:00:00 +2359")
def test_any_retry_after_is_a_pause_within_its_bounds_or_none(retry_after, date):
    a_pause_is_bounded(retry_after, date)


@pytest.mark.soak
@LONG
@given(headers, headers)
def test_any_retry_after_is_a_pause_within_its_bounds_in_the_long_run(retry_after, date):
    a_pause_is_bounded(retry_after, date)


def an_answer_is_judged(status: int, value: Any, retry_after: str | None, kind: str) -> None:
    """Hold that any answer is an answer or one of our errors, in words that a terminal may be given."""
    given_headers = {"content-type": kind} | ({"retry-after": retry_after} if retry_after is not None else {})
    heard = Heard(status, given_headers, encode(value), "The CRM at https://crm.example")
    judged = judgement(heard)
    if isinstance(judged, Failed):
        assert isinstance(judged.error, CrmError)
        assert isinstance(judged.error_of_write, CrmError)
        assert not is_altered(judged.error.message), "cleaned"
        assert len(judged.error.message) < 600
    else:
        assert judged.status in (200, 201, 207, 404)
        assert isinstance(judged.body, dict)
    assert not is_altered(words_of(value))


def judgement(heard: Heard) -> Answer | Failed:
    try:
        return judge(heard, expect=("x",), also=(404,))
    except Failed as failed:
        return failed


kinds = st.sampled_from(
    ["application/json", "application/problem+json; charset=utf-8", "text/html", "", "\ud800"]
)


@QUICK
@given(statuses, json_values, headers, kinds)
def test_any_answer_is_an_answer_or_an_error_of_ours_in_clean_words(status, value, retry_after, kind):
    an_answer_is_judged(status, value, retry_after, kind)


@pytest.mark.soak
@LONG
@given(statuses, json_values, headers, kinds)
def test_any_answer_is_an_answer_or_an_error_of_ours_in_the_long_run(status, value, retry_after, kind):
    an_answer_is_judged(status, value, retry_after, kind)


cursors = st.text(max_size=60) | st.sampled_from(
    ["\ud800", "x" * 1_001, "&cursor=y#?", "%00", "\x00", " ", ""]
)


def a_cursor_comes_back_as_it_went_or_is_refused(cursor: Any) -> None:
    """Hold that a cursor the adapter gives on is one that the CRM gets back unchanged."""
    back: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        given_back = request.url.params.get("cursor")
        if given_back is not None:
            back.append(given_back)
        body = encode({"items": [], "gone": [], "next_cursor": cursor, "more": False})
        return httpx.Response(200, content=body, headers={"Content-Type": "application/json"})

    async def fetch_twice() -> None:
        crm = crm_with(handle)
        first = []
        with contextlib.suppress(BadAnswer):
            first = [page async for page in crm.fetch(None)]
        if first:  # it was given on: then it must serve
            assert [page.cursor for page in first] == [cursor]
            assert [page async for page in crm.fetch(cursor)] == first
        assert back == ([cursor] if first and cursor else [])
        await crm.aclose()

    asyncio.run(fetch_twice())


@settings(QUICK, max_examples=40)
@given(cursors | json_values)
@example("\ud800")
@example("a+b c&d=e")
def test_a_cursor_comes_back_to_the_crm_as_it_went_or_is_refused_at_once(cursor):
    a_cursor_comes_back_as_it_went_or_is_refused(cursor)


@pytest.mark.soak
@LONG_SLOW
@given(cursors | json_values)
def test_a_cursor_comes_back_to_the_crm_as_it_went_in_the_long_run(cursor):
    a_cursor_comes_back_as_it_went_or_is_refused(cursor)
