"""Marketing's answers at the desk: what is unread, what they answer, and what a webhook is told of them, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.desk.test_desk_purges import files_with, keeping_of, purged
from tests.fakes import ME, Office, lead_id, office
from triage.desk import happenings
from triage.desk.happenings import Happening
from triage.desk.purging import Scope
from triage.domain.act import Act
from triage.domain.answers import Thanks
from triage.domain.feedback import FeedbackType
from triage.domain.lead import LeadStatus, Owner
from triage.domain.review import Reply, ReplyKind, ReviewedFeedback


def answer(place: Office, of: str, kind: ReplyKind = ReplyKind.CHANGED, number: int = 1, **said) -> Reply:
    """Let marketing answer, and fetch it."""
    at = said.pop("at", place.clock())
    reply = Reply(f"r{number}", of, kind, said.pop("text", "We changed it"), by="Kim Weber", at=at, **said)
    place.crm.answers.append(reply)
    place.synced()
    return reply


def rejected(place: Office, number: int = 1, note: str = "") -> str:
    item = place.desk.decide([lead_id(number)], Act.REJECT, reason="NOT_A_BUYER", note=note).items[0]
    place.synced()
    return item.id


def events(place: Office) -> list[Happening]:
    """Return what a run would tell, and keep that it was told."""
    found = happenings.news(place.desk)
    happenings.note_told(place.desk, found)
    return list(found)


def test_answers_come_with_what_they_answer_the_unread_first(place) -> None:
    first, second = rejected(place, 1), rejected(place, 2)
    one = answer(place, first, number=1, lead_id=lead_id(1))
    two = answer(place, second, number=2, at=one.at - timedelta(days=1), link="definition v5")
    place.desk.see([one.reply_id])
    found = place.desk.answers()
    assert [(one.reply.reply_id, one.is_unread, one.lead_id) for one in found.answers] == [
        ("r2", True, lead_id(2)),
        ("r1", False, lead_id(1)),
    ]
    assert found.answers[0].item is not None
    assert (found.unread, found.thanks) == (1, Thanks(1, 1))
    assert place.desk.status().unread == 1
    assert place.desk.entry(lead_id(2)).answers.unread == {two.reply_id}


def test_an_answer_to_what_is_no_longer_here_is_shown_all_the_same(place) -> None:
    answer(place, "long-gone")
    (found,) = place.desk.answers().answers
    assert (found.item, found.lead_id, found.is_unread) == (None, "", True)


def test_a_decision_keeps_the_answers_of_its_lead_on_the_screen(place) -> None:
    answer(place, rejected(place, 1), lead_id=lead_id(2))
    done = place.desk.decide([lead_id(2)], Act.ACCEPT)
    assert done.entries == place.desk.entries_of([lead_id(2)])
    assert done.entries[0].answers is not None


# What a webhook is told


def test_what_was_before_the_first_listener_is_no_news(place) -> None:
    answer(place, rejected(place))
    happenings.begin(place.desk)
    assert events(place) == []
    decided = rejected(place, 2)
    happenings.begin(place.desk)
    assert [(one.event, one.id) for one in events(place)] == [("decision_applied", decided)]


def test_each_thing_is_told_once_even_after_a_restart(place) -> None:
    happenings.begin(place.desk)
    decided = rejected(place)
    assert [one.event for one in events(place)] == ["decision_applied"]
    place.reopen()
    assert events(place) == []
    answer(place, decided, ReplyKind.UPHELD)
    assert [one.event for one in events(place)] == ["reply_arrived"]
    place.desk.leads.clear()
    place.synced()
    assert events(place) == []


def test_what_was_not_printed_is_told_again_under_the_same_id(place) -> None:
    happenings.begin(place.desk)
    rejected(place)
    first = happenings.news(place.desk)
    assert happenings.news(place.desk) == first


@pytest.mark.parametrize("kind", [ReplyKind.RETURNED, ReplyKind.OVERTURNED])
def test_a_returned_lead_is_an_event_of_its_own(place, kind) -> None:
    happenings.begin(place.desk)
    decided = rejected(place)
    events(place)
    place.crm.change(lead_id(1), status=LeadStatus.ASSIGNED, owner=ME, last_decision_id=None)
    answer(place, decided, kind, text="Look again", lead_id=lead_id(1))
    (told,) = events(place)
    assert (told.event, told.lead_id, told.more["kind"], told.more["of"]) == (
        "lead_returned", lead_id(1), kind.value, decided,
    )  # fmt: skip
    assert "“Look again”" in told.text


def test_feedback_is_a_dispute_a_request_or_just_feedback(place) -> None:
    happenings.begin(place.desk)
    desk = place.desk
    desk.feedback([lead_id(1)], FeedbackType.SCORE_ACCURACY, {"verdict": "too_high"})
    desk.feedback([lead_id(2)], FeedbackType.SCORE_ACCURACY, {"verdict": "right"})
    asked = desk.feedback([lead_id(3)], FeedbackType.CONTENT_REQUEST, {"topic": "ROI"}).items[0]
    place.synced()
    assert sorted(one.event for one in events(place)) == ["dispute", "feedback_applied", "feedback_applied"]
    answer(place, asked.id, ReplyKind.DELIVERED, of_kind="feedback", link="asset 7")
    (told,) = events(place)
    assert (told.event, told.more["link"]) == ("request_answered", "asset 7")


def test_conflicts_and_refusals_are_told_each_time_they_happen(place) -> None:
    happenings.begin(place.desk)
    place.crm.refuses[lead_id(1)] = "No: \x1b[31mred ada@buyer.example"
    place.crm.reassign(lead_id(2))
    first = place.desk.decide([lead_id(1)], Act.ACCEPT).items[0]
    place.desk.decide([lead_id(2)], Act.ACCEPT)
    place.synced()
    told = {one.event: one for one in events(place)}
    assert set(told) == {"decision_refused", "decision_conflict"}
    assert "\x1b" not in told["decision_refused"].more["error"]
    assert "@" not in told["decision_refused"].more["error"]
    place.clock.go(minutes=1)
    place.desk.retry([first.id])
    place.synced()
    assert [one.event for one in events(place)] == ["decision_refused"]


def test_no_event_holds_an_address_or_a_number(place) -> None:
    happenings.begin(place.desk)
    note = "ask ada.park@northwind.example or +49 30 5550 123"
    decided = rejected(place, 1, note=note)
    answer(place, decided, ReplyKind.NEED_INFO, text=note, lead_id=lead_id(1))
    told = [str(one) for one in events(place)]
    assert len(told) == 2
    assert not [one for one in told if "northwind.example" in one or "5550" in one]


def test_marketing_hears_of_what_its_reps_contradict(place) -> None:
    happenings.begin(place.desk)
    now = place.clock()
    said = ReviewedFeedback(
        "f1", "L-9", Owner("rep-2", "Sam Example"), "score_accuracy",
        {"verdict": "too_high", "contribution": "VP or C-level"}, now, lead={"name": "Jo Kim", "company": "Alpha"},
    )  # fmt: skip
    others = (
        replace(said, feedback_id="f2", type="note", payload={"text": "x"}),
        replace(said, feedback_id="f3", payload={"verdict": "right"}),
        replace(said, feedback_id="f4", created_at=now - timedelta(days=300)),
        replace(said, feedback_id="f5", created_at=None),
    )
    (told,) = happenings.news_of_team(place.desk, (said, *others))
    assert told.event_id == "dispute:f1"
    assert told.text == "Jo Kim, Alpha · score accuracy: VP or C-level, too high · by Sam Example"
    happenings.note_told(place.desk, (told,))
    assert happenings.news_of_team(place.desk, (said,)) == ()


def test_old_marks_go_and_nothing_is_told_again_for_it(place) -> None:
    happenings.begin(place.desk)
    answer(place, rejected(place), at=None)
    assert len(events(place)) == 2
    place.clock.go(days=100)
    rejected(place, 2)
    assert [one.event for one in events(place)] == ["decision_applied"]
    place.clock.go(days=100)
    assert events(place) == []


def test_a_purge_takes_along_what_was_seen_and_told_of_a_lead(tmp_path) -> None:
    place = office(tmp_path / "state")
    happenings.begin(place.desk)
    decided, other = rejected(place, 1), rejected(place, 2)
    reply = answer(place, decided, lead_id=lead_id(1), number=77)
    place.desk.see([reply.reply_id])
    assert len(events(place)) == 3
    purged(keeping_of(place), Scope(frozenset({lead_id(1)})), force=True)
    assert files_with(place, decided, "r77") == []
    assert files_with(place, other) != []
    place.close()
