"""Leads that others changed between our fetch and our push, on the embedded CRM over HTTP: only they are held up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from tests.sync.final_count import miscounted
from tests.sync.http_world import COLLEAGUE, SEED, HttpWorld, over_http
from tests.sync.worlds import folder_in_memory
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import Item, State
from triage.domain.lead import LeadId
from triage.embedded.members import token_of
from triage.errors import NotAllowed


@pytest.fixture
def world() -> Iterator[HttpWorld]:
    with folder_in_memory() as folder, over_http(folder) as made:
        yield made


def accept(world: HttpWorld, *leads: LeadId) -> list[Item]:
    return list(world.place.desk.decide(leads or world.leads, Act.ACCEPT).items)


def states(world: HttpWorld, items: list[Item]) -> list[State]:
    return [world.place.state(item.id) for item in items]


def conflict(world: HttpWorld) -> Item:
    """Sync, and return the decision that met a change."""
    assert world.place.synced().conflict == 1
    (item,) = world.place.desk.outbox.in_states([State.CONFLICT])
    return item


def effects_on(world: HttpWorld, lead: LeadId) -> list[str]:
    of_lead = {item.id for item in world.place.desk.outbox.of_lead(lead)}
    return [what for item_id, what in world.effects() if item_id in of_lead]


def count_is_right(world: HttpWorld) -> bool:
    return miscounted(world.place.desk.outbox.all(), (one for one, _what in world.effects())) == []


def test_of_one_batch_only_the_leads_that_others_changed_are_held_up(world: HttpWorld) -> None:
    items = accept(world)
    gone, kept_by_me, archived, removed, retitled = world.leads
    world.reassign(gone)
    world.restatus(kept_by_me)
    world.archive(archived)
    world.delete(removed, into=retitled)
    world.retitle(retitled)
    report = world.place.synced()
    assert (report.conflict, report.applied) == (4, 1)
    assert states(world, items) == [State.CONFLICT] * 4 + [State.APPLIED]
    theirs = [world.place.desk.outbox.get(item.id).theirs for item in items[:4]]
    assert [one.changed_by for one in theirs if one] == ["Noor Haddad"] * 4
    assert all(one.changed_at for one in theirs if one)
    assert [world.place.desk.outbox.get(item.id).error for item in items[:4]] == [
        "Noor Haddad gave the lead to Ines Duarte",
        "Noor Haddad made it working",
        "Noor Haddad archived the lead",
        f"Noor Haddad merged the lead into {retitled}",
    ]
    assert [what for _item, what in world.effects()] == ["accept"]
    writes = world.writes()
    assert world.place.synced().conflict == 0
    assert world.writes() == writes
    assert count_is_right(world)


def test_a_lead_that_is_taken_between_our_read_and_our_write_is_not_overwritten(world: HttpWorld) -> None:
    items = accept(world, *world.leads[:2])
    world.take_while_writing(world.leads[0])
    report = world.place.synced()
    assert (report.conflict, report.applied) == (1, 1)
    assert states(world, items) == [State.CONFLICT, State.APPLIED]
    assert world.standing()[world.leads[0]] == ("assigned", COLLEAGUE, False)


def test_a_write_under_an_older_etag_is_a_412_and_changes_nothing(world: HttpWorld) -> None:
    lead = world.leads[0]
    seen = world._marketing.get(f"/v1/leads/{lead}").headers["etag"]
    world.restatus(lead)
    before = world.standing()[lead]
    answer = world._marketing.post(
        f"/v1/leads/{lead}/assign", json={"owner_id": COLLEAGUE}, headers={"If-Match": seen}
    )
    assert answer.status_code == 412
    assert world.standing()[lead] == before


def test_a_decision_that_the_crm_has_already_is_no_conflict_whatever_happened_since(world: HttpWorld) -> None:
    (item,) = accept(world, world.leads[0])

    async def push_behind_our_back() -> None:
        crm = await world.connect()
        await crm.push([item])
        await crm.aclose()

    asyncio.run(push_behind_our_back())
    world.restatus(world.leads[0])
    report = world.place.synced()
    assert (report.already, report.conflict) == (1, 0)
    assert world.place.state(item.id) is State.APPLIED
    assert effects_on(world, world.leads[0]) == ["accept"]
    assert world.standing()[world.leads[0]][0] == "working"


def test_a_lead_that_a_colleague_decided_shows_their_decision(world: HttpWorld) -> None:
    lead = world.leads[0]
    accept(world, lead)
    world.reassign(lead)
    row = world._marketing.get(f"/v1/leads/{lead}").json()
    theirs = {
        "decision_id": "theirs-1",
        "lead_id": lead,
        "act": "accept",
        "decided_at": "2026-11-20T09:00:00Z",
        "seen": {"owner_id": COLLEAGUE, "status": row["status"], "version": row["version"]},
    }
    sent = httpx.post(
        f"{world._url}/v1/decisions",
        json={"items": [theirs]},
        headers={"Authorization": f"Bearer {token_of(COLLEAGUE, SEED)}"},
    )
    assert sent.json()["results"][0]["outcome"] == "applied"
    shown = conflict(world).theirs
    assert shown
    assert (shown.status, shown.owner.name, shown.changed_by) == ("accepted", "Ines Duarte", "Ines Duarte")


def test_mine_is_kept_over_another_status_and_out_of_the_archive(world: HttpWorld) -> None:
    for lead, change, act in (
        (world.leads[0], world.restatus, Act.RECYCLE),
        (world.leads[1], world.archive, Act.ACCEPT),
    ):
        reason = "EARLY_RESEARCH" if act is Act.RECYCLE else None
        world.place.desk.decide([lead], act, reason=reason)
        change(lead)
        world.place.desk.keep_mine(conflict(world).id)
        assert world.place.synced().applied == 1
    assert world.standing()[world.leads[0]][0] == "recycled"
    assert world.standing()[world.leads[1]][::2] == ("accepted", False)
    assert count_is_right(world)


def test_mine_on_a_lead_of_another_is_refused_in_the_crms_words_and_can_be_dropped(world: HttpWorld) -> None:
    accept(world, world.leads[0])
    world.reassign(world.leads[0])
    again = world.place.desk.keep_mine(conflict(world).id).items[0]
    assert world.place.synced().refused == 1
    assert world.place.desk.outbox.get(again.id).error == "The lead has another owner."
    assert world.place.desk.drop([again.id]) == 1
    assert world.effects() == []
    assert count_is_right(world)


def test_a_lead_is_decided_anew_knowing_of_the_change(world: HttpWorld) -> None:
    accept(world, world.leads[0])
    world.restatus(world.leads[0])
    first = conflict(world)
    world.place.desk.decide([world.leads[0]], Act.RECYCLE, reason="EARLY_RESEARCH")
    assert world.place.synced().applied == 1
    assert world.place.state(first.id) is State.SUPERSEDED
    assert effects_on(world, world.leads[0]) == ["recycle"]


def test_a_merged_lead_cannot_be_kept_and_the_one_that_took_its_place_can_be_decided(
    world: HttpWorld,
) -> None:
    dead, survivor = world.leads[:2]
    accept(world, dead)
    world.delete(dead, into=survivor)
    stuck = conflict(world)
    with pytest.raises(NotAllowed, match=survivor) as caught:
        world.place.desk.keep_mine(stuck.id)
    assert survivor in caught.value.hint
    accept(world, survivor)
    assert world.place.synced().applied == 1
    assert world.place.desk.drop([stuck.id]) == 1
    assert world.standing()[survivor][0] == "accepted"
    assert count_is_right(world)


def test_feedback_on_a_deleted_lead_is_shown_and_can_only_be_dropped(world: HttpWorld) -> None:
    world.place.desk.feedback([world.leads[0]], FeedbackType.NOTE, {"text": "hello"})
    world.delete(world.leads[0])
    world.place.synced()
    (stuck,) = world.place.desk.outbox.in_states([State.CONFLICT])
    assert stuck.error == "Noor Haddad deleted the lead"
    with pytest.raises(NotAllowed, match="deleted"):
        world.place.desk.keep_mine(stuck.id)
    assert world.place.desk.drop([stuck.id]) == 1
    assert world.effects() == []


def test_what_others_edit_beside_the_point_leaves_undo_possible(world: HttpWorld) -> None:
    lead = world.leads[0]
    accept(world, lead)
    assert world.place.synced().applied == 1
    world.retitle(lead)
    assert world.place.desk.undo().compensated == 1
    assert world.place.synced().applied == 1
    assert world.standing()[lead][0] == "assigned"
