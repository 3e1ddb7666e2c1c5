"""Items in any state and of any age, put into an outbox without a CRM, and what both places make of them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from tests.fakes import NOW, lead, lead_id, shipped_rules
from triage.domain.act import Act
from triage.domain.decision import Decision, Shown, Snapshot
from triage.domain.feedback import Feedback, FeedbackType
from triage.domain.item import Item, State
from triage.store.archive import Archive
from triage.store.outbox import Outbox

SECRET = "a word only the rep wrote"
LONG_AGO = NOW - timedelta(days=40)
CUT = NOW - timedelta(days=30)


def decided(
    number: int,
    name: str,
    state: State = State.APPLIED,
    *,
    act: Act = Act.ACCEPT,
    at: datetime = LONG_AGO,
    batch: str | None = None,
    **more: object,
) -> Item:
    """Return a decision on lead `number`, last changed when it was made."""
    snapshot = Snapshot.of(lead(number), shipped_rules().definition, Shown())
    decision = Decision(
        name, lead_id(number), act, at, snapshot, note=SECRET, params={"note": SECRET}, batch_id=batch, **more
    )
    return Item(state, at, decision=decision, error="its own words", changed_at=at)


def told(number: int, name: str, state: State = State.APPLIED, *, at: datetime = LONG_AGO) -> Item:
    """Return a note on lead `number`."""
    feedback = Feedback(name, lead_id(number), FeedbackType.NOTE, {"text": SECRET}, at)
    return Item(state, at, feedback=feedback, changed_at=at)


def put(outbox: Outbox, *items: Item) -> None:
    """Put items into an outbox as they are, with the age they have."""
    clock = outbox._clock
    for item in items:
        outbox._clock = lambda item=item: item.changed_at
        outbox.add([item])
    outbox._clock = clock


def shown(outbox: Outbox, archive: Archive) -> Counter[str]:
    """Return how often each id is seen: in the queue, and in the archive as far as the queue does not hold it."""
    held = Counter(item.id for item in outbox.all())
    return held + Counter(row.id for row in archive.all() if row.id not in held)
