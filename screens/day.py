"""What all screens share: session, tray, rules, styles, how things stand; and the host that acts speak to.

Never a widget: what has to be drawn goes to the room that is on the screen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import replace

from screens.actions import default_keys, first_key
from screens.asking.conversation import Asking
from screens.asking.questions import Question
from screens.cells import say
from screens.foot import Connection
from screens.inbox.tray import Tray
from screens.ink import Inks
from screens.panels.glance import Glance
from screens.rules.book import Rulebook
from screens.themes import DARK
from triage.clock import Clock
from triage.desk.agreement import Agreement
from triage.desk.results import Status
from triage.desk.session import Session
from triage.domain.decision import Shown
from triage.domain.inbox import Entry, View
from triage.domain.item import State
from triage.domain.lead import LeadId
from triage.domain.related import related

if TYPE_CHECKING:  # loaded with the first key that needs them, or beside the keys before that
    from screens.deciding.acts import Acts
    from screens.deciding.explaining import Explaining
    from screens.telling.flows import Telling

COUNTED_EVERY = timedelta(minutes=1)


def silence() -> None:
    """Ring no bell."""


class Room(Protocol):
    """The screen in front, as far as acts are concerned."""

    def show_question(self, question: Question | None) -> None:
        """Draw the open question, or take it away."""

    def say(self, text: str, tail: str = "", *, bad: bool = False) -> None:
        """Show a message."""

    def refuse(self, text: str) -> None:
        """Show for a moment that a key had nothing to act on."""

    def answer(self, text: str) -> None:
        """Show at once that a key was heard; news takes its place."""

    def tell(self, text: str, *, bad: bool = False) -> None:
        """Show news, once what an act said has been read."""

    def show(self) -> None:
        """Draw what changed in the tray."""

    async def painted(self) -> bool:
        """Wait until the lead under the cursor was painted."""

    def targets(self) -> tuple[LeadId, ...]:
        """Return what an act on this screen applies to."""


class Day:
    """The rep's day at the desk."""

    def __init__(
        self,
        session: Session,
        clock: Clock,
        keymap: Mapping[str, str] | None = None,
        views: Sequence[View] = (),
    ) -> None:
        """Begin a day; `views` are the rep's own, beside the standard ones."""
        self.session = session
        self.clock = clock
        self.keymap = dict(keymap or default_keys())
        self.inks = Inks.of(DARK)
        self.tray = Tray(clock, views)
        self.rulebook = Rulebook()
        self.status: Status | None = None
        self.connection = Connection()
        self.raw_names = False
        self.decided_before = False
        """Whether the rep has ever decided: until then a hint stands over the list."""
        self.asking = Asking(self._show_question, self.keymap)
        self.room: Room | None = None
        self.speaker: object = None
        """The room in which something was said last: what stands in another may have been undone since."""
        self.ring: Callable[[], object] = silence
        """Rings the terminal's bell, if the rep wants to hear it."""
        self.pressed_at = 0.0
        """When the key in hand was pressed, in the seconds of `time.monotonic`."""
        self.stale = True
        """Whether `status` is older than the last act."""
        self._seen: tuple[LeadId | None, datetime | None] = (None, None)
        self.began_at = clock()
        """When this session began."""

    @cached_property
    def acts(self) -> Acts:
        """The rep's decisions, from key to disk."""
        from screens.deciding.acts import Acts  # noqa: PLC0415 - the first paint does without

        return Acts(self)

    @cached_property
    def explaining(self) -> Explaining:
        """What the CRM is asked about a score, beside the keys."""
        from screens.deciding.explaining import Explaining  # noqa: PLC0415 - the first paint does without

        return Explaining(self)

    @cached_property
    def telling(self) -> Telling:
        """The rep's feedback, from key to disk."""
        from screens.telling.flows import Telling  # noqa: PLC0415 - the first paint does without

        return Telling(self, self.acts)

    def saw(self, lead_id: LeadId | None) -> None:
        """Note since when a lead is in front of the rep."""
        if lead_id != self._seen[0]:
            self._seen = (lead_id, self.clock())

    def name_of(self, lead_id: LeadId) -> str:
        """Return what the rep calls a lead, as it may be drawn; its id where it is not known here."""
        entry = self.tray.inbox.entries.get(lead_id)
        return (say(entry.outline.name) if entry is not None else "") or say(lead_id)

    def glance(self, entry: Entry, width: int, now: datetime) -> Glance:
        """Return a look at an entry, with the rules of the day."""
        book = self.rulebook
        return Glance(
            entry=entry,
            definition=book.definition,
            now=now,
            width=width,
            ink=self.inks.plain,
            statistics=book.statistics,
            bands=book.bands,
            reason_label=book.labels,
            raw_names=self.raw_names,
            here=related(entry.outline.account, self.tray.inbox.entries, now),
            provided=book.provided,
            explain_key=first_key("explain", self.keymap),
        )

    @property
    def counts(self) -> Mapping[View, int]:
        """How many leads each view holds, whatever the filter."""
        return self.tray.counts

    def recount(self) -> None:
        """Let leads go where waiting alone has moved them: once a minute, between keys."""
        if self.counts_are_old:
            self.tray.pass_time()

    @property
    def counts_are_old(self) -> bool:
        """Whether time may have moved leads from one view to another since they were counted."""
        return abs(self.clock() - self.tray.inbox.at) >= COUNTED_EVERY

    def know(self, agreement: Agreement) -> None:
        """Take what is new about the rules; whoever changes it has the room drawn."""
        self.rulebook = replace(self.rulebook, agreement=agreement)

    async def ask(self, question: Question) -> Any:
        """Return the rep's answer, None if there is none."""
        return await self.asking.ask(question)

    def say(self, text: str, tail: str = "", *, bad: bool = False) -> None:
        """Say something in the room in front."""
        if self.room is not None:
            self.room.say(text, tail, bad=bad)

    def refuse(self, text: str) -> None:
        """Say for a moment in the room in front that a key had nothing to act on."""
        if self.room is not None:
            self.room.refuse(text)

    def answer(self, text: str) -> None:
        """Say in the room in front that a key was heard."""
        if self.room is not None:
            self.room.answer(text)

    def tell(self, text: str, *, bad: bool = False) -> None:
        """Tell news in the room in front."""
        if self.room is not None:
            self.room.tell(text, bad=bad)

    async def painted(self) -> bool:
        """Wait until the rep can have seen the lead under the cursor."""
        return self.room is not None and await self.room.painted()

    def targets(self) -> tuple[LeadId, ...]:
        """Return what an act applies to in the room in front."""
        return self.room.targets() if self.room is not None else ()

    def shown(self, lead_ids: Sequence[LeadId]) -> Mapping[LeadId, Shown]:
        """Return how leads were on the screen: their line, and for the one in front since when."""
        now, tray = self.clock(), self.tray
        seen_id, since = self._seen
        if tuple(lead_ids) == (tray.cursor,):
            lines = {lead_ids[0]: tray.index + 1}
        else:
            wanted = frozenset(lead_ids)
            lines = {one: line for line, one in enumerate(tray.shown, 1) if one in wanted}
        found = {lead_id: Shown(position=line) for lead_id, line in lines.items()}
        if seen_id in found and since is not None:
            dwell = int((now - since).total_seconds() * 1000)
            found[seen_id] = Shown(since=since, dwell_ms=dwell, position=lines[seen_id])
        return found

    def landed(self, changed: Iterable[Entry], *, queued: int, follow: LeadId | None = None) -> None:
        """Show what is on the disk now: the choice goes, the next lead and the counts come in one frame."""
        changed = tuple(changed)
        self.tray.take(changed, follow=follow)
        self.decided_before = True
        if self.status is not None:
            counts = Counter(self.status.counts)
            counts[State.QUEUED] += queued
            self.status = replace(self.status, counts=counts)
        self.stale = True
        self._show_question(None)
        if self.room is not None:
            self.room.show()

    def _show_question(self, question: Question | None) -> None:
        if self.room is not None:
            self.room.show_question(question)
