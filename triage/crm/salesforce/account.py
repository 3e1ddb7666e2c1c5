"""One org as one user has it: who they are, whose leads they read, and which words the org uses for ours.

Asked once by an adapter and kept. Not confirmed against a live account: `userinfo` names the time zone
`zoneinfo`; queues of leads are the rows of QueueSobject.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

from triage.crm.dialect import Dialect, nearest
from triage.crm.fields import Fields
from triage.crm.salesforce import statuses
from triage.crm.salesforce.api import Api, NoSuchField
from triage.crm.salesforce.describe import Described
from triage.crm.salesforce.keeping.decision_object import OBJECT
from triage.crm.salesforce.statuses import Statuses
from triage.crm.setup import Check
from triage.domain.lead import LeadStatus
from triage.domain.people import Rep
from triage.errors import BadAnswer, CrmError, NotPermitted

WITHOUT = "none"
"""The option's word for an org where the object is not wanted."""
REASON_FIELD = "Triage_Reason__c"
QUEUES = "SELECT Queue.Id, Queue.Name FROM QueueSobject WHERE SobjectType = 'Lead'"
_USERINFO = "/services/oauth2/userinfo"
_SHORT_ID = 15
"""The part of an id that tells records apart; the rest is a checksum that a typed id may lack."""


class Account:
    """The org of a profile. `queues` are ids or names with commas; `decision_object` its name, or none.

    `recycles_to`: the queue, by id or name, or the user, by id, that recycled leads go to; empty: they stay.
    """

    def __init__(
        self,
        api: Api,
        *,
        role: str = "rep",
        dialect: Dialect | None = None,
        queues: str = "",
        decision_object: str = "",
        recycles_to: str = "",
    ) -> None:
        self.api = api
        self.dialect = dialect or Dialect()
        self.role = role
        self.object_name = decision_object or OBJECT
        self._queues = tuple(word.strip() for word in queues.split(",") if word.strip())
        self.recycles_to = recycles_to.strip()
        self._rep: Rep | None = None
        self._statuses: Statuses | None = None
        self._all_queues: dict[str, str] | None = None

    async def whoami(self) -> Rep:
        """Return who the token belongs to."""
        if self._rep is None:
            answer = await self.api.get(_USERINFO, expect=("user_id", "organization_id"))
            told = Fields(answer.body, Counter())
            user_id = told.id("user_id")
            if user_id is None:
                raise BadAnswer("Salesforce does not say who the token belongs to.")
            self._rep = Rep(
                user_id,
                told.text("name"),
                self.role,
                account_id=told.text("organization_id"),
                time_zone=told.text("zoneinfo"),
            )
        return self._rep

    async def lead(self) -> Described:
        """Return the Lead object as this user may use it. CrmError where they may not read leads at all."""
        described = await self.api.describe("Lead")
        if described is None:
            raise CrmError(
                "Salesforce does not let this user read leads.",
                hint="An admin gives the permission to read and edit the object Lead.",
            )
        return described

    async def decision_object(self) -> Described | None:
        """Return the object that decisions are kept in, or None: the mode without it."""
        if self.object_name == WITHOUT:
            return None
        return await self.api.describe(self.object_name)

    async def statuses(self) -> Statuses:
        """Return the org's lead statuses, with the profile's words for them."""
        if self._statuses is None:
            rows = await self.api.rows(statuses.QUERY)
            self._statuses = statuses.read_statuses(rows, self.dialect.statuses)
        return self._statuses

    async def owners(self) -> tuple[str, ...]:
        """Return the ids whose leads are fetched: the user's own, and the queues of the profile."""
        queues = [queue for queue in [await self.queue_id(word) for word in self._queues] if queue]
        return ((await self.whoami()).user_id, *queues)

    async def unknown_queues(self) -> tuple[str, ...]:
        """Return what the profile calls a queue and the org does not have."""
        return tuple([word for word in self._queues if await self.queue_id(word) is None])

    async def queue_id(self, word: str) -> str | None:
        """Return the id of a queue that is named by id or name; None where the org has none of that name."""
        if is_queue_id(word):
            return word
        return next((key for key, name in (await self.queues()).items() if name == word), None)

    async def recycling_owner(self) -> str | None:
        """Return whose recycled leads become: an id; empty: nobody's; None: a word of no queue."""
        if not self.recycles_to or is_user_id(self.recycles_to):
            return self.recycles_to
        return await self.queue_id(self.recycles_to)

    async def queues(self) -> dict[str, str]:
        """Return the queues that leads may belong to, id to name; none where they are hidden."""
        if self._all_queues is None:
            self._all_queues = {}
            with suppress(NoSuchField, NotPermitted):
                self._all_queues = {key: name async for key, name in _queues(self.api)}
        return self._all_queues

    def reason_value(self, act: str, code: str | None) -> str:
        """Return what the org's picklist calls a reason of an act: the profile's word, else our code."""
        return self.dialect.reason(act, code) or code or ""

    async def mapping_errors(self) -> tuple[Check, ...]:
        """Return what the profile calls something the org does not have, each with what was likely meant."""
        lead, known = await self.lead(), await self.statuses()
        return (
            *_wrong_fields(self.dialect, lead),
            *_wrong_statuses(self.dialect, known),
            *_unexplained(known),
            *_wrong_reasons(self.dialect, lead),
            *[
                _wrong("queue", word, nearest(word, (await self.queues()).values()))
                for word in await self.unknown_queues()
            ],
            *_wrong_recycling(self.recycles_to, await self.queues()),
        )


