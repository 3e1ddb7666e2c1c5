"""Marketing reads what reps said, and answers: in triage, in two fields of the lead, or in a comment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bottlecrm.conftest import Switchboard
from tests.bottlecrm.shop import Shop
from tests.tempo import FastTempo
from triage.clock import new_id, utc_now
from triage.crm.bottlecrm import names
from triage.crm.bottlecrm.adapter import BottleCrm
from triage.crm.bottlecrm.delivering import comments
from triage.crm.bottlecrm.delivering.standing import is_as_left, standing_of
from triage.crm.bottlecrm.reviewing.typed import answers_in_comments, put_away, typed_reply
from triage.crm.bottlecrm.statuses import Statuses
from triage.crm.contract import AWKWARD, decision_on, feedback_on
from triage.domain.act import Act
from triage.domain.item import Item
from triage.domain.lead import Lead, LeadId, LeadStatus, Owner
from triage.domain.outcome import Applied, Unknown
from triage.domain.people import Person
from triage.domain.review import Reply, ReplyKind
from triage.errors import CrmError, NotSignedIn, StaleCursor

Open = Callable[..., BottleCrm]
OUR_FIELDS = (names.LOG, names.ANSWERS, names.ANSWER, names.ANSWER_KIND, names.KEY, names.DECISION)


@pytest.fixture
async def opened(switchboard: Switchboard, shop: Shop) -> AsyncIterator[Open]:
    made: list[BottleCrm] = []

    def opening(token: str = "", **options: Any) -> BottleCrm:
        crm = BottleCrm(switchboard.url, token or shop.token, **{"tempo": FastTempo(), **options})
        made.append(crm)
        return crm

    yield opening
    for crm in made:
        await crm.aclose()
    assert shop.broken_rules == []


@pytest.fixture
def rep(opened: Open) -> BottleCrm:
    return opened()


@pytest.fixture
def marketing(opened: Open, shop: Shop) -> BottleCrm:
    return opened(shop.marketing_token, role="marketing")


def lead(shop: Shop, number: int = 0) -> Lead:
    return Lead(LeadId(shop.lead_ids[number]), status=LeadStatus.ASSIGNED, owner=Owner(shop.me))


async def done(crm: BottleCrm, item: Item) -> Item:
    assert isinstance((await crm.push([item]))[item.id], Applied)
    return item


async def rejected(rep: BottleCrm, shop: Shop, number: int = 0) -> Item:
    return await done(rep, decision_on(lead(shop, number), Act.REJECT, reason="NO_NEED"))


async def replies_to(rep: BottleCrm, cursor: str | None = None) -> list[Reply]:
    return [one for page in [page async for page in rep.replies(cursor)] for one in page.replies]


async def cursor_of(rep: BottleCrm) -> str:
    return [page async for page in rep.replies(None)][-1].cursor


def answer(item: Item, kind: ReplyKind = ReplyKind.PLANNED, text: str = "Next week.", **more: Any) -> Reply:
    return Reply(new_id(), item.id, kind, text, of_kind=item.kind, **more)


# Reading


async def test_marketing_reads_decisions_with_facts_of_their_leads(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop
) -> None:
    item = await rejected(rep, shop)
    (seen,) = [one async for one in marketing.decisions()]
    assert (seen.decision_id, seen.act, seen.reason, seen.state) == (item.id, "reject", "NO_NEED", "applied")
    assert seen.rep == Owner(shop.me, "rep")
    assert (seen.lead["name"], seen.lead["company"]) == ("Ada Byron", "Company 0")
    assert [one async for one in marketing.feedback()] == []


async def test_a_decision_that_was_taken_back_is_superseded(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop
) -> None:
    item = await rejected(rep, shop)
    await done(rep, decision_on(lead(shop), Act.RESTORE, of=item.id))
    states = {one.act: one.state async for one in marketing.decisions()}
    assert states == {"reject": "superseded", "restore": "applied"}


async def test_all_decisions_are_read_from_the_list_without_a_request_for_each(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop
) -> None:
    for number in range(4):
        await rejected(rep, shop, number)
    await marketing.whoami()
    before = len(shop.requests)
    assert len([one async for one in marketing.decisions()]) == 4
    assert len(shop.requests) == before + 1


# Answering in triage


async def test_an_answer_is_a_record_two_fields_and_a_comment(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop
) -> None:
    item = await rejected(rep, shop)
    reply = answer(item, ReplyKind.UPHELD, AWKWARD, link="definition v5")
    before = shop.count("PATCH ")
    await marketing.reply(reply)
    await marketing.reply(reply)
    assert shop.count("PATCH ") == before + 1
    assert shop.answers() == [(reply.reply_id, "upheld")]
    assert shop.custom(item.lead_id, "triage_answer_kind") == "upheld"
    assert "\x1b" not in shop.custom(item.lead_id, "triage_answer")
    comments = [one for one in shop.comments_at(item.lead_id) if reply.reply_id in one]
    assert [one.split("\n")[0] for one in comments] == ["Answer by marketer: upheld"]
    (got,) = await replies_to(rep)
    assert (got.reply_id, got.text, got.link, got.by) == (
        reply.reply_id,
        AWKWARD,
        "definition v5",
        "marketer",
    )
    (seen,) = [one async for one in marketing.decisions()]
    assert seen.state == "reviewed"


async def test_an_answer_without_a_leads_id_finds_its_item_and_one_to_nothing_says_so(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop
) -> None:
    item = await rejected(rep, shop)
    nothing = Reply(new_id(), new_id(), ReplyKind.PLANNED, "To nothing.")
    elsewhere = Reply(new_id(), item.id, ReplyKind.PLANNED, "?", lead_id=shop.lead_ids[5])
    told = await marketing.reply_all([answer(item), nothing, elsewhere])
    assert [bool(why) for why in told.values()] == [False, True, True]


@pytest.mark.parametrize("faults", [("drop-after",), ("500-after",), ("", "drop-after"), ("", "drop-before")])
async def test_an_answer_in_doubt_says_so_and_is_recorded_once_when_it_is_sent_again(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop, faults: tuple[str, ...]
) -> None:
    item = await rejected(rep, shop)
    reply = answer(item)
    shop.strike(*faults)
    assert "again" in (await marketing.reply_all([reply]))[reply.reply_id]
    assert (await marketing.reply_all([reply]))[reply.reply_id] == ""
    assert shop.answers() == [(reply.reply_id, "planned")]
    assert sum(reply.reply_id in one for one in shop.comments_at(item.lead_id)) == 1


async def test_an_answer_that_somebody_overwrote_is_written_again_with_one_comment(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop
) -> None:
    item = await rejected(rep, shop)
    reply = answer(item)
    shop.overwrite(item.lead_id)
    await marketing.reply(reply)
    assert shop.answers() == [(reply.reply_id, "planned")]
    assert sum(reply.reply_id in one for one in shop.comments_at(item.lead_id)) == 1


async def test_answers_at_once_are_all_recorded(rep: BottleCrm, marketing: BottleCrm, shop: Shop) -> None:
    item = await rejected(rep, shop)
    replies = [answer(item, text=str(number)) for number in range(3)]
    await asyncio.gather(*(marketing.reply(one) for one in replies))
    assert sorted(one for one, _kind in shop.answers()) == sorted(one.reply_id for one in replies)


async def test_without_the_fields_for_answers_setup_is_named(
    rep: BottleCrm, opened: Open, shop: Shop
) -> None:
    item = await rejected(rep, shop)
    shop.drop_field("triage_answers")
    crm = opened(shop.marketing_token, role="marketing")
    with pytest.raises(CrmError) as caught:
        await crm.reply(answer(item))
    assert "triage setup" in caught.value.hint
    assert not (await crm.capabilities()).replies


async def test_a_token_that_has_ended_is_raised_and_not_said_of_one_answer(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop
) -> None:
    item = await rejected(rep, shop)
    shop.strike("403-expired")
    with pytest.raises(NotSignedIn):
        await marketing.reply_all([answer(item)])


# Bringing back


async def test_a_returned_lead_is_the_reps_again_as_it_was(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop
) -> None:
    item = await rejected(rep, shop)
    await marketing.reply(answer(item, ReplyKind.RETURNED, "Look again."))
    standing = shop.standing(item.lead_id)
    assert (standing.status, standing.owners, standing.decision) == ("assigned", (shop.me,), "")
    leads = [one for page in [page async for page in rep.fetch(None)] for one in page.leads]
    assert item.lead_id in [one.lead_id for one in leads if one.status is LeadStatus.ASSIGNED]


async def test_a_rerouted_lead_is_not_given_back_to_somebody_who_has_left(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def who_is_left() -> tuple[Person, ...]:
        return (Person(shop.colleague, "rep2@shop.example"),)

    item = await done(rep, decision_on(lead(shop), Act.REROUTE, params={"to": shop.colleague}))
    monkeypatch.setattr(marketing._account, "people", who_is_left)
    reply = answer(item, ReplyKind.RETURNED, lead_id=item.lead_id)
    assert "no user" in (await marketing.reply_all([reply]))[reply.reply_id]
    assert shop.standing(item.lead_id).owners == (shop.colleague,)
    assert shop.answers() == []


@pytest.mark.parametrize("happening", ["restatus", "convert"])
async def test_a_lead_that_has_moved_on_is_not_brought_back(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop, happening: str
) -> None:
    item = await rejected(rep, shop)
    getattr(shop, happening)(item.lead_id)
    reply = answer(item, ReplyKind.OVERTURNED, lead_id=item.lead_id)
    assert "moved on" in (await marketing.reply_all([reply]))[reply.reply_id]
    assert shop.answers() == []


# Answering in BottleCRM


async def test_what_marketing_types_into_the_two_fields_reaches_the_rep_once(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop
) -> None:
    item = await rejected(rep, shop)
    cursor = await cursor_of(rep)
    shop.type_answer(item.lead_id, "We block their domain.", "planned")
    pages = [page async for page in rep.replies(cursor)]
    (got,) = pages[-1].replies
    assert (got.of, got.kind, got.text, got.of_kind) == (
        item.id,
        ReplyKind.PLANNED,
        "We block their domain.",
        "decision",
    )
    assert await replies_to(rep, pages[-1].cursor) == []
    (seen,) = [one async for one in marketing.decisions()]
    assert [one.text for one in seen.replies] == ["We block their domain."]


@pytest.mark.parametrize(("text", "kind"), [("Only words.", None), ("", "upheld")], ids=["text", "kind"])
async def test_either_field_alone_is_an_answer(
    rep: BottleCrm, shop: Shop, text: str, kind: str | None
) -> None:
    item = await rejected(rep, shop)
    shop.type_answer(item.lead_id, text, kind)
    (got,) = await replies_to(rep)
    assert (got.text, got.kind) == (text, ReplyKind(kind or "acknowledged"))


async def test_what_triage_wrote_into_the_fields_is_no_second_answer(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop
) -> None:
    item = await rejected(rep, shop)
    await marketing.reply(answer(item))
    assert len(await replies_to(rep)) == 1


async def test_the_next_decision_keeps_a_typed_answer_and_empties_the_fields_for_its_own(
    rep: BottleCrm, shop: Shop
) -> None:
    first = await rejected(rep, shop)
    shop.type_answer(first.lead_id, "No.", "upheld")
    (before,) = await replies_to(rep)
    second = await done(rep, decision_on(lead(shop), Act.RESTORE, of=first.id))
    assert shop.custom(first.lead_id, "triage_answer") is None
    (after,) = await replies_to(rep)
    assert (after.reply_id, after.of, after.text, after.kind) == (
        before.reply_id,
        first.id,
        "No.",
        before.kind,
    )
    shop.type_answer(first.lead_id, "No.", "upheld")
    assert {one.of for one in await replies_to(rep)} == {first.id, second.id}


async def test_an_answer_typed_without_any_item_of_ours_is_nobodys(rep: BottleCrm, shop: Shop) -> None:
    shop.type_answer(shop.lead_ids[0], "Hello?", "planned")
    assert await replies_to(rep) == []


@pytest.mark.parametrize(
    ("said", "kind", "text"),
    [
        ("triage-answer: planned Next quarter.", ReplyKind.PLANNED, "Next quarter."),
        ("Triage-Answer: we will see", ReplyKind.ACKNOWLEDGED, "we will see"),
        ("About {item}: thanks", ReplyKind.ACKNOWLEDGED, "About {item}: thanks"),
    ],
)
async def test_a_comment_that_names_the_item_or_begins_as_an_answer_is_one(
    rep: BottleCrm, shop: Shop, said: str, kind: ReplyKind, text: str
) -> None:
    item = await rejected(rep, shop)
    shop.comment(item.lead_id, said.format(item=item.id))
    (got,) = await replies_to(rep)
    assert (got.of, got.kind, got.text) == (item.id, kind, text.format(item=item.id))
    assert got.by == "marketer@shop.example"
    assert got.at is not None


async def test_no_other_comment_is_an_answer(rep: BottleCrm, shop: Shop) -> None:
    item = await rejected(rep, shop)
    shop.comment(item.lead_id, "Just talking.")
    shop.comment(item.lead_id, f"triage-answer: planned myself {item.id}", by=shop.me)
    shop.comment(item.lead_id, f"quoted\n[triage:{item.id} reject]")
    assert await replies_to(rep) == []


async def test_a_rep_without_decisions_asks_for_one_list_and_no_lead(rep: BottleCrm, shop: Shop) -> None:
    await rep.whoami()
    before = len(shop.requests)
    assert await replies_to(rep) == []
    assert len(shop.requests) == before + 1


async def test_a_rep_is_shown_no_answer_to_a_colleague(opened: Open, rep: BottleCrm, shop: Shop) -> None:
    item = await rejected(rep, shop)
    shop.type_answer(item.lead_id, "No.", "upheld")
    shop.state.leads[item.lead_id].assigned = {shop.me, shop.colleague}
    assert await replies_to(opened(shop.colleague_token)) == []


async def test_of_a_lead_that_two_share_each_reads_the_answers_to_their_own_items(
    opened: Open, rep: BottleCrm, shop: Shop
) -> None:
    await done(rep, feedback_on(lead(shop)))
    shop.state.leads[shop.lead_ids[0]].assigned = {shop.me, shop.colleague}
    colleague = opened(shop.colleague_token)
    theirs = Lead(LeadId(shop.lead_ids[0]), status=LeadStatus.ASSIGNED, owner=Owner(shop.colleague))
    item = await done(colleague, decision_on(theirs, Act.REJECT, reason="NO_NEED"))
    shop.type_answer(item.lead_id, "No.", "upheld")
    assert await replies_to(rep) == []
    assert [one.of for one in await replies_to(colleague)] == [item.id]


# What became of leads


async def test_arrival_and_first_touch_are_told_once_with_their_moments(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop
) -> None:
    first = [page async for page in marketing.outcomes(None)][-1]
    assert {change.stage for change in first.changes} == {LeadStatus.ASSIGNED}
    item = await done(rep, decision_on(lead(shop)))
    shop.respond(shop.lead_ids[1])
    later = [page async for page in marketing.outcomes(first.cursor)][-1]
    assert {(one.stage, one.lead_id) for one in later.changes} == {
        (LeadStatus.WORKING, item.lead_id),
        (LeadStatus.WORKING, shop.lead_ids[1]),
    }


@pytest.mark.parametrize("cursor", ["not json", "[]", '{"other": 1}', '{"given": 3, "told": 3}'])
async def test_a_cursor_that_is_not_ours_is_stale(rep: BottleCrm, cursor: str) -> None:
    with pytest.raises(StaleCursor):
        await replies_to(rep, cursor)
    with pytest.raises(StaleCursor):
        [page async for page in rep.outcomes(cursor)]


# Side by side


async def test_an_answer_and_a_feedback_at_the_same_moment_lose_neither(
    rep: BottleCrm, marketing: BottleCrm, shop: Shop
) -> None:
    """BottleCRM keeps the last of two writes whole: whoever lost sees it, and nothing is called done."""
    item = await rejected(rep, shop)
    told, reply = feedback_on(lead(shop)), answer(item)
    shop.overwrite(item.lead_id)
    outcomes, _none = await asyncio.gather(rep.push([told]), marketing.reply(reply))
    if isinstance(outcomes[told.id], Unknown):
        assert isinstance((await rep.push([told]))[told.id], Applied)
    assert shop.effects().count((told.id, "note")) == 1
    assert shop.answers() == [(reply.reply_id, "planned")]


# Hostile records

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["reject", "upheld"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_ENTRY = st.fixed_dictionaries({"id": st.just("I-1") | _JSON, "word": _JSON, "at": _JSON, "record": _JSON})
_LOG = st.lists(_ENTRY, max_size=3).map(json.dumps) | _JSON
_CUSTOM = st.fixed_dictionaries(dict.fromkeys(OUR_FIELDS, _LOG))
_LEAD = st.fixed_dictionaries(
    {"id": _JSON, "status": _JSON, "assigned_to": _JSON, "custom_fields": _CUSTOM | _JSON}
)
_DETAIL = st.fixed_dictionaries(
    {"lead_obj": _LEAD | _JSON, "comments": st.lists(st.fixed_dictionaries({"comment": _JSON})) | _JSON}
)


@given(_DETAIL)
@settings(max_examples=150)
def test_whatever_stands_on_a_lead_is_read_without_an_error(body: dict[str, Any]) -> None:
    lead = standing_of(body, Statuses(), utc_now())
    list(answers_in_comments(body, "me"))
    emptied = put_away(lead.row, "I-2")
    typed_reply(lead.row)
    if emptied:
        assert typed_reply({**lead.row, "custom_fields": {**lead.custom, **emptied}}) is None
    for mark in lead.marks:
        is_as_left(lead, mark)
        comments.is_missing(mark, lead)
