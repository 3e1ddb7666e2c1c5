"""What a lead is made of: who, where from, what marketing and sales did; never a guess, whatever Odoo sends."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.odoo.conftest import Switchboard
from tests.odoo.reading import Reader, reading
from tests.odoo.server import Odoo
from tests.tempo import FastTempo
from triage.crm.contract.stage import decision_on
from triage.crm.dialect import Dialect
from triage.crm.odoo.reading.chatter import Chatter, Message, met_by
from triage.crm.odoo.reading.gathering import is_on_list
from triage.crm.odoo.reading.leads import FIELDS, Around, Here, lead_of
from triage.crm.odoo.reading.plain_text import text_of as words_of_html
from triage.crm.odoo.rows import Values, moment_of, text_of
from triage.crm.odoo.statuses import Statuses
from triage.crm.records import notes
from triage.crm.records.receipts import record_of
from triage.domain.act import Act
from triage.domain.lead import Lead, LeadId, LeadStatus
from triage.domain.people import Rep
from triage.domain.score import Reasons

AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
HERE = Here(Rep("7", "Rhea Rep"), Statuses(), Dialect(), AT)


@pytest.fixture
async def reader(switchboard: Switchboard, odoo: Odoo) -> AsyncIterator[Reader]:
    async with reading(switchboard.url, odoo) as found:
        yield found
    assert odoo.broken_rules == []


async def _first(reader: Reader, odoo: Odoo, at: int = 0) -> Lead:
    return (await reader.leads())[str(odoo.lead_ids[at])]


async def test_a_lead_is_told_with_who_it_is(reader: Reader, odoo: Odoo) -> None:
    lead = await _first(reader, odoo, 1)
    assert (lead.status, lead.owner.user_id, lead.owner.name) == (LeadStatus.ASSIGNED, "7", "Rhea Rep")
    assert (lead.name, lead.title, lead.company) == ("Bruno Berger", "CTO", "Company 0")
    assert (lead.country, lead.city, lead.email) == ("PT", "Porto", "bruno.berger.1@company0.example")


async def test_a_lead_is_told_with_where_it_came_from(reader: Reader, odoo: Odoo) -> None:
    lead = await _first(reader, odoo, 1)
    assert (lead.source, lead.campaign and lead.campaign.name) == (
        "Newsletter",
        "Newsletter, first of the month",
    )
    came = lead.touch("creating")
    assert came is not None
    assert (came.channel, came.summary) == ("Email", "from Newsletter")
    assert lead.moment == "Asked for a demo & a price for 11 vans."


async def test_moments_without_a_zone_are_utc(reader: Reader, odoo: Odoo) -> None:
    lead = await _first(reader, odoo)
    times = [lead.created_at, lead.assigned_at, *(touch.at for touch in lead.touches)]
    assert {at.tzinfo for at in times if at is not None} == {UTC}


async def test_false_is_empty_and_nothing_is_counted_as_unread(reader: Reader, odoo: Odoo) -> None:
    lead_id = odoo.lead_ids[0]
    empty = ("contact_name", "partner_name", "phone", "function", "source_id", "campaign_id", "country_id")
    odoo.write(
        lead_id, **dict.fromkeys((*empty, "email_from", "description", "referred", "medium_id"), False)
    )
    pages = await reader.pages()
    lead = next(one for page in pages for one in page.leads if one.lead_id == str(lead_id))
    assert (lead.title, lead.company, lead.email, lead.phone, lead.source, lead.campaign) == ("",) * 5 + (
        None,
    )
    assert lead.name == odoo.row(lead_id)["name"]
    assert all(page.unread == {} for page in pages)


async def test_mailings_are_touches_where_they_may_be_read(reader: Reader, odoo: Odoo) -> None:
    kinds = [touch.kind for touch in (await _first(reader, odoo, 1)).touches]
    assert kinds == ["visit", "mail sent", "mail opened", "mail clicked", "lead created"]


@pytest.mark.parametrize("method", ["fields_get", "search_read"])
async def test_leads_come_without_mailings_that_are_refused(reader: Reader, odoo: Odoo, method: str) -> None:
    odoo.forbid("mailing.trace", method)
    for _ in range(2):
        assert "mail sent" not in [touch.kind for touch in (await _first(reader, odoo, 1)).touches]
    assert odoo.count(f"mailing.trace.{method}") == 1


async def test_leads_come_without_apps_that_are_not_installed(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo(FastTempo(), mailing=False, website=False))
    async with reading(switchboard.url, odoo) as reader:
        lead = await _first(reader, odoo, 1)
    assert [touch.kind for touch in lead.touches] == ["lead created"]
    assert lead.nurture is None


async def test_a_running_programme_is_told_with_what_comes_next(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo(FastTempo(), enterprise=True))
    campaign = odoo.ask_of("marketing.campaign", name="Welcome series")
    shared = {"campaign_id": campaign, "model_name": "crm.lead", "res_id": odoo.lead_ids[0]}
    running = odoo.ask_of("marketing.participant", **shared, state="running")
    odoo.ask_of("marketing.participant", **shared | {"res_id": odoo.lead_ids[1]}, state="completed")
    for day in (1, 5):
        planned = f"2026-12-0{day} 09:00:00"
        odoo.ask_of(
            "marketing.trace",
            participant_id=running,
            activity_id=f"Mail {day}",
            state="scheduled",
            schedule_date=planned,
        )
    async with reading(switchboard.url, odoo) as reader:
        leads = await reader.leads()
    nurture = leads[str(odoo.lead_ids[0])].nurture
    assert nurture is not None
    assert (nurture.programme, nurture.next_mail) == ("Welcome series", "Mail 1")
    assert nurture.next_mail_at == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert leads[str(odoo.lead_ids[1])].nurture is None


async def test_what_people_wrote_is_told_in_words_with_who(reader: Reader, odoo: Odoo) -> None:
    odoo.post(odoo.lead_ids[0], "<p>Met at <b>the fair</b>,<br>wants <script>alert(1)</script>a call</p>")
    told = (await _first(reader, odoo)).touches[-1]
    assert (told.kind, told.summary) == ("note", "Mara Keter: Met at the fair,\nwants a call")


async def test_our_own_notes_are_left_out_of_what_people_wrote(reader: Reader, odoo: Odoo) -> None:
    lead = await _first(reader, odoo)
    item = decision_on(lead)
    odoo.post(lead.lead_id, notes.of_item(item, record_of(item, Rep("7")), "<p>Accepted by Rhea</p>"))
    assert "Accepted" not in " ".join(touch.summary for touch in (await _first(reader, odoo)).touches)


async def test_a_mail_of_the_owners_is_contact_and_a_note_is_none(reader: Reader, odoo: Odoo) -> None:
    first, second, third = odoo.lead_ids[:3]
    odoo.post(first, "<p>Hello</p>", user=odoo.me, kind="email_outgoing", is_internal=False)
    odoo.post(second, "<p>Spoke to nobody yet</p>", user=odoo.me)
    odoo.post(third, "<p>Hello</p>", user=odoo.marketer, kind="email_outgoing", is_internal=False)
    leads = await reader.leads()
    assert leads[str(first)].contacted_at is not None
    assert leads[str(first)].attempts == 1
    assert [leads[str(one)].contacted for one in (second, third)] == [False, False]


async def test_what_was_before_the_assignment_is_no_contact(reader: Reader, odoo: Odoo) -> None:
    lead_id = odoo.lead_ids[0]
    odoo.post(lead_id, "<p>Hello</p>", user=odoo.me, kind="email_outgoing", is_internal=False)
    odoo.reassign(lead_id)
    odoo.advance(60)
    odoo.reassign(lead_id, odoo.me)
    assert (await _first(reader, odoo)).contacted is False


async def test_without_the_chatter_nobody_can_tell_of_contact(reader: Reader, odoo: Odoo) -> None:
    odoo.forbid("mail.message", "search_read")
    lead = await _first(reader, odoo)
    assert (lead.contacted, lead.attempts) == (None, None)


async def test_leads_come_without_the_names_of_users_and_nobody_claims_to_know_of_contact(
    reader: Reader, odoo: Odoo
) -> None:
    await reader.account.me()
    for model in ("res.users", "crm.team", "res.country"):
        odoo.forbid(model, "search_read")
    lead = await _first(reader, odoo)
    assert (lead.contacted, lead.contact_known, lead.country) == (None, False, "")
    assert await reader.account.people() == ()


async def test_words_that_are_too_many_are_left_out_and_not_the_leads(reader: Reader, odoo: Odoo) -> None:
    for number in range(3):
        odoo.post(odoo.lead_ids[0], f"<p>{'long ' * 800_000}{number}</p>")
    lead = await _first(reader, odoo)
    assert lead.contacted is False
    odoo.broken_rules.clear()  # tries of a read that fails are the room's


async def test_a_snooze_is_known_with_its_end(reader: Reader, odoo: Odoo) -> None:
    lead = await _first(reader, odoo)
    item = decision_on(lead, Act.SNOOZE, params={"until": "2027-03-01"})
    odoo.post(lead.lead_id, notes.of_item(item, record_of(item, Rep("7")), ""))
    odoo.write(lead.lead_id, tag_ids=[[4, (await reader.account.statuses()).tags[LeadStatus.SNOOZED]]])
    snoozed = await _first(reader, odoo)
    assert (snoozed.status, snoozed.snoozed_until) == (LeadStatus.SNOOZED, datetime(2027, 3, 1, tzinfo=UTC))


async def test_a_lead_that_comes_back_after_a_recycle_says_so(reader: Reader, odoo: Odoo) -> None:
    tag = (await reader.account.statuses()).tags[LeadStatus.RECYCLED]
    odoo.write(odoo.lead_ids[0], tag_ids=[[4, tag]], x_triage_reason="BAD_TIMING")
    lead = await _first(reader, odoo)
    assert (lead.status, lead.badges) == (LeadStatus.ASSIGNED, ("RE",))
    assert lead.recycles[0].reason == "BAD_TIMING"


async def test_a_score_is_the_automatic_probability_without_reasons(reader: Reader, odoo: Odoo) -> None:
    score = (await _first(reader, odoo)).score
    assert score is not None
    assert score.score == odoo.row(odoo.lead_ids[0])["automated_probability"]
    assert (score.reasons, score.contributions) == (Reasons.NONE, ())


async def test_a_probability_that_was_never_computed_is_no_score(reader: Reader, odoo: Odoo) -> None:
    odoo.unlearn()
    odoo.write(odoo.lead_ids[0], country_id=False)
    assert (await _first(reader, odoo)).score is None


async def test_the_profiles_fields_are_facts(switchboard: Switchboard, odoo: Odoo) -> None:
    dialect = Dialect(
        fields={"title": "city", "seniority": "function", "region": "country_id", "employees": "id"}
    )
    async with reading(switchboard.url, odoo, dialect=dialect) as reader:
        lead = await _first(reader, odoo)
    assert lead.title == "Berlin"
    assert (lead.facts["seniority"], lead.facts["region"]) == ("Head of Operations", "Germany")
    assert lead.employees == odoo.lead_ids[0]


async def test_no_fact_tells_the_probability(reader: Reader, odoo: Odoo) -> None:
    score = (await _first(reader, odoo)).score
    assert score is not None
    assert score.score not in (await _first(reader, odoo)).facts.values()


async def test_opportunities_are_leads_where_the_database_uses_no_leads(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo(FastTempo(), use_leads=False))
    async with reading(switchboard.url, odoo) as reader:
        odoo.restage(odoo.lead_ids[1])
        odoo.restage(odoo.lead_ids[2], "Won")
        leads = await reader.leads()
    assert leads[str(odoo.lead_ids[0])].status is LeadStatus.ASSIGNED
    assert leads[str(odoo.lead_ids[1])].status is LeadStatus.WORKING
    assert str(odoo.lead_ids[2]) not in leads


async def test_both_are_leads_where_the_profile_says_so(switchboard: Switchboard, odoo: Odoo) -> None:
    other = odoo.add_lead(odoo.me, kind="opportunity")
    async with reading(switchboard.url, odoo) as reader:
        assert str(other) not in await reader.leads()
    async with reading(switchboard.url, odoo, leads="both") as reader:
        assert len(await reader.leads()) == len(odoo.lead_ids) + 1


# Of a row alone


@pytest.mark.parametrize(
    "change", [{"user_id": [8, "Cole"]}, {"user_id": False}, {"active": False}, {"type": "opportunity"}]
)
def test_a_row_that_changed_while_it_was_asked_for_is_on_nobodys_list(change: dict[str, Any]) -> None:
    mine = {"id": 1, "user_id": [7, "Rhea Rep"], "active": True, "type": "lead"}
    assert is_on_list(mine, HERE)
    assert not is_on_list({**mine, **change}, HERE)


def _read(row: dict[str, Any], around: Around | None = None) -> tuple[Lead, Counter[str]]:
    unread: Counter[str] = Counter()
    return lead_of({"id": 1, **row}, HERE, around or Around(), unread), unread


def test_one_bad_field_costs_one_field() -> None:
    lead, unread = _read({"name": 7, "contact_name": "Ana", "create_date": "yesterday", "phone": ["1"]})
    assert (lead.lead_id, lead.name, lead.created_at, lead.phone) == ("1", "Ana", None, "")
    assert unread == {"create_date": 1, "phone": 1}


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), _ANYTHING))
def test_a_row_of_any_kind_is_a_lead(row: dict[str, Any]) -> None:
    lead, _ = _read(row)
    assert lead.lead_id == LeadId("1")


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200))
def test_words_come_out_of_anything_that_is_called_html(html: str) -> None:
    assert "<p>" not in words_of_html(f"<p>{html}")


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>a</p><p>b &amp; c</p>", "a\nb & c"),
        ("a<br>b", "a\nb"),
        ("<style>x</style><p>  y  </p>", "y"),
        (False, ""),
        (7, ""),
        ("<p>&#91;triage:1 accept]</p>", "[triage:1 accept]"),
    ],
)
def test_html_is_read_as_a_person_would(html: object, words: str) -> None:
    assert words_of_html(html) == words


@pytest.mark.parametrize(
    "value", [False, None, 7, "", "yesterday", "2026-13-01 00:00:00", "2026-11-20T08:30:00Z"]
)
def test_what_is_no_moment_of_odoos_is_none(value: object) -> None:
    assert moment_of(value) is None


def test_a_moment_goes_and_comes_back() -> None:
    assert moment_of(text_of(AT)) == AT
    assert moment_of("2026-11-20") == datetime(2026, 11, 20, tzinfo=UTC)


def test_values_keep_false_apart_from_zero() -> None:
    said = Values({"a": False, "b": 0.0, "c": [3, "Three"], "d": [3, "Three", 4]})
    assert (said.number("a"), said.number("b"), said.fact("c"), said.fact("d")) == (
        None,
        0.0,
        "Three",
        "Three",
    )


def _message(kind: str, user_id: int, minutes: int) -> Message:
    return Message(minutes, 1, AT + timedelta(minutes=minutes), kind, user_id)


def test_a_call_of_any_colleague_is_contact_and_a_mail_only_of_the_owner() -> None:
    chatter = Chatter({1: (_message("mail", 8, 1), _message("call", 8, 2), _message("mail", 7, 3))})
    met = met_by(chatter, 1, 7, AT)
    assert met is not None
    assert (met.first_at, met.attempts) == (AT + timedelta(minutes=2), 2)


def test_where_older_messages_were_left_out_only_contact_is_certain() -> None:
    cut = Chatter({1: (_message("call", 8, 2),)}, is_whole=False)
    met = met_by(cut, 1, 7, AT)
    assert met is not None
    assert (met.first_at, met.attempts) == (AT + timedelta(minutes=2), None)
    assert met_by(cut, 2, 7, AT) is None


def test_without_an_assignment_nobody_can_tell() -> None:
    assert met_by(Chatter(), 1, 7, None) is None
    lead, _ = _read({"date_open": False}, Around(Chatter()))
    assert lead.contacted is None
