"""Leads read straight from JSON are what the reader of single fields makes of them, whatever the CRM sends."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import Raw

from tests.crm.contract_sample import full_lead, paths_of, replaced
from triage.crm.answer import Answer
from triage.crm.limits import decode
from triage.crm.rest import adapter, fetching, lead_pages
from triage.crm.rest.lead_pages import decode_page, lead_at_once
from triage.crm.rest.leads import read_leads
from triage.domain.lead import Lead

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
LEAD = full_lead()
PATHS = tuple(paths_of(LEAD))
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LONG = settings(QUICK, max_examples=10_000)

moments = st.sampled_from(
    [
        "2026-11-21T10:00:00Z",
        "2026-11-21T10:00:00.123Z",
        "2026-11-21T10:00:00.123456Z",
        "2026-11-21T12:00:00+02:00",
        "2026-11-21T10:00:00",
        "2026-11-21",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ]
)
numbers = st.integers() | st.floats() | st.sampled_from([2**53, 2**53 + 1, -(2**60), 10**30, 12.0, 10**400])
texts = st.text(max_size=20) | st.sampled_from(
    ['"x":null', ',"x":null,', '{"x":null}', "\ud800", "x" * 20_001, ""]
)
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts | moments,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
changes = st.lists(st.tuples(st.sampled_from(PATHS), anything), max_size=3)
spaces = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : ")])


def page_of(*leads: object, separators: tuple[str, str] = (",", ":"), plain: bool = True) -> bytes:
    page = {"items": leads, "next_cursor": "c", "more": False, "gone": ["L-9"]}
    return json.dumps(page, separators=separators, ensure_ascii=plain).encode(errors="surrogatepass")


def read_by(reader: Any, raw: bytes) -> object:
    """Return all that is made of a page; of broken JSON, that it is."""
    try:
        page = reader(raw)
        leads = read_leads(page.pop("items"), NOW)
    except ValueError:
        return "broken"
    return page, leads


def agrees(wrong: list[tuple[Any, Any]], separators: tuple[str, str], plain: bool) -> None:
    lead: Any = LEAD
    for path, value in wrong:
        try:
            lead = replaced(lead, path, value)
        except (LookupError, TypeError):
            continue  # an earlier change took the place away
    raw = page_of(lead, LEAD, separators=separators, plain=plain)
    assert read_by(decode_page, raw) == read_by(decode, raw)


@QUICK
@given(changes, spaces, st.booleans())
@example([(("facts", "employees"), None)], (" ,\n", " : "), False)
def test_whatever_a_lead_holds_it_is_read_as_field_by_field(wrong, separators, plain):
    agrees(wrong, separators, plain)


@pytest.mark.soak
@LONG
@given(changes, spaces, st.booleans())
def test_whatever_a_lead_holds_it_is_read_as_field_by_field_long(wrong, separators, plain):
    agrees(wrong, separators, plain)


def test_a_lead_as_the_contract_says_is_read_at_once_nulls_and_all():
    (raw,) = decode_page(page_of(dict.fromkeys(LEAD) | {"lead_id": "L-1"}))["items"]
    assert lead_at_once(raw, NOW) == Lead(lead_at_once(raw, NOW).lead_id, fetched_at=NOW)
    (raw,) = decode_page(page_of(LEAD))["items"]
    assert lead_at_once(raw, NOW) == read_leads([LEAD], NOW)[0][0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"lead_id": "x" * 129},
        {"lead_id": ""},
        {"employees": 2**53 + 1},
        {"facts": {"size": 2**60}},
        {"created_at": "2026-11-21T12:00:00+02:00"},
        {"created_at": "2026-11-21T12:00:00"},
        {"created_at": "2026-11-21T10:00:00.123456Z"},
        {"name": "x" * 20_001},
        {"asset": LEAD["asset"] | {"questions": [""] * 501}},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_would_be_cut_converted_or_left_out_is_read_field_by_field(wrong):
    assert lead_at_once(Raw(json.dumps(LEAD | wrong).encode()), NOW) is None


def test_the_law_notices_a_reader_without_bounds(monkeypatch):
    monkeypatch.setattr(lead_pages, "_is_within_bounds", lambda _lead: True)
    with pytest.raises(AssertionError):
        agrees([(("created_at",), "2026-11-21T12:00:00.123456+02:00")], (",", ":"), plain=True)


@pytest.mark.parametrize(
    "value", [b"", b"{", b"[]", b'{"items": 3}', b"\xff", b'{"items": [NaN]}', b"[" * 10_000]
)
def test_what_is_no_page_is_what_any_other_answer_would_be(value):
    def read(reader: Any) -> Any:
        try:
            return reader(value)
        except ValueError:
            return "broken"

    assert read(decode_page) == read(decode)


async def test_reading_a_page_hands_control_back_between_a_few_leads_and_the_next():
    items = decode_page(page_of(*[LEAD | {"lead_id": f"L-{number}"} for number in range(200)]))["items"]
    turns = 0

    async def screen() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    drawing = asyncio.ensure_future(screen())
    leads, unread = await fetching.read_in_turns(items, NOW)
    drawing.cancel()
    assert (len(leads), unread) == (200, {})
    assert turns >= 200 / fetching.AT_ONCE


async def test_the_next_page_is_on_its_way_before_this_one_is_read(monkeypatch):
    happened: list[str] = []

    async def get(_path: str, *, params: dict[str, str], **_more: object) -> Answer:
        for _ in range(3):  # as many turns as httpx takes to send a request on an open connection
            await asyncio.sleep(0)
        happened.append("sent")
        more = happened.count("sent") < 3
        return Answer(200, {"items": [], "next_cursor": str(len(happened)), "more": more, "gone": []})

    crm = adapter.RestCrm("http://127.0.0.1:9", "nobodys-token")
    monkeypatch.setattr(crm._api, "get", get)
    pages = crm.fetch(None)
    while await anext(pages, None) is not None:
        happened.append("read")
    assert happened == ["sent", "sent", "read", "sent", "read", "read"]
