"""The stand-in as a test sees it: an account with invented leads, and a hand in what happens to them there.

It is written from the vendor's contract, apart from the adapter that it tests, and imports nothing of triage.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from tests.hubspot.portal import seeding
from tests.hubspot.portal.happenings import Happenings
from tests.hubspot.portal.kinds import LEADS, NOTES, kind_of
from tests.hubspot.portal.limits import Limits
from tests.hubspot.portal.owners import COLLEAGUE, MARKETER, ME
from tests.hubspot.portal.state import LEAD_SCOPES, State, Tempo
from tests.hubspot.portal.tokens import Tokens

_MARK = re.compile(r"\[triage:([^\s\]]+) ([^\]]+)\]")
_ANSWER = re.compile(r"\[triage-answer:([^\s\]]+) ([^\]]+)\]")


@dataclass(frozen=True)
class Standing:
    """What a lead has come to. In an account without leads it is the contact's."""

    owner: str
    stage: str
    reason: str
    outcome: str
    archived: bool
    is_there: bool = True


class Portal(Happenings):
    """One HubSpot account in memory. `tempo` is shared with the adapter: limits are counted by it.

    Further switches are attributes of `state`: multi_status, writes_in_parts, batch_limit, names_who_has_none,
    lead_properties_by_api, sees_events.
    """

    def __init__(
        self,
        tempo: Tempo | None = None,
        leads: int = 12,
        lead_object: str = "leads",
        *,
        scoring: bool = True,
        set_up: bool = True,
        others: int = 2,
    ) -> None:
        self.state = State(tempo=tempo, scoring=scoring, set_up=set_up)
        self.tempo = tempo
        self.lead_object = lead_object
        self.requests: list[str] = []
        self.down = False
        self.me, self.colleague, self.marketer = ME.id, COLLEAGUE.id, MARKETER.id
        self.email, self.marketing_email = ME.email, MARKETER.email
        self.meddling: list[tuple[str, bool]] = []
        """Leads that a colleague takes with the next request that names them: any, or a write."""
        self.lead_ids = self._seeded(leads, ME.id, 0)
        self.other_lead_ids = self._seeded(others, COLLEAGUE.id, leads)
        if lead_object == "contacts":
            self.state.scopes -= LEAD_SCOPES

    def _seeded(self, number: int, owner: str, start: int) -> list[str]:
        contacts = seeding.people(self.state, number, owner=owner, start=start)
        rows = seeding.leads_of(self.state, contacts) if self.lead_object == "leads" else contacts
        return [row.id for row in rows]

    # What it is

    @property
    def token(self) -> str:
        """The service key."""
        return self.state.token

    @token.setter
    def token(self, token: str) -> None:
        self.state.token = token

    @property
    def scopes(self) -> set[str]:
        """What the service key may do: a test takes some away."""
        return self.state.scopes

    @scopes.setter
    def scopes(self, scopes: set[str]) -> None:
        self.state.scopes = scopes

    @property
    def portal_id(self) -> int:
        return self.state.portal_id

    @property
    def broken_rules(self) -> list[str]:
        """What a client did that it may not; a test asserts that it is empty."""
        return self.state.broken_rules

    @property
    def search_lag(self) -> float:
        """Seconds of the tempo until search sees a write."""
        return self.state.index.lag

    @search_lag.setter
    def search_lag(self, seconds: float) -> None:
        self.state.index.lag = seconds

    @property
    def limits(self) -> Limits:
        return self.state.limits

    @property
    def tokens(self) -> Tokens:
        """Clients, consents and tokens of OAuth; `rotates` and `reused` are there."""
        return self.state.tokens

    @property
    def scoring(self) -> bool | int:
        """Whether lead scoring answers: True, or the status that refuses, 403 or 404."""
        return self.state.scoring.answers

    @scoring.setter
    def scoring(self, answers: bool | int) -> None:
        self.state.scoring.answers = answers or 404

    # What it has seen

    def count(self, prefix: str) -> int:
        """How many requests began so: "POST /crm/objects/2026-09/notes"."""
        return sum(one.startswith(prefix) for one in self.requests)

    def effects(self) -> list[tuple[str, str]]:
        """Item id and word of each note with triage's marker, in the order they were made."""
        return self._marked(_MARK)

    def answers(self) -> list[tuple[str, str]]:
        """Reply id and kind of each note with an answer's marker."""
        return self._marked(_ANSWER)

    def _marked(self, marker: re.Pattern[str]) -> list[tuple[str, str]]:
        with self.state.lock:
            bodies = [note.properties.get("hs_note_body", "") for note in self.state.records.live(NOTES)]
        return [(found[1], found[2]) for body in bodies for found in marker.finditer(body)]

    def twice(self) -> list[str]:
        """Items that took effect more than once."""
        return [item for item, times in Counter(item for item, _ in self.effects()).items() if times > 1]

    def standing(self, lead_id: str) -> Standing:
        with self.state.lock:
            lead = self.state.records.of[self._kind.name].get(lead_id)
            if lead is None:
                return Standing("", "", "", "", archived=True, is_there=False)
            contact = self._contact(lead_id)
            outcome = contact.properties.get("triage_outcome", "") if contact else ""
            stage = "hs_pipeline_stage" if self._kind is LEADS else "hs_lead_status"
            return Standing(
                lead.properties.get("hubspot_owner_id", ""),
                lead.properties.get(stage, ""),
                lead.properties.get("hs_lead_disqualification_reason", ""),
                outcome,
                archived=lead.archived_at is not None,
            )

    def value(self, kind: str, record_id: str, name: str) -> str:
        """One property as it stands; an empty text where there is none."""
        return self.state.records.of[kind_of(kind).name][record_id].properties.get(name, "")

    def notes_of(self, kind: str, record_id: str) -> list[str]:
        """The bodies of the notes on a record."""
        with self.state.lock:
            found = self.state.associations.of(kind_of(kind).name, record_id, "notes")
            return [self.value("notes", note, "hs_note_body") for note in found]
