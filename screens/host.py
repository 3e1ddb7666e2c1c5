"""What acts and feedback need of the screen they are asked from. Never a widget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from screens.asking.questions import Question
from screens.inbox.tray import Tray
from screens.rules.book import Rulebook
from triage.clock import Clock
from triage.desk.session import Session
from triage.domain.decision import Shown
from triage.domain.inbox import Entry
from triage.domain.lead import LeadId


class Host(Protocol):
    """A screen on which a lead is shown."""

    session: Session
    tray: Tray
    clock: Clock
    pressed_at: float
    """When the key in hand was pressed, in the seconds of `time.monotonic`."""

    @property
    def keymap(self) -> Mapping[str, str]:
        """Action id → keys, as the rep has them."""

    @property
    def rulebook(self) -> Rulebook:
        """What both teams agreed on."""

    async def ask(self, question: Question) -> Any:
        """Return the rep's answer, None if there is none."""

    def say(self, text: str, tail: str = "", *, bad: bool = False) -> None:
        """Say what became of an act; `tail` names the way back and is never cut off."""

    def refuse(self, text: str) -> None:
        """Say for a moment that a key had nothing to act on."""

    async def painted(self) -> bool:
        """Wait until the rep can have seen the lead under the cursor."""

    def targets(self) -> tuple[LeadId, ...]:
        """Return what an act applies to."""

    def shown(self, lead_ids: Sequence[LeadId]) -> Mapping[LeadId, Shown]:
        """Return how the leads were on the screen."""

    def landed(self, changed: Iterable[Entry], *, queued: int, follow: LeadId | None = None) -> None:
        """Show what is on the disk now: the changed entries, and so many more (or fewer) items to send."""
