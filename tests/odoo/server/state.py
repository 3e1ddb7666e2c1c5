"""All that the stand-in holds, and what the handlers of calls ask of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from tests.odoo.server import known_models, lead_fields, people
from tests.odoo.server.clock import Clock
from tests.odoo.server.environment import Env
from tests.odoo.server.faults import Faults
from tests.odoo.server.tables import Model, Tables

Hook = Callable[..., object]
WITH_JSON2 = 19
"""The first version that has JSON-2, and with it keys that a program can make."""


class Tempo(Protocol):
    """Time as the pace of calls is counted."""

    def now(self) -> float: ...


class State:
    """One database. Everything in it is touched under `lock`: calls come on another thread than the test's."""

    def __init__(
        self, *, tempo: Tempo | None, version: str, mailing: bool, website: bool, enterprise: bool
    ) -> None:
        self.lock = threading.RLock()
        self.seconds = tempo.now if tempo is not None else None
        self.clock = Clock()
        self.now: datetime = self.clock.stamp()
        """When the transaction of the moment began: the one time that all it writes carries."""
        self.version = version
        self.major = int(version.removeprefix("saas~").partition(".")[0])
        self.database = "example-sales"
        self.tables = Tables()
        self.groups: dict[int, set[str]] = {}
        self.faults = Faults()
        self.broken_rules: list[str] = []
        self.forbidden: set[tuple[str, str]] = set()
        self.trained: list[tuple[int, str]] = []
        """Leads that taught the scoring, and as what: won or lost."""
        self.on_create: dict[str, list[Hook]] = {}
        self.on_write: dict[str, list[Hook]] = {}
        self.on_unlink: dict[str, list[Hook]] = {}
        self.early = False
        """Errors of JSON-2 before a model is reached are a bare text, as in the first builds of 19."""
        self.drops_missing = False
        """`read` leaves out what is not there and says nothing, as the code of 13 and later does."""
        self.many_databases = False
        """The host has more than one: a call to JSON-2 has to name its own."""
        self.programmatic_keys = True
        """System parameter base.enable_programmatic_api_keys: off where nobody turned it on."""
        self.jsonrpc = True
        """The classic interface is there: to 21."""
        for model in self._installed(mailing=mailing, website=website, enterprise=enterprise):
            self.tables.models[model.name] = model

    def _installed(self, *, mailing: bool, website: bool, enterprise: bool) -> list[Model]:
        lead = Model(
            "crm.lead",
            "Lead/Opportunity",
            lead_fields.of_version(self.major, website=website),
            order="priority desc, id desc",
            may={people.REP: "rwc", people.MANAGER: "rwcu"},
            rule=people.may_lead,
            first_id=4_101,
        )
        found = [
            *known_models.base(),
            *known_models.crm(),
            *known_models.mail(),
            *known_models.marketing(),
            lead,
        ]
        found += known_models.mailings() if mailing else []
        return found + (known_models.automation() if enterprise else [])

    @property
    def version_info(self) -> list[Any]:
        """As Odoo tells it: online, between two versions, the first part is a text."""
        first, _, second = self.version.removesuffix("+e").partition(".")
        edition = "e" if self.version.endswith("+e") else ""
        return [int(first) if first.isdigit() else first, int(second or 0), 0, "final", 0, edition]

    def env(self, uid: int, context: dict[str, Any] | None = None, *, su: bool = False) -> Env:
        return Env(self, uid, context or {}, su=su)

    def monotonic(self) -> float:
        return self.seconds() if self.seconds is not None else time.monotonic()
