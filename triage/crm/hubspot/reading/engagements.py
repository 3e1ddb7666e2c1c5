"""What sales did about contacts: the calls, mails and meetings on their timelines. Never reads what they say.

Contact is what the lead's own owner did since the assignment: a call or a mail that went out, a meeting that
was not called off. Covered by the scopes of contacts; where it is refused anyhow, nobody is asked again.

Costs a page of contacts one request for each thousand of them and kind, and one for each hundred calls, mails
or meetings: of each contact the 20 newest of a kind. A kind without any costs no more.

HubSpot's documentation has the names and the values. Not confirmed against a live account: that newer ones
have higher ids, that the owner of one is who did it, and how a meeting that was called off is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from msgspec import Struct

from triage.crm.hubspot.api import Api
from triage.crm.hubspot.names import CONTACTS, OWNER
from triage.crm.hubspot.rows import Linked, Row
from triage.crm.hubspot.values import Values
from triage.errors import BadAnswer, CrmError, NotSignedIn, Unreachable

_AT = "hs_timestamp"
_DIRECTIONS = {"calls": "hs_call_direction", "emails": "hs_email_direction"}
_OUTCOME = "hs_meeting_outcome"
KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "calls": (_AT, OWNER, _DIRECTIONS["calls"]),
        "emails": (_AT, OWNER, _DIRECTIONS["emails"]),
        "meetings": (_AT, OWNER, _OUTCOME),
    }
)
"""The properties that are read of each kind: no title, subject or body."""
NEWEST = 20
"""How many of a kind are read of one contact."""
_INCOMING = frozenset({"inbound", "incoming_email", "forwarded_email"})
_CALLED_OFF = frozenset({"canceled", "cancelled", "rescheduled", "no show"})
_NEVER = datetime.max.replace(tzinfo=UTC)


class Engagement(Struct, frozen=True):
    """Something that somebody of sales did."""

    at: datetime
    owner_id: str


class Engaged(Struct, frozen=True):
    """What was done about one contact."""

    done: tuple[Engagement, ...] = ()
    whole_since: datetime | None = None
    """From when on all is known; None: from the beginning."""


class Met(Struct, frozen=True):
    """What a lead's owner did since the assignment."""

    first_at: datetime | None = None
    last_at: datetime | None = None
    attempts: int | None = None
    """None: there are more than were read."""


class Engagements:
    """The engagements of contacts."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._allowed = True

    async def of(self, contacts: Iterable[str], unread: Counter[str]) -> dict[str, Engaged]:
        """Return what was done by the contact's id; of none where the key may not see it."""
        ids = list(dict.fromkeys(contacts))
        if not ids or not self._allowed:
            return {}
        try:
            read = [await self._of(kind, ids, unread) for kind in KINDS]
        except (NotSignedIn, Unreachable, BadAnswer):
            raise
        except CrmError:
            self._allowed = False
            return {}
        return {one: _together([kind[one] for kind in read if one in kind]) for one in ids}

    async def _of(self, kind: str, contacts: Collection[str], unread: Counter[str]) -> dict[str, Engaged]:
        linked = await self._api.associated(CONTACTS, kind, contacts)
        newest = {contact: newest_of(links) for contact, links in linked.items()}
        wanted = [one for ids in newest.values() for one in ids]
        rows = (await self._api.read_batch(kind, wanted, KINDS[kind])).rows
        values = {one: Values(row["properties"], unread) for one, row in rows.items()}
        moments = {one: said.time(_AT) for one, said in values.items()}
        done = {one: _engagement(kind, rows[one], moments[one]) for one in rows}
        return {
            contact: Engaged(
                tuple(what for one in ids if (what := done.get(one)) is not None),
                _reach(moments.get(one) for one in ids) if len(ids) < len(set(linked[contact])) else None,
            )
            for contact, ids in newest.items()
        }


def newest_of(links: Collection[Linked]) -> tuple[str, ...]:
    """Return the ids of the newest, by their numbers."""
    ids = dict.fromkeys(link.id for link in links)
    return tuple(sorted(ids, key=lambda one: (len(one), one))[-NEWEST:])


def _reach(moments: Iterable[datetime | None]) -> datetime:
    return min((at for at in moments if at is not None), default=_NEVER)


def _engagement(kind: str, row: Row, at: datetime | None) -> Engagement | None:
    """Return what a row is; None for what came in, what did not take place, and what has no moment."""
    said = Values(row["properties"])
    direction = said.text(_DIRECTIONS[kind]) if kind in _DIRECTIONS else ""
    outcome = said.text(_OUTCOME).replace("_", " ")
    if at is None or direction.strip().casefold() in _INCOMING or outcome.strip().casefold() in _CALLED_OFF:
        return None
    return Engagement(at, said.text(OWNER))


def _together(kinds: Collection[Engaged]) -> Engaged:
    done = tuple(what for kind in kinds for what in kind.done)
    return Engaged(done, max((one.whole_since for one in kinds if one.whole_since), default=None))


def met_by(owner_id: str, engaged: Engaged, since: datetime, now: datetime) -> Met:
    """Return what an owner did since a moment; what lies ahead of now is not done yet."""
    done = sorted(one.at for one in engaged.done if one.owner_id == owner_id and since <= one.at <= now)
    is_whole = engaged.whole_since is None or engaged.whole_since <= since
    attempts = len(done) if is_whole else None
    return Met(done[0], done[-1], attempts) if done else Met(attempts=attempts)
