"""What the first paint needs, read in one go on the store's thread, while the toolkit still loads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future

from msgspec import Struct

from screens.inbox.tray import Arranged
from screens.rules.book import Rulebook
from triage.desk.desk import Desk
from triage.desk.results import Status
from triage.desk.session import Session
from triage.domain.inbox import Entry


class Opened(Struct, frozen=True):
    """The cached inbox with the rules in force, and how things stand."""

    entries: tuple[Entry, ...]
    rulebook: Rulebook
    status: Status
    arranged: Arranged | None = None
    """The same entries as an inbox, where someone is busy with another one."""

    @classmethod
    def read(cls, desk: Desk, arrange: Callable[[Iterable[Entry]], Arranged] | None = None) -> Opened:
        """Read it; on the store's thread."""
        entries = desk.entries()
        arranged = arrange(entries) if arrange is not None else None
        return cls(entries, Rulebook.read(desk), desk.status(), arranged)


def ahead(session: Session) -> Future[Opened]:
    """Begin to read, so that it goes on while the toolkit loads."""
    return session.thread.begin(Opened.read, session.desk)
