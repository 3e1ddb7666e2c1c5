"""`doctor --salvage`: damaged journals rebuilt, and nothing that damage brought back left to itself."""

from __future__ import annotations

import os
from pathlib import Path

from triage.cli import narration
from triage.clock import utc_now
from triage.domain.item import State
from triage.house import House
from triage.store import migrations
from triage.store.leads import Leads
from triage.store.outbox import Outbox, held_back
from triage.store.replay import Change
from triage.store.salvage import SalvageReport, salvage
from triage.wiring import LEADS_FILE, OUTBOX_FILE

_WHY = "damage: a lost record may have undone or sent this"
MIGRATIONS = {OUTBOX_FILE: migrations.OUTBOX, LEADS_FILE: migrations.LEADS}


def salvage_journals(profile: str | None) -> None:
    """Rebuild the profile's journals where they are damaged; the damaged files are kept."""
    for path in _journals(profile):
        if path.exists():
            mend = _held_back if path.name == OUTBOX_FILE else list
            report = salvage(path, migrations=MIGRATIONS[path.name], mend=mend)
            _say_salvaged(report)
            if report.kept_aside is not None:
                _make_good(path)


def _held_back(changes: list[Change]) -> list[Change]:
    return held_back(changes, _WHY, utc_now())


def _make_good(path: Path) -> None:
    """Have the lost leads fetched again, and say what waits for the rep."""
    if path.name == LEADS_FILE:
        leads = Leads(path)
        leads.forget_cursors()
        leads.close()
        narration.say("  The next sync fetches all leads again.")
        return
    outbox = Outbox(path, utc_now)
    held = sum(item.error == _WHY for item in outbox.in_states([State.REFUSED]))
    outbox.close()
    if held:
        narration.say(
            f"  {held} undelivered items wait for you: `triage queue` lists them, retry or drop each."
        )


def _say_salvaged(report: SalvageReport) -> None:
    if report.kept_aside is None:
        narration.say(f"{report.path.name} is not damaged.")
        return
    lost = len(report.lost_records) + len(report.lost_snapshot_lines)
    narration.say(f"{report.path.name}: {report.lines} intact lines kept, {lost} lost.")
    if report.lost_records:
        narration.say(f"  Lost records: {', '.join(map(str, report.lost_records))}.")
    narration.say(f"  The damaged file is kept as {report.kept_aside.name}.")


def _journals(chosen: str | None) -> tuple[Path, Path]:
    house = House.found(os.environ)
    name, profile = house.profile(chosen)
    state = house.paths.state_of(name, profile.account_id)
    return state / OUTBOX_FILE, house.paths.cache_of(name, profile.account_id) / LEADS_FILE
