"""What a doctor finds in a BottleCRM, by reading alone: never a write, never a secret."""

from __future__ import annotations

from triage.crm.bottlecrm.account import Account
from triage.crm.bottlecrm.api import LEADS, Api
from triage.crm.bottlecrm.setting_up.custom_fields import Setup
from triage.crm.setup import Check, Look, looked_at
from triage.errors import CrmError

_RUN_SETUP = "An admin runs `triage setup` once."


class Examination:
    """One organisation, looked at."""

    def __init__(self, api: Api, account: Account, setup: Setup) -> None:
        self._api = api
        self._account = account
        self._setup = setup

    async def checks(self) -> tuple[Check, ...]:
        """Return what is found, one line each; one that cannot be reached is one line alone."""
        first = await looked_at("account", self._who)
        if not first.ok:
            return (first,)
        asked: list[tuple[str, Look]] = [("leads", self._leads), ("fields", self._fields)]
        return (first, *[await looked_at(name, ask) for name, ask in asked], *await self._words())

    async def _who(self) -> Check:
        me = await self._account.me()
        return Check("account", ok=True, found=f"{me.account_name}: {me.name}, {me.role}".lstrip(": "))

    async def _leads(self) -> Check:
        """Count what the token sees; for a rep, what is theirs."""
        me = await self._account.me()
        mine = {"assigned_to": me.user_id} if me.role == "rep" else {}
        body = await self._api.get(LEADS, {"limit": "1", **mine}, expect=("open_leads",))
        half = body["open_leads"]
        count = half.get("leads_count") if isinstance(half, dict) else None
        found = f"{count:,} open" if isinstance(count, int) else "BottleCRM does not say how many"
        return Check("leads", ok=True, found=found)

    async def _fields(self) -> Check:
        plan = [step for step in await self._setup.plan() if step.state in ("missing", "differs")]
        if not plan:
            return Check("fields", ok=True, found="triage's fields are there")
        named = ", ".join(dict.fromkeys(step.name for step in plan))
        return Check("fields", ok=False, found=f"missing or different: {named}", hint=_RUN_SETUP)

    async def _words(self) -> tuple[Check, ...]:
        """Return what of the profile's own words the organisation does not have."""
        try:
            plan = await self._setup.plan()
        except CrmError:
            return ()
        return tuple(
            Check(step.name, ok=False, found=step.words, hint="Correct it in the profile.")
            for step in plan
            if step.state == "by hand"
        )
