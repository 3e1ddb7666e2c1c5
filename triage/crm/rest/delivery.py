"""Brings items to the CRM and tells what became of each: written once, matched by id, asked for by id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from triage.crm.answer import Answer
from triage.crm.fields import Fields
from triage.crm.http import Http
from triage.crm.rest import bodies, outcomes
from triage.domain.item import Item
from triage.domain.outcome import Absent, Already, Outcome, Receipt, Refused, RetryLater, Unknown, Verdict
from triage.errors import AnswerLost, BadAnswer, CrmError, NotPermitted, NotSignedIn, RateLimited

_ENDPOINTS = {"decision": "/v1/decisions", "feedback": "/v1/feedback"}
_NOT_FOUND = 404
_BATCH_REFUSED = (400, 409, 413, 422)
"""Statuses that reject a whole batch over one of its items, or over its size."""


class Delivery:
    """Writes and verification over one HTTP room."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Write items of either kind. NotSignedIn, NotPermitted and RateLimited: nothing was written.

        AnswerLost: all are of unknown outcome, and the CRM asks for a pause.
        """
        found: dict[str, Outcome] = {}
        for kind in _ENDPOINTS:
            group = [item for item in items if item.kind == kind]
            if group:
                found |= await self._push_or_wait(kind, group, begun=bool(found))
        return found

    async def verify(self, item: Item) -> Verdict:
        """Ask for the item by its id."""
        name = f"{item.kind}_id"
        path = f"{_ENDPOINTS[item.kind]}/{quote(item.id, safe='')}"
        answer = await self._http.get(path, expect=(name,), also=(_NOT_FOUND,))
        if answer.status == _NOT_FOUND:
            return _absent(answer)
        if answer.body[name] != item.id:
            raise BadAnswer("The CRM answered with another item than the one asked for.")
        return Already(outcomes.read_receipt(Fields(answer.body, Counter())) or Receipt(""))

    async def _push_or_wait(self, kind: str, items: Sequence[Item], *, begun: bool) -> dict[str, Outcome]:
        """Push; once something was written the rest waits, for an error would lose those outcomes."""
        try:
            return await self._push(kind, items)
        except (NotSignedIn, NotPermitted, RateLimited, AnswerLost) as error:
            if not begun:
                raise
            return dict.fromkeys((item.id for item in items), _outcome_of(error))

    async def _push(self, kind: str, items: Sequence[Item]) -> dict[str, Outcome]:
        ids = [item.id for item in items]
        try:
            answer = await self._http.send(
                _ENDPOINTS[kind],
                bodies.batch_body(items),
                headers={"Idempotency-Key": bodies.batch_key(items)},
                expect=("results",),
                also=_BATCH_REFUSED,
            )
        except (NotSignedIn, NotPermitted, RateLimited):
            raise
        except CrmError as error:
            if isinstance(error, AnswerLost) and error.retry_after is not None:
                raise  # a pause that is asked of the whole account, not of an item
            return dict.fromkeys(ids, _outcome_of(error))
        if answer.status in _BATCH_REFUSED:
            words = answer.words or f"The CRM refused it ({answer.status})."
            return await self._push_halves(kind, items, words)
        return outcomes.read_outcomes(answer.body["results"], f"{kind}_id", ids)

    async def _push_halves(self, kind: str, items: Sequence[Item], words: str) -> dict[str, Outcome]:
        """Find the item that the CRM chokes on: halve until it stands alone."""
        if len(items) == 1:
            return {items[0].id: Refused((words,))}
        middle = len(items) // 2
        found = await self._push(kind, items[:middle])
        return found | await self._push_or_wait(kind, items[middle:], begun=True)


def _absent(answer: Answer) -> Absent:
    """Return the licence to send again; BadAnswer unless it is the CRM that says so, in the contract's form.

    Many a gateway answers 404 with an `error` of its own while the CRM behind it restarts.
    """
    error = answer.body.get("error")
    if not isinstance(error, dict) or not isinstance(error.get("code"), str):
        raise BadAnswer("Something else than the CRM answered: nobody knows whether it has this item.")
    return Absent()


def _outcome_of(error: CrmError) -> Outcome:
    """Return what the failure of a whole write says of each of its items."""
    if isinstance(error, AnswerLost):
        return Unknown(error.message)
    return RetryLater(error.message, error.retry_after if isinstance(error, RateLimited) else None)
