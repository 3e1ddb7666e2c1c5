"""No decision reaches another person's leads, or another account, whatever token comes along."""

from __future__ import annotations

import pytest

from tests.fakes import ME, Office
from triage.domain.act import Act
from triage.domain.item import State
from triage.domain.people import Rep
from triage.errors import NotSignedIn
from triage.sync.identity import owner_of

HERE = Rep(ME.user_id, ME.name, account_id="A-1", account_name="Plainfield")
STRANGERS = {
    "another account": Rep(ME.user_id, ME.name, account_id="A-2", account_name="Elsewhere"),
    "another user": Rep("rep-2", "Sam Example", account_id="A-1"),
    "no account": Rep(ME.user_id, ME.name),
}
PROFILES = {
    "as it was saved": HERE,
    "without the user": Rep("", account_id="A-1"),
    "without the account": Rep(ME.user_id),
    "of another account": Rep(ME.user_id, account_id="A-2"),
    "emptied": Rep(""),
}


def answering(place: Office, rep: Rep) -> None:
    async def whoami() -> Rep:
        return rep

    place.crm.whoami = whoami


@pytest.fixture
def synced(place: Office) -> Office:
    """A rep who has synced, and then decided."""
    answering(place, HERE)
    place.synced(who=HERE)
    place.desk.decide([place.desk.entries()[0].lead.lead_id], Act.ACCEPT)
    return place


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_strangers_token_sends_and_fetches_nothing_whatever_the_profile_says(
    synced: Office, profile: str, stranger: str
) -> None:
    answering(synced, STRANGERS[stranger])
    fetches = len(synced.crm.fetches)
    stopped = synced.stopped(who=PROFILES[profile])
    assert isinstance(stopped.error, NotSignedIn)
    assert "belongs to" in stopped.error.message
    assert synced.states() == [State.QUEUED]
    assert (synced.crm.pushed, len(synced.crm.fetches)) == ([], fetches)


@pytest.mark.parametrize("profile", ["as it was saved", "without the user", "emptied"])
def test_the_owners_own_token_is_taken_also_where_the_profile_says_less(synced: Office, profile: str) -> None:
    assert synced.synced(who=PROFILES[profile]).applied == 1


def test_the_first_sync_says_whose_the_queue_is_and_later_ones_do_not_change_it(place: Office) -> None:
    assert owner_of(place.desk.outbox) is None
    answering(place, HERE)
    place.synced(who=Rep(""))
    answering(place, STRANGERS["another user"])
    place.stopped(who=Rep(""))
    owner = owner_of(place.desk.outbox)
    assert owner is not None
    assert (owner.user_id, owner.account_id) == (HERE.user_id, HERE.account_id)


def test_whose_it_is_survives_a_restart(synced: Office) -> None:
    synced.desk.outbox.db.compact()
    assert owner_of(synced.desk.outbox) is not None
