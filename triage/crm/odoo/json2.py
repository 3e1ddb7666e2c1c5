"""JSON-2, from version 19 on: one address for each method, arguments by their names, the bare result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from triage.crm.http import Http
from triage.crm.limits import decode


class Json2:
    """Calls of one database by JSON-2. Raises CrmError."""

    name: ClassVar[str] = "JSON-2"

    def __init__(self, http: Http) -> None:
        self._http = http
        self.uid = 0

    async def call(
        self, model: str, method: str, ids: Sequence[int], named: Mapping[str, Any], *, write: bool
    ) -> Any:
        """Return the result of a method; a write is sent once."""
        path = f"/json/2/{quote(model, safe='')}/{quote(method, safe='')}"
        body = {**named, "ids": list(ids)} if ids else dict(named)
        make = self._http.send if write else self._http.ask
        answer = await make(path, body, expect=("result",), read=_wrapped)
        return answer.body["result"]


def _wrapped(raw: bytes) -> dict[str, Any]:
    """Return a bare result under a name: it may be a number, a text or nothing."""
    return {"result": decode(raw)}
