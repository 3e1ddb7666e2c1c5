"""A conflict that says a lead is the rep's no more takes it off the list at once, not with the next fetch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from tests.fakes import COLLEAGUE, ME, Office, lead_id
from triage.crm.port import LeadPage
from triage.domain.act import Act
from triage.domain.inbox import Inbox
from triage.domain.item import State
from triage.domain.lead import LeadId, LeadStatus
from triage.errors import Unreachable

ONE, TWO = lead_id(1), lead_id(2)


def shown(place: Office) -> tuple[LeadId, ...]:
    return Inbox.of(place.desk.entries(), place.clock()).shown


LOSSES: dict[str, Callable[[Office], None]] = {
    "reassigned": lambda place: place.crm.reassign(ONE),
    "deleted": lambda place: place.crm.delete(ONE),
    "merged": lambda place: place.crm.delete(ONE, into=TWO),
    "archived": lambda place: place.crm.archive(ONE),
}


async def unreachable(_cursor: str | None) -> AsyncIterator[LeadPage]:
    raise Unreachable("the line is dead")
    yield LeadPage((), (), "", more=False)


def in_conflict(place: Office) -> str:
    """Decide a lead that was lost, and hear of it without a fetch."""
    item_id = place.desk.decide([ONE], Act.ACCEPT).items[0].id
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place.crm, "fetch", unreachable)
        place.stopped()
    assert place.state(item_id) is State.CONFLICT
    return item_id


@pytest.mark.parametrize("loss", LOSSES)
def test_a_lead_that_a_conflict_says_is_lost_does_not_come_back_when_the_decision_is_dropped(
    place: Office, loss: str
) -> None:
    LOSSES[loss](place)
    item_id = in_conflict(place)
    assert place.desk.entry(ONE).gone
    place.desk.drop([item_id])
    assert ONE not in shown(place)
    assert TWO in shown(place)


def test_a_lead_whose_status_changed_is_still_the_reps(place: Office) -> None:
    place.crm.change(ONE, status=LeadStatus.SNOOZED)
    item_id = in_conflict(place)
    assert not place.desk.entry(ONE).gone
    place.desk.drop([item_id])
    assert ONE in shown(place)


def test_a_lead_that_is_given_back_comes_with_the_next_fetch(place: Office) -> None:
    place.crm.reassign(ONE)
    place.desk.drop([in_conflict(place)])
    place.crm.change(ONE, owner=ME)
    assert place.crm.leads[ONE].owner != COLLEAGUE
    place.synced()
    assert ONE in shown(place)
