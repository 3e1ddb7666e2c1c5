"""What a sync did, for the log: counts, classes of errors, ids of what needs the rep. Never a lead's text."""

from __future__ import annotations

import logging

from msgspec.structs import fields

from triage.domain.item import NEEDS_REP, State
from triage.sync.events import (
    AnotherSyncs,
    Delivered,
    Event,
    FetchAsks,
    SyncFinished,
    SyncReport,
    SyncStarted,
    SyncStopped,
)

_TOLD = NEEDS_REP | {State.UNKNOWN}
_log = logging.getLogger(__name__)


def note(event: Event) -> None:
    """Log an event that someone may ask about later."""
    match event:
        case SyncStarted():
            _log.info("sync started")
        case AnotherSyncs(pid):
            _log.info("sync left to process %s", pid)
        case Delivered(item) if item.state in _TOLD:
            _log.warning("%s %s %s lead %s", item.state.value, item.kind, item.id, item.lead_id)
        case FetchAsks(old, new):
            _log.warning("fetch held back old=%d new=%d", old, new)
        case SyncFinished(report):
            _log.info("sync finished%s", _counts(report))
        case SyncStopped(error, report):
            _log.warning("sync stopped %s%s", type(error).__name__, _counts(report))
        case _:
            pass


def _counts(report: SyncReport) -> str:
    """Return " applied=3 fetched=12"; what is 0 is left out."""
    counts = {one.name: getattr(report, one.name) for one in fields(report)}
    counts["unread"] = sum(report.unread.values())
    return "".join(f" {name}={count}" for name, count in counts.items() if isinstance(count, int) and count)
