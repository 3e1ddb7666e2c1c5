"""Marketing reads what was decided, and answers: in triage, by a note in the chatter, or in two fields of a lead."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.odoo.conftest import Switchboard
from tests.odoo.server import Odoo
from tests.odoo.stage import signed_in
from tests.tempo import FastTempo
from triage.clock import new_id
from triage.crm.contract import decision_on, feedback_on
from triage.crm.odoo import OdooCrm, chatter
from triage.crm.odoo.reviewing.since import LASTING, Since, since_of
from triage.crm.odoo.reviewing.typed import plain_text, typed_fields
from triage.crm.records.mark import Mark
from triage.domain.act import Act
from triage.domain.item import Item
from triage.domain.lead import Lead, LeadId, LeadStatus, Owner
from triage.domain.outcome import Applied
from triage.domain.review import Reply, ReplyKind
from triage.domain.stages import StageChange
from triage.errors import CrmError, StaleCursor

WORDS = "Right. We block their domain."


class Sides:
    """A rep and marketing at one database."""

    def __init__(self, url: str, odoo: Odoo, **more: str) -> None:
        self.odoo = odoo
        self.rep = signed_in(url, odoo, **more)
        self.marketing = signed_in(
            url, odoo, odoo.marketing_key, login=odoo.marketing_login, role="marketing", **more
        )

    def lead(self, number: int = 0) -> Lead:
        ours = LeadId(str(self.odoo.lead_ids[number]))
        return Lead(ours, status=LeadStatus.ASSIGNED, owner=Owner(str(self.odoo.me)))

    async def rejected(self, number: int = 0) -> Item:
        item = decision_on(self.lead(number), Act.REJECT, reason="NOT_A_BUYER", note="A student.")
        assert isinstance((await self.rep.push([item]))[item.id], Applied)
        return item

    async def replies(self, cursor: str | None = None) -> tuple[list[Reply], str]:
        return await read(self.rep, cursor)

    async def aclose(self) -> None:
        await self.rep.aclose()
        await self.marketing.aclose()


async def read(crm: OdooCrm, cursor: str | None = None) -> tuple[list[Reply], str]:
    pages = [page async for page in crm.replies(cursor)]
    return [reply for page in pages for reply in page.replies], pages[-1].cursor


async def became(crm: OdooCrm, cursor: str | None = None) -> tuple[list[StageChange], str]:
    pages = [page async for page in crm.outcomes(cursor)]
    return [change for page in pages for change in page.changes], pages[-1].cursor


@pytest.fixture
async def sides(switchboard: Switchboard, odoo: Odoo) -> AsyncIterator[Sides]:
    made = Sides(switchboard.url, odoo)
    yield made
    await made.aclose()
    assert odoo.broken_rules == []


@pytest.fixture
async def bare(switchboard: Switchboard) -> AsyncIterator[Sides]:
    """A database in which nobody made fields."""
    made = Sides(switchboard.url, switchboard.plug(Odoo(FastTempo(), set_up=False)))
    yield made
    await made.aclose()
    assert made.odoo.broken_rules == []


async def test_a_note_that_marketing_types_into_the_chatter_reaches_the_rep_once(bare: Sides) -> None:
    item = await bare.rejected()
    nothing, cursor = await bare.replies()
    assert nothing == []
    bare.odoo.type_answer(item.lead_id, WORDS, "planned")
    (reply,), cursor = await bare.replies(cursor)
    assert (reply.of, reply.kind, reply.text, reply.lead_id) == (
        item.id,
        ReplyKind.PLANNED,
        WORDS,
        item.lead_id,
    )
    assert reply.by
    assert (await bare.replies(cursor))[0] == []


async def test_what_marketing_fills_into_the_fields_reaches_the_rep_once(sides: Sides) -> None:
    item = await sides.rejected()
    _, cursor = await sides.replies()
    sides.odoo.fill_answer(item.lead_id, WORDS, "upheld")
    (reply,), cursor = await sides.replies(cursor)
    assert (reply.of, reply.kind, reply.text) == (item.id, ReplyKind.UPHELD, WORDS)
    sides.odoo.advance(3_600)
    sides.odoo.retitle(sides.odoo.lead_ids[5])
    _, cursor = await sides.replies(cursor)
    sides.odoo.retitle(item.lead_id)
    assert (await sides.replies(cursor))[0] == []
    (decision,) = [one async for one in sides.marketing.decisions()]
    assert decision.state == "reviewed"


async def test_an_answer_that_stood_there_already_is_none_to_a_later_decision(sides: Sides) -> None:
    first = await sides.rejected()
    sides.odoo.fill_answer(first.lead_id, WORDS, "upheld")
    sides.odoo.restore(first.lead_id)
    second = await sides.rejected()
    (reply,), _ = await sides.replies()
    assert reply.of == first.id
    sides.odoo.fill_answer(first.lead_id, "And this one too.", "upheld")
    assert {one.of for one in (await sides.replies())[0]} == {second.id}


async def test_a_kind_alone_is_an_answer_and_a_kind_that_is_none_is_thanked_for(sides: Sides) -> None:
    first, second = await sides.rejected(), await sides.rejected(1)
    sides.odoo.fill_answer(first.lead_id, "", "planned")
    sides.odoo.type_answer(second.lead_id, "nonsense: but seen")
    found = {one.of: (one.kind, one.text) for one in (await sides.replies())[0]}
    assert found == {
        first.id: (ReplyKind.PLANNED, ""),
        second.id: (ReplyKind.ACKNOWLEDGED, "nonsense: but seen"),
    }


async def test_a_note_that_quotes_ours_answers_that_item(bare: Sides) -> None:
    item = await bare.rejected()
    later = feedback_on(bare.lead())
    await bare.rep.push([later])
    quoted = f"<blockquote><p>[triage:{item.id} reject] eyJ2IjoxfQ</p></blockquote>"
    bare.odoo.post(item.lead_id, f"<p>You are right.</p>{quoted}")
    bare.odoo.post(item.lead_id, f"<p>triage:{later.id}</p><p>Here it is.</p>", user=bare.odoo.colleague)
    found = {one.of: (one.kind, one.text) for one in (await bare.replies())[0]}
    assert found == {
        item.id: (ReplyKind.ACKNOWLEDGED, "You are right."),
        later.id: (ReplyKind.ACKNOWLEDGED, "Here it is."),
    }
    assert len([one async for one in bare.marketing.decisions()]) == 1


async def test_what_the_rep_writes_and_what_has_nothing_before_it_are_no_answers(bare: Sides) -> None:
    bare.odoo.type_answer(bare.odoo.lead_ids[3], "To whom?")
    item = await bare.rejected()
    bare.odoo.post(item.lead_id, "<p>triage-answer: to myself</p>", user=bare.odoo.me)
    bare.odoo.post(item.lead_id, "<p>An ordinary note about triage: nothing.</p>")
    assert (await bare.replies())[0] == []


async def test_an_answer_of_triage_is_a_note_and_stands_in_the_fields_and_comes_once(sides: Sides) -> None:
    item = await sides.rejected()
    reply = Reply(new_id(), item.id, ReplyKind.UPHELD, WORDS, link="definition v5")
    for _ in range(2):
        await sides.marketing.reply(reply)
    row = sides.odoo.row(item.lead_id)
    assert (row["x_triage_answer"], row["x_triage_answer_kind"]) == (WORDS, "upheld")
    assert sides.odoo.answers() == [(reply.reply_id, "upheld")]
    (told,), _ = await sides.replies()
    assert (told.reply_id, told.text, told.link) == (reply.reply_id, WORDS, "definition v5")
    (decision,) = [one async for one in sides.marketing.decisions()]
    assert [one.reply_id for one in decision.replies] == [reply.reply_id]


@pytest.mark.parametrize("fault", ["drop-before", "drop-after", "409", "500-after"])
@pytest.mark.parametrize("call", range(4))
async def test_an_answer_that_is_sent_again_is_recorded_once(sides: Sides, fault: str, call: int) -> None:
    item = await sides.rejected()
    reply = Reply(new_id(), item.id, ReplyKind.RETURNED, WORDS)
    sides.odoo.strike(*[""] * call, fault)
    for _ in range(3):
        try:
            told = await sides.marketing.reply_all([reply])
        except CrmError:
            continue
        if not told[reply.reply_id]:
            break
    sides.odoo.state.faults.writes.clear()
    assert (await sides.marketing.reply_all([reply]))[reply.reply_id] == ""
    assert sides.odoo.answers() == [(reply.reply_id, "returned")]
    standing = sides.odoo.standing(item.lead_id)
    assert (standing.owner, standing.active, standing.lost_reason) == (sides.odoo.me, True, "")
    assert "triage: rejected" not in standing.tags


async def test_a_lead_that_moved_on_is_not_brought_back(sides: Sides) -> None:
    item = await sides.rejected()
    sides.odoo.reassign(item.lead_id)
    with pytest.raises(CrmError, match="moved on"):
        await sides.marketing.reply(Reply(new_id(), item.id, ReplyKind.OVERTURNED, WORDS))
    assert sides.odoo.standing(item.lead_id).owner == sides.odoo.colleague
    assert sides.odoo.answers() == []


async def test_a_recycled_lead_comes_back_to_the_rep_who_sent_it_away(sides: Sides) -> None:
    item = decision_on(sides.lead(), Act.RECYCLE, reason="BAD_TIMING")
    await sides.rep.push([item])
    await sides.marketing.reply(Reply(new_id(), item.id, ReplyKind.RETURNED, "Look again."))
    assert sides.odoo.standing(item.lead_id).owner == sides.odoo.me
    leads = {one.lead_id: one async for page in sides.rep.fetch(None) for one in page.leads}
    assert leads[item.lead_id].status is LeadStatus.ASSIGNED


async def test_many_notes_are_read_in_pages_and_each_item_once(
    bare: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chatter, "_PAGE", 10)
    items = [feedback_on(bare.lead(number % 12), f"Note {number}") for number in range(13)]
    await bare.rep.push(items)
    bare.odoo.requests.clear()
    seen = [one.feedback_id async for one in bare.marketing.feedback()]
    assert sorted(seen) == sorted(item.id for item in items)
    assert bare.odoo.count("mail.message.search_read") == 2


async def test_marketing_counts_by_source_and_campaign_of_the_lead(sides: Sides) -> None:
    await sides.rejected()
    (decision,) = [one async for one in sides.marketing.decisions()]
    assert decision.lead["company"]
    assert decision.lead["source"] or decision.lead["campaign"]
    assert (decision.act, decision.reason, decision.note) == ("reject", "NOT_A_BUYER", "A student.")


# What became of leads


async def test_a_lead_that_was_won_is_told_with_its_worth(sides: Sides) -> None:
    _, cursor = await became(sides.marketing)
    won = sides.odoo.lead_ids[0]
    sides.odoo.win(won, 12_000.0)
    changes, cursor = await became(sides.marketing, cursor)
    told = {change.stage: change for change in changes if change.lead_id == str(won)}
    assert told[LeadStatus.WON].amount == 12_000.0
    assert told[LeadStatus.OPPORTUNITY].opportunity
    assert (await became(sides.marketing, cursor))[0] == []


async def test_what_triage_rejected_is_none_that_was_lost(sides: Sides) -> None:
    item = await sides.rejected()
    taken = decision_on(sides.lead(1))
    await sides.rep.push([taken])
    sides.odoo.archive(taken.lead_id)
    lost = {one.lead_id for one in (await became(sides.marketing))[0] if one.stage is LeadStatus.LOST}
    assert taken.lead_id in lost
    assert item.lead_id not in lost


async def test_a_rep_is_told_about_colleagues_leads_without_names(bare: Sides) -> None:
    bare.odoo.state.groups[bare.odoo.me] |= bare.odoo.state.groups[bare.odoo.marketer]
    changes, _ = await became(bare.rep)
    others = [one for one in changes if int(one.lead_id) in bare.odoo.other_lead_ids]
    assert {(one.name, one.owner) for one in others} <= {("", Owner(""))}


# Parts


def test_a_cursor_says_where_a_reading_ended_and_another_text_is_none() -> None:
    kept = Since(None, frozenset({"a", f"{LASTING}1"}))
    assert since_of(kept.cursor()) == kept
    assert since_of(None) == Since()
    assert f"{LASTING}1" in since_of(kept.cursor()).after((), ()).given
    for text in ("x", "{}", '{"since": 5, "given": []}', '{"since": "no", "given": []}', "[]"):
        with pytest.raises(StaleCursor):
            since_of(text)


def test_what_triage_wrote_into_the_fields_is_no_answer_of_somebody() -> None:
    item = Mark("1", "D1", "reject", {"answer": ["", ""]})
    ours = Mark("2", "R1", "upheld", {"reply": {"of": "D1", "text": WORDS}}, is_answer=True)
    assert typed_fields("12", WORDS, "upheld", None, [item, ours]) is None
    theirs = typed_fields("12", WORDS, "planned", None, [item, ours])
    assert theirs is not None
    assert theirs.of == "D1"
    assert typed_fields("12", WORDS, "planned", None, []) is None


def test_the_words_of_a_note_are_lines_without_markup_and_quotes() -> None:
    body = "<p>One<br>two &lt;b&gt;</p><blockquote><p>quoted</p></blockquote><div>three</div>"
    assert plain_text(body) == "One\ntwo <b>\nthree"
