"""What a doctor finds in a HubSpot account, by reading alone: never a write, never a secret."""

from __future__ import annotations

from http import HTTPStatus

from triage.crm.hubspot import names
from triage.crm.hubspot.account import Account
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.paths import lists, objects, owners, scoring
from triage.crm.hubspot.setting_up.property_setup import BY_HAND, Setup
from triage.crm.setup import Check, Look, looked_at
from triage.errors import CrmError, NotPermitted

_RUN_SETUP = "Run `triage setup`."
_PLANS = "Lead objects need Sales Hub Professional; contacts are used in their place."


class Examination:
    """One account, looked at."""

    def __init__(self, api: Api, account: Account, setup: Setup) -> None:
        self._api = api
        self._account = account
        self._setup = setup

    async def checks(self) -> tuple[Check, ...]:
        """Return what is found, one line each; an account that cannot be reached is one line alone."""
        first = await looked_at("account", self._portal)
        if not first.ok:
            return (first,)
        asked: list[tuple[str, Look]] = [
            ("who", self._who),
            ("leads", self._leads),
            *((f"scope {scope}", _reading(self._api, scope, path)) for scope, path in self._scopes()),
            ("score", self._scores),
            ("score history", self._history),
            ("lists", self._lists),
            ("setup", self._properties),
            ("key on leads", self._key_on_leads),
            ("requests left today", self._quota),
        ]
        return (first, *[await looked_at(name, ask) for name, ask in asked], *await self._words())

    async def _portal(self) -> Check:
        details = await self._account.details()
        kind = str(details.get("accountType") or "").replace("_", " ").casefold()
        return Check("account", ok=True, found=f"{details.get('portalId')}, {kind}")

    async def _who(self) -> Check:
        me = await self._account.me()
        return Check("who", ok=True, found=f"{me.name} ({me.user_id}), {me.role}")

    async def _leads(self) -> Check:
        kind = await self._account.kind()
        stages = (await self._account.stages()).stages
        found = (
            f"{kind}, {len(stages)} stages" if kind == names.LEADS else f"contacts, {len(stages)} statuses"
        )
        return Check("leads", ok=bool(stages), found=found, hint="" if stages else _PLANS)

    def _scopes(self) -> tuple[tuple[str, str], ...]:
        """Return a path to read for each scope; that a key may write cannot be told without writing."""
        return (
            ("crm.objects.contacts.read", objects(names.CONTACTS)),
            ("crm.objects.owners.read", owners()),
            ("crm.objects.deals.read", objects("deals")),
            ("crm.objects.companies.read", objects("companies")),
        )

    async def _scores(self) -> Check:
        named = self._account.dialect.fields.get("score", "")
        there = await self._account.property_names(names.CONTACTS)
        if named:
            hint = "" if named in there else "Give the name of a contact property in the profile's `fields`."
            return Check("score", ok=named in there, found=named, hint=hint)
        answer = await self._api.optional(scoring("scores"))
        results = answer.body.get("results") if answer is not None else None
        count = len(results) if isinstance(results, list) else 0
        hint = "" if count else "Name the score's property as `score` in the profile's `fields`."
        return Check("score", ok=bool(count), found=f"{count} of the lead scoring tool", hint=hint)

    async def _history(self) -> Check:
        answer = await self._api.optional(scoring("scores"))
        found = "provided: reasons are shown" if answer is not None else "not provided: no reasons are shown"
        return Check("score history", ok=True, found=found)

    async def _lists(self) -> Check:
        """Ask for the lists of nobody: without the scope that is refused before it is looked for."""
        try:
            await self._api.get(lists("records", "0-1", "1", "memberships"), also=(HTTPStatus.NOT_FOUND,))
        except NotPermitted:
            return Check("lists", ok=True, found="not provided: none are shown (scope crm.lists.read)")
        return Check("lists", ok=True, found="provided: shown where a contact is in no sequence")

    async def _properties(self) -> Check:
        plan = [step for step in await self._setup.plan() if step.kind in ("group", "property", "option")]
        off = [step for step in plan if step.state in ("missing", "differs")]
        if not off:
            return Check("setup", ok=True, found="triage's properties are there")
        named = ", ".join(dict.fromkeys(step.name for step in off))
        return Check("setup", ok=False, found=f"missing or different: {named}", hint=_RUN_SETUP)

    async def _key_on_leads(self) -> Check:
        if await self._account.kind() != names.LEADS:
            return Check("key on leads", ok=True, found="not needed: contacts are the leads")
        if await self._account.has(names.LEADS, names.KEY):
            return Check("key on leads", ok=True, found="there")
        return Check("key on leads", ok=True, found=f"not there, and optional. {BY_HAND}")

    async def _quota(self) -> Check:
        quota = self._api.quota
        if quota is None:
            return Check("requests left today", ok=True, found="HubSpot does not say")
        return Check(
            "requests left today", ok=quota.remaining > 0, found=f"{quota.remaining:,} of {quota.most:,}"
        )

    async def _words(self) -> tuple[Check, ...]:
        try:
            return await self._account.mapping_errors()
        except CrmError:
            return ()


def _reading(api: Api, scope: str, path: str) -> Look:
    async def ask() -> Check:
        await api.get(path, {"limit": "1"}, expect=("results",))
        return Check(f"scope {scope}", ok=True, found="given")

    return ask
