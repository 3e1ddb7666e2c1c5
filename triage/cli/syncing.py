"""`pull` and `sync`: fetch, and deliver, from a shell or from cron."""

from __future__ import annotations

import asyncio

import click
from msgspec.structs import asdict

from triage.cli import narration, output
from triage.cli.session import json_option, opened, profile_option
from triage.desk.events import (
    AnotherSyncs,
    FetchAsks,
    Progress,
    SyncFinished,
    SyncReport,
    SyncStopped,
)
from triage.desk.session import Session
from triage.errors import TriageError


@click.command("sync")
@json_option
@profile_option
def sync_command(as_json: bool) -> None:
    """Deliver everything queued, then fetch leads and replies."""
    with opened() as session:
        report, error = asyncio.run(_run(session, deliver=True, confirmed=False))
    _print(report, as_json=as_json)
    _end(report, error)


@click.command("pull")
@click.option("--yes", is_flag=True, help="Also where the CRM would leave hardly any lead.")
@json_option
@profile_option
def pull_command(yes: bool, as_json: bool) -> None:
    """Fetch your leads and marketing's replies; deliver nothing."""
    with opened() as session:
        report, error = asyncio.run(_run(session, deliver=False, confirmed=yes))
    if as_json:
        output.as_json({name: getattr(report, name) for name in ("fetched", "gone", "replies", "unread")})
    else:
        output.line(f"{report.fetched} fetched, {report.gone} gone, {report.replies} replies")
    _end(report, error)


async def _run(session: Session, *, deliver: bool, confirmed: bool) -> tuple[SyncReport, TriageError | None]:
    """Run one sync to its end, narrating."""
    report = SyncReport()
    error: TriageError | None = None
    async for event in session.sync(everything=True, deliver=deliver, confirmed=confirmed):
        match event:
            case Progress(text, done, total):
                narration.progress(f"{text} {done:,}" + (f" of {total:,}" if total else ""))
            case AnotherSyncs(pid, since):
                who = f"process {pid} since {since.astimezone():%H:%M:%S}" if since else "another process"
                narration.say(f"Another sync is running ({who}). Nothing to do here.")
            case FetchAsks(old, new):
                narration.progress_over()
                narration.say(f"The CRM would leave {new} of {old} leads; the old ones were kept.")
                narration.say("  If that is right, run `triage pull --yes`.")
            case SyncFinished(report):
                pass
            case SyncStopped():
                report, error = event.report, event.error
            case _:
                pass
    narration.progress_over()
    return report, error


def _print(report: SyncReport, *, as_json: bool) -> None:
    if as_json:
        output.as_json(asdict(report))
        return
    counts = ((name, value) for name, value in asdict(report).items() if isinstance(value, int))
    output.line(", ".join(f"{value} {name}" for name, value in counts))


def _end(report: SyncReport, error: TriageError | None) -> None:
    """Narrate what stopped it, and exit as commands promise."""
    if report.unread:
        fields = ", ".join(f"{name} ({count})" for name, count in sorted(report.unread.items()))
        narration.say(f"Some fields could not be read and were left out: {fields}.")
    if error is not None:
        raise error
    if report.needs_rep:
        narration.say("Some need you: `triage queue` says why.")
        click.get_current_context().exit(1)
