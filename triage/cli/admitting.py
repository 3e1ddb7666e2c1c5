"""Saving a sign-in that the CRM has answered for: the profile to the settings, what is secret to the keyring.

Refuses one person's profile or queue to another. Changes the keyring under the profile's token lock: a
renewal at the same moment would write its tokens over these.
"""

from __future__ import annotations

import contextlib

from msgspec.structs import replace

from config import write
from config.credentials import TOKEN, service_of, variable_in_use
from config.renewal import token_turn
from config.settings import Profile
from config.token_command import VARIABLE as TOKEN_COMMAND
from config.vault import Kept, Vault
from triage.cli import narration
from triage.cli.granting import Entry, is_other_app
from triage.crm.signing import WAY
from triage.domain.people import Rep
from triage.errors import CredentialsUnavailable, StoreError, UsageError
from triage.house import House
from triage.reaching import token_lock
from triage.text import clean
from triage.wiring import open_session, queue_owner


def sign_in(house: House, name: str, entry: Entry, rep: Rep) -> bool:
    """Save a profile, and its tokens if they are to be kept; whether the next run finds a token."""
    _refuse_another_person(house, name, rep)
    _refuse_another_place(house, name, entry.profile)
    known = replace(
        entry.profile,
        account_id=rep.account_id,
        user_id=rep.user_id,
        user_name=clean(rep.name),
        role="marketing" if rep.role == "marketing" else "rep",
    )
    write.save_profile(house.paths.settings_file, name, known)
    narration.say(f"Signed in as {rep.name} ({rep.role}) at {rep.account_name or known.url}; profile {name}.")
    _say_what_wins(house, name, entry)
    if entry.is_kept:
        return _keep(house, name, known, entry)
    if WAY in known.options:
        _forget(house, name, known)
    return True


def _say_what_wins(house: House, name: str, entry: Entry) -> None:
    """Name a variable that hides what was just signed in with."""
    told = variable_in_use(name, house.environ)
    if told is not None and (entry.is_kept or WAY in entry.profile.options):
        narration.say(f"note: {told} is set, and wins over this sign-in as long as it is.")


def _keep(house: House, name: str, profile: Profile, entry: Entry) -> bool:
    _forget_the_place_before(house, name, profile)
    vault = Vault(name, profile, house.keyring)
    try:
        with token_turn(token_lock(house, name, profile)):
            vault.replace(
                Kept(entry.token, entry.refresh),
                entry.client_secret,
                same_app=not is_other_app(house, name, profile),
            )
    except CredentialsUnavailable as error:
        narration.say(f"The token was not saved: {error.message}")
        narration.say(f"  Set {TOKEN}, or {TOKEN_COMMAND} to a command that prints it.")
        return False
    return True


def _forget(house: House, name: str, profile: Profile) -> None:
    """Leave nothing behind of an older sign-in where each run borrows its token now."""
    _forget_the_place_before(house, name, profile)
    with contextlib.suppress(CredentialsUnavailable), token_turn(token_lock(house, name, profile)):
        Vault(name, profile, house.keyring).forget_all()


def _forget_the_place_before(house: House, name: str, profile: Profile) -> None:
    """Leave no token behind for a CRM that the profile no longer names."""
    before = house.settings.profiles.get(name)
    if before is None or service_of(before) == service_of(profile):
        return
    with contextlib.suppress(CredentialsUnavailable), token_turn(token_lock(house, name, before)):
        Vault(name, before, house.keyring).forget_all()


def _refuse_another_person(house: House, name: str, rep: Rep) -> None:
    """Keep one person's queue from being sent as another's, also after a logout: what is queued stays."""
    before = house.settings.profiles.get(name)
    ours = rep.name or rep.user_id
    if before and before.user_id and (before.user_id, before.account_id) != (rep.user_id, rep.account_id):
        raise UsageError(
            f"Profile {name} belongs to {before.user_name or before.user_id}, the token to {ours}.",
            hint="Choose another name for this profile.",
        )
    with contextlib.suppress(StoreError):  # a queue that cannot be read is not sent either
        owner = queue_owner(house, name, rep.account_id)
        if owner is not None and owner.user_id != rep.user_id:
            raise UsageError(
                f"What is queued under the name {name} belongs to {owner.name or owner.user_id}, "
                f"the token to {ours}.",
                hint="Choose another name for this profile.",
            )


def _refuse_another_place(house: House, name: str, profile: Profile) -> None:
    """Keep what is queued for one CRM from another that gives the same ids, as a copy for tests does."""
    before = house.settings.profiles.get(name)
    if before is None or service_of(before) == service_of(profile):
        return
    with contextlib.suppress(StoreError):
        unsent, needs_rep = undelivered(house, name)
        if unsent or needs_rep:
            raise UsageError(
                f"{unsent + needs_rep} undelivered under the name {name} are for {before.url}.",
                hint="Choose another name. If that CRM has moved, change its url with `triage config edit`.",
            )


def undelivered(house: House, name: str) -> tuple[int, int]:
    """Return how many items of a profile are unsent, and how many need the rep."""
    session = open_session(house, name)
    try:
        status = session.wait(session.desk.status)
    finally:
        session.close()
    return status.unsent, status.needs_rep
