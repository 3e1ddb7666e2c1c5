"""Marketing's answers on their way to the CRM, many at once, and what the rep has seen of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from triage.crm.fields import Fields
from triage.crm.http import Http
from triage.crm.port import reply_one_by_one
from triage.crm.rest.bodies import reply_body
from triage.domain.review import Reply
from triage.errors import CrmError

_AT_ONCE = 100
_SEEN_AT_ONCE = 500
_REFUSED = (404, 409, 422)
_HAS_NO_SUCH_PATH = (404, 405)
_ONE_BY_ONE = (*_HAS_NO_SUCH_PATH, 413, 422)
"""Statuses of a batch as a whole: each answer by itself may still be taken."""
_SILENT = "The CRM did not say whether it has taken it. Send it again."
_WORDLESS = "The CRM refused it without a word."
_LATER = "The CRM asks to try again."


class Answers:
    """Records answers over one HTTP room."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def reply(self, reply: Reply) -> None:
        """Record an answer; CrmError with the CRM's words when it will not have it."""
        answer = await self._http.send("/v1/replies", reply_body(reply), also=_REFUSED)
        if answer.status in _REFUSED:
            raise CrmError(answer.words or f"The CRM refused the reply ({answer.status}).")

    async def reply_all(self, replies: Sequence[Reply]) -> Mapping[str, str]:
        """Record answers, a hundred at once; one by one where the CRM takes no batch."""
        told: dict[str, str] = {}
        for start in range(0, len(replies), _AT_ONCE):
            part = replies[start : start + _AT_ONCE]
            body = {"items": [reply_body(reply) for reply in part]}
            answer = await self._http.send("/v1/replies/batch", body, expect=("results",), also=_ONE_BY_ONE)
            if answer.status in _ONE_BY_ONE:
                return await reply_one_by_one(self, replies)
            told |= read_results(answer.body["results"], [reply.reply_id for reply in part])
        return told

    async def see(self, reply_ids: Sequence[str]) -> None:
        """Tell what the rep has seen; a CRM that does not keep it is told nothing."""
        for start in range(0, len(reply_ids), _SEEN_AT_ONCE):
            body = {"reply_ids": list(reply_ids[start : start + _SEEN_AT_ONCE])}
            answer = await self._http.send("/v1/replies/seen", body, also=_HAS_NO_SUCH_PATH)
            if answer.status in _HAS_NO_SUCH_PATH:
                return


def read_results(results: Any, ids: Sequence[str]) -> Mapping[str, str]:
    """Return for each of `ids` why it is not recorded, or an empty text; results of others are ignored."""
    found: dict[str, str] = {}
    for result in results if isinstance(results, list) else ():
        reply_id = result.get("reply_id") if isinstance(result, dict) else None
        if isinstance(reply_id, str) and reply_id in ids:
            found[reply_id] = found.get(reply_id, "") or _why_not(Fields(result, Counter()))
    return {reply_id: found.get(reply_id, _SILENT) for reply_id in ids}


def _why_not(fields: Fields) -> str:
    word = fields.text("outcome")
    if word in ("applied", "already"):
        return ""
    words = " ".join(fields.texts("messages"))
    if word == "refused":
        return words or _WORDLESS
    return (words or _LATER) if word == "retry" else _SILENT
