"""One database as triage needs it: who I am, stages, tags, lost reasons, people, what is installed.

Each is asked once for an adapter, and only by who needs it. Not confirmed against a live account: that a
person may read the end of their own API keys, which have one from version 18 on; `has_group` for what is a
lead; and that all may read users, teams and lost reasons.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urlsplit

from triage.clock import Clock, utc_now
from triage.crm.asked import Asked
from triage.crm.dialect import Dialect
from triage.crm.fields import Fields as Reader
from triage.crm.odoo.api import Api, OdooRefused, Row
from triage.crm.odoo.rows import id_of, moment_of, name_of
from triage.crm.odoo.statuses import (
    BOTH,
    LEAD,
    OPPORTUNITY,
    TAGS,
    Statuses,
    stages_of,
)
from triage.domain.lead import LeadStatus
from triage.domain.people import Person, Rep
from triage.errors import NotPermitted

LEADS = "crm.lead"
TEAM = "team-"
"""Before the id of a team among people: users have bare numbers."""
_USES_LEADS = "crm.group_use_lead"
_HAS_GROUP_OF_A_RECORD = 18
"""Since this version a user is asked, not the model."""
_KEYS_END_SINCE = 18
_NO_CRM = "Install the app CRM in Odoo, or sign in as somebody who may use it."


class Account:
    """What one database is, as far as a key tells. Belongs to one event loop."""

    def __init__(
        self,
        api: Api,
        url: str,
        *,
        database: str = "",
        role: str = "rep",
        leads: str = "",
        customer: str = "nothing",
        key_ends: str = "",
        dialect: Dialect | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """`leads`: lead, opportunity or both; empty: lead where the database uses leads."""
        self.dialect = dialect or Dialect()
        self.role = role
        self.customer = customer
        """What the conversion of a lead does about a customer: nothing, create or exist."""
        self._api = api
        self._place = "/".join(filter(None, (urlsplit(url).netloc, database)))
        self._database = database
        self._leads = leads
        self._key_ends = end_of(key_ends)
        self._clock = clock
        self._asked = Asked()

    async def me(self) -> Rep:
        """Return who the key belongs to."""
        return await self._asked.once("me", self._me)

    async def uid(self) -> int:
        """Return the user's own id."""
        return int((await self.me()).user_id)

    async def kind(self) -> str:
        """Return what a lead is here: lead, opportunity or both."""
        return await self._asked.once("kind", self._kind)

    async def uses_leads(self) -> bool:
        """Whether the feature Leads is on, so that there are records that are no opportunities yet."""
        return await self._asked.once("uses leads", self._uses_leads)

    async def statuses(self) -> Statuses:
        """Return the stages and our tags, as they tell where a lead stands."""
        return await self._asked.once("statuses", self._statuses)

    async def lost_reasons(self) -> dict[int, str]:
        """Return the database's lost reasons, by their ids."""
        rows = await self._asked.once("lost reasons", self._lost_reasons)
        return {row["id"]: str(row.get("name") or "") for row in rows}

    async def lost_reason(self, act: str, code: str | None, label: str = "") -> int | None:
        """Return the lost reason that is meant: as the profile says it, else the one named by the label."""
        wanted = (self.dialect.reason(act, code) or label).strip().casefold()
        reasons = await self.lost_reasons()
        return next(
            (one for one, name in reasons.items() if wanted and name.strip().casefold() == wanted), None
        )

    async def people(self) -> tuple[Person, ...]:
        """Return the users that a lead may go to, and the teams as queues: their ids begin with `TEAM`."""
        users = await self.users()
        teams = await self._asked.once("teams", lambda: self._perhaps("crm.team", [], ["name"]))
        return (
            *(Person(str(user_id), name) for user_id, name in users.items()),
            *(Person(f"{TEAM}{row['id']}", str(row.get("name") or ""), "queue") for row in teams),
        )

    async def users(self) -> dict[int, str]:
        """Return what the users are called that a lead may go to, by their ids."""
        return {row["id"]: str(row.get("name") or "") for row in await self._users()}

    async def staff(self) -> dict[int, int]:
        """Return the users by their contacts: who wrote a message is told by the contact."""
        return {id_of(row.get("partner_id")): row["id"] for row in await self._users()}

    async def countries(self) -> dict[int, str]:
        """Return the ISO codes of countries by their ids; none where they may not be read."""
        rows = await self._asked.once("countries", lambda: self._perhaps("res.country", [], ["code"]))
        return {row["id"]: row["code"] for row in rows if isinstance(row.get("code"), str)}

    async def mine(self) -> list[Any]:
        """Return the domain of the rep's leads that are on the list; those that are lost are not in it."""
        statuses = await self.statuses()
        domain: list[Any] = [["user_id", "=", await self.uid()], ["active", "=", True]]
        if statuses.out_of_view:
            domain.append(["stage_id", "not in", list(statuses.out_of_view)])
        return domain + self.of_kind(statuses)

    def of_kind(self, statuses: Statuses) -> list[Any]:
        """Return the domain of what a lead is here; one that triage accepted stays one."""
        if statuses.kind == BOTH:
            return []
        accepted = statuses.tags.get(LeadStatus.ACCEPTED)
        leaf = ["type", "=", statuses.kind]
        if statuses.kind == LEAD and accepted is not None:
            return ["|", leaf, ["tag_ids", "in", [accepted]]]
        return [leaf]

    def forget(self) -> None:
        """Ask again for what a setup makes: tags, lost reasons and fields."""
        self._asked.forget("statuses", "lost reasons")
        self._api.forget_fields(LEADS)

    async def _me(self) -> Rep:
        uid = await self._api.uid()
        rows = await self._api.search_read("res.users", [["id", "=", uid]], ["name", "tz", "company_id"])
        user = Reader(rows[0] if rows else {}, Counter())
        return Rep(
            user_id=str(uid),
            name=user.text("name") if user.raw("name") else "",
            role=self.role,
            account_id=self._place,
            account_name=name_of(user.raw("company_id")) or self._database,
            time_zone=user.text("tz") if user.raw("tz") else "",
            access_ends=await self._key_end(uid),
        )

    async def _key_end(self, uid: int) -> datetime | None:
        """Return when the key ends: as the profile remembers it, else of the newest key of the user's.

        What is remembered is another key's where that has ended: with an ended one Odoo says nothing at all.
        """
        if self._key_ends is not None and self._key_ends > self._clock():
            return self._key_ends
        if (await self._api.version()).major < _KEYS_END_SINCE:
            return None
        try:
            keys = await self._api.search_read(
                "res.users.apikeys", [["user_id", "=", uid]], ["expiration_date"], order="id desc", limit=1
            )
        except (OdooRefused, NotPermitted):
            return None
        return moment_of(keys[0].get("expiration_date")) if keys else None

    async def _kind(self) -> str:
        return self._leads or (LEAD if await self.uses_leads() else OPPORTUNITY)

    async def _uses_leads(self) -> bool:
        version = await self._api.version()
        ids = [await self._api.uid()] if version.major >= _HAS_GROUP_OF_A_RECORD else []
        try:
            return bool(await self._api.call("res.users", "has_group", ids, group_ext_id=_USES_LEADS))
        except (OdooRefused, NotPermitted):
            domain, context = [["type", "=", LEAD]], {"active_test": False}
            return bool(await self._api.call(LEADS, "search_count", domain=domain, context=context))

    async def _statuses(self) -> Statuses:
        if not await self._api.fields(LEADS):
            raise NotPermitted("There are no leads in this Odoo for this user.", hint=_NO_CRM)
        rows = await self._api.search_read(
            "crm.stage", [], ["name", "is_won", "team_id", "sequence"], order="sequence asc, id asc"
        )
        tags = await self._named("crm.tag", [["name", "in", list(TAGS.values())]])
        by_name = {str(row.get("name")): row["id"] for row in reversed(tags)}
        ids = {status: by_name[name] for status, name in TAGS.items() if name in by_name}
        return Statuses(stages_of(rows), ids, await self.kind(), self.dialect.statuses)

    async def _lost_reasons(self) -> list[Row]:
        return await self._named("crm.lost.reason")

    async def _users(self) -> list[Row]:
        domain = [["share", "=", False]]
        return await self._asked.once(
            "users", lambda: self._perhaps("res.users", domain, ["name", "partner_id"])
        )

    async def _named(self, model: str, domain: list[Any] | None = None) -> list[Row]:
        return await self._api.search_read(model, domain or [], ["name"])

    async def _perhaps(self, model: str, domain: list[Any], fields: list[str]) -> list[Row]:
        """Return rows that leads come without, where they may not be read."""
        try:
            return await self._api.search_read(model, domain, fields)
        except (OdooRefused, NotPermitted):
            return []


def end_of(day: str) -> datetime | None:
    """Return the end of a day such as 2026-12-31, in UTC; None where it is none."""
    try:
        return datetime.combine(date.fromisoformat(day[:10]), time(23, 59, 59), UTC)
    except ValueError:
        return None
