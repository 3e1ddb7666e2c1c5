"""Which lists contacts are on, in words: one request for a hundred contacts, and one for each list's name.

Needs a scope that triage can do without (crm.lists.read). A name is asked for once; of new ones ten a page,
those first that most contacts are on, and a list whose name is not known yet is only counted.

HubSpot's documentation and client have the paths and the fields. Not confirmed against a live account: that a
hundred records may be asked for at once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus

from triage.crm.fields import Fields
from triage.crm.hubspot.api import BATCH, Api
from triage.crm.hubspot.paths import lists
from triage.crm.hubspot.rows import id_of
from triage.errors import CrmError, NotSignedIn

NEW_NAMES = 10
"""Names that one page asks for."""
_SHOWN = 3
_AT_ONCE = 3
_OF_CONTACTS = "0-1"


class Lists:
    """The lists of contacts, given up with the first answer that cannot be had: leads come without them."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._given_up = False
        self._names: dict[str, str] = {}
        """By the list's id; empty: it is not there any more."""

    async def of(self, contacts: Iterable[str]) -> dict[str, str]:
        """Return the lists that each contact is on, in words; nothing of one that is on none."""
        ids = list(dict.fromkeys(contacts))
        pages = [await self._on(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH)]
        on = {contact: on for page in pages for contact, on in page.items()}
        await self._learn(on)
        told = {contact: words_of(listed, self._names) for contact, listed in on.items()}
        return {contact: words for contact, words in told.items() if words}

    async def _on(self, contacts: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Return the ids of the lists by contact, those first to which it was added last."""
        if self._given_up:
            return {}
        inputs = [{"objectTypeId": _OF_CONTACTS, "recordId": one} for one in contacts]
        path = lists("records", "memberships", "batch", "read")
        try:
            answer = await self._api.ask(path, {"inputs": inputs}, expect=("results",))
        except NotSignedIn:
            raise
        except CrmError:
            self._given_up = True
            return {}
        results = Fields(answer.body, Counter()).children("results")
        return {id_of(one.raw("recordId")): _newest_first(one) for one in results}

    async def _learn(self, on: Mapping[str, Sequence[str]]) -> None:
        shown = Counter(one for listed in on.values() for one in listed[:_SHOWN])
        new = [one for one, _ in shown.most_common() if one not in self._names][:NEW_NAMES]
        await asyncio.gather(*(self._name(one) for one in new))

    async def _name(self, list_id: str) -> None:
        async with self._turns:
            if self._given_up:
                return
            try:
                answer = await self._api.get(lists(list_id), also=(HTTPStatus.NOT_FOUND,))
            except NotSignedIn:
                raise
            except CrmError:
                self._given_up = True
                return
        told = Fields(answer.body, Counter()).child("list")
        self._names[list_id] = told.text("name") if told is not None else ""


def _newest_first(record: Fields) -> tuple[str, ...]:
    rows = sorted(
        record.children("recordListMemberships"), key=lambda row: row.text("lastAddedTimestamp"), reverse=True
    )
    return tuple(dict.fromkeys(list_id for row in rows if (list_id := id_of(row.raw("listId")))))


def words_of(listed: Sequence[str], names: Mapping[str, str]) -> str:
    """Return "list A", "lists A, B, C and 4 more"; empty where no name is known."""
    named = [name for one in listed[:_SHOWN] if (name := names.get(one, ""))]
    if not named:
        return ""
    more = len(listed) - len(named)
    rest = f" and {more:,} more" if more else ""
    return f"{'lists' if len(listed) > 1 else 'list'} {', '.join(named)}{rest}"
