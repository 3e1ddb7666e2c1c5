"""From a CRM the raw events that numbers are counted from. Asks and reads; records nothing here."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

from msgspec import Struct

from triage.insights.evidence import Evidence
from triage.insights.period import Period

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from triage.crm.port import Crm
    from triage.desk.session import Session
    from triage.domain.definition import Definition
    from triage.domain.reasons import ReasonBook
    from triage.domain.stages import StageChange

T = TypeVar("T")
USUAL = timedelta(weeks=12)
"""The stretch that is looked at unless another is asked for."""
MARKETING = "marketing"


class Gathered(Struct, frozen=True):
    """What was gathered, when, and of whom."""

    evidence: Evidence
    at: datetime
    is_team: bool
    """Whether it is of all reps; else of the one whose token it is."""


async def gather(
    crm: Crm,
    period: Period,
    now: datetime,
    *,
    definition: Definition,
    reasons: ReasonBook,
    role: str = "rep",
) -> Gathered:
    """Read all that the CRM keeps. Definition and reason codes are the CRM's, else those given.

    `role`: whose token it is; marketing sees all reps anyhow. Raises CrmError.
    """
    decisions = [one async for one in _all(crm.decisions)]
    feedback = [one async for one in _all(crm.feedback)]
    evidence = Evidence.of(
        decisions,
        feedback,
        await _stages(crm),
        definition=await crm.definition() or definition,
        reasons=await crm.reasons() or reasons,
        period=period,
        now=now,
    )
    return Gathered(evidence, now, is_team=role == MARKETING or _knows_team(crm.decisions))


async def gather_for(session: Session, period: Period | None = None) -> Gathered:
    """Gather for a session, on a connection of its own; without a period, of the usual stretch.

    Raises TriageError: whatever keeps from reaching the CRM.
    """
    desk = session.desk
    definition = await session.call(desk.definition)
    reasons = await session.call(desk.reasons)
    crm = await session.connect()
    try:
        now = desk.clock()
        wanted = period or Period.last(USUAL, now)
        return await gather(crm, wanted, now, definition=definition, reasons=reasons, role=session.rep.role)
    finally:
        await crm.aclose()


async def _all(ask: Callable[..., AsyncIterator[T]]) -> AsyncIterator[T]:
    """Yield what a method of the port yields of all reps, as far as the adapter tells it."""
    found = ask(team=True) if _knows_team(ask) else ask()
    async with aclosing(cast("AsyncGenerator[T, None]", found)) as ones:
        async for one in ones:
            yield one


async def _stages(crm: Crm) -> list[StageChange]:
    """Return what became of leads, each change once; none from an adapter without that word."""
    ask = getattr(crm, "outcomes", None)
    if ask is None:
        return []
    found: dict[str, StageChange] = {}
    async with aclosing(cast("AsyncGenerator[Any, None]", ask(None))) as pages:
        async for page in pages:
            found.update((change.change_id, change) for change in page.changes)
    return list(found.values())


def _knows_team(ask: Callable[..., object]) -> bool:
    """Whether an adapter's method can be asked for all reps: one that is older than the word cannot."""
    try:
        return "team" in inspect.signature(ask).parameters
    except (TypeError, ValueError):
        return False
