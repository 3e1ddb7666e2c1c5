"""What a front end hears of a sync."""

from __future__ import annotations

from triage.sync.events import (
    AnotherSyncs,
    Delivered,
    Event,
    FetchAsks,
    Fetched,
    Progress,
    RulesChanged,
    SyncFinished,
    SyncReport,
    SyncStarted,
    SyncStopped,
)

__all__ = [
    "AnotherSyncs",
    "Delivered",
    "Event",
    "FetchAsks",
    "Fetched",
    "Progress",
    "RulesChanged",
    "SyncFinished",
    "SyncReport",
    "SyncStarted",
    "SyncStopped",
]
