# ruff: noqa: D102 - the name of a test is its sentence
"""What every adapter promises of who it is, what it gives, and what it reads. `CrmContract` has these."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, timedelta
from inspect import signature
from typing import cast

import pytest

from triage.clock import utc_now
from triage.crm.contract.stage import (
    WRONG_TOKEN,
    OnStage,
    Stage,
    decision_on,
    fresh_leads,
    leads_of,
    pages_of,
)
from triage.crm.port import LeadPage, explained_by
from triage.domain.act import Act
from triage.domain.lead import IN_VIEW, UNDECIDED
from triage.errors import CrmError, NotSignedIn, StaleCursor


@pytest.mark.asyncio
class ReadingContract(OnStage):
    """The promises of the port's first half."""

    # Who and what

    async def test_whoami_says_who_the_token_belongs_to(self, checked: Stage) -> None:
        rep = await checked.crm.whoami()
        assert rep.user_id, "whoami names the user by the id that leads have as owner"
        assert rep.role == "rep", "`Stage.crm` is signed in as a rep, and `Stage.marketing` as marketing"
        assert rep.access_ends is None or rep.access_ends > utc_now(), "a token that is taken has not ended"

    async def test_a_wrong_token_is_not_signed_in_and_is_not_repeated(self, checked: Stage) -> None:
        with pytest.raises(NotSignedIn) as caught:
            await checked.signed_in_with(WRONG_TOKEN).whoami()
        said = f"{caught.value!r} {caught.value} {caught.value.hint}"
        assert WRONG_TOKEN not in said, "no error, log or repr may hold a token"

    async def test_the_capabilities_are_words_the_screens_know(self, checked: Stage) -> None:
        gives = await checked.crm.capabilities()
        assert gives.name, "the screens name the CRM by it"
        assert gives.batch >= 1, "a batch is how many items one push may have"
        assert gives.reasons in ("weights", "order", "none"), "how a score is explained"
        assert {*gives.final} <= {*Act}, (
            "the rep is asked before an act of `final`: its words are those of Act"
        )

    async def test_how_far_its_clock_is_ahead_is_told_or_unknown(self, checked: Stage) -> None:
        await checked.crm.whoami()
        skew = getattr(checked.crm, "skew", None)
        assert skew is None or abs(skew) < timedelta(hours=1), "skew is the CRM's clock less ours"

    async def test_it_is_made_without_words_of_an_account_and_may_be_closed_twice(self, stage: Stage) -> None:
        for name, takes in signature(type(stage.crm)).parameters.items():
            if name in ("dialect", "renew", "ca_file"):
                assert takes.default is not takes.empty, f"`{name}` is given only where a profile has it"
        crm = stage.unreachable()
        await crm.aclose()
        await crm.aclose()

    # Reading

    async def test_a_fetch_gives_each_lead_once(self, checked: Stage) -> None:
        ids = [lead.lead_id for lead in leads_of(await pages_of(checked.crm))]
        assert ids, "the stage's rep has leads, and fetch(None) yields all of them"
        assert len(ids) == len(set(ids)), "a lead is in one page of a fetch"

    async def test_a_fetch_gives_the_reps_own_leads_with_aware_utc_times(self, checked: Stage) -> None:
        rep = await checked.crm.whoami()
        for lead in leads_of(await pages_of(checked.crm)):
            assert lead.owner.user_id == rep.user_id, "fetch yields the leads of who is signed in"
            assert lead.fetched_at is not None, "a lead says when this copy was taken"
            times = (lead.created_at, lead.event_at, lead.assigned_at, lead.sla_due_at, lead.fetched_at)
            assert all(moment.tzinfo is UTC for moment in times if moment is not None), "times are in UTC"

    async def test_only_the_last_page_says_that_there_is_no_more(self, checked: Stage) -> None:
        pages = await pages_of(checked.crm)
        assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]
        assert all(page.cursor for page in pages), "every page has a cursor to go on from"

    async def test_a_fetch_that_breaks_off_goes_on_behind_its_last_page(self, checked: Stage) -> None:
        every = [lead.lead_id for lead in leads_of(await pages_of(checked.crm))]
        async with aclosing(cast("AsyncGenerator[LeadPage]", checked.crm.fetch(None))) as pages:
            first = await anext(pages)
        rest = await pages_of(checked.crm, first.cursor)
        got = {lead.lead_id for lead in leads_of([first, *rest])}
        assert got == {*every}, "what the first page's cursor gives, and that page, are all leads"

    async def test_the_cursor_gives_only_what_changed_since(self, checked: Stage) -> None:
        cursor = (await pages_of(checked.crm))[-1].cursor
        lead = (await fresh_leads(checked.crm))[0]
        assert leads_of(await pages_of(checked.crm, cursor)) == [], "nothing has changed since the fetch"
        await checked.crm.push([decision_on(lead)])
        changed = [one.lead_id for one in leads_of(await pages_of(checked.crm, cursor))]
        assert changed == [lead.lead_id], "the lead that was decided has changed, and no other"

    async def test_a_lead_that_someone_else_took_is_gone(self, checked: Stage) -> None:
        cursor = (await pages_of(checked.crm))[-1].cursor
        lead = (await fresh_leads(checked.crm))[0]
        await checked.take_away(lead.lead_id)
        pages = await pages_of(checked.crm, cursor)
        gone = [lead_id for page in pages for lead_id in page.gone]
        assert lead.lead_id in gone, "`LeadPage.gone` names leads that are no longer the rep's"
        assert lead.lead_id not in [lead.lead_id for lead in leads_of(pages)]

    async def test_a_lead_that_was_rejected_is_gone(self, checked: Stage) -> None:
        cursor = (await pages_of(checked.crm))[-1].cursor
        lead = (await fresh_leads(checked.crm))[0]
        await checked.crm.push([decision_on(lead, Act.REJECT, reason="NOT_A_BUYER")])
        pages = await pages_of(checked.crm, cursor)
        assert lead.lead_id in [lead_id for page in pages for lead_id in page.gone], (
            "it waits for no one here"
        )
        left = leads_of(await pages_of(checked.crm))
        assert lead.lead_id not in [one.lead_id for one in left], "fetch yields assigned and working leads"
        assert {one.status for one in left} <= UNDECIDED | IN_VIEW, "fetch yields assigned and working leads"

    async def test_a_cursor_that_it_does_not_know_is_stale(self, checked: Stage) -> None:
        """As after a change of account or adapter: triage then fetches everything again."""
        with pytest.raises(StaleCursor):
            await pages_of(checked.crm, "a cursor of somebody else's")

    async def test_a_lead_is_explained_where_that_is_promised(self, checked: Stage) -> None:
        gives = await checked.crm.capabilities()
        lead = (await fresh_leads(checked.crm))[0]
        told = await explained_by(checked.crm, lead.lead_id)
        assert told is None or gives.explains, "`Capabilities.explains` says that a lead can be asked about"
        if gives.explains:
            with pytest.raises(CrmError):
                await explained_by(checked.unreachable(), lead.lead_id)

    async def test_definition_and_reasons_are_read_or_absent(self, checked: Stage) -> None:
        definition, reasons = await checked.crm.definition(), await checked.crm.reasons()
        assert definition is None or definition.version, (
            "a definition has a version; None where there is none"
        )
        assert reasons is None or all(reason.code and reason.label for reason in reasons.reasons)

    async def test_people_and_statistics_are_there_if_promised(self, checked: Stage) -> None:
        gives = await checked.crm.capabilities()
        people, statistics = await checked.crm.people(), await checked.crm.statistics()
        assert bool(people) == gives.people, "`Capabilities.people` says whether there are any"
        assert all(person.user_id for person in people), "a person is who a lead can go to, by id"
        assert not statistics or gives.statistics, "`Capabilities.statistics` says whether there are any"
