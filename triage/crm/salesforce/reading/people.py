"""Whom a lead may go to: the active users of the standard kind, and the queues of leads.

Not confirmed against a live account: reps are the users whose type is Standard.
"""

from __future__ import annotations

from collections import Counter

from triage.crm.fields import Fields
from triage.crm.salesforce.account import Account
from triage.domain.people import Person

_USERS = (
    "SELECT Id, Name, Email FROM User WHERE IsActive = true AND UserType = 'Standard'"
    " ORDER BY Name LIMIT 2000"
)


async def people(account: Account) -> tuple[Person, ...]:
    """Return users and queues, as far as they are not hidden from this user."""
    found: list[Person] = []
    async for row in account.api.query(_USERS, background=True):
        fields = Fields(row, Counter())
        user_id = fields.id("Id")
        if user_id is not None:
            found.append(Person(user_id, fields.text("Name")))
    queues = (await account.queues()).items()
    return (*found, *(Person(queue_id, name, kind="queue") for queue_id, name in queues))
