"""What needs a word of the CRM, or of the rep before it: reasons that are asked for, acts that are final."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from tests.screens.sample import NOW, lead
from tests.screens.stage import StagedSession, session_with
from tests.screens.watching import running, until
from triage.desk.rules import PROVIDED
from triage.domain.act import Act
from triage.domain.blind import Blind
from triage.domain.lead import Lead, LeadId
from triage.domain.people import Rep
from triage.domain.provided import Provided
from triage.domain.score import Contribution, Direction, Reasons, Score
from triage.errors import Unreachable

WHY = (
    Contribution("Country is Belgium", direction=Direction.UP),
    Contribution("Source is a fair", direction=Direction.DOWN),
)


class Oracle:
    """A CRM that tells why when it is asked, as slowly as a test wants."""

    def __init__(self) -> None:
        self.asked: list[LeadId] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.has_reasons = True
        self.down = False

    async def connect(self) -> Oracle:
        if self.down:
            raise Unreachable("The CRM is not reached.")
        return self

    async def whoami(self) -> Rep:
        return Rep("rep-1")

    async def explain(self, lead_id: LeadId) -> Score | None:
        self.asked.append(lead_id)
        await self.may_answer.wait()
        return Score(62, contributions=WHY, reasons=Reasons.ORDER) if self.has_reasons else None

    async def aclose(self) -> None:
        pass


def bare(number: int) -> Lead:
    """A lead with a score and no reasons."""
    return replace(lead(number), score=Score(62, reasons=Reasons.ORDER))


@contextmanager
def at_a_crm_that_explains(folder: Path) -> Iterator[tuple[StagedSession, Oracle]]:
    oracle = Oracle()
    with session_with(folder, [bare(number) for number in range(3)]) as session:
        gives = Provided("Odoo", Reasons.ORDER, explains=True, final=(Act.ACCEPT.value,))
        session.wait(session.desk.leads.remember_rules, {PROVIDED: gives})
        session.connect = oracle.connect  # type: ignore[attr-defined]  # the staged session has no CRM of its own
        yield session, oracle


async def test_a_key_asks_the_crm_why_and_the_reasons_stand_with_the_score(tmp_path: Path) -> None:
    with at_a_crm_that_explains(tmp_path) as (session, oracle):
        async with running(session, size=(120, 36)) as watch:
            assert "E asks Odoo why" in watch.text()
            await watch.press("E")
            await watch.sees("▲ Country is Belgium")
            await watch.sees("▼ Source is a fair")
            assert oracle.asked == [watch.cursor]
            assert "E asks Odoo why" not in watch.text()


async def test_while_the_crm_is_asked_the_keys_go_on(tmp_path: Path) -> None:
    with at_a_crm_that_explains(tmp_path) as (session, oracle):
        oracle.may_answer.clear()
        async with running(session, size=(120, 36)) as watch:
            asked = watch.cursor
            await watch.press("E")
            await watch.sees("Asking Odoo why")
            await watch.press("j", "space")
            assert watch.cursor != asked
            assert watch.tray.inbox.marks
            oracle.may_answer.set()
            await watch.sees("the reasons stand with the score")
            kept = session.wait(session.desk.entry, asked).lead.score
            assert kept.contributions == WHY


async def test_without_the_network_it_is_said_and_nothing_is_changed(tmp_path: Path) -> None:
    with at_a_crm_that_explains(tmp_path) as (session, oracle):
        oracle.down = True
        async with running(session) as watch:
            before = session.wait(session.desk.entry, watch.cursor).lead
            await watch.press("E")
            await watch.sees("The CRM is not reached.")
            assert session.wait(session.desk.entry, watch.cursor).lead == before


async def test_a_score_without_reasons_stays_as_it_was(tmp_path: Path) -> None:
    with at_a_crm_that_explains(tmp_path) as (session, oracle):
        oracle.has_reasons = False
        async with running(session) as watch:
            await watch.press("E")
            await watch.sees("Odoo has no reasons for this score.")


async def test_a_hidden_score_is_not_explained_before_the_decision(tmp_path: Path) -> None:
    with at_a_crm_that_explains(tmp_path) as (session, oracle):
        session.desk._blind = Blind(1.0)
        async with running(session) as watch:
            await watch.press("E")
            await watch.sees("The score is hidden until you decide.")
            assert oracle.asked == []


async def test_a_crm_that_tells_no_more_is_not_asked(tmp_path: Path) -> None:
    with at_a_crm_that_explains(tmp_path) as (session, oracle):
        session.wait(session.desk.leads.remember_rules, {PROVIDED: Provided("HubSpot")})
        async with running(session) as watch:
            await watch.press("E")
            await watch.sees("HubSpot tells no more about a score")
            assert oracle.asked == []


async def test_an_act_that_is_final_is_done_only_after_a_yes(tmp_path: Path) -> None:
    with at_a_crm_that_explains(tmp_path) as (session, _):
        async with running(session) as watch:
            await watch.press("a")
            await watch.sees("Odoo cannot take back what is accepted once it is sent.")
            assert f"Accept {watch.app.day.name_of(watch.cursor)}?" in watch.text()
            await watch.press("escape")
            assert session.wait(session.desk.queue) == ()
            await watch.press("a")
            await watch.sees("cannot take back")
            await watch.confirm()
            await watch.sees("accepted")
            (item,) = session.wait(session.desk.queue)
            assert item.decision.act is Act.ACCEPT
            assert item.made_at == NOW


async def test_an_act_that_can_be_taken_back_is_done_at_once(tmp_path: Path) -> None:
    with at_a_crm_that_explains(tmp_path) as (session, _):
        async with running(session) as watch:
            await watch.press("r", "1")
            await watch.sees("rejected")
            assert len(session.wait(session.desk.queue)) == 1


async def test_what_was_asked_is_kept_though_the_rep_has_left_the_lead_and_asked_about_another(
    tmp_path: Path,
) -> None:
    with at_a_crm_that_explains(tmp_path) as (session, oracle):
        oracle.may_answer.clear()
        async with running(session) as watch:
            first = watch.cursor
            await watch.press("enter", "E", "E", "escape", "j", "E")
            second = watch.cursor
            await until(lambda: oracle.asked == [first, second], "each is asked about once")
            await watch.press("r", "1")
            oracle.may_answer.set()
            for one in (first, second):
                await until(
                    lambda one=one: session.wait(session.desk.entry, one).lead.score.contributions == WHY
                )


async def test_a_lead_that_went_before_the_answer_came_is_said_to_be_gone(tmp_path: Path) -> None:
    with at_a_crm_that_explains(tmp_path) as (session, oracle):
        oracle.may_answer.clear()
        async with running(session) as watch:
            await watch.press("E")
            await until(lambda: oracle.asked)
            session.wait(session.desk.leads.merge, (), oracle.asked, (), "c2")
            oracle.may_answer.set()
            await watch.sees("The lead is not on your list any more")
            assert session.wait(session.desk.leads.find, oracle.asked[0]) is None


async def test_of_a_lead_that_left_before_it_was_asked_about_no_command_is_named(tmp_path: Path) -> None:
    with at_a_crm_that_explains(tmp_path) as (session, oracle):
        async with running(session) as watch:
            session.wait(session.desk.leads.merge, (), [LeadId(watch.cursor)], (), "c2")
            await watch.press("E")
            await watch.sees("No longer on your list: nothing was done.")
            assert "triage pull" not in watch.text()
    assert oracle.asked == []


async def test_reasons_are_shown_though_a_fetch_brings_none(tmp_path: Path) -> None:
    with at_a_crm_that_explains(tmp_path) as (session, _):
        session.wait(
            session.desk.leads.remember_rules, {PROVIDED: Provided("Odoo", Reasons.NONE, explains=True)}
        )
        async with running(session, size=(120, 36)) as watch:
            await watch.press("E")
            await watch.sees("▲ Country is Belgium")


async def test_whom_final_leads_would_go_to_stands_over_the_yes(tmp_path: Path) -> None:
    with at_a_crm_that_explains(tmp_path) as (session, _):
        gives = Provided("BottleCRM", final=(Act.REROUTE.value,))
        session.wait(session.desk.leads.remember_rules, {PROVIDED: gives})
        async with running(session) as watch:
            await watch.press("t", *"Toni", "enter")
            await watch.sees("cannot take back what is rerouted")
            assert f"Reroute {watch.app.day.name_of(watch.cursor)} to Toni Overseas?" in watch.text()
