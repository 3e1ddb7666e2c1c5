"""What `review` reads and `reply` sends: each item once, each answer under one id, and where it stops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from config import load
from tests.fakes import Clock, FakeCrm, at_once
from tests.insights.world import NOW, decided, told
from triage.desk.reviewing import AT_ONCE, answer, read, replied
from triage.domain.act import Act
from triage.domain.review import Reply, ReplyKind
from triage.errors import AnswerLost, Unreachable

RULES = (load.definition(None), load.reasons(None))


def replies(count: int) -> list[Reply]:
    return [Reply(f"R-{n}", f"D-{n}", ReplyKind.PLANNED) for n in range(count)]


class Slow(FakeCrm):
    """Takes so many answers, and then something happens."""

    takes = 0
    forgets: frozenset[str] = frozenset()

    async def reply_all(self, replies: Sequence[Reply]) -> Mapping[str, str]:
        if len(self.answers) >= self.takes:
            raise Unreachable("The CRM cannot be reached.")
        told = await super().reply_all(replies)
        return {name: why for name, why in told.items() if name not in self.forgets}


def test_answers_go_out_some_at_a_time_and_it_is_told_how_many() -> None:
    crm, counts = Slow(Clock()), []
    crm.takes = 10**6
    sent = at_once(answer(crm, replies(AT_ONCE * 2 + 1), counts.append))
    assert counts == [AT_ONCE, AT_ONCE * 2, AT_ONCE * 2 + 1]
    assert sent.stopped is None
    assert set(sent.results.values()) == {""}


def test_what_was_taken_before_the_crm_went_away_is_known_as_taken() -> None:
    crm = Slow(Clock())
    crm.takes = AT_ONCE
    sent = at_once(answer(crm, replies(AT_ONCE * 3)))
    assert len(sent.results) == AT_ONCE == len(crm.answers)
    assert isinstance(sent.stopped, Unreachable)


def test_an_answer_that_the_crm_says_nothing_about_may_be_sent_again() -> None:
    crm = Slow(Clock())
    crm.takes, crm.forgets = 10**6, frozenset({"R-1"})
    sent = at_once(answer(crm, replies(3)))
    assert isinstance(sent.stopped, AnswerLost)
    assert "R-1" not in sent.results
    crm.forgets = frozenset()
    assert at_once(answer(crm, replies(3))).stopped is None
    assert len(crm.answers) == 3


def test_an_item_that_changed_while_it_was_read_is_there_once_as_it_is_now() -> None:
    crm = FakeCrm(Clock())
    early = decided(Act.REJECT, decision_id="D-1", state="applied")
    late = decided(Act.REJECT, decision_id="D-1", state="reviewed")
    crm.reviewed_decisions, crm.reviewed_feedback = (early, late), (told("note", feedback_id="F-1"),)
    found = at_once(read(crm, *RULES, NOW))
    assert [getattr(one, "state", "") for one in found.items] == ["reviewed", "open"]


def test_an_answer_is_shown_once_however_often_it_was_taken() -> None:
    item = decided(Act.REJECT, decision_id="D-0")
    (once,) = replied([item], replies(1) * 2)
    assert [one.reply_id for one in once.replies] == ["R-0"]
