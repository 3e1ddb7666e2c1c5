# ruff: noqa: D102 - the name of a test is its sentence
"""What every adapter promises, as tests. Subclass `CrmContract`, give it a `stage`, and run pytest."""

from __future__ import annotations

import asyncio
from datetime import UTC, timedelta

import pytest
from msgspec.structs import replace

from triage.clock import utc_now
from triage.crm.contract.marketing import MarketingContract
from triage.crm.contract.stage import (
    WRONG_TOKEN,
    Stage,
    decision_on,
    feedback_on,
    fresh_leads,
    leads_of,
    pages_of,
)
from triage.domain.act import Act
from triage.domain.item import Item
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


@pytest.mark.asyncio
class CrmContract(MarketingContract):
    """The promises of `triage.crm.port.Crm`. Each test takes leads that no other test has touched."""

    # Who and what

    async def test_whoami_says_who_the_token_belongs_to(self, stage: Stage) -> None:
        rep = await stage.crm.whoami()
        assert rep.user_id
        assert rep.role == "rep"

    async def test_a_wrong_token_is_not_signed_in_and_is_not_repeated(self, stage: Stage) -> None:
        with pytest.raises(NotSignedIn) as caught:
            await stage.signed_in_with(WRONG_TOKEN).whoami()
        assert WRONG_TOKEN not in f"{caught.value!r} {caught.value} {caught.value.hint}"

    async def test_the_capabilities_are_words_the_screens_know(self, stage: Stage) -> None:
        capabilities = await stage.crm.capabilities()
        assert capabilities.name
        assert capabilities.batch >= 1
        assert capabilities.reasons in ("weights", "order", "none")

    async def test_how_far_its_clock_is_ahead_is_told_or_unknown(self, stage: Stage) -> None:
        await stage.crm.whoami()
        assert stage.crm.skew is None or abs(stage.crm.skew) < timedelta(hours=1)

    # Reading

    async def test_a_fetch_gives_each_lead_once(self, stage: Stage) -> None:
        ids = [lead.lead_id for lead in leads_of(await pages_of(stage.crm))]
        assert ids
        assert len(ids) == len(set(ids))

    async def test_a_fetch_gives_the_reps_own_leads_with_aware_utc_times(self, stage: Stage) -> None:
        rep = await stage.crm.whoami()
        for lead in leads_of(await pages_of(stage.crm)):
            assert lead.owner.user_id == rep.user_id
            assert lead.fetched_at is not None
            times = (lead.created_at, lead.event_at, lead.assigned_at, lead.sla_due_at, lead.fetched_at)
            assert all(moment.tzinfo is UTC for moment in times if moment is not None)

    async def test_only_the_last_page_says_that_there_is_no_more(self, stage: Stage) -> None:
        pages = await pages_of(stage.crm)
        assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]
        assert all(page.cursor for page in pages)

    async def test_the_cursor_gives_only_what_changed_since(self, stage: Stage) -> None:
        cursor = (await pages_of(stage.crm))[-1].cursor
        lead = (await fresh_leads(stage.crm))[0]
        assert leads_of(await pages_of(stage.crm, cursor)) == []
        await stage.crm.push([decision_on(lead)])
        assert [changed.lead_id for changed in leads_of(await pages_of(stage.crm, cursor))] == [lead.lead_id]

    async def test_a_lead_that_someone_else_took_is_gone(self, stage: Stage) -> None:
        cursor = (await pages_of(stage.crm))[-1].cursor
        lead = (await fresh_leads(stage.crm))[0]
        await stage.take_away(lead.lead_id)
        pages = await pages_of(stage.crm, cursor)
        assert lead.lead_id in [lead_id for page in pages for lead_id in page.gone]
        assert lead.lead_id not in [lead.lead_id for lead in leads_of(pages)]

    async def test_definition_and_reasons_are_read_or_absent(self, stage: Stage) -> None:
        definition, reasons = await stage.crm.definition(), await stage.crm.reasons()
        assert definition is None or definition.version
        assert reasons is None or all(reason.code and reason.label for reason in reasons.reasons)

    async def test_people_and_statistics_are_there_if_promised(self, stage: Stage) -> None:
        capabilities = await stage.crm.capabilities()
        people, statistics = await stage.crm.people(), await stage.crm.statistics()
        assert bool(people) == capabilities.people
        assert all(person.user_id for person in people)
        assert not statistics or capabilities.statistics

    # Writing

    async def test_a_decision_is_applied_once_with_a_receipt(self, stage: Stage) -> None:
        item = decision_on((await fresh_leads(stage.crm))[0])
        outcome = (await stage.crm.push([item]))[item.id]
        assert isinstance(outcome, Applied)
        assert outcome.receipt.receipt_id
        assert await stage.effects(item.id) == 1

    async def test_the_same_item_again_is_already_and_has_one_effect(self, stage: Stage) -> None:
        item = decision_on((await fresh_leads(stage.crm))[0])
        first = (await stage.crm.push([item]))[item.id]
        again = (await stage.crm.push([item]))[item.id]
        assert isinstance(first, Applied)
        assert again == Already(first.receipt)
        assert await stage.effects(item.id) == 1

    async def test_the_same_item_twice_at_once_has_one_effect(self, stage: Stage) -> None:
        item = decision_on((await fresh_leads(stage.crm))[0])
        await asyncio.gather(stage.crm.push([item]), stage.crm.push([item]))
        assert await stage.effects(item.id) == 1

    async def test_every_item_has_an_outcome_under_its_own_id(self, stage: Stage) -> None:
        good, odd, *_ = await fresh_leads(stage.crm)
        items = [decision_on(odd, Act.REROUTE, params={"to": "no-such-user"}), decision_on(good)]
        batch = (await stage.crm.capabilities()).batch
        groups = [items] if batch > 1 else [[item] for item in items]
        outcomes = {key: value for group in groups for key, value in (await stage.crm.push(group)).items()}
        assert set(outcomes) == {item.id for item in items}
        assert isinstance(outcomes[items[0].id], Refused)
        assert isinstance(outcomes[items[1].id], Applied)

    async def test_a_refusal_has_words_and_no_effect(self, stage: Stage) -> None:
        lead = (await fresh_leads(stage.crm))[0]
        item = decision_on(lead, Act.REROUTE, params={"to": "no-such-user"})
        outcome = (await stage.crm.push([item]))[item.id]
        assert isinstance(outcome, Refused)
        assert all(outcome.messages)
        assert outcome.messages
        assert await stage.effects(item.id) == 0

    async def test_a_lead_taken_since_it_was_seen_is_a_conflict_with_theirs(self, stage: Stage) -> None:
        lead = (await fresh_leads(stage.crm))[0]
        await stage.take_away(lead.lead_id)
        item = decision_on(lead)
        outcome = (await stage.crm.push([item]))[item.id]
        assert isinstance(outcome, Conflicted)
        assert outcome.theirs.owner.user_id not in ("", lead.owner.user_id)
        assert await stage.effects(item.id) == 0

    async def test_a_restore_brings_the_lead_back_as_it_was(self, stage: Stage) -> None:
        lead = (await fresh_leads(stage.crm))[0]
        until = (utc_now() + timedelta(days=2)).date().isoformat()
        first = decision_on(lead, Act.SNOOZE, params={"until": until})
        await stage.crm.push([first])
        restore = decision_on(lead, Act.RESTORE, of=first.id)
        assert isinstance((await stage.crm.push([restore]))[restore.id], Applied)
        after = next(now for now in leads_of(await pages_of(stage.crm)) if now.lead_id == lead.lead_id)
        assert (after.status, after.owner) == (lead.status, lead.owner)

    async def test_a_later_decision_is_compared_with_our_own_receipt(self, stage: Stage) -> None:
        lead = (await fresh_leads(stage.crm))[0]
        until = (utc_now() + timedelta(days=2)).date().isoformat()
        first = decision_on(lead, Act.SNOOZE, params={"until": until})
        receipt = _receipt((await stage.crm.push([first]))[first.id])
        assert receipt.owner is not None
        second = decision_on(lead)
        moved_on = replace(second, base=Seen(receipt.owner.user_id, receipt.status, receipt.version))
        assert isinstance((await stage.crm.push([moved_on]))[second.id], Applied)

    async def test_a_batch_may_be_as_large_as_promised(self, stage: Stage) -> None:
        batch = (await stage.crm.capabilities()).batch
        lead = (await fresh_leads(stage.crm))[0]
        items = [feedback_on(lead) for _ in range(batch)]
        outcomes = await stage.crm.push(items)
        assert all(isinstance(outcomes[item.id], Applied) for item in items)

    async def test_feedback_is_taken_once(self, stage: Stage) -> None:
        item = feedback_on((await fresh_leads(stage.crm))[0])
        first = (await stage.crm.push([item]))[item.id]
        again = (await stage.crm.push([item]))[item.id]
        assert isinstance(first, Applied)
        assert isinstance(again, Already)
        assert await stage.effects(item.id) == 1

    # Doubt

    @pytest.mark.parametrize("make", [decision_on, feedback_on], ids=["decision", "feedback"])
    async def test_verify_says_absent_before_and_already_after(self, stage: Stage, make: object) -> None:
        assert callable(make)
        item: Item = make((await fresh_leads(stage.crm))[0])
        assert await stage.crm.verify(item) == Absent()
        applied = (await stage.crm.push([item]))[item.id]
        assert isinstance(applied, Applied)
        assert await stage.crm.verify(item) == Already(applied.receipt)

    async def test_a_lost_answer_is_unknown_until_verified(self, stage: Stage) -> None:
        item = decision_on((await fresh_leads(stage.crm))[0])
        outcome = (await stage.losing_answers().push([item]))[item.id]
        assert isinstance(outcome, Unknown)
        assert isinstance(await stage.crm.verify(item), Already)
        assert await stage.effects(item.id) == 1

    async def test_a_crm_out_of_reach_is_said_and_nothing_is_called_done(self, stage: Stage) -> None:
        away = stage.unreachable()
        item = decision_on((await fresh_leads(stage.crm))[0])
        with pytest.raises(Unreachable) as caught:
            await pages_of(away)
        assert caught.value.message
        with pytest.raises(Unreachable):
            await away.verify(item)
        assert isinstance((await away.push([item]))[item.id], RetryLater)
        assert await stage.effects(item.id) == 0

    async def test_a_push_with_a_wrong_token_raises_and_has_no_effect(self, stage: Stage) -> None:
        item = decision_on((await fresh_leads(stage.crm))[0])
        with pytest.raises(NotSignedIn):
            await stage.signed_in_with(WRONG_TOKEN).push([item])
        assert await stage.effects(item.id) == 0


def _receipt(outcome: Outcome) -> Receipt:
    assert isinstance(outcome, Applied)
    return outcome.receipt
