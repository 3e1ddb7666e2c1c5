"""How long a profile's local copies are kept: what the rules say, once a day, a little at a time.

Owns when it is done. Must never hold up a front end, and never fail a sync: what could not be done is said in
the notices and tried a day later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct

from triage.desk.books import Books
from triage.domain.archived import Archived
from triage.errors import StoreError
from triage.store import retention
from triage.store.archive import Archive
from triage.store.leftovers import beside_journals, older, remove

EVERY = timedelta(days=1)
_LEADS = "leads."
KEPT_AT = "kept_at"
"""The outbox's note of when it was last begun, in whichever process."""


class Places(Struct, frozen=True):
    """The folders in which anything of a profile's may be."""

    state: Path
    cache: Path
    logs: Path
    """Shared by all profiles."""


class Keeping:
    """The books of one profile, their archive, and how long each is kept."""

    def __init__(
        self, books: Books, archive: Archive, places: Places, *, decisions: timedelta, leads: timedelta
    ) -> None:
        """`decisions` is for what is settled, after its last change; `leads` after the last fetch."""
        self.books = books
        self.archive = archive
        self.places = places
        self._decisions = decisions
        self._leads = leads

    def archived(self) -> tuple[Archived, ...]:
        """Return what was archived, the oldest act first; an id that the queue still holds is left out."""
        return tuple(row for row in self.archive.all() if self.books.outbox.find(row.id) is None)

    def drop_expired_leads(self) -> None:
        """Drop the leads if the CRM was not asked about them for too long; cheap where there are none."""
        try:
            retention.drop_expired(self.books.outbox, self.books.leads, self.books.clock() - self._leads)
        except StoreError as error:
            self._say(error)

    def steps(self) -> Iterator[None]:
        """Do what is due, a step with each `next`; nothing if it was begun less than a day ago."""
        now = self.books.clock()
        if not self._is_due(now):
            return
        try:
            self.books.outbox.remember(KEPT_AT, now.isoformat())
            yield from self._all_steps(now)
        except StoreError as error:
            self._say(error)

    def _all_steps(self, now: datetime) -> Iterator[None]:
        outbox, leads = self.books.outbox, self.books.leads
        settled, fetched = now - self._decisions, now - self._leads
        try:
            for _count in retention.archive_old(outbox, leads, self.archive, settled):
                yield
        except StoreError as error:  # a damaged month is no reason to keep leads for longer
            self._say(error)
        retention.drop_gone(outbox, leads, fetched)
        leads.drop_replies(retention.old_replies(outbox, leads, fetched))
        yield
        remove(older(self._copies_of_leads(), fetched))
        retention.wipe(outbox)
        yield
        retention.wipe(leads)
        yield

    def _copies_of_leads(self) -> Iterator[Path]:
        """Yield what was set aside of a damaged cache: leads too. What is left of an outbox is evidence."""
        found = beside_journals([self.places.cache])
        return (path for path in found if path.name.startswith(_LEADS))

    def _is_due(self, now: datetime) -> bool:
        begun = self.books.outbox.note(KEPT_AT)
        # A moment to come is from a clock that was set back since.
        return begun is None or not now - EVERY < datetime.fromisoformat(begun) <= now

    def _say(self, error: StoreError) -> None:
        self.books.outbox.db.say(f"What is old could not be put away: {error.message}")
