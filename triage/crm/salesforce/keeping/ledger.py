"""Where items are kept in an org: rows of the custom object, or completed tasks where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from triage.crm.salesforce.account import WITHOUT, Account
from triage.crm.salesforce.describe import is_name
from triage.crm.salesforce.keeping import decision_rows
from triage.crm.salesforce.keeping.decision_ledger import DecisionLedger
from triage.crm.salesforce.keeping.decision_object import OBJECT
from triage.crm.salesforce.keeping.kept import Kept, Standing
from triage.crm.salesforce.keeping.tasks import TaskLedger
from triage.crm.salesforce.statuses import decided_status
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

    async def sent(self, keys: Sequence[str]) -> Mapping[str, Kept]:
        """Return what this user wrote under these ids, with its record."""

    async def of_leads(self, lead_ids: Sequence[str], *, background: bool = False) -> list[Kept]:
        """Return the decisions on these leads, without their records; `background` as for a query."""

    async def node(
        self, item: Item, by: str, before: Standing | None, after: Standing | None, *, on_lead: bool = True
    ) -> dict[str, Any]:
        """Return the write that keeps an item; not `on_lead`: of one that nothing can refer to any more."""

    async def kept(self, kind: str, *, by: str | None = None) -> list[Kept]:
        """Return what is kept of a kind, with records, the oldest first; read in the background."""

    async def answered(self, by: str | None, since: datetime | None) -> list[Kept]:
        """Return what changed: answers, maybe without records, and items with what was typed on them, if any.

        Read in the background.
        """

    async def answer_nodes(self, reply: Reply, to: Kept) -> list[dict[str, Any]]:
        """Return the writes that record an answer."""

    async def see(self, reply_ids: Sequence[str], at: datetime) -> None:
        """Note that the rep has seen answers; the first time is kept."""


async def ledger_of(account: Account) -> Ledger:
    """Return the mode of this org: with the object where this user has it."""
    described = await account.decision_object()
    if described is not None:
        return DecisionLedger(account.api, described.name, described)
    return TaskLedger(account.api, (await account.whoami()).user_id)


async def sent_anywhere(account: Account, key: str) -> Kept | None:
    """Return what this user sent under an id, in either mode: the org may have changed since."""
    ledgers = [await ledger_of(account)]
    if isinstance(ledgers[0], TaskLedger):
        described = await account.api.describe(OBJECT) if account.object_name == WITHOUT else None
        ledgers += [DecisionLedger(account.api, OBJECT, described)] if described else []
    elif await account.api.describe("Task") is not None:
        ledgers.append(TaskLedger(account.api, (await account.whoami()).user_id))
    for ledger in ledgers:
        if (kept := (await ledger.sent([key])).get(key)) is not None:
            return kept
    return None


def unseen_ledger_of(account: Account) -> Ledger | None:
    """Return the mode with the object, though nobody has asked for it yet; None where there can be none.

    Its reads raise NoSuchField where the org has it otherwise, or not for this user: ask `ledger_of` then.
    """
    name = account.object_name
    return DecisionLedger(account.api, name, None) if is_name(name) and name != WITHOUT else None


async def is_usual(account: Account) -> bool:
    """Whether this user reads the object with all that a list of it shows."""
    described = await account.decision_object()
    return described is not None and all(map(described.can_read, decision_rows.FEW))


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
