"""What both teams are to agree on, asked in marketing's review too."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from screens.rules.screen import RulesScreen
from screens.sight import TYPED_AHEAD
from tests.screens.reviewing import MARKETER, believable, review_session, reviewing
from tests.screens.sample import NOW
from tests.screens.stage import RULES
from tests.screens.watching import until
from triage.domain.definition import Definition
from triage.domain.lead import Owner
from triage.domain.proposals import Proposal, Proposals, ProposalState, Word
from triage.errors import CrmError

AGREED = replace(
    RULES.definition,
    owners={"sales": "Robin Example", "marketing": MARKETER.name},
    agreed_at=NOW - timedelta(weeks=12),
    review_due=NOW + timedelta(weeks=1),
)
PROPOSED = Proposal("P-1", AGREED.version, replace(AGREED, version="5", threshold=70.0), "too early")


def agreeing(crm: Any, definition: Definition, *proposed: Proposal, disputes: int = 31) -> list[bool]:
    """Let the CRM hold this definition and these proposals; returns the words that it takes."""
    words: list[bool] = []

    async def told() -> Proposals:
        return Proposals(proposed, disputes)

    async def held() -> Definition:
        return definition

    async def vote(_proposal_id: str, *, agrees: bool, why: str = "") -> Proposal:
        words.append(agrees)
        word = Word("marketing", Owner("U-90", MARKETER.name), agrees, why)
        return replace(PROPOSED, words=(word,), state=ProposalState.AGREED)

    crm.definition, crm.proposals, crm.vote = held, told, vote
    return words


async def test_a_review_date_that_has_passed_is_a_question_in_marketings_review(tmp_path, clock):
    due = replace(AGREED, review_due=NOW - timedelta(days=1))
    with review_session(tmp_path, clock, *believable()) as (session, crm):
        agreeing(crm, due)
        async with reviewing(session) as watch:
            await watch.sees("Do we still agree on MQL v4? (agreed 12 weeks ago, 31 disputes)")
            assert "· v shows" in watch.text()


async def test_nothing_is_asked_where_nothing_waits_and_nothing_is_due(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, crm):
        agreeing(crm, AGREED)
        async with reviewing(session) as watch:
            assert "v shows" not in watch.text()


async def test_a_proposal_waits_for_marketings_word_and_gets_it(tmp_path, clock):
    with review_session(tmp_path, clock, *believable()) as (session, crm):
        words = agreeing(crm, AGREED, PROPOSED)
        async with reviewing(session) as watch:
            await watch.sees("1 proposal for another MQL definition, your word is asked for")
            await watch.press("v")
            await until(lambda: isinstance(watch.app.screen, RulesScreen))
            await watch.sees("waits for Kim Example (marketing)")
            await watch.press("1")
            await asyncio.sleep(2 * TYPED_AHEAD)
            await watch.press("enter")
            await until(lambda: words == [True])
            await watch.sees("v5 is agreed")


async def test_rules_that_cannot_be_read_cost_nobody_the_review(tmp_path, clock):
    async def closed() -> Proposals:
        raise CrmError("Closed for the night.")

    with review_session(tmp_path, clock, *believable()) as (session, crm):
        agreeing(crm, AGREED)
        crm.proposals = closed
        async with reviewing(session) as watch:
            assert "44 in 6 groups" in watch.text()
