"""Where items are kept in an org: rows of the custom object, or completed tasks where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from triage.crm.salesforce.account import Account
from triage.crm.salesforce.decision_ledger import DecisionLedger
from triage.crm.salesforce.kept import Kept, Standing
from triage.crm.salesforce.statuses import decided_status
from triage.crm.salesforce.tasks import TaskLedger
from triage.domain.act import Act
from triage.domain.item import Item
from triage.domain.lead import LeadStatus
from triage.domain.review import Reply

_EARLIEST = datetime.min.replace(tzinfo=UTC)


class Ledger(Protocol):
    """One of the two modes. Writes are nodes of a graph: they take effect with the lead's, or not at all."""

    refuses_twice: bool
    """Whether the org itself refuses an item's second write, by a unique key."""

    async def find(self, keys: Sequence[str]) -> Mapping[str, Kept]:
        """Return what is kept under these ids, with its record."""

    async def of_leads(self, lead_ids: Sequence[str]) -> list[Kept]:
        """Return the decisions on these leads, without their records."""

    async def node(
        self, item: Item, by: str, before: Standing | None, after: Standing | None, *, on_lead: bool = True
    ) -> dict[str, Any]:
        """Return the write that keeps an item; not `on_lead`: of one that nothing can refer to any more."""

    async def kept(self, kind: str, *, by: str | None = None, since: datetime | None = None) -> list[Kept]:
        """Return what is kept of a kind, with records, the oldest first: of one user, changed since."""

    async def typed(self, by: str | None, since: datetime | None) -> list[Kept]:
        """Return items with what a person typed as an answer to them."""

    async def answer_nodes(self, reply: Reply, to: Kept) -> list[dict[str, Any]]:
        """Return the writes that record an answer."""

    async def see(self, reply_ids: Sequence[str], at: datetime) -> None:
        """Note that the rep has seen answers; the first time is kept."""


async def ledger_of(account: Account) -> Ledger:
    """Return the mode of this org: with the object where this user has it."""
    described = await account.decision_object()
    if described is not None:
        return DecisionLedger(account.api, described)
    return TaskLedger(account.api, (await account.whoami()).user_id)


def by_lead(rows: Iterable[Kept]) -> dict[str, list[Kept]]:
    """Return the decisions of each lead, the oldest first."""
    found: dict[str, list[Kept]] = {}
    for row in sorted(rows, key=_age):
        found.setdefault(row.lead_id, []).append(row)
    return found


def decided(rows: Iterable[Kept]) -> LeadStatus | None:
    """Return what the decisions on one lead, the oldest first, come to."""
    return decided_status((row.key, row.outcome, row.about) for row in rows)


def standing(rows: Sequence[Kept]) -> Kept | None:
    """Return the newest of the decisions on one lead, the oldest first, that no restore has taken back."""
    taken_back: set[str] = set()
    for row in reversed(rows):
        if row.outcome == Act.RESTORE.done:
            taken_back.add(row.about)
        elif row.key not in taken_back:
            return row
    return None


def _age(row: Kept) -> tuple[datetime, str]:
    """Sort by when it was taken; Salesforce keeps whole seconds, and our ids sort by their time."""
    return (row.created_at or _EARLIEST, row.key)
