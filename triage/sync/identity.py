"""Whose queue this is: nothing leaves with another person's token, or for another account.

Two things are compared with what the CRM says of the token: the profile, and the outbox's own note of whom it
was first synced for. The note holds where the settings were edited by hand, or the name was taken over.
"""

from __future__ import annotations

from triage.crm.port import Crm
from triage.domain.people import Rep
from triage.errors import NotSignedIn
from triage.store.outbox import Outbox
from triage.sync.room import SyncRoom

BELONGS_TO = "belongs_to"
"""The outbox's note of whose decisions it holds."""


async def check_who(room: SyncRoom, crm: Crm, who: Rep) -> Rep:
    """Return whose the token is; NotSignedIn where that is not `who` and the owner of the outbox."""
    rep = await crm.whoami()
    check_rep(rep, who)
    owner = await room.thread.acall(_owner_or, room.outbox, rep)
    if (owner.user_id, owner.account_id) != (rep.user_id, rep.account_id):
        raise NotSignedIn(
            f"The token belongs to {_named(rep)}, what is queued here to {_named(owner)}.",
            hint="Sign in under another profile name, or with that person's token.",
        )
    return rep


def check_rep(rep: Rep, who: Rep) -> None:
    """Refuse a token of anyone but `who`, or of another account where `who` has no id; NotSignedIn."""
    if not _fits(who, rep):
        raise NotSignedIn(
            f"The token belongs to {_named(rep)}, this profile to {_named(who)}.",
            hint="Use that person's own profile, or sign in again with `triage login`.",
        )


def owner_of(outbox: Outbox) -> Rep | None:
    """Return whom an outbox belongs to, or None before its first sync."""
    noted = outbox.note(BELONGS_TO)
    if not isinstance(noted, dict):
        return None
    return Rep(str(noted.get("user_id")), str(noted.get("name")), account_id=str(noted.get("account_id")))


def _owner_or(outbox: Outbox, rep: Rep) -> Rep:
    """Return the outbox's owner; one without becomes this person's."""
    owner = owner_of(outbox)
    if owner is None:
        note = {"user_id": rep.user_id, "account_id": rep.account_id, "name": rep.name}
        outbox.remember(BELONGS_TO, note)
        return rep
    return owner


def _fits(who: Rep, rep: Rep) -> bool:
    """Compare what a profile says; one written by hand may say less."""
    if not who.user_id:
        return who.account_id in ("", rep.account_id)
    return (who.user_id, who.account_id) == (rep.user_id, rep.account_id)


def _named(rep: Rep) -> str:
    place = rep.account_name or rep.account_id
    return f"{rep.name or rep.user_id or 'someone'}{f' at {place}' if place else ''}"
