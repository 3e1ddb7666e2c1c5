"""HubSpot's requests: paths of one version, batches, pages, and no more at a time than an account allows.

Knows nothing of leads: rows come and go as HubSpot has them. Not confirmed against a live account: that
`hs_object_id` sorts as a number in a search, and that `objectWriteTraceId` of an update is echoed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from triage.clock import Clock, utc_now
from triage.crm.answer import Answer
from triage.crm.bearer import Renew
from triage.crm.http import Http
from triage.crm.hubspot.filters import Filter
from triage.crm.hubspot.manners import HUBSPOT
from triage.crm.hubspot.paths import associations, objects
from triage.crm.hubspot.rows import Found, Linked, Quota, Row, Written, after_of, dicts_of, linked_of, rows_of
from triage.crm.limits import DEADLINE
from triage.crm.pacing import Pace, RealTempo, Tempo
from triage.errors import BadAnswer, NotPermitted

BATCH = 100
"""Inputs of one batch request."""
WITH_HISTORY = 50
ASSOCIATED = 1_000
"""Records whose associations one request asks for."""
PAGE = 200
"""Results of one search."""

_MOST_FILTERS = 3
_SEARCHES = 2
_SEARCH_SECONDS = 0.5
"""Four a second of the five: the account is not ours alone, and each process of a rep has its own pace."""
_BURST = 100
_BURST_SECONDS = 10.0
_MARGIN = 0.95
"""What we take of what is allowed: others may use the same key."""
_LATER = 1.02
"""Our span to theirs: they count what arrives."""
_FEW = 5
"""While fewer requests are left than that, each waits: another process has used the rest."""
_BELIEVED = range(20, 1_001)
"""Requests in ten seconds that a header is believed about."""


class Api:
    """One account over HTTP. Raises CrmError; a write is sent once. Belongs to one event loop."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        ca_file: str | None = None,
        renew: Renew | None = None,
        tempo: Tempo | None = None,
        clock: Clock = utc_now,
        deadline: float = DEADLINE,
    ) -> None:
        self._http = Http(
            url, token, ca_file=ca_file, manners=HUBSPOT, renew=renew, clock=clock, deadline=deadline
        )
        self._tempo = tempo = tempo or RealTempo()
        self._searches = Pace(_SEARCHES, _SEARCH_SECONDS, tempo)
        self._all_else = Pace(int(_BURST * _MARGIN), _BURST_SECONDS * _LATER, tempo)
        self.quota: Quota | None = None
        """As the last answer said it; None: none has."""
        self.left: int | None = None
        """Requests that may go out at once, by whoever: as the last answer said it."""

    @property
    def skew(self) -> timedelta | None:
        """How far HubSpot's clock was ahead at its last answer."""
        return self._http.skew

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        expect: tuple[str, ...] = (),
        also: tuple[int, ...] = (),
    ) -> Answer:
        """Read one thing."""
        await self._turn()
        return self._noted(await self._http.get(path, params=params, expect=expect, also=also))

    async def optional(
        self, path: str, params: Mapping[str, str] | None = None, *, expect: tuple[str, ...] = ()
    ) -> Answer | None:
        """Read what not every account has; None where it is not there (404) or not for this key (403)."""
        try:
            answer = await self.get(path, params, expect=expect, also=(HTTPStatus.NOT_FOUND,))
        except NotPermitted:
            return None
        return None if answer.status == HTTPStatus.NOT_FOUND else answer

    async def pages(
        self, path: str, params: Mapping[str, str] | None = None, *, most: int = 100
    ) -> AsyncIterator[list[Row]]:
        """Yield the results of a list page by page, at most so many pages."""
        after = ""
        for _ in range(most):
            answer = await self.get(
                path, {**(params or {}), **({"after": after} if after else {})}, expect=("results",)
            )
            yield rows_of(answer.body)
            following = after_of(answer.body)
            if not following:
                return
            if following == after:
                raise BadAnswer("HubSpot says that there is more, but its pages do not move on.")
            after = following

    async def ask(self, path: str, body: object, *, expect: tuple[str, ...] = ()) -> Answer:
        """Read by POST: never for a search, which has a pace of its own."""
        await self._turn()
        return self._noted(await self._http.ask(path, body, expect=expect))

    async def send(
        self, path: str, body: object, method: str = "POST", *, also: tuple[int, ...] = ()
    ) -> Answer:
        """Write once. AnswerLost: it may have taken effect; any other CrmError: it did not."""
        await self._turn()
        return self._noted(await self._http.send(path, body, method=method, also=also))

    async def read_batch(
        self, kind: str, ids: Iterable[str], wanted: Sequence[str], *, history: Sequence[str] = ()
    ) -> Found:
        """Read records by their ids, with these properties; `history`: with all earlier values of those."""
        asked = list(dict.fromkeys(ids))
        chunks = _chunks(asked, WITH_HISTORY if history else BATCH)
        read = await asyncio.gather(*(self._batch(kind, chunk, wanted, history) for chunk in chunks))
        rows = {row["id"]: row for chunk in read for row in chunk}
        rows = {record_id: rows[record_id] for record_id in asked if record_id in rows}
        return Found(rows, frozenset(asked) - frozenset(rows))

    async def _batch(
        self, kind: str, ids: Sequence[str], wanted: Sequence[str], history: Sequence[str]
    ) -> list[Row]:
        body: dict[str, Any] = {"properties": list(wanted), "inputs": [{"id": one} for one in ids]}
        if history:
            body["propertiesWithHistory"] = list(history)
        answer = await self.ask(objects(kind, "batch", "read"), body, expect=("results",))
        return rows_of(answer.body)

    async def associated(
        self, from_kind: str, to_kind: str, ids: Iterable[str]
    ) -> dict[str, tuple[Linked, ...]]:
        """Return what records are associated with; nothing of those without any."""
        path = associations(from_kind, to_kind)
        found: dict[str, tuple[Linked, ...]] = {}
        for chunk in _chunks(list(dict.fromkeys(ids)), ASSOCIATED):
            answer = await self.ask(path, {"inputs": [{"id": one} for one in chunk]}, expect=("results",))
            for result in dicts_of(answer.body.get("results")):
                record_id, links = linked_of(result)
                if record_id:
                    found[record_id] = (*found.get(record_id, ()), *links)
        return found

    async def search(
        self, kind: str, filters: Sequence[Filter], wanted: Sequence[str], *, above: str = ""
    ) -> AsyncGenerator[list[Row]]:
        """Yield the pages of a search, of 200 rows at most, by ascending id; `above`: only from that id on.

        Each page asks for ids above the last one: no row is given twice or left out because another one
        changes, and there is no end at 10,000. A search lags a few moments behind what was written.
        """
        if len(filters) >= _MOST_FILTERS:
            raise ValueError("a search has two filters beside that of its pages")
        while True:
            page, more = await self._searched(kind, filters, wanted, above)
            last = page[-1]["id"] if page else ""
            if more and not _is_above(last, above):
                raise BadAnswer("HubSpot says that there is more, but its pages do not move on.")
            yield page
            if not more:
                return
            above = last

    async def _searched(
        self, kind: str, filters: Sequence[Filter], wanted: Sequence[str], above: str
    ) -> tuple[list[Row], bool]:
        beyond = [{"propertyName": "hs_object_id", "operator": "GT", "value": above}] if above else []
        body = {
            "filterGroups": [{"filters": [*filters, *beyond]}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(wanted),
            "limit": PAGE,
        }
        await self._searches.turn()
        answer = await self._http.ask(objects(kind, "search"), body, expect=("results",))
        return rows_of(answer.body), bool(after_of(answer.body))

    async def write_batch(self, kind: str, verb: str, inputs: Sequence[Mapping[str, Any]]) -> Written:
        """Write at most 100 records in one request; `verb`: update, create or upsert; the rest as `send`."""
        path = objects(kind, "batch", verb)
        answer = await self.send(path, {"inputs": list(inputs)}, also=(HTTPStatus.BAD_REQUEST,))
        if answer.status == HTTPStatus.BAD_REQUEST:
            return Written(refusal=answer.words)
        return Written(tuple(rows_of(answer.body)), tuple(dicts_of(answer.body.get("errors"))))

    async def _turn(self) -> None:
        """Wait for a turn; each process has its own pace, so that a few left is a reason to wait more."""
        await self._all_else.turn()
        if self.left is not None and self.left < _FEW:
            await self._tempo.sleep(_BURST_SECONDS * _LATER / (self.left + 1))

    def _noted(self, answer: Answer) -> Answer:
        """Take in what an answer says about how much is allowed."""
        headers = answer.headers
        self.left = _whole(headers.get("x-hubspot-ratelimit-remaining"))
        most, remaining = (
            _whole(headers.get(f"x-hubspot-ratelimit-daily{name}")) for name in ("", "-remaining")
        )
        if most is not None and remaining is not None:
            self.quota = Quota(most, remaining)
        burst = _whole(headers.get("x-hubspot-ratelimit-max"))
        span = _whole(headers.get("x-hubspot-ratelimit-interval-milliseconds"))
        if burst in _BELIEVED and span == int(_BURST_SECONDS * 1000):
            self._all_else.allow(int((burst or 0) * _MARGIN))
        return answer


def _is_above(last: str, above: str) -> bool:
    if last.isdecimal() and above.isdecimal():
        return int(last) > int(above)
    return bool(last) and last != above


def _whole(header: str | None) -> int | None:
    return int(header) if header and header.isdecimal() and len(header) < 12 else None  # noqa: PLR2004 - digits


def _chunks(ids: Sequence[str], size: int) -> list[Sequence[str]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]
