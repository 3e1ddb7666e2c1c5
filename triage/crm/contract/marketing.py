# ruff: noqa: D102 - the name of a test is its sentence
"""What every adapter promises of marketing's side: review, answers, what was seen, what became of leads.

All of it may be absent in an adapter or a CRM, and is then nothing, never an error. `CrmContract` has these.
"""

from __future__ import annotations

from datetime import UTC

import pytest

from triage.clock import new_id
from triage.crm.contract.stage import AWKWARD, OnStage, Stage, decision_on, feedback_on, fresh_leads
from triage.crm.port import (
    Crm,
    bands_of,
    decisions_of,
    feedback_of,
    outcomes_of,
    reply_all_at,
    see_at,
)
from triage.domain.review import Reply, ReplyKind


@pytest.mark.asyncio
class MarketingContract(OnStage):
    """The promises of the port's second half."""

    async def test_marketing_sees_the_decision_as_it_was_made(self, checked: Stage) -> None:
        marketing = await _marketing(checked)
        item = decision_on((await fresh_leads(checked.crm))[0], note=AWKWARD)
        await checked.crm.push([item])
        reviewed = [one async for one in marketing.decisions() if one.decision_id == item.id]
        assert [one.note for one in reviewed] == [AWKWARD], "a note comes back as it went"
        assert reviewed[0].snapshot, "what the rep saw as they decided comes back too"
        assert reviewed[0].decided_at == item.made_at, "the moment is the rep's, not the CRM's"

    async def test_marketing_sees_the_feedback_as_it_was_given(self, checked: Stage) -> None:
        marketing = await _marketing(checked)
        item = feedback_on((await fresh_leads(checked.crm))[0], AWKWARD)
        await checked.crm.push([item])
        seen = [one async for one in marketing.feedback() if one.feedback_id == item.id]
        assert [one.payload for one in seen] == [{"text": AWKWARD}], "each text as it went"

    async def test_a_reply_reaches_the_rep_once(self, checked: Stage) -> None:
        marketing = await _marketing(checked)
        item = feedback_on((await fresh_leads(checked.crm))[0])
        await checked.crm.push([item])
        before = await _cursor_of_replies(checked.crm)
        reply = Reply(new_id(), item.id, ReplyKind.PLANNED, "It is on the list.", of_kind="feedback")
        await marketing.reply(reply)
        await marketing.reply(reply)
        new = [page async for page in checked.crm.replies(before)]
        assert [(one.reply_id, one.of, one.text) for page in new for one in page.replies] == [
            (reply.reply_id, item.id, reply.text)
        ]

    async def test_many_answers_have_a_word_each_and_are_recorded_once(self, checked: Stage) -> None:
        marketing = await _marketing(checked)
        item = feedback_on((await fresh_leads(checked.crm))[0])
        await checked.crm.push([item])
        before = await _cursor_of_replies(checked.crm)
        good = Reply(new_id(), item.id, ReplyKind.CHANGED, AWKWARD, of_kind="feedback", link="definition v5")
        bad = Reply(new_id(), new_id(), ReplyKind.PLANNED, "To nothing.")
        for _ in range(2):
            told = await reply_all_at(marketing, [bad, good])
            assert set(told) == {good.reply_id, bad.reply_id}, "a word for each, by `reply_id`"
            assert told[good.reply_id] == "", "recorded, and no error the second time"
            assert told[bad.reply_id], "an answer to nothing is not recorded, and that is said"
        new = [one async for page in checked.crm.replies(before) for one in page.replies]
        assert [(one.reply_id, one.text, one.link) for one in new] == [(good.reply_id, AWKWARD, good.link)]

    async def test_what_the_rep_has_seen_is_told_to_marketing(self, checked: Stage) -> None:
        marketing = await _marketing(checked)
        item = feedback_on((await fresh_leads(checked.crm))[0])
        await checked.crm.push([item])
        reply = Reply(new_id(), item.id, ReplyKind.ACKNOWLEDGED, "Thank you.", of_kind="feedback")
        await marketing.reply(reply)
        assert [one.seen_at for one in await _replies_to(marketing, item.id)] == [None]
        has_a_word_for_it = await see_at(checked.crm, [reply.reply_id, new_id()])
        first = [one.seen_at for one in await _replies_to(marketing, item.id)]
        await see_at(checked.crm, [reply.reply_id])
        assert [one.seen_at for one in await _replies_to(marketing, item.id)] == first
        assert has_a_word_for_it or first == [None], "nobody saw it but by the word `see`"

    async def test_a_team_is_shown_without_colleagues_names_and_words(self, checked: Stage) -> None:
        rep = await checked.crm.whoami()
        item = decision_on((await fresh_leads(checked.crm))[0], note=AWKWARD)
        await checked.crm.push([item])
        shown = [one async for one in decisions_of(checked.crm, team=True)]
        told = [one async for one in feedback_of(checked.crm, team=True)]
        assert {one.note for one in shown if one.decision_id == item.id} <= {AWKWARD}
        whose = [*(one.rep for one in shown), *(one.rep for one in told)]
        assert {(who.user_id, who.name) for who in whose if who.user_id != rep.user_id} <= {("", "")}, (
            "no names"
        )
        assert not [one for one in shown if one.rep.user_id != rep.user_id and one.note], "no words"

    async def test_marketing_sees_the_same_with_and_without_the_team(self, checked: Stage) -> None:
        marketing = await _marketing(checked)
        alone = {one.decision_id async for one in decisions_of(marketing, team=False)}
        team = {one.decision_id async for one in decisions_of(marketing, team=True)}
        assert team >= alone, "`team` shows more, never less"

    # What became of leads, and who may have them: absent is nothing

    async def test_what_became_of_leads_is_told_once_with_times_or_not_at_all(self, checked: Stage) -> None:
        pages = [page async for page in outcomes_of(checked.crm, None)]
        changes = [change for page in pages for change in page.changes]
        ids = [change.change_id for change in changes]
        assert len(ids) == len(set(ids)), "each change has an id of its own"
        assert all(change.at.tzinfo is UTC for change in changes)
        assert all(change.lead_id for change in changes)
        assert [page.more for page in pages] == ([True] * (len(pages) - 1) + [False] if pages else [])

    async def test_after_the_cursor_there_is_only_what_has_become_since(self, checked: Stage) -> None:
        pages = [page async for page in outcomes_of(checked.crm, None)]
        lead = (await fresh_leads(checked.crm))[0]
        await checked.crm.push([decision_on(lead)])
        cursor = pages[-1].cursor if pages else None
        later = [change async for page in outcomes_of(checked.crm, cursor) for change in page.changes]
        known = {change.change_id for page in pages for change in page.changes}
        assert not {change.change_id for change in later} & known, "nothing is told twice"
        assert {change.lead_id for change in later} <= {lead.lead_id}, "only the decided lead has changed"

    async def test_people_are_listed_once_each_with_a_kind(self, checked: Stage) -> None:
        people = await checked.crm.people()
        assert len({person.user_id for person in people}) == len(people)
        assert {person.kind for person in people} <= {"user", "queue"}, "the two kinds there are"

    async def test_bands_are_counts_of_what_was_decided_or_absent(self, checked: Stage) -> None:
        bands = await bands_of(checked.crm)
        assert len({band.band for band in bands}) == len(bands)
        assert all(band.band and 0 <= band.accepted <= band.decided and band.days > 0 for band in bands)


async def _cursor_of_replies(crm: Crm) -> str:
    pages = [page async for page in crm.replies(None)]
    assert pages, "replies yields one page at least, though it is empty: its cursor is for the next time"
    return pages[-1].cursor


async def _replies_to(marketing: Crm, feedback_id: str) -> tuple[Reply, ...]:
    found = [one.replies async for one in marketing.feedback() if one.feedback_id == feedback_id]
    return found[0] if found else ()


async def _marketing(stage: Stage) -> Crm:
    if stage.marketing is None:
        gives = await stage.crm.capabilities()
        assert not gives.replies, (
            "`Capabilities.replies` promises marketing's answers: give `Stage.marketing`"
        )
        pytest.skip("this CRM keeps no review for marketing: `Capabilities.replies` is False")
    return stage.marketing
