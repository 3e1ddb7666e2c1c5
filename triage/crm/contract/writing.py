# ruff: noqa: D102 - the name of a test is its sentence
"""What every adapter promises of what it writes: a decision takes effect once, or the rep is told why not.

`CrmContract` has these.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from triage.clock import new_id, utc_now
from triage.crm.contract.stage import (
    WRONG_TOKEN,
    OnStage,
    Stage,
    decision_on,
    feedback_on,
    fresh_leads,
    leads_of,
    pages_of,
)
from triage.domain.act import Act
from triage.domain.feedback import Feedback, FeedbackType
from triage.domain.item import Item, State
from triage.domain.lead import Seen
from triage.domain.outcome import (
    Absent,
    Already,
    Applied,
    Conflicted,
    Outcome,
    Receipt,
    Refused,
    RetryLater,
    Unknown,
)
from triage.errors import NotSignedIn, Unreachable

ONCE = "the CRM's own records show that the item took effect once"
NEVER = "the CRM's own records show that the item took no effect"


@pytest.mark.asyncio
class WritingContract(OnStage):
    """One promise for what is written, from all sides."""

    # Writing

    async def test_a_decision_is_applied_once_with_a_receipt(self, checked: Stage) -> None:
        item = decision_on((await fresh_leads(checked.crm))[0])
        outcome = (await checked.crm.push([item]))[item.id]
        assert _receipt(outcome).receipt_id, "a receipt is the CRM's word, by an id of its own"
        assert await checked.effects(item.id) == 1, ONCE

    async def test_the_same_item_again_is_already_and_has_one_effect(self, checked: Stage) -> None:
        item = decision_on((await fresh_leads(checked.crm))[0])
        first = (await checked.crm.push([item]))[item.id]
        again = (await checked.crm.push([item]))[item.id]
        assert again == Already(_receipt(first)), "a second push finds the first, with its receipt"
        assert await checked.effects(item.id) == 1, ONCE

    async def test_the_same_item_twice_at_once_has_one_effect(self, checked: Stage) -> None:
        item = decision_on((await fresh_leads(checked.crm))[0])
        await asyncio.gather(checked.crm.push([item]), checked.crm.push([item]))
        assert await checked.effects(item.id) == 1, ONCE

    async def test_every_item_has_an_outcome_under_its_own_id(self, stage: Stage) -> None:
        """Asked without a go-between, which passes over ids that it did not give."""
        good, odd, *_ = await fresh_leads(stage.crm)
        items = [decision_on(odd, Act.REROUTE, params={"to": "no-such-user"}), decision_on(good)]
        batch = (await stage.crm.capabilities()).batch
        groups = [items] if batch > 1 else [[item] for item in items]
        outcomes = {
            key: value for group in groups for key, value in dict(await stage.crm.push(group)).items()
        }
        assert set(outcomes) == {item.id for item in items}, "one outcome for each item, by `item.id`"
        assert isinstance(outcomes[items[0].id], Refused), "nobody has the id that it was to go to"
        assert isinstance(outcomes[items[1].id], Applied), "one item that is refused does not hold up another"

    async def test_a_refusal_has_words_and_no_effect(self, checked: Stage) -> None:
        lead = (await fresh_leads(checked.crm))[0]
        item = decision_on(lead, Act.REROUTE, params={"to": "no-such-user"})
        outcome = (await checked.crm.push([item]))[item.id]
        assert isinstance(outcome, Refused), "nobody has the id that it was to go to"
        assert outcome.messages, "a refusal is told to the rep in words"
        assert all(outcome.messages), "and none of them is empty"
        assert await checked.effects(item.id) == 0, NEVER

    async def test_a_lead_taken_since_it_was_seen_is_a_conflict_with_theirs(self, checked: Stage) -> None:
        lead = (await fresh_leads(checked.crm))[0]
        await checked.take_away(lead.lead_id)
        item = decision_on(lead)
        outcome = (await checked.crm.push([item]))[item.id]
        assert isinstance(outcome, Conflicted), "the owner is not who the rep saw: compare, and write nothing"
        theirs = outcome.theirs.owner.user_id
        assert theirs not in ("", lead.owner.user_id), "a conflict says who has the lead now"
        assert await checked.effects(item.id) == 0, NEVER

    async def test_a_restore_brings_the_lead_back_as_it_was(self, checked: Stage) -> None:
        lead = (await fresh_leads(checked.crm))[0]
        until = (utc_now() + timedelta(days=2)).date().isoformat()
        first = decision_on(lead, Act.SNOOZE, params={"until": until})
        await checked.crm.push([first])
        restore = decision_on(lead, Act.RESTORE, of=first.id)
        _receipt((await checked.crm.push([restore]))[restore.id])
        after = next(now for now in leads_of(await pages_of(checked.crm)) if now.lead_id == lead.lead_id)
        assert (after.status, after.owner) == (lead.status, lead.owner), "as before the decision `of`"
        assert isinstance(await checked.crm.verify(restore), Already), "a restore is known by its id too"

    async def test_a_restore_of_a_lead_that_someone_else_took_has_no_effect(self, checked: Stage) -> None:
        lead = (await fresh_leads(checked.crm))[0]
        first = decision_on(lead)
        await checked.crm.push([first])
        await checked.take_away(lead.lead_id)
        restore = decision_on(lead, Act.RESTORE, of=first.id)
        outcome = (await checked.crm.push([restore]))[restore.id]
        assert isinstance(outcome, Conflicted | Refused), "only what stands as it was left is put back"
        assert await checked.effects(restore.id) == 0, NEVER

    async def test_a_later_decision_is_compared_with_our_own_receipt(self, checked: Stage) -> None:
        lead = (await fresh_leads(checked.crm))[0]
        until = (utc_now() + timedelta(days=2)).date().isoformat()
        first = decision_on(lead, Act.SNOOZE, params={"until": until})
        receipt = _receipt((await checked.crm.push([first]))[first.id])
        assert receipt.owner is not None, "a receipt says status, owner and version as they are afterwards"
        second = decision_on(lead)
        moved_on = replace(second, base=Seen(receipt.owner.user_id, receipt.status, receipt.version))
        _receipt((await checked.crm.push([moved_on]))[second.id])

    async def test_a_batch_may_be_as_large_as_promised(self, checked: Stage) -> None:
        batch = (await checked.crm.capabilities()).batch
        lead = (await fresh_leads(checked.crm))[0]
        items = [feedback_on(lead) for _ in range(batch)]
        outcomes = await checked.crm.push(items)
        assert all(isinstance(outcomes[item.id], Applied) for item in items), "`Capabilities.batch` of them"

    async def test_feedback_is_taken_once(self, checked: Stage) -> None:
        item = feedback_on((await fresh_leads(checked.crm))[0])
        first = (await checked.crm.push([item]))[item.id]
        again = (await checked.crm.push([item]))[item.id]
        _receipt(first)
        assert isinstance(again, Already), "feedback is known by its id too"
        assert await checked.effects(item.id) == 1, ONCE

    async def test_feedback_can_be_taken_back_once(self, checked: Stage) -> None:
        told = feedback_on((await fresh_leads(checked.crm))[0])
        await checked.crm.push([told])
        back = Feedback(new_id(), told.lead_id, FeedbackType.RETRACTION, {}, utc_now(), supersedes=told.id)
        item = Item(State.SENDING, due_at=utc_now(), feedback=back)
        _receipt((await checked.crm.push([item]))[item.id])
        assert isinstance((await checked.crm.push([item]))[item.id], Already), (
            "a retraction has an id as well"
        )
        assert await checked.effects(item.id) == 1, ONCE

    # Doubt

    @pytest.mark.parametrize("make", [decision_on, feedback_on], ids=["decision", "feedback"])
    async def test_verify_says_absent_before_and_already_after(self, checked: Stage, make: object) -> None:
        assert callable(make)
        item: Item = make((await fresh_leads(checked.crm))[0])
        assert await checked.crm.verify(item) == Absent(), "it was never sent: the CRM does not have it"
        receipt = _receipt((await checked.crm.push([item]))[item.id])
        assert await checked.crm.verify(item) == Already(receipt), "found by its id, with the same receipt"

    async def test_a_lost_answer_is_unknown_until_verified(self, checked: Stage) -> None:
        item = decision_on((await fresh_leads(checked.crm))[0])
        outcome = (await checked.losing_answers().push([item]))[item.id]
        assert isinstance(outcome, Unknown), "no answer came: it may have taken effect, and nobody knows"
        assert isinstance(await checked.crm.verify(item), Already)
        assert await checked.effects(item.id) == 1, ONCE

    async def test_a_crm_out_of_reach_is_said_and_nothing_is_called_done(self, checked: Stage) -> None:
        away = checked.unreachable()
        item = decision_on((await fresh_leads(checked.crm))[0])
        with pytest.raises(Unreachable) as caught:
            await pages_of(away)
        assert caught.value.message, "an error is a sentence"
        with pytest.raises(Unreachable):
            await away.verify(item)
        outcome = (await away.push([item]))[item.id]
        assert isinstance(outcome, RetryLater), "nothing was sent, so it certainly took no effect"
        assert await checked.effects(item.id) == 0, NEVER

    async def test_a_push_with_a_wrong_token_raises_and_has_no_effect(self, checked: Stage) -> None:
        item = decision_on((await fresh_leads(checked.crm))[0])
        with pytest.raises(NotSignedIn):
            await checked.signed_in_with(WRONG_TOKEN).push([item])
        assert await checked.effects(item.id) == 0, NEVER


def _receipt(outcome: Outcome) -> Receipt:
    assert isinstance(outcome, Applied), "a push that the CRM confirms is `Applied`"
    return outcome.receipt
