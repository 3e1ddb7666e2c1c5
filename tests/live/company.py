"""The organisation at the live CRM, as people at its HTTP API meet it: what tests do behind the adapter's back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from typing import Any, Self

import httpx

from tests.live.people import People
from tests.live.place import Place

_NUMBERS = count(time.time_ns() // 1_000_000 % 10**9)
"""Others in each process: the title of a lead is its own."""
_AT_ONCE = 4
_PATIENCE = 60.0


class Company:
    """Requests in somebody's name; each must succeed. Close it."""

    def __init__(self, place: Place, people: People) -> None:
        self.people = people
        self._clients = {name: client(place, one.token) for name, one in people.items()}

    def ask(self, who: str, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """Make a request; returns the answer's JSON."""
        return answered(self._clients[who].request(method, path, json=body, params=params))

    def leads(self, owners: Sequence[str], count: int, by: str = "marketer") -> tuple[str, ...]:
        """Make many leads for somebody, by somebody, who sees them too; returns their ids."""
        assigned = {"assigned_to": [self.people[owner].profile_id for owner in owners]}
        tags = [row["id"] for row in self.ask("admin", "GET", "/api/tags/")["tags"]]
        bodies = [
            believable(number) | assigned | {"tags": [tags[number % len(tags)]]}
            for number in islice(_NUMBERS, count)
        ]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for made in [pool.submit(self.ask, by, "POST", "/api/leads/", body) for body in bodies]:
                made.result()
        ids = {row["title"]: str(row["id"]) for row in self.rows(owners[0])}
        return tuple(ids[body["title"]] for body in bodies)

    def rows(self, owner: str) -> list[dict[str, Any]]:
        """Return somebody's leads, closed ones too; converted leads are on no list."""
        of = self.people[owner].profile_id
        body = self.ask(owner, "GET", "/api/leads/", assigned_to=of, limit=100_000)
        return [*body["open_leads"]["open_leads"], *body["close_leads"]["close_leads"]]

    def detail(self, lead_id: str, who: str = "admin") -> dict[str, Any]:
        """Return a lead with its comments."""
        return dict(self.ask(who, "GET", f"/api/leads/{lead_id}/"))

    def find(self, lead_id: str) -> dict[str, Any] | None:
        """Return a lead; None where it is no longer there."""
        answer = self._clients["admin"].get(f"/api/leads/{lead_id}/")
        return None if answer.status_code == httpx.codes.NOT_FOUND else dict(answered(answer)["lead_obj"])

    def change(self, lead_id: str, who: str = "admin", **fields: Any) -> None:
        """Change a lead behind the rep's back."""
        self.ask(who, "PATCH", f"/api/leads/{lead_id}/", fields)

    def records(self, lead_id: str) -> list[dict[str, Any]]:
        """Return what triage has recorded on a lead, in order: id, word, at, record."""
        return recorded(self.detail(lead_id)["lead_obj"])

    def comments(self, lead_id: str) -> list[str]:
        """Return a lead's comments."""
        return [str(one["comment"]) for one in self.detail(lead_id)["comments"]]

    def account_comments(self) -> list[str]:
        """Return the comments on all accounts: a conversion takes a lead's there."""
        accounts = self.ask("admin", "GET", "/api/accounts/", limit=1_000)["active_accounts"]["open_accounts"]
        bodies = [self.ask("admin", "GET", f"/api/accounts/{one['id']}/") for one in accounts]
        return [str(one["comment"]) for body in bodies for one in body["comments"]]

    def effects(self, item_id: str, lead_ids: Iterable[str]) -> int:
        """Count how often an item took effect on some leads: its records or its comments, what there is more of."""
        records = comments = 0
        for lead_id in lead_ids:
            body = self.detail(lead_id)
            records += sum(one["id"] == item_id for one in recorded(body["lead_obj"]))
            comments += sum(marked(one["comment"], item_id) for one in body["comments"])
        return max(records, comments)

    def close(self) -> None:
        """Let go of the connections."""
        for one in self._clients.values():
            one.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()


def client(place: Place, token: str) -> httpx.Client:
    """Return what anyone would write: httpx, the token, and nothing else."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=place.url, headers=headers, timeout=_PATIENCE, trust_env=False)


def answered(answer: httpx.Response) -> Any:
    """Return an answer's JSON; AssertionError with the answer where it is no success."""
    assert answer.is_success, (
        f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:500]}"
    )
    return answer.json() if answer.content else None


def marked(comment: str, item_id: str) -> bool:
    """Tell whether a comment is the one of an item."""
    return f"[triage:{item_id} " in comment


def recorded(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what triage has recorded on a lead, in order: id, word, at, record."""
    return list(json.loads(row["custom_fields"].get("triage_log") or "[]"))


def believable(number: int) -> dict[str, Any]:
    """Return a lead as marketing would make it; the title tells it from all others."""
    given, family = _turn(_GIVEN, number), _turn(_FAMILY, number // 3)
    company = _turn(_COMPANIES, number // 7)
    return {
        "title": f"{company}: {_turn(_WANTS, number)} #{number:05d}",
        "first_name": given,
        "last_name": family,
        "email": f"{given}.{family}.{number}@{company}.example".lower(),
        "phone": f"+1 555-555-01{number % 100:02d}",
        "job_title": _turn(_TITLES, number // 2),
        "website": f"https://{company.lower()}.example",
        "company_name": f"{company} Inc",
        "status": "assigned",
        "source": _turn(("call", "email", "campaign", "partner"), number),
        "rating": _turn(("HOT", "WARM", "COLD"), number // 5),
        "opportunity_amount": 1_000 + number % 90 * 1_000,
        "probability": 5 + number % 55,
        "currency": "USD",
        "city": "Berlin",
        "country": "DE",
        "description": f"Read the ROI guide {1 + number % 4} times. 'Quoted' <b>and</b> ünïcode.",
    }


def _turn(words: tuple[str, ...], number: int) -> str:
    return words[number % len(words)]


_GIVEN = ("Alex", "Billie", "Casey", "Devon", "Emery", "Frankie", "Harper", "Jules", "Kim", "Morgan", "Robin")
_FAMILY = ("Ash", "Birch", "Cedar", "Elder", "Hazel", "Juniper", "Larch", "Maple", "Rowan", "Willow")
_COMPANIES = ("Northwind", "Globex", "Initech", "Hooli", "Vandelay", "Tyrell", "Wonka", "Soylent")
_TITLES = ("CTO", "VP Sales", "Engineer", "Buyer", "Head of Operations")
_WANTS = ("demo request", "whitepaper", "pricing page", "webinar")
