"""Fetching from an org: everything, what changed, what is gone; cursors, vanished fields, and few requests."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.salesforce.reading_room import room, saying
from triage.crm.dialect import Dialect
from triage.crm.salesforce.reading.place import EVERYTHING_AFTER
from triage.domain.lead import LeadStatus
from triage.errors import BadAnswer, CrmError, RateLimited, StaleCursor


@pytest.fixture
async def here():
    made = room()
    yield made
    await made.close()
    assert made.org.broken_rules == []


async def after(here, **options):
    """What a later run finds: the leads, and what is gone."""
    cursor = (await here.pages())[-1].cursor

    async def look():
        here.clock.pass_by(minutes=1)
        pages = await here.again(**options).pages(cursor)
        return [lead.lead_id for page in pages for lead in page.leads], [
            one for page in pages for one in page.gone
        ]

    return look


def asked_since(org, start):
    return Counter(request.rpartition("/")[2] for request in org.requests[start:])


# Everything


async def test_everything_gives_each_of_the_reps_leads_once(here):
    pages = await here.pages()
    ids = [lead.lead_id for page in pages for lead in page.leads]
    assert sorted(ids) == sorted(here.org.lead_ids)
    assert [page.more for page in pages] == [False]
    assert pages[0].unread == {}


async def test_leads_of_others_and_converted_and_closed_ones_are_not_fetched(here):
    taken, converted, closed, *_ = here.org.lead_ids
    here.org.reassign(taken)
    here.org.archive(converted)
    here.org.restatus(closed, "Closed - Not Converted")
    ids = {lead.lead_id for lead in await here.leads()}
    assert ids == set(here.org.lead_ids) - {taken, converted, closed}


async def test_pages_end_with_the_last_and_each_has_a_cursor():
    here = room(leads=450)
    here.org.page_size = 200
    pages = await here.pages()
    assert [page.more for page in pages] == [True, True, False]
    ids = [lead.lead_id for page in pages for lead in page.leads]
    assert len(ids) == len(set(ids)) == 450
    assert all(page.cursor for page in pages)
    await here.close()


async def test_a_fetch_that_broke_off_goes_on_from_its_last_page():
    here = room(leads=450)
    here.org.page_size = 200
    pages = await here.pages()
    rest = {lead.lead_id for lead in await here.again().leads(pages[0].cursor)}
    assert rest >= {lead.lead_id for page in pages[1:] for lead in page.leads}
    await here.close()


async def test_the_queues_of_the_profile_are_fetched_too_by_id_and_by_name(here):
    here.org.reassign(here.org.lead_ids[0], here.org.queue)
    by_id = await here.again(queues=here.org.queue).leads()
    by_name = await here.again(queues="Marketing nurture, No such queue").pages()
    assert {lead.lead_id for lead in by_id} == set(here.org.lead_ids)
    assert {lead.lead_id for lead in by_name[0].leads} == set(here.org.lead_ids)
    assert by_name[0].unread == {"queue": 1}
    assert (
        next(lead for lead in by_id if lead.lead_id == here.org.lead_ids[0]).owner.user_id == here.org.queue
    )


# What changed


async def test_nothing_changed_costs_one_query_and_gives_nothing(here):
    look = await after(here)
    start = len(here.org.requests)
    assert await look() == ([], [])
    assert asked_since(here.org, start) == {"userinfo": 1, "query": 1}


async def test_a_changed_lead_comes_again_and_only_that(here):
    look = await after(here)
    here.org.retitle(here.org.lead_ids[3])
    assert await look() == ([here.org.lead_ids[3]], [])


async def test_what_was_taken_converted_or_closed_is_gone(here):
    look = await after(here)
    taken, converted, closed, *_ = here.org.lead_ids
    here.org.reassign(taken)
    here.org.archive(converted)
    here.org.restatus(closed, "Closed - Not Converted")
    leads, gone = await look()
    assert leads == []
    assert set(gone) == {taken, converted, closed}


async def test_a_lead_that_is_taken_between_two_questions_is_gone_and_not_shown(here):
    cursor = (await here.pages())[-1].cursor
    here.org.retitle(here.org.lead_ids[0])

    def meddle(request, reply):
        if "LIMIT 2001" in request.url.params.get("q", ""):
            here.org.reassign(here.org.lead_ids[0])
        return reply

    (page,) = await here.again(meddle=meddle).pages(cursor)
    assert (page.leads, page.gone) == ((), (here.org.lead_ids[0],))


async def test_a_lead_that_was_decided_away_in_an_org_without_a_status_for_it_is_not_shown(here):
    for row in list(here.org.tables.all("LeadStatus")):
        if row["ApiName"] == "Closed - Not Converted":
            here.org.put("LeadStatus", row, IsConverted=True)
    decision = {"Kind__c": "decision", "Outcome__c": "rejected", "Decision_Key__c": "k1"}
    here.org.put("Lead_Triage_Decision__c", {}, Lead__c=here.org.lead_ids[0], **decision)
    assert here.org.lead_ids[0] not in {lead.lead_id for lead in await here.leads()}


async def test_a_new_lead_comes(here):
    look = await after(here)
    here.clock.pass_by(seconds=5)
    made = here.org.add_lead()
    assert await look() == ([made], [])


async def test_a_second_change_in_the_same_second_is_not_missed(here):
    here.org.retitle(here.org.lead_ids[3])
    cursor = (await here.pages())[-1].cursor
    row = here.org.lead(here.org.lead_ids[3])
    here.org.tables.put(here.org.schema.known("Lead"), {**row, "Phone": "+49 30 1"})
    assert [lead.phone for lead in await here.again().leads(cursor)] == ["+49 30 1"]


async def test_a_change_that_was_written_late_is_not_missed(here):
    cursor = (await here.pages())[-1].cursor
    here.org.retitle(here.org.lead_ids[1])
    here.clock.pass_by(seconds=90)
    late = {**here.org.lead(here.org.lead_ids[2]), "Title": "Late"}
    here.org.retitle(here.org.lead_ids[3])
    cursor = (await here.again().pages(cursor))[-1].cursor
    before = here.org.lead(here.org.lead_ids[1])["SystemModstamp"]
    here.org.tables.put(here.org.schema.known("Lead"), {**late, "SystemModstamp": before})
    here.clock.pass_by(minutes=1)
    assert here.org.lead_ids[2] in [lead.lead_id for lead in await here.again().leads(cursor)]


async def test_deleted_and_merged_leads_are_gone_within_ten_minutes(here):
    look = await after(here)
    deleted, merged, master, *_ = here.org.lead_ids
    here.org.delete(deleted)
    here.org.delete(merged, into=master)
    assert await look() == ([], [])
    here.clock.pass_by(minutes=10)
    leads, gone = await look()
    assert leads == []
    assert set(gone) == {deleted, merged}


async def test_a_log_of_deletions_that_the_rep_may_not_read_is_no_failure(here):
    cursor = (await here.pages())[-1].cursor

    def meddle(request, reply):
        if "/deleted" in request.url.path:
            return saying([{"errorCode": "INSUFFICIENT_ACCESS", "message": "no"}], 403)
        return reply

    here.clock.pass_by(minutes=20)
    assert (await here.again(meddle=meddle).pages(cursor))[-1].gone == ()


async def test_more_deletions_than_are_told_one_by_one_fetch_everything(here):
    cursor = (await here.pages())[-1].cursor
    here.org.delete(here.org.lead_ids[0])
    here.org.deleted.most = 0
    here.clock.pass_by(minutes=20)
    with pytest.raises(StaleCursor):
        await here.again().pages(cursor)


async def test_what_a_private_org_hides_once_taken_is_gone_at_the_next_whole_fetch(here):
    here.org.private = True
    look = await after(here)
    here.org.reassign(here.org.lead_ids[0])
    assert await look() == ([], [])
    here.clock.pass_by(seconds=EVERYTHING_AFTER.total_seconds())
    with pytest.raises(StaleCursor):
        await look()
    assert here.org.lead_ids[0] not in {lead.lead_id for lead in await here.leads()}


async def test_too_many_changes_fetch_everything(here):
    cursor = (await here.pages())[-1].cursor

    def meddle(request, reply):
        if "LIMIT 2001" not in request.url.params.get("q", ""):
            return reply
        row = {"Id": "x", "OwnerId": "y", "SystemModstamp": "2026-11-22T12:00:00.000+0000"}
        return saying({"done": True, "records": [{**row, "Id": f"00Q{n:015}"} for n in range(2001)]})

    with pytest.raises(StaleCursor):
        await here.again(meddle=meddle).pages(cursor)


@pytest.mark.parametrize(
    "cursor",
    ["", "nonsense", "{}", "[]", '{"since":"2026-11-22T12:00:00"}', "\ud800", '{"since":7}'],
)
async def test_a_cursor_of_another_kind_is_stale(here, cursor):
    with pytest.raises(StaleCursor):
        await here.pages(cursor)


async def test_a_cursor_without_time_zones_is_stale(here):
    cursor = json.loads((await here.pages())[-1].cursor)
    cursor["since"] = "2026-11-22T12:00:00"
    with pytest.raises(StaleCursor):
        await here.again().pages(json.dumps(cursor))


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=9)
    | st.sampled_from(
        ["0001-01-01T00:00:00.000+0000", "9999-12-31T23:59:59.999-1400", "2026-11-22T12:00:00"]
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=3,
)
ROWS = st.lists(
    st.dictionaries(st.sampled_from(["Id", "OwnerId", "Status", "IsConverted", "SystemModstamp"]), JUNK)
)


@pytest.fixture(scope="module")
def small():
    """An org that no example changes."""
    return room(leads=1)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS, st.booleans())
async def test_whatever_rows_come_they_are_read_or_refused_in_our_words(small, rows, everything):
    here = small.again()
    cursor = (await here.pages())[-1].cursor

    def meddle(request, reply):
        odd = saying({"done": True, "records": rows})
        return odd if "FROM Lead " in request.url.params.get("q", "") else reply

    with suppress(CrmError):
        pages = await here.again(meddle=meddle).pages(None if everything else cursor)
        assert (await here.again().pages(pages[-1].cursor))[-1].more is False
    await here.close()


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00.000+0000", "9999-12-31T23:59:59.000-1400"])
async def test_a_time_at_the_end_of_all_time_stops_nothing(here, at):
    def meddle(request, reply):
        newest = "DESC LIMIT 1" in request.url.params.get("q", "")
        return saying({"done": True, "records": [{"Id": "x", "SystemModstamp": at}]}) if newest else reply

    pages = await here.again(meddle=meddle).pages()
    assert len(pages[0].leads) == 12
    here.clock.pass_by(minutes=20)
    page = (await here.again().pages(pages[-1].cursor))[-1]
    assert page.more is False
    assert json.loads(page.cursor)["since"] < "2027"


async def test_another_queue_in_the_profile_fetches_everything(here):
    cursor = (await here.pages())[-1].cursor
    with pytest.raises(StaleCursor):
        await here.again(queues=here.org.queue).pages(cursor)


async def test_hundreds_of_changes_come_in_pages_each_with_a_place_to_go_on():
    here = room(leads=450)
    cursor = (await here.pages())[-1].cursor
    here.clock.pass_by(minutes=5)
    for lead_id in here.org.lead_ids:
        here.org.retitle(lead_id)
    here.clock.pass_by(minutes=5)
    pages = await here.again().pages(cursor)
    assert [page.more for page in pages] == [True, True, False]
    assert {lead.lead_id for page in pages for lead in page.leads} == set(here.org.lead_ids)
    rest = {lead.lead_id for lead in await here.again().leads(pages[0].cursor)}
    assert rest >= {lead.lead_id for page in pages[1:] for lead in page.leads}
    await here.close()


# What may be read


async def test_a_field_that_the_rep_may_not_read_is_not_asked_for(here):
    for field in ("Lead.Phone", "Lead.NumberOfEmployees", "Lead.pi__score__c", "CampaignMember.HasResponded"):
        here.org.hide(field)
    leads = await here.leads()
    assert len(leads) == 12
    assert {lead.phone for lead in leads} == {""}
    assert {lead.employees for lead in leads} == {None}
    assert here.org.refusals == []


async def test_a_field_that_vanishes_after_the_describe_costs_one_more_describe(here):
    await here.account.lead()
    here.org.hide("Lead.Title")
    assert {lead.title for lead in await here.leads()} == {""}
    assert here.org.refusals == ["INVALID_FIELD"]
    assert sum("Lead/describe" in request for request in here.org.requests) == 2


async def test_a_field_of_a_related_object_that_vanishes_is_left_out(here):
    await here.api.describe("CampaignMember")
    here.org.hide("CampaignMember.Status")
    leads = await here.leads()
    assert all(lead.campaign for lead in leads)
    assert here.org.refusals == ["INVALID_FIELD"]


async def test_a_field_that_the_org_describes_and_never_knows_is_an_error_and_no_loop(here):
    def meddle(request, reply):
        if "/Lead/describe" not in request.url.path:
            return reply
        body = json.loads(reply.content)
        body["fields"].append({"name": "Ghost__c", "type": "string"})
        return httpx.Response(200, headers={"content-type": "application/json"}, content=json.dumps(body))

    ghost = here.again(meddle=meddle, dialect=Dialect(fields={"ghost": "Ghost__c"}))
    start = len(here.org.requests)
    with pytest.raises(BadAnswer, match="Ghost__c"):
        await ghost.pages()
    assert sum("Lead/describe" in request for request in here.org.requests[start:]) == 2


async def test_leads_come_without_what_the_rep_may_not_read_at_all(here):
    for name in (
        "CampaignMember",
        "Task",
        "Event",
        "LeadHistory",
        "AIRecordInsight",
        "Lead_Triage_Decision__c",
    ):
        here.org.hide(name)
    leads = await here.leads()
    assert len(leads) == 12
    assert {lead.contact_known for lead in leads} == {False}
    assert {lead.attempts for lead in leads} == {None}


# Few requests


@pytest.mark.parametrize(("leads", "parts"), [(12, 1), (200, 1), (201, 2), (450, 3)])
async def test_the_requests_of_a_page_do_not_grow_with_its_leads_but_with_its_parts(leads, parts):
    here = room(leads=leads, prediction=False)
    await here.pages()
    start = len(here.org.requests)
    await here.pages()
    related = 5  # members, tasks, events, the owner's history, decisions
    assert asked_since(here.org, start)["query"] == 2 + parts * related
    assert asked_since(here.org, start)["describe"] == 0
    assert max(len(query) for query in here.org.soql) < 8_000
    assert here.org.broken_rules == []
    await here.close()


async def test_above_80_percent_of_the_day_a_fetch_stops_with_a_sentence(here):
    here.org.daily_limit, here.org.used = 1000, 850
    with pytest.raises(RateLimited, match="today") as caught:
        await here.pages()
    assert caught.value.retry_after == 0.0
    assert here.org.used - 850 < 10


async def test_a_day_that_is_used_up_is_a_pause(here):
    here.org.daily_limit, here.org.used = 1000, 1000
    with pytest.raises(RateLimited) as caught:
        await here.pages()
    assert caught.value.retry_after == 3600


async def test_an_answer_that_is_no_page_is_an_error_and_never_no_leads(here):
    for cursor in (None, (await here.pages())[-1].cursor):
        with pytest.raises(BadAnswer):
            await here.again(meddle=_odd).pages(cursor)


def _odd(request, reply):
    asked = request.url.params.get("q", "")
    return saying({"records": "none", "done": True}) if "FROM Lead " in asked else reply


async def test_statuses_that_nobody_explained_are_not_hidden(here):
    here.org.restatus(here.org.lead_ids[0], "Parked somewhere")
    lead = await here.lead(here.org.lead_ids[0])
    assert lead.status is LeadStatus.UNKNOWN
