"""The stand-in as a test sees it: an organisation with invented leads, and a hand in what happens there.

It was written from the contract page and from what the server answers, apart from the adapter that it tests,
and imports nothing of triage.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Protocol

from tests.bottlecrm.shop import seeding
from tests.bottlecrm.shop.effects import ANSWERS, entries
from tests.bottlecrm.shop.happenings import Happenings
from tests.bottlecrm.shop.people import Person
from tests.bottlecrm.shop.state import State


class Tempo(Protocol):
    """Time that an adapter sleeps by."""

    def now(self) -> float: ...


@dataclass(frozen=True)
class Standing:
    """What a lead has come to."""

    owners: tuple[str, ...]
    status: str
    decision: str
    reason: str
    is_there: bool = True


class Shop(Happenings):
    """One BottleCRM in memory. Its leads are made by marketing: a rep sees no lead that is another's."""

    def __init__(
        self, tempo: Tempo | None = None, leads: int = 12, *, set_up: bool = True, others: int = 2
    ) -> None:
        self.state = State()
        self.tempo = tempo
        self.requests: list[str] = []
        self.down = False
        self.meddling: list[tuple[str, bool]] = []
        self.overrun: list[str] = []
        admin, marketer, rep, colleague = self._people = seeding.people(self.state)
        self.admin, self.marketer, self.me, self.colleague = admin.id, marketer.id, rep.id, colleague.id
        seeding.tags(self.state)
        if set_up:
            seeding.triage_fields(self.state)
        self.lead_ids = [self.add_lead(number) for number in range(leads)]
        self.other_lead_ids = [self.add_lead(leads + number, colleague.id) for number in range(others)]

    def add_lead(self, number: int = 0, owner: str | None = None, **values: Any) -> str:
        """Let marketing make one more, with these fields in place of the invented ones."""
        with self.state.lock:
            people = self.state.people
            number = number or len(self.state.leads)
            made = seeding.lead(
                self.state, number, creator=people[self.marketer], owner=people[owner or self.me], **values
            )
            return made.id

    # What it is

    @property
    def token(self) -> str:
        """The rep's personal token, which has no scopes: it may do all that the rep may."""
        return self.token_of(self.me)

    @property
    def colleague_token(self) -> str:
        return self.token_of(self.colleague)

    @property
    def marketing_token(self) -> str:
        return self.token_of(self.marketer)

    @property
    def admin_token(self) -> str:
        return self.token_of(self.admin)

    def token_of(self, person_id: str) -> str:
        """The first token that was made for a person."""
        tokens = self.state.doors.tokens.values()
        return next(one.secret for one in tokens if one.owner.id == person_id)

    def session_of(self, person_id: str) -> str:
        """What a person has who signed in: it alone can make tokens."""
        sessions = self.state.doors.sessions.items()
        return next(secret for secret, person in sessions if person.id == person_id)

    @property
    def people(self) -> list[Person]:
        """Admin, marketing, the rep, a colleague."""
        return self._people

    @property
    def broken_rules(self) -> list[str]:
        """What a client did that it should not; a test asserts that it is empty."""
        return self.state.broken_rules

    # What it has seen

    def count(self, prefix: str) -> int:
        """How many requests began so: "PATCH /api/leads/"."""
        return sum(one.startswith(prefix) for one in self.requests)

    def effects(self) -> list[tuple[str, str]]:
        """Item id and word of each entry that a write newly put into the log of a lead, in order."""
        return [(item, word) for _lead, item, word in self.state.effects]

    def twice(self) -> list[str]:
        """Items that took effect more than once."""
        return [item for item, times in Counter(item for item, _ in self.effects()).items() if times > 1]

    def answers(self) -> list[tuple[str, str]]:
        """Reply id and kind of each of marketing's answers that is recorded."""
        with self.state.lock:
            found = [one for lead in self.state.leads.values() for one in entries(lead.custom, ANSWERS)]
        return [(str(one.get("id")), str(one.get("word"))) for one in found]

    def log_of(self, lead_id: str) -> list[dict[str, Any]]:
        """The entries of a lead's log."""
        return entries(self.state.leads[lead_id].custom)

    def comments_of(self, item_id: str) -> int:
        """How many comments have the marker of an item, wherever they are now."""
        with self.state.lock:
            return sum(f"[triage:{item_id} " in one.text for one in self.state.comments)

    def comments_at(self, lead_id: str) -> list[str]:
        """The words of the comments at a lead, the oldest first."""
        with self.state.lock:
            return [one.text for one in self.state.comments if one.home == lead_id]

    def custom(self, lead_id: str, key: str) -> Any:
        return self.state.leads[lead_id].custom.get(key)

    def standing(self, lead_id: str) -> Standing:
        with self.state.lock:
            lead = self.state.leads.get(lead_id)
            if lead is None:
                return Standing((), "", "", "", is_there=False)
            decision, reason = (str(lead.custom.get(f"triage_{one}") or "") for one in ("decision", "reason"))
            return Standing(tuple(sorted(lead.assigned)), lead.status, decision, reason)
