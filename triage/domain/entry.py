"""An entry of the inbox: a lead in outline, together with what the rep has said about it here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct

from triage.domain.act import Act
from triage.domain.answers import BRINGS_BACK, Answers
from triage.domain.item import EFFECTIVE, IN_FLIGHT, UNDELIVERED, Item, State
from triage.domain.lead import UNDECIDED, Lead, LeadId, LeadStatus
from triage.domain.outline import Outline
from triage.domain.review import Reply

HIDDEN = "score hidden until decided"
"""What is said where a blind entry's score would stand."""
_UNDER_WAY = IN_FLIGHT | {State.QUEUED}


class Entry(Struct, frozen=True):
    """A lead together with what was decided about it here."""

    outline: Outline
    read: Callable[[], Lead]
    """Reads the whole lead: from the disk, where there are thousands."""
    decision: Item | None = None
    """The rep's last decision on it that still stands, whatever its state of delivery."""
    feedback: int = 0
    """How many pieces of feedback stand on it."""
    gone: bool = False
    """No longer the rep's at the CRM; kept because something of the rep's hangs on it."""
    truth: Entry | None = None
    """Where the score is hidden until the rep has decided: the same with it. Never shown."""
    answers: Answers | None = None
    """What marketing has answered about it, or None."""

    def __eq__(self, other: object) -> bool:
        """Whether both say the same, however the whole lead is read."""
        if not isinstance(other, Entry):
            return NotImplemented
        mine = (self.outline, self.decision, self.feedback, self.gone, self.answers)
        return mine == (other.outline, other.decision, other.feedback, other.gone, other.answers)

    __hash__ = None  # type: ignore[assignment]  # a decision holds a dict

    @classmethod
    def of(cls, lead: Lead, decision: Item | None = None, feedback: int = 0, *, gone: bool = False) -> Entry:
        """Make an entry of a lead that is at hand."""
        return cls(Outline.of(lead), lambda: lead, decision, feedback, gone)

    @property
    def lead(self) -> Lead:
        """The whole lead, read when it is asked for. Whoever looks at many takes the outline."""
        return self.read()

    @property
    def is_blind(self) -> bool:
        """Whether its score is hidden until the rep has decided."""
        return self.truth is not None

    @property
    def lead_id(self) -> LeadId:
        """The lead's id."""
        return self.outline.lead_id

    @property
    def badges(self) -> tuple[str, ...]:
        """What the entry says of itself, then the lead's warnings."""
        return self.outline.badges if self.answers is None else (*self.signs, *self.outline.badges)

    @property
    def signs(self) -> tuple[str, ...]:
        """RET where marketing returned it and it waits for the rep's word, R where an answer was not read."""
        if self.answers is None:
            return ()
        signs = ("RET" if self.returned is not None else "", "R" if self.answers.unread else "")
        return tuple(filter(None, signs))

    @property
    def returned(self) -> Reply | None:
        """The answer by which marketing gave it back, as long as it waits for the rep's word; else None."""
        if self.answers is None or self.gone or self.decided or self.outline.status not in UNDECIDED:
            return None
        verdict = self.answers.verdict
        if verdict is None or verdict.kind not in BRINGS_BACK:
            return None
        return verdict if self.decision is None or self.decision.id == verdict.of else None

    @property
    def decided(self) -> bool:
        """Whether a local decision holds that this copy of the lead does not know of yet."""
        item = self.decision
        if item is None or item.decision is None or item.decision.act is Act.RESTORE:
            return False
        if item.state in UNDELIVERED:
            return True
        fetched = self.outline.fetched_at
        return item.state in EFFECTIVE and (
            fetched is None or item.changed_at is None or item.changed_at >= fetched
        )

    @property
    def is_restoring(self) -> bool:
        """Whether an undo of the rep's is on its way to the CRM: here it has taken effect already."""
        item = self.decision
        return item is not None and self.decision_act is Act.RESTORE and item.state in _UNDER_WAY

    @property
    def decision_act(self) -> Act | None:
        """The act of the decision that stands, or None."""
        return self.decision.decision.act if self.decision and self.decision.decision else None

    def has_woken(self, now: datetime) -> bool:
        """Whether the day, or the moment, has come to which the rep put it off, sent or not."""
        until = self.put_off_until
        if "T" in until:
            return _has_come(until, now)
        return bool(until) and until <= now.astimezone().date().isoformat()

    @property
    def put_off_until(self) -> str:
        """The day or the moment to which the rep put it off; empty where it was not."""
        decision = self.decision.decision if self.decision is not None else None
        return decision.params.get("until", "") if decision and decision.act is Act.SNOOZE else ""

    def is_held(self, now: datetime) -> bool:
        """Whether a local decision keeps it from being decided; a snooze does so until its day has come."""
        return self.decided and not self.has_woken(now)

    def is_open(self, now: datetime) -> bool:
        """Whether it waits for the rep's word now."""
        if self.is_restoring:
            return not self.gone
        return (
            self.outline.status in UNDECIDED
            and not self.gone
            and not self.is_held(now)
            and not self.is_asleep(now)
        )

    def is_asleep(self, now: datetime) -> bool:
        """Whether it is snoozed, here or at the CRM, to a moment still to come."""
        until = self.outline.snoozed_until
        return self.outline.status is LeadStatus.SNOOZED and until is not None and until > now


def _has_come(moment: str, now: datetime) -> bool:
    """Whether a moment is past. One that nobody can read is: a lead that never woke would be lost."""
    try:
        return datetime.fromisoformat(moment).astimezone(UTC) <= now
    except (ValueError, OverflowError):
        return True
