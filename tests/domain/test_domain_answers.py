from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from tests.domain.invented import DEFINITION, NOW, PASSING, a_lead, a_score, ago, an_entry, with_decision
from triage.domain.act import Act
from triage.domain.answers import KINDS, Answers, Thanks, thanks
from triage.domain.decision import Shown, Snapshot
from triage.domain.entry import Entry
from triage.domain.inbox import Inbox, View
from triage.domain.item import State
from triage.domain.lead import LeadStatus, Owner
from triage.domain.query import parse
from triage.domain.returned import differences, since_decided
from triage.domain.review import Reply, ReplyKind


def reply(number: int = 1, kind: ReplyKind = ReplyKind.CHANGED, **said) -> Reply:
    return Reply(f"r{number}", said.pop("of", "d"), kind, **{"at": ago(hours=number), **said})


def answered(entry: Entry, *replies: Reply, unread: frozenset[str] = frozenset()) -> Entry:
    return replace(entry, answers=Answers.of(replies, unread))


def given_back(entry: Entry, kind: ReplyKind = ReplyKind.RETURNED) -> Entry:
    """An assigned lead whose reject marketing has answered, fetched after that."""
    decided = with_decision(entry, Act.REJECT, State.REVIEWED)
    item = replace(decided.decision, changed_at=ago(hours=5))
    fresh = replace(decided.outline, fetched_at=NOW)
    return answered(replace(decided, decision=item, outline=fresh), reply(kind=kind, of=item.id))


def test_every_kind_has_words():
    assert set(KINDS) == set(ReplyKind)


def test_the_newest_answer_that_was_not_read_is_told_first():
    answers = Answers.of([reply(3), reply(1), reply(2)], frozenset({"r2", "r3", "stranger"}))
    assert [one.reply_id for one in answers.replies] == ["r1", "r2", "r3"]
    assert answers.latest.reply_id == "r2"
    assert answers.unread == {"r2", "r3"}
    assert Answers.of([reply(1, at=None), reply(2)]).latest.reply_id == "r2"


def test_a_lead_is_returned_as_long_as_it_waits_for_the_reps_word():
    back = given_back(an_entry())
    assert back.returned is not None
    assert back.is_open(NOW)
    assert given_back(an_entry(), ReplyKind.OVERTURNED).returned is not None
    assert given_back(an_entry(), ReplyKind.UPHELD).returned is None
    assert replace(back, gone=True).returned is None
    assert given_back(an_entry(status=LeadStatus.ACCEPTED)).returned is None
    assert with_decision(back, Act.ACCEPT, State.QUEUED).returned is None
    later = replace(
        back, decision=replace(back.decision, decision=replace(back.decision.decision, decision_id="x"))
    )
    assert later.returned is None


def test_the_last_verdict_counts_whatever_was_said_after_it():
    back = given_back(an_entry())
    of = back.decision.id
    thanked = answered(back, reply(5, ReplyKind.RETURNED, of=of), reply(1, ReplyKind.ACKNOWLEDGED, of=of))
    assert thanked.returned is not None
    upheld = answered(back, reply(5, ReplyKind.RETURNED, of=of), reply(1, ReplyKind.UPHELD, of=of))
    assert upheld.returned is None


def test_a_returned_lead_is_first_in_the_inbox_with_its_sign():
    late = an_entry("L-9", sla_due_at=ago(hours=9))
    back = given_back(an_entry("L-1", sla_due_at=NOW + timedelta(days=2)))
    inbox = Inbox.of([late, back], NOW)
    assert inbox.shown == ("L-1", "L-9")
    assert back.badges[0] == "RET"
    assert inbox.filtered(parse("badge:RET")).shown == ("L-1",)


def test_the_replies_view_shows_what_was_answered_the_unread_first_and_counts_those():
    read = answered(an_entry("L-1"), reply(1))
    unread = answered(replace(an_entry("L-2"), gone=True), reply(9), unread=frozenset({"r9"}))
    inbox = Inbox.of([read, unread, an_entry("L-3")], NOW)
    assert inbox.looking_at(View.REPLIES).shown == ("L-2", "L-1")
    assert inbox.counts[View.REPLIES] == 1
    assert inbox.updated([answered(unread, reply(9))]).counts[View.REPLIES] == 0
    assert inbox.updated([replace(unread, answers=None)]).looking_at(View.REPLIES).shown == ("L-1",)
    assert unread.badges[0] == "R"


def test_a_won_lead_is_in_work_and_waits_for_no_call():
    won = an_entry("L-1", status=LeadStatus.WON, last_touch_at=ago(days=30))
    working = an_entry("L-2", status=LeadStatus.WORKING, last_touch_at=NOW)
    assert Inbox.of([won, working], NOW).looking_at(View.WORKING).shown == ("L-2", "L-1")


def test_what_was_changed_because_of_a_rep_counts_once_for_each_thing_it_points_at():
    answers = [
        reply(1, link="definition v5"),
        reply(2, link=" Definition V5"),
        reply(3, ReplyKind.DELIVERED, link="asset 7"),
        reply(4, link=None),
        reply(5, ReplyKind.PLANNED, link="scoring m9"),
        reply(6, link="scoring m2", at=ago(days=200)),
        reply(7, link="scoring m1", at=None),
    ]
    assert thanks(answers, NOW) == Thanks(this_quarter=2, ever=4)
    assert thanks((), NOW) == Thanks()


def test_what_changed_since_the_decision_is_told_and_nothing_else():
    before = a_lead(score=replace(a_score(), score=72, band="A"), facts=dict(PASSING), attempts=0)
    snapshot = Snapshot.of(before, DEFINITION, Shown())
    assert differences(snapshot, before, DEFINITION) == ()
    parts = before.score.contributions[:-1]
    now = replace(
        before,
        score=replace(before.score, score=58, band="B", contributions=parts),
        facts={**PASSING, "employees": 3},
        attempts=2,
        owner=Owner("rep-9", "Sam Example"),
    )
    words = [one.words for one in differences(snapshot, now, DEFINITION)]
    assert words[:2] == ["score 72 → 58", "band A → B"]
    assert "owner rep-1 → Sam Example" in words
    assert "attempts 0 → 2" in words
    assert any(word.endswith("passes → fails") for word in words)
    assert any(word.startswith("without “") for word in words)


def test_what_is_not_known_is_no_change():
    before = a_lead(score=None)
    snapshot = Snapshot.of(before, DEFINITION, Shown())
    assert differences(snapshot, replace(before, score=a_score()), DEFINITION) == ()
    assert since_decided(an_entry(), DEFINITION) == ()
