"""BottleCRM's requests: paths that end with a slash, leads in pages, no PUT on a lead: that empties fields.

Knows nothing of triage's decisions: rows come and go as BottleCRM has them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from triage.clock import Clock, utc_now
from triage.crm.bottlecrm.manners import BOTTLE, BottleRefused, NotThere
from triage.crm.bottlecrm.paging import ListPage, Paging, Row
from triage.crm.http import Http
from triage.crm.limits import DEADLINE
from triage.crm.pacing import Pace, RealTempo, Tempo
from triage.errors import BadAnswer

__all__ = ["Api", "BottleRefused", "ListPage", "NotThere", "Row", "dicts_of", "lead_path"]

LEADS = "/api/leads/"
PAGE = 300
"""Leads of one answer, open ones and closed ones each: a second of its time, and several in a busy hour.

BottleCRM knows no limit; but it says nothing before it is done, and nobody waits more than 15 s for a word.
"""
BODY_LIMIT = 64_000_000
"""Bytes of one answer: a lead is 2 kB, and up to 200 kB more where it was decided on often."""
_BURST, _SECONDS = 30, 1.0
"""It sets no pace for leads; somebody runs it on a small machine, and others work on that too."""


class Api:
    """One organisation over HTTP. Raises CrmError; a write is sent once. Belongs to one event loop.

    NotThere: no such record for this token. BottleRefused: its words for a 400. Both: nothing was changed.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        ca_file: str | None = None,
        tempo: Tempo | None = None,
        clock: Clock = utc_now,
        deadline: float = DEADLINE,
        page: int = PAGE,
    ) -> None:
        """`page`: leads that one request asks for, two or more."""
        self._http = Http(
            url,
            token,
            ca_file=ca_file,
            manners=BOTTLE,
            clock=clock,
            deadline=deadline,
            body_limit=BODY_LIMIT,
        )
        self._pace = Pace(_BURST, _SECONDS, tempo or RealTempo())
        self._page = page

    @property
    def skew(self) -> timedelta | None:
        """How far BottleCRM's clock was ahead at its last answer."""
        return self._http.skew

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def get(
        self, path: str, params: Mapping[str, str] | None = None, *, expect: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Read one thing; a parameter that BottleCRM does not know is ignored by it without a word."""
        await self._pace.turn()
        return (await self._http.get(_slashed(path), params=params, expect=expect)).body

    async def patch(self, path: str, body: object) -> dict[str, Any]:
        """Change what is named and nothing else. AnswerLost: it may have taken effect; all else: it did not.

        Keys of `custom_fields` are merged; one that an admin has not made is dropped without a word.
        """
        return await self._write("PATCH", path, body, expect=("error",))

    async def post(self, path: str, body: object, *, expect: tuple[str, ...] = ()) -> dict[str, Any]:
        """Make something; for the rest as `patch`."""
        return await self._write("POST", path, body, expect=expect)

    async def redefine(self, path: str, body: object) -> dict[str, Any]:
        """Change what is named of a custom field's definition: that knows no PATCH. The rest as `patch`."""
        return await self._write("PUT", path, body, expect=())

    async def comment(self, lead_id: str, text: str) -> dict[str, Any]:
        """Put a comment on a lead; returns `lead_obj` and its `comments`. Posted twice, it is there twice."""
        return await self.post(lead_path(lead_id), {"comment": text}, expect=("lead_obj", "comments"))

    async def detail(self, lead_id: str) -> dict[str, Any]:
        """Return `lead_obj`, `comments`, `custom_field_definitions` and more. NotThere: not to be seen."""
        return await self.get(lead_path(lead_id), expect=("lead_obj", "comments"))

    async def leads(self, params: Mapping[str, str] | None = None) -> AsyncGenerator[ListPage]:
        """Yield the pages of a list: all that the token may see, or by parameters.

        `assigned_to`: of one profile; `open` "true": none that are closed. Converted leads are on no list.
        BadAnswer for a list that moves faster than it can be read.
        """
        paging = Paging(self._page)
        while not paging.is_at_end:
            page = paging.fresh(await self._listed({**(params or {}), **paging.params}))
            if page is not None:
                yield page

    async def _listed(self, params: Mapping[str, str]) -> ListPage:
        body = await self.get(LEADS, params, expect=("open_leads", "close_leads"))
        open_, closed = (_rows(body[name], name) for name in ("open_leads", "close_leads"))
        return ListPage(open_, closed, dicts_of(body.get("users")), dicts_of(body.get("tags")))

    async def _write(
        self, method: str, path: str, body: object, *, expect: tuple[str, ...]
    ) -> dict[str, Any]:
        await self._pace.turn()
        return (await self._http.send(_slashed(path), body, method=method, expect=expect)).body


def lead_path(lead_id: str) -> str:
    """Return the path of one lead."""
    return f"{LEADS}{quote(lead_id, safe='')}/"


def _slashed(path: str) -> str:
    """Without its slash a path is answered with a way to another, even for a write."""
    return path if path.endswith("/") else f"{path}/"


def _rows(half: object, name: str) -> list[Row]:
    """Return the leads of one half of a list. BadAnswer where it is none: that is not "no leads"."""
    rows = half.get(name) if isinstance(half, dict) else None
    if not isinstance(rows, list):
        raise BadAnswer("BottleCRM's list of leads has another shape than it should.")
    return [row if isinstance(row, dict) else {} for row in rows]


def dicts_of(value: object) -> list[Row]:
    """Return the objects of a list; nothing of anything else."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
