"""A proposed definition on the screen of the rules: what it changes, whose word it waits for, and the word."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from screens.ink import Inks
from screens.rules.proposed import Space, asks, proposal_block
from screens.sight import TYPED_AHEAD
from screens.themes import DARK
from tests.screens.sample import HOSTILE, NOW
from tests.screens.stage import RULES
from tests.screens.test_screens_rules import met
from tests.screens.watching import running, until
from triage.desk import agreement
from triage.domain.definition import Definition
from triage.domain.lead import Owner
from triage.domain.people import Rep
from triage.domain.proposals import Proposal, Proposals, ProposalState, Word
from triage.errors import CrmError

INKS = Inks.of(DARK)
ROBIN, NOOR = Owner("rep-1", "Robin Example"), Owner("mkt-1", "Noor Example")
AGREED = replace(RULES.definition, owners={"sales": ROBIN.name, "marketing": NOOR.name})
STRICTER = replace(AGREED, version="5", threshold=70.0)
PROPOSED = Proposal(
    "P-1", AGREED.version, STRICTER, "too early", NOOR, NOW, words=(Word("marketing", NOOR, agrees=True),)
)


class Voting:
    """A CRM that takes words, or refuses them."""

    def __init__(self, refuses: str = "") -> None:
        self.refuses = refuses
        self.words: list[tuple[str, bool, str]] = []
        self.closed = False
        self.who = Rep("rep-1", ROBIN.name)

    async def whoami(self) -> Rep:
        return self.who

    async def vote(self, proposal_id: str, *, agrees: bool, why: str = "") -> Proposal:
        if self.refuses:
            raise CrmError(self.refuses)
        self.words.append((proposal_id, agrees, why))
        word = Word("sales", ROBIN, agrees, why)
        state = ProposalState.AGREED if agrees else ProposalState.DECLINED
        return replace(PROPOSED, words=(*PROPOSED.words, word), state=state)

    async def aclose(self) -> None:
        self.closed = True


def propose(session, crm: Voting, *, disputes: int | None = None) -> None:
    met(session)
    told = {"proposals": Proposals((PROPOSED,), disputes), "definition": AGREED}
    session.thread.call(session.desk.leads.remember_rules, told)

    async def connect() -> Voting:
        return crm

    session.connect = connect


async def shown(watch) -> None:
    await watch.press("v")
    await until(lambda: "Proposed" in watch.text())


async def test_a_proposal_stands_first_with_what_it_changes_and_whose_word_it_lacks(session):
    propose(session, Voting())
    async with running(session) as watch:
        await shown(watch)
        text = watch.text()
        for words in (
            "1 proposal",
            "Proposed: MQL definition v5 from v4",
            "by Noor Example",
            "“too early”",
            "MQL by score: from 65 → from 70",
            "Noor Example (marketing) says yes",
            "waits for Robin Example (sales)",
            "1 agrees · 2 declines",
        ):
            assert words in text, text


async def test_an_owner_agrees_with_a_digit_and_enter(session):
    crm = Voting()
    propose(session, crm)
    async with running(session) as watch:
        await shown(watch)
        await watch.press("1")
        await until(lambda: "Agree on MQL definition v5?" in watch.text())
        assert crm.words == []
        await asyncio.sleep(2 * TYPED_AHEAD)  # a hand answers what it has read
        await watch.press("enter")
        await until(lambda: crm.words == [("P-1", True, "")])
        await until(lambda: "v5 is agreed" in watch.text())
        await until(lambda: "Proposed" not in watch.text())
        assert crm.closed


async def test_after_a_word_the_next_sync_asks_for_the_rules_again(session):
    crm = Voting()
    propose(session, crm)
    leads = session.desk.leads
    session.thread.call(leads.remember, "rules_at", NOW.isoformat())
    async with running(session) as watch:
        await shown(watch)
        await watch.press("2", *"fair", "enter")
        await until(lambda: "v5 is declined" in watch.text())
        assert session.thread.call(leads.note, "rules_at") is None


async def test_an_owner_declines_and_says_why(session):
    crm = Voting()
    propose(session, crm)
    async with running(session) as watch:
        await shown(watch)
        await watch.press("2", "enter")
        assert crm.words == []
        await watch.press(*"fair", "enter")
        await until(lambda: crm.words == [("P-1", False, "fair")])
        await until(lambda: "v5 is declined" in watch.text())


async def test_a_word_that_was_not_taken_is_said_not_said(session):
    propose(session, Voting("The CRM is closed for the night."))
    async with running(session) as watch:
        await shown(watch)
        await watch.press("1")
        await asyncio.sleep(2 * TYPED_AHEAD)
        await watch.press("enter")
        await until(lambda: "NOT SAID: The CRM is closed for the night." in watch.text())
        assert "waits for Robin Example" in watch.text()


async def test_a_word_is_said_with_nobody_elses_token(session):
    crm = Voting()
    crm.who = Rep("rep-2", "Sam Elsewhere")
    propose(session, crm)
    async with running(session) as watch:
        await shown(watch)
        await watch.press("1")
        await asyncio.sleep(2 * TYPED_AHEAD)
        await watch.press("enter")
        await until(lambda: "NOT SAID: The token belongs to Sam Elsewhere" in watch.text())
        assert crm.words == []


async def test_who_is_no_owner_is_not_asked(session):
    crm = Voting()
    propose(session, crm)
    session.rep = replace(session.rep, name="Sam Elsewhere")
    async with running(session) as watch:
        await shown(watch)
        assert "1 agrees" not in watch.text()
        await watch.press("1")
        assert "1 chooses nothing here." in watch.foot()
        assert crm.words == []


async def test_the_review_question_counts_the_disputes(session):
    propose(session, Voting(), disputes=31)
    due = replace(AGREED, review_due=NOW - timedelta(days=1), agreed_at=NOW - timedelta(weeks=12))
    session.thread.call(session.desk.leads.remember_rules, {"definition": due})
    session.thread.call(agreement.take_note, session.desk)
    session.thread.call(session.desk.outbox.remember, agreement.READ, None)
    session.thread.call(agreement.take_note, session.desk)
    async with running(session) as watch:
        watch.app.day.decided_before = True
        await watch.app.news.leads_changed(None)
        await watch.pilot.pause()
        assert "Do we still agree on MQL v4? (agreed 12 weeks ago, 31 disputes)" in watch.text()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [60, 80])
def test_a_hostile_proposal_stays_in_its_cells(text: str, width: int):
    words = (Word("marketing", Owner(text, text), agrees=False, why=text),)
    hostile = Proposal(
        text, text, Definition(text, hand_raise=(text,)), text, Owner(text, text), NOW, words=words
    )
    block = proposal_block(hostile, Definition(text), text, NOW, Space(width, INKS.plain))
    assert all(one.width <= width and one.text.isprintable() for one in (*block.lines, *block.over))


def test_nobody_is_asked_for_a_word_where_no_name_is_known():
    assert not asks(PROPOSED, replace(AGREED, owners={}), "")
