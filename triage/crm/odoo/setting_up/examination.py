"""What a doctor finds in an Odoo database, by reading alone: never a write, never a secret."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from triage.clock import Clock, utc_now
from triage.crm.odoo.account import Account
from triage.crm.odoo.api import JSON2_SINCE, Api
from triage.crm.odoo.reading.explaining import Explaining
from triage.crm.odoo.setting_up.setup import FIELD, LOST_REASON, TAG, Setup
from triage.crm.odoo.statuses import LEAD
from triage.crm.setup import Check, Look, Step, looked_at
from triage.errors import CrmError

_SOON = timedelta(days=14)
_FEW = 2
_RENEW = (
    "Make another one: `triage login PROFILE --with new-key`, or by hand in Preferences > Account Security."
)
_RENEW_BY_HAND = "Make another one in Preferences > Account Security, then `triage login PROFILE`."
_RUN_SETUP = "Run `triage setup` with an admin's key."
_REMOVED = "Odoo 22 takes this interface away: update to 19 or later before"


class Examination:
    """One database, looked at."""

    def __init__(self, api: Api, account: Account, setup: Setup, clock: Clock = utc_now) -> None:
        self._api = api
        self._account = account
        self._setup = setup
        self._clock = clock

    async def checks(self) -> tuple[Check, ...]:
        """Return what is found, one line each; a database that cannot be reached is one line alone."""
        first = await looked_at("odoo", self._version, refused="not allowed")
        if not first.ok:
            return (first,)
        asked: list[tuple[str, Look]] = [
            ("who", self._who),
            ("key", self._key),
            ("leads", self._leads),
            ("reasons of the score", self._reasons),
            ("setup", self._needed),
            ("fields", self._fields),
        ]
        return (
            first,
            *[await looked_at(name, ask, refused="not allowed") for name, ask in asked],
            *await self._words(),
        )

    async def _version(self) -> Check:
        version = await self._api.version()
        old = "" if version.major >= JSON2_SINCE else f". {_REMOVED}"
        return Check("odoo", ok=True, found=f"{version.text}, by {version.transport}{old}")

    async def _who(self) -> Check:
        me = await self._account.me()
        return Check("who", ok=True, found=f"{me.name} ({me.user_id}), {me.role}")

    async def _key(self) -> Check:
        ends = (await self._account.me()).access_ends
        if ends is None:
            return Check("key", ok=True, found="Odoo does not say when it ends")
        day, left = ends.date().isoformat(), ends - self._clock()
        if left > _SOON:
            return Check("key", ok=True, found=f"ends on {day}")
        is_new = (await self._api.version()).major >= JSON2_SINCE
        found = f"ends on {day}, in {left.days} days"
        return Check("key", ok=False, found=found, hint=_RENEW if is_new else _RENEW_BY_HAND)

    async def _leads(self) -> Check:
        kind = await self._account.kind()
        stages = (await self._account.statuses()).stages
        feature = "on" if await self._account.uses_leads() else "off"
        words = "leads" if kind == LEAD else "opportunities" if kind != "both" else "leads and opportunities"
        return Check("leads", ok=True, found=f"{words}, {len(stages)} stages; the feature Leads is {feature}")

    async def _reasons(self) -> Check:
        dialect = self._account.dialect
        there = await Explaining(self._api, dialect).is_offered()
        why_not = "the score is a field of your own" if dialect.fields.get("score") else "not in this version"
        found = "on demand, for one lead at a time" if there else why_not
        return Check("reasons of the score", ok=True, found=found)

    async def _needed(self) -> Check:
        plan = [step for step in await self._setup.plan() if step.kind in (TAG, LOST_REASON)]
        off = [step for step in plan if step.state != "there"]
        if not off:
            return Check("setup", ok=True, found="triage's tags and lost reasons are there")
        return Check("setup", ok=False, found=f"missing: {_counted(off)}", hint=_RUN_SETUP)

    async def _fields(self) -> Check:
        plan = [step for step in await self._setup.plan() if step.kind == FIELD]
        off = _off(plan)
        differing = [step.name for step in plan if step.state == "differs"]
        if differing:
            hint = "Rename or remove them: triage does not write fields of another type."
            return Check("fields", ok=False, found=f"of another type: {', '.join(differing)}", hint=hint)
        found = "there" if not off else f"not there, and optional: {', '.join(off)}"
        return Check("fields", ok=True, found=found)

    async def _words(self) -> list[Check]:
        try:
            steps = await self._setup.by_hand()
        except CrmError:
            return []
        hint = "Mend it in the profile, or in Odoo."
        return [Check(step.name, ok=False, found=step.words, hint=hint) for step in steps]


def _off(plan: Sequence[Step]) -> list[str]:
    return [step.name for step in plan if step.state != "there"]


def _counted(steps: Sequence[Step]) -> str:
    """Return few by their names, and many by their number: names of lost reasons are long."""
    tags = [step.name for step in steps if step.kind == TAG]
    lost = [step.name for step in steps if step.kind == LOST_REASON]
    many = f"{len(lost)} lost reasons, without which a lead is lost for no reason"
    return ", ".join([*tags, *(lost if len(lost) <= _FEW else [many])])
