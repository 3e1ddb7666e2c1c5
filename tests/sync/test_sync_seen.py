"""What the rep has seen reaches the CRM, holds nothing up, and comes back from another machine."""

from __future__ import annotations

import pytest

from tests.fakes import ME, Office, lead_id
from triage.domain.act import Act
from triage.domain.lead import LeadStatus
from triage.domain.review import Reply, ReplyKind
from triage.errors import NotPermitted, RateLimited, Unreachable
from triage.store.seen import Seen
from triage.sync.claim import paused_until


def answered(place: Office, number: int = 1) -> str:
    """Let marketing answer a reject; return the reply's id."""
    item = place.desk.decide([lead_id(number)], Act.REJECT, reason="NOT_A_BUYER").items[0]
    place.synced()
    reply = Reply(
        f"r{number}", item.id, ReplyKind.CHANGED, "We changed it", lead_id=lead_id(number), by="Kim"
    )
    place.crm.answers.append(reply)
    place.synced()
    return reply.reply_id


def test_what_was_seen_is_told_once(place: Office) -> None:
    one = answered(place)
    assert place.desk.status().unread == 1
    assert place.desk.see([one, "stranger"]) == 1
    assert place.desk.see([one]) == 0
    assert place.desk.status().unread == 0
    assert place.crm.told_seen == []
    place.synced()
    place.synced()
    assert place.crm.told_seen == [(one,)]


def test_a_mark_survives_a_restart_and_the_loss_of_the_cache(place: Office) -> None:
    one = answered(place)
    place.desk.see([one])
    place.desk.leads.clear()
    place.reopen()
    place.crm.down = True
    place.stopped()
    place.crm.down = False
    place.synced()
    assert [reply.reply_id for reply in place.desk.replies()] == [one]
    assert place.desk.status().unread == 0
    assert place.crm.told_seen == [(one,)]


@pytest.mark.parametrize(
    "error", [NotPermitted("no"), Unreachable("gone"), RateLimited("slow", retry_after=60)]
)
def test_what_cannot_be_told_holds_nothing_up_and_is_told_later(place: Office, monkeypatch, error) -> None:
    one = answered(place)
    place.desk.see([one])
    place.desk.decide([lead_id(2)], Act.ACCEPT)

    async def see(_reply_ids: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(place.crm, "see", see)
        assert place.synced().applied == 1
    assert Seen(place.desk.outbox.db).unsent() == (one,)
    if isinstance(error, RateLimited):
        assert paused_until(place.desk.outbox, place.clock.now) is not None
        place.clock.go(minutes=2)
    place.synced()
    assert place.crm.told_seen == [(one,)]


def test_an_adapter_without_a_word_for_it_is_left_in_peace(place: Office, monkeypatch) -> None:
    one = answered(place)
    place.desk.see([one])
    monkeypatch.setattr(place.crm, "see", None)
    place.synced()
    assert place.desk.status().unread == 0
    assert Seen(place.desk.outbox.db).unsent() == (one,)


def test_a_crash_before_it_is_noted_tells_it_twice_and_not_never(place: Office) -> None:
    one = answered(place)
    place.desk.see([one])

    def stop(step: str) -> None:
        if step == "seen":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.sync(step=stop)
    place.reopen()
    place.synced()
    assert place.crm.told_seen == [(one,), (one,)]


def test_what_was_read_on_another_machine_is_read_here(place: Office, tmp_path) -> None:
    one = answered(place)
    place.crm.answers = [
        Reply(
            two.reply_id, two.of, two.kind, two.text, lead_id=two.lead_id, by=two.by, seen_at=place.clock.now
        )
        for two in place.crm.answers
    ]
    (tmp_path / "second").mkdir()
    second = Office(tmp_path / "second", place.crm, place.clock)
    second.synced()
    assert [reply.reply_id for reply in second.desk.replies()] == [one]
    assert second.desk.status().unread == 0
    second.close()


def test_a_returned_lead_can_be_decided_anew_and_the_reject_is_history(place: Office) -> None:
    item = place.desk.decide([lead_id(1)], Act.REJECT, reason="NOT_A_BUYER").items[0]
    place.synced()
    place.crm.change(lead_id(1), status=LeadStatus.ASSIGNED, owner=ME, last_decision_id=None)
    place.crm.answers.append(Reply("r1", item.id, ReplyKind.RETURNED, "Look again", lead_id=lead_id(1)))
    place.clock.go(minutes=1)
    place.synced()
    entry = place.desk.entry(lead_id(1))
    assert entry.returned is not None
    assert entry.is_open(place.clock.now)
    done = place.desk.decide([lead_id(1)], Act.ACCEPT)
    assert done.entries[0].answers is not None
    assert done.entries[0].returned is None
    place.synced()
    assert place.crm.effects_on(lead_id(1)) == ["reject", "accept"]
    assert [one.state.value for one in place.desk.outbox.of_lead(lead_id(1))] == ["reviewed", "applied"]
