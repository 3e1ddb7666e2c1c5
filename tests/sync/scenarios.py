"""What can lie in a queue when a sync begins: one function a situation, played on any world."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from tests.fakes import Crash
from tests.sync.worlds import World
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import Item, State
from triage.domain.lead import LeadId

Scenario = Callable[[World], None]
LATER = {"wake": "none"}


def accept(world: World, *leads: LeadId) -> list[Item]:
    return list(world.place.desk.decide(leads, Act.ACCEPT).items)


def recycle(world: World, lead: LeadId) -> Item:
    return world.place.desk.decide([lead], Act.RECYCLE, reason="EARLY_RESEARCH", params=LATER).items[0]


def note(world: World, *leads: LeadId) -> list[Item]:
    return list(world.place.desk.feedback(leads, FeedbackType.NOTE, {"text": "hello"}).items)


def ends_at(world: World, wanted: str) -> None:
    """Let a sync end at a step, as the process that runs it would."""

    def stop(step: str) -> None:
        if step == wanted:
            raise Crash

    with suppress(Crash):
        world.place.sync(step=stop)
    world.place.reopen()


def decisions(world: World) -> None:
    accept(world, *world.leads[:3])
    world.place.desk.decide([world.leads[3]], Act.REJECT, reason="NOT_A_BUYER")


def feedback(world: World) -> None:
    world.place.desk.feedback(world.leads[:2], FeedbackType.OBJECTION, {"category": "price"})
    accept(world, world.leads[0])


def retraction(world: World) -> None:
    note(world, *world.leads[:3])
    world.place.synced()
    world.place.desk.undo()


def retraction_before_sending(world: World) -> None:
    note(world, *world.leads[:3])
    world.place.desk.undo()
    note(world, world.leads[0])


def undo_before_sending(world: World) -> None:
    decisions(world)
    world.place.desk.undo()


def undo_while_sending(world: World) -> None:
    """The process ended after its claim, before a byte left."""
    accept(world, *world.leads[:2])
    ends_at(world, "claimed")
    world.place.desk.undo()


def undo_of_what_had_arrived(world: World) -> None:
    """The process ended after the write, before the answer was recorded."""
    accept(world, *world.leads[:2])
    ends_at(world, "sent")
    world.place.desk.undo()


def undo_after_sync(world: World) -> None:
    desk = world.place.desk
    desk.decide(world.leads[:2], Act.REJECT, reason="NOT_A_BUYER")
    note(world, world.leads[2])
    world.place.synced()
    desk.undo()
    desk.undo()


def undo_of_half_a_bulk(world: World) -> None:
    world.limit_batch(2)
    accept(world, *world.leads)
    ends_at(world, "recorded")
    world.place.desk.undo()


def undo_after_someone_acted(world: World) -> None:
    accept(world, *world.leads[:2])
    world.place.synced()
    world.reassign(world.leads[0])
    world.place.desk.undo()


def undo_of_a_lead_that_is_gone(world: World) -> None:
    accept(world, *world.leads[:2])
    world.place.synced()
    world.delete(world.leads[0])
    world.place.desk.undo()


def undo_and_decide_anew(world: World) -> None:
    accept(world, world.leads[0])
    world.place.synced()
    world.place.desk.undo()
    world.place.desk.decide([world.leads[0]], Act.REJECT, reason="NOT_A_BUYER")


def reassigned(world: World) -> None:
    accept(world, *world.leads[:3])
    world.reassign(world.leads[0])


def restatused(world: World) -> None:
    accept(world, *world.leads[:3])
    world.restatus(world.leads[0])


def archived(world: World) -> None:
    accept(world, *world.leads[:3])
    world.archive(world.leads[0])


def deleted(world: World) -> None:
    accept(world, *world.leads[:3])
    note(world, world.leads[0])
    world.delete(world.leads[0])


def merged(world: World) -> None:
    accept(world, *world.leads[:3])
    world.delete(world.leads[0], into=world.leads[4])


def retitled(world: World) -> None:
    accept(world, *world.leads[:3])
    world.retitle(world.leads[0])


def every_conflict_at_once(world: World) -> None:
    accept(world, *world.leads)
    world.reassign(world.leads[0])
    world.restatus(world.leads[1])
    world.archive(world.leads[2])
    world.delete(world.leads[3])
    world.retitle(world.leads[4])


def taken_while_writing(world: World) -> None:
    accept(world, *world.leads[:3])
    world.take_while_writing(world.leads[0])


def _in_conflict(world: World) -> Item:
    world.place.synced()
    (item,) = world.place.desk.outbox.in_states([State.CONFLICT])
    return item


def kept(world: World) -> None:
    item = recycle(world, world.leads[0])
    world.restatus(world.leads[0])
    assert _in_conflict(world).id == item.id
    world.place.desk.keep_mine(item.id)
    accept(world, world.leads[1])


def kept_and_undone(world: World) -> None:
    kept(world)
    world.place.synced()
    again = next(one for one in world.place.desk.outbox.of_lead(world.leads[0]) if one.state is State.APPLIED)
    world.place.desk.undo(again.id)


def kept_in_the_archive(world: World) -> None:
    archived(world)
    world.place.desk.keep_mine(_in_conflict(world).id)


def kept_on_anothers_lead(world: World) -> None:
    reassigned(world)
    world.place.desk.keep_mine(_in_conflict(world).id)


def decided_anew_after_a_conflict(world: World) -> None:
    restatused(world)
    _in_conflict(world)
    recycle(world, world.leads[0])


def dropped_after_a_conflict(world: World) -> None:
    reassigned(world)
    world.place.desk.drop([_in_conflict(world).id])
    note(world, world.leads[1])


def two_decisions_of_one_lead(world: World) -> None:
    accept(world, world.leads[0])
    ends_at(world, "sent")
    recycle(world, world.leads[0])


def two_decisions_and_a_conflict(world: World) -> None:
    accept(world, world.leads[0])
    ends_at(world, "claimed")
    recycle(world, world.leads[0])
    world.restatus(world.leads[0])


def several_batches(world: World) -> None:
    world.limit_batch(2)
    accept(world, *world.leads)


def marketing_returns(world: World) -> None:
    item = world.place.desk.decide([world.leads[0]], Act.REJECT, reason="NOT_A_BUYER").items[0]
    world.place.synced()
    world.send_back(item.id, world.leads[0])


def offline(world: World) -> None:
    decisions(world)
    world.go_down()


def nothing(_world: World) -> None:
    pass


def struck_by(*faults: str) -> Scenario:
    """Return a scenario of four decisions in two batches, on a network that goes wrong."""

    def prepare(world: World) -> None:
        world.limit_batch(2)
        decisions(world)
        world.strike(*faults)

    return prepare


SCENARIOS: dict[str, Scenario] = {
    "new decisions": decisions,
    "several batches": several_batches,
    "two decisions of one lead": two_decisions_of_one_lead,
    "feedback": feedback,
    "retraction": retraction,
    "retraction before sending": retraction_before_sending,
    "undo before sending": undo_before_sending,
    "undo while sending": undo_while_sending,
    "undo of what had arrived": undo_of_what_had_arrived,
    "undo after sync": undo_after_sync,
    "undo of half a bulk": undo_of_half_a_bulk,
    "undo after someone acted": undo_after_someone_acted,
    "undo of a lead that is gone": undo_of_a_lead_that_is_gone,
    "undo, and decide anew": undo_and_decide_anew,
    "reassigned": reassigned,
    "another status": restatused,
    "archived": archived,
    "deleted": deleted,
    "merged": merged,
    "changed where it does not matter": retitled,
    "every conflict at once": every_conflict_at_once,
    "taken between our read and our write": taken_while_writing,
    "kept": kept,
    "kept, then undone": kept_and_undone,
    "kept in the archive": kept_in_the_archive,
    "kept on another's lead": kept_on_anothers_lead,
    "decided anew after a conflict": decided_anew_after_a_conflict,
    "dropped after a conflict": dropped_after_a_conflict,
    "two decisions, and a conflict": two_decisions_and_a_conflict,
    "marketing returns": marketing_returns,
    "429": struck_by("429"),
    "401 in the middle": struck_by("", "401"),
    "partial": struck_by("partial"),
    "drop before commit": struck_by("drop-before"),
    "drop after commit": struck_by("drop-after"),
    "a bad day": struck_by("drop-after", "drop-before", "partial", "429", "drop-after"),
    "offline": offline,
    "empty": nothing,
}
