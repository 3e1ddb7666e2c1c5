"""Fetches: all by pages, then what changed, and what is gone though nothing says so; good after every page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.odoo.conftest import Switchboard
from tests.odoo.reading import Reader, reading
from tests.odoo.server import Odoo
from tests.tempo import FastTempo
from triage.clock import utc_now
from triage.crm.odoo.reading import fetching
from triage.crm.odoo.reading.cursor import OVERLAP, Place, mark_of, packed, read_place, unpacked
from triage.crm.port import LeadPage
from triage.errors import NotPermitted, StaleCursor

AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
MANY = 25


@pytest.fixture
async def reader(switchboard: Switchboard, odoo: Odoo) -> AsyncIterator[Reader]:
    async with reading(switchboard.url, odoo) as found:
        yield found
    assert odoo.broken_rules == []


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PAGE", 10)


def _ids(pages: Iterable[LeadPage]) -> list[str]:
    return [lead.lead_id for page in pages for lead in page.leads]


def _gone(pages: Iterable[LeadPage]) -> list[str]:
    return [lead_id for page in pages for lead_id in page.gone]


def _texts(ids: Iterable[int]) -> list[str]:
    return [str(one) for one in ids]


def _place(cursor: str) -> Place:
    return msgspec.json.decode(cursor, type=Place)


async def _cursor(reader: Reader, cursor: str | None = None) -> str:
    return (await reader.pages(cursor))[-1].cursor


async def test_a_fetch_gives_the_reps_leads_once_and_nobody_elses(reader: Reader, odoo: Odoo) -> None:
    assert _ids(await reader.pages()) == _texts(odoo.lead_ids)


@pytest.mark.usefixtures("small_pages")
async def test_pages_go_by_ids_and_are_good_to_go_on_from(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo(FastTempo(), leads=MANY))
    async with reading(switchboard.url, odoo) as reader:
        first = await anext(reader.fetching.pages(None))
        odoo.retitle(odoo.lead_ids[0])
        rest = await reader.pages(first.cursor)
        assert _ids([first]) + _ids(rest) == _texts(odoo.lead_ids)
        assert _ids(await reader.pages(rest[-1].cursor)) == _texts(odoo.lead_ids[:1])


@pytest.mark.soak
async def test_many_leads_are_all_there_whatever_happens_between_pages(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo(FastTempo(), leads=1_500))
    kept = set(odoo.lead_ids)
    async with reading(switchboard.url, odoo) as reader:
        cursor, shown = None, set[str]()
        for step in range(40):
            async for page in reader.fetching.pages(cursor):
                cursor = page.cursor
                shown = (shown | set(_ids([page]))) - set(_gone([page]))
                gone = sorted(kept)[step * 7 % len(kept)]
                kept.discard(gone)
                (odoo.delete, odoo.reassign, odoo.archive)[step % 3](gone)
                if step % 5 == 0:
                    break  # the fetch breaks off here, and the next one goes on
        shown = (shown | set(_ids(pages := await reader.pages(cursor)))) - set(_gone(pages))
        assert shown == set(_texts(kept))


async def test_after_a_fetch_there_is_only_what_changed(reader: Reader, odoo: Odoo) -> None:
    cursor = await _cursor(reader)
    assert _ids(await reader.pages(cursor)) == []
    odoo.retitle(odoo.lead_ids[3])
    assert _ids(await reader.pages(cursor)) == _texts(odoo.lead_ids[3:4])
    later = await _cursor(reader, cursor)
    assert _ids(await reader.pages(later)) == []


async def test_two_changes_within_a_second_are_both_seen(reader: Reader, odoo: Odoo) -> None:
    odoo.retitle(odoo.lead_ids[0], "One")
    cursor = await _cursor(reader)
    odoo.row(odoo.lead_ids[0])["function"] = "Two"  # its write_date stands: the same second
    assert _ids(await reader.pages(cursor)) == _texts(odoo.lead_ids[:1])


async def test_a_change_that_was_seen_late_is_not_lost(reader: Reader, odoo: Odoo) -> None:
    """A long transaction carries the moment at which it began."""
    odoo.retitle(odoo.lead_ids[1])
    cursor = await _cursor(reader)
    row = odoo.row(odoo.lead_ids[0])
    row["function"], row["write_date"] = (
        "Late",
        odoo.row(odoo.lead_ids[1])["write_date"] - timedelta(minutes=1),
    )
    assert _ids(await reader.pages(cursor)) == _texts(odoo.lead_ids[:1])


async def test_what_was_seen_is_not_asked_for_again_and_again(reader: Reader, odoo: Odoo) -> None:
    cursor = await _cursor(reader)
    odoo.advance(120)
    odoo.retitle(odoo.lead_ids[0])
    written = odoo.row(odoo.lead_ids[0])["write_date"].replace(tzinfo=UTC, microsecond=0)
    assert _place(cursor).newest < written
    later = await _cursor(reader, cursor)
    assert (_place(later).newest, _place(later).since) == (written, written - OVERLAP)


async def test_a_lead_of_next_year_hides_no_change_of_today(reader: Reader, odoo: Odoo) -> None:
    cursor = await _cursor(reader)
    odoo.row(odoo.lead_ids[0])["write_date"] += timedelta(days=365)
    cursor = await _cursor(reader, cursor)
    odoo.advance(600)
    odoo.retitle(odoo.lead_ids[1])
    assert _texts(odoo.lead_ids[1:2])[0] in _ids(await reader.pages(cursor))


async def test_the_first_message_of_a_database_brings_its_lead_again(reader: Reader, odoo: Odoo) -> None:
    odoo.state.tables.models["mail.message"].rows.clear()
    cursor = await _cursor(reader)
    odoo.post(odoo.lead_ids[2], "<p>Called back.</p>", user=odoo.me)
    assert _ids(await reader.pages(cursor)) == _texts(odoo.lead_ids[2:3])


async def test_a_message_brings_its_lead_again(reader: Reader, odoo: Odoo) -> None:
    cursor = await _cursor(reader)
    odoo.post(odoo.lead_ids[2], "<p>Called back.</p>", user=odoo.me, kind="email_outgoing")
    odoo.post(odoo.other_lead_ids[0], "<p>Not ours.</p>")
    pages = await reader.pages(cursor)
    assert _ids(pages) == _texts(odoo.lead_ids[2:3])
    assert _ids(await reader.pages(pages[-1].cursor)) == []


async def test_what_is_taken_lost_deleted_or_merged_is_gone(reader: Reader, odoo: Odoo) -> None:
    cursor = await _cursor(reader)
    taken, lost, deleted, merged, target, recycled = odoo.lead_ids[:6]
    odoo.reassign(taken)
    odoo.archive(lost)
    odoo.delete(deleted)
    odoo.delete(merged, into=target)
    odoo.reassign(recycled, 0)
    pages = await reader.pages(cursor)
    assert sorted(_gone(pages)) == _texts(sorted([taken, lost, deleted, merged, recycled]))
    assert not set(_gone(pages)) & set(_ids(pages))
    again = await reader.pages(pages[-1].cursor)
    assert (_ids(again), _gone(again)) == ([], [])


async def test_a_lead_that_is_won_is_gone(reader: Reader, odoo: Odoo) -> None:
    cursor = await _cursor(reader)
    odoo.win(odoo.lead_ids[0])
    assert _gone(await reader.pages(cursor)) == _texts(odoo.lead_ids[:1])


async def test_a_lead_that_came_without_a_moment_comes_all_the_same(reader: Reader, odoo: Odoo) -> None:
    cursor = await _cursor(reader)
    lead_id = odoo.other_lead_ids[0]
    odoo.row(lead_id)["user_id"] = odoo.me  # as an SQL of an admin's does it
    assert _ids(await reader.pages(cursor)) == _texts([lead_id])


async def test_a_lead_that_comes_back_is_there_again(reader: Reader, odoo: Odoo) -> None:
    cursor = await _cursor(reader)
    odoo.archive(odoo.lead_ids[0])
    cursor = await _cursor(reader, cursor)
    odoo.restore(odoo.lead_ids[0])
    assert _ids(await reader.pages(cursor)) == _texts(odoo.lead_ids[:1])


async def test_a_hidden_colleagues_lead_is_left_out_and_no_error(reader: Reader, odoo: Odoo) -> None:
    assert not set(_ids(await reader.pages())) & set(_texts(odoo.other_lead_ids))


@pytest.mark.usefixtures("small_pages")
async def test_gone_ids_are_found_among_many(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo(FastTempo(), leads=MANY))
    async with reading(switchboard.url, odoo) as reader:
        cursor = await _cursor(reader)
        for lead_id in odoo.lead_ids[::2]:
            odoo.delete(lead_id)
        pages = await reader.pages(cursor)
    assert _gone(pages) == _texts(odoo.lead_ids[::2])
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]


async def test_a_place_of_yesterday_or_of_somebody_else_is_stale(
    switchboard: Switchboard, reader: Reader, odoo: Odoo
) -> None:
    cursor = await _cursor(reader)
    async with reading(switchboard.url, odoo, clock=lambda: utc_now() + timedelta(hours=25)) as later:
        with pytest.raises(StaleCursor):
            await later.pages(cursor)
    async with reading(switchboard.url, odoo, key=odoo.marketing_key) as other:
        with pytest.raises(StaleCursor):
            await other.pages(cursor)


@pytest.mark.parametrize("cursor", ["", "{}", "[]", "null", "x" * 500_000, '{"of":"a"}'])
async def test_a_place_of_another_kind_is_stale(reader: Reader, cursor: str) -> None:
    with pytest.raises(StaleCursor):
        await reader.pages(cursor)


async def test_without_the_app_a_person_is_told_so(reader: Reader, odoo: Odoo) -> None:
    odoo.uninstall("crm.lead")
    with pytest.raises(NotPermitted) as caught:
        await reader.pages()
    assert "CRM" in caught.value.hint


async def test_nothing_changed_costs_three_calls(reader: Reader, odoo: Odoo) -> None:
    cursor = await _cursor(reader)
    before = len(odoo.requests)
    await reader.pages(cursor)
    assert len(odoo.requests) - before <= 3


async def test_a_database_without_any_lead_is_an_empty_list_and_no_error(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo(FastTempo(), leads=0, others=0))
    async with reading(switchboard.url, odoo) as reader:
        cursor = await _cursor(reader)
        new = odoo.add_lead(odoo.me)
        assert _ids(await reader.pages(cursor)) == [str(new)]


# The place


@settings(max_examples=40, deadline=None)
@given(st.frozensets(st.integers(1, 10_000)))
def test_ids_that_are_packed_come_back(ids: frozenset[int]) -> None:
    assert unpacked(packed(ids)) == ids


def test_neighbours_are_packed_as_ranges() -> None:
    assert packed([5, 1, 2, 3, 9]) == "1-3,5,9"


@pytest.mark.parametrize("text", ["a", "1-", "1-99999999999", "-3", "1,,2", "9" * 40])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ids"):
        unpacked(text)


def test_a_place_remembers_the_newest_of_what_it_saw() -> None:
    place = Place("of", AT, AT).ended({str(number): number for number in range(2_000)})
    assert len(place.seen) == 1_000
    assert "1999" in place.seen
    assert place.since == AT - timedelta(minutes=2)


@pytest.mark.parametrize("held", ["x", "1-9999999999"])
def test_a_place_with_odd_ids_is_stale(held: str) -> None:
    with pytest.raises(StaleCursor):
        read_place(replace(Place("of", AT, AT), held=held).text(), "of", AT)


def test_a_mark_tells_any_change_of_a_row() -> None:
    row = {"id": 1, "name": "a", "write_date": "2026-11-20 08:30:00"}
    assert mark_of(row) == mark_of(dict(reversed(row.items())))
    assert mark_of(row) != mark_of({**row, "name": "b"})
