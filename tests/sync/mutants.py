"""Protections taken out by name, for the length of a block: what a suite must notice. Only the harness is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from msgspec.structs import replace

from tests.fakes import Crash, Office
from triage.desk import undoing
from triage.domain import item as items
from triage.domain.item import Item, State
from triage.domain.lead import Lead, Seen
from triage.domain.outcome import Absent, Outcome, Verdict
from triage.store.outbox import Outbox
from triage.sync import deliver, engine
from triage.sync.record import record

Mutant = Callable[[Office], AbstractContextManager[None]]


@contextmanager
def no_read_back(_place: Office) -> Iterator[None]:
    """Send again what may have arrived, without asking the CRM."""

    async def never_asked(_delivery: deliver.Delivery, _item: Item) -> Verdict:
        return Absent()

    with patch.object(deliver.Delivery, "_verdict", never_asked):
        yield


@contextmanager
def no_version_check(place: Office) -> Iterator[None]:
    """Write whatever the lead has become: a CRM without preconditions, and an adapter that does not look."""

    def blind(_seen: Seen, _known: Lead) -> None:
        return None

    with patch.object(place.crm, "objection", blind):
        yield


@contextmanager
def no_turn(_place: Office) -> Iterator[None]:
    """Let two processes send at the same time."""

    @contextmanager
    def always_free(_path: Path, _now: datetime) -> Iterator[None]:
        yield None

    with patch.object(engine, "turn", always_free):
        yield


@contextmanager
def a_claim_that_is_not_durable(place: Office) -> Iterator[None]:
    """Let a crash forget which items were being sent."""
    journal = place.folder / "outbox.journal"
    really_claim, really_sync = Outbox.claim, place.sync
    before: list[int] = []

    def claim_in_memory(outbox: Outbox, wanted: Sequence[Item]) -> tuple[Item, ...]:
        before[:] = [journal.stat().st_size]
        return really_claim(outbox, wanted)

    def forgetful(*, step: Callable[[str], None] = lambda _step: None, **more: Any) -> Any:
        last: list[str] = []

        def watched(name: str) -> None:
            last[:] = [name]
            step(name)

        try:
            return really_sync(step=watched, **more)
        except Crash:
            if last in (["claimed"], ["sent"]):
                place.close()
                with journal.open("r+b") as handle:
                    handle.truncate(before[0])
                place.desk = place.another_desk()
            raise

    with patch.object(Outbox, "claim", claim_in_memory), patch.object(place, "sync", forgetful):
        yield


@contextmanager
def undo_ignores_sending(_place: Office) -> Iterator[None]:
    """Withdraw what is being sent, as if it were still here."""
    anywhere = undoing.NOT_AT_CRM | {State.SENDING}
    loose = {**items.NEXT, State.SENDING: items.NEXT[State.SENDING] | {State.WITHDRAWN}}
    with patch.object(undoing, "NOT_AT_CRM", anywhere), patch.object(items, "NEXT", loose):
        yield


@contextmanager
def outcomes_by_position(_place: Office) -> Iterator[None]:
    """Take the first answer for the first item, whatever id stands in it."""

    def by_position(
        outbox: Any,
        leads: Any,
        batch: Sequence[Item],
        answers: Mapping[str, Outcome],
        *rest: Any,
        **more: Any,
    ) -> Any:
        shuffled = dict(zip((item.id for item in batch), answers.values(), strict=False))
        return record(outbox, leads, batch, shuffled, *rest, **more)

    with patch.object(deliver, "record", by_position):
        yield


@contextmanager
def theirs_is_taken_for_mine(_place: Office) -> Iterator[None]:
    """Solve a conflict without a word from the rep: what the CRM has becomes what was seen."""

    def kept(outbox: Any, leads: Any, batch: Sequence[Item], *rest: Any, **more: Any) -> Any:
        moved = record(outbox, leads, batch, *rest, **more)
        stuck = [one for one in moved if one.state is State.CONFLICT and one.decision and one.theirs]
        for one in stuck:
            if one.theirs is not None and not one.takes_back and not one.theirs.deleted:
                outbox._write(replace(one, state=State.QUEUED, base=one.theirs.seen))
        return moved

    with patch.object(deliver, "record", kept):
        yield


MUTANTS: Mapping[str, Mutant] = {
    "no read-back": no_read_back,
    "no version check": no_version_check,
    "no turn": no_turn,
    "a claim that is not durable": a_claim_that_is_not_durable,
    "undo ignores sending": undo_ignores_sending,
    "outcomes by position": outcomes_by_position,
    "theirs is taken for mine": theirs_is_taken_for_mine,
}
