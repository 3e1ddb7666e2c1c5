"""The embedded CRM inside the test process, every answer of it held against the contract."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx
from answers_contract import complain

from triage.embedded.database import Database
from triage.embedded.faults import FaultPlan
from triage.embedded.members import FIRST_REP, MARKETING, token_of
from triage.embedded.server import build_app, open_database

SEED = 7
DECIDED_AT = "2026-11-20T09:00:00Z"


class Crm:
    """The server without a socket, and what a rep and marketing may ask of it in one word."""

    def __init__(self, database: Database, plan: FaultPlan | None = None) -> None:
        self.database = database
        self._loop = asyncio.Runner()
        transport = httpx.ASGITransport(build_app(database, plan), raise_app_exceptions=False)
        self._http = httpx.AsyncClient(transport=transport, base_url="http://crm.example")
        self._numbers = itertools.count(1)

    def close(self) -> None:
        self._loop.run(self._http.aclose())
        self._loop.close()
        self.database.close()

    def ask(self, method: str, path: str, who: str | None = FIRST_REP, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token_of(who, SEED)}"} if who else {}
        headers |= more.pop("headers", {})
        answer = self._loop.run(self._http.request(method, path, headers=headers, **more))
        complain(method, path.partition("?")[0], answer)
        return answer

    def get(self, path: str, who: str | None = FIRST_REP, **more: Any) -> Any:
        answer = self.ask("GET", path, who, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def leads(self, who: str = FIRST_REP) -> list[dict[str, Any]]:
        page = self.get("/v1/leads?limit=500", who)
        assert not page["more"]
        return page["items"]

    def lead(self, lead_id: str) -> dict[str, Any]:
        return self.get(f"/v1/leads/{lead_id}")

    def fresh(self, n: int = 0) -> dict[str, Any]:
        """Return the n-th lead of the rep that is assigned and was not contacted."""
        return [lead for lead in self.leads() if lead["status"] == "assigned" and not lead["contacted_at"]][n]

    def contacted(self) -> dict[str, Any]:
        return next(lead for lead in self.leads() if lead["contacted_at"])

    def decision(self, lead: dict[str, Any], act: str, **more: Any) -> dict[str, Any]:
        seen = {"owner_id": lead["owner"]["user_id"], "status": lead["status"], "version": lead["version"]}
        number = next(self._numbers)
        item = {
            "decision_id": f"d-{number}",
            "lead_id": lead["lead_id"],
            "act": act,
            "decided_at": DECIDED_AT,
        }
        return item | {"seen": seen} | more

    def note(self, lead: dict[str, Any], **more: Any) -> dict[str, Any]:
        number = next(self._numbers)
        item = {
            "feedback_id": f"f-{number}",
            "lead_id": lead["lead_id"],
            "type": "note",
            "created_at": DECIDED_AT,
        }
        return item | more

    def send(self, *items: dict[str, Any], who: str = FIRST_REP) -> list[dict[str, Any]]:
        path = "/v1/feedback" if "feedback_id" in items[0] else "/v1/decisions"
        answer = self.ask("POST", path, who, json={"items": list(items)})
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    def decide(self, lead: dict[str, Any], act: str, **more: Any) -> dict[str, Any]:
        """Send one decision; return its result."""
        return self.send(self.decision(lead, act, **more))[0]

    def reply(self, of: str, kind: str, **more: Any) -> httpx.Response:
        body = {"reply_id": f"r-{next(self._numbers)}", "of": of, "kind": kind} | more
        return self.ask("POST", "/v1/replies", MARKETING, json=body)

    def answer(self, path: str, text: str | None = None, kind: str | None = None, **more: Any) -> Any:
        """Type an answer into the CRM as marketing; return the reply."""
        typed = {"triage_answer": text, "triage_answer_kind": kind} | more
        answer = self.ask("POST", f"/v1/{path}/answer", MARKETING, json=typed)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def for_marketing(self, lead_id: str) -> dict[str, Any]:
        return self.get(f"/v1/leads/{lead_id}", MARKETING)

    def assign(self, lead_id: str, owner_id: str) -> dict[str, Any]:
        answer = self.ask("POST", f"/v1/leads/{lead_id}/assign", MARKETING, json={"owner_id": owner_id})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def edit(self, lead_id: str, **changes: Any) -> dict[str, Any]:
        return self._upkeep(lead_id, "edit", changes)

    def remove(self, lead_id: str, merged_into: str | None = None) -> dict[str, Any]:
        return self._upkeep(lead_id, "remove", {"merged_into": merged_into})

    def _upkeep(self, lead_id: str, what: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.ask("POST", f"/v1/leads/{lead_id}/{what}", MARKETING, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def effects(self) -> list[str]:
        return [row["id"] for row in self.get("/v1/effects?limit=500", MARKETING)["items"]]


@cache
def _filled(leads: int, *, history: bool) -> Database:
    return open_database(None, leads=leads, seed=SEED, now=datetime.now(UTC), history=history)


def open_crm(leads: int = 40, *, history: bool = False) -> Crm:
    """Return a CRM of its own; copying the leads is quicker than drawing them each time."""
    database = Database(None)
    _filled(leads, history=history)._connection.backup(database._connection)
    return Crm(database)
