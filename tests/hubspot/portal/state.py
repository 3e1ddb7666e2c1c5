"""All that the portal holds, and what the handlers of requests ask of it."""

from __future__ import annotations

import threading
import time
from typing import Any, Protocol

from tests.hubspot.portal import owners, pipelines
from tests.hubspot.portal.associations import Associations
from tests.hubspot.portal.calls import Call
from tests.hubspot.portal.faults import Faults
from tests.hubspot.portal.known_properties import schemas_of
from tests.hubspot.portal.limits import Limits
from tests.hubspot.portal.marketing import Marketing
from tests.hubspot.portal.problems import Problem, invalid, missing_scopes
from tests.hubspot.portal.records import Index, Records
from tests.hubspot.portal.rules import Rules
from tests.hubspot.portal.scoring import Scoring
from tests.hubspot.portal.search import Searches
from tests.hubspot.portal.stamps import RecordClock
from tests.hubspot.portal.tokens import Tokens

LEAD_SCOPES = {"crm.objects.leads.read", "crm.objects.leads.write"}
SCOPES = LEAD_SCOPES | {
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.read",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.objects.owners.read",
    "crm.schemas.contacts.write",
    "crm.lists.read",
    "automation.sequences.read",
    "marketing.campaigns.read",
    "mh-lead-scoring-view",
}
SERVICE_KEY = "pat-eu1-not-a-real-key-0001"


class Tempo(Protocol):
    """Time as the limits count it."""

    def now(self) -> float: ...


class State:
    """One account. Everything in it is touched under `lock`: requests come on another thread than the test's."""

    def __init__(self, *, tempo: Tempo | None, scoring: bool, set_up: bool) -> None:
        self.lock = threading.RLock()
        self.now = tempo.now if tempo is not None else time.monotonic
        self.clock = RecordClock()
        self.broken_rules: list[str] = []
        self.scopes = set(SCOPES)
        self.token = SERVICE_KEY
        self.portal_id = 4_711_001
        self.time_zone = "Europe/Berlin"
        self.index = Index(self.now)
        self.records = Records(self.clock, self.index)
        self.associations = Associations(self.records)
        self.searches = Searches()
        self.schemas = schemas_of(scoring=scoring, set_up=set_up)
        self.pipelines = pipelines.known()
        self.owners = owners.known()
        self.rules = Rules()
        self.limits = Limits(self.now, self.broken_rules)
        self.faults = Faults()
        self.tokens = Tokens(self)
        self.scoring = Scoring(answers=scoring or 404)
        self.marketing = Marketing()
        self.batch_limit = 100
        self.multi_status = 207
        self.writes_in_parts = True
        self.names_who_has_none = True
        self.lead_properties_by_api = False
        self.sees_events = False
        self.own_scopes: dict[str, str] = {}
        """By kind: a scope that associations with it need in this account, in the place of the usual one."""

    def scopes_needed(self, *any_of: str) -> None:
        if not self.scopes & set(any_of):
            raise missing_scopes(any_of)

    def break_rule(self, sentence: str, message: str) -> Problem:
        """Keep that the client broke a rule, and return the refusal for it."""
        self.broken_rules.append(sentence)
        return invalid(message)

    def inputs_of(self, call: Call, most: int) -> list[dict[str, Any]]:
        inputs = call.body.get("inputs")
        if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
            raise invalid("Invalid input JSON: inputs must be an array of objects")
        if len(inputs) > most:
            said = f"The maximum number of inputs supported by a batch request is {most}"
            raise self.break_rule(f"{len(inputs)} inputs at {call.path}, {most} are allowed", said)
        return inputs
