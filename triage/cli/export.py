"""`export`: the raw events behind every number, as JSON Lines for a database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from triage.cli import narration, output
from triage.cli.insight_shapes import period_asked
from triage.cli.session import profile_option, with_crm
from triage.clock import utc_now
from triage.crm.port import Crm, decisions_of, feedback_of, outcomes_of
from triage.errors import UsageError
from triage.exports.target import export_in_parts, made_folder
from triage.insights.period import WEEK
from triage.pack.events import decision_line, feedback_line, outcome_line

KINDS = ("decisions", "feedback", "outcomes")
Line = dict[str, Any]


@click.command("export")
@click.argument("kind", required=False, type=click.Choice(KINDS), metavar="[decisions|feedback|outcomes]")
@click.option("--since", metavar="D", help="What happened from then on: 2026-09-01, 30d or 12w ago.")
@click.option(
    "-o", "--output", "folder", metavar="DIR", help="Write KIND.jsonl there; without KIND all three."
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@profile_option
def export_command(kind: str | None, since: str | None, folder: str | None, force: bool) -> None:
    """Write decisions, feedback or outcomes of the team, one JSON object a line."""
    if kind is None and folder is None:
        raise UsageError(
            "Three kinds do not fit on stdout.", hint=f"Name one of {', '.join(KINDS)}, or -o DIR."
        )
    if folder is None and force:
        raise UsageError("--force is for files.", hint="Name a folder with -o.")
    begun = period_asked(since, week=False, now=utc_now(), usual=WEEK).since if since else None
    kinds = (kind,) if kind else KINDS
    place = made_folder(Path(folder)) if folder else None
    with_crm(lambda crm: _export(crm, kinds, begun, place, force=force))


async def _export(
    crm: Crm, kinds: tuple[str, ...], since: datetime | None, folder: Path | None, *, force: bool
) -> None:
    for kind in kinds:
        path = folder / f"{kind}.jsonl" if folder else None
        place = export_in_parts(path, force=force) if path else _stdout()
        with place as write:
            count = await _write(_LINES[kind](crm), since, write)
        if path:
            narration.say(f"{path}: {count:,} {'line' if count == 1 else 'lines'}.")


def _stdout() -> AbstractContextManager[Callable[[str], object]]:
    return nullcontext(output.document)


async def _write(
    lines: AsyncIterator[tuple[str, datetime | None, Line]],
    since: datetime | None,
    write: Callable[[str], object],
) -> int:
    """Write each event once, as it comes: what a CRM moves to a later page comes twice. Returns how many."""
    known: set[str] = set()
    async for key, at, line in lines:
        if key in known or (since is not None and (at is None or at < since)):
            continue
        known.add(key)
        write(json.dumps(line, ensure_ascii=True, allow_nan=False) + "\n")
    return len(known)


async def _decisions(crm: Crm) -> AsyncIterator[tuple[str, datetime | None, Line]]:
    async for one in decisions_of(crm, team=True):
        yield one.decision_id, one.decided_at, decision_line(one)


async def _feedback(crm: Crm) -> AsyncIterator[tuple[str, datetime | None, Line]]:
    async for one in feedback_of(crm, team=True):
        yield one.feedback_id, one.created_at, feedback_line(one)


async def _outcomes(crm: Crm) -> AsyncIterator[tuple[str, datetime | None, Line]]:
    async for page in outcomes_of(crm, None):
        for change in page.changes:
            yield change.change_id, change.at, outcome_line(change)


_LINES = {"decisions": _decisions, "feedback": _feedback, "outcomes": _outcomes}
