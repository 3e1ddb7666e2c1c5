"""The org: everything a test sets, reads or does behind the rep's back. What it answers is in the modules beside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from tests.salesforce.org.access import Schema
from tests.salesforce.org.assertions import key_pair
from tests.salesforce.org.authorizing import Grant
from tests.salesforce.org.behind import Behind
from tests.salesforce.org.deletions import Deletions
from tests.salesforce.org.devices import Device
from tests.salesforce.org.faults import KNOWN
from tests.salesforce.org.filling import fill, objects_of
from tests.salesforce.org.queries import Cursor
from tests.salesforce.org.switches import Switches
from tests.salesforce.org.tables import Row, Tables
from tests.salesforce.org.tokens import Tokens

SCOPE = "api refresh_token"


class Tempo(Protocol):
    """Seconds that only go on."""

    def now(self) -> float:
        """Return them."""


class _Machine:
    def now(self) -> float:
        return time.monotonic()


class Org(Switches, Behind):
    """One Salesforce org in memory. Times of records come from `clock`, waits from `tempo`."""

    def __init__(
        self,
        tempo: Tempo | None = None,
        leads: int = 12,
        *,
        with_object: bool = True,
        with_lead_fields: bool = True,
        einstein: bool = True,
        prediction: bool = True,
        pardot: bool = True,
        rotates: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._tempo = tempo or _Machine()
        self._clock = clock or (lambda: datetime.now(UTC))
        self._number = 0
        self.lock = threading.RLock()
        self.clients = {self.client_id}
        self.callbacks: set[str] = set()
        """Registered redirect addresses; empty: any on this machine."""
        self.private_key, self.public_key = key_pair()
        self.approved: set[str] = set()
        """Users whom the administrator lets in without a browser."""
        self.tokens = Tokens()
        self.tokens.rotates = rotates
        self.grants: dict[str, Grant] = {}
        self.devices: dict[str, Device] = {}
        self.requests: list[str] = []
        """METHOD /path of all that came."""
        self.soql: list[str] = []
        """All queries that came."""
        self.refusals: list[str] = []
        """Codes of all errors the data API answered with, those inside of composite answers not among them."""
        self.broken_rules: list[str] = []
        """What a well-behaved client would not have done."""
        self.validation: dict[str, str] = {}
        """Field, Object.Field or a record's id -> the words of the rule that refuses it."""
        self.meddling: list[Callable[[], None]] = []
        """What happens after the next write arrived and before it is judged."""
        self.faults: list[str] = []
        self.cursors: dict[str, Cursor] = {}
        self.applied: list[tuple[str, str]] = []
        self.deleted = Deletions()
        self.tables = Tables()
        kinds = objects_of(
            with_object=with_object,
            with_lead_fields=with_lead_fields,
            einstein=einstein,
            prediction=prediction,
            pardot=pardot,
        )
        self.schema = Schema(kinds, self.now() - timedelta(days=30))
        fill(self, leads)

    def now(self) -> datetime:
        """Return the org's time, aware and in UTC."""
        return self._clock()

    def seconds(self) -> float:
        """Return seconds that only go on, for what expires."""
        return self._tempo.now()

    def number(self) -> int:
        """Return a number that was not given before."""
        self._number += 1
        return self._number

    def stamp(self, before: Row) -> datetime:
        """Return the time of a change, to the second as the vendor keeps it; never before the last change."""
        now = self.now().replace(microsecond=0)
        return max(now, before.get("SystemModstamp") or now)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep all that is written inside, or nothing of it."""
        applied = len(self.applied)
        try:
            with self.tables.transaction():
                yield
        except BaseException:
            del self.applied[applied:]
            raise

    @property
    def rotates(self) -> bool:
        """Whether each refresh gives a new refresh token, and kills the old one."""
        return self.tokens.rotates

    @rotates.setter
    def rotates(self, whether: bool) -> None:
        self.tokens.rotates = whether

    @property
    def access_token(self) -> str:
        """The access token of the rep's sign-in, as it is now."""
        return self._mine.access

    @property
    def refresh_token(self) -> str:
        """The refresh token of the rep's sign-in, as it is now."""
        return self._mine.refresh

    def token_of(self, user: str) -> str:
        """Return an access token of any user."""
        return self.tokens.sign_in(user, self.client_id, SCOPE).access

    def end_session(self) -> None:
        """Let the access tokens die; the refresh tokens live on."""
        with self.lock:
            self.tokens.end_sessions()

    def enter_code(self, user_code: str, *, agreed: bool = True) -> None:
        """Let the user enter a device's code in a browser, and agree or not."""
        with self.lock:
            (device,) = (one for one in self.devices.values() if one.user_code == user_code)
            device.state = "granted" if agreed else "denied"

    def strike(self, *faults: str) -> None:
        """Let the next writes go wrong, one fault each; "" lets one through."""
        unknown = set(faults) - KNOWN
        assert not unknown, unknown
        with self.lock:
            self.faults = list(faults)

    def count(self, prefix: str) -> int:
        """Count the requests that begin so, such as "PATCH /services/data"."""
        return sum(1 for one in self.requests if one.startswith(prefix))

    def effects(self) -> list[tuple[str, str]]:
        """Return (key, outcome) for each write that applied a decision or a feedback, in order."""
        return list(self.applied)

    def limits(self) -> dict[str, Any]:
        """Return what /limits says."""
        left = max(0, self.daily_limit - self.used)
        return {"DailyApiRequests": {"Max": self.daily_limit, "Remaining": left}}

    @property
    def usage(self) -> str:
        """What the header of every answer says."""
        whole = f"api-usage={self.used}/{self.daily_limit}"
        return f"{whole}; per-app-api-usage=17/250(appName={self.limited_app})" if self.limited_app else whole

    def user_named(self, name: str) -> str | None:
        """Return the id of an active user by the name they sign in with."""
        users = (row for row in self.tables.all("User") if row["IsActive"])
        return next((str(row["Id"]) for row in users if row["Username"] == name), None)
