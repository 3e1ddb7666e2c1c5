"""What the sequence is called that a contact is in: one request a contact that is in one, a few at a time.

Needs a scope that triage can do without (automation.sequences.read). Not confirmed against a live account:
the name in the answer.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from http import HTTPStatus

from triage.crm.fields import Fields
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.paths import enrolment
from triage.errors import CrmError, NotSignedIn

_AT_ONCE = 3


class Sequences:
    """The names of sequences, given up with the first that cannot be had: leads come without them."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._given_up = False

    async def of(self, contacts: Iterable[str]) -> dict[str, str]:
        """Return the names by contact; those that could not be read are missing."""
        ids = list(dict.fromkeys(contacts))
        names = await asyncio.gather(*(self._of(one) for one in ids))
        return {one: name for one, name in zip(ids, names, strict=True) if name}

    async def _of(self, contact_id: str) -> str:
        async with self._turns:
            if self._given_up:
                return ""
            try:
                answer = await self._api.get(enrolment(contact_id), also=(HTTPStatus.NOT_FOUND,))
            except NotSignedIn:
                raise
            except CrmError:
                self._given_up = True
                return ""
        return Fields(answer.body, Counter()).text("sequenceName")