async def _queues(api: Api) -> AsyncIterator[tuple[str, str]]:
    async for row in api.query(QUEUES):
        queue = Fields(row, Counter()).child("Queue")
        queue_id = queue.id("Id") if queue else None
        if queue is not None and queue_id is not None:
            yield queue_id, queue.text("Name")


def is_queue_id(text: str) -> bool:
    """Whether a text is the id of a queue, in the long or the short form."""
    return text.startswith("00G") and _is_id(text)


def is_user_id(text: str) -> bool:
    """Whether a text is the id of a user, in the long or the short form."""
    return text.startswith("005") and _is_id(text)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isalnum() and len(text) in (_SHORT_ID, 18)


def same_id(one: str, other: str) -> bool:
    """Whether two ids are the same record's, in the long or the short form."""
    return one[:_SHORT_ID] == other[:_SHORT_ID]


def _wrong_fields(dialect: Dialect, lead: Described) -> Iterator[Check]:
    for ours, theirs in dialect.fields.items():
        if not lead.can_read(theirs):
            yield _wrong(f"field {ours}", theirs, lead.nearest(theirs))


def _wrong_statuses(dialect: Dialect, known: Statuses) -> Iterator[Check]:
    for ours, theirs in dialect.statuses.items():
        status = known.find(theirs)
        if ours not in list(LeadStatus):
            yield Check(
                f"status {ours}",
                ok=False,
                found=f"“{ours}” is no status of triage's",
                hint=_meant(nearest(ours, list(LeadStatus))),
            )
        elif status is None:
            yield _wrong(f"status {ours}", theirs, known.nearest(theirs))
        elif status.converted:
            yield Check(
                f"status {ours}",
                ok=False,
                found=f"“{theirs}” means that the lead is converted, which only Salesforce does",
                hint=_meant(known.nearest(ours)),
            )


def _unexplained(known: Statuses) -> Iterator[Check]:
    for status in known.known:
        if not status.converted and known.ours(status.api_name) is LeadStatus.UNKNOWN:
            yield Check(
                f"status {status.api_name}",
                ok=False,
                found="its leads are in no list, for nobody has said what it means",
                hint=f'Say it in the profile\'s table statuses: working = "{status.api_name}".',
            )


def _wrong_reasons(dialect: Dialect, lead: Described) -> Iterator[Check]:
    field = lead.fields.get(REASON_FIELD)
    values = field.values if field is not None and field.type == "picklist" else ()
    for code, value in dialect.reasons.items():
        if values and value not in values:
            yield _wrong(f"reason {code}", value, nearest(value, values))


def _wrong_recycling(word: str, queues: dict[str, str]) -> Iterator[Check]:
    """Yield what is off with whose recycled leads become; ids cannot be looked up where queues are hidden."""
    known = word in queues.values() or (
        any(same_id(word, one) for one in queues) if queues else is_queue_id(word)
    )
    if word and not known and not is_user_id(word):
        near = nearest(word, queues.values())
        hint = f"Did you mean “{near}”?" if near else "Name a queue of leads, or a user's id, in this option."
        yield Check(
            "queue recycles_to", ok=False, found=f"the org shows you no queue of leads “{word}”", hint=hint
        )


def _wrong(name: str, word: str, near: str) -> Check:
    return Check(name, ok=False, found=f"the org has no “{word}”, or you may not read it", hint=_meant(near))


def _meant(near: str) -> str:
    return f"Did you mean “{near}”?" if near else "Correct the profile's table."
