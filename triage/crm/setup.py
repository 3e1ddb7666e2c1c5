"""What an account must have for triage to work with it: what is there, what is missing, what can be made.

Part of the port, for adapters that have it: an adapter without these words needs no setup.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from msgspec import Struct

from triage.crm.port import Crm
from triage.errors import CrmError, NotPermitted

StepState = Literal["there", "missing", "differs", "by hand"]


class Step(Struct, frozen=True):
    """One thing that the account needs."""

    name: str
    """What the CRM calls it: triage_outcome, Lead_Triage_Decision__c.Reason__c."""
    kind: str
    """property, group, field, object, option, permission, stage, reason …"""
    state: StepState
    """`differs` and `by hand` are never changed by us: an admin decides."""
    words: str
    """What will be made, what is off, or what to do by hand: one sentence."""


class Check(Struct, frozen=True):
    """One line of `triage doctor` about an account: never a secret."""

    name: str
    ok: bool
    found: str
    hint: str = ""
    """What to do next, where it is not well."""


Look = Callable[[], Awaitable[Check]]
"""One look of a doctor at an account, by reading alone."""


async def plan_at(crm: Crm) -> tuple[Step, ...] | None:
    """Return all that an account needs, in the order in which it is made; None: nothing to set up here."""
    ask: Callable[[], Awaitable[tuple[Step, ...]]] | None = getattr(crm, "setup_plan", None)
    return None if ask is None else await ask()


async def make_at(crm: Any, step: Step) -> None:
    """Make what is missing. CrmError says why not; what is there already by now is no error."""
    await crm.set_up(step)


async def examine_at(crm: Crm) -> tuple[Check, ...]:
    """Return what a doctor finds in an account; nothing of an adapter that has no such word."""
    ask: Callable[[], Awaitable[tuple[Check, ...]]] | None = getattr(crm, "examine", None)
    return () if ask is None else await ask()


async def looked_at(name: str, ask: Look, *, refused: str = "missing") -> Check:
    """Return what one look finds; what goes wrong is what it finds, a right that is missing in a word."""
    try:
        return await ask()
    except NotPermitted as error:
        return Check(name, ok=False, found=refused, hint=f"{error.message} {error.hint}".strip())
    except CrmError as error:
        return Check(name, ok=False, found=error.message, hint=error.hint)
