"""What other people do in the org behind the rep's back, and what marketing types."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.salesforce.org.extras import DECISION, KEY
from tests.salesforce.org.objects import CONVERTED, LEAD, LEAD_HISTORY, TASK
from tests.salesforce.org.schema import SObject
from tests.salesforce.org.tables import Row, Tables
from tests.salesforce.org.tokens import Family

if TYPE_CHECKING:
    from tests.salesforce.org.access import Schema
    from tests.salesforce.org.deletions import Deletions

_LATER = timedelta(seconds=1)


class Behind:
    """Changes without a request. Each is at least a second after the last one of that record."""

    lock: threading.RLock
    tables: Tables
    schema: Schema
    deleted: Deletions
    converting: frozenset[str] = frozenset({CONVERTED})
    meddling: list[Callable[[], None]]
    now: Callable[[], datetime]
    number: Callable[[], int]
    me: str
    colleague: str
    marketing: str
    queue: str
    username: str
    lead_ids: tuple[str, ...]
    _mine: Family

    def put(self, sobject: str, row: Row, **values: Any) -> Row:
        """Change or make a record as if by hand, with its stamps."""
        with self.lock:
            kind = self.schema.known(sobject)
            assert kind is not None, sobject
            row = {"Id": row.get("Id") or self.tables.new_id(kind), **row, **values}
            now = self.now().replace(microsecond=0)
            stamp = max(now, row["SystemModstamp"] + _LATER) if row.get("SystemModstamp") else now
            row |= {"SystemModstamp": stamp, "LastModifiedDate": stamp}
            row.setdefault("CreatedDate", stamp)
            row.setdefault("IsDeleted", False)
            self.tables.put(kind, row)
            return row

    def lead(self, lead_id: str) -> Row:
        """Return a lead, deleted or not."""
        row = self.tables.get("Lead", lead_id)
        assert row is not None, lead_id
        return row

    def reassign(self, lead_id: str, owner: str | None = None) -> None:
        """Give a lead to the colleague, or to a user or queue."""
        self._change(lead_id, OwnerId=owner or self.colleague)

    def restatus(self, lead_id: str, status: str) -> None:
        """Change a lead's status."""
        self._change(lead_id, Status=status)

    def retitle(self, lead_id: str, title: str = "CTO") -> None:
        """Change something that no decision is judged by."""
        self._change(lead_id, Title=title)

    def archive(self, lead_id: str, *, with_opportunity: bool = True) -> None:
        """Convert a lead."""
        values: dict[str, Any] = {
            "Status": CONVERTED,
            "IsConverted": True,
            "ConvertedDate": self.now().date(),
        }
        if with_opportunity:
            values["ConvertedOpportunityId"] = self._opportunity(lead_id)["Id"]
        self._change(lead_id, **values)

    convert = archive

    def _opportunity(self, lead_id: str) -> Row:
        lead = self.lead(lead_id)
        return self.put(
            "Opportunity",
            {},
            Name=f"{lead['Company']} first order",
            OwnerId=lead["OwnerId"],
            StageName="Prospecting",
            Amount=12_000.0,
            CurrencyIsoCode="EUR",
            IsClosed=False,
            IsWon=False,
            CloseDate=(self.now() + timedelta(days=30)).date(),
        )

    def close_opportunity(self, lead_id: str, *, won: bool) -> None:
        """End the opportunity that a lead was converted to."""
        row = self.tables.get("Opportunity", self.lead(lead_id)["ConvertedOpportunityId"])
        assert row is not None
        stage = "Closed Won" if won else "Closed Lost"
        self.put("Opportunity", row, StageName=stage, IsClosed=True, IsWon=won)

    def delete(self, lead_id: str, into: str | None = None) -> None:
        """Delete a lead, perhaps by merging it into another."""
        with self.lock:
            row = self.put("Lead", self.lead(lead_id), IsDeleted=True, MasterRecordId=into)
            self.deleted.note("Lead", lead_id, row["SystemModstamp"])

    def take_while_writing(self, lead_id: str) -> None:
        """Let the colleague take a lead after the next write arrived and before it is judged."""
        self.meddling.append(lambda: self.reassign(lead_id))

    def _change(self, lead_id: str, **values: Any) -> None:
        with self.lock:
            before = self.lead(lead_id)
            after = self.put("Lead", before, **values)
            for name, told in (("Status", "Status"), ("OwnerId", "Owner")):
                if before.get(name) != after.get(name):
                    self._note(before, after, name, told)

    def _note(self, before: Row, after: Row, name: str, told: str) -> None:
        row = {
            "Id": self.tables.new_id(LEAD_HISTORY),
            "IsDeleted": False,
            "CreatedDate": after["LastModifiedDate"],
            "CreatedById": self.marketing,
            "LeadId": after["Id"],
            "Field": told,
            "OldValue": before.get(name),
            "NewValue": after.get(name),
        }
        self.tables.put(LEAD_HISTORY, row)

    def decisions_on(self, lead_id: str) -> list[Row]:
        """Return the rows about a lead in the decision object, the oldest first."""
        return [row for row in self.tables.all(DECISION) if row.get("Lead__c") == lead_id]

    def type_answer(
        self, lead_id: str, text: str, kind: str = "acknowledged", *, by_task: bool = False
    ) -> None:
        """Let marketing type an answer: into the newest decision row of the lead, onto the lead, or a task."""
        with self.lock:
            rows = [row for row in self.decisions_on(lead_id) if row.get("Kind__c") != "answer"]
            if by_task:
                self.put("Task", {}, **self._task(lead_id, text, kind))
            elif rows:
                self._type_on(rows[-1], text, kind)
            else:
                self._change(lead_id, Triage_Answer__c=text, Triage_Answer_Kind__c=kind)

    def type_answer_on(self, key: str, text: str, kind: str = "acknowledged") -> None:
        """Let marketing type an answer into the row of a decision's or a feedback's key."""
        with self.lock:
            (row,) = self.tables.with_key(DECISION, KEY, key)
            self._type_on(row, text, kind)

    def _type_on(self, row: Row, text: str, kind: str) -> None:
        self.put(
            DECISION, row, Marketing_Answer__c=text, Answer_Kind__c=kind, LastModifiedById=self.marketing
        )

    def _task(self, lead_id: str, text: str, kind: str) -> dict[str, Any]:
        return {
            "WhoId": lead_id,
            "OwnerId": self.marketing,
            "CreatedById": self.marketing,
            "Subject": f"Triage answer: {kind}",
            "Description": text,
            "Status": "Completed",
            "IsClosed": True,
            "ActivityDate": self.now().date(),
        }

    def standing(self, lead_id: str) -> tuple[Any, ...]:
        """Return what a lead has come to: (status, owner, converted), or ("deleted", merged into)."""
        row = self.lead(lead_id)
        if row["IsDeleted"]:
            return ("deleted", row.get("MasterRecordId"))
        return (row["Status"], row["OwnerId"], row["IsConverted"])

    def tasks_on(self, lead_id: str) -> list[Row]:
        """Return the tasks of a lead."""
        return [row for row in self.tables.all(TASK.name) if row.get("WhoId") == lead_id]

    def hide(self, what: str, user: str | None = None) -> None:
        """Deny the rep (or a user; "" is everybody) an object, or a field given as Object.Field."""
        self.schema.hide(what, self.me if user is None else user, self.now())

    def read_only(self, what: str, user: str | None = None) -> None:
        """Let the rep (or a user; "" is everybody) only read a field given as Object.Field."""
        self.schema.lock(what, self.me if user is None else user, self.now())

    def set_up(self, sobject: SObject) -> None:
        """Add an object to the org, or change it."""
        self.schema.change(sobject, self.now())

    def add_lead(self, **values: Any) -> str:
        """Make a lead of the rep's."""
        filled: Row = {one.name: one.default for one in LEAD.fields if one.name != "Id"}
        filled |= {"OwnerId": self.me, "LastName": f"New {self.number()}", "Company": "Example", **values}
        filled.pop("SystemModstamp", None)
        filled["CreatedDate"] = values.get("CreatedDate", self.now().replace(microsecond=0))
        filled["Name"] = " ".join(part for part in (filled.get("FirstName"), filled["LastName"]) if part)
        return str(self.put("Lead", filled)["Id"])
