"""What the sequence is called that a contact is in: one request for each sequence, a few at a time.

Needs a scope that triage can do without (automation.sequences.read). Not confirmed against a live account:
the name in the answer.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
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
        self._names: dict[str, str] = {}
        """By the sequence; by the contact where its sequence is not told."""

    async def of(self, contacts: Mapping[str, str]) -> dict[str, str]:
        """Return the names by contact, of contacts with their sequences; one that nobody tells is missing."""
        asked = {sequence or one: one for one, sequence in contacts.items()}
        new = {key: one for key, one in asked.items() if key not in self._names}
        read = await asyncio.gather(*(self._of(one) for one in new.values()))
        self._names |= {key: name for key, name in zip(new, read, strict=True) if name}
        named = {one: self._names.get(sequence or one, "") for one, sequence in contacts.items()}
        return {one: name for one, name in named.items() if name}

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
