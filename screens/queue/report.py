"""All that is known of an item on its way, as label and value: for the screen, and as a text to be copied.

The text goes to others: it holds ids and not the lead's name, and no secret. Cleans what came from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from screens.cells import say
from screens.queue.lines import what
from triage.domain.decision import Snapshot
from triage.domain.entry import HIDDEN
from triage.domain.item import Item, State
from triage.domain.lead import Seen
from triage.domain.outcome import Receipt, Theirs
from triage.redaction import redacted

Fact = tuple[str, str]
"""A label, and what is known under it."""
Moment = Callable[[datetime], str]
_LONGEST = 2_000
"""Characters kept of the CRM's words."""


def in_utc(moment: datetime) -> str:
    """Return a moment that means the same everywhere: 2026-11-17 10:00:00 UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def here(moment: datetime) -> str:
    """Return a moment by the clock of this machine; the title of the screen names the zone."""
    return f"{moment.astimezone():%a %-d %b %Y %H:%M:%S}"


def report(item: Item) -> str:
    """Return an item as plain text, one fact a line."""
    lines = [f"{label}: {value}" for label, value in facts(item, in_utc)]
    return "\n".join(redacted(line) for line in lines)


def facts(item: Item, moment: Moment) -> list[Fact]:
    """Return all that is known of an item; what is not known is left out."""
    found = (
        *_delivery(item, moment),
        *_sides(item, moment),
        *_receipt(item.receipt, moment),
        *_seen_by(item),
    )
    return [(label, value) for label, value in found if value]


def _delivery(item: Item, moment: Moment) -> Iterator[Fact]:
    yield "state", item.state.value
    yield "act", what(item)
    yield "lead", say(item.lead_id)
    yield item.kind, say(item.id)
    yield "batch", say(item.batch_id or "")
    yield "undoes", say(item.takes_back or "")
    yield "answered by", say(item.routed_to)
    if item.decision is not None:
        yield "in place of", say(item.decision.supersedes or "")
        yield "with", ", ".join(f"{say(name)}={say(value)}" for name, value in item.decision.params.items())
    yield "made", moment(item.made_at)
    yield "state since", moment(item.changed_at) if item.changed_at else ""
    yield "held until", moment(item.due_at) if item.state is State.QUEUED else ""
    yield "next try", moment(item.not_before) if item.not_before else ""
    yield "attempts", str(item.attempts)
    yield "cause", say(item.error, limit=_LONGEST)


def _sides(item: Item, moment: Moment) -> Iterator[Fact]:
    """Return what the rep saw, and what the CRM has instead."""
    seen = item.base or (item.decision.snapshot.seen if item.decision is not None else None)
    yield "seen by you", _seen_words(seen) if seen is not None else ""
    if item.theirs is not None:
        yield "at the CRM", _their_words(item.theirs)
        yield "changed by", say(item.theirs.changed_by)
        yield "changed at", moment(item.theirs.changed_at) if item.theirs.changed_at else ""


def _seen_words(seen: Seen) -> str:
    return f"status {say(seen.status)}, owner {say(seen.owner_id)}, version {say(seen.version)}"


def _their_words(theirs: Theirs) -> str:
    if theirs.deleted:
        return f"merged into {say(theirs.merged_into)}" if theirs.merged_into else "deleted"
    return _seen_words(theirs.seen) + (", archived" if theirs.archived else "")


def _receipt(receipt: Receipt | None, moment: Moment) -> Iterator[Fact]:
    if receipt is not None:
        yield "receipt", say(receipt.receipt_id)
        yield "applied", moment(receipt.applied_at) if receipt.applied_at else ""
        yield "afterwards", _seen_words(receipt.seen) if receipt.seen is not None else ""


def _seen_by(item: Item) -> Iterator[Fact]:
    """Return what else stood on the screen when the rep decided."""
    if item.decision is not None:
        snapshot = item.decision.snapshot
        hidden = snapshot.blind and not item.decision.act.decides
        yield "score seen", HIDDEN if hidden else _score_words(snapshot)
        yield "definition", say(snapshot.definition_version)
        yield "contacted", {True: "yes", False: "no", None: "unknown"}[snapshot.contacted]
        yield "tried by then", "" if snapshot.attempts is None else str(snapshot.attempts)


def _score_words(snapshot: Snapshot) -> str:
    if snapshot.score is None:
        return "unknown"
    return " ".join(filter(None, (f"{snapshot.score:g}", say(snapshot.band), say(snapshot.grade))))
