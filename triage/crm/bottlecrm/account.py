"""One organisation as triage needs it: who I am in it, its people, its custom fields. Asked once each.

Belongs to one event loop.
"""

from __future__ import annotations

from collections import Counter

from triage.crm.asked import Asked
from triage.crm.bottlecrm.api import LEADS, Api, Row, dicts_of
from triage.crm.bottlecrm.reading.definitions import OF_LEADS, Definition, definitions_of
from triage.crm.dialect import Dialect
from triage.crm.fields import Fields
from triage.domain.people import Person, Rep
from triage.errors import BadAnswer, NotPermitted

_PROFILE, _SETTINGS, _CUSTOM_FIELDS = "/api/profile/", "/api/org/settings/", "/api/custom-fields/"


class Account:
    """What one organisation is, as far as a token tells. The scopes org:read and custom-fields:read help."""

    def __init__(self, api: Api, *, role: str = "rep", dialect: Dialect | None = None) -> None:
        self.role = role
        self.dialect = dialect or Dialect()
        self._api = api
        self._asked = Asked()

    async def me(self) -> Rep:
        """Return whose the token is: `user_id` is what a lead's `assigned_to` takes."""
        return await self._asked.once("me", self._me)

    async def people(self) -> tuple[Person, ...]:
        """Return everyone in the organisation whom a lead may go to, by their e-mail addresses."""
        return await self._asked.once("people", self._people)

    async def definitions(self) -> dict[str, Definition]:
        """Return the custom fields of leads by their keys.

        A token that may not see the list of them is shown them with a lead; without any lead there are none.
        """
        return await self._asked.once("definitions", self._definitions)

    async def has(self, *keys: str) -> bool:
        """Whether leads have all of these custom fields."""
        return set(keys) <= set(await self.definitions())

    def forget_definitions(self) -> None:
        """Ask for the custom fields again: after a setup there are others."""
        self._asked.forget("definitions")

    async def _me(self) -> Rep:
        body = await self._api.get(_PROFILE, expect=("user_obj",))
        profile = Fields(body, Counter()).child("user_obj")
        user_id = profile.id("id") if profile is not None else None
        if profile is None or user_id is None:
            raise BadAnswer("BottleCRM does not say whose the token is.")
        organisation = await self._organisation()
        return Rep(
            user_id=user_id,
            name=name_of(profile),
            role=self.role,
            account_id=user_id,  # a profile is one person in one organisation, and no further scope is needed
            account_name=organisation.text("name"),
            time_zone=organisation.text("timezone"),
        )

    async def _organisation(self) -> Fields:
        """Return the organisation; without any field where the token may not see it."""
        try:
            return Fields(await self._api.get(_SETTINGS), Counter())
        except NotPermitted:
            return Fields({}, Counter())

    async def _people(self) -> tuple[Person, ...]:
        users = [Fields(row, Counter()) for row in dicts_of((await self._one_lead()).get("users"))]
        return tuple(Person(one.text("id"), one.text("user__email")) for one in users if one.id("id"))

    async def _definitions(self) -> dict[str, Definition]:
        try:
            return definitions_of(await self._api.get(_CUSTOM_FIELDS, {"target_model": OF_LEADS}))
        except NotPermitted:
            lead = next(iter(_open_rows(await self._one_lead())), None)
        return definitions_of(await self._api.detail(str(lead.get("id")))) if lead is not None else {}

    async def _one_lead(self) -> Row:
        """Return a list's answer, for the sake of what stands beside the leads."""
        return await self._api.get(LEADS, {"limit": "1"}, expect=("users", "open_leads"))


def name_of(profile: Fields) -> str:
    """Return what a person is called; the e-mail address where there is no name."""
    user = profile.child("user_details")
    return (user.text("name") or user.text("email")) if user is not None else ""


def _open_rows(body: Row) -> list[Row]:
    half = Fields(body, Counter()).child("open_leads")
    return [row for row in dicts_of(half.raw("open_leads")) if row.get("id")] if half is not None else []
